"""Packages of other projects' scripts, which only tests need."""

import base64
import hashlib
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

__all__ = ["npm_package"]


def npm_package(name: str, integrity: str, folder: Path) -> Path:
    """The folder of an npm package, such as ``deep-chat@2.4.2``, unpacked below `folder`; it is held in npm's cache.

    Where it cannot be had the test is skipped, or fails where CI is set. It fails too if the package is not the one of
    that `integrity`, in the form of npm's lock files.
    """
    npm = shutil.which("npm")
    if npm is None:
        missing("npm is not installed")
    else:
        command = [npm, "pack", name, "--silent", "--prefer-offline", "--pack-destination", str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        if done.returncode:
            missing(f"npm cannot fetch {name}: {done.stderr.strip()[:200]}")
        archive = folder / done.stdout.split()[-1]
        digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        assert f"sha512-{digest}" == integrity
        with tarfile.open(archive) as packed:
            packed.extractall(folder, filter="data")
    return folder / "package"


def missing(reason: str) -> None:
    """Skips the test for a reason, or fails where CI is set, which has everything."""
    pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
