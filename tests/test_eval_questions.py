"""Reading a question set, locating its evidence, and the wording that question and evidence share."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.documents import Document, Marker
from corpus.errors import QuestionSetError
from eval.questions import QUESTION_SCHEMA, Evidence, Question, question_schema, read_questions, write_questions
from eval.spans import GoldSpan, locate, whole_sentences
from eval.wording import content_words, wording_overlap

ANSWERABLE = {
    "id": "q1",
    "question": "How many patients were followed?",
    "evidence": [{"document": "page", "quote": "24 patients"}],
    "references": ["pmid:28638950"],
    "answerable": True,
    "kind": "number",
    "split": "dev",
}
UNANSWERABLE = {
    "id": "q2",
    "question": "How many surgeons were followed?",
    "evidence": [],
    "references": [],
    "answerable": False,
    "split": "test",
    "pair": "q1",
}


def write(path: Path, *questions: dict[str, object]) -> Path:
    """A question set of these objects, one a line."""
    file = path / "questions.jsonl"
    file.write_bytes(b"".join(msgspec.json.encode(question) + b"\n" for question in questions))
    return file


def document(text: str, markers: tuple[Marker, ...] = ()) -> dict[str, Document]:
    """One document, named page, with this text."""
    page = Document(id="page", title="", form="text", text=text, sha256="", source_sha256="", markers=markers)
    return {"page": page}


def question(*evidence: Evidence) -> Question:
    """An answerable question with this evidence."""
    return Question("q1", "How many?", evidence, answerable=True)


def test_read_questions(tmp_path: Path) -> None:
    """Every field of a line is read, the optional ones with their defaults."""
    assert read_questions(write(tmp_path, ANSWERABLE, UNANSWERABLE)) == (
        Question(
            id="q1",
            question="How many patients were followed?",
            evidence=(Evidence("page", "24 patients", None, None),),
            references=("pmid:28638950",),
            answerable=True,
            kind="number",
            split="dev",
            pair=None,
        ),
        Question("q2", "How many surgeons were followed?", (), False, (), None, "test", "q1"),
    )


def test_references_may_be_left_out(tmp_path: Path) -> None:
    """Without references it is not known what should be cited, which is not the same as nothing."""
    (left_out,) = read_questions(write(tmp_path, {k: v for k, v in ANSWERABLE.items() if k != "references"}))
    (empty,) = read_questions(write(tmp_path, {**ANSWERABLE, "references": []}))
    assert (left_out.references, empty.references) == (None, ())


def test_read_a_split(tmp_path: Path) -> None:
    """Only the questions of the split asked for are returned, though a pair may stand in another."""
    questions = read_questions(write(tmp_path, ANSWERABLE, UNANSWERABLE), split="test")
    assert [question.id for question in questions] == ["q2"]


def test_blank_lines_are_passed_over_but_counted(tmp_path: Path) -> None:
    """A blank line is no question, and the line numbers of messages are those of an editor."""
    file = tmp_path / "questions.jsonl"
    file.write_bytes(b"\n" + msgspec.json.encode(ANSWERABLE) + b"\r\n\n{\n")
    with pytest.raises(QuestionSetError, match=r"^questions.jsonl, line 4: Input data was truncated"):
        read_questions(file)


def test_an_unknown_split_names_the_splits_there_are(tmp_path: Path) -> None:
    """The message says what to ask for instead."""
    with pytest.raises(QuestionSetError) as caught:
        read_questions(write(tmp_path, ANSWERABLE, UNANSWERABLE), split="train")
    assert str(caught.value) == "questions.jsonl has no split 'train'. Ask for one of: dev, test."


def test_a_set_without_splits_says_so(tmp_path: Path) -> None:
    """Where no question names a split, the cure is to ask without one."""
    with pytest.raises(QuestionSetError, match="None of its questions names one: ask without a split"):
        read_questions(write(tmp_path, {**ANSWERABLE, "split": None}), split="dev")


def test_the_same_id_twice_names_both_lines(tmp_path: Path) -> None:
    """A repeated id is refused with the line that already has it."""
    with pytest.raises(QuestionSetError, match=r"line 2, question 'q1': the id already stands on line 1"):
        read_questions(write(tmp_path, ANSWERABLE, ANSWERABLE))


@pytest.mark.parametrize("content", [b"", b"\n \n"])
def test_an_empty_file_is_refused(tmp_path: Path, content: bytes) -> None:
    """A file without a question is a mistake, not an empty set."""
    file = tmp_path / "questions.jsonl"
    file.write_bytes(content)
    with pytest.raises(QuestionSetError, match=r"^questions.jsonl: the file holds no question"):
        read_questions(file)


def test_a_missing_file_is_a_question_set_error(tmp_path: Path) -> None:
    """A path that cannot be read is reported like every other fault of a question set."""
    with pytest.raises(QuestionSetError, match=r"absent\.jsonl cannot be read: No such file"):
        read_questions(tmp_path / "absent.jsonl")


def test_bytes_that_are_not_utf8_are_refused(tmp_path: Path) -> None:
    """A line in another encoding is refused with its number."""
    file = tmp_path / "questions.jsonl"
    file.write_bytes('{"id": "é"}'.encode("latin-1"))
    with pytest.raises(QuestionSetError, match=r"line 1: .*Write one whole JSON object in UTF-8"):
        read_questions(file)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"evidense": []}, "unknown field `evidense`. A question has id, question"),
        ({"answerable": "yes"}, "Expected `bool`, got `str`"),
        ({"id": "q 1"}, "the id is empty or has white space"),
        ({"id": ""}, "the id is empty or has white space"),
        ({"question": " "}, "the question is empty"),
        ({"evidence": []}, "it is answerable but has no evidence"),
        ({"answerable": False}, "it is unanswerable but has 1 evidence and 1 references"),
        ({"answerable": False, "evidence": []}, "it is unanswerable but has 0 evidence and 1 references"),
        ({"pair": "q1"}, "it is answerable but has a pair"),
        ({"evidence": [{"document": "page", "quote": ""}]}, "a quote is empty"),
        ({"evidence": [{"document": "page", "quote": "24", "start": -1}]}, "Expected `int` >= 0"),
        ({"evidence": [{"document": "page", "quote": "24", "end": 2}]}, "evidence has end 2 but no start"),
        (
            {"evidence": [{"document": "page", "quote": "24", "start": 5, "end": 8}]},
            "evidence spans 3 code points from start 5 to end 8, but its quote has 2",
        ),
        ({"evidence": [{"document": "page", "quote": "24"}] * 2}, "the same evidence is listed twice"),
        (
            {"evidence": [{"document": "page"}, {"document": "page", "grade": 2}]},
            "the same evidence is listed twice",
        ),
        (
            {"evidence": [{"document": "page", "quote": "24"}, {"document": "other"}]},
            "1 of its 2 evidence have a quote, the others are whole documents",
        ),
        ({"evidence": [{"document": "page", "start": 3}]}, "evidence has a start or end but no quote"),
        ({"evidence": [{"document": "page", "grade": 0}]}, "Expected `int` >= 1"),
    ],
)
def test_faults_of_a_line(tmp_path: Path, change: dict[str, object], message: str) -> None:
    """Each fault of a question is refused with its line and what is wrong."""
    with pytest.raises(QuestionSetError) as caught:
        read_questions(write(tmp_path, ANSWERABLE | {"id": "q0"}, ANSWERABLE | change))
    assert str(caught.value).startswith("questions.jsonl, line 2")
    assert message in str(caught.value)


def test_a_pair_must_be_an_answerable_question_of_the_file(tmp_path: Path) -> None:
    """A pair that points nowhere, or at an unanswerable question, is refused."""
    with pytest.raises(QuestionSetError, match="its pair 'q9' is none of the 1 answerable questions"):
        read_questions(write(tmp_path, ANSWERABLE, {**UNANSWERABLE, "pair": "q9"}))


def test_locate_finds_a_quote_that_stands_once() -> None:
    """A quote is found without offsets; they count code points, so an astral character is one."""
    spans = locate(question(Evidence("page", "24 patients")), document("😀 All 24 patients lived."))
    assert spans == (GoldSpan("page", 6, 17, 1),)


def test_locate_wants_a_start_where_the_quote_is_repeated() -> None:
    """A quote that stands twice needs a start; overlapping occurrences count."""
    text = document("anana")
    with pytest.raises(QuestionSetError) as caught:
        locate(question(Evidence("page", "ana")), text)
    assert str(caught.value) == (
        "Question 'q1', document 'page': the quote 'ana' stands there 2 times, at 0, 2. "
        "Give the one meant as `start`, or quote more."
    )
    assert locate(question(Evidence("page", "ana", 2)), text) == (GoldSpan("page", 2, 5),)


@pytest.mark.parametrize(
    ("evidence", "message"),
    [
        (Evidence("other", "ana"), "document 'other': it is not among the 1 documents of the snapshot"),
        (Evidence("page", "banana"), "the quote 'banana' does not stand in its text. Copy it"),
        (Evidence("page", "ana", 1), "the quote 'ana' does not stand at start 1 but at 0, 2. Correct it"),
    ],
)
def test_evidence_that_is_not_in_the_document(evidence: Evidence, message: str) -> None:
    """Gold that the source does not bear out is refused with where it was looked for."""
    with pytest.raises(QuestionSetError) as caught:
        locate(question(evidence), document("anana"))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "quote", "cure"),
    [
        ("All  24\nPatients lived.", "24 patients", "it stands at 5: copy '24\\nPatients' from there"),
        ("Follow–up of 3 weeks", "Follow-up", "it stands at 0: copy 'Follow–up' from there"),
        ("Caf\u00e9 au lait", "cafe\u0301 au", "it stands at 0: copy 'Café au' from there"),
        ("The \ufb01rst straße.", "first strasse", "it stands at 4: copy '\ufb01rst straße' from there"),
    ],
)
def test_a_quote_that_all_but_stands_in_the_document(text: str, quote: str, cure: str) -> None:
    """Where only white space, case or the form of characters differs, the message has the exact text."""
    with pytest.raises(QuestionSetError) as caught:
        locate(question(Evidence("page", quote)), document(text))
    assert cure in str(caught.value)


def test_a_whole_document_has_no_span() -> None:
    """Evidence that is a document alone is no span, but its document must be there; a span keeps its grade."""
    assert locate(question(Evidence("page")), document("anana")) == ()
    assert locate(question(Evidence("page", "nana", grade=3)), document("anana")) == (GoldSpan("page", 1, 5, 1, 3),)
    with pytest.raises(QuestionSetError, match="document 'other': it is not among the 1 documents"):
        locate(question(Evidence("other")), document("anana"))


TEXTS = st.text(min_size=1).filter(str.strip)
NAMES = TEXTS.filter(lambda name: name.split() == [name])
QUOTED = st.builds(Evidence, NAMES, TEXTS, st.none() | st.integers(0, 99), grade=st.integers(1, 3))
WHOLE = st.builds(Evidence, NAMES, grade=st.integers(1, 3))


@st.composite
def questions(draw: st.DrawFn, identity: str) -> Question:
    """A question without fault, of either sort of evidence or of none."""
    kinds = st.none() | TEXTS
    evidence = tuple(
        draw(st.just([]) | st.lists(draw(st.sampled_from([QUOTED, WHOLE])), unique_by=lambda one: one.document))
    )
    references = draw(st.none() | (st.lists(TEXTS).map(tuple) if evidence else st.just(())))
    return Question(identity, draw(TEXTS), evidence, bool(evidence), references, draw(kinds), draw(kinds))


@settings(deadline=None)
@given(st.data())
def test_what_is_written_is_read_again(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Questions written to a file are the questions read from it."""
    written = tuple(data.draw(questions(f"q{number}")) for number in range(data.draw(st.integers(1, 4))))
    file = tmp_path_factory.mktemp("written") / "questions.jsonl"
    write_questions(written, file)
    assert read_questions(file) == written


def test_defaults_are_not_written(tmp_path: Path) -> None:
    """A written line has only what was said, so it stays readable; empty references are said."""
    write_questions([Question("q1", "What?", (Evidence("page"),), True, ())], tmp_path / "set.jsonl")
    assert (tmp_path / "set.jsonl").read_text("utf-8") == (
        '{"id":"q1","question":"What?","evidence":[{"document":"page"}],"answerable":true,"references":[]}\n'
    )


def test_the_shipped_schema_is_that_of_the_structs() -> None:
    """The schema that is shipped is the one that the structs give, with no example in Python in it."""
    assert msgspec.json.format(msgspec.json.encode(question_schema()), indent=2) + b"\n" == QUESTION_SCHEMA.read_bytes()
    assert b">>>" not in QUESTION_SCHEMA.read_bytes()
    evidence = question_schema()["$defs"]["Evidence"]
    assert (evidence["required"], evidence["additionalProperties"]) == (["document"], False)


def test_white_space_at_the_ends_of_a_quote_is_no_evidence() -> None:
    """A quote with a space after it is found, and a passage need not hold that space."""
    assert locate(question(Evidence("page", " lived. ")), document("All lived. Some left.")) == (
        GoldSpan("page", 4, 10),
    )


@settings(deadline=None)  # a first call loads the splitter
@given(st.text(min_size=1).filter(str.strip), st.data())
def test_every_slice_of_a_text_is_located(text: str, data: st.DataObject) -> None:
    """Whatever slice is quoted with its start, the span gives it back but for white space at its ends."""
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    (span,) = locate(question(Evidence("page", text[start:end], start)), document(text))
    assert text[span.start : span.end] == text[start:end].strip()
    assert start <= span.start <= span.end <= end


@pytest.mark.parametrize(
    ("quote", "count"),
    [
        ("24 patients", 1),
        ("It rose.", 1),
        ("It rose. Then it fell.", 2),
        ("It rose. Then it", 1),
        ("and rose. Then it fell. So it ended.", 2),
    ],
)
def test_only_whole_sentences_count(quote: str, count: int) -> None:
    """A fragment at either end of a quote is no sentence, and there is always one."""
    assert whole_sentences(quote) == count


@pytest.mark.parametrize(("text", "count"), [("It rose. Then it fell.", 2), ("It rose. Then it fell.5", 1)])
def test_the_last_full_stop_may_be_left_out_of_a_quote(text: str, count: int) -> None:
    """A last sentence quoted without its full stop is whole, unless what follows is no full stop."""
    (span,) = locate(question(Evidence("page", "It rose. Then it fell")), document(text))
    assert (span.end, span.sentences) == (21, count)


def test_a_marker_between_two_sentences_hides_neither() -> None:
    """The document's markers are known, so a span over two marked sentences has two."""
    text = "It rose.1) Then it fell 2)."
    gold = locate(question(Evidence("page", text)), document(text, (Marker(8, 10, (1,)), Marker(24, 26, (2,)))))
    assert gold == (GoldSpan("page", 0, 27, 2),)


def test_content_words_are_stemmed_and_keep_their_hyphens() -> None:
    """Stop words and question words go, biomedical tokens stay whole."""
    assert content_words("Which patients with AQP4-IgG were operated at C1-C2?") == {
        "patient",
        "aqp4-igg",
        "oper",
        "c1-c2",
    }


def test_wording_overlap_is_the_share_of_the_questions_words() -> None:
    """Of the four content words, the two evidences together have three."""
    overlap = wording_overlap("How long did patients survive, in months?", ["Survived long.", "14 months"])
    # content words asked: long, patient, surviv, month; told: surviv, long, 14, month → 3 of 4
    assert overlap == 0.75


def test_wording_overlap_of_stop_words_alone_is_undefined() -> None:
    """A question without content words has no share, rather than 0."""
    assert wording_overlap("What is it?", ["It is."]) is None
