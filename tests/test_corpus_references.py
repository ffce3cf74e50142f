"""Citation strings of many styles, parsed into works; nothing that they do not carry is invented."""

import csv
from pathlib import Path

import pytest

from corpus import parse_work
from corpus.references import text_key

PUBMED = (
    "Asiltürk M, Abdallah A, Sofuoglu EÖ. Radiologic-Histopathologic Correlation: A Retrospective Study. Asian J "
    "Neurosurg. 2020 May 29;15(2):354-362. doi: 10.4103/ajns.AJNS_366_19. PMID: 32656132; PMCID: PMC7335153."
)


def test_a_pubmed_summary() -> None:
    """Every field of a summary as PubMed formats it, and the note itself word for word."""
    work = parse_work(PUBMED)
    assert (work.id, work.text, work.first_author, work.year) == ("pmid:32656132", PUBMED, "Asiltürk", 2020)
    assert (work.doi, work.pmid, work.pmcid) == ("10.4103/ajns.AJNS_366_19", "32656132", "PMC7335153")
    assert work.url == "https://doi.org/10.4103/ajns.AJNS_366_19"


def test_a_note_over_several_lines_is_one_line_of_text() -> None:
    """White space of all kinds becomes single spaces."""
    assert parse_work(" Smith A.\n\tTitle.\u00a0 2001. ").text == "Smith A. Title. 2001."


@pytest.mark.parametrize(
    ("note", "doi"),
    [
        ("doi: 10.1212/CON.0000000000000926.", "10.1212/CON.0000000000000926"),
        ("(doi: 10.1016/S0140-6736(05)67889-0)", "10.1016/S0140-6736(05)67889-0"),
        ("[doi:10.1000/xyz], and more", "10.1000/xyz"),
        ("DOI 10.1000/ABC;", "10.1000/ABC"),
        ("https://doi.org/10.1000/a-b_c/d.", "10.1000/a-b_c/d"),
        ("“10.1000/quoted”.", "10.1000/quoted"),
        ("doi: 10.1000/glued.PMID: 123", "10.1000/glued"),
        (
            "10.1002/(SICI)1097-0142(19990101)85:1<1::AID-CNCR1>3.0.CO;2-0.",
            "10.1002/(SICI)1097-0142(19990101)85:1<1::AID-CNCR1>3.0.CO;2-0",
        ),
        ("doi: 10.1000/x<br>", "10.1000/x"),
        ("Version 10.12/3 of 110.1000/x", None),
    ],
)
def test_doi(note: str, doi: str | None) -> None:
    """A DOI stands without the punctuation around it and with the brackets that are its own."""
    assert parse_work(note).doi == doi


@pytest.mark.parametrize(
    ("note", "pmid", "pmcid"),
    [
        ("PubMed PMID: 28638950; PubMed Central PMCID: PMC3326586.", "28638950", "PMC3326586"),
        ("pmid 12345678, pmc123", "12345678", "PMC123"),
        ("PMID:7", "7", None),
        ("PMC 7335153", None, "PMC7335153"),
        ("PMID: 123456789 has too many figures", None, None),
        ("https://pubmed.ncbi.nlm.nih.gov/28638950/", "28638950", None),
        ("https://www.ncbi.nlm.nih.gov/pubmed/28638950", "28638950", None),
        ("https://www.ncbi.nlm.nih.gov/pmc/articles/PMC7335153/", None, "PMC7335153"),
        ("see page 28638950", None, None),
    ],
)
def test_identifiers_of_pubmed(note: str, pmid: str | None, pmcid: str | None) -> None:
    """PMID and PMCID are read from labels and from PubMed's addresses, never from bare figures."""
    work = parse_work(note)
    assert (work.pmid, work.pmcid) == (pmid, pmcid)


@pytest.mark.parametrize(
    ("note", "year"),
    [
        ("Smith A. Title. J X. 2017 Aug;27(6):763-775.", 2017),
        ("Smith A. Outcome 1999-2003, a study. J X. 2005;1:1.", 2005),
        ("McCay CM. The effect of growth. 1935. Nutrition. 1989 May-Jun;5(3):155-71.", 1989),
        ("Beck JA. [Title in brackets]. 2001 Jul 24;57(2):354-6.", 2001),
        ("Greenberg MS. Handbook. 9th ed. New York: Thieme; 2020.", 2020),
        ("Smith A (2012) Title, pages 1900-1950", 2012),
        ("doi: 10.1000/j.2016.01.001. PMID: 20170123", None),
        ("https://example.org/2015/05/page", None),
        ("Iota I. Sixth note. 2018.", 2018),
    ],
)
def test_year(note: str, year: int | None) -> None:
    """The year of publication, not one of a title, a span of years, an identifier or an address."""
    assert parse_work(note).year == year


@pytest.mark.parametrize(
    ("note", "author"),
    [
        ("Diehn FE, Krecke KN. Title.", "Diehn"),
        ("van der Berg JA. Title.", "van der Berg"),
        ("Di Angelantonio E, Thompson A. Title.", "Di Angelantonio"),
        ("Müller-Thomsen T; Other B. Title.", "Müller-Thomsen"),
        ("O'Day E et al. Title.", "O'Day"),
        ("Lansbury PT Jr, Caughey B. Title.", "Lansbury"),
        ("Alpha A. Title.", "Alpha"),
        ("Smith J-P, Other B.", "Smith"),
        ("Neurology. 2001 Jul 24;57(2):354-6. Title. Beck JA, Mead S. PMID: 11468331", "Beck"),
        ("Eur Spine J. 2017 Aug;26(8):1-9. Title. Smith A.", "Smith"),
        ("PLoS ONE. 2012;7:e1. Title. Smith A.", "Smith"),
        ("International Schizophrenia Consortium, Purcell SM. Title.", "International Schizophrenia Consortium"),
        ("[A title in brackets]. Japanese.", None),
        ("https://example.org/page", None),
        ("", None),
    ],
)
def test_first_author(note: str, author: str | None) -> None:
    """The family name, or the group that stands first, wherever the names stand; a journal is no author."""
    assert parse_work(note).first_author == author


def test_a_book() -> None:
    """A book carries an author and a year, and is known by its text."""
    work = parse_work("Greenberg MS. Handbook of Neurosurgery. 9th ed. New York: Thieme; 2020. ISBN 978-1-68420-137-2.")
    assert (work.first_author, work.year) == ("Greenberg", 2020)
    assert (work.doi, work.pmid, work.pmcid, work.url) == (None, None, None, None)
    assert work.id.startswith("text:")


def test_a_bare_address() -> None:
    """An address alone is the work's URL, without the full stop after it."""
    work = parse_work("https://example.org/a_(b)/page.html.")
    assert work.url == "https://example.org/a_(b)/page.html"
    assert (work.first_author, work.year, work.doi, work.pmid, work.pmcid) == (None, None, None, None, None)


@pytest.mark.parametrize(
    ("note", "url"),
    [
        ("See https://example.org/x. doi: 10.1000/y", "https://example.org/x"),
        ("doi: 10.1000/a<1:2>b", "https://doi.org/10.1000/a%3C1:2%3Eb"),
        ("PMID: 12", "https://pubmed.ncbi.nlm.nih.gov/12/"),
        ("Smith A. A book.", None),
    ],
)
def test_where_a_work_can_be_read(note: str, url: str | None) -> None:
    """The link in the note comes first, then that of its DOI, then that of its PMID."""
    assert parse_work(note).url == url


def test_the_same_work_has_the_same_id() -> None:
    """By PMID, else by DOI in any case, else by the words of the note whatever its punctuation."""
    assert parse_work("A. PMID: 7. doi: 10.1000/x").id == parse_work("B. pmid:7").id == "pmid:7"
    assert parse_work("A. doi: 10.1000/X").id == parse_work("B. DOI 10.1000/x.").id == "doi:10.1000/x"
    assert parse_work("Smith A: A Book, 2001").id == parse_work("SMITH A. A book. 2001.").id
    assert parse_work("Smith A. A book. 2001.").id != parse_work("Smith A. A book. 2002.").id


def test_thousands_of_brackets_take_no_time() -> None:
    """A DOI that never seems to end is cut back in one go."""
    assert parse_work("10.1000/x" + ")" * 200_000).doi == "10.1000/x"
    assert parse_work("10.1000/x<" + ":" * 200_000).doi == "10.1000/x"


def test_real_citations(shared: Path) -> None:
    """Over 668 citations as wikis hold them: the PMID is right in 99.5%, and a DOI found wherever one stands."""
    with (shared / "data" / "citations" / "pubmed_citations.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    works = [parse_work(row["citation"]) for row in rows]
    assert len(works) == 668
    right = sum(work.pmid == row["pmid_of_the_link"] for work, row in zip(works, rows, strict=True))
    assert right >= 0.995 * len(works)
    for work, row in zip(works, rows, strict=True):
        assert (work.doi is not None) == ("doi" in row["citation"].lower())
        assert work.doi is None or work.doi in row["citation"]
        assert work.year is None or str(work.year) in row["citation"]
        assert work.first_author is None or work.first_author in row["citation"]
    assert sum(work.year is not None for work in works) == len(works)
    assert sum(work.first_author is not None for work in works) >= 0.98 * len(works)


@pytest.mark.parametrize(
    "added",
    [
        "doi: 10.1000/abc. PMID: 7; PMCID: PMC9.",
        "pii: S0140-6736(05)1. doi: 10.1000/abc. [Epub ahead of print] PubMed PMID: 7",
        "Epub 2001 May 3. PubMed PMID: 7; PubMed Central PMCID: PMC 9.",
        "Available from: https://example.org/a_(b).",
        "https://doi.org/10.1000/abc",
        "",
    ],
)
def test_a_note_without_its_identifiers(added: str) -> None:
    """Notes that differ in identifiers, addresses and the date of the online edition have one key."""
    assert text_key(f"Smith A. Title. J X. 2001;1:2. {added}") == "smith a title j x 2001 1 2"


def test_a_note_of_identifiers_alone_has_no_key() -> None:
    """Nothing is left that could be compared."""
    assert text_key("https://doi.org/10.1000/abc. PMID: 7.") == ""
