"""The exported encoder: close to the model it comes from, exact about its limit, and free of torch."""

import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

from corpus.errors import EncoderError, TextTooLongError
from index import Store
from index.encoder import Encoder, Encoding, Vectors
from index.encoder_settings import ENCODER_FILES, EncoderSettings, Fidelity
from index.export import LEAST_FIDELITY, export_encoder
from index.manifest import LAYOUT
from index.models import DEFAULT_MODEL, fingerprint, model_fingerprint, model_folder
from index.snapshot import Snapshot
from tests.stores import tiny_model

SENTENCES = (
    "What was the median survival?",
    "C1-C2",
    "neck pain",
    "Pain relief was complete or nearly complete in 21 patients and mild in two, while one patient had none.",
    "Lesions of the extradural compartment often permit a specific diagnosis.",
    "The patient died 39 days later.",
    "α-synuclein and AQP4-IgG, p<0.05, 24 h/day",
    "Überleben nach palliativer Operation der Halswirbelsäule",
)


@pytest.fixture(scope="module")
def snapshot(embedded_store: Path) -> Snapshot:
    """The embedded page's snapshot."""
    return Snapshot.open(Store(embedded_store))


@pytest.fixture(scope="module")
def encoder(snapshot: Snapshot) -> Encoder:
    """The default encoder, exported."""
    return snapshot.encoder


def vectors_of(encodings: Iterable[Encoding]) -> Vectors:
    """The vectors of some encodings, one a row."""
    return np.stack([encoding.vector for encoding in encodings])


def exported(model: Path, folder: Path, *, least: float = LEAST_FIDELITY) -> Encoder:
    """A model exported into a folder, in int8 unless that costs more than `least` allows on some texts."""
    export_encoder(model, folder, name=str(model), fingerprint=fingerprint(model), sample=TEXTS, least=least)
    return Encoder(folder)


def assert_same(encodings: Sequence[Encoding], others: Sequence[Encoding]) -> None:
    """Bit for bit, some encodings are some others."""
    assert len(encodings) == len(others)
    for one, other in zip(encodings, others, strict=True):
        assert (one.vector == other.vector).all()
        assert (one.pieces == other.pieces).all()
        assert (one.states == other.states).all()


# The default encoder


def test_vectors_are_close_to_the_model(snapshot: Snapshot, encoder: Encoder) -> None:
    """Of every passage and of short sentences, the vector is within .98 of sentence-transformers', .99 in the mean."""
    texts = [*SENTENCES, *(passage.text for passage in snapshot.passages)]
    exact = SentenceTransformer(str(model_folder(DEFAULT_MODEL)), device="cpu")
    cosines = (vectors_of(encoder.encode_passages(texts)) * exact.encode(texts, normalize_embeddings=True)).sum(axis=1)
    assert len(texts) >= 20
    assert cosines.min() >= 0.98
    assert cosines.mean() >= 0.99


def test_vectors_are_unit_vectors(encoder: Encoder) -> None:
    """Vectors are float32 of the dimension stated, and of length 1."""
    vectors = vectors_of(encoder.encode_queries(SENTENCES))
    assert vectors.shape == (len(SENTENCES), 384)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-6)


def test_no_texts_give_no_vectors(encoder: Encoder) -> None:
    """Nothing to encode is nothing."""
    assert list(encoder.encode_passages([])) == encoder.encode_queries([]) == []


def test_vector_is_the_same_alone_and_in_company(encoder: Encoder) -> None:
    """Bit for bit, a text has one vector: alone, among others, in another order."""
    alone = [encoder.encode_queries([text])[0] for text in SENTENCES]
    assert_same(encoder.encode_queries(SENTENCES), alone)
    assert_same(encoder.encode_queries(SENTENCES[::-1])[::-1], alone)
    assert_same(list(encoder.encode_passages([*SENTENCES, "filler " * 100]))[:-1], alone)


def test_vector_is_the_same_from_many_threads(encoder: Encoder) -> None:
    """Eight threads that encode at once get the vectors that one gets."""
    alone = encoder.encode_queries(SENTENCES)
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: encoder.encode_queries(SENTENCES), range(24)))
    for result in results:
        assert_same(result, alone)


def test_question_asked_again_is_not_encoded_again(embedded_store: Path) -> None:
    """A question that was kept gives the arrays that it gave first, which nobody can change, and passages do not."""
    encoder = Encoder(Store(embedded_store).current() / LAYOUT.encoder)
    first = encoder.encode_queries(SENTENCES[:2])
    again = encoder.encode_queries([SENTENCES[1], SENTENCES[2], SENTENCES[0]])
    assert again[0] is first[1]
    assert again[2] is first[0]
    assert_same(list(encoder.encode_passages(SENTENCES[:3])), [*first, again[1]])
    with pytest.raises(ValueError, match="read-only"):
        again[0].vector[0] = 0


def test_vector_is_the_same_with_any_number_of_workers(embedded_store: Path, encoder: Encoder) -> None:
    """One worker gives the vectors that one for each core gives."""
    single = Encoder(Store(embedded_store).current() / LAYOUT.encoder, workers=1)
    assert_same(single.encode_queries(SENTENCES), encoder.encode_queries(SENTENCES))


def test_limit_is_that_of_the_model(encoder: Encoder) -> None:
    """The default encoder takes 256 word pieces, [CLS] and [SEP] among them."""
    assert encoder.settings.max_pieces == 256
    assert encoder.count("spine " * 254) == encoder.count_query("spine " * 254) == 256
    (encoding,) = encoder.encode_passages(["spine " * 254])
    assert (encoding.vector.shape, encoding.states.shape) == ((384,), (254, 128))


@pytest.mark.parametrize("words", [255, 5000])
def test_too_long_text_is_never_cut(encoder: Encoder, words: int) -> None:
    """A text over the limit is refused with both numbers, by both verbs."""
    text = "spine " * words
    with pytest.raises(TextTooLongError, match=f"has {words + 2} word pieces, the encoder takes 256"):
        encoder.encode_queries(["short", text])
    with pytest.raises(TextTooLongError, match=f"has {words + 2} word pieces, the encoder takes 256"):
        list(encoder.encode_passages([text]))


def test_end_of_a_long_text_counts(encoder: Encoder) -> None:
    """The last word of a text of 256 pieces changes its vector, so nothing is cut off behind the scenes."""
    first, second = encoder.encode_passages(["spine " * 253 + "pain", "spine " * 253 + "tumor"])
    assert float(first.vector @ second.vector) < 0.9999


def test_states_are_those_of_the_model_projected(encoder: Encoder) -> None:
    """The cosines of word pieces' states are about those of sentence-transformers', though a third as long."""
    exact = SentenceTransformer(str(model_folder(DEFAULT_MODEL)), device="cpu")
    texts = ["What was the median survival?", "Pain relief was complete in 21 patients."]
    first, second = encoder.encode_passages(texts)
    theirs = [states.numpy()[1:-1] for states in exact.encode(texts, output_value="token_embeddings")]
    theirs = [states / np.linalg.norm(states, axis=1, keepdims=True) for states in theirs]
    assert (len(first.pieces), first.states.shape, theirs[0].shape) == (6, (6, 128), (6, 384))
    assert np.linalg.norm(first.states, axis=1) == pytest.approx(1, abs=1e-6)
    # The order of what matches best is what the score rests on.
    ours = first.states @ second.states.T
    assert np.corrcoef(ours.ravel(), (theirs[0] @ theirs[1].T).ravel())[0, 1] > 0.95


def test_pieces_leave_out_the_special_ones(encoder: Encoder) -> None:
    """A text has two pieces less than it is counted with, which are [CLS] and [SEP]."""
    assert len(encoder.pieces("spine pain")) == encoder.count("spine pain") - 2 == 2
    (encoding,) = encoder.encode_passages(["spine pain"])
    assert (encoding.pieces == encoder.pieces("spine pain")).all()
    assert encoding.pieces.max() < encoder.vocabulary


TORCH_FREE = """
import sys
from pathlib import Path
from index import Query, Searcher, Snapshot, Store
searcher = Searcher(Snapshot.open(Store(Path(sys.argv[1]))))
(answer,) = searcher.search([Query(question="What was the median survival after palliative surgery?")])
print(len(answer.passages), *sorted({name.partition(".")[0] for name in sys.modules}))
"""


def test_answering_imports_no_torch(embedded_store: Path) -> None:
    """A process that opens a snapshot and answers has loaded neither torch nor what exports an encoder."""
    done = subprocess.run(
        [sys.executable, "-c", TORCH_FREE, str(embedded_store)], capture_output=True, text=True, check=True
    )
    passages, *modules = done.stdout.split()
    assert int(passages) == 5
    assert {"index", "onnxruntime", "tokenizers", "faiss"} <= set(modules)
    assert not {"torch", "transformers", "sentence_transformers", "onnx", "onnxscript"} & set(modules)


# Any other model


TEXTS = ("the median survival", "Tumors of the SPINE", "pain " * 20, "14.8 months", "surgery")

PASSAGE_PROMPT = "the tumor "


@pytest.mark.parametrize(
    "kind",
    [
        {"pooling": "mean"},
        {"pooling": "cls"},
        {"pooling": "max"},
        {"dense": 16},
        {"normalize": True},
        {"dropout": 0.5},
        {"dense": 16, "normalize": True, "pooling": "cls"},
        {"lowercase": True},
        {"prompts": {"passage": PASSAGE_PROMPT}},
        {"prompts": {"spine": PASSAGE_PROMPT}, "default_prompt_name": "spine"},
    ],
    ids=str,
)
def test_every_kind_of_model_gives_its_own_vectors(tmp_path: Path, kind: dict[str, Any]) -> None:
    """Whatever its pooling, modules, prompts and case, in fp32 the vectors of a model are its own, and in int8 near."""
    model = tiny_model(tmp_path / "tiny", **kind)
    exact = SentenceTransformer(str(model), device="cpu")
    queries = exact.encode_query(list(TEXTS), normalize_embeddings=True)
    passages = exact.encode_document(list(TEXTS), normalize_embeddings=True)
    for least, nearest in ((1.01, 0.9999), (0.0, 0.99)):
        encoder = exported(model, tmp_path / str(least), least=least)
        assert encoder.settings.precision == ("fp32" if least else "int8")
        assert encoder.dimension == kind.get("dense", 32)
        assert (vectors_of(encoder.encode_queries(TEXTS)) * queries).sum(axis=1).min() > nearest
        assert (vectors_of(encoder.encode_passages(TEXTS)) * passages).sum(axis=1).min() > nearest
    # The texts differ, so that agreeing means something.
    assert np.tril(passages @ passages.T, -1).max() < 0.999


def test_lower_case_is_the_models(tmp_path: Path) -> None:
    """A model that was made for lower case knows a word in capitals, and another does not."""
    lower = exported(tiny_model(tmp_path / "lower", lowercase=True), tmp_path / "one")
    other = exported(tiny_model(tmp_path / "other"), tmp_path / "two")
    assert (lower.pieces("SPINE") == lower.pieces("spine")).all()
    assert (other.pieces("SPINE") != other.pieces("spine")).any()


def test_settings_are_those_of_the_model(tmp_path: Path) -> None:
    """What an exported encoder states of itself: limit, tensors, both prompts, and what int8 weights cost."""
    model = tiny_model(tmp_path / "tiny")
    settings = exported(model, tmp_path / "exported").settings
    assert settings.fidelity
    assert 0.999 < settings.fidelity.least <= settings.fidelity.mean < 1
    assert settings == EncoderSettings(
        fingerprint=fingerprint(model),
        model=model_fingerprint(model),
        dimension=32,
        max_pieces=32,
        inputs=("input_ids", "token_type_ids"),
        query_prompt="pain ",
        passage_prompt=PASSAGE_PROMPT,
        precision="int8",
        fidelity=Fidelity(len(TEXTS), settings.fidelity.mean, settings.fidelity.least),
    )


def test_weights_that_int8_spoils_stay_fp32(tmp_path: Path) -> None:
    """A model with outliers among its weights loses its directions in int8: it keeps fp32, and the figures say why."""
    model = tiny_model(tmp_path / "tiny", outlier=1000)
    encoder = exported(model, tmp_path / "exported")
    exact = SentenceTransformer(str(model), device="cpu").encode_document(list(TEXTS), normalize_embeddings=True)
    assert encoder.settings.precision == "fp32"
    assert encoder.settings.fidelity
    assert encoder.settings.fidelity.mean < LEAST_FIDELITY
    assert (vectors_of(encoder.encode_passages(TEXTS)) * exact).sum(axis=1).min() > 0.9999
    spoiled = exported(model, tmp_path / "spoiled", least=0)
    cosines = (vectors_of(spoiled.encode_passages(TEXTS)) * exact).sum(axis=1)
    assert spoiled.settings.precision == "int8"
    assert encoder.settings.fidelity.mean == pytest.approx(cosines.mean(), abs=1e-4)
    assert encoder.settings.fidelity.least == pytest.approx(cosines.min(), abs=1e-4)


def test_a_model_that_is_exported_as_another_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where even fp32 weights give other vectors than the model, nothing is built on them."""
    monkeypatch.setattr("index.export._SAME", 1.01)  # no model is so near to itself
    with pytest.raises(EncoderError, match="model makes other vectors than what was exported of it"):
        exported(tiny_model(tmp_path / "tiny", outlier=1000), tmp_path / "exported")


def test_prompts_outside_the_pooling_are_refused(tmp_path: Path) -> None:
    """A model that pools without its prompt cannot be exported as it is, and is refused by its name."""
    model = tiny_model(tmp_path / "tiny")
    path = model / "1_Pooling" / "config.json"
    path.write_text(path.read_text("utf-8").replace('"include_prompt": true', '"include_prompt": false'), "utf-8")
    with pytest.raises(EncoderError, match="my model leaves its prompts out of its pooling"):
        export_encoder(model, tmp_path / "out", name="my model", fingerprint="")


def test_words_of_the_prompt_are_none_of_the_question(tmp_path: Path) -> None:
    """What a model puts before each question is encoded with it, and not counted among its words."""
    encoder = exported(tiny_model(tmp_path / "tiny", prompts={"query": "surgery . pain"}), tmp_path / "exported")
    (encoding,) = encoder.encode_queries(["s median survival"])
    assert len(encoding.pieces) == 6
    # The model's tokenizer makes one word of the prompt's last and the question's first.
    assert [(word.text, word.pieces) for word in encoding.words] == [
        ("s", slice(2, 4)),
        ("median", slice(4, 5)),
        ("survival", slice(5, 6)),
    ]
    without = exported(tiny_model(tmp_path / "without", prompts={}), tmp_path / "other").encode_queries(["the pain"])[0]
    assert [word.text for word in without.words] == ["the", "pain"]


def test_limit_of_another_model_counts_its_prompt(tmp_path: Path) -> None:
    """The limit is the model's own, and its prompts count."""
    encoder = exported(tiny_model(tmp_path / "tiny", pieces=16), tmp_path / "exported")
    assert encoder.count("surgery " * 12) == 16
    assert encoder.count_query("surgery " * 13) == 16
    assert encoder.width == 32
    assert len(list(encoder.encode_passages(["surgery " * 12]))) == len(encoder.encode_queries(["surgery " * 13])) == 1
    with pytest.raises(TextTooLongError, match="has 17 word pieces, the encoder takes 16"):
        list(encoder.encode_passages(["surgery " * 13]))


def test_export_is_the_same_again(tmp_path: Path) -> None:
    """An export is a pure function of the model: two have the same bytes."""
    model = tiny_model(tmp_path / "tiny")
    for name in ("first", "second"):
        exported(model, tmp_path / name)
    for file in msgspec.structs.astuple(ENCODER_FILES):
        assert (tmp_path / "first" / file).read_bytes() == (tmp_path / "second" / file).read_bytes()


def test_fingerprint_follows_the_model_files(tmp_path: Path) -> None:
    """A copy of a model has its fingerprint; a changed file gives another, a note beside it does not."""
    model = tiny_model(tmp_path / "tiny")
    before = fingerprint(model)
    assert fingerprint(tiny_model(tmp_path / "same")) == before
    (model / "notes.md").write_text("a note", "utf-8")
    assert fingerprint(model) == before
    weights = model / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\0")
    assert fingerprint(model) != before


# What is no model


def test_empty_folder_is_no_model(tmp_path: Path) -> None:
    """A folder without a model is refused by its name."""
    with pytest.raises(EncoderError, match="my model is no sentence-transformers model"):
        export_encoder(tmp_path, tmp_path / "out", name="my model", fingerprint="")


def test_damaged_weights_are_no_model(tmp_path: Path) -> None:
    """A model whose weights are cut off is refused by its name."""
    model = tiny_model(tmp_path / "tiny")
    weights = model / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])
    with pytest.raises(EncoderError, match="my model is no sentence-transformers model"):
        export_encoder(model, tmp_path / "out", name="my model", fingerprint="")


@pytest.mark.parametrize("name", ["no-such-owner/no-such-model", "no such model", "/no/such/folder"])
def test_unknown_name_is_refused_with_the_cure(name: str) -> None:
    """A name that is neither a folder nor in the local cache is refused, where nothing may be fetched."""
    script = "import sys; from index.models import model_folder; model_folder(sys.argv[1])"
    done = subprocess.run(
        [sys.executable, "-c", script, name],
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    last = done.stderr.strip().splitlines()
    assert any(f"corpus.errors.EncoderError: {name} is neither {DEFAULT_MODEL}, nor a folder" in line for line in last)
    assert last[-1].endswith("Name the folder of a sentence-transformers model.")
