"""DokuWiki's own renderer, out of Debian's package, run by PHP on the command line over pages that tests write."""

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest

__all__ = ["DokuWiki", "dokuwiki", "need_dokuwiki"]

_PROGRAM, _CONFIGURATION, _EXTENSIONS = (
    Path(path) for path in ("/usr/share/dokuwiki", "/etc/dokuwiki", "/var/lib/dokuwiki/lib")
)
"""Where Debian puts what a wiki needs to run; its pages are beside the extensions."""
_OTHER = os.environ.get("TEST_DOKUWIKI")
"""The folder of another release to run the tests with, as its developers pack it."""
_SETTINGS = """<?php
$conf['title'] = 'Wiki of [the] tests';
$conf['lang'] = 'en';
$conf['useacl'] = 0;
$conf['superuser'] = '';
$conf['license'] = 'cc-by-sa';
$conf['baseurl'] = '%s';
$conf['savedir'] = '%s';
"""
_RENDER = r"""<?php
define('NOSESSION', true);
define('DOKU_INC', $argv[1] . '/');
$_SERVER['HTTP_HOST'] = 'localhost';
$_SERVER['REMOTE_ADDR'] = '127.0.0.1';
require DOKU_INC . 'inc/init.php';
$ID = 'tests:page';
foreach (json_decode(file_get_contents('php://stdin')) as $number => $page) {
    // A process each: DokuWiki numbers the footnotes of all that one process renders in one row.
    $child = pcntl_fork();
    if ($child === 0) {
        $info = [];
        file_put_contents("$argv[2]/$number", p_render('xhtml', p_get_instructions($page), $info));
        exit(0);
    }
    pcntl_waitpid($child, $status);
}
"""
_QUIETLY = ("-d", "display_errors=0", "-d", "log_errors=0")
_SECONDS = 120


class DokuWiki:
    """A wiki of its own in a temporary folder, in English and with the default configuration."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "wiki"
        if _OTHER:
            shutil.copytree(_OTHER, self.root, ignore=shutil.ignore_patterns("data", ".git"))
        else:
            copied = shutil.ignore_patterns("preload.php", "plugins", "tpl", "images")
            shutil.copytree(_PROGRAM, self.root, ignore=copied)
            for name in ("plugins", "tpl", "images"):
                source = _PROGRAM / "lib" / name
                shutil.copytree(source if source.exists() else _EXTENSIONS / name, self.root / "lib" / name)
            shutil.copytree(_CONFIGURATION, self.root / "conf", ignore_dangling_symlinks=True)
        for name in ("attic", "cache", "index", "locks", "log", "media", "media_attic", "media_meta", "meta", "tmp"):
            (self.root / "data" / name).mkdir(parents=True)
        shutil.copytree(_EXTENSIONS.parent / "data" / "pages", self.root / "data" / "pages")
        self._settings("")

    def _settings(self, address: str) -> None:
        (self.root / "conf" / "local.php").write_text(_SETTINGS % (address, self.root / "data"), "utf-8")

    def page(self, name: str) -> Path:
        """The file of a page, such as `wiki/syntax`."""
        return self.root / "data" / "pages" / f"{name}.txt"

    def render(self, pages: Sequence[str]) -> list[str]:
        """The XHTML of some pages, each as the fragment that stands in the wiki's template."""
        output = self.root.parent / "output"
        shutil.rmtree(output, ignore_errors=True)
        output.mkdir()
        script = self.root.parent / "render.php"
        script.write_text(_RENDER, "utf-8")
        command: list[str | Path] = ["php", *_QUIETLY, script, self.root, output]
        subprocess.run(command, input=json.dumps(list(pages)).encode(), check=True, timeout=_SECONDS)
        return [(output / str(number)).read_bytes().decode() for number in range(len(pages))]

    @contextmanager
    def served(self) -> Iterator[str]:
        """The wiki's address, while PHP's own server serves it."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{free.getsockname()[1]}"
        self._settings(f"http://{address}")
        # A setting that a test changes holds from the next request on.
        fresh = ("-d", "opcache.revalidate_freq=0")
        command: list[str | Path] = ["php", *_QUIETLY, *fresh, "-S", address, "-t", self.root]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _wait_for(address)
            yield f"http://{address}"
        finally:
            server.kill()
            server.wait()
            self._settings("")


def _wait_for(address: str) -> None:
    host, port = address.split(":")
    for _ in range(100):
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(f"no server answers at {address}")


def get(address: str) -> str:
    """What a web server answers."""
    with urlopen(address, timeout=30) as response:
        body: bytes = response.read()
    return body.decode()


def need_dokuwiki() -> None:
    """Without PHP or DokuWiki the test that asks is skipped, or fails where CI is set."""
    if not shutil.which("php") or not (_PROGRAM / "doku.php").exists():
        reason = "These tests need php-cli and dokuwiki. Install them to run these."
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)


@pytest.fixture(scope="session")
def dokuwiki(tmp_path_factory: pytest.TempPathFactory) -> DokuWiki:
    """A wiki of its own."""
    need_dokuwiki()
    return DokuWiki(tmp_path_factory.mktemp("dokuwiki"))
