"""Questions into answers."""

import hashlib
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from threadpoolctl import threadpool_limits

from corpus import Document, Finding, Passage
from corpus.passages import document_of
from index.answers import Answer, Leg, Query
from index.calibration import Features, Probabilities
from index.contents import DocumentList, list_documents
from index.describing import DECIMALS, answer_passage, answer_references
from index.encoder import Encoding
from index.evidence import STANDING, features
from index.filters import filtered
from index.fusion import LEXICAL_WEIGHT, Ranking, rank
from index.lay_words import reworded
from index.queries import MAX_K, check_query
from index.reranking import RERANKED, reranking
from index.snapshot import Snapshot
from index.stages import stage
from index.texts import Rows
from index.works import CitedWorks

__all__ = ["Evidence", "Searcher"]


class Evidence(NamedTuple):
    """The rows of the best passages, and the features of each, of shape ``(passages, features)``."""

    rows: Rows
    features: Features


class Searcher:
    """Answers questions from one snapshot, with up to `max_k` passages. Several threads may call it at once.

    `lexical_weight` is that of the lexical leg beside the cosine, where both are fused.

    ::

        searcher = Searcher(Snapshot.open(Store(Path(".loccit"))))
        (answer,) = searcher.search([Query(question="What was the median survival?")])
    """

    def __init__(self, snapshot: Snapshot, *, max_k: int = MAX_K, lexical_weight: float = LEXICAL_WEIGHT) -> None:
        # Each question is answered on the thread that asks it: more threads would only fight for the same cores.
        threadpool_limits(1, user_api="blas")
        self._snapshot = snapshot
        self._max_k = max_k
        self._lexical_weight = lexical_weight

    @property
    def snapshot(self) -> str:
        """The id of the snapshot."""
        return self._snapshot.id

    @property
    def withdrawn(self) -> frozenset[str]:
        """The ids of the documents that are withdrawn: nothing of them is found, listed or counted."""
        return self._snapshot.records.withdrawn

    @property
    def edition(self) -> str:
        """What every answer follows from, in one word: the snapshot, and what is withdrawn from it."""
        ids = msgspec.json.encode(sorted(self.withdrawn)) if self.withdrawn else b""
        return f"{self.snapshot}-{hashlib.sha256(ids).hexdigest()[:16]}" if ids else self.snapshot

    def without(self, withdrawn: frozenset[str]) -> "Searcher":
        """A searcher of the same snapshot from which these documents are withdrawn, and no others.

        It shares all that is large, and is this one where that changes nothing. A service calls it with
        `Store.withdrawn` and swaps.
        """
        if withdrawn == self.withdrawn:
            return self
        return Searcher(self._snapshot.without(withdrawn), max_k=self._max_k, lexical_weight=self._lexical_weight)

    def is_withdrawn(self, *, passage: str) -> bool:
        """Whether an id of a passage is that of one of a withdrawn document, of this snapshot or another."""
        return document_of(passage) in self.withdrawn

    @property
    def documents(self) -> Mapping[str, Document]:
        """The documents of the snapshot by their ids."""
        return self._snapshot.documents

    @property
    def passages(self) -> Sequence[Passage]:
        """The passages of the snapshot by their rows. Raises `SnapshotError` for one of a withdrawn document."""
        return self._snapshot.passages

    @property
    def works(self) -> CitedWorks:
        """The works that the documents of the snapshot cite."""
        return self._snapshot.works

    @property
    def max_k(self) -> int:
        """The most passages of an answer."""
        return self._max_k

    def passage(self, passage_id: str) -> Passage | None:
        """The passage of that id, if there is one."""
        return self._snapshot.passage(passage_id)

    def passages_of(self, document_id: str) -> tuple[Passage, ...]:
        """The passages of a document, in their order; none for an unknown one."""
        return tuple(self._snapshot.passages[row] for row in self._snapshot.records.rows_of(document_id))

    def list_documents(self, *, find: str = "", limit: int, offset: int = 0) -> DocumentList:
        """The documents whose titles or ids hold every word of `find`, `limit` of them from `offset` on."""
        return list_documents(self._snapshot.records, find=find, limit=limit, offset=offset)

    def findings_of(self, document_id: str) -> tuple[Finding, ...]:
        """What was found in a document, when it was read and when it was audited; nothing in an unknown one."""
        document = self.documents.get(document_id)
        noticed = document.findings if document else ()
        audited = self._snapshot.records.findings(document_id)
        return (*(msgspec.structs.replace(each, document=document_id) for each in noticed), *audited)

    def search(self, queries: Sequence[Query]) -> tuple[Answer, ...]:
        """One answer for each query, each the same whatever else is asked.

        Raises `QueryError` for the first query that is out of bounds, before anything is searched.
        """
        for query in queries:
            check_query(query, self._snapshot, self._max_k)
        start = time.perf_counter()
        with stage("filter"):
            left = [filtered(self._snapshot.records, query) for query in queries]
        with stage("encode"):
            encodings = self._encode([query.question for query in queries])
        took = (time.perf_counter() - start) / max(1, len(queries))
        asked = zip(queries, left, encodings, strict=True)
        return tuple(self._answer(query, within, encoding, took) for query, within, encoding in asked)

    def evidence(self, question: str, *, without: Rows | None = None) -> Evidence:
        """The best passages for a question and what speaks for each, as if those in the rows `without` were not there.

        Raises `QueryError` as `search` does.
        """
        check_query(Query(question=question), self._snapshot, self._max_k)
        (encoding,) = self._encode([question])
        within, weight = None, self._lexical_weight
        without = self._left_out(without)
        if without is not None:
            within = np.setdiff1d(np.arange(self._snapshot.manifest.passages), without)
            lexical = self._snapshot.lexicon.scores(question)
            # The best BM25 of those that are left gets the whole weight.
            weight *= float(lexical.max() / (lexical[within].max(initial=0) or 1))
        ranking = rank(
            self._snapshot,
            question=question,
            encoding=encoding,
            leg="hybrid",
            most=STANDING,
            within=within,
            lexical_weight=weight,
        )
        return Evidence(ranking.rows, features(self._snapshot, question, encoding, ranking, without=without))

    def _left_out(self, without: Rows | None) -> Rows | None:
        """Some rows, and those that are hidden."""
        hidden = self._snapshot.records.hidden
        return hidden if without is None else without if hidden is None else np.union1d(hidden, without)

    def _encode(self, questions: Sequence[str]) -> list[Encoding]:
        """The encodings of questions in the words of the source, as far as the encoder takes them so."""
        return self._snapshot.encoder.encode_queries([self._in_words_of_source(question) for question in questions])

    def _in_words_of_source(self, question: str) -> str:
        encoder = self._snapshot.encoder
        text = reworded(question, self._snapshot.lexicon.knows)
        fits = text == question or encoder.count_query(text) <= encoder.settings.max_pieces
        return text if fits else question

    def _answer(self, query: Query, within: Rows | None, encoding: Encoding, took: float) -> Answer:
        start = time.perf_counter()
        with stage("rank"):
            ranking = self._rank(query, within, encoding, query.leg)
            hybrid = ranking if query.leg == "hybrid" else self._rank(query, within, encoding, "hybrid")
        with stage("judge"):
            judged = self._judge(query, encoding, hybrid)
        confidences = judged.confidences if hybrid is ranking else None
        if query.leg == "hybrid" and self._snapshot.reranker is not None:
            with stage("rerank"):
                order, scores = reranking(self._snapshot, self._snapshot.reranker, query.question, ranking)
            ranking = ranking.reordered(order, scores)
            confidences = None if confidences is None else confidences[order]
        with stage("cite"):
            shown = range(min(query.k, len(ranking.rows)))
            passages = tuple(answer_passage(self._snapshot, ranking, at, confidences) for at in shown)
        answered = bool(passages) and judged.answered
        return Answer(
            id=_answer_id(self.snapshot, query),
            status="answered" if answered else "no_match",
            question=query.question,
            snapshot=self.snapshot,
            took_ms=round(1000 * (took + time.perf_counter() - start), 3),
            passages=passages if answered else (),
            references=answer_references(passages if answered else passages[:1], self.documents),
            nearest=None if answered or not passages else passages[0],
            answerable=judged.answerable,
        )

    def _rank(self, query: Query, within: Rows | None, encoding: Encoding, leg: Leg) -> Ranking:
        return rank(
            self._snapshot,
            question=query.question,
            encoding=encoding,
            leg=leg,
            most=max(query.k, STANDING, RERANKED if self._snapshot.reranker else 0),
            within=within,
            lexical_weight=self._lexical_weight,
        )

    def _judge(self, query: Query, encoding: Encoding, hybrid: Ranking) -> "_Judgement":
        """How sure the passages of both legs are; where one leg is asked, that is said only of the whole answer."""
        calibration = self._snapshot.calibration
        found = features(self._snapshot, query.question, encoding, hybrid, without=self._snapshot.records.hidden)
        probability = calibration.answerable(found[:STANDING])
        answerable = None if probability is None else round(probability, DECIMALS)
        if query.min_confidence is None:
            answered = calibration.answers(answerable, hybrid.best[:STANDING])
        else:
            answered = query.min_confidence == 0 or (answerable or 0) >= query.min_confidence
        return _Judgement(answered, answerable, calibration.confidences(found))


class _Judgement(NamedTuple):
    """Whether a question counts as answered, the probability that it is, and that of each passage."""

    answered: bool
    answerable: float | None
    confidences: Probabilities | None


def _answer_id(snapshot: str, query: Query) -> str:
    """The same for the same question on the same snapshot."""
    return hashlib.sha256(snapshot.encode() + msgspec.json.encode(query)).hexdigest()[:16]
