"""Who may ask: settings, keys, scopes, origins and hosts."""

import json
import os
import re
import stat
import subprocess
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from hypothesis import example, given
from hypothesis import strategies as st
from litestar import Litestar, get
from litestar.testing import TestClient

from corpus.errors import KeysError, SettingsError
from index import Store
from service import Settings, create_app, read_settings
from service.access import Access
from service.addresses import check_host, check_network, client_identity, host_name
from service.command import main
from service.exposure import OPEN, PROBE
from service.keys import KeyFile
from service.origins import check_origin, same_origin
from service.problems import PROBLEMS, problem_type
from tests.servers import LOCCIT, serving
from tests.stores import copied

MEDIAN = "What was the median survival after palliative surgery?"
ASK = {"question": MEDIAN, "k": 1}
WIKI = "https://wiki.example"
PAGES = ("/docs", "/health/", "/read/", "/widget/")
PROBLEMS_PAGE = Path(__file__).parents[1] / "service" / "docs" / "problems.md"

Client = TestClient[Litestar]


@pytest.fixture(scope="module")
def store(embedded_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that has keys."""
    return copied(embedded_store, tmp_path_factory.mktemp("keys") / "store").root


@pytest.fixture(scope="module")
def words(store: Path) -> Mapping[str, str]:
    """What to send for each of the keys of that store, and for keys that are none."""
    keys = KeyFile(store)
    asking = keys.create("asking", ["ask"], [])
    administering = keys.create("administering", ["admin"], [])
    both = keys.create("both", ["ask", "admin"], [])
    widget = keys.create("widget", ["ask"], [WIKI, "https://other.example:8443"])
    revoked = keys.create("revoked", ["ask", "admin"], [])
    keys.revoke(revoked.key.id)
    return {
        "asking": asking.words,
        "administering": administering.words,
        "both": both.words,
        "widget": widget.words,
        "revoked": revoked.words,
        "cut": asking.words[:-1],
        "hash": asking.key.sha256,
        "foreign": "sk-of-another-service",
    }


@get("/v1/admin/probe", sync_to_thread=False, opt={"scope": "admin"})
def admin_probe() -> str:
    """A route for administration."""
    return "done"


@get("/unmarked", sync_to_thread=False)
def unmarked() -> str:
    """A route that says nothing of what it needs."""
    return "done"


def client_of(settings: Settings) -> Client:
    """A client of the service with some settings, and with a route for administration."""
    app = create_app(settings)
    app.register(admin_probe)
    app.register(unmarked)
    return TestClient(app, raise_server_exceptions=False)


@pytest.fixture(scope="module", params=["loopback", "keys", "public"])
def any_mode(request: pytest.FixtureRequest, store: Path, words: Mapping[str, str]) -> Iterator[tuple[str, Client]]:
    """Each of the ways in which a service may be open, and a client of it."""
    assert words
    settings = {
        "loopback": Settings(store=store),
        "keys": Settings(store=store, host="0.0.0.0", rate_limit=0),  # noqa: S104
        "public": Settings(store=store, public=True, rate_limit=0),
    }
    with client_of(settings[request.param]) as client:
        yield request.param, client


@pytest.fixture(scope="module")
def keyed(store: Path, words: Mapping[str, str]) -> Iterator[Client]:
    """A client of a service that only keys open."""
    assert words
    with client_of(Settings(store=store, host="192.0.2.1", rate_limit=0, widget_rate_limit=0)) as client:
        yield client


def bearer(words: str | None, **headers: str) -> dict[str, str]:
    """The headers with which a key is sent."""
    return {**headers, **({"authorization": f"Bearer {words}"} if words else {})}


def assert_problem(response: Any, kind: str) -> None:
    """The response is the problem of a kind, as the table of problems tells."""
    status, title = PROBLEMS[kind]
    body = response.json()
    assert (response.status_code, body["type"]) == (status, problem_type(kind)), body
    assert (body["status"], body["title"]) == (status, title)
    assert response.headers["content-type"] == "application/problem+json"


# Settings


@pytest.mark.parametrize(
    ("environment", "text", "message"),
    [
        ({"LOCCIT_PROT": "1"}, "", r"There is no setting `prot` \(LOCCIT_PROT\)\. Did you mean `port`\?"),
        ({}, "allow_origin = []", r"There is no setting `allow_origin` \(\S+loccit\.toml\)\. .* `allow_origins`\?"),
        ({}, "qqq = 1", r"There is no setting `qqq` .*There are store, host, port, public, "),
        ({"LOCCIT_PORT": "http"}, "", r"The setting `port` \(LOCCIT_PORT\) is wrong: Expected `int`"),
        ({}, "max_body = 5", r"The setting `max_body` \(\S+loccit\.toml\) is wrong: .*>= 1024"),
        ({}, 'allowed_hosts = ["a", 5]', r"The setting `allowed_hosts` \(\S+loccit\.toml\) is wrong"),
        ({}, "public = 3", r"The setting `public` "),
        ({"LOCCIT_ALLOW_ORIGINS": "https://a.example/"}, "", r"`allow_origins` has 'https://a\.example/'"),
        ({}, 'allowed_hosts = ["*.example.org"]', r"`allowed_hosts` has '\*\.example\.org'.*no wildcards"),
        ({"LOCCIT_TRUSTED_PROXIES": "10.0.0.1/8"}, "", r"`trusted_proxies` has '10\.0\.0\.1/8': .*host bits set"),
        ({"LOCCIT_TRUSTED_PROXIES": "proxy"}, "", r"`trusted_proxies` has 'proxy'.*10\.0\.0\.0/8"),
    ],
)
def test_wrong_settings(tmp_path: Path, environment: dict[str, str], text: str, message: str) -> None:
    """A setting that is unknown or wrong is named with where it stands and with the cure."""
    file = tmp_path / "loccit.toml"
    file.write_text(text)
    with pytest.raises(SettingsError, match=message):
        read_settings(environment, file)


def test_settings_of_the_environment_are_converted(tmp_path: Path) -> None:
    """Truth values and numbers are read from words, and an empty variable counts for none."""
    environment = {"LOCCIT_PUBLIC": "true", "LOCCIT_RATE_LIMIT": "7", "LOCCIT_STORE": "", "LOCCIT_ASK_BY_ADDRESS": "0"}
    settings = read_settings(environment, tmp_path / "loccit.toml")
    assert settings == Settings(public=True, rate_limit=7, ask_by_address=False)


def check(folder: Path, *options: str, text: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """What `loccit serve --check` says in a folder with a settings file."""
    (folder / "loccit.toml").write_text(text)
    command = [str(LOCCIT), "serve", "--check", *options]
    return subprocess.run(
        command, cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )


def test_check_tells_where_each_setting_is_from(tmp_path: Path) -> None:
    """An option goes before the environment, that before the file; the check needs no snapshot and serves nothing."""
    text = 'port = 1\nhost = "127.0.0.2"\nallowed_hosts = ["a.example", "b.example"]\nrate_limit = 0'
    done = check(tmp_path, "--port", "3", text=text, LOCCIT_PORT="2", LOCCIT_RATE_LIMIT="9")
    assert (done.returncode, done.stderr) == (0, "")
    shown = dict(re.findall(r"^(\w+) +(.*)$", done.stdout, re.MULTILINE))
    assert shown["port"] == "3  (--port)"
    assert shown["host"] == "127.0.0.2  (loccit.toml)"
    assert shown["rate_limit"] == "9  (LOCCIT_RATE_LIMIT)"
    assert shown["allowed_hosts"] == "a.example, b.example  (loccit.toml)"
    assert shown["public"] == "false  (default)"
    assert set(Settings.__struct_fields__) <= set(shown)
    assert "from this machine without a key" in done.stdout
    assert "Rate by caller:   9 requests a minute" in done.stdout
    assert "GET /v1/ask:      on" in done.stdout


def test_check_tells_of_public(tmp_path: Path) -> None:
    """With `public`, everyone may ask, under a limit, and not by address."""
    done = check(tmp_path, text="public = true")
    assert done.returncode == 0
    assert "by everyone, without a key" in done.stdout
    assert "Rate by caller:   120 requests a minute" in done.stdout
    assert "GET /v1/ask:      off" in done.stdout


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('host = "0.0.0.0"', "loccit keys create"),
        ('host = ""', "loccit keys create"),
        ('trusted_proxies = ["127.0.0.1"]', "behind the proxies 127.0.0.1"),
        ("prot = 5", "Did you mean `port`?"),
    ],
)
def test_check_fails_where_serving_would(tmp_path: Path, text: str, message: str) -> None:
    """Settings with which the service would not start end with exit code 2 and say how to mend them."""
    done = check(tmp_path, text=text)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert "Traceback" not in done.stderr


# The file of keys


def run(*arguments: str, code: int = 0) -> Any:
    """The result of a command."""
    done = CliRunner().invoke(main, ["keys", *arguments])
    assert done.exit_code == code, done.output
    return done


def test_keys_by_command(tmp_path: Path) -> None:
    """A key is printed when it is made, listed without what is secret, and gone when it is revoked."""
    index = ["--index", str(tmp_path)]
    assert run("list", *index).stdout == "There is no key.\n"
    made = run("create", *index, "--name", "Open WebUI").stdout.strip()
    assert re.fullmatch(r"loccit_sk_[0-9a-f]{48}", made)
    widget = json.loads(run("create", *index, "--origin", WIKI, "--json").stdout)
    assert re.fullmatch(r"loccit_pk_[0-9a-f]{48}", widget["key"])
    assert (widget["scopes"], widget["origins"]) == (["ask"], [WIKI])
    listed = json.loads(run("list", *index, "--json").stdout)
    assert [(key["name"], key["origins"]) for key in listed] == [("Open WebUI", []), ("", [WIKI])]
    assert set(listed[0]) == {"id", "name", "scopes", "origins", "created"}
    lines = run("list", *index).stdout
    assert f"{listed[0]['id']}  {listed[0]['created'][:10]}  secret, ask  Open WebUI\n" in lines
    assert f"publishable for {WIKI}" in lines
    run("revoke", listed[0]["id"], *index)
    assert [key["id"] for key in json.loads(run("list", *index, "--json").stdout)] == [widget["id"]]
    assert f"There are: {widget['id']}." in run("revoke", listed[0]["id"], *index, code=2).stderr


def test_keys_are_kept_by_their_hashes(tmp_path: Path) -> None:
    """Only the owner may read the file, in which no key stands, and every key is another."""
    keys = KeyFile(tmp_path)
    made = [keys.create("", ["ask"], []) for _ in range(5)]
    assert len({each.words for each in made} | {each.key.id for each in made}) == 10
    assert stat.S_IMODE(keys.path.stat().st_mode) == 0o600
    text = keys.path.read_text("utf-8")
    assert not any(each.words.removeprefix("loccit_sk_") in text for each in made)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["keys.json", "keys.lock"]
    assert keys.find(made[3].words) == made[3].key
    assert keys.find(made[3].words.upper()) is None
    assert keys.find(made[3].key.sha256) is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--origin", "https://wiki.example/"], "--origin"),
        (["--origin", "*"], "without a path or a wildcard"),
        (["--origin", WIKI, "--scope", "admin"], "can only have the scope ask"),
        (["--scope", "all"], "'all' is not one of"),
    ],
)
def test_keys_that_are_not_made(tmp_path: Path, arguments: list[str], message: str) -> None:
    """A key for no origin, or a publishable one for administration, is refused with the reason."""
    assert message in run("create", "--index", str(tmp_path), *arguments, code=2).stderr
    assert list(tmp_path.iterdir()) == []


def test_keys_need_a_store(tmp_path: Path) -> None:
    """Where there is no store, no folder is made for keys that no service would read."""
    assert "loccit build SOURCE --out" in run("create", "--index", str(tmp_path / "sotre"), code=2).stderr
    assert list(tmp_path.iterdir()) == []


def test_writers_wait_for_each_other(tmp_path: Path) -> None:
    """Of keys that several writers make and revoke at once, none is lost, and readers never see half a file."""

    def write(number: int) -> str:
        keys = KeyFile(tmp_path)
        kept = keys.create(f"kept {number}", ["ask"], []).words
        keys.revoke(keys.create(f"revoked {number}", ["ask"], []).key.id)
        return kept

    with ThreadPoolExecutor(8) as pool:
        writing = [pool.submit(write, number) for number in range(24)]
        reader = KeyFile(tmp_path)
        seen = [len(reader.read()) for _ in range(200)]
        kept = [each.result() for each in writing]
    assert max(seen) <= 24 + 8
    assert {key.name for key in reader.read()} == {f"kept {number}" for number in range(24)}
    assert all(reader.find(each) for each in kept)


DAMAGES = [
    "",
    "[]",
    "{",
    '{"version": 2, "keys": []}',
    '{"keys": []}',
    '{"version": 1, "keys": [{"id": "a"}]}',
    '{"version": 1, "keys": [], "public": true}',
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_keys_are_no_keys(tmp_path: Path, damage: str) -> None:
    """A damaged file is an error for every reader, and no writer builds on it."""
    keys = KeyFile(tmp_path)
    known = keys.create("", ["ask"], [])
    keys.path.write_text(damage)
    for attempt in (keys.read, lambda: keys.find(known.words), lambda: keys.create("", ["ask"], [])):
        with pytest.raises(KeysError, match=r"keys\.json is damaged: .* Bring it back from a copy"):
            attempt()
    assert keys.path.read_text() == damage
    assert "is damaged" in run("list", "--index", str(tmp_path), code=2).stderr


# Who may ask

NEEDS_KEY = {"loopback": 200, "keys": 401, "public": 200}


@pytest.mark.parametrize(
    ("sent", "asking", "administering"),
    [
        (None, NEEDS_KEY, 401),
        ("foreign", NEEDS_KEY, 401),
        ("hash", NEEDS_KEY, 401),
        ("asking", 200, 403),
        ("administering", 403, 200),
        ("both", 200, 200),
        ("revoked", 401, 401),
        ("cut", 401, 401),
        ("widget", 403, 403),
    ],
)
def test_keys_and_scopes(
    any_mode: tuple[str, Client],
    words: Mapping[str, str],
    sent: str | None,
    asking: int | dict[str, int],
    administering: int,
) -> None:
    """Administration needs a secret key with its scope in every mode; asking needs one only where keys open."""
    mode, client = any_mode
    headers = bearer(words[sent] if sent else None)
    if sent == "widget":
        headers |= {"origin": "https://foreign.example"}
    asked = asking if isinstance(asking, int) else asking[mode]
    for method, path in (("POST", "/v1/ask"), ("GET", "/v1/documents"), ("GET", "/unmarked"), ("POST", "/v1/locate")):
        body = {"/v1/ask": ASK, "/v1/locate": {"anchor": {"exact": MEDIAN}}}.get(path)
        assert client.request(method, path, headers=headers, json=body).status_code == asked, path
    assert client.get("/v1/admin/probe", headers=headers).status_code == administering


def test_refusals_say_what_is_missing(keyed: Client, words: Mapping[str, str]) -> None:
    """Each refusal has its own type, and a header that tells a client what to send."""
    missing = keyed.post("/v1/ask", json=ASK)
    assert_problem(missing, "key-missing")
    assert missing.headers["www-authenticate"] == "Bearer"
    unknown = keyed.post("/v1/ask", json=ASK, headers=bearer(words["revoked"]))
    assert_problem(unknown, "key-unknown")
    assert unknown.headers["www-authenticate"].startswith("Bearer ")
    refused = keyed.get("/v1/admin/probe", headers=bearer(words["asking"]))
    assert_problem(refused, "scope-missing")
    assert 'scope="admin"' in refused.headers["www-authenticate"]
    for response in (missing, unknown, refused):
        assert words["revoked"] not in response.text


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic {}", "{}", "Bearer  {}x", "Bearer {},{}", "Token {}", "Bearer ü{}"]
)
def test_malformed_headers_open_nothing(keyed: Client, words: Mapping[str, str], header: str) -> None:
    """What is not exactly a key after the word Bearer is no key."""
    raw = header.format(words["both"], words["both"]).encode("latin-1")
    assert keyed.post("/v1/ask", json=ASK, headers={b"authorization": raw}).status_code == 401


def test_the_word_bearer_is_taken_in_any_case(keyed: Client, words: Mapping[str, str]) -> None:
    """The name of the scheme has no case (RFC 9110, section 11.1)."""
    assert keyed.post("/v1/ask", json=ASK, headers={"authorization": f"bEARER  {words['both']}"}).status_code == 200


def test_metrics_are_for_the_operator(any_mode: tuple[str, Client], words: Mapping[str, str]) -> None:
    """Wherever others reach the service, counters need a secret key, also where everyone may ask."""
    mode, client = any_mode
    assert client.get("/metrics").status_code == (200 if mode == "loopback" else 401)
    assert client.get("/metrics", headers=bearer(words["asking"])).status_code == 200
    widget = client.get("/metrics", headers=bearer(words["widget"], origin=WIKI))
    assert widget.status_code == (200 if mode == "loopback" else 403)


def test_what_a_client_has_is_not_confirmed_to_others(keyed: Client, words: Mapping[str, str]) -> None:
    """A document that was not changed since is told so only with a key that is in force."""
    path = "/v1/documents/cervical_spinal_metastases"
    tag = keyed.get(path, headers=bearer(words["asking"])).headers["etag"]
    again = {"if-none-match": tag}
    assert keyed.get(path, headers=bearer(words["asking"], **again)).status_code == 304
    assert keyed.get(path, headers=bearer(words["revoked"], **again)).status_code == 401
    assert keyed.get(path, headers=again).status_code == 401


@pytest.mark.parametrize("path", ["/", "/docs", "/health/live", "/health/ready", "/start.js"])
def test_pages_and_probes_need_no_key(keyed: Client, path: str) -> None:
    """What holds nothing of the sources is open."""
    assert keyed.get(path).status_code == 200


def test_every_route_is_guarded_but_pages_and_probes(store: Path) -> None:
    """Only pages, scripts, the description and probes are open; administration needs its own scope."""
    for route in create_app(Settings(store=store)).routes:
        handlers = [each for each in getattr(route, "route_handlers", ()) if each.http_methods != {"OPTIONS"}]
        assert handlers, route.path
        for handler in handlers:
            scope = handler.opt.get("scope", "ask")
            if route.path in {"/", "/{file_path:path}"} or route.path.startswith(PAGES):
                assert scope is None, route.path
            else:
                assert scope == ("admin" if route.path.startswith("/v1/admin") else "ask"), route.path
            assert ("any_host" in handler.opt) == route.path.startswith("/health/"), route.path
    assert OPEN["scope"] is PROBE["scope"] is None


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/dify/retrieval", {"knowledge_id": "loccit", "query": MEDIAN}),
        ("/v1/vector_stores/loccit/search", {"query": MEDIAN}),
        ("/mcp", {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}),
        ("/openwebui/search", {"query": MEDIAN, "count": 1}),
        ("/deep-chat", {"messages": [{"role": "user", "text": MEDIAN}]}),
    ],
)
def test_routes_for_other_products_are_guarded(
    keyed: Client, words: Mapping[str, str], path: str, body: dict[str, Any]
) -> None:
    """What speaks as another product answers with a key alone, and pages of foreign origins not at all."""
    accept = {"accept": "application/json, text/event-stream"}
    assert keyed.post(path, json=body, headers=accept).status_code in {401, 403}
    assert keyed.post(path, json=body, headers=bearer(words["revoked"], **accept)).status_code in {401, 403}
    assert keyed.post(path, json=body, headers=bearer(words["asking"], **accept)).status_code == 200
    foreign = bearer(words["widget"], origin="https://foreign.example", **accept)
    assert keyed.post(path, json=body, headers=foreign).status_code == 403


def test_asking_by_address(store: Path) -> None:
    """`GET /v1/ask` is there by default, not with `public`, and as the setting says; its description follows."""
    for settings, there in [
        (Settings(store=store), True),
        (Settings(store=store, ask_by_address=False), False),
        (Settings(store=store, public=True), False),
        (Settings(store=store, public=True, ask_by_address=True), True),
    ]:
        with client_of(settings) as client:
            response = client.get("/v1/ask", params={"question": MEDIAN})
            assert ("get" in client.get("/docs/openapi.json").json()["paths"]["/v1/ask"]) == there
            assert client.post("/v1/ask", json=ASK).status_code == 200
        if there:
            assert response.status_code == 200
        else:
            assert_problem(response, "method-not-allowed")
            assert "POST" in response.headers["allow"]


def test_the_description_tells_of_keys(store: Path) -> None:
    """A key is needed, or may be sent, as the description says."""
    expected: list[tuple[Settings, list[dict[str, list[str]]]]] = [
        (Settings(store=store), [{}, {"key": []}]),
        (Settings(store=store, host="192.0.2.1"), [{"key": []}]),
    ]
    for settings, security in expected:
        described = create_app(settings).openapi_schema.to_schema()
        assert described["security"] == security
        assert described["components"]["securitySchemes"]["key"] == {"type": "http", "scheme": "bearer"}


# Origins


def preflight(client: Client, origin: str, headers: str = "authorization,content-type,x-request-id") -> Any:
    """The answer to a browser that asks whether a page may post with a key."""
    asked = {
        "origin": origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": headers,
    }
    return client.options("/v1/ask", headers=asked)


def test_publishable_key_is_for_its_origins(keyed: Client, words: Mapping[str, str]) -> None:
    """Pages of the origins that it was made for may ask and read; another origin, or none, is refused."""
    for origin in (WIKI, "https://other.example:8443", "http://testserver.local"):
        response = keyed.post("/v1/ask", json=ASK, headers=bearer(words["widget"], origin=origin))
        assert response.status_code == 200
        assert response.headers.get("access-control-allow-origin") == (
            origin if origin != "http://testserver.local" else None
        )
    for origin in ("https://wikiXexample", "http://wiki.example", f"{WIKI}:8443", "https://other.example", "null", ""):
        refused = keyed.post("/v1/ask", json=ASK, headers=bearer(words["widget"], origin=origin))
        assert_problem(refused, "origin-not-allowed")
        assert "access-control-allow-origin" not in refused.headers
    assert_problem(keyed.post("/v1/ask", json=ASK, headers=bearer(words["widget"])), "origin-not-allowed")


def test_preflight_of_a_publishable_key(keyed: Client) -> None:
    """A browser, which sends no key beforehand, learns that the page may send one."""
    allowed = preflight(keyed, WIKI)
    assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (204, WIKI)
    names = allowed.headers["access-control-allow-headers"].lower().split(", ")
    assert {"authorization", "content-type", "x-request-id"} <= set(names)
    assert allowed.headers["access-control-allow-methods"] == "GET, POST"
    assert "access-control-allow-credentials" not in allowed.headers
    assert allowed.headers["vary"] == "Origin"
    refused = preflight(keyed, "https://wikiXexample")
    assert "access-control-allow-origin" not in refused.headers
    assert refused.headers["vary"] == "Origin"


def test_a_page_may_read_with_parameters(keyed: Client, words: Mapping[str, str]) -> None:
    """A browser asks beforehand for the address with its parameters, which are those of the request to come."""
    path = "/v1/works?limit=1"
    asked = {"origin": WIKI, "access-control-request-method": "GET", "access-control-request-headers": "authorization"}
    assert keyed.options(path, headers=asked).status_code == 204
    assert keyed.get(path, headers=bearer(words["widget"], origin=WIKI)).status_code == 200
    assert keyed.get("/v1/works?none=1", headers=bearer(words["widget"], origin=WIKI)).status_code == 400


def test_the_services_own_pages_read_with_a_publishable_key(keyed: Client, words: Mapping[str, str]) -> None:
    """Their GETs name no origin, by plain HTTP not even the same one; those of other sites' pages say so."""
    for site, status in ((None, 200), ("same-origin", 200), ("cross-site", 403), ("same-site", 403), ("none", 403)):
        headers = bearer(words["widget"]) | ({"sec-fetch-site": site} if site else {})
        assert keyed.get("/v1/works", headers=headers).status_code == status


def test_refusals_can_be_read_by_the_page(keyed: Client, words: Mapping[str, str]) -> None:
    """A page that may ask can read why it was refused, when to try again, and the id of its request."""
    for path, sent in (("/v1/ask", "revoked"), ("/v1/passages/none", "widget"), ("/nowhere", "widget")):
        refused = keyed.get(path, headers=bearer(words[sent], origin=WIKI))
        assert refused.status_code in {401, 404}
        assert refused.headers["access-control-allow-origin"] == WIKI
        assert {"retry-after", "x-request-id", "etag"} <= set(
            refused.headers["access-control-expose-headers"].lower().split(", ")
        )


def test_foreign_pages_cannot_ask(any_mode: tuple[str, Client], words: Mapping[str, str]) -> None:
    """A page of a foreign origin gets nothing in any mode, though nothing else keeps it from sending."""
    _, client = any_mode
    for origin in ("https://foreign.example", WIKI, "null", "http://testserver.local.foreign.example"):
        for body in (b"", json.dumps(ASK).encode()):
            headers = {"origin": origin, "content-type": "text/plain"}
            assert client.post("/v1/ask", content=body, headers=headers).status_code in {401, 403}
    own = client.post("/v1/ask", json=ASK, headers=bearer(words["asking"], origin="https://foreign.example"))
    assert own.status_code == 200
    assert "access-control-allow-origin" not in own.headers


def test_vary_keeps_what_the_response_says(store: Path) -> None:
    """A response that depends on another header still says so to caches."""
    with client_of(Settings(store=store, allow_origins=(WIKI,))) as client:
        response = client.get("/v1/documents/cervical_spinal_metastases/references", headers={"origin": WIKI})
        named = [each.strip() for each in response.headers["vary"].lower().split(",")]
        assert sorted(named) == ["accept", "accept-encoding", "origin"]
        assert response.headers["access-control-allow-origin"] == WIKI


LABEL = st.from_regex(r"[a-z0-9](?:[a-z0-9-]{0,6}[a-z0-9])?", fullmatch=True)
HOSTS = st.lists(LABEL, min_size=1, max_size=4).map(".".join)
ORIGINS = st.builds(
    lambda scheme, host, port: f"{scheme}://{host}{f':{port}' if port not in {0, 80, 443} else ''}",
    st.sampled_from(["http", "https"]),
    HOSTS,
    st.integers(0, 65535),
)


@given(origin=ORIGINS)
def test_origins_of_browsers_are_taken(origin: str) -> None:
    """Whatever a browser writes for an origin is one, and nothing longer or in another case is."""
    check_origin(origin, "allow_origins")
    for wrong in (f"{origin}/", origin.upper(), f" {origin}", f"{origin}\n", f"{origin}?", f"{origin}#a", f"{origin}:"):
        with pytest.raises(SettingsError):
            check_origin(wrong, "allow_origins")
    scheme, _, rest = origin.partition("://")
    for wrong in (
        rest,
        f"//{rest}",
        f"ftp://{rest}",
        f"{scheme}://a@{rest}",
        f"{scheme}://*.{rest}",
        f"{scheme}:{rest}",
    ):
        with pytest.raises(SettingsError):
            check_origin(wrong, "allow_origins")


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "*",
        "",
        "https://",
        "https://a.example:443",
        "http://a.example:80",
        "http://a.example:65536",
        "http://a.example:080",
        "https://Münster.example",
        "http://[::1",
        "http://[::0001]",
        "http://[zz]",
        "http://a.example:8\u0660",
    ],
)
def test_origins_that_no_browser_writes(origin: str) -> None:
    """What no browser ever sends is refused at once, instead of never being equal to anything."""
    with pytest.raises(SettingsError, match="Write an origin as a browser does"):
        check_origin(origin, "allow_origins")


@given(allowed=ORIGINS, asked=st.one_of(ORIGINS, st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]))))
@example(allowed="https://example.com", asked="https://exampleXcom")
@example(allowed="https://example.com", asked="https://example.com.evil.example")
@example(allowed="https://example.com", asked="https://evil.example?https://example.com")
@example(allowed="https://example.com", asked="http://example.com")
@example(allowed="https://example.com", asked="https://example.com, https://evil.example")
@example(allowed="https://example.com", asked="null")
def test_origins_are_equal_or_foreign(allowed: str, asked: str) -> None:
    """A page may read answers if its origin is the one allowed, character for character, and else not."""
    access = Access(Settings(store=Path("no-such-store"), allow_origins=(allowed,)))
    assert access.reads(allowed)
    assert access.reads(asked) == (asked == allowed)


@given(origin=ORIGINS, host=HOSTS)
def test_a_page_on_the_same_host_is_no_stranger(origin: str, host: str) -> None:
    """A page may ask the host on which it lies: name and port are the same, and a scheme's own port is left out."""
    scheme, _, authority = origin.partition("://")
    assert same_origin(origin, authority)
    assert same_origin(origin, authority.upper())
    assert same_origin(origin, host) == (authority == host)
    if ":" not in authority:
        assert same_origin(origin, f"{authority}:{443 if scheme == 'https' else 80}")
    assert not same_origin(origin, "")


# Hosts


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("LOCALHOST:8000", 200),
        ("127.0.0.1:1", 200),
        ("[::1]:8000", 200),
        ("foreign.example", 421),
        ("foreign.example:8000", 421),
        ("localhost.foreign.example", 421),
        ("127.0.0.1.foreign.example", 421),
        ("192.0.2.1", 421),
        ("a@localhost", 421),
    ],
)
def test_foreign_names_of_a_loopback_address(embedded_store: Path, host: str, status: int) -> None:
    """A page that makes its own name point at this machine reads nothing from it; probes are answered all the same."""
    with TestClient(create_app(Settings(store=embedded_store))) as client:
        for path in ("/v1/documents", "/", "/docs"):
            assert client.get(path, headers={"host": host}).status_code == status, path
        assert client.get("/health/live", headers={"host": host}).status_code == 200
        refused = client.post("/v1/ask", json=ASK, headers={"host": host, "origin": f"http://{host.lower()}"})
        assert refused.status_code == status
        if status == 421:
            assert_problem(refused, "unknown-host")


def test_allowed_hosts(embedded_store: Path) -> None:
    """Where names are set, these are answered at any port and no other; without, any is where keys protect."""
    hosts = {"wiki.example:8443": 200, "wiki.example": 200, "localhost": 421, "sub.wiki.example": 421}
    settings = Settings(store=embedded_store, allowed_hosts=("wiki.example",), public=True)
    with TestClient(create_app(settings)) as client:
        found = {host: client.get("/v1/documents", headers={"host": host}).status_code for host in hosts}
    assert found == hosts
    with TestClient(create_app(Settings(store=embedded_store, public=True))) as client:
        assert client.get("/v1/documents", headers={"host": "any.example"}).status_code == 200


@given(host=HOSTS, port=st.none() | st.integers(0, 65535))
def test_names_of_hosts(host: str, port: int | None) -> None:
    """The name is read without its port, and a name that is allowed is the name that is read."""
    check_host(host, "allowed_hosts")
    assert host_name(host.upper() if port is None else f"{host}:{port}") == host


@given(header=st.text(max_size=30))
def test_any_header_has_a_name_or_none(header: str) -> None:
    """Whatever stands in the header, a name has no port, no brackets and no user."""
    name = host_name(header)
    assert name is None or not set(name) & set("[]@/")


@given(address=st.ip_addresses())
def test_clients_are_networks_of_addresses(address: Any) -> None:
    """An IPv4 client counts for itself, an IPv6 one with all of its /64 network."""
    identity = client_identity(str(address))
    if address.version == 4:
        assert identity == str(address)
        check_network(identity, "trusted_proxies")
    elif not address.ipv4_mapped:
        assert identity.endswith("::/64")
        neighbour = type(address)(int(address) ^ 1)
        assert client_identity(str(neighbour)) == identity
        assert client_identity(str(type(address)(int(address) ^ 1 << 64))) != identity


# A real process


def test_a_running_service_sees_changed_keys(embedded_store: Path, tmp_path: Path) -> None:
    """A key opens from when it is made until it is revoked, and a damaged file opens nothing."""
    store = copied(embedded_store, tmp_path / "store").root
    index = ["--index", str(store)]
    first = run("create", *index).stdout.strip()
    with (
        serving(store, environment={"LOCCIT_HOST": "0.0.0.0"}, log=tmp_path / "log") as server,  # noqa: S104
        httpx.Client(base_url=server.address) as client,
    ):

        def asked(words: str | None) -> int:
            return client.post("/v1/ask", json=ASK, headers=bearer(words)).status_code

        assert (asked(None), asked(first)) == (401, 200)
        second = json.loads(run("create", *index, "--json").stdout)
        assert asked(second["key"]) == 200
        run("revoke", second["id"], *index)
        assert (asked(second["key"]), asked(first)) == (401, 200)
        whole = (store / "keys.json").read_bytes()
        (store / "keys.json").write_bytes(whole[:-20])
        broken = client.post("/v1/ask", json=ASK, headers=bearer(first))
        assert_problem(broken, "keys-unreadable")
        assert str(store) not in broken.text
        assert f"{store / 'keys.json'} is damaged" in (tmp_path / "log").read_text("utf-8")
        assert client.get("/health/live").status_code == 200
        (store / "keys.json").write_bytes(whole)
        assert asked(first) == 200
        (store / "keys.json").unlink()
        assert (asked(first), asked(None)) == (401, 401)


def refused(*arguments: object, **environment: str) -> str:
    """What `loccit serve` says on standard error when it ends with exit code 2."""
    command = [str(LOCCIT), "serve", *map(str, arguments)]
    done = subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def test_does_not_start_for_others_without_access(embedded_store: Path, tmp_path: Path) -> None:
    """Where others could reach it, a service without a key ends at once, also with keys that cannot be read."""
    message = refused("--index", embedded_store, "--host", "0.0.0.0", "--port", "0")  # noqa: S104
    assert f"loccit keys create --index {embedded_store}" in message
    assert "public = true" in message
    assert "127.0.0.1" in refused("--index", embedded_store, "--port", "0", LOCCIT_TRUSTED_PROXIES="127.0.0.1")
    store = copied(embedded_store, tmp_path / "store").root
    (store / "keys.json").write_text("{}")
    for host in ("127.0.0.1", "0.0.0.0"):  # noqa: S104
        assert "keys.json is damaged" in refused("--index", store, "--host", host, "--port", "0")


def test_public_starts_for_others(embedded_store: Path) -> None:
    """With `public` said outright, everyone may ask, and nobody administers."""
    with (
        serving(embedded_store, environment={"LOCCIT_HOST": "0.0.0.0", "LOCCIT_PUBLIC": "true"}) as server,  # noqa: S104
        httpx.Client(base_url=server.address) as client,
    ):
        assert client.post("/v1/ask", json=ASK).json()["status"] == "answered"
        assert client.get("/v1/ask", params={"question": MEDIAN}).status_code == 405
        assert client.get("/health/ready").json()["snapshot"] == Store(embedded_store).current().name


# Problems


def test_the_table_of_problems_is_the_code() -> None:
    """Every kind of problem stands in the documentation with its status and title, and no other does."""
    rows = re.findall(r"^\| `(\S+)` \| (\d+) \| (.*?) \| .+ \|$", PROBLEMS_PAGE.read_text("utf-8"), re.MULTILINE)
    assert rows == [(problem_type(kind), str(status), title) for kind, (status, title) in PROBLEMS.items()]


def test_problems_are_made_in_one_place() -> None:
    """No module but one makes a problem by hand, so that none has a type that is not in the table."""
    service = PROBLEMS_PAGE.parents[1]
    makers = {path.name for path in service.rglob("*.py") if "ProblemDetailsException(" in path.read_text("utf-8")}
    assert makers == {"problems.py"}


@pytest.mark.parametrize(
    ("method", "path", "options", "kind"),
    [
        ("POST", "/v1/ask", {"json": {}}, "invalid-request"),
        ("POST", "/v1/ask", {"content": b"{"}, "invalid-request"),
        ("POST", "/v1/ask", {"json": {"question": "a " * 400}}, "invalid-request"),
        ("GET", "/v1/documents?limit=0", {}, "invalid-request"),
        ("GET", "/v1/documents/none", {}, "not-found"),
        ("GET", "/nowhere", {}, "not-found"),
        ("PUT", "/v1/ask", {}, "method-not-allowed"),
        ("GET", "/v1/works?x", {"headers": {"host": "foreign.example"}}, "unknown-host"),
        ("GET", "/v1/documents/{}/references", {"headers": {"accept": "image/png"}}, "not-acceptable"),
        ("POST", "/v1/ask", {"content": b" " * 2000}, "body-too-large"),
    ],
)
def test_every_problem_has_its_type(
    embedded_store: Path, method: str, path: str, options: dict[str, Any], kind: str
) -> None:
    """Whatever goes wrong has the type, the status and the title of the table."""
    with TestClient(create_app(Settings(store=embedded_store, max_body=1024)), raise_server_exceptions=False) as client:
        assert_problem(client.request(method, path.format("cervical_spinal_metastases"), **options), kind)
