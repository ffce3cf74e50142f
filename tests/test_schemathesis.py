"""The API against its own description: schemathesis asks a real server what it allows, and what it does not."""

import subprocess
import sys
from pathlib import Path

from tests.servers import serving
from tests.stores import copied

SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")

CONFIGURATION = """
[checks]
# A question about a page that is not there is as valid as any, and is refused with what is wrong.
positive_data_acceptance.enabled = false
# Litestar's answer to OPTIONS names the methods of the handler that was registered first.
allow_header_conformance.enabled = false

[[operations]]
# Litestar takes 0 for false in a body.
include-name = "POST /v1/feedback"
checks.negative_data_rejection.enabled = false
"""
"""All checks but these are made."""


def test_the_api_is_as_described(embedded_store: Path, tmp_path: Path) -> None:
    """No status, type or body that is not described, no wrong input that passes, no fault, call after call."""
    store = copied(embedded_store, tmp_path / "store")
    (tmp_path / "schemathesis.toml").write_text(CONFIGURATION)
    with serving(store.root, environment={"LOCCIT_LOG_LEVEL": "error"}) as running:
        done = subprocess.run(
            [
                SCHEMATHESIS,
                "run",
                f"{running.address}/docs/openapi.json",
                "--continue-on-failure",
                *("--phases", "examples,coverage,fuzzing,stateful", "--max-examples", "25", "--seed", "20261128"),
                "--no-color",
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stdout[-20_000:]
    assert "Server error" not in done.stdout
