"""``loccit audit`` as a user runs it, and what a build keeps of it."""

import subprocess
from pathlib import Path
from typing import get_args

import msgspec

from corpus.findings import FindingKind
from index import Snapshot, Store
from index.build import build_snapshot
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
    records = Snapshot.open(Store(store.root)).records
    assert records.findings("a") == built.findings
    assert records.findings("b") == ()


ARTICLE = """<article><front><article-meta><title-group><article-title>A</article-title></title-group>
</article-meta></front><body><p>It rose [<xref ref-type="bibr" rid="a">1</xref>].</p></body><back><ref-list>
<ref id="a"><label>1</label><mixed-citation>Ash A. On ash trees and others. J Bot. 2001;1:1-9.</mixed-citation></ref>
<ref id="c"><label>3</label><mixed-citation>Fir C. On fir trees and others. J Bot. 2003;3:3-9.</mixed-citation></ref>
</ref-list></back></article>"""
WIKI = """====== Neck ======

{{page>other}}

Smith et al. studied twenty.

They were old.

They died. ((Smith A. A trial of the upper neck. J Spine. 2001;1(1):1-9. PMID: 11.))

Told of again ((ibid.)), and wrongly. ((Miller C. Why do hips heal so slowly? Bone. 1990;3(3):3-9. PMID: 11.))

===== 1999 =====

Malformed here. ((Jones B. Arms. J Arm. 2002;2:2. PMID: 123456789012.)) None there [(gone>)].

~~REFNOTES~~

===== Rest =====

Miller et al. found otherwise.

{paragraph}

{paragraph}

It stayed ((open.
"""
LIST = """A page

It rose [1]. It fell [2]. It stayed [5].

References

1. Ash A. On ash trees. J Bot. 2001;1:1-9.
2. Elm B. On elm trees. J Bot. 2002;2:2-9.
2. Oak D. On oak trees. J Bot. 2002;2:2-9.
5. Fir C. On fir trees. J Bot. 2003;3:3-9.
"""
PARAGRAPH = (
    "Twenty patients with a tumour of the upper neck were followed for four years after the operation, and none of "
    "them had lost the strength of an arm or a leg when they were seen for the last time."
)


def test_a_build_counts_the_findings_of_the_audit(embedded_store: Path, tmp_path: Path) -> None:
    """Those of the readers, of files that were left out, and of the audit alike."""
    store = copied(embedded_store, tmp_path / "store")
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "article.nxml").write_text(ARTICLE.removesuffix("</article>"), "utf-8")
    (folder / "list.txt").write_text(LIST, "utf-8")
    (folder / "article.pdf.txt").write_bytes(b"%PDF-1.7")
    found = msgspec.json.decode(audit(folder, "--json").stdout, type=Audit).findings
    errors = sum(finding.severity == "error" for finding in found)
    assert errors == 3
    built = subprocess.run(
        [LOCCIT, "build", folder, "--out", store.root], capture_output=True, text=True, check=True
    ).stderr
    assert f"\n{len(found)} findings, 3 errors among them: see loccit audit\n" in built
    assert f"Error: {folder / 'article.nxml'} is not whole" in built
    assert "; 1 source left out\n" in built


def test_every_kind_of_finding(tmp_path: Path) -> None:
    """A folder of pages of several forms with a defect of every kind: all are found, on the page that has them."""
    (tmp_path / "article.nxml").write_text(ARTICLE, "utf-8")
    (tmp_path / "wiki.txt").write_text(WIKI.replace("{paragraph}", PARAGRAPH), "utf-8")
    (tmp_path / "list.txt").write_text(LIST, "utf-8")
    (tmp_path / "western.txt").write_bytes("Größe und Maß der Männer.".encode("latin-1"))
    (tmp_path / "article.pdf.txt").write_bytes(b"%PDF-1.7")
    result = audit(tmp_path, "--json")
    found: dict[str, set[str]] = {}
    for finding in msgspec.json.decode(result.stdout, type=Audit).findings:
        place = finding.document or Path(finding.source or "").name
        found.setdefault(finding.kind, set()).add(place)
    assert result.returncode == 1
    assert set(found) == set(get_args(FindingKind))
    assert found["unreadable"] == {"article.pdf.txt"}
    assert found["encoding"] == {"western.txt"}
    assert found["number-repeated"] == {"list"}
    assert found["number-gap"] == {"article", "list"}
    assert found["reference-never-cited"] == {"article"}
    assert found["malformed"] == found["not-followed"] == found["marker-without-reference"] == {"wiki.txt"}
    for kind in ("identifier-contradiction", "identifier-malformed", "year-contradiction", "study-without-reference",
                 "near-duplicate", "work-repeated", "only-inherited"):  # fmt: skip
        assert found[kind] == {"wiki"}
