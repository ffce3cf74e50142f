"""A DokuWiki in which people write: served, with accounts, access rules and its remote API on."""

import subprocess
import xmlrpc.client
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.dokuwiki_renderer import DokuWiki

__all__ = ["ADMINISTRATOR", "PASSWORD", "Site"]

ADMINISTRATOR, PASSWORD = "ada", "a pass word"
_OPEN = "* @ALL 1\n"


class Site(DokuWiki):
    """The wiki of `DokuWiki` with an administrator, and the settings that a test gives it.

    Only the administrator writes. Without rules of a test everybody reads everything.
    """

    def __init__(self, folder: Path, **settings: object) -> None:
        self._own: Mapping[str, object] = {
            "useacl": 1,
            "superuser": "@admin",
            "remote": 1,
            "remoteuser": "",
            **settings,
        }
        super().__init__(folder)
        command = ["php", "-r", f"echo password_hash({PASSWORD!r}, PASSWORD_BCRYPT);"]
        password = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        (self.root / "conf" / "users.auth.php").unlink(missing_ok=True)
        (self.root / "conf" / "users.auth.php").write_text(f"{ADMINISTRATOR}:{password}:Ada:ada@x.org:admin,user\n")
        self.rules("")
        self._settings("")

    def rules(self, text: str) -> None:
        """Sets the access rules that stand beside the one that opens all to everybody."""
        path = self.root / "conf" / "acl.auth.php"
        path.unlink(missing_ok=True)
        path.write_text(_OPEN + text, "utf-8")

    def configure(self, address: str, **settings: object) -> None:
        """Changes settings of the wiki that is served at an address."""
        self._own = {**self._own, **settings}
        self._settings(address)

    def _settings(self, address: str) -> None:
        super()._settings(address)
        with (self.root / "conf" / "local.php").open("a", encoding="utf-8") as file:
            file.writelines(f"$conf['{name}'] = {value!r};\n" for name, value in self._own.items())

    @contextmanager
    def written(self) -> Iterator[tuple[str, "Pen"]]:
        """The wiki's address with a slash, and who writes in it."""
        with self.served() as address:
            yield f"{address}/", Pen(address)


class Pen:
    """The administrator, who writes over the wiki's own API, which also brings pages into the wiki's index."""

    def __init__(self, address: str) -> None:
        login = b64encode(f"{ADMINISTRATOR}:{PASSWORD}".encode()).decode()
        self._server = xmlrpc.client.ServerProxy(
            f"{address}/lib/exe/xmlrpc.php", headers=[("Authorization", f"Basic {login}")]
        )

    def write(self, page: str, text: str) -> None:
        """Writes a page."""
        assert self._server.wiki.putPage(page, text, {"sum": "test"}) is True

    def delete(self, page: str) -> None:
        """Deletes a page, as saving it without text does."""
        self.write(page, "")
