"""What an article says, by whose work it says it: the material of which wiki-like pages are made.

An article with numbered citations tells for each sentence which works it rests on: those that it cites itself.
What it says on no one's authority is prose without support, and its own abstract and results rest on the article.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

import msgspec
from lxml import etree

from corpus.csl import Date, Item, Name
from corpus.documents import Block, Document, Work, markers_within
from corpus.passages import without_markers
from corpus.sentences import sentence_spans
from corpus.sources import read_text

__all__ = ["Article", "Told", "article_work", "note", "read_article"]

_EMPTIED = re.compile(r"\s*[\[(][\s,;:–—-]*[\])]")
_MARKUP = re.compile(r"[|^<>{}\\~*\x22]|\(\(|\)\)|//|__|''|%%|\[\[|\]\]|==|--|=>|->|\.\.\.|\bwww\.")
_SENTENCE = re.compile(r"[A-Z][^\n]{25,600}[.!?]")
_ABOUT_ITSELF = re.compile(
    r"\b(?:we|our|us|(?:this|the|present|current|our) (?:study|paper|article|trial|report|work|review)"
    r"|aim(?:s|ed)?|objectives?|purpose|hypothes\w+"
    r"|(?:was|were) (?:therefore )?(?:conducted|performed|designed|undertaken))\b",
    re.IGNORECASE,
)
_CONTINUES = re.compile(r"(?:they|these|this|those|their|such|it|its|the (?:authors?|same|latter))\b", re.IGNORECASE)
_LABEL = re.compile(r"[A-Z][A-Za-z /&-]{2,40}[:.]?")

_BACK_MATTER = re.compile(
    r"contributions?|competing|conflicts? of interest|funding|acknowledge?ments?|abbreviations|consent|history",
    re.IGNORECASE,
)

Sentences = tuple[str, ...]


class Told(msgspec.Struct, frozen=True):
    """Sentences that rest on the same works and on no other, in the order of the article."""

    works: tuple[str, ...]
    """Ids of works."""
    sentences: Sentences


class Article(msgspec.Struct, frozen=True, kw_only=True):
    """An article as material.

    `told` are sentences by the works that they cite. `abstract` and `body`, paragraph by paragraph, rest on the
    article itself; `background` is what its introduction says on no one's authority and not about the article.
    """

    name: str
    work: Work
    told: tuple[Told, ...]
    abstract: tuple[tuple[str, Sentences], ...]
    """Sections of the abstract: the label (``Results``, or nothing) and its sentences."""
    body: tuple[Sentences, ...]
    background: tuple[Sentences, ...]
    topics: tuple[str, ...]
    """Titles of sections."""
    works: dict[str, Work]


def read_article(path: Path) -> Article:
    """The material of an article in JATS XML. Raises `SourceError` where it cannot be read."""
    data = path.read_bytes()
    document = read_text(data.decode(), identity=path.stem, title=path.stem, form="jats")
    return article(document, article_work(data))


def article(document: Document, work: Work) -> Article:
    """The material of an article that has been read, of which `work` is the record."""
    told: dict[tuple[str, ...], list[str]] = {}
    body, background = [], []
    paragraphs = [b for b in document.blocks if b.kind == "paragraph" and not _in_abstract(b)]
    introduction = paragraphs[0].headings[:1] if paragraphs else ()
    for block in paragraphs:
        if _BACK_MATTER.search(" ".join(block.headings)):
            continue
        sentences = _sentences(document, block)
        for works, sentence in sentences:
            if works and sentence:
                told.setdefault(works, []).append(sentence)
        if block.headings[:1] == introduction:
            background += _background(sentences)
        elif not any(works for works, _ in sentences):
            body += _runs(sentence for _, sentence in sentences)
    return Article(
        name=document.id,
        work=work,
        told=tuple(Told(works, tuple(sentences)) for works, sentences in told.items() if len(works) <= 3),
        abstract=tuple(_abstract(document)),
        body=tuple(body),
        background=tuple(background),
        topics=tuple(dict.fromkeys(block.headings[-1] for block in paragraphs if block.headings)),
        works={w.id: w for w in [work, *document.works.values()]},
    )


def article_work(data: bytes) -> Work:
    """The record of an article, out of the front of its XML."""
    root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    meta = root.find(".//article-meta")
    if meta is None:
        meta = root
    authors = [
        Name(family=name.findtext("surname"), given=name.findtext("given-names"))
        for name in meta.iterfind(".//contrib[@contrib-type='author']/name")
    ]
    year = meta.findtext(".//pub-date/year")
    ids = {item.get("pub-id-type"): item.text for item in meta.iterfind("article-id")}
    item = Item(
        type="article-journal",
        author=tuple(authors),
        title=_words(meta.find(".//article-title")),
        container_title=_words(root.find(".//journal-title")),
        issued=Date(((int(year),),)) if year else None,
        volume=meta.findtext("volume"),
        page=meta.findtext("fpage"),
        doi=ids.get("doi"),
        pmid=ids.get("pmid"),
    )
    return Work(id=f"pmid:{item.pmid}" if item.pmid else f"doi:{item.doi}", text="", csl=item)


def note(work: Work) -> str | None:
    """The footnote of a work in PubMed's summary form, or None where too little is known of it.

    >>> from corpus.csl import Date, Item, Name
    >>> authors = (Name("Diehn", "Felix E."),)
    >>> item = Item(author=authors, title="Cord", container_title="Continuum", issued=Date(((2021,),)))
    >>> note(Work("text:1", "", item))
    'Diehn FE. Cord. Continuum. 2021.'
    """
    item = work.csl
    if not (item.author and item.author[0].family and item.title and work.year):
        return None
    names = ", ".join(filter(None, (_name(name) for name in item.author)))
    journal = (item.container_title or "J").rstrip(".")
    place = f";{item.volume}:{item.page}" if item.volume and item.page else ""
    ids = (f" doi: {item.doi}." if item.doi else "") + (f" PMID: {item.pmid}." if item.pmid else "")
    text = f"{names}. {item.title.rstrip('.')}. {journal}. {work.year}{place}.{ids}"
    return None if _MARKUP.search(text) else text


def _name(name: Name) -> str:
    initials = "".join(word[0] for word in re.findall(r"[^\W\d_]+", name.given or "") if word[0].isupper())[:3]
    return f"{name.family} {initials or 'A'}" if name.family else ""


def _words(element: etree._Element | None) -> str | None:
    return " ".join("".join(map(str, element.itertext())).split()) if element is not None else None


def _in_abstract(block: Block) -> bool:
    return block.headings[:1] == ("Abstract",)


def _sentences(document: Document, block: Block) -> list[tuple[tuple[str, ...], str]]:
    """The sentences of a block with the works that each cites; one that a wiki would not hold as it is, is empty."""
    works = document.works
    found = []
    for span in sentence_spans(document.text, block.start, block.end, document.markers):
        markers = markers_within(document.markers, span.start, span.end)
        cited = sorted({works[n].id for marker in markers for n in marker.numbers if n in works})
        found.append((tuple(cited), _clean(without_markers(document.text, span.start, span.end, document.markers))))
    return found


def _clean(sentence: str) -> str:
    sentence = re.sub(r"\s+([.,;:])", r"\1", _EMPTIED.sub("", sentence))
    sentence = re.sub(r"[\s,;:–—-]+\.$", ".", sentence)
    return sentence if _SENTENCE.fullmatch(sentence) and not _MARKUP.search(sentence) else ""


def _background(sentences: Sequence[tuple[tuple[str, ...], str]]) -> list[Sentences]:
    """What an introduction says on no one's authority, and not in continuation of what it cites."""
    runs = _runs("" if works or _ABOUT_ITSELF.search(words) else words for works, words in sentences)
    return [run for run in runs if not _CONTINUES.match(run[0])]


def _runs(sentences: Iterable[str]) -> list[Sentences]:
    """The sentences that follow on each other; an empty one parts them."""
    return [tuple(run) for given, run in groupby(sentences, bool) if given]


def _abstract(document: Document) -> Iterable[tuple[str, Sentences]]:
    for block in document.blocks:
        if _in_abstract(block) and block.kind == "paragraph":
            sentences = tuple(sentence for _, sentence in _sentences(document, block) if sentence)
            label = block.headings[-1] if len(block.headings) > 1 else ""
            if sentences:
                yield (label if _LABEL.fullmatch(label) else "", sentences)
