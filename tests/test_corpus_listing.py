"""Which files a source stands for: manifests, the folder of a DokuWiki, and folders of mixed forms."""

from pathlib import Path

import pytest

from corpus import read_sources
from corpus.listing import list_files
from corpus.manifests import is_manifest

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


def test_the_manifest_of_a_folder_names_files_elsewhere(tmp_path: Path) -> None:
    """A file beyond the folder is read if its manifest names it."""
    put(tmp_path, there__a_txt="It rose.", here__manifest_jsonl='{"file": "../there/a.txt", "id": "a"}')
    assert [page.id for page in read_sources([tmp_path / "here"]).documents] == ["a"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"file": "three.txt"}', "line 2: three.txt does not exist below "),
        ('{"file": "two.md", "date": "2024"}', "line 2: Object contains unknown field `date`"),
        ('{"title": "T"}', "line 2: Object missing required field `file`"),
        ('{"file": "two.md", "url": "wiki/two"}', "line 2: the url 'wiki/two' is no web address."),
        ('{"file": "two.md", "modified": "May 2024"}', "line 2: modified is 'May 2024'. Write a date like 2025-05-13."),
        ('{"file": "two.md", "form": "word"}', "line 2: There is no form 'word'; there are "),
        ('{"file": "two.md"', "line 2: Input data was truncated"),
        ('["two.md"]', "line 2: Expected `object`, got `array`"),
        ('{"file": "pages/one.txt", "title": "Again"}', "line 2: "),
    ],
)
def test_a_line_of_a_manifest_that_is_wrong(pages: Path, line: str, message: str) -> None:
    """It is left out with its number and the reason, and the other lines count."""
    put(pages, list_jsonl='{"file": "pages/one.txt", "title": "One"}\n' + line)
    found = read_sources([pages / "list.jsonl"])
    assert [page.title for page in found.documents] == ["One"]
    (finding,) = found.findings
    assert (finding.kind, finding.severity, finding.source) == ("unreadable", "error", str(pages / "list.jsonl"))
    assert finding.message.startswith(message)


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
