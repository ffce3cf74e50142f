"""Works given out as CSL-JSON, BibTeX, RIS and a Vancouver line: nothing is lost, and other programs read it."""

import json
import random
import re
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import citeproc
import jsonschema
import pypandoc
import pytest
import rispy
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from corpus import Work
from corpus.bibliography import BibliographyFormat, bibliography, fullest, links, vancouver
from corpus.csl import Date, Item, Name
from corpus.references import parse_work
from corpus.sources import read_sources

SCHEMA = Path(__file__).with_name("data") / "csl-data.json"
READERS: dict[BibliographyFormat, str] = {"csl": "csljson", "bibtex": "bibtex", "ris": "ris"}
STYLE = Path(__file__).parents[1] / "corpus/bibliography/vancouver.csl"


def work(identity: str = "text:1", /, **fields: Any) -> Work:
    """A work with some fields, of a journal unless said otherwise."""
    return Work(id=identity, text="A note, word for word.", csl=Item(**{"type": "article-journal", **fields}))


NAMES = (
    Name(family="van der Berg", given="JA"),
    Name(family="O'Brien", given="P", suffix="Jr"),
    Name(family="Müller-Thomsen", given="Jean-Paul"),
    Name(family="Gómez y López", given="X"),
    Name(family="de Oliveira", given="AB", suffix="3rd"),
    Name(family="d’Ambrosio", given="C"),
    Name(family="al-Hadi", given="C"),
    Name(family="Van Duijn", given="CM"),
    Name(family="Van Duijn"),
    Name(family="Łukasiewicz", given="Ø"),
    Name(family="王", given="小明"),
    Name(literal="Department of Health, Education and Welfare"),
    Name(literal="The INSIGHT & {START} Study Group"),
)
NASTY = (
    work("doi:10.1/a", title="No author; p<0.05 & q>3, 100% of #4 in $x_i^2$ ~5", doi="10.1/a_b<1::c>(d);2-0#x"),
    work("doi:10.1/b", title="Of {braces} and {unclosed", author=NAMES, volume="12", issue="3 Pt 2", page="S45-S9"),
    work("doi:10.1/c", title=r"LaTeX-like \alpha, \textbf{x} and $\beta$ -- a--b ,, ``c''", page="e123; discussion 4"),
    work("doi:10.1/d", title="TNF-α, β-Amyloid и Ümläut: “quoted” and \"straight\" — 'single'?", page="12–15"),
    work("doi:10.1/e", title="Lines\nand\ttabs\u2028within", issued=Date(((2012, 11), (2012, 12)))),
    work("doi:10.1/f", container_title="J Bone & Joint {Surg} 50%", issued=Date(((1999, 5, 3),)), author=NAMES[:1]),
    work("text:1", type="document"),
    work("text:2", type="webpage", title="A sheet", url="https://example.org/a_b?c=%20d#e~f&g={h}"),
    work("text:3", type="chapter", title="A chapter", container_title="The Book: of Names", editor=NAMES[:2],
         publisher="Ash & Co", publisher_place="New York, NY", issued=Date(((1999,),)), edition="3", page="1-9"),
    work("text:4", type="book", title="A Book", publisher="Ash", isbn="978-3-16-148410-0", editor=NAMES[:1]),
    work("text:5", type="thesis", title="A thesis", publisher="A University"),
    work("text:6", type="report", title="A report", number="7", publisher="An Institute"),
    work("text:7", type="paper-conference", title="A paper", container_title="Proc & Co"),
    work("text:8", type="article", title="A preprint", genre="Review", language="de", pmcid="PMC1"),
    work("DOI:10.1/A", title="The same key but for case"),
)  # fmt: skip


def read(works: Sequence[Work], form: BibliographyFormat) -> list[dict[str, Any]]:
    """What pandoc, which shares no code with the writers, reads of some works."""
    found: list[dict[str, Any]] = json.loads(
        pypandoc.convert_text(bibliography(works, form), "csljson", format=READERS[form])
    )
    return found


def plain(text: Any) -> str:
    """A text in one line, all quotes and dashes alike, as pandoc has its own mind on these."""
    folded = " ".join(re.sub('[‘’`“”"]', "'", str(text or "")).replace("–", "-").split())
    return re.sub("'+", "'", folded).replace("--", "-")


def name(of: dict[str, str], form: BibliographyFormat) -> tuple[str, set[str]]:
    """A name with its particles; RIS has commas in no name, and pandoc takes its suffix for the given name."""
    parts = [of.get(key, "") for key in ("dropping-particle", "non-dropping-particle", "family", "literal")]
    whole = re.sub(r"\s", "", plain("".join(parts)))
    rest = {plain(of.get("given")), plain(of.get("suffix"))}
    return (whole.replace(",", "") if form == "ris" else whole), rest


def names(of: Sequence[dict[str, str]], form: BibliographyFormat) -> list[tuple[str, set[str]]]:
    """Some names, compared as `name` does."""
    return [name(each, form) for each in of]


def lost(works: Sequence[Work], form: BibliographyFormat) -> list[tuple[str, str, Any, Any]]:
    """The fields of works that an independent reader does not get back: id, field, what it was, what was read."""
    sent = json.loads(bibliography(works, "csl"))
    got = read(works, form)
    assert len(got) == len(sent)
    differ = []
    for a, b in zip(sent, got, strict=True):
        for field in ("title", "container-title", "volume", "issue", "page", "DOI", "author", "editor", "issued"):
            values = [each.get(field) for each in (a, b)]
            if field in {"author", "editor"}:
                alike = names(values[0] or [], form) == names(values[1] or [], form)
            elif field == "issued":
                alike = year(values[0]) == year(values[1])
            else:
                alike = plain(values[0]) == plain(values[1])
            if not alike:
                differ.append((a["id"], field, *values))
    return differ


def year(of: dict[str, list[list[int]]] | None) -> int | None:
    """The year of a date."""
    return of["date-parts"][0][0] if of else None


@cache
def real_works(shared: Path) -> tuple[Work, ...]:
    """The works of the seed page and of the real citation strings, each once."""
    (page,) = read_sources([shared / "corpus/cervical_spinal_metastases.txt"]).documents
    rows = (shared / "data/citations/pubmed_citations.tsv").read_text("utf-8").splitlines()[1:]
    works = [reference.work for reference in page.references] + [parse_work(row.split("\t", 1)[1]) for row in rows]
    return tuple({work.id: work for work in works}.values())


@pytest.mark.parametrize("form", ["csl", "bibtex", "ris"])
def test_hand_made_works_come_back(form: BibliographyFormat) -> None:
    """Signs that LaTeX, BibTeX, RIS or HTML would take for their own come back as they were."""
    # Without a title nothing but the note is given, and pandoc's RIS has no field for it. A lone brace is right in
    # LaTeX, but unknown to pandoc.
    expected = (
        [("doi:10.1/b", "title", "Of {braces} and {unclosed", "Of braces and unclosed")] if form == "bibtex" else []
    )
    assert lost(NASTY, form) == expected


@pytest.mark.parametrize("form", ["csl", "bibtex", "ris"])
def test_real_works_come_back(shared: Path, form: BibliographyFormat) -> None:
    """Of the real works nothing is lost, whichever the format."""
    works = real_works(shared)
    assert len(works) > 650
    assert lost(works, form) == []


@pytest.mark.parametrize("form", ["csl", "bibtex", "ris"])
def test_titles_thrown_together_come_back(form: BibliographyFormat) -> None:
    """Hundreds of titles of dangerous signs in every neighbourhood come back."""
    pieces = ["word", "α", " ", "{}", "{x}", *"\\%#&$_^~-,()]@=!1É"]
    chance = random.Random(4)
    titles = ["x" + "".join(chance.choices(pieces, k=12)) + "x" for _ in range(400)]
    assert lost([work(f"text:{at}", title=title) for at, title in enumerate(titles)], form) == []


def test_csl_json_is_valid(shared: Path) -> None:
    """Every record is valid by the schema of CSL-JSON, and has its id."""
    schema = json.loads(SCHEMA.read_text("utf-8"))
    for works in (NASTY, real_works(shared), ()):
        records = json.loads(bibliography(works, "csl"))
        jsonschema.validate(records, schema)
        assert [record["id"] for record in records] == [work.id for work in works]


def test_a_work_without_title_keeps_its_note() -> None:
    """Where nothing could be read, each format carries the citation word for word."""
    bare = parse_work("See the atlas & its 3rd map.")
    (record,) = json.loads(bibliography([bare], "csl"))
    assert (record["note"], record["type"]) == (bare.text, "document")
    assert r"note = \"See the atlas \& its 3rd map.\"".replace('\\"', '"') in bibliography([bare], "bibtex")
    assert rispy.loads(bibliography([bare], "ris"))[0]["notes"] == [bare.text]


def test_ris_has_identifiers_and_dates() -> None:
    """PMID, PMCID, date, language and publication type stand in the tags that reference managers read."""
    full = work(
        "pmid:7", title="T", issued=Date(((2001, 5, 3),)), pmid="7", pmcid="PMC9", language="de", genre="Review"
    )
    lines = bibliography([full], "ris").strip().splitlines()
    assert lines[0] == "TY  - JOUR"
    assert {"AN  - 7", "C2  - PMC9", "PY  - 2001", "DA  - 2001/05/03", "LA  - de", "M3  - Review"} <= set(lines)


def test_keys_of_bibtex_are_unique_and_safe() -> None:
    """Two ids that differ by case or by a sign that BibTeX forbids get two keys."""
    works = [work(each, title="T") for each in ("doi:10.1/a(b", "doi:10.1/a<b", "doi:10.1/A-b", "pmid:7")]
    keys = re.findall(r"@\w+\{(.*),", bibliography(works, "bibtex"))
    assert keys == ["doi:10.1/a-b", "doi:10.1/a-b::2", "doi:10.1/A-b::3", "pmid:7"]


def test_nothing_is_nothing() -> None:
    """No works make an empty bibliography in each format."""
    assert [bibliography([], form).strip() for form in READERS] == ["[]", "", ""]


# The Vancouver line


def test_the_style_is_valid_csl() -> None:
    """Our style is valid by the schema of the Citation Style Language."""
    schema = etree.RelaxNG(etree.parse(citeproc.SCHEMA_PATH))
    assert schema.validate(etree.parse(STYLE)), schema.error_log


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        (
            {"title": "Of p < 0.05 & <b>", "author": NAMES[:2], "container_title": "J Bone & Joint.", "volume": "12",
             "issue": "3", "page": "45-9", "issued": Date(((2001, 5, 3),)), "pmid": "7", "pmcid": "PMC9",
             "doi": "10.1/<b>"},
            "van der Berg JA, O'Brien P Jr. Of p < 0.05 & <b>. J Bone & Joint. 2001 May 3;12(3):45-9. "
            "doi: 10.1/<b>. PMID: 7; PMCID: PMC9.",
        ),
        (
            {"title": "Why?", "author": NAMES[:7], "issued": Date(((2012, 11), (2012, 12)))},
            "van der Berg JA, O'Brien P Jr, Müller-Thomsen JP, Gómez y López X, de Oliveira AB 3rd, d’Ambrosio C, "
            "et al. Why? 2012 Nov-Dec.",
        ),
        ({"title": "T", "issued": Date(((2001,),), season=4)}, "T. 2001 Winter."),
        ({"title": "T", "issued": Date(((2001, 12), (2002, 1)))}, "T. 2001 Dec-2002 Jan."),
        ({"title": "[Von Bäumen].", "author": NAMES[-1:]}, "The INSIGHT & {START} Study Group. [Von Bäumen]."),
        (
            {"type": "chapter", "title": "A chapter", "author": NAMES[7:8], "container_title": "The book",
             "edition": "2", "editor": NAMES[9:10], "publisher": "Ash", "publisher_place": "Bonn", "page": "1-9",
             "issued": Date(((1999,),))},
            "Van Duijn CM. A chapter. In: Łukasiewicz Ø, editor. The book. 2nd ed. Bonn: Ash; 1999. p. 1-9.",
        ),
        (
            {"type": "book", "title": "A book", "editor": NAMES[7:9], "publisher": "Ash", "issued": Date(((1999,),))},
            "Van Duijn CM, Van Duijn, editors. A book. Ash; 1999.",
        ),
        ({"type": "webpage", "title": "T", "url": "https://a.org/?a&b"}, "T. Available from: https://a.org/?a&b"),
        ({}, "A note, word for word."),
    ],
)  # fmt: skip
def test_vancouver_lines(fields: dict[str, Any], line: str) -> None:
    """Journals, books, chapters and pages of the web as the ICMJE's samples have them; a note is left as it is."""
    assert vancouver(work(**fields)) == line


def test_real_works_have_vancouver_lines(shared: Path) -> None:
    """The line of each real work holds its title, journal, first author, year and identifiers as they are."""
    for each in real_works(shared)[:150]:
        line = vancouver(each)
        for value in (each.csl.title, each.csl.container_title, each.first_author, each.year, each.doi, each.pmid):
            assert value is None or " ".join(str(value).split()) in line


@given(st.builds(Name, family=st.text(), given=st.text(), suffix=st.none() | st.text()), st.text(), st.text())
def test_any_text_has_a_line_and_an_entry(author: Name, title: str, page: str) -> None:
    """Whatever the text, the line is one line, and each format is written."""
    odd = work(title=title, author=(author,), page=page, container_title=title, doi=page)
    assert "\n" not in vancouver(odd)
    for form in READERS:
        bibliography([odd], form)


# Links and what is imported


def test_links_are_percent_encoded() -> None:
    """A DOI with signs of addresses still leads to itself; without an identifier there is no link."""
    found = links(work(doi="10.1002/(SICI)1097(1999)85:1<1::A%B#C?D>3.0.CO;2-0", pmid="7", pmcid="PMC9"))
    assert found.doi == "https://doi.org/10.1002/(SICI)1097(1999)85:1%3C1::A%25B%23C%3FD%3E3.0.CO;2-0"
    assert found.pubmed == "https://pubmed.ncbi.nlm.nih.gov/7/"
    assert found.pmc == "https://pmc.ncbi.nlm.nih.gov/articles/PMC9/"
    none = links(work(title="T"))
    assert (none.doi, none.pubmed, none.pmc) == (None, None, None)


def test_the_fullest_record_is_the_first_of_equals() -> None:
    """Of several notes on one work the one with most fields stands for it."""
    notes = [work(title="T"), work(title="T", volume="1"), work(title="U", volume="2")]
    assert fullest(notes) is notes[1]


def test_nothing_heavy_is_imported_before_it_is_asked_for() -> None:
    """pybtex, rispy and citeproc wait until a work is given out."""
    code = "import sys, corpus.bibliography, corpus.quoting; print({'pybtex', 'rispy', 'citeproc'} & set(sys.modules))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "set()"
