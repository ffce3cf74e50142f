"""JATS XML: full articles as PubMed Central gives them, bare or in the envelope of an archive.

The text is what a reader of the article sees, figures and tables by their captions and cells. Callouts
(``<xref ref-type="bibr">``) are its markers, and the reference list is resolved into, never read as text.
"""

import re
from collections.abc import Iterator
from datetime import date
from urllib.parse import quote

from corpus.findings import Finding
from corpus.readers.jats_blocks import ArticleBlocks
from corpus.readers.jats_references import read_references
from corpus.readers.jats_xml import Element, line, parse, root_name
from corpus.readers.reading import Reader, Reading

__all__ = ["READER"]

_PART = re.compile(r"<(?:[\w.-]+:)?(?:front|article-meta|front-stub|body|sec|floats-group)[\s/>]")
_ARTICLE = re.compile(r"<(?:[\w.-]+:)?article[\s>]")
_META = re.compile(r"<(?:[\w.-]+:)?article-meta[\s/>]")
_NO_ENVELOPE = frozenset({"html", "body", "div", "p", "section", "main", "head", "svg", "rss", "feed"})
_NOT_PUBLISHED = frozenset({"pmc-release", "nihms-submitted", "retraction", "corrected"})
_ONLINE = frozenset({"epub", "epub-ppub", "epreprint"})


def _recognises(text: str) -> bool:
    name = root_name(text)
    if name is None or name.lower() in _NO_ENVELOPE:
        return False
    if name == "article":
        return bool(_PART.search(text))
    enveloped = _ARTICLE.search(text)
    return enveloped is not None and bool(_META.search(text, enveloped.end()))


def _read(text: str) -> Reading:
    parsed = parse(text)
    article, left = _article(parsed.root)
    bibliography = read_references(article)
    blocks = ArticleBlocks(article, bibliography.targets, bibliography.order)
    return Reading(
        text=blocks.text,
        title=blocks.title,
        url=_address(article),
        modified=_published(article),
        footnotes=False,
        blocks=tuple(blocks.blocks),
        markers=tuple(blocks.markers),
        references=bibliography.references,
        findings=(*parsed.findings, *left, *bibliography.findings, *_unresolved(blocks), *_left_out(blocks)),
    )


def _article(root: Element) -> tuple[Element, list[Finding]]:
    """The article of a file; its first, if an envelope holds several."""
    articles = [root] if root.tag == "article" else list(root.iter("article"))
    if len(articles) < 2:
        return (articles or [root])[0], []
    message = f"holds {len(articles)} articles; only the first was read. Give each its own file."
    return articles[0], [Finding(kind="malformed", severity="error", message=message)]


def _address(article: Element) -> str | None:
    """Where the article can be read: the address of its DOI."""
    for stated in article.iterfind("front/article-meta/article-id"):
        if stated.get("pub-id-type") == "doi" and (doi := line(stated)).startswith("10."):
            return f"https://doi.org/{quote(doi, safe='/:;()')}"
    return None


def _published(article: Element) -> str | None:
    """The day of publication, online before print, where the article tells it to the day."""
    days: dict[bool, str] = {}
    for stated in article.iterfind("front/article-meta/pub-date"):
        kind = stated.get("pub-type") or ("epub" if stated.get("publication-format") == "electronic" else "ppub")
        if kind not in _NOT_PUBLISHED and stated.get("date-type") not in _NOT_PUBLISHED and (day := _day(stated)):
            days.setdefault(kind in _ONLINE, day)
    return days.get(True) or days.get(False)


def _day(stated: Element) -> str | None:
    parts = [stated.findtext(name, "").strip() for name in ("year", "month", "day")]
    try:
        return date(*map(int, parts)).isoformat()
    except ValueError:
        return None


def _unresolved(blocks: ArticleBlocks) -> Iterator[Finding]:
    if blocks.unresolved:
        names = ", ".join(dict.fromkeys(blocks.unresolved[:5]))
        message = (
            f"has {len(blocks.unresolved)} callouts of references that its list does not have ({names}). Add them."
        )
        yield Finding(kind="marker-without-reference", severity="error", message=message)
    if blocks.ambiguous:
        names = ", ".join(dict.fromkeys(blocks.ambiguous[:5]))
        message = (
            f"has {len(blocks.ambiguous)} callouts of ids that several references have ({names}), and what they print "
            "does not tell which; they cite nothing. Give each reference its own id."
        )
        yield Finding(kind="number-repeated", severity="error", message=message)
    if blocks.silent:
        numbers = tuple(dict.fromkeys(blocks.silent))
        message = f"has {len(blocks.silent)} callouts without any text, which no reader sees. They cite nothing here."
        yield Finding(kind="malformed", severity="warning", message=message, numbers=numbers)


def _left_out(blocks: ArticleBlocks) -> Iterator[Finding]:
    if blocks.formulas:
        message = f"has {blocks.formulas} formulas only as TeX or as pictures, which were left out. Add them as MathML."
        yield Finding(kind="not-followed", severity="note", message=message)


READER = Reader(form="jats", recognises=_recognises, read=_read, tagged=True)
