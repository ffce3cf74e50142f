"""Wiki-like pages made of articles, on which it is known sentence by sentence which work supports what.

A page has the shape of a wiki that takes notes on papers: studies of one to four paragraphs whose marker stands at
the end, authors named before some, headings before others, prose of the page's own between them. How often each of
these occurs is the page's `Habit`.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from random import Random

import msgspec

from eval.cited_sentences import Article, Sentences, note
from eval.wiki_habits import Habit, Page, PageBlock, PageBlockKind, Piece
from eval.wiki_wording import FOREIGN, NAMED, REPORTED, TRANSITIONS

__all__ = ["make_pages"]


class _Study(msgspec.Struct, frozen=True):
    """What is told by one work or a group of works: sections of sentences, labelled where an abstract labels them."""

    works: tuple[str, ...]
    sections: tuple[tuple[str, Sentences], ...]
    background: tuple[Sentences, ...]
    """Prose on the same matter that does not rest on the works."""


def make_pages(articles: Sequence[Article], habit: Habit, *, number: int, seed: int) -> Iterator[Page]:
    """So many pages of one habit out of each article; the same seed always gives the same pages."""
    for article in articles:
        others = [other for other in articles if other is not article]
        for i in range(number):
            yield _Author(article, others, habit, Random(f"{seed} {article.name} {habit.name} {i}")).page()  # noqa: S311 drawn, not secret


class _Author:
    """Writes one page."""

    def __init__(self, article: Article, others: Sequence[Article], habit: Habit, random: Random) -> None:
        self._article = article
        self._habit = habit
        self._random = random
        self._works = {work.id: work for one in (article, *others) for work in one.works.values()}
        self._notes = {key: text for key, work in self._works.items() if (text := note(work))}
        self._own_work = random.random() < 0.5
        self._others = random.sample(others, min(len(others), random.randint(0, 3)))
        self._prose = [run for other in others if other not in self._others for run in other.body]
        if not self._own_work:
            self._prose = [*article.body, *article.body, *self._prose[:20]]
        self._blocks: list[PageBlock] = []
        self._said: set[str] = set()
        """The page's own sentences so far: none is said twice."""

    def page(self) -> Page:
        studies = self._studies()
        if self._chance(0.3):
            self._own(self._article.background, hard=False)
        again = [study for study in studies if self._chance(self._habit.repeated)]
        for study in [*studies, *again]:
            self._write(study)
        if self._chance(0.3):
            self._own(self._article.background, hard=False)
        cited = {work for block in self._blocks for piece in block.pieces for work in (*piece.marks, *piece.works)}
        notes = {work: self._notes[work] for work in sorted(cited)}
        return Page(self._article.name, self._habit.name, tuple(self._blocks), notes)

    # What is told

    def _studies(self) -> list[_Study]:
        article, random = self._article, self._random
        own = (*article.background, *(() if self._own_work else article.body))
        told = [_Study(one.works, (("", one.sentences),), own) for one in article.told]
        told = [study for study in told if all(work in self._notes for work in study.works)]
        studies = random.sample(told, min(len(told), random.randint(2, 4)))
        sources = [*([article] if self._own_work else []), *self._others]
        for source in sources:
            if source.work.id in self._notes:
                studies += self._papers(source)
        random.shuffle(studies)
        return studies

    def _papers(self, source: Article) -> Iterator[_Study]:
        """The article as a paper that the page tells of: by its abstract, or by some of its text."""
        works = (source.work.id,)
        if self._chance(0.7):
            yield _Study(works, source.abstract, source.background)
        else:
            first = self._random.randrange(max(1, len(source.body) - 3))
            runs = source.body[first : first + self._random.randint(1, 4)]
            yield _Study(works, tuple(("", run[:6]) for run in runs), source.background)

    # How it is told

    def _write(self, study: _Study) -> None:
        habit, random = self._habit, self._random
        paragraphs = self._paragraphs(study)
        if self._chance(habit.own_between):
            self._own(study.background, hard=False)
            if not self._chance(habit.heading):
                self._blocks.append(PageBlock("list_item", (Piece(self._transition()),)))
        if self._chance(habit.heading):
            self._heading(study)
        if self._chance(habit.edge):
            kind: PageBlockKind = random.choice(["rule", "list_item"])
            self._blocks.append(PageBlock(kind, () if kind == "rule" else (Piece(self._transition()),)))
        named = self._chance(habit.named_long if len(paragraphs) > 1 else habit.named_short)
        before = self._chance(habit.own_before)
        if before:
            self._own(study.background, hard=not named)
        if self._chance(habit.foreign_before):
            self._foreign_prose(study)
        self._write_study(study, paragraphs, named=named, hard=before and not named)

    def _write_study(self, study: _Study, paragraphs: list[list[str]], *, named: bool, hard: bool) -> None:
        habit, random = self._habit, self._random
        if named:
            paragraphs[0][0] = self._naming(random.choice(NAMED), study.works[0], paragraphs[0][0])
        if self._chance(habit.foreign_inside):
            told = random.choice(paragraphs)
            told[-1] = self._naming(random.choice(FOREIGN), self._foreigner(study), told[-1])
        each = self._chance(habit.each_sentence)
        kind: PageBlockKind = "paragraph"
        if self._chance(habit.listed):
            kind = random.choice(["list_item", "table_row", "quotation"])
        if kind != "paragraph":
            each, paragraphs = True, [[sentence] for paragraph in paragraphs for sentence in paragraph]
        for i, paragraph in enumerate(paragraphs):
            last = i == len(paragraphs) - 1
            if i > 0 and self._chance(habit.own_inside):
                if self._chance(0.3):
                    self._foreign_prose(study)
                else:
                    self._own(study.background, hard=hard)
            pieces = [
                Piece(sentence, study.works, study.works if each or (last and j == len(paragraph) - 1) else (), hard)
                for j, sentence in enumerate(paragraph)
            ]
            if self._chance(habit.own_sentence) and kind == "paragraph":
                place = random.choice([0, random.randrange(len(pieces))])
                pieces.insert(place, Piece(self._own_sentence(study.background), hard=hard))
            self._add(kind, pieces, i)

    def _add(self, kind: PageBlockKind, pieces: Sequence[Piece], i: int) -> None:
        """A block, or more pieces of the paragraph before, where both have markers of their own."""
        before = self._blocks[-1] if self._blocks else None
        joins = (
            before and kind == before.kind == "paragraph" and i == 0 and before.pieces[-1].marks and pieces[-1].marks
        )
        if before and joins and self._chance(self._habit.shared):
            self._blocks[-1] = PageBlock(kind, (*before.pieces, *pieces))
        else:
            self._blocks.append(PageBlock(kind, tuple(pieces)))

    def _paragraphs(self, study: _Study) -> list[list[str]]:
        """The sentences of a study in one to four paragraphs, where a section begins if there are several."""
        keep = self._chance(self._habit.labels)
        sections = [
            [f"{label.upper().rstrip('.:')}: {sentences[0]}" if keep and label else sentences[0], *sentences[1:]]
            for label, sentences in study.sections
        ]
        number = self._random.choices([1, 2, 3, 4], self._habit.paragraphs)[0]
        if len(sections) == 1:
            sentences = sections[0]
            number = min(number, len(sentences))
            cuts = sorted(self._random.sample(range(1, len(sentences)), number - 1))
            return [sentences[a:b] for a, b in zip([0, *cuts], [*cuts, len(sentences)], strict=True)]
        while len(sections) > number:
            at = self._random.randrange(1, len(sections))
            sections[at - 1 : at + 1] = [[*sections[at - 1], *sections[at]]]
        return sections

    def _heading(self, study: _Study) -> None:
        year = self._works[study.works[0]].year
        # The years that head a page are often not those of the works below.
        if self._chance(0.4):
            text = str(year if year and self._chance(0.7) else 2000 + self._random.randrange(24))
        else:
            text = self._random.choice(self._article.topics or ("Outcome",))
        if re.fullmatch(r"[A-Z0-9][\w ,-]{2,60}", text):
            self._blocks.append(PageBlock("heading", (Piece(text),)))

    def _own(self, background: Sequence[Sentences], *, hard: bool) -> None:
        """One paragraph of the page's own, sometimes two: on the matter of the study, or on something near it."""
        for _ in range(self._random.choice([1, 1, 1, 2])):
            sentences = self._own_run(background)
            if self._chance(0.2):
                sentences = [*sentences, self._transition()]
            self._blocks.append(PageBlock("paragraph", tuple(Piece(s, hard=hard) for s in sentences)))

    def _own_run(self, background: Sequence[Sentences]) -> list[str]:
        runs = background if background and self._chance(0.6) else self._prose
        if not runs or self._chance(0.15):
            return [self._transition()]
        run = self._random.choice(runs)
        first = self._random.randrange(len(run))
        found = [s for s in islice(run, first, first + self._random.randint(1, 5)) if s not in self._said]
        self._said.update(found)
        return found or [self._transition()]

    def _own_sentence(self, background: Sequence[Sentences]) -> str:
        return self._random.choice(self._own_run(background))

    def _foreign_prose(self, study: _Study) -> None:
        sentence = self._own_sentence(study.background)
        told = self._naming(self._random.choice(REPORTED), self._foreigner(study), sentence)
        self._blocks.append(PageBlock("paragraph", (Piece(told),)))

    def _foreigner(self, study: _Study) -> str:
        """A work of the article by another first author than the study's, which the page may cite or not."""
        own = {self._family(work) for work in study.works}
        return self._random.choice(
            [work for work in self._article.works if work in self._notes and self._family(work) not in own]
        )

    def _family(self, work: str) -> str:
        return self._works[work].first_author or ""

    def _naming(self, template: str, work: str, sentence: str) -> str:
        family = self._family(work)
        if re.search(rf"\b{re.escape(family)}\b", sentence):
            return sentence
        first = sentence.split(maxsplit=1)[0]
        rest = sentence[0].lower() + sentence[1:] if first.isalpha() and first[1:].islower() else sentence
        return template.format(name=family, year=self._works[work].year, rest=rest, whole=sentence)

    def _transition(self) -> str:
        return self._random.choice(TRANSITIONS)

    def _chance(self, probability: float) -> bool:
        return self._random.random() < probability
