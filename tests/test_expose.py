"""The recipes of the documentation, with the real web servers that they are for."""

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from service import read_settings
from service.problems import problem_type
from tests.servers import serving

EXPOSE = (Path(__file__).parents[1] / "service" / "docs" / "expose.md").read_text("utf-8")
ASK = {"question": "What was the median survival after palliative surgery?", "k": 1}
SERVICE = "127.0.0.1:8000"
SITE = "wiki.example.org"

NGINX = """
pid {folder}/pid;
error_log {folder}/errors;
user root;
events {{}}
http {{
    access_log {folder}/access;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        location / {{ return 200 "the wiki"; }}
        {recipe}
    }}
}}
"""


def block(language: str) -> str:
    """The documentation's example in one language."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", EXPOSE, re.MULTILINE | re.DOTALL)
    return str(found)


def free_port() -> int:
    """A port at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def nginx(folder: Path, port: int, service: str) -> list[str]:
    """The command that runs nginx with the recipe."""
    recipe = block("nginx").replace(SERVICE, service)
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port, recipe=recipe))
    return ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", "daemon off;"]


def caddy(folder: Path, port: int, service: str) -> list[str]:
    """The command that runs Caddy with the recipe, without TLS, for which it would need a certificate."""
    recipe = (
        block("caddyfile")
        .replace(SERVICE, service)
        .replace(f"{SITE} {{", f"http://{SITE}:{port} {{\n    bind 127.0.0.1")
    )
    (folder / "Caddyfile").write_text("{\n    admin off\n    auto_https off\n}\n" + recipe)
    return ["caddy", "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]


PROXIES = {"nginx": nginx, "caddy": caddy}


@contextmanager
def running(command: list[str], port: int, folder: Path) -> Iterator[None]:
    """Runs a web server until the block ends."""
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(folder)}
    with (folder / "stderr").open("w") as log, subprocess.Popen(command, stderr=log, env=environment) as process:
        try:
            until = time.monotonic() + 20
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    assert process.poll() is None, (folder / "stderr").read_text("utf-8")
                    assert time.monotonic() < until
                    time.sleep(0.05)
            yield
        finally:
            process.terminate()


@pytest.fixture(scope="module", params=PROXIES)
def wiki(
    request: pytest.FixtureRequest, embedded_store: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    """A client of a wiki's web server, below a path of which the service lies as the documentation says."""
    if shutil.which(request.param, path="/usr/sbin:/usr/bin:/sbin:/bin") is None:
        pytest.skip(f"{request.param} is not installed")
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "loccit.toml").write_text(block("toml"))
    settings = read_settings({}, folder / "loccit.toml")
    environment = {
        "LOCCIT_PUBLIC": str(settings.public),
        "LOCCIT_TRUSTED_PROXIES": ",".join(settings.trusted_proxies),
        "LOCCIT_ALLOWED_HOSTS": ",".join(settings.allowed_hosts),
        "LOCCIT_RATE_LIMIT": "5",
    }
    port = free_port()
    with serving(embedded_store, environment=environment) as server:
        command = PROXIES[request.param](folder, port, server.address.removeprefix("http://"))
        with (
            running(command, port, folder),
            httpx.Client(base_url=f"http://127.0.0.1:{port}", headers={"host": f"{SITE}:{port}"}) as client,
        ):
            assert httpx.get(f"{server.address}/v1/documents").status_code == 200  # once the snapshot is loaded
            yield client


def test_the_service_lies_below_a_path(wiki: httpx.Client) -> None:
    """The start page and the probes are there, below the path and not beside it."""
    assert wiki.get("/loccit/health/ready").json()["status"] == "ready"
    page = wiki.get("/loccit/")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert wiki.get("/health/ready").text != wiki.get("/loccit/health/ready").text


def test_pages_of_the_wiki_may_ask_and_others_not(wiki: httpx.Client) -> None:
    """A page of the same origin asks without a key, one of another does not, and no question stands in an address."""
    own = f"http://{wiki.headers['host']}"
    answer = wiki.post("/loccit/v1/ask", json=ASK, headers={"origin": own})
    assert (answer.status_code, answer.json()["status"]) == (200, "answered")
    foreign = wiki.post("/loccit/v1/ask", json=ASK, headers={"origin": "https://foreign.example"})
    assert (foreign.status_code, foreign.json()["type"]) == (403, problem_type("origin-not-allowed"))
    assert wiki.get("/loccit/v1/ask", params={"question": "Which?"}).status_code == 405


def test_a_forged_address_does_not_help(wiki: httpx.Client) -> None:
    """A client is limited though it claims another address with each request."""
    found = [
        wiki.post("/loccit/v1/ask", json=ASK, headers={"x-forwarded-for": f"203.0.113.{number}"}).status_code
        for number in range(8)
    ]
    assert found[-1] == 429
    assert found.count(200) <= 5
