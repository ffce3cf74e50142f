"""The virtual environment of txtai, which is apart from loccit's: every version in it is pinned."""

import subprocess
import sys
import venv
from pathlib import Path

from corpus.errors import TargetError

__all__ = ["install_txtai"]

_CONSTRAINTS = Path(__file__).with_name("txtai-constraints.txt")
_WANTED = ("txtai[api]", "torch==2.13.0")
_MARK = "installed.txt"


def install_txtai(folder: Path) -> None:
    """An environment with txtai and its API in a folder, unless it lies there; some minutes, mostly for torch.

    Raises `TargetError` if pip fails; the environment is then made again by the next call.
    """
    mark = folder / _MARK
    if mark.is_file() and mark.read_bytes() == _CONSTRAINTS.read_bytes():
        return
    venv.create(folder, with_pip=True, clear=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run([*pip, "--constraint", str(_CONSTRAINTS), *_WANTED], stdout=sys.__stderr__, check=False)  # noqa: S603
    if done.returncode:
        raise TargetError(
            f"pip could not install {' '.join(_WANTED)} in {folder}. Leave txtai out with --without-txtai."
        )
    # Written last, so an interrupted installation is done again.
    mark.write_bytes(_CONSTRAINTS.read_bytes())
