"""What several test modules need: the shared sources, and a built store."""

from pathlib import Path

import pytest

from corpus.sources import EMBEDDED, read_sources
from index import Store
from index.build import build_snapshot


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of larger sources beside the checkout."""
    folder = Path(__file__).parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip(f"the sources in {folder} are not there")
    return folder


@pytest.fixture(scope="session")
def embedded_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the snapshot of the embedded page; a test that changes it works on a copy."""
    root = tmp_path_factory.mktemp("embedded") / "store"
    build_snapshot(read_sources([EMBEDDED]).documents, Store(root))
    return root
