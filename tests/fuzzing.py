"""Every reader on broken input, and on input that grows: ``make fuzz``.

Pages of all forms are cut, doubled, spliced and strewn with marks, bytes and hostile runs; each is read as a file of
unknown form and by every reader. Reading must end with a sound document or an error of loccit's own.
"""

import argparse
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from corpus import Document
from corpus.decoding import decode
from corpus.errors import LoccitError
from corpus.readers import readers
from corpus.sources import EMBEDDED, read_text
from tests.documents import PIECES
from tests.samples import SAMPLES

__all__ = ["check_document", "hostile", "mutated", "seeds"]

SLOW = 5.0
"""Seconds that reading an input of this size may take at most."""
LONGEST = 40_000
"""Characters of an input, so that many fit into a minute."""
SIZES = (10_000, 100_000, 1_000_000, 10_000_000)

_TOKENS = (
    *PIECES, "[(", ")]", "[(a>", "[(#1)]", "~~REFNOTES~~", "<p>", "</p>", "<div>", "</div>", "<sup>",
    "<a href='#fn__1'>", "<sec>", "</sec>", '<xref ref-type="bibr" rid="r1">', "</xref>", "<ref id='r1'>", "&amp;",
    "&", "&#0;", "&#x110000;", "<!--", "-->", "<![CDATA[", "]]>", "<!DOCTYPE a [<!ENTITY b 'c'>]>", "&b;", "<?x",
    "[^1]", "[^1]: ", "^[", "[1]", "[1-3]", "[1, 2]", "(1)", "(1,2)", "```", "- ", "1. ", "# ", "***", "_", "`",
    "|---|", "\r", "\ufeff", "\u202e", "\u200b", "\ud7ff", "\ufffd", "\x7f", "\x1a", "References\n", "et al.",
    "doi: 10.1/", "PMID: ", "—",
)  # fmt: skip


def seeds(shared: Path | None = None) -> list[str]:
    """Pages to begin with: one of each form, the embedded page, and what lies in the shared folder."""
    files = [*EMBEDDED.glob("*.txt")]
    if shared and shared.is_dir():
        names = ("corpus/*.txt", "data/dokuwiki/*", "data/jats/*.nxml", "data/covidqa/documents/*.txt")
        files += [file for name in names for file in sorted(shared.glob(name))[:20]]
    return [*(sample(6) for sample in SAMPLES.values()), *(file.read_text("utf-8")[: 4 * LONGEST] for file in files)]


def hostile(n: int) -> dict[str, str]:
    """Runs of about `n` characters that make careless readers slow, deep or large."""
    return {
        "open notes": "((" * (n // 2),
        "open named notes": "[(a>" * (n // 4),
        "open links": "[[" * (n // 2),
        "open brackets": "[" * n,
        "open tags": "<div>" * (n // 5),
        "open sections": "<article><body>" + "<sec>" * (n // 5),
        "unclosed attributes": "<p " + 'a="' * (n // 3),
        "entities": "&amp" * (n // 4),
        "nested quotations": ">" * n,
        "nested items": "".join(" " * (2 * i) + "* a\n" for i in range(1, int(n**0.5))),
        "stars": "*a _b " * (n // 6),
        "backquotes": "`" * n,
        "footnotes": "[^1]" * (n // 4),
        "bars": "|" * n,
        "equals": "=" * n,
        "one line": "word " * (n // 5),
        "one word": "a" * n,
        "marks": "a1) [2] (3) " * (n // 12),
        "numbers": "1)\n" * (n // 3),
        "headings": "A\n\n" * (n // 3),
        "combining": "e\u0301" * (n // 2),
        "control": "a\x01" * (n // 2),
        "right to left": "\u202eא " * (n // 3),
    }


def mutated(pages: list[str], random_numbers: random.Random) -> str:
    """A page cut out of the seeds and changed in up to twelve places."""
    page = _part(random_numbers.choice(pages), random_numbers)
    for _ in range(random_numbers.randrange(12)):
        at = random_numbers.randrange(len(page) + 1)
        to = min(len(page), at + random_numbers.choice((0, 1, 5, 50, 500)))
        kind = random_numbers.randrange(6)
        inserted = {
            0: "",
            1: random_numbers.choice(_TOKENS),
            2: page[at:to] * 2,
            3: _part(random_numbers.choice(pages), random_numbers)[:2_000],
            4: random_numbers.choice(_TOKENS) * random_numbers.choice((3, 30, 3_000)),
            5: "".join(random_numbers.choices(_TOKENS, k=20)),
        }[kind]
        page = page[:at] + inserted + page[to if kind in {0, 2} else at :]
    return page[:LONGEST]


def _part(page: str, random_numbers: random.Random) -> str:
    start = random_numbers.randrange(len(page) + 1)
    whole = random_numbers.random() < 0.5
    return page[:LONGEST] if whole else page[start : start + random_numbers.randrange(1, LONGEST)]


def check_document(document: Document) -> None:
    """Raises `AssertionError` unless all offsets of a document are in order and inside its text."""
    for before, after in zip((None, *document.blocks), document.blocks, strict=False):
        assert 0 <= (before.end if before else 0) <= after.start < after.end <= len(document.text)
        assert document.text[after.start : after.end].strip() == document.text[after.start : after.end]
    for before_mark, mark in zip((None, *document.markers), document.markers, strict=False):
        assert 0 <= (before_mark.end if before_mark else 0) <= mark.start < mark.end <= len(document.text)
        assert mark.numbers
    for finding in document.findings:
        assert finding.span is None or 0 <= finding.span.start <= finding.span.end <= len(document.text)


def _read(page: str, form: str | None, original: bytes | None) -> Document | None:
    """The document, or None if it was refused as it should be."""
    try:
        text = page if original is None else decode(original)[0]
        return read_text(text, identity="page", form=form)
    except LoccitError:
        return None


def fuzz(seconds: float, seed: int, pages: list[str], told: Callable[[str], None]) -> Counter[str]:
    """Reads mutated pages by every reader in turn for so long. Returns counts of runs and of failures."""
    random_numbers = random.Random(seed)
    counts: Counter[str] = Counter()
    forms = [*(reader.form for reader in readers()), None]
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        page = mutated(pages, random_numbers)
        for form in forms:
            original = _bytes(page, random_numbers) if form is None else None
            began = time.perf_counter()
            document = None
            try:
                document = _read(page, form, original)
                if document is not None:
                    check_document(document)
            except Exception as error:  # whatever it is, it should not have come
                counts[f"{form}: failed"] += 1
                told(f"{form} failed on {(page if original is None else original)!r:.400}: {error!r}")
            counts[f"{form}: read" if document is not None else f"{form}: refused"] += 1
            if (took := time.perf_counter() - began) > SLOW:
                counts[f"{form}: slow"] += 1
                told(f"{form} took {took:.1f} s for {page!r:.400}")
    return counts


def _bytes(page: str, random_numbers: random.Random) -> bytes:
    """A file with the page, in one of several encodings, sometimes with broken bytes."""
    encoding = random_numbers.choice(("utf-8", "utf-8", "utf-16", "utf-16-le", "cp1252", "utf-32"))
    original = bytearray(page.encode(encoding, errors="replace"))
    for _ in range(random_numbers.choice((0, 0, 1, 20))):
        if original:
            original[random_numbers.randrange(len(original))] = random_numbers.randrange(256)
    return bytes(original)


def growth() -> Iterator[tuple[str, list[float]]]:
    """For each form, the seconds of reading a page of its own, and hostile runs in sum, at each of `SIZES`."""
    for reader in readers():
        sample = SAMPLES[reader.form]
        each = len(sample(100)) / 100
        yield f"{reader.form}, a page", [_seconds(sample(max(1, int(size / each))), reader.form) for size in SIZES]
        for name in hostile(10):
            yield f"{reader.form}, {name}", [_seconds(hostile(size)[name], reader.form) for size in SIZES[:-1]]


def _seconds(page: str, form: str) -> float:
    began = time.perf_counter()
    _read(page, form, None)
    return time.perf_counter() - began


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--shared", type=Path, default=Path("../shared"), help="a folder of larger sources")
    arguments = parser.parse_args()
    print(f"{'seconds to read':44}" + "".join(f"{size:>12,}" for size in SIZES))
    for name, seconds in growth():
        print(f"{name:44}" + "".join(f"{each:12.3f}" for each in seconds), flush=True)
    print(f"most memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB", flush=True)
    counts = fuzz(60 * arguments.minutes, arguments.seed, seeds(arguments.shared), lambda line: print(line, flush=True))
    for name, count in sorted(counts.items()):
        print(f"{name:44}{count:12,}")
    sys.exit(any(name.endswith(("failed", "slow")) for name in counts))


if __name__ == "__main__":
    main()
