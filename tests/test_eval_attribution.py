"""The benchmark of attribution: pages whose truth is known, and floors under what is made of them."""

from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from corpus import Work
from corpus.csl import Date, Item, Name
from corpus.errors import SourceError
from eval.attribution import Cited, Unit, attributed, score_attribution
from eval.attribution_report import AttributionReport, measure_attribution, split_articles
from eval.cited_sentences import Article, Told, read_article
from eval.wiki_forms import FORMS, PageForm, read_page, write_page
from eval.wiki_habits import HABITS, Page, PageBlock, Piece
from eval.wiki_pages import make_pages
from service.eval_commands import evaluate
from tests.documents import LIMIT

NOTES = {
    "pmid:1": "Alpha A. First work. J. 2001. PMID: 1.",
    "pmid:2": "Beta B. Second work. J. 2002. PMID: 2.",
}
PAGE = Page(
    "article",
    "seed",
    (
        PageBlock("paragraph", (Piece("It is so.", hard=True),)),
        PageBlock("rule"),
        PageBlock("heading", (Piece("2001"),)),
        PageBlock("paragraph", (Piece("Alpha et al. rose.", ("pmid:1",)),)),
        PageBlock("paragraph", (Piece("They fell.", ("pmid:1",)), Piece("It sat.", ("pmid:1",), ("pmid:1",)))),
        PageBlock("list_item", (Piece("It stood.", ("pmid:2",), ("pmid:2",)),)),
        PageBlock("paragraph", (Piece("It rose again.", ("pmid:1",), ("pmid:1",)),)),
    ),
    NOTES,
)


def test_markup() -> None:
    """Notes stand in the text, before the full stop."""
    assert write_page(PAGE, "dokuwiki") == (
        "====== seed ======\n\nIt is so.\n\n----\n\n===== 2001 =====\n\nAlpha et al. rose.\n\n"
        "They fell. It sat ((Alpha A. First work. J. 2001. PMID: 1.)).\n\n"
        "  * It stood ((Beta B. Second work. J. 2002. PMID: 2.)).\n\n"
        "It rose again ((Alpha A. First work. J. 2001. PMID: 1.)).\n"
    )


def test_export() -> None:
    """Mark-up is lost, and a repeated note is printed once behind both of its numbers."""
    assert write_page(PAGE, "dokuwiki-export").startswith(
        "Seed\n\nIt is so.\n\n2001\n\nAlpha et al. rose.\n\n"
        "They fell. It sat 1).\n\nIt stood 2).\n\nIt rose again 3).\n\n\n"
        "1), 3)\nAlpha A. First work. J. 2001. PMID: 1.\n2)\nBeta B. Second work. J. 2002. PMID: 2.\n  • page.txt\n"
    )


@pytest.mark.parametrize("form", FORMS)
def test_sentences_are_found_in_what_was_read(form: PageForm) -> None:
    """Each sentence has its place in the document, in the order of the page, without its last character."""
    document, spans = read_page(PAGE, form)
    pieces = [piece.text[:-1] for block in PAGE.blocks for piece in block.pieces]
    assert [document.text[span.start : span.end] for span in spans] == pieces


def test_units_of_a_page() -> None:
    """Passages and sentences with what they cite, and with what is true of them."""
    units = list(attributed(PAGE, "dokuwiki", chunk_tokens=200, limit=LIMIT))
    own, named, marked, item, again = [unit for unit in units if unit.kind == "passage"]
    assert (own.cited, own.called, own.hard) == ((), {}, True)
    assert (named.cited, named.called) == ((Cited("pmid:1", "named", across=True),), {"pmid:1": "named"})
    assert (marked.cited, marked.called) == ((Cited("pmid:1", "marked", across=False),), {"pmid:1": "marked"})
    assert (item.called, again.called) == ({"pmid:2": "marked"}, {"pmid:1": "marked"})
    sentences = [unit for unit in units if unit.kind == "sentence"]
    assert [unit.called for unit in sentences][:3] == [{}, {"pmid:1": "named"}, {"pmid:1": "inherited"}]


def unit(cited: tuple[Cited, ...], called: dict[str, str], article: str = "one") -> Unit:
    """A passage that cites, and should."""
    known = {"article": article, "habit": "seed", "form": "dokuwiki", "kind": "passage", "hard": False}
    return msgspec.convert(known | {"cited": [msgspec.structs.asdict(c) for c in cited], "called": called}, Unit)


def test_scores_by_hand() -> None:
    """Precision counts citations, recall counts true pairs, and a true passage that cites nothing is the cost."""
    right, wrong = Cited("a", "inherited", across=True), Cited("b", "inherited", across=False)
    units = [
        unit((right, wrong), {"a": "inherited"}),
        unit((Cited("a", "marked", across=False),), {"a": "marked", "c": "inherited"}, "two"),
        unit((), {"d": "inherited"}, "two"),
        unit((), {}),
    ]
    scores = score_attribution(units)[0]
    rows = {row.basis: row for row in scores.bases}
    assert (scores.name, scores.units, scores.uncited.value, scores.uncited.n) == ("passages", 4, 1 / 3, 3)
    assert (rows["inherited"].precision.value, rows["inherited"].recall.value) == (1 / 2, 1 / 3)
    assert (rows["marked"].precision.value, rows["marked"].recall.value, rows["marked"].f1) == (1, 1, 1)
    assert (rows["across"].precision.value, rows["across"].f1) == (1, None)
    assert (rows["all"].precision.value, rows["all"].recall.value) == (2 / 3, 2 / 4)
    assert rows["all"].f1 == pytest.approx(4 / 7)


def made_article(name: str, matter: str) -> Article:
    """A small article on some matter, which cites two works."""

    def work(number: int, family: str) -> Work:
        item = Item(
            author=(Name(family, "A"),), title=f"{matter} {number}", issued=Date(((2000 + number,),)), pmid=f"{number}"
        )
        return Work(f"pmid:{number}", "", item)

    works = [work(hash_, family) for hash_, family in ((len(matter), "Own"), (90, "Cited"), (91, "Other"))]
    return Article(
        name=name,
        work=works[0],
        told=(Told(("pmid:90",), (f"Risk of {matter} rose twice.", f"Death by {matter} fell.")),),
        abstract=(("Methods", (f"They measured {matter}.",)), ("Results", (f"It was {matter} indeed.",))),
        body=((f"Tables hold {matter}.",),),
        background=((f"Everybody knows {matter}.",),),
        topics=("Outcome",),
        works={w.id: w for w in works},
    )


def test_pages_are_drawn_by_seed() -> None:
    """The same seed gives the same pages, another gives others, and every habit differs."""
    articles = [made_article("one", "bones"), made_article("two", "nerves")]
    pages = list(make_pages(articles, HABITS[0], number=5, seed=1))
    assert len(pages) == 10
    assert pages == list(make_pages(articles, HABITS[0], number=5, seed=1))
    assert pages != list(make_pages(articles, HABITS[0], number=5, seed=2))
    assert len({habit.name for habit in HABITS}) == 5


def test_the_truth_of_made_pages() -> None:
    """The page's own sentences rest on nothing; those of studies rest on works whose marker follows."""
    articles = [made_article("one", "bones"), made_article("two", "nerves")]
    for page in make_pages(articles, HABITS[4], number=20, seed=1):
        open_works: set[str] = set()
        for piece in (piece for block in page.blocks for piece in block.pieces):
            assert not (piece.text.startswith("Everybody") and piece.works)
            open_works |= set(piece.works)
            open_works -= set(piece.marks)
        assert not open_works
        assert set(page.notes) >= {work for block in page.blocks for piece in block.pieces for work in piece.works}


def test_material_of_an_article(shared: Path) -> None:
    """Sentences by the work they cite, without their callouts; prose on no one's authority; the abstract."""
    article = read_article(shared / "data" / "jats" / "PMC3549293.nxml")
    assert article.work.first_author == "van der Mark"
    booker = next(told for told in article.told if told.works == ("pmid:21504610",))
    assert booker.sentences[0].startswith("Booker et al. reviewed 11")
    assert not any("[" in sentence for told in article.told for sentence in told.sentences)
    assert [label for label, _ in article.abstract][:2] == ["Background", "Objectives"]
    assert not any(" we " in sentence for run in article.background for sentence in run)


def test_halves_of_a_folder(tmp_path: Path) -> None:
    """The first, third and so on are for development; both halves need two articles."""
    for name in ("d.xml", "a.nxml", "c.nxml", "b.nxml", "note.txt"):
        (tmp_path / name).touch()
    assert [path.name for path in split_articles(tmp_path, "development")] == ["a.nxml", "c.nxml"]
    assert [path.name for path in split_articles(tmp_path, "test")] == ["b.nxml", "d.xml"]
    (tmp_path / "d.xml").unlink()
    with pytest.raises(SourceError, match="holds 3 articles"):
        split_articles(tmp_path, "test")


def test_floors(shared: Path) -> None:
    """On a small set of development pages: hardly a wrong citation, and most studies still attributed."""
    paths = split_articles(shared / "data" / "jats", "development")
    report = measure_attribution(paths, "development", pages=2, seed=7, progress=lambda done, total: None)
    passages = report.scores[0]
    precision = {row.basis: row.precision.value or 0 for row in passages.bases}
    recall = {row.basis: row.recall.value or 0 for row in passages.bases}
    assert report.pages == 100
    assert precision["marked"] >= 0.99
    assert precision["named"] >= 0.99
    assert precision["inherited"] >= 0.98
    assert recall["inherited"] >= 0.6
    assert (passages.uncited.value or 0) <= 0.1


def test_command(shared: Path, tmp_path: Path) -> None:
    """The table is printed, and the report written."""
    out = tmp_path / "report.json"
    folder = str(shared / "data" / "jats")
    done = CliRunner().invoke(evaluate, ["attribution", folder, "--pages", "1", "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert "development: 10 articles, 50 pages in 2 forms" in done.stdout
    report = msgspec.json.decode(out.read_bytes(), type=AttributionReport)
    assert [scores.name for scores in report.scores][:2] == ["passages", "passages, hard case"]
    assert report.articles[0] == "PMC1550405"


def test_command_without_articles(tmp_path: Path) -> None:
    """A folder without articles is bad input."""
    done = CliRunner().invoke(evaluate, ["attribution", str(tmp_path)])
    assert (done.exit_code, "holds 0 articles" in done.stderr) == (2, True)
