"""Where the parts of a citation string end: the full stops, question marks and brackets that close something."""

import re
from collections.abc import Iterator

from corpus.spans import Span

__all__ = ["count_small", "is_prose", "parts", "split_journal"]

_CLOSING = re.compile(r"[.?!][\"”’')\]]{0,3}(?=\s)")
_LAST_WORD = re.compile(r"[\w.'-]*$")
_SMALL_START = re.compile(
    r"[a-z]{1,3}[A-Z]|bioRxiv|medRxiv|arXiv|npj\b"
    r"|(?:van|von|de[lrn]?|della|di|da|dos|du|la|le|te[rn])\s(?:(?:de[rn]?|la)\s)?[A-Z]"
)
"""Names of journals and persons that begin with a small letter: ``eLife``, ``mBio``, ``van der Berg``."""
_OPEN = frozenset("vs St Dr Mr Mrs Ms Prof No Nr Fig Mt Ft cf ca eg ie var".split())  # noqa: SIM905
"""Abbreviations whose full stop ends nothing, though a capital or a figure follows."""
_JOURNAL_WORDS = frozenset(
    """
    acad acta adv am anaesth anesth anal anat ann annu antimicrob app appl arch assoc atheroscler bacteriol behav
    biochem biochim bioeng bioinform biol biomed biophys biosci biotechnol br bull calcif can cardiol cardiovasc
    cereb chem chemother chin chir circ clin cogn commun comp comput contemp crit curr cytol dent dermatol des dev
    dig dis discov ecol ed educ electroencephalogr embryol endocr endocrinol eng engl environ epidemiol ergon eur
    exp expert fed fertil fr front gastroenterol gastrointest gen genet genom geriatr gerontol gynecol haematol
    hematol hepatol histochem hosp hum hyg hypertens immun immunol ind infect inst int intern interv invest isr ital
    j jpn lab laryngol lett leuk lipid magn mar med mem ment metab meth microb microbiol mol morphol mt mutat n
    nanotechnol nat natl nephrol nerv neuroanat neurobiol neurochem neurodegener neuroendocrinol neuroimmunol neurol
    neuropathol neuropharmacol neurophysiol neuropsychiatry neuropsychol neuroradiol neurorehabil neurosci neurosurg
    nucl nucleic numer nurs nutr obstet occup oncol ophthalmol opin orthop otol otolaryngol paediatr parasitol
    pathol pediatr percept perspect pharm pharmacol pharmacother phil philos photochem phys physiol plast pract prac
    prev proc prog psychiatr psychol psychopharmacol psychosom psychother publ q quant radiat radiol rec recept reg
    regul rehabil relat ren rep reprod res resp respir rev rheum rheumatol sc scand sch schizophr sci ser soc
    spectrom stat stereotact stereotactic struct suppl surg symp syst tech technol ther thorac thromb top tox
    toxicol trans transfus transl trop tuberc univ urol vasc vet virol vis vitam zool
    """.split()  # noqa: SIM905
)
"""Abbreviations in names of journals (ISO 4), which stand with full stops in some styles."""
_SHORT = re.compile(r"[A-Z]\w{1,18}[b-df-hj-np-rtv-xz]")
_FULL = re.compile(
    r"Allergy|Autophagy|Blood|Bone|Brain|Cancer|Chest|Cell|Comment|Cortex|Ear|Editorial|Foot|Gut|Head|Health|Heart|Hip"
    r"|Human|Infant|Joint|Kidney|Lancet|Letter|Liver|Lung|Mind|Neck|Pain|Part|Plant|Prion|Protein|Report|Review"
    r"|Shock|Skin|Sleep|Soft|Thorax|[A-Z]+|\w+(?:ion|er|or|ing|ment|ity|ant|ent|al|ein|oid|ism|ful|ship|th|y)"
)
_CONNECTING = frozenset(
    "a an and as at by de del der des di for für in la le les of on or the to und with".split()  # noqa: SIM905
)


def parts(text: str, start: int, end: int) -> list[Span]:
    """The parts of ``text[start:end]`` between the marks that close one, each without the space around it.

    >>> text = "Growth of E. coli in St. Louis. A review. J. Biol."
    >>> [text[part.start:part.end] for part in parts(text, 0, len(text))]
    ['Growth of E. coli in St. Louis.', 'A review.', 'J.', 'Biol.']
    """
    found, left = [], start
    for right in _stops(text, start, end):
        found.append(_stripped(text, left, right))
        left = right
    found.append(_stripped(text, left, end))
    return [part for part in found if part.start < part.end]


def split_journal(text: str, start: int, end: int, *, whole: bool = False) -> int | None:
    """Where the journal that ends at `end` begins: the last part, with the abbreviations before it.

    Known abbreviations join it anywhere, unknown ones behind a title, or `whole`, where no title is awaited.

    >>> text = "Prions. Proc. Natl. Acad. Sci."
    >>> text[split_journal(text, 0, len(text)):]
    'Proc. Natl. Acad. Sci.'
    """
    found = [(part.start, text[part.start : part.end]) for part in parts(text, start, end)]
    if not found:
        return None
    first = len(found) - 1
    dotted = _may_be_dotted(found[first][1])
    while first:
        before = found[first - 1][1]
        if not _is_abbreviated(before) and not (dotted and (first > 1 or whole) and _seems_abbreviated(before)):
            break
        first -= 1
    return found[first][0]


def is_prose(text: str) -> bool:
    """Whether three words or more are small and no mere connecting words, as in titles and seldom in names.

    >>> is_prose("Two cases of surgery after a fall from height"), is_prose("Journal of the Society for Medicine")
    (True, False)
    """
    return count_small(text) >= 3


def count_small(text: str) -> int:
    """How many words of three letters or more are small and do not merely connect.

    >>> count_small("Growth of the bones of mice")
    2
    """
    small = (word for word in text.split() if word[0].islower() and len(word) > 2)
    return sum(word not in _CONNECTING for word in small)


def _stops(text: str, start: int, end: int) -> Iterator[int]:
    for match in _CLOSING.finditer(text, start, end):
        after = text[match.end() : match.end() + 16].lstrip()
        if text[match.start()] == "." and (_goes_on(after) or _is_open(text, start, match.start(), after)):
            continue
        yield match.end()


def _goes_on(after: str) -> bool:
    return after[:1].islower() and not _SMALL_START.match(after)


def _is_open(text: str, start: int, stop: int, after: str) -> bool:
    """Whether a full stop belongs to an abbreviation; that of ``U.S.`` ends a title where a journal follows."""
    word = _LAST_WORD.search(text, max(start, stop - 16), stop)
    if word is None or not word.group():
        return False
    initials = re.fullmatch(r"(?:\w\.)+\w", word.group()) and not _is_journal_word((after.split() or ["-"])[0])
    return word.group() in _OPEN or bool(initials)


def _is_abbreviated(part: str) -> bool:
    words = part.rstrip(".").split()
    return part.endswith(".") and len(words) <= 4 and all(_is_journal_word(word) for word in words)


def _may_be_dotted(journal: str) -> bool:
    """Whether the end of a journal is an abbreviation, and no other in it stands without a full stop."""
    *others, last = journal.rstrip(" .,").split() or [""]
    return not any(_is_journal_word(word) for word in others) and (_is_journal_word(last) or _seems_short(last))


def _seems_abbreviated(part: str) -> bool:
    """Whether a part may be the beginning of an abbreviated journal, as ``Wien. Klin.`` and ``World J.`` are."""
    words = part.rstrip(".").split()
    if not part.endswith(".") or not 0 < len(words) <= 3 or not all(word[0].isupper() for word in words):
        return False
    return words[-1] == "J" or _seems_short(words[-1]) or (len(words[-1]) > 1 and _is_journal_word(words[-1]))


def _seems_short(word: str) -> bool:
    """Whether a word ends as abbreviations do and full words that are journals or subtitles seldom do."""
    return bool(_SHORT.fullmatch(word)) and not _FULL.fullmatch(word)


def _is_journal_word(word: str) -> bool:
    return word[:1].isupper() and (len(word) == 1 or word.casefold().rstrip(".") in _JOURNAL_WORDS)


def _stripped(text: str, start: int, end: int) -> Span:
    part = text[start:end]
    return Span(start + len(part) - len(part.lstrip()), end - len(part) + len(part.rstrip()))
