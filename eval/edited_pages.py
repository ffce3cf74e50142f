"""Pages to be edited: sources as they are, and articles in JATS XML as wiki markup."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from lxml import etree

from corpus.decoding import decode
from corpus.errors import SourceError
from corpus.sources import read_document
from eval.edits import Page

__all__ = ["article_page", "read_pages"]

_MARKUP = str.maketrans(dict.fromkeys("*/_'<>[]{}|^%~\\=\x00", " ") | {"(": "(", "\n": " "})


def read_pages(sources: Sequence[Path]) -> tuple[Page, ...]:
    """The pages of some files and folders; articles in JATS XML become pages of wiki markup.

    Raises `SourceError` if a source does not exist or cannot be read, or if they hold no page.
    """
    for source in sources:
        if not source.exists():
            raise SourceError(f"{source} does not exist. Name a file or a folder of sources.")
    paths = [path for source in sources for path in (sorted(source.rglob("*")) if source.is_dir() else [source])]
    pages = []
    for path in filter(Path.is_file, paths):
        if path.suffix in {".nxml", ".xml"}:
            pages.append(Page(path.stem, article_page(path), "dokuwiki"))
        elif path.suffix in {".txt", ".md"}:
            form = read_document(path, identity=path.stem).form
            pages.append(Page(path.stem, decode(path.read_bytes())[0], form))
    if not pages:
        raise SourceError("The sources hold no page to edit. Name files of text, wiki markup or JATS XML.")
    return tuple(pages)


def article_page(path: Path) -> str:
    """Title, section titles and paragraphs of an article; each citation is a footnote with the whole reference.

    What is markup in a wiki is left out. Raises `SourceError` if the file is no XML.
    """
    try:
        article = etree.parse(path, etree.XMLParser(resolve_entities=False, no_network=True)).getroot()
    except (OSError, etree.XMLSyntaxError) as error:
        raise SourceError(f"{path} cannot be read as XML ({error}). Name an article in JATS XML.") from error
    notes = {str(ref.get("id")): _plain("".join(ref.itertext())) for ref in article.iter("ref")}
    title = article.find(".//article-title")
    blocks = [] if title is None else [f"====== {_plain(''.join(title.itertext()))} ======"]
    for element in article.iterfind(".//body//*"):
        if element.tag == "title" and _plain("".join(element.itertext())):
            blocks.append(f"===== {_plain(''.join(element.itertext()))} =====")
        elif element.tag == "p":
            blocks.append(" ".join("".join(_texts(element, notes)).split()))
    return "\n\n".join(filter(None, blocks)) + "\n"


def _texts(paragraph: etree._Element, notes: dict[str, str]) -> Iterator[str]:
    yield _plain(paragraph.text or "")
    for child in paragraph:
        cited = child.tag == "xref" and child.get("ref-type") == "bibr"
        if cited:
            note = notes.get((child.get("rid") or "").split(" ")[0])
            yield f" (({note}))" if note else ""
        elif isinstance(child.tag, str) and child.tag not in {"fig", "table-wrap", "disp-formula", "list"}:
            yield _plain("".join(child.itertext()))
        yield _plain(child.tail or "")


def _plain(text: str) -> str:
    """A text in which nothing is markup."""
    text = text.translate(_MARKUP)
    while "((" in text or "))" in text:
        text = text.replace("((", "( (").replace("))", ") )")
    ends = text[:1].isspace() * " ", text[-1:].isspace() * " "
    return f"{ends[0]}{' '.join(text.split())}{ends[1]}" if text.strip() else text[:1]
