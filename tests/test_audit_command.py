"""``loccit audit`` as a user runs it, and what a build keeps of it."""

import subprocess
from pathlib import Path

import msgspec

from index import Snapshot, Store, build_snapshot
from service.audit_command import Audit
from tests.servers import LOCCIT
from tests.stores import copied, read_pages

DEFECT = "====== T ======\n\n===== 1999 =====\n\nIt rose. ((Smith A. One. J Spine. 2001;1(1):1-9. PMID: 11.))\n"


def audit(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """A run of the command."""
    return subprocess.run([LOCCIT, "audit", *arguments], capture_output=True, text=True, check=False)


def test_a_table_and_exit_code_0_without_errors(tmp_path: Path) -> None:
    """Warnings are shown with their place, and pass."""
    (tmp_path / "page.txt").write_text(DEFECT, "utf-8")
    result = audit(tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    header, row, summary = result.stdout.splitlines()
    assert header.split() == ["severity", "kind", "where", "what"]
    assert row.split(maxsplit=4)[:4] == ["warning", "year-contradiction", "page", "3–7"]
    assert "stands under the heading 1999, but reference 1 is of 2001." in row
    assert summary == "Documents: 1. Findings: 0 error, 1 warning, 0 note."


def test_exit_code_1_on_errors(tmp_path: Path) -> None:
    """A file that cannot be read is an error, first in the table, and the others are audited."""
    (tmp_path / "a.txt").write_text(DEFECT, "utf-8")
    (tmp_path / "b.txt").write_bytes(b"%PDF-1.7")
    result = audit(tmp_path)
    assert result.returncode == 1
    rows = [line.split() for line in result.stdout.splitlines()]
    assert [row[:2] for row in rows if row[0] in {"error", "warning"}] == [
        ["error", "unreadable"],
        ["warning", "year-contradiction"],
    ]
    assert rows[-1] == ["Documents:", "1.", "Findings:", "1", "error,", "1", "warning,", "0", "note."]


def test_findings_as_json(tmp_path: Path) -> None:
    """The same findings for a program."""
    (tmp_path / "a.txt").write_text(DEFECT, "utf-8")
    (tmp_path / "b.txt").write_bytes(b"%PDF-1.7")
    result = audit(tmp_path, "--json")
    found = msgspec.json.decode(result.stdout, type=Audit)
    assert (result.returncode, found.documents) == (1, 1)
    assert [(finding.kind, finding.source, finding.document) for finding in found.findings] == [
        ("unreadable", str(tmp_path / "b.txt"), None),
        ("year-contradiction", None, "a"),
    ]


def test_bad_usage(tmp_path: Path) -> None:
    """Without a source, or with one that does not exist, nothing is audited."""
    assert audit().returncode == 2
    result = audit(tmp_path / "none")
    assert (result.returncode, result.stdout) == (2, "")
    assert "does not exist" in result.stderr


def test_a_snapshot_keeps_the_findings(embedded_store: Path, tmp_path: Path) -> None:
    """They are those of the audit, and a build tells them."""
    store = copied(embedded_store, tmp_path / "store")
    documents = read_pages(tmp_path / "pages", a=DEFECT, b="It fell.")
    built = build_snapshot(documents, store)
    assert [finding.kind for finding in built.findings] == ["year-contradiction"]
    assert Snapshot.open(Store(store.root)).findings == built.findings
