"""DokuWiki markup with ``((footnotes))``, read as DokuWiki's own renderer would show it.

Reading goes in three steps. What the wiki does not look into (code, verbatim text, links) and what it
sets apart (footnotes) is first replaced by placeholders, each one character of the private use area.
Then lines are gathered into blocks. Last, each block's text is written out: formatting marks go, and
each footnote becomes the next number.

Source of the syntax: https://www.dokuwiki.org/wiki:syntax, and the lexer modes of DokuWiki's parser.
"""

import re
from collections.abc import Iterator

import msgspec

from corpus.documents import Block, BlockKind, Marker, Reference, Work
from corpus.readers.reading import Reader, Reading
from corpus.readers.typography import typeset
from corpus.references import parse_work

__all__ = ["DOKUWIKI"]

_VERBATIM = r"%%.*?%%|<nowiki>.*?</nowiki>"
_APART = re.compile(
    r"(?P<code><(?P<tag>code|file)\b[^>]*>.*?</(?P=tag)>)"
    rf"|(?P<verbatim>{_VERBATIM})"
    rf"|(?P<footnote>\(\((?:{_VERBATIM}|(?!\)\)).)*\)\))"
    r"|(?P<link>\[\[(?:(?!\]\]).)+\]\])"
    r"|(?P<media>\{\{(?:(?!\}\}).)+\}\})"
    r"|(?P<url>\b(?:https?|ftp)://[^\s<>\"|]*[^\s<>\"|.,;:!?)\]'*])"
    r"|(?P<mail><[\w.+-]+@[\w.-]+>)"
    r"|(?P<preformatted>(?:^(?:[ ]{2,}|\t[ \t]*)(?![ \t]*[*-])\S[^\n]*(?:\n|\Z))+)"
    r"|(?P<macro>~~[A-Z][A-Z:=\w]*~~)",
    re.DOTALL | re.MULTILINE,
)
_FIRST_PLACEHOLDER = 0xF0000
_HEADING = re.compile(r"^[ \t]*(={2,6})([^\n]+?)={2,}[ \t]*$")
_LIST_ITEM = re.compile(r"^((?:[ ]{2})+[ ]?|\t+)[*-][ \t]*(.*)$")
_QUOTATION = re.compile(r"^(>+)[ \t]?(.*)$")
_RULE = re.compile(r"^[ \t]*-{4,}[ \t]*$")
_FORMATTING = re.compile(
    r"\*\*(?P<bold>(?=\S).+?)\*\*|//(?P<italic>.+?)(?<!:)//|__(?P<underline>.+?)__|''(?P<mono>.+?)''"
    r"|<(?P<tag>sub|sup|del)>(?P<tagged>.+?)</(?P=tag)>",
    re.DOTALL,
)
_SECTION_HEADING = re.compile(r"^[ \t]*={2,6}[ \t]*[^\s=][^\n]*?={2,6}[ \t]*$", re.MULTILINE)
_CITING_FOOTNOTE = re.compile(
    r"\(\((?=[A-Z]|https?:)(?=(?:(?!\)\)|\n\n).)*(?:\bdoi\b|PMID|https?://|\b(?:19|20)\d\d\b))"
    r"(?:(?!\)\)|\n\n).)+\)\)"
)
"""A footnote that cites: double brackets alone also stand in formulas."""
_LINE_BREAK = re.compile(r"\\\\(?:[ \t]|(?=\n|$))")


class _Apart(msgspec.Struct, frozen=True):
    kind: str
    source: str


class _Line(msgspec.Struct, frozen=True):
    """One block of the page before its text is written out."""

    kind: BlockKind
    source: str
    level: int = 0


def _recognises(text: str) -> bool:
    return bool(_SECTION_HEADING.search(text) or _CITING_FOOTNOTE.search(text))


def _read(text: str) -> Reading:
    private = re.sub(f"[{chr(_FIRST_PLACEHOLDER)}-\U000ffffd]", "\N{REPLACEMENT CHARACTER}", text)
    page, apart = _set_apart(private)
    return _Writer(apart).write(_blocks(page, apart))


def _set_apart(text: str) -> tuple[str, list[_Apart]]:
    """The page with placeholders, and what they stand for."""
    apart: list[_Apart] = []

    def replace(match: re.Match[str]) -> str:
        kind = match.lastgroup or ""
        kind = "code" if match["code"] is not None else kind
        apart.append(_Apart(kind, match.group()))
        placeholder = chr(_FIRST_PLACEHOLDER + len(apart) - 1)
        return f"\n{placeholder}\n" if kind in ("code", "preformatted") else placeholder

    return _APART.sub(replace, text), apart


def _blocks(page: str, apart: list[_Apart]) -> Iterator[_Line]:
    """The lines of a page gathered into blocks: a paragraph or a quotation may take several."""
    kind: BlockKind = "paragraph"
    gathered: list[str] = []

    def flush() -> Iterator[_Line]:
        if any(line.strip() for line in gathered):
            yield _Line(kind, "\n".join(gathered))
        gathered.clear()

    for line in page.split("\n"):
        single = _single(line, apart)
        quoted = _QUOTATION.match(line)
        if single or not line.strip() or kind != ("quotation" if quoted else "paragraph"):
            yield from flush()
        if single:
            yield single
        elif quoted:
            kind = "quotation"
            gathered.append(quoted[2].strip())
        else:
            kind = "paragraph"
            gathered.append(line.strip())
    yield from flush()


def _single(line: str, apart: list[_Apart]) -> _Line | None:
    """A block that is one line: heading, list item, table row, code; or a rule, which is nothing."""
    if heading := _HEADING.match(line):
        return _Line("heading", heading[2].strip(), 7 - len(heading[1]))
    if item := _LIST_ITEM.match(line):
        return _Line("list_item", item[2].strip(), len(item[1].expandtabs(2)) // 2)
    if re.match(r"^[|^].*[|^][ \t]*$", line):
        return _Line("table_row", line.strip())
    if _RULE.match(line):
        return _Line("paragraph", "")
    if len(line) == 1 and (thing := _thing(line, apart)) and thing.kind in ("code", "preformatted"):
        return _Line("code", line)
    return None


def _thing(character: str, apart: list[_Apart]) -> _Apart | None:
    index = ord(character) - _FIRST_PLACEHOLDER
    return apart[index] if 0 <= index < len(apart) else None


class _Writer:
    """Writes the blocks of a page out into its canonical text, numbering footnotes on the way."""

    def __init__(self, apart: list[_Apart]) -> None:
        self._apart = apart
        self._text = ""
        self._headings: list[tuple[int, str]] = []
        self._title: str | None = None
        self._blocks: list[Block] = []
        self._markers: list[Marker] = []
        self._works: list[Work] = []

    def write(self, lines: Iterator[_Line]) -> Reading:
        previous: _Line | None = None
        for line in lines:
            nested = previous is not None and previous.kind == "list_item" and line.level > previous.level
            if self._write_block(line, "\n" if nested and line.kind == "list_item" else "\n\n"):
                previous = line
        return Reading(
            text=self._text,
            title=self._title,
            footnotes=True,
            blocks=tuple(self._blocks),
            markers=tuple(self._markers),
            references=tuple(Reference(number, work) for number, work in enumerate(self._works, 1)),
        )

    def _write_block(self, line: _Line, separator: str) -> bool:
        separator = separator if self._text else ""
        known = len(self._markers)
        start = len(self._text) + len(separator)
        written = self._block_text(line, start)
        if not written.strip():
            del self._markers[known:]
            return False
        self._text += separator + written
        if line.kind == "heading":
            self._enter_section(line.level, written)
        headings = () if line.kind == "heading" else tuple(heading for _, heading in self._headings)
        self._blocks.append(Block(line.kind, start, len(self._text), headings))
        return True

    def _enter_section(self, level: int, heading: str) -> None:
        """The first heading of the page is its title, and stands above all others."""
        if self._title is None and not self._blocks:
            self._title = heading
            return
        self._headings = [(above, text) for above, text in self._headings if above < level]
        self._headings.append((level, heading))

    def _block_text(self, line: _Line, start: int) -> str:
        if line.kind == "heading":
            return "".join(thing.source if (thing := _thing(c, self._apart)) else c for c in line.source)
        if line.kind == "code":
            return _code_text(self._apart[ord(line.source) - _FIRST_PLACEHOLDER])
        if line.kind == "table_row":
            cells = [_formatted(cell).strip() for cell in re.split(r"[|^]", line.source)]
            return self._expanded(" ".join(cell for cell in cells if cell and cell != ":::"), start)
        return self._expanded(_formatted(line.source).strip(), start)

    def _expanded(self, text: str, start: int) -> str:
        """The text with its placeholders written out; `start` is where it will stand in the page."""
        pieces: list[str] = []
        length = 0
        for character in text:
            thing = _thing(character, self._apart)
            piece = character
            if thing and thing.kind == "footnote":
                piece = self._mark(thing, start + length)
            elif thing:
                piece = _written(thing)
            pieces.append(piece)
            length += len(piece)
        return "".join(pieces)

    def _mark(self, footnote: _Apart, start: int) -> str:
        self._works.append(parse_work(_note_text(footnote.source[2:-2])))
        number = len(self._works)
        mark = f"{number})"
        self._markers.append(Marker(start, start + len(mark), (number,)))
        return mark


def _formatted(source: str) -> str:
    """A source without its formatting marks, typographic signs set; formatting may be nested."""
    text = _LINE_BREAK.sub("\n", source)
    previous = None
    while previous != text:
        previous = text
        text = _FORMATTING.sub(lambda match: next(filter(None, match.groups()[:4]), match["tagged"] or ""), text)
    return typeset(text)


def _note_text(source: str) -> str:
    """What a reader sees of a footnote; a footnote does not nest."""
    page, apart = _set_apart(source)
    formatted = _formatted(page)
    return "".join(_written(thing) if (thing := _thing(c, apart)) else c for c in formatted)


def _written(thing: _Apart) -> str:
    """What a reader sees of something set apart."""
    source = thing.source
    target, _, label = source[2:-2].partition("|")
    seen = {
        "verbatim": source[2:-2] if source.startswith("%%") else source[8:-9],
        "link": label.strip() or _link_name(target.strip()),
        "media": label.strip(),
        "mail": source[1:-1],
        "macro": "",
    }
    return _code_text(thing) if thing.kind in ("code", "preformatted") else seen.get(thing.kind, source)


def _link_name(target: str) -> str:
    """What a link without a label shows: an address whole, of a page the last part of its name."""
    if "://" in target or "@" in target:
        return target
    if ">" in target:
        return target.partition(">")[2]
    return target.partition("#")[0].rpartition(":")[2] or target.lstrip("#")


def _code_text(thing: _Apart) -> str:
    if thing.kind == "code":
        return re.sub(r"^<[^>]*>\n?|</\w+>$", "", thing.source).rstrip()
    lines = thing.source.rstrip().split("\n")
    return "\n".join(line[1:] if line.startswith("\t") else line[2:] for line in lines).strip("\n")


DOKUWIKI = Reader(form="dokuwiki", recognises=_recognises, read=_read)
