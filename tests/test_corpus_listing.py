"""Which files a source stands for: manifests, the folder of a DokuWiki, and folders of mixed forms."""

import json
from pathlib import Path

import pytest

from corpus.listing import list_files
from corpus.manifests import is_manifest
from corpus.sources import read_sources

JSON_LINES = """\
{"file": "pages/one.txt", "title": "One", "url": "https://wiki.example/one", "modified": "2024-03-02T10:00:00Z"}

{"file": "two.md", "id": "second.page", "form": "text"}
"""
CSV = 'file,title,url,modified\npages/one.txt,"One, and more",https://wiki.example/one,2024-03-02\ntwo.md,,,\n'
CHANGES = "1700000000\t10.0.0.1\tC\tspine:neck\tann\tcreated\n1747102620\t10.0.0.1\tE\tspine:neck\tann\t\n"


def put(folder: Path, **files: str) -> Path:
    """Files in a folder; in a name a double underscore stands for a slash, a single one for a full stop."""
    for name, content in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")
    return folder


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """A folder with two files to be described."""
    return put(tmp_path, pages__one_txt="It rose.", two_md="It fell.")


def test_a_manifest_of_json_lines(pages: Path) -> None:
    """Only the files that it names are read, with title, address, day, id and form as it says."""
    put(pages, list_jsonl=JSON_LINES, three_txt="Unnamed.")
    found = read_sources([pages / "list.jsonl"])
    assert found.findings == ()
    assert [(page.id, page.title, page.url, page.modified, page.form) for page in found.documents] == [
        ("pages-one", "One", "https://wiki.example/one", "2024-03-02", "text"),
        ("second.page", "two", None, None, "text"),
    ]


def test_a_manifest_in_csv(pages: Path) -> None:
    """Quoted fields are kept whole, and empty ones count as not given."""
    put(pages, list_csv=CSV)
    found = read_sources([pages / "list.csv"])
    assert found.findings == ()
    assert [(page.id, page.title, page.modified) for page in found.documents] == [
        ("pages-one", "One, and more", "2024-03-02"),
        ("two", "two", None),
    ]


@pytest.mark.parametrize("name", ["manifest.jsonl", "manifest.csv"])
def test_the_manifest_of_a_folder(pages: Path, name: str) -> None:
    """It describes files of its folder; the others are read too, and it is itself no source."""
    (pages / name).write_text(JSON_LINES.splitlines()[0] if name.endswith("jsonl") else CSV, "utf-8")
    found = read_sources([pages])
    assert [(page.id, page.url) for page in found.documents] == [
        ("pages-one", "https://wiki.example/one"),
        ("two", None),
    ]


@pytest.mark.parametrize("name", ["manifest.jsonl", "list.jsonl"])
@pytest.mark.parametrize("file", ["../there/a.txt", "{there}/a.txt", "link.txt", "linked/a.txt"])
def test_a_manifest_leads_nowhere_but_below_its_folder(tmp_path: Path, name: str, file: str) -> None:
    """A file elsewhere is not read, whether by its path or behind a link; what to do is told."""
    folder, there = tmp_path / "here", tmp_path / "there"
    put(tmp_path, there__a_txt="It rose.", here__b_txt="It fell.")
    (folder / "link.txt").symlink_to(there / "a.txt")
    (folder / "linked").symlink_to(there)
    lines = [{"file": file.format(there=there), "id": "a"}, {"file": "b.txt", "id": "b"}]
    (folder / name).write_text("\n".join(map(json.dumps, lines)), "utf-8")
    found = read_sources([folder if name == "manifest.jsonl" else folder / name])
    assert "a" not in [page.id for page in found.documents]
    assert "b" in [page.id for page in found.documents]
    assert [(finding.kind, finding.severity) for finding in found.findings] == [("unreadable", "error")]
    assert f"lies outside of {folder}" in found.findings[0].message
    assert "Move the file there, or name it as a source of its own. a.txt is left out" in found.findings[0].message


def test_a_manifest_follows_links_within_its_folder(pages: Path) -> None:
    """A link to a file below the folder is as good as the file, and a path may be absolute."""
    (pages / "link.txt").symlink_to(pages / "two.md")
    lines = [{"file": "link.txt", "title": "Two"}, {"file": str(pages / "pages" / "one.txt"), "id": "one"}]
    (pages / "list.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    found = read_sources([pages / "list.jsonl"])
    assert [(page.id, page.title) for page in found.documents] == [("link", "Two"), ("one", "one")]
    assert found.findings == ()


LEFT_OUT = " two.md is left out until then."


@pytest.mark.parametrize(
    ("line", "kind", "begins", "ends"),
    [
        ('{"file": "three.txt"}', "unreadable", "three.txt does not exist below ", "three.txt is left out until then."),
        ('{"file": "two.md", "date": "2024"}', "unreadable", "Object contains unknown field `date`.", LEFT_OUT),
        ('{"file": "two.md", "url": "wiki/two"}', "unreadable", "the url 'wiki/two' is no web address.", LEFT_OUT),
        ('{"file": "two.md", "modified": "May 2024"}', "unreadable", "modified is 'May 2024'. Write a date", LEFT_OUT),
        ('{"file": "two.md", "form": "word"}', "unreadable", "There is no form 'word'; there are ", LEFT_OUT),
        ('{"title": "T"}', "malformed", "Object missing required field `file`.", "until it is corrected."),
        ('{"file": "two.md"', "malformed", "Input data was truncated.", "until it is corrected."),
        ('["two.md"]', "malformed", "Expected `object`, got `array`.", "until it is corrected."),
        ('{"file": ""}', "malformed", " does not exist", "until it is corrected."),
        ('{"file": "a\\u0000"}', "malformed", "a\0 does not exist", "until it is corrected."),
        (
            '{"file": "pages/one.txt", "title": "Again"}',
            "malformed",
            "",
            "The first line counts; take one out.",
        ),
    ],
)
def test_a_line_of_a_manifest_that_is_wrong(pages: Path, line: str, kind: str, begins: str, ends: str) -> None:
    """Its file is left out, where that is known, with the line's number and the reason; the other lines count."""
    put(pages, list_jsonl='{"file": "pages/one.txt", "title": "One"}\n' + line)
    found = read_sources([pages / "list.jsonl"])
    assert [page.title for page in found.documents] == ["One"]
    (finding,) = found.findings
    assert (finding.kind, finding.severity, finding.source) == (kind, "error", str(pages / "list.jsonl"))
    assert finding.message.startswith(f"line 2: {begins}")
    assert finding.message.endswith(ends)


def test_a_file_whose_line_is_wrong_is_not_read_by_its_folder(pages: Path) -> None:
    """It would be built without what the manifest meant to say of it; a later line does not describe it instead."""
    put(pages, manifest_jsonl='{"file": "two.md", "modified": "May 2024"}\n{"file": "two.md", "title": "Two"}\n')
    found = read_sources([pages])
    assert [page.id for page in found.documents] == ["pages-one"]
    assert [finding.kind for finding in found.findings] == ["unreadable", "malformed"]


def test_a_line_of_csv_with_too_many_fields(pages: Path) -> None:
    """A field without a name is told, not dropped."""
    put(pages, list_csv="file,title\npages/one.txt,One,more\ntwo.md,Two\n")
    found = read_sources([pages / "list.csv"])
    assert [page.title for page in found.documents] == ["Two"]
    assert "unknown field `(beyond the named columns)`" in found.findings[0].message


@pytest.mark.parametrize("content", ["", "\n", "[1]\n", '{"id": 1}\n', "\0\0", '{"file"'])
def test_other_json_lines_are_no_manifest(tmp_path: Path, content: str) -> None:
    """Only a first line with a `file` makes a manifest."""
    put(tmp_path, questions_jsonl=content)
    assert not is_manifest(tmp_path / "questions.jsonl")


@pytest.mark.parametrize("source", ["", "data", "data/pages"])
def test_the_folder_of_a_wiki(tmp_path: Path, source: str) -> None:
    """Pages have ids of their namespaces and the day of their last change; all else of the wiki is passed over."""
    put(
        tmp_path,
        **{
            "data__pages__spine__neck_txt": "It rose ((Smith A. One. 2001.)).",
            "data__pages__spine__d%C3%A9j%C3%A0_txt": "It fell.",
            "data__pages__start_txt": "Plain words.",
            "data__meta__spine__neck_changes": CHANGES,
            "data__meta__start_changes": "broken\n",
            "data__cache__x_txt": "Cached.",
            "conf__local_txt": "Settings.",
        },
    )
    (tmp_path / "data" / "pages" / "__template.txt").write_text("A template.", "utf-8")
    found = read_sources([tmp_path / source])
    assert [(page.id, page.form, page.modified) for page in found.documents] == [
        ("spine-déjà", "dokuwiki", None),
        ("spine-neck", "dokuwiki", "2025-05-13"),
        ("start", "dokuwiki", None),
    ]
    assert [marker.numbers for marker in found.documents[1].markers] == [(1,)]


def test_a_folder_called_pages_is_no_wiki_by_itself(tmp_path: Path) -> None:
    """Without the folders that a wiki has beside its pages it is a folder like others."""
    put(tmp_path, pages__one_txt="It rose.")
    assert [page.form for page in read_sources([tmp_path / "pages"]).documents] == ["text"]
    assert [str(file.name) for file in list_files([tmp_path]).files] == ["pages/one.txt"]


def test_a_file_is_read_once(pages: Path) -> None:
    """A file named by several sources comes once, where it is named first."""
    put(pages, list_jsonl=JSON_LINES)
    found = list_files([pages / "list.jsonl", pages / "two.md", pages / "pages"])
    assert [str(file.name) for file in found.files] == ["pages/one.txt", "second.page.txt"]
