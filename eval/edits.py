"""Edits of a page's source, as people make them, in which each word can be followed.

Words carry a tag behind them, a character of a private plane: what is moved keeps its tags, what is copied or
written anew has none. So what became of a passage is known from the edit, not from looking for its words.
"""

import random
import re
from collections.abc import Callable, Sequence

import msgspec

from corpus.documents import Form
from corpus.sources import read_text

__all__ = ["KINDS", "Page", "edited", "sentences", "tagged", "untagged"]

_FIRST_TAG, _LAST_TAG = 0xF0000, 0x10FFFD
_TAG = re.compile(f"[{chr(_FIRST_TAG)}-{chr(_LAST_TAG)}]")
_WORD = re.compile(r"(?<!\S)[^\W_]+(?=[.,;:]?(?:\s|$))")
_TAGGED_WORD = re.compile(rf"(?<!\S)[^\W\d_]{{4,}}{_TAG.pattern}")
_GAP = re.compile(r"\n(?:[ \t]*\n)+")
_SENTENCE_END = re.compile(r"\(\(|\)\)|(?<=[.!?])[ ](?=[A-Z])")
_NO_PROSE = ("=", " ", "\t", "|", "^", ">", "<", "{", "~", "•")
_NOTE = "Later L, Author A. A note that was added. J Added Notes. 2031;4(2):11-19."
_TYPOGRAPHY = str.maketrans({"'": "’", '"': "”", "-": "–"})


class Page(msgspec.Struct, frozen=True):
    """A source by the id of its document; `form` is that in which it is read."""

    id: str
    source: str
    form: Form


class _Parts(msgspec.Struct, frozen=True):
    """A source as paragraphs; `tail` holds the notes of an export, which no edit touches."""

    paragraphs: list[str]
    tail: str

    @property
    def prose(self) -> list[int]:
        """The paragraphs that are prose of some length."""
        return [i for i, each in enumerate(self.paragraphs) if _is_prose(each)]

    def page(self, page: Page) -> Page:
        """The page that these parts make."""
        source = "\n\n".join(filter(None, self.paragraphs)) + "\n" + self.tail
        return msgspec.structs.replace(page, source=source)


def tagged(source: str) -> str:
    """A source with a tag behind each word that stands between spaces, as far as the tags go."""
    numbers = iter(range(_FIRST_TAG, _LAST_TAG))
    return _WORD.sub(lambda word: word.group() + chr(next(numbers, 0x20)).strip(), source)


def untagged(text: str) -> str:
    """A text without its tags."""
    return _TAG.sub("", text)


def edited(kind: str, page: Page, rng: random.Random, bank: Sequence[str]) -> tuple[Page, ...]:
    """The pages that a tagged page becomes by an edit; `bank` holds sentences of elsewhere.

    Raises `IndexError` if the page has too little prose for it.
    """
    return KINDS[kind](page, rng, bank)


def sentences(paragraph: str) -> list[str]:
    """The sentences of a paragraph of a source, each with its notes, parted by single spaces.

    >>> sentences("It rose ((A. B.)). Then fell.")
    ['It rose ((A. B.)).', 'Then fell.']
    """
    found, start, depth = [], 0, 0
    for mark in _SENTENCE_END.finditer(paragraph):
        if mark.group() == " ":
            if not depth:
                found.append(paragraph[start : mark.start()])
                start = mark.end()
        else:
            depth = max(0, depth + (1 if mark.group() == "((" else -1))
    return [*found, paragraph[start:]]


def _is_prose(paragraph: str) -> bool:
    return not paragraph.startswith(_NO_PROSE) and len(paragraph.split()) > 12


def _parts(page: Page) -> _Parts:
    end = len(page.source)
    if page.form == "dokuwiki-export":
        end = len(read_text(page.source, identity=page.id, form=page.form).text)
    return _Parts(_GAP.split(page.source[:end].strip("\n")), page.source[end:])


def _on_paragraph(change: Callable[[str, random.Random, Sequence[str]], str]) -> "_Edit":
    """An edit of one paragraph of prose."""

    def edit(page: Page, rng: random.Random, bank: Sequence[str]) -> tuple[Page, ...]:
        parts = _parts(page)
        at = rng.choice(parts.prose)
        parts.paragraphs[at] = change(parts.paragraphs[at], rng, bank)
        return (parts.page(page),)

    return edit


def _on_page(change: Callable[[_Parts, random.Random, Sequence[str]], None]) -> "_Edit":
    """An edit of the paragraphs of a page."""

    def edit(page: Page, rng: random.Random, bank: Sequence[str]) -> tuple[Page, ...]:
        parts = _parts(page)
        change(parts, rng, bank)
        return (parts.page(page),)

    return edit


_Edit = Callable[[Page, random.Random, Sequence[str]], tuple[Page, ...]]


def _inserted_sentence(paragraph: str, rng: random.Random, bank: Sequence[str]) -> str:
    found = sentences(paragraph)
    found.insert(rng.randrange(len(found) + 1), rng.choice(bank))
    return " ".join(found)


def _deleted_sentence(paragraph: str, rng: random.Random, _: Sequence[str]) -> str:
    found = sentences(paragraph)
    del found[rng.randrange(len(found))]
    return " ".join(found)


def _reworded(share: float) -> Callable[[str, random.Random, Sequence[str]], str]:
    """Some words in the stead of others: a share of them, at least one."""

    def change(paragraph: str, rng: random.Random, bank: Sequence[str]) -> str:
        words = list(_TAGGED_WORD.finditer(paragraph))
        chosen = sorted(rng.sample(words, max(1, round(share * len(words)))), key=lambda word: -word.start())
        for word in chosen:
            others = [other for other in re.findall(r"[a-z]{4,}", rng.choice(bank)) if other != untagged(word.group())]
            paragraph = paragraph[: word.start()] + (others or ["otherwise"])[0] + paragraph[word.end() :]
        return paragraph

    return change


def _rewrapped(paragraph: str, rng: random.Random, _: Sequence[str]) -> str:
    width = rng.randrange(40, 90)
    lines, line = [], ""
    for word in paragraph.split(" "):
        # A line must not begin with what would begin a list or a table.
        if len(line) > width and word[:1].isalpha():
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return "\n".join([*lines, line])


def _typeset(paragraph: str, rng: random.Random, _: Sequence[str]) -> str:
    """Signs of typography and wide spaces, outside of notes and of what may be markup."""
    parts = re.split(r"(\(\(.*?\)\)|\S*[/\[\]{}<>*_=%~\\]\S*)", paragraph)
    spaced = [part.translate(_TYPOGRAPHY).replace(" ", rng.choice(["  ", " "])) if not i % 2 else part
              for i, part in enumerate(parts)]  # fmt: skip
    return "".join(spaced).replace("––", "--")


def _cut_in_two(paragraph: str, rng: random.Random, _: Sequence[str]) -> str:
    found = sentences(paragraph)
    at = rng.randrange(1, max(2, len(found)))
    return "\n\n".join(filter(None, (" ".join(found[:at]), " ".join(found[at:]))))


def _insert_paragraph(parts: _Parts, rng: random.Random, bank: Sequence[str]) -> None:
    parts.paragraphs.insert(rng.choice(parts.prose), " ".join(rng.choices(bank, k=3)))


def _delete_paragraph(parts: _Parts, rng: random.Random, _: Sequence[str]) -> None:
    del parts.paragraphs[rng.choice(parts.prose)]


def _replace_paragraph(parts: _Parts, rng: random.Random, bank: Sequence[str]) -> None:
    parts.paragraphs[rng.choice(parts.prose)] = " ".join(rng.choices(bank, k=3))


def _move_paragraph(parts: _Parts, rng: random.Random, _: Sequence[str]) -> None:
    source, to = rng.sample(parts.prose, 2)
    paragraph = parts.paragraphs.pop(source)
    parts.paragraphs.insert(to, paragraph)


def _join_paragraphs(parts: _Parts, rng: random.Random, _: Sequence[str]) -> None:
    at = rng.choice([i for i in parts.prose if i + 1 in parts.prose])
    parts.paragraphs[at : at + 2] = [f"{parts.paragraphs[at]} {parts.paragraphs[at + 1]}"]


def _copy_sentence(parts: _Parts, rng: random.Random, _: Sequence[str]) -> None:
    """Into another paragraph, since right beside it no one could tell the copy from the original."""
    source, to = rng.sample(parts.prose, 2)
    copy = untagged(rng.choice(sentences(parts.paragraphs[source])))
    found = sentences(parts.paragraphs[to])
    found.insert(rng.randrange(1, len(found) + 1), copy)
    parts.paragraphs[to] = " ".join(found)


def _copy_paragraph(parts: _Parts, rng: random.Random, _: Sequence[str]) -> None:
    source = rng.choice(parts.prose)
    to = rng.choice([i for i in parts.prose if abs(i - source) > 1])
    parts.paragraphs.insert(to + (to > source), untagged(parts.paragraphs[source]))


def _copy_and_reword(parts: _Parts, rng: random.Random, bank: Sequence[str]) -> None:
    source = rng.choice(parts.prose)
    to = rng.choice([i for i in parts.prose if abs(i - source) > 1])
    copy = untagged(parts.paragraphs[source])
    parts.paragraphs[source] = _reworded(0.05)(parts.paragraphs[source], rng, bank)
    parts.paragraphs.insert(to + (to > source), copy)


def _new_first_note(page: Page, *_: object) -> tuple[Page, ...]:
    """A note before all others; in an export, whose numbers are text, all are counted up."""
    parts = _parts(page)
    first = parts.prose[0]
    opening, *others = sentences(parts.paragraphs[first])
    if page.form != "dokuwiki-export":
        parts.paragraphs[first] = " ".join((f"{opening} (({_NOTE}))", *others))
        return (parts.page(page),)
    document = read_text(page.source, identity=page.id, form=page.form)
    body, at = [], 0
    for marker in document.markers:
        body += [document.text[at : marker.start], f"{marker.numbers[0] + 1})"]
        at = marker.end
    body.append(document.text[at:])
    counted = "".join(body).replace(opening, f"{opening} 1)", 1)
    tail = re.sub(r"^(\d+)\)", lambda number: f"{int(number[1]) + 1})", parts.tail, flags=re.MULTILINE)
    head, sign, notes = tail.partition("2)\n")
    return (msgspec.structs.replace(page, source=f"{counted}{head}1)\n{_NOTE}\n\n{sign}{notes}"),)


def _rename(page: Page, rng: random.Random, _: Sequence[str]) -> tuple[Page, ...]:
    return (msgspec.structs.replace(page, id=f"{page.id}_{rng.randrange(100)}"),)


def _split_page(page: Page, rng: random.Random, _: Sequence[str]) -> tuple[Page, ...]:
    parts = _parts(page)
    at = rng.choice(parts.prose[1:-1])
    second = msgspec.structs.replace(page, id=f"{page.id}_second")
    return (
        _Parts(parts.paragraphs[:at], parts.tail).page(page),
        _Parts(["====== Second ======", *parts.paragraphs[at:]], parts.tail).page(second),
    )


def _copy_to_other_page(page: Page, rng: random.Random, bank: Sequence[str]) -> tuple[Page, ...]:
    """A paragraph pasted into a new page, and a sentence next to the original written anew."""
    parts = _parts(page)
    source = rng.choice(parts.prose)
    pasted = ["====== Pasted ======", rng.choice(bank), untagged(parts.paragraphs[source]), rng.choice(bank)]
    parts.paragraphs[source] = _inserted_sentence(parts.paragraphs[source], rng, bank)
    return (parts.page(page), _Parts(pasted, "").page(msgspec.structs.replace(page, id="pasted", form="dokuwiki")))


KINDS: dict[str, _Edit] = {
    "sentence inserted": _on_paragraph(_inserted_sentence),
    "sentence deleted": _on_paragraph(_deleted_sentence),
    "a few words reworded": _on_paragraph(_reworded(0.05)),
    "a quarter reworded": _on_paragraph(_reworded(0.25)),
    "lines broken anew": _on_paragraph(_rewrapped),
    "typography changed": _on_paragraph(_typeset),
    "paragraph cut in two": _on_paragraph(_cut_in_two),
    "paragraphs joined": _on_page(_join_paragraphs),
    "paragraph inserted": _on_page(_insert_paragraph),
    "paragraph deleted": _on_page(_delete_paragraph),
    "paragraph replaced": _on_page(_replace_paragraph),
    "paragraph moved": _on_page(_move_paragraph),
    "sentence copied": _on_page(_copy_sentence),
    "paragraph copied": _on_page(_copy_paragraph),
    "copied, original reworded": _on_page(_copy_and_reword),
    "first footnote added": _new_first_note,
    "page renamed": _rename,
    "page split in two": _split_page,
    "pasted into another page": _copy_to_other_page,
}
"""The edits by what they do."""
