"""Files and folders read into documents; what cannot be read is named with a cure, and the rest goes on."""

import gzip
import hashlib
import unicodedata
from pathlib import Path

import pytest

from corpus import Document
from corpus.decoding import decode
from corpus.errors import EmptySourceError, SourceError
from corpus.sources import document_id, read_document, read_sources, read_text
from tests.samples import SAMPLES


def write(folder: Path, **files: str | bytes) -> None:
    """Files of a folder; a double underscore in a name stands for a folder, the ending is .txt."""
    for name, content in files.items():
        path = folder / f"{name.replace('__', '/')}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def messages(document: Document) -> list[str]:
    """What was noticed of a document, in words."""
    return [finding.message for finding in document.findings]


def refusal(path: Path) -> str:
    """Why a file cannot be read."""
    with pytest.raises(SourceError) as raised:
        read_document(path, identity="page")
    return str(raised.value)


# Folders


def test_a_folder_is_read_recursively(tmp_path: Path) -> None:
    """Documents come in the order of their ids, which are their paths below the folder."""
    write(tmp_path, b="It fell.", a__c="It rose.", a__b__d="It ended.")
    found = read_sources([tmp_path])
    assert [(page.id, page.text) for page in found.documents] == [
        ("a-b-d", "It ended."),
        ("a-c", "It rose."),
        ("b", "It fell."),
    ]
    assert found.findings == ()


def test_hidden_files_are_passed_over(tmp_path: Path) -> None:
    """Neither hidden files nor what is in hidden folders is read, unless it is named itself."""
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "notes.txt").write_text("It fell.")
    (tmp_path / ".hidden.txt").write_text("It fell.")
    (tmp_path / "seen.txt").write_text("It rose.")
    assert [page.id for page in read_sources([tmp_path]).documents] == ["seen"]
    assert [page.id for page in read_sources([tmp_path / ".hidden.txt"]).documents] == ["hidden"]


def test_a_hidden_folder_that_is_named_is_read(tmp_path: Path) -> None:
    """Only what is hidden below a source is passed over."""
    write(tmp_path / ".store", page="It rose.")
    assert [page.id for page in read_sources([tmp_path / ".store"]).documents] == ["page"]


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    """By itself, with its folder, or through a link: it is one document."""
    write(tmp_path, page="It rose.")
    (tmp_path / "link.txt").symlink_to(tmp_path / "page.txt")
    found = read_sources([tmp_path / "page.txt", tmp_path, tmp_path / "page.txt"])
    assert [page.id for page in found.documents] == ["page"]


def test_two_files_of_one_id_are_refused(tmp_path: Path) -> None:
    """The message names both files and the id."""
    write(tmp_path, one__page="It rose.", two__page="It fell.")
    with pytest.raises(SourceError) as raised:
        read_sources([tmp_path / "one", tmp_path / "two"])
    message = str(raised.value)
    assert str(tmp_path / "one" / "page.txt") in message
    assert str(tmp_path / "two" / "page.txt") in message
    assert "'page'" in message
    assert "build their common folder as one source" in message


def test_a_file_that_is_left_out_takes_no_id(tmp_path: Path) -> None:
    """A PDF beside the text that was made from it is no collision."""
    write(tmp_path, page="It rose.")
    (tmp_path / "page.pdf").write_bytes(b"%PDF-1.7\n")
    found = read_sources([tmp_path])
    assert [page.id for page in found.documents] == ["page"]
    assert [finding.kind for finding in found.findings] == ["unreadable"]


def test_a_missing_source_is_refused(tmp_path: Path) -> None:
    """Nothing is read if one of the sources is not there."""
    with pytest.raises(SourceError, match=r"nowhere does not exist\. Name a file or a folder of sources\."):
        read_sources([tmp_path, tmp_path / "nowhere"])


def test_progress_is_told_of_every_file(tmp_path: Path) -> None:
    """Also of those that are left out."""
    write(tmp_path, a="It rose.", b="")
    told: list[str] = []
    read_sources([tmp_path], progress=told.append)
    assert told == ["a.txt", "b.txt"]


def test_the_rest_goes_on(tmp_path: Path) -> None:
    """Files that cannot be read are named with a cure, in order, and the others are read."""
    write(tmp_path, a_empty="", b_blank=" \n\t\n", c_good="It rose.", d_binary=b"\x89PNG\r\n\0\0", e_heading="2017\n")
    found = read_sources([tmp_path])
    assert [page.id for page in found.documents] == ["c_good"]
    assert [(finding.kind, finding.severity) for finding in found.findings] == [("unreadable", "error")] * 4
    assert {finding.source: finding.message for finding in found.findings} == {
        str(tmp_path / "a_empty.txt"): "is empty. Add text, or leave the file out.",
        str(tmp_path / "b_blank.txt"): "is empty. Add text, or leave the file out.",
        str(tmp_path / "d_binary.txt"): "is binary. loccit reads text; leave the file out or export its text.",
        str(tmp_path / "e_heading.txt"): "holds no text beyond headings. Add text, or leave the file out.",
    }


# Ids


@pytest.mark.parametrize(
    ("name", "identity"),
    [
        ("page.txt", "page"),
        ("cervical_spinal_metastases.txt", "cervical_spinal_metastases"),
        ("Spine/Metastasen der Wirbelsäule.txt", "Spine-Metastasen-der-Wirbelsäule"),
        ("脊椎/転移.txt", "脊椎-転移"),
        ("हिन्दी.txt", "हिन्दी"),
        ("a.b.c.txt", "a.b.c"),
        ("(2017) a & b!.txt", "2017-a-b"),
        ("...txt", "document"),
        ("???.txt", "document"),
    ],
)
def test_ids_keep_letters_of_all_scripts(name: str, identity: str) -> None:
    """Words of a path are joined by hyphens; nothing that an address would have to hide stays in."""
    assert document_id(Path(name)) == identity


def test_an_id_does_not_depend_on_the_file_system() -> None:
    """An accent stored behind its letter makes the same id."""
    assert document_id(Path(unicodedata.normalize("NFD", "Wirbelsäule.txt"))) == "Wirbelsäule"


# Encodings

GERMAN = "Die Metastasen der Halswirbelsäule wurden häufig operativ behandelt. Das Überleben betrug 14 Monate."


def test_utf_8_with_a_byte_order_mark(tmp_path: Path) -> None:
    """The mark is no text, and nothing is remarked."""
    (tmp_path / "page.txt").write_bytes(GERMAN.encode("utf-8-sig"))
    page = read_document(tmp_path / "page.txt", identity="page")
    assert (page.text, page.findings) == (GERMAN, ())


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_an_encoding_told_by_its_byte_order_mark(tmp_path: Path, encoding: str) -> None:
    """UTF-16 and UTF-32 are read, and the operator is told."""
    (tmp_path / "page.txt").write_bytes(GERMAN.encode(encoding))
    page = read_document(tmp_path / "page.txt", identity="page")
    assert page.text == GERMAN
    assert messages(page) == [f"is not UTF-8; it was read as {encoding}. Save it as UTF-8 if that is wrong."]


def test_an_encoding_that_must_be_detected(tmp_path: Path) -> None:
    """A file in Latin-1 is read, and the encoding that was taken for it named as a finding."""
    (tmp_path / "page.txt").write_bytes(GERMAN.encode("latin-1"))
    found = read_sources([tmp_path])
    assert [page.text for page in found.documents] == [GERMAN]
    (finding,) = found.findings
    assert (finding.source, finding.kind, finding.severity) == (str(tmp_path / "page.txt"), "encoding", "note")
    assert finding.message.startswith("is not UTF-8; it was read as cp125")


def test_one_broken_byte_does_not_change_the_encoding(tmp_path: Path) -> None:
    """A file that is UTF-8 but for a place stays UTF-8, with that place marked."""
    (tmp_path / "page.txt").write_bytes((GERMAN * 9).encode() + b" M\xe4nner.")
    page = read_document(tmp_path / "page.txt", identity="page")
    assert page.text == GERMAN * 9 + " M\N{REPLACEMENT CHARACTER}nner."
    assert messages(page) == ["is UTF-8 but for 1 place, now marked �. Correct the file if that matters."]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"%PDF-1.7\n1 0 obj", "is a PDF. loccit reads text; export its text, or leave the file out."),
        (b"{\\rtf1 text}", "is an RTF file. loccit reads text; export its text, or leave the file out."),
        (b"PK\x03\x04", "is a ZIP archive or office file. loccit reads text; export its text, or leave the file out."),
        (b"text\0text", "is binary. loccit reads text; leave the file out or export its text."),
        (gzip.compress(b"text", mtime=0), "is binary. loccit reads text; leave the file out or export its text."),
        (b"\x01\x02\x03 text", "is binary. loccit reads text; leave the file out or export its text."),
        (b"\xff\xfea", "begins like utf-16 but is not (truncated data). Save it as UTF-8."),
        (bytes(range(0x80, 0x100)) * 9, "is binary or in no encoding that could be detected. Save it as UTF-8 text."),
        ("—\n\n…".encode(), "holds no text beyond headings. Add text, or leave the file out."),
        (b"1)\nSmith A. One. 2001.\n", None),
    ],
)
def test_what_is_no_text(tmp_path: Path, content: bytes, message: str | None) -> None:
    """The message says what the file is and what to do about it; doubtful text is text."""
    path = tmp_path / "page.txt"
    path.write_bytes(content)
    if message is None:
        assert read_document(path, identity="page").form == "text"
    else:
        assert refusal(path) == message


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    """It is refused by its size, before it is read."""
    with (tmp_path / "page.txt").open("wb") as file:
        file.truncate(100_000_000)
    assert refusal(tmp_path / "page.txt") == (
        "has 100,000,000 bytes, the most is 33,554,432. Split it, or leave the file out."
    )


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_byte_order_mark(tmp_path: Path, encoding: str) -> None:
    """The zeros of every other byte tell it, and the operator is told."""
    (tmp_path / "page.txt").write_bytes(GERMAN.encode(encoding))
    page = read_document(tmp_path / "page.txt", identity="page")
    assert page.text == GERMAN
    assert messages(page) == [f"is not UTF-8; it was read as {encoding}. Save it as UTF-8 if that is wrong."]


@pytest.mark.parametrize(
    ("declaration", "encoding"),
    [
        ('<?xml version="1.0" encoding="ISO-8859-2"?>', "iso-8859-2"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=windows-1250">', "cp1250"),
        ("<meta charset=utf-8>", "utf-8"),
    ],
)
def test_an_encoding_that_the_file_states(declaration: str, encoding: str) -> None:
    """XML and HTML say what they are written in, and are believed where they can be read so."""
    text = f"{declaration} Zażółć gęślą jaźń."
    assert decode(text.encode(encoding)) == (text, [])


def test_an_encoding_stated_wrongly() -> None:
    """One that does not exist is passed over."""
    text, findings = decode("<?xml encoding='klingon'?> Größe und Maß der Männer.".encode("cp1252"))
    assert text == "<?xml encoding='klingon'?> Größe und Maß der Männer."
    assert [finding.kind for finding in findings] == ["encoding"]


@pytest.mark.parametrize(
    "stated", ["undefined", "unicode_escape", "raw_unicode_escape", "utf-7", "utf-16", "hex", "idna"]
)
def test_a_stated_encoding_that_the_statement_itself_is_not_in(stated: str) -> None:
    """Nothing is decoded by what is no encoding of texts, or what reads other letters where it is stated."""
    page = f"<meta charset='{stated}'> Größe und Maß der Männer, C:\\new\\u0041, as it was said in the text"
    text, findings = decode(page.encode("cp1252"))
    assert (text, [finding.kind for finding in findings]) == (page, ["encoding"])


def test_what_the_system_does_not_give(tmp_path: Path) -> None:
    """The reason is the system's own, with a cure."""
    assert refusal(tmp_path) == "cannot be read: Is a directory. Check the file's permissions."


@pytest.mark.parametrize("line_end", ["\r\n", "\r"])
def test_line_ends_are_made_uniform(tmp_path: Path, line_end: str) -> None:
    """Offsets count in the text with one character to a line end; the hash of the source is of its bytes."""
    original = f"====== T ======{line_end}{line_end}It rose.{line_end}{line_end}It fell.".encode()
    (tmp_path / "page.txt").write_bytes(original)
    page = read_document(tmp_path / "page.txt", identity="page")
    assert page.text == "T\n\nIt rose.\n\nIt fell."
    assert page.source_sha256 == hashlib.sha256(original).hexdigest()
    assert page.sha256 == hashlib.sha256(page.text.encode()).hexdigest()


# What is known of a document


def test_a_form_can_be_forced(tmp_path: Path) -> None:
    """Markup that is read as plain text keeps its marks."""
    write(tmp_path, page="===== H =====\n\nIt **rose**.")
    (page,) = read_sources([tmp_path], form="text").documents
    assert (page.form, page.text) == ("text", "===== H =====\n\nIt **rose**.")
    assert read_sources([tmp_path]).documents[0].text == "H\n\nIt rose."


FORMS: dict[str, str] = {name: sample(3) for name, sample in SAMPLES.items()}


@pytest.mark.parametrize(
    ("form", "content"),
    [
        ("dokuwiki-xhtml", "markdown"),
        ("dokuwiki-xhtml", "text"),
        ("dokuwiki-xhtml", "jats"),
        ("dokuwiki-xhtml", "dokuwiki"),
        ("jats", "dokuwiki-xhtml"),
        ("dokuwiki", "markdown"),
        ("dokuwiki", "dokuwiki-export"),
        ("markdown", "dokuwiki-export"),
        ("dokuwiki-export", "markdown"),
        ("text", "jats"),
        ("text", "dokuwiki-xhtml"),
    ],
)
def test_a_wrong_form_is_told(tmp_path: Path, form: str, content: str) -> None:
    """Where the content surely has another form, the form is blamed, and no sound file as malformed."""
    write(tmp_path, page=FORMS[content])
    found = read_sources([tmp_path], form=form)
    told = [finding for finding in found.findings if finding.kind in {"malformed", "unreadable"}]
    assert [(finding.severity, finding.source) for finding in told] == [("error", str(tmp_path / "page.txt"))]
    assert told[0].message == (
        f"was read as {form} because --form says so, but its content looks like {content}. Correct the form."
    )
    assert [finding.kind == "malformed" for finding in told] == [bool(found.documents)]


def test_a_wrong_form_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """Of a file without any element the form is blamed, not the file; a manifest may be wrong, too."""
    write(tmp_path, page=FORMS["markdown"])
    (tmp_path / "list.jsonl").write_text('{"file": "page.txt", "form": "jats"}', "utf-8")
    for source, form, by in (("page.txt", "jats", "--form"), ("list.jsonl", None, "its manifest")):
        (finding,) = read_sources([tmp_path / source], form=form).findings
        assert finding.kind == "unreadable"
        assert finding.message.startswith(f"was read as jats because {by} says so, but its content looks like markdown")


@pytest.mark.parametrize("form", sorted(FORMS))
def test_a_right_form_is_not_doubted(tmp_path: Path, form: str) -> None:
    """Nor is plain text that is called wiki markup or Markdown, markup that is called text, or a bare fragment."""
    write(tmp_path, page=FORMS[form], plain="It rose.", fragment="<p>It rose.</p>")
    tagged = form in {"jats", "dokuwiki-xhtml"}
    for name, forced in (
        ("page", form),
        ("page", form if tagged else "text"),
        ("plain", "text" if tagged else form),
        ("fragment", "dokuwiki-xhtml"),
    ):
        found = read_sources([tmp_path / f"{name}.txt"], form=forced).findings
        assert not any("because" in finding.message for finding in found)


def test_a_title_of_its_own_or_of_the_file(tmp_path: Path) -> None:
    """The first heading of a wiki page, else the name of the file in words."""
    write(tmp_path, cord_tumors="It rose.", page="====== The title ======\nIt rose.")
    assert [page.title for page in read_sources([tmp_path]).documents] == ["cord tumors", "The title"]


def test_a_text_without_a_file() -> None:
    """A text is a document by itself; without words it is refused."""
    page = read_text("It rose.", identity="page", title="A title")
    assert (page.id, page.title, page.source_sha256) == ("page", "A title", hashlib.sha256(b"It rose.").hexdigest())
    with pytest.raises(EmptySourceError):
        read_text("====== T ======", identity="page")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("La bibliothèque est ouverte à tous. Le coût du miel était élevé où la forêt brûle.", "cp1252"),
        ("El niño comió piñas. La niña llegó mañana. Señor, el año pasado.", "cp1252"),
        ("Zażółć gęślą jaźń. Książka była bardzo dobra i wszyscy ją czytali. Źródło światła.", "cp1250"),
        ("Пациенты получили лечение после операции. Выживаемость была высокой.", "cp1251"),
    ],
    ids=["French", "Spanish", "Polish", "Russian"],
)
def test_words_of_other_encodings_are_read_right(tmp_path: Path, text: str, encoding: str) -> None:
    """A short text that is not UTF-8 keeps its letters, and the finding names the encoding."""
    path = tmp_path / "page.txt"
    path.write_bytes(text.encode(encoding))
    document = read_document(path, identity="page")
    assert document.text == text
    assert messages(document) == [f"is not UTF-8; it was read as {encoding}. Save it as UTF-8 if that is wrong."]
