"""Anchors last: edits of real pages, in which no link may be wrong in silence."""

import random
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from corpus.errors import SourceError
from corpus.sources import EMBEDDED, read_text
from eval.anchor_reports import AnchorReport
from eval.anchors import measure_anchors
from eval.edited_pages import article_page, read_pages
from eval.edits import KINDS, Page, edited, sentences, tagged, untagged
from service.command import main

PROSE = (
    "Pain eased in most of the patients who had been operated on within a week.",
    "Median survival was nine months and longer in those who had radiotherapy too.",
    "The third group did so much worse that the trial was ended before its time.",
    "Later trials took another dose and found no harm in more than a thousand people.",
    "Nobody has since repeated the first of these studies with the same instrument.",
)
LAST = "Thanks go to the patients and to the nurses of all the wards that took part in it."
SOURCE = "\n\n".join(
    ["====== Page ======", f"{PROSE[0]} {PROSE[1]}((Alpha A. First. 2001.))", f"{PROSE[2]} {PROSE[3]}", PROSE[4], LAST]
)
BANK = ["Quite another sentence stands here for whoever needs some other words."]


def page(source: str = SOURCE) -> Page:
    """A page in wiki markup whose words are tagged."""
    return Page("page", tagged(source), "dokuwiki")


def test_tags_change_no_text() -> None:
    """A page reads the same with its tags, which are taken out again."""
    assert untagged(page().source) == SOURCE
    assert untagged(read_text(page().source, identity="page").text) == read_text(SOURCE, identity="page").text
    assert len(set(page().source) - set(SOURCE)) > 60


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_edit_makes_readable_pages(kind: str) -> None:
    """Each edit makes another page of a page with enough prose, and keeps tags of words that it leaves alone."""
    after = edited(kind, page(), random.Random(3), BANK)
    assert after != (page(),)
    assert all(read_text(each.source, identity=each.id, form=each.form).blocks for each in after)
    assert set("".join(each.source for each in after)) & (set(page().source) - set(SOURCE))


def test_copies_carry_no_tags() -> None:
    """A moved word keeps its tag and a copy has none, so that no tag ever stands twice."""
    for kind in KINDS:
        text = "".join(each.source for each in edited(kind, page(), random.Random(5), BANK))
        tags = [character for character in text if ord(character) >= 0xF0000]
        assert len(tags) == len(set(tags)), kind


def test_sentences_keep_their_notes() -> None:
    """A full stop within a note ends no sentence."""
    assert sentences("It rose ((A B. Title. J. 2001.)). Then fell.") == [
        "It rose ((A B. Title. J. 2001.)).",
        "Then fell.",
    ]


def test_article_becomes_a_page(tmp_path: Path) -> None:
    """Titles and paragraphs of an article are wiki markup, and each citation is a footnote."""
    path = tmp_path / "a.nxml"
    path.write_text(
        "<article><front><article-title>On (pain)</article-title></front><body><sec><title>Results</title>"
        '<p>It *rose* <xref ref-type="bibr" rid="r1">1</xref>.</p></sec></body>'
        '<back><ref-list><ref id="r1"><mixed-citation>Alpha A. First. 2001.</mixed-citation></ref></ref-list></back>'
        "</article>"
    )
    assert article_page(path) == (
        "====== On (pain) ======\n\n===== Results =====\n\nIt rose ((Alpha A. First. 2001.)).\n"
    )
    path.write_text("<article>")
    with pytest.raises(SourceError, match="cannot be read as XML"):
        article_page(path)


def test_edits_of_real_pages(shared: Path) -> None:
    """After more than 500 edits no link is silently wrong, and untouched passages are found, with their ids and works.

    The pages are the embedded one, a text export, one of footnote forms, and the first part of an article.
    """
    embedded, export, forms, article = read_pages(
        [
            EMBEDDED,
            shared / "corpus",
            shared / "data/dokuwiki/footnote_forms.txt",
            shared / "data/jats/PMC5977143.nxml",
        ]
    )
    export = msgspec.structs.replace(export, id="export")
    article = msgspec.structs.replace(article, source=article.source[: article.source.index("\n\n", 9_000)])
    report = measure_anchors((embedded, export, forms, article), edits=608, seed=7, passages=2)
    assert report.edits + report.skipped == 608
    assert report.edits > 500
    assert report.wrong == ()
    assert report.untouched > 700
    anchor = report.modes[0]
    older = report.modes[3]
    assert (anchor.mode, older.mode) == ("anchor", "older snapshot")
    assert older.found >= 0.98 * older.untouched
    assert anchor.once_found >= 0.98 * anchor.once
    assert report.same_id >= report.same_works >= 0.98 * report.untouched
    assert {(each.kind, each.fate) for each in report.kinds} >= {("paragraph deleted", "gone")}


def test_command_prints_tables(tmp_path: Path) -> None:
    """The command counts by what was known and by edit, and prints the same as JSON."""
    (tmp_path / "page.txt").write_text(SOURCE, "utf-8")
    arguments = ["eval", "anchors", str(tmp_path), "--edits", "19", "--passages", "2"]
    told = CliRunner().invoke(main, arguments)
    assert told.exit_code in {0, 1}, told.output
    assert "| older snapshot |" in told.stdout
    assert "| paragraph moved | whole |" in told.stdout
    report = msgspec.json.decode(CliRunner().invoke(main, [*arguments, "--json"]).stdout, type=AnchorReport)
    assert (report.edits + report.skipped, report.wrong) == (19, ())
    (tmp_path / "page.txt").unlink()
    assert CliRunner().invoke(main, arguments).exit_code == 2
