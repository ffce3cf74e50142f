"""Reranking: the scores are those of the cross-encoder itself, and change the order alone."""

import json
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sentence_transformers import CrossEncoder

from corpus import Document, Passage, without_markers
from corpus.errors import EncoderError, QueryError
from corpus.sources import EMBEDDED, read_sources
from index import Answer, BuildSettings, Leg, Query, Searcher, Snapshot, Store
from index.build import build_snapshot
from index.manifest import LAYOUT
from index.reranker import Reranker
from index.reranker_export import export_reranker
from tests.stores import copied, read_pages, searcher_of, tiny_cross_encoder, tiny_model

MEDIAN = "What was the median survival after palliative surgery?"
QUESTIONS = (MEDIAN, "pain of the spine", "Who discovered penicillin?")
PASSAGES = ("the median survival of patients", "pain " * 100, "", "14.8 months", "surgery of the tumor . " * 20)


def exported(model: Path, folder: Path) -> Reranker:
    """A cross-encoder exported into a folder."""
    export_reranker(model, folder, name="my model", fingerprint="")
    return Reranker(folder)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A cross-encoder that tells its logits, and one that tells them with the other sign."""
    folder = tmp_path_factory.mktemp("models")
    identity = torch.nn.Identity()
    return {
        "forward": tiny_cross_encoder(folder / "forward", activation=identity),
        "backward": tiny_cross_encoder(folder / "backward", activation=identity, reverse=True),
    }


@pytest.fixture(scope="module")
def stores(
    models: Mapping[str, Path], embedded_store: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Store]:
    """The embedded page's store with each of them, and without any."""
    folder = tmp_path_factory.mktemp("stores")
    documents = read_sources([EMBEDDED]).documents
    built = {"plain": Store(embedded_store)}
    for name, model in models.items():
        built[name] = copied(embedded_store, folder / name)
        build_snapshot(documents, built[name], BuildSettings(reranker=str(model)))
    return built


@pytest.fixture(scope="module")
def searchers(stores: Mapping[str, Store]) -> dict[str, Searcher]:
    """Searchers of the three."""
    return {name: Searcher(Snapshot.open(store)) for name, store in stores.items()}


def ask(searcher: Searcher, question: str, **options: Any) -> Answer:
    """The answer to a question, which is not refused."""
    (answer,) = searcher.search([Query(question=question, min_confidence=0, **options)])
    return answer


def ids(answer: Answer) -> list[str]:
    """The ids of the passages."""
    return [passage.id for passage in answer.passages]


def read(passage: Passage, document: Document) -> str:
    """What a cross-encoder is given of a passage of a page whose title is not among its headings."""
    assert document.title not in passage.headings
    own = without_markers(document.text, passage.start, passage.end, document.markers)
    return ". ".join([document.title, *passage.headings, own])


# What is exported


@pytest.mark.parametrize("activation", [None, torch.nn.Sigmoid(), torch.nn.Identity()], ids=str)
def test_scores_are_those_of_the_model(tmp_path: Path, activation: torch.nn.Module | None) -> None:
    """Of pairs of any length, the scores are those of sentence-transformers to a thousandth, and they differ."""
    model = tiny_cross_encoder(tmp_path / "tiny", activation=activation)
    reranker = exported(model, tmp_path / "exported")
    assert reranker.settings.max_pieces == 48
    assert reranker.settings.activation == ("identity" if isinstance(activation, torch.nn.Identity) else "sigmoid")
    exact = CrossEncoder(str(model), device="cpu")
    for question in ("the median survival", "pain"):
        ours = reranker.scores(reranker.logits(question, PASSAGES))
        theirs = exact.predict([(question, passage) for passage in PASSAGES])
        assert ours == pytest.approx(theirs, abs=1e-3)
        assert len(set(theirs.round(3).tolist())) == len(PASSAGES)


def test_the_question_is_never_cut(tmp_path: Path) -> None:
    """Of 48 pieces three are special; a question has at most half of the rest, and its last word counts."""
    reranker = exported(tiny_cross_encoder(tmp_path / "tiny"), tmp_path / "exported")
    assert reranker.most_of_question == 22
    assert reranker.count("pain " * 22) == 22
    one, other = (reranker.logits("pain " * 21 + last, ["spine " * 200])[0] for last in ("pain", "tumor"))
    assert abs(one - other) > 1e-3


def test_export_is_the_same_again(tmp_path: Path) -> None:
    """An export is a pure function of the model."""
    model = tiny_cross_encoder(tmp_path / "tiny")
    for name in ("first", "second"):
        exported(model, tmp_path / name)
    files = sorted(path.name for path in (tmp_path / "first").iterdir())
    assert files == ["model.onnx", "reranker.json", "tokenizer.json"]
    assert all((tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes() for name in files)


# What is none


def test_an_encoder_is_no_cross_encoder(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A model without a head for pairs, to which sentence-transformers would give a random one, is refused."""
    with pytest.raises(EncoderError, match="my model is no cross-encoder: its architecture is BertModel"):
        exported(tiny_model(tmp_path / "tiny"), tmp_path / "exported")
    assert "MISSING" not in capfd.readouterr().err


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ({"labels": 3}, "my model gives 3 labels to a pair, not one score"),
        ({"activation": torch.nn.Tanh()}, "my model ends in Tanh; only Sigmoid and Identity are supported"),
    ],
    ids=["labels", "activation"],
)
def test_other_heads_are_refused(tmp_path: Path, kind: dict[str, Any], words: str) -> None:
    """What gives no single score, or makes something of it that is not known, is refused."""
    with pytest.raises(EncoderError, match=words):
        exported(tiny_cross_encoder(tmp_path / "tiny", **kind), tmp_path / "exported")


def test_a_model_with_a_prompt_is_refused(tmp_path: Path) -> None:
    """A model that puts words of its own before a pair scores otherwise than what was exported of it."""
    model = tiny_cross_encoder(tmp_path / "tiny")
    path = model / "config_sentence_transformers.json"
    settings = json.loads(path.read_text("utf-8"))
    prompted = {**settings, "prompts": {"rank": "surgery of the tumor . "}, "default_prompt_name": "rank"}
    path.write_text(json.dumps(prompted), "utf-8")
    with pytest.raises(EncoderError, match="reads them in a way of its own"):
        exported(model, tmp_path / "exported")


def test_an_empty_folder_is_no_cross_encoder(embedded_store: Path, tmp_path: Path) -> None:
    """A build with a folder that holds no model ends with its name, and leaves what was published."""
    store = copied(embedded_store, tmp_path / "store")
    before = store.current()
    (tmp_path / "empty").mkdir()
    settings = BuildSettings(reranker=str(tmp_path / "empty"))
    with pytest.raises(EncoderError, match=f"{tmp_path / 'empty'} is no sentence-transformers cross-encoder"):
        build_snapshot(read_sources([EMBEDDED]).documents, store, settings)
    assert store.current() == before


# Answers


@pytest.mark.parametrize("question", QUESTIONS)
def test_passages_are_in_the_order_of_the_model(
    searchers: Mapping[str, Searcher], models: Mapping[str, Path], question: str
) -> None:
    """All 16 passages of the page come in the order, and with the scores, that the model itself gives them."""
    searcher = searchers["forward"]
    texts = {each.id: read(each, searcher.documents[each.document_id]) for each in searcher.passages}
    exact = CrossEncoder(str(models["forward"]), device="cpu")
    scores = dict(zip(texts, exact.predict([(question, text) for text in texts.values()]).tolist(), strict=True))
    answer = ask(searcher, question, k=16)
    assert ids(answer) == sorted(texts, key=lambda each: -scores[each])
    assert [passage.score for passage in answer.passages] == pytest.approx(sorted(scores.values())[::-1], abs=1e-3)
    assert [passage.rank for passage in answer.passages] == list(range(1, 17))


def test_a_reranker_of_the_other_sign_reverses(searchers: Mapping[str, Searcher]) -> None:
    """What one model likes best, the other likes least; neither has the order of the legs."""
    forward, backward, plain = (ids(ask(searchers[name], MEDIAN, k=16)) for name in ("forward", "backward", "plain"))
    assert forward == backward[::-1]
    assert sorted(forward) == sorted(plain)
    assert plain not in (forward, backward)


@pytest.mark.parametrize("question", QUESTIONS)
def test_confidence_and_status_stay(searchers: Mapping[str, Searcher], question: str) -> None:
    """Whatever its place, a passage keeps its confidence and highlights, and the question its status."""
    plain, reranked = (ask(searchers[name], question, k=16) for name in ("plain", "forward"))
    kept = {each.id: (each.confidence, each.highlights) for each in plain.passages}
    assert {each.id: (each.confidence, each.highlights) for each in reranked.passages} == kept
    assert len({each.confidence for each in plain.passages}) > 5
    assert reranked.answerable == plain.answerable
    statuses = [
        searchers[name].search([Query(question=question)])[0].status for name in ("plain", "forward", "backward")
    ]
    assert len(set(statuses)) == 1


@pytest.mark.parametrize("leg", ["dense", "lexical"])
def test_single_legs_are_not_reranked(searchers: Mapping[str, Searcher], leg: Leg) -> None:
    """A leg that is asked for alone gives what it gives without a reranker."""
    plain, reranked = (ask(searchers[name], MEDIAN, leg=leg) for name in ("plain", "forward"))
    assert reranked.passages == plain.passages


def test_what_is_not_read_stays_below(embedded_store: Path, models: Mapping[str, Path], tmp_path: Path) -> None:
    """Of 30 passages the first 20 are read, whatever `k` is; the others keep their order below, and no score rises."""
    patients = ("pain", "spine", "tumor", "surgery", "survival")
    paragraphs = [f"The {patients[n % 5]} of {n} patients lasted {n * n} months." for n in range(1, 31)]
    pages = read_pages(tmp_path / "pages", one="\n\n".join(paragraphs))
    plain = searcher_of(pages, embedded_store, tmp_path / "plain")
    settings = BuildSettings(reranker=str(models["forward"]))
    reranked = searcher_of(pages, embedded_store, tmp_path / "reranked", settings)
    before, after = (ask(each, "pain of 12 patients", k=30) for each in (plain, reranked))
    assert len(ids(before)) == 30
    assert ids(after)[20:] == ids(before)[20:]
    assert sorted(ids(after)[:20]) == sorted(ids(before)[:20])
    assert ids(after)[:20] != ids(before)[:20]
    scores = [passage.score for passage in after.passages]
    assert scores == sorted(scores, reverse=True)
    for k in (1, 7, 20):
        assert ask(reranked, "pain of 12 patients", k=k).passages == after.passages[:k]


def test_a_filter_takes_away_and_changes_no_score(searchers: Mapping[str, Searcher]) -> None:
    """What a filter leaves has the scores and the order that it has without."""
    whole = ask(searchers["forward"], MEDIAN, k=16)
    left = ask(searchers["forward"], MEDIAN, k=16, year_from=2017)
    scores = {each.id: each.score for each in whole.passages}
    assert 0 < len(left.passages) < 16
    assert ids(left) == [each for each in ids(whole) if each in set(ids(left))]
    assert [each.score for each in left.passages] == [scores[each.id] for each in left.passages]


def test_answers_are_the_same_under_load(searchers: Mapping[str, Searcher]) -> None:
    """Eight threads that ask at once get, to the last digit, what one gets."""
    queries = [Query(question=question, min_confidence=0) for question in QUESTIONS]
    alone = [answer.passages for answer in searchers["forward"].search(queries)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: searchers["forward"].search(queries), range(16)))
    assert all([answer.passages for answer in answers] == alone for answers in found)


def test_a_question_must_leave_room_for_a_passage(searchers: Mapping[str, Searcher]) -> None:
    """A question that takes more than half of the room is refused, with both numbers; a single leg takes it."""
    long = "pain " * 23
    with pytest.raises(QueryError, match="has 23 word pieces, the reranker takes 22 beside a passage") as caught:
        ask(searchers["forward"], long)
    assert caught.value.field == "question"
    assert len(ask(searchers["forward"], long, leg="dense").passages) == 5


# The snapshot


def test_the_snapshot_is_another(stores: Mapping[str, Store], models: Mapping[str, Path]) -> None:
    """The id follows from the reranker, by its content too, and the manifest names it."""
    snapshots = {name: Snapshot.open(store) for name, store in stores.items()}
    assert len({each.id for each in snapshots.values()}) == 3
    assert snapshots["plain"].manifest.reranker is None
    assert snapshots["forward"].manifest.reranker != snapshots["backward"].manifest.reranker
    assert snapshots["forward"].manifest.settings.reranker == str(models["forward"])
    assert f"{LAYOUT.reranker}/model.onnx" in snapshots["forward"].manifest.files
    assert not (snapshots["plain"].folder / LAYOUT.reranker).exists()


BUILD = """
import sys
from pathlib import Path
from corpus.sources import read_sources
from index import BuildSettings, Store
from index.build import build_snapshot
store, source, model = sys.argv[1:]
built = build_snapshot(read_sources([Path(source)]).documents, Store(Path(store)), BuildSettings(reranker=model))
print(built.folder, "torch" in sys.modules)
"""


def test_a_reranker_is_taken_over(stores: Mapping[str, Store], models: Mapping[str, Path], tmp_path: Path) -> None:
    """The same build lies ready; one of other sources exports nothing; one without a reranker has none."""
    store = copied(stores["forward"].root, tmp_path / "store")
    before = store.current()
    settings = BuildSettings(reranker=str(models["forward"]))
    assert build_snapshot(read_sources([EMBEDDED]).documents, store, settings).reused
    pages = read_pages(tmp_path / "pages", one="Median survival was 9 months.")
    command = [sys.executable, "-c", BUILD, *map(str, (store.root, tmp_path / "pages", models["forward"]))]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(store.current()), "False"]
    assert store.current() != before
    for name in ("model.onnx", "tokenizer.json", "reranker.json"):
        assert (store.current() / LAYOUT.reranker / name).read_bytes() == (before / LAYOUT.reranker / name).read_bytes()
    build_snapshot(pages, store)
    assert Snapshot.open(store).reranker is None


TORCH_FREE = """
import sys
from pathlib import Path
from index import Query, Searcher, Snapshot, Store
searcher = Searcher(Snapshot.open(Store(Path(sys.argv[1]))))
(answer,) = searcher.search([Query(question="What was the median survival?", min_confidence=0)])
print(answer.passages[0].id, *sorted({name.partition(".")[0] for name in sys.modules}))
"""


def test_reranking_imports_no_torch(stores: Mapping[str, Store], searchers: Mapping[str, Searcher]) -> None:
    """A process that reranks has loaded neither torch nor what exports a model."""
    done = subprocess.run(
        [sys.executable, "-c", TORCH_FREE, str(stores["backward"].root)], capture_output=True, text=True, check=True
    )
    first, *modules = done.stdout.split()
    assert first == ids(ask(searchers["backward"], "What was the median survival?"))[0]
    assert "onnxruntime" in modules
    assert not {"torch", "transformers", "sentence_transformers", "onnx", "onnxscript"} & set(modules)


def test_scores_with_a_sigmoid_keep_the_order_of_logits(tmp_path: Path) -> None:
    """Logits that a sigmoid makes equal are still told apart."""
    reranker = exported(tiny_cross_encoder(tmp_path / "tiny"), tmp_path / "exported")
    logits = np.array([40.0, 30.0, 0.0, -2000.0], dtype=np.float32)
    assert reranker.scores(logits).tolist() == [1.0, 1.0, 0.5, 0.0]
