"""Settings from the environment and from a file."""

from pathlib import Path

import pytest

from corpus.errors import SettingsError
from service.settings import Settings, read_settings


def test_environment_goes_before_the_file(tmp_path: Path) -> None:
    """A value of the environment is taken over one of the file, and what neither names has its default."""
    file = tmp_path / "loccit.toml"
    file.write_text('store = "wiki"\nport = 8081\nallow_origins = ["https://a.example"]\n')
    settings = read_settings({"LOCCIT_PORT": "9000", "PATH": "/bin"}, file)
    assert settings == Settings(store=Path("wiki"), port=9000, allow_origins=("https://a.example",))


@pytest.mark.parametrize(
    ("value", "origins"),
    [("https://a.example, https://b.example", ("https://a.example", "https://b.example")), ("", ()), (" , ", ())],
)
def test_origins_are_separated_by_commas(tmp_path: Path, value: str, origins: tuple[str, ...]) -> None:
    """Origins in the environment are parted by commas, and an empty variable counts for none."""
    settings = read_settings({"LOCCIT_ALLOW_ORIGINS": value}, tmp_path / "loccit.toml")
    assert settings.allow_origins == origins


def test_a_folder_is_no_settings_file(tmp_path: Path) -> None:
    """A settings file that cannot be read is an error with the reason."""
    with pytest.raises(SettingsError, match=r"cannot be read: Is a directory\."):
        read_settings({}, tmp_path)
