"""The body of an article as blocks: a walk over its elements, without recursion, that writes what a reader sees."""

from corpus.documents import Block, BlockKind, Marker
from corpus.readers.jats_callouts import Callout, ReferenceOrder, find_markers
from corpus.readers.jats_inline import BREAK, CLOSE, Opening, Piece, assembled, formula_text
from corpus.readers.jats_targets import SCOPES, Scope, Targets
from corpus.readers.jats_xml import Element, line

__all__ = ["ArticleBlocks"]

_SKIPPED = frozenset(
    {
        "journal-meta", "ref-list", "processing-meta", "permissions", "tex-math", "graphic", "inline-graphic",
        "alt-text", "long-desc", "object-id", "sec-meta", "contrib-group", "author-notes", "aff", "annotation",
        "kwd-group", "index-term", "index-term-range-end", "table-count", "counts", "custom-meta-group", "extended-by",
        "related-object", "funding-source", "award-group", "col", "colgroup", "sig-block", "ref", "front-matter",
    }
)  # fmt: skip
_SHOWN_OF_META = frozenset({"title-group", "abstract", "trans-abstract"})
_CHOSEN = {
    "article-meta": _SHOWN_OF_META,
    "front-stub": _SHOWN_OF_META,
    "title-group": frozenset({"article-title", "subtitle"}),
}
"""Of what tells about an article, that which is read as its text."""
_FLOATS = frozenset(
    {"fig", "fig-group", "table-wrap", "table-wrap-group", "boxed-text", "supplementary-material", "media", "fn"}
)
"""What stands within a paragraph in the source, and beside it on the page."""
_KINDS: dict[str, BlockKind] = {
    "list-item": "list_item",
    "def-item": "list_item",
    "disp-quote": "quotation",
    "verse-group": "quotation",
    "caption": "caption",
    "table-wrap-foot": "caption",
    "supplementary-material": "caption",
    "media": "caption",
    "tr": "table_row",
    "row": "table_row",
    "code": "code",
    "preformat": "code",
    "boxed-text": "paragraph",
    "sec": "paragraph",
}
_JOINED = frozenset({"tr", "row", "def-item"})
"""What is one line, however it is divided."""
_TITLES = frozenset({"title", "article-title", "subtitle"})
_FLOWING = _TITLES | {"p", "label", "speaker", "attrib", "verse-line", "code", "preformat"}
_CONTAINERS = frozenset(
    {
        "abstract", "trans-abstract", "sub-article", "response", "sec", "app", "app-group", "ack", "notes", "glossary",
        "fn-group", "bio", "list", "def-list", "statement", "fig", "fig-group", "table-wrap", "table-wrap-group",
        "table", "fn", "floats-group", "speech", "def", "body", "back",
    }
)  # fmt: skip
_PLACES = frozenset(
    {
        "abstract", "trans-abstract", "sub-article", "response", "sec", "app", "ack", "notes", "glossary", "fig",
        "fig-group", "table-wrap", "table-wrap-group", "boxed-text", "supplementary-material", "fn-group",
    }
)  # fmt: skip
"""What a place in the article is told by; elsewhere by the paragraph's own id."""
_SPACED = frozenset(
    {"td", "th", "entry", "term", "def", "disp-formula", "disp-formula-group", "chem-struct-wrap", "list-item", "p"}
)
_FRAMED = _FLOWING | _CONTAINERS | frozenset(_KINDS)
_BOUNDARIES = _SPACED | _FRAMED
"""Where words end."""
_DEEPEST = 16
"""Headings beyond so many levels are no longer put above the blocks, which bounds what they take."""
_ENTITLED = frozenset({"fig", "table-wrap", "boxed-text"})
_CAPTION_LENGTH = 200
"""A longer caption is no title of its table."""
_FORMULAS = frozenset({"inline-formula", "disp-formula"})
_NO_REFERENCES = frozenset(
    {
        "fig", "table", "table-fn", "boxed-text", "sec", "app", "aff", "corresp", "author-notes", "contrib", "bio",
        "disp-formula", "supplementary-material", "list", "plate", "scheme", "statement", "chem", "award", "collab",
    }
)  # fmt: skip
"""What links say that they lead to, if not to references: an id may be that of a reference by mistake."""
_LABELLED = 4
"""So many levels below the element that has it a label stands before the first words."""


class _Frame:
    """An element around the place at hand, as far as it matters to the blocks in it."""

    __slots__ = ("above", "floats", "flowing", "headings", "joined", "kind", "label", "place", "scope", "tag")

    def __init__(self, tag: str, around: "_Frame | None", place: str | None) -> None:
        self.tag = tag
        self.kind: BlockKind = _KINDS.get(tag) or (around.kind if around else "paragraph")
        self.above: tuple[str, ...] = around.headings if around else ()
        self.headings: tuple[str, ...] = self.above
        inherited = around.place if around else None
        self.place: str | None = (place or inherited) if tag in _PLACES else (inherited or place)
        self.flowing = tag in _FLOWING or tag in _JOINED
        self.joined = tag in _JOINED
        self.scope: Scope = around.scope if around else None
        self.label: list[Piece] = []
        self.floats: list[Element] = []


class ArticleBlocks:
    """The canonical text of an article, its blocks and its markers."""

    def __init__(self, article: Element, targets: Targets, order: ReferenceOrder) -> None:
        self.title: str | None = None
        self.blocks: list[Block] = []
        self.markers: list[Marker] = []
        self.unresolved: list[str] = []
        """What callouts point to that is no reference."""
        self.ambiguous: list[str] = []
        """Ids that several references have, by callouts whose words do not tell which is meant."""
        self.silent: list[int] = []
        """Numbers of callouts that show nothing."""
        self.formulas = 0
        """How many formulas have no form that can be read."""
        self._targets = targets
        self._order = order
        self._texts: list[str] = []
        self._length = 0
        self._pieces: list[Piece] = []
        self._frames = [_Frame("article", None, None)]
        self._walk(article)

    @property
    def text(self) -> str:
        """All that has been written."""
        return "".join(self._texts)

    def _walk(self, article: Element) -> None:
        todo: list[tuple[Element, str]] = [(article, "enter")]
        while todo:
            element, step = todo.pop()
            if step == "tail":
                self._add(element.tail)
            elif step == "leave":
                self._leave(str(element.tag))
            elif step == "end":
                todo += [(each, "float") for each in reversed(self._end())]
            elif step == "float" or not self._set_aside(element):
                depth = len(self._frames)
                children = self._enter(element)
                todo += [(element, "tail")] if step == "enter" else []
                todo += [(element, "leave" if len(self._frames) == depth else "end")] if children is not None else []
                todo += [(child, "enter") for child in reversed(children or [])]
            else:
                todo.append((element, "tail"))
        self._flush()

    def _set_aside(self, element: Element) -> bool:
        """Keeps what floats until its paragraph has ended."""
        frame = self._frames[-1]
        floats = frame.flowing and element.tag in _FLOATS
        if floats:
            frame.floats.append(element)
        return floats

    def _enter(self, element: Element) -> list[Element] | None:
        """What an element begins; its children that are to be entered, or None if it is done with."""
        tag = str(element.tag)
        in_title = self._frames[-1].tag == "article-title"
        if in_title and tag == "xref" and element.get("ref-type") != "bibr":
            return None
        if tag in _SKIPPED or (tag in _FORMULAS and not self._can_read(element)):
            return None
        if tag in _CHOSEN:
            return [child for child in element if child.tag in _CHOSEN[tag]]
        if tag == "math":
            self._pieces.append(formula_text(element))
            return None
        self._begin(element, tag)
        self._add(element.text)
        return _preferred(element) if tag == "alternatives" else list(element)

    def _can_read(self, formula: Element) -> bool:
        """Whether a formula has more than its source in TeX or its picture."""
        words = (child for child in formula.iter() if child.tag not in _SKIPPED and child.tag != "label")
        readable = any((child.text or "").strip() for child in words)
        self.formulas += not readable
        return readable

    def _begin(self, element: Element, tag: str) -> None:
        """Begins a line, a callout, or a frame; or nothing, for what stands in a line."""
        frame = self._frames[-1]
        if tag == "break":
            self._pieces.append(" " if frame.joined or frame.kind == "heading" else BREAK)
        elif tag == "xref":
            self._open_callout(element)
        elif frame.joined or (tag == "label" and frame.flowing):
            self._pieces += [" "] if tag in _BOUNDARIES else []
        elif tag in _FRAMED:
            self._begin_frame(element, tag)
        elif tag in _SPACED:
            self._pieces.append(" ")

    def _begin_frame(self, element: Element, tag: str) -> None:
        self._flush()
        around = self._frames[-1]
        frame = _Frame(tag, around, element.get("id"))
        frame.scope = element if tag in SCOPES else frame.scope
        if tag in _TITLES and around.tag != "caption":
            frame.kind = "heading"
        self._frames.append(frame)
        if tag in {"abstract", "trans-abstract"} and element.find("title") is None and line(element):
            self._write("heading", "Abstract", [])
            frame.headings = (*frame.above, "Abstract")

    def _leave(self, tag: str) -> None:
        if tag == "xref":
            self._pieces.append(CLOSE)
        elif tag in _BOUNDARIES:
            self._pieces.append(" ")

    def _end(self) -> list[Element]:
        """Ends what began a frame. Returns what floats beside it."""
        around, frame = self._frames[-2:]
        if frame.tag in {"label", "speaker"}:
            around.label, self._pieces = [*self._pieces, " "] if self._pieces else [], []
        else:
            written = self._flush()
            if frame.tag == "article-title" and self.title is None:
                self.title = written or None
            elif frame.kind == "heading" and frame.tag != "subtitle" and written:
                around.headings = (*around.above, written)[:_DEEPEST]
        self._frames.pop()
        return frame.floats

    def _open_callout(self, element: Element) -> None:
        ids = (element.get("rid") or "").split() if element.get("ref-type") not in _NO_REFERENCES else []
        printed = "" if element.find(".//xref") is not None else line(element)
        scope = self._frames[-1].scope
        found = {each: self._targets.find(each, printed, scope) for each in ids}
        lost = [each for each, number in found.items() if number is None]
        self.ambiguous += [each for each in lost if self._targets.reaches(each, scope)]
        for each in lost:
            if not self._targets.reaches(each, scope) and (element.get("ref-type") == "bibr" or each in self._targets):
                self.unresolved.append(each)
        self._pieces.append(Opening(tuple(dict.fromkeys(number for number in found.values() if number is not None))))

    def _add(self, text: str | None) -> None:
        if text:
            self._pieces.append(text)

    def _flush(self) -> str:
        """Writes the block at hand, unless it is empty, and begins another."""
        frame = self._frames[-1]
        text, callouts = assembled(self._pieces, verbatim=frame.kind == "code")
        labels = [piece for each in self._frames[-_LABELLED:] for piece in each.label] if text else []
        if labels:
            text, callouts = assembled([*labels, *self._pieces], verbatim=frame.kind == "code")
            for each in self._frames[-_LABELLED:]:
                each.label = []
        self.silent += [number for callout in callouts if callout.start == callout.end for number in callout.numbers]
        if text:
            self._write(frame.kind, text, [callout for callout in callouts if callout.start < callout.end])
            self._entitle(text)
        self._pieces = []
        return text

    def _entitle(self, text: str) -> None:
        """Puts the first words of a caption above what follows in the figure, table or box."""
        floats = [frame for frame in self._frames[-_LABELLED:] if frame.tag in _ENTITLED]
        if self._frames[-1].kind == "caption" and floats and floats[-1].headings == floats[-1].above:
            above = floats[-1].above
            for frame in self._frames[self._frames.index(floats[-1]) :]:
                frame.headings = (*above, text)[:_DEEPEST] if len(text) <= _CAPTION_LENGTH else above

    def _write(self, kind: BlockKind, text: str, callouts: list[Callout]) -> None:
        frame = self._frames[-1]
        self._texts += ["\n\n", text] if self._texts else [text]
        start = self._length + (2 if self._length else 0)
        self._length = start + len(text)
        headings = () if kind == "heading" else frame.headings
        self.blocks.append(Block(kind, start, self._length, headings, frame.place))
        for mark in find_markers(text, callouts, self._order):
            self.markers.append(Marker(start + mark.start, start + mark.end, mark.numbers))


def _preferred(element: Element) -> list[Element]:
    """Of alternatives the first that can be read."""
    return [child for child in element if child.tag not in _SKIPPED and child.tag != "media"][:1]
