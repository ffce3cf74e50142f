"""Question sets of other forms, taken in and given out: BEIR, TREC, SQuAD and tables."""

import json
from pathlib import Path
from typing import Any

import pytest

from corpus.errors import QuestionSetError
from eval.beir import beir_documents, read_beir, write_beir
from eval.questions import Evidence, Question, SourceText
from eval.squad import read_squad
from eval.tables import read_table
from eval.trec import TopicField, read_topics, read_trec, write_trec


def written(path: Path, text: str) -> Path:
    """A file of this text."""
    path.write_bytes(text.encode())
    return path


# BEIR


CORPUS = (
    '{"_id": "d1", "title": "One", "text": "It rose.", "metadata": {}}',
    '{"_id": "d2", "text": "It fell."}',
)
QUERIES = (
    '{"_id": "q1", "text": "What rose?"}',
    '{"_id": "q2", "text": "What fell?"}',
    '{"_id": "q3", "text": "Else?"}',
)
QRELS = ("query-id\tcorpus-id\tscore", "q1\td1\t2", "q1\td2\t1", "q2\td1\t0")


def beir(
    folder: Path, corpus: tuple[str, ...] = CORPUS, queries: tuple[str, ...] = QUERIES, **qrels: tuple[str, ...]
) -> Path:
    """A BEIR dataset of these lines, with the qrels of each split."""
    (folder / "qrels").mkdir(parents=True)
    written(folder / "corpus.jsonl", "\n".join(corpus))
    written(folder / "queries.jsonl", "\n".join(queries))
    for split, lines in (qrels or {"test": QRELS}).items():
        written(folder / "qrels" / f"{split}.tsv", "\n".join(lines) + "\n")
    return folder


def test_read_beir(tmp_path: Path) -> None:
    """A judged query is a question whose evidence is whole documents with their grades; what is left out is told."""
    read = read_beir(beir(tmp_path / "set"))
    evidence = (Evidence("d1", grade=2), Evidence("d2", grade=1))
    assert read.questions == (Question("q1", "What rose?", evidence, answerable=True, split="test"),)
    assert read.notes == (
        "1 queries have no judgement; they were left out.",
        "1 judgements say that a document is not relevant (0 or less); they were left out.",
        "1 queries have no relevant document; they were left out, for nothing can be found.",
    )
    assert list(beir_documents(tmp_path / "set")) == [
        SourceText("d1", "One", "It rose."),
        SourceText("d2", "", "It fell."),
    ]


def test_splits_of_beir(tmp_path: Path) -> None:
    """Each question has the split of its file; one split alone can be read."""
    folder = beir(tmp_path / "set", test=QRELS[:2], train=(QRELS[0], "q2\td2\t1"))
    assert [(each.id, each.split) for each in read_beir(folder).questions] == [("q1", "test"), ("q2", "train")]
    assert [each.id for each in read_beir(folder, "train").questions] == ["q2"]
    with pytest.raises(QuestionSetError, match=r"has no split 'dev'. Ask for one of: test, train."):
        read_beir(folder, "dev")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"test": (*QRELS, "q9\td1\t1")}, r"^qrels/test.tsv, line 5: the query 'q9' is none of the 3 in queries.jsonl"),
        ({"test": (*QRELS, "q2\td9\t1")}, r"^qrels/test.tsv, line 5: the document 'd9' is none of the 2 in corpus"),
        ({"test": (*QRELS, "q1\td1\t1")}, r"line 5: document 'd1' is judged twice for query 'q1'"),
        ({"test": (*QRELS, "q2\td2\tgood")}, r"line 5: the relevance 'good' is no whole number"),
        ({"test": (*QRELS, "q2 d2 1")}, r"line 5 is 'q2 d2 1'. Write the header query-id, corpus-id, score"),
        ({"test": QRELS[1:]}, r"line 1 is 'q1\\td1\\t2'. Write the header"),
        ({"test": QRELS, "train": QRELS}, r"Query 'q1' of queries.jsonl is judged in the splits 'test' and 'train'"),
        ({"corpus": (*CORPUS, CORPUS[0])}, r"^corpus.jsonl, line 3: the id 'd1' comes a second time"),
        ({"corpus": ('{"_id": "d 1", "text": ""}',)}, r"^corpus.jsonl, line 1: the id 'd 1' is empty or has white"),
        ({"corpus": ('{"_id": "d1"}',)}, r"^corpus.jsonl, line 1: Object missing required field `text`"),
        ({"queries": (*QUERIES, QUERIES[0])}, r"^queries.jsonl, line 4: the id 'q1' comes a second time"),
        ({"queries": ('{"_id": "q1", "text": " "}', *QUERIES[1:])}, r"query 'q1': the question is empty"),
    ],
)
def test_faults_of_beir(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    """A fault is named with the file and line in which it stands."""
    with pytest.raises(QuestionSetError, match=message):
        read_beir(beir(tmp_path / "set", **change))


def test_a_folder_that_is_no_beir_dataset(tmp_path: Path) -> None:
    """The message says what was looked for and what is missing."""
    with pytest.raises(
        QuestionSetError, match=r"has no corpus.jsonl, no queries.jsonl, no qrels/\*.tsv. Name a folder"
    ):
        read_beir(tmp_path)
    with pytest.raises(QuestionSetError, match=r"corpus.jsonl cannot be read"):
        next(beir_documents(tmp_path))


def test_pubmedqa(shared: Path) -> None:
    """A real dataset: 1000 questions, each with the one abstract that answers it."""
    read = read_beir(shared / "data" / "pubmedqa")
    assert len(read.questions) == 1000
    assert read.notes == ()
    assert read.questions[0].evidence == (Evidence("21645374"),)
    assert {each.split for each in read.questions} == {"test"}
    assert sum(1 for _ in beir_documents(shared / "data" / "pubmedqa")) == 1000


SPANS = (Evidence("page", "It rose."), Evidence("page", "It fell.", grade=3), Evidence("other", "It stood."))
GIVEN = (
    Question("q1", "What\nrose?", SPANS, answerable=True, split="dev"),
    Question("q2", "Who?", (), answerable=False),
    Question("q3", "Which?", (Evidence("page"),), answerable=True),
)


def test_write_beir(tmp_path: Path) -> None:
    """Spans become their documents, with the best grade; unanswerable questions are left out and told."""
    documents = [SourceText("page", "A page", "It rose. It fell."), SourceText("other", "", "It stood.")]
    notes = write_beir(GIVEN, tmp_path, documents=documents)
    assert notes == ("1 unanswerable questions have no relevant document; they were left out.",)
    assert (tmp_path / "qrels" / "dev.tsv").read_text("utf-8") == (
        "query-id\tcorpus-id\tscore\nq1\tpage\t3\nq1\tother\t1\n"
    )
    assert (tmp_path / "qrels" / "test.tsv").read_text("utf-8") == "query-id\tcorpus-id\tscore\nq3\tpage\t1\n"
    assert list(beir_documents(tmp_path)) == documents
    read = read_beir(tmp_path)
    assert [(each.id, each.question) for each in read.questions] == [("q1", "What\nrose?"), ("q3", "Which?")]


@pytest.mark.parametrize(
    ("question", "message"),
    [
        (Question("q", "?", (Evidence("a b"),), True), "the document id 'a b' is empty or has white space"),
        (Question("q", "?", (Evidence("a"),), True, split="../a"), "The split '../a' cannot name a file"),
    ],
)
def test_what_beir_cannot_carry(tmp_path: Path, question: Question, message: str) -> None:
    """What would make a broken dataset is refused."""
    with pytest.raises(QuestionSetError, match=message):
        write_beir([question], tmp_path)


# TREC


CLASSIC = """
<top>
<num> Number: 301
<title> International Organized
 Crime

<desc> Description:
Identify organizations.
<narr> Narrative: Any <b> counts.
</top>
<top><num>302</num><title>Topic: Polio</title><desc>Is polio gone?</desc></top>
"""
XML = """<?xml version="1.0" encoding="UTF-8"?>
<topics task="x"><topic number="301"><query>organized
 crime</query><question>Who?</question></topic>
<topic number="302"><query>polio</query><question>Is <i>polio</i> gone?</question></topic></topics>"""
CRIME, POLIO = "International Organized Crime", "Is polio gone?"


@pytest.mark.parametrize(
    ("text", "field", "topics"),
    [
        (CLASSIC, "title", {"301": CRIME, "302": "Polio"}),
        (CLASSIC, "description", {"301": "Identify organizations.", "302": POLIO}),
        (XML, "title", {"301": "organized crime", "302": "polio"}),
        (XML, "description", {"301": "Who?", "302": POLIO}),
        ('<topics><topic number="1"> A man\nof 40. </topic></topics>', "title", {"1": "A man of 40."}),
        ("\ufeff301\torganized  crime\r\n\r\n302\tpolio\r\n", "title", {"301": "organized crime", "302": "polio"}),
    ],
)
def test_read_topics(tmp_path: Path, text: str, field: TopicField, topics: dict[str, str]) -> None:
    """Topics are read in the classic form, in XML and as lines, of each the field that is asked for."""
    assert read_topics(written(tmp_path / "topics", text), field=field) == topics


def test_read_trec(tmp_path: Path) -> None:
    """Judged topics are questions with graded documents."""
    topics = written(tmp_path / "topics", CLASSIC)
    qrels = written(tmp_path / "qrels", "301 0 FT-1 2\n301 0 FT-2 0\n\n302 0 FT-1 -1\n")
    read = read_trec(topics, qrels, split="robust")
    assert read.questions == (Question("301", CRIME, (Evidence("FT-1", grade=2),), answerable=True, split="robust"),)
    assert read.notes == (
        "2 judgements say that a document is not relevant (0 or less); they were left out.",
        "1 queries have no relevant document; they were left out, for nothing can be found.",
    )


@pytest.mark.parametrize(
    ("topics", "qrels", "message"),
    [
        (CLASSIC, "301 0 FT-1", r"^qrels, line 1 has 3 columns. Write topic, 0, document and relevance"),
        (CLASSIC, "301 0 FT-1 yes", r"^qrels, line 1: the relevance 'yes' is no whole number"),
        (CLASSIC, "999 0 FT-1 1", r"^qrels, line 1: the query '999' is none of the 2 in topics"),
        (CLASSIC + CLASSIC, "", r"^topics has two topics '301'"),
        ("", "", r"^topics holds no topic"),
        ("301 crime", "", r"^topics, line 1 has no tab"),
        ("<topics>", "", r"^topics is no XML: no element found"),
        ("<top><num>1<desc>Who?</top>", "", r"topic '1' has no title; its fields are desc. Choose the other field"),
    ],
)
def test_faults_of_trec(tmp_path: Path, topics: str, qrels: str, message: str) -> None:
    """A fault is named with the file and its line or topic."""
    with pytest.raises(QuestionSetError, match=message):
        read_trec(written(tmp_path / "topics", topics), written(tmp_path / "qrels", qrels))


def test_write_trec(tmp_path: Path) -> None:
    """Topics and judgements are written with documents as items, and read back."""
    notes = write_trec(GIVEN, tmp_path)
    assert notes == ("1 unanswerable questions have no relevant document; they were left out.",)
    assert (tmp_path / "topics.tsv").read_text("utf-8") == "q1\tWhat rose?\nq3\tWhich?\n"
    assert (tmp_path / "qrels.txt").read_text("utf-8") == "q1 0 page 3\nq1 0 other 1\nq3 0 page 1\n"
    assert [each.id for each in read_trec(tmp_path / "topics.tsv", tmp_path / "qrels.txt").questions] == ["q1", "q3"]


def test_topics_in_another_encoding(tmp_path: Path) -> None:
    """A file that is not UTF-8 is refused, not guessed at."""
    (tmp_path / "topics").write_bytes("1\tMüll".encode("latin-1"))
    with pytest.raises(QuestionSetError, match=r"is not in UTF-8: byte 3 does not fit. Save it as UTF-8."):
        read_topics(tmp_path / "topics")


# SQuAD


CONTEXT = "In 1066 the Normans came.\r\nThey stayed in England."


def squad(folder: Path, *qas: dict[str, Any], context: str = CONTEXT, **paragraph: Any) -> Path:
    """A file with one article of one context."""
    article = {"title": "The Normans", "paragraphs": [{"context": context, "qas": list(qas), **paragraph}]}
    return written(folder / "squad.json", json.dumps({"version": "v2.0", "data": [article]}))


def answers(*texts: str) -> list[dict[str, Any]]:
    """Answers with their places in the context."""
    return [{"text": text, "answer_start": CONTEXT.index(text)} for text in texts]


def test_read_squad(tmp_path: Path) -> None:
    """Contexts are documents, answers spans of them, and impossible questions unanswerable."""
    file = squad(
        tmp_path,
        {"id": "a", "question": "When?", "answers": answers("1066")},
        {"id": 7, "question": "Why?", "answers": [], "plausible_answers": answers("1066"), "is_impossible": True},
    )
    read = read_squad(file, "dev")
    text = CONTEXT.replace("\r", "")
    assert read.documents == (SourceText("The-Normans-1", "", text),)
    assert read.questions == (
        Question("a", "When?", (Evidence("The-Normans-1", "1066", 3, 7),), answerable=True, split="dev"),
        Question("7", "Why?", (), answerable=False, split="dev"),
    )
    assert read.notes == ()


def test_offsets_follow_the_text_as_it_is_built(tmp_path: Path) -> None:
    """A line end of two characters and a byte order mark are not in the built text, so spans after them move."""
    shifted = [{"text": "England", "answer_start": len("\ufeff") + CONTEXT.index("England")}]
    file = squad(tmp_path, {"id": "a", "question": "Where?", "answers": shifted}, context="\ufeff" + CONTEXT)
    read = read_squad(file)
    (evidence,) = read.questions[0].evidence
    assert evidence == Evidence("The-Normans-1", "England", 41, 48)
    assert read.documents[0].text[41:48] == "England"


def test_annotators_who_differ(tmp_path: Path) -> None:
    """Of several answers the most frequent is the evidence, of equals the shortest, and that is told."""
    often = {"id": "a", "question": "When?", "answers": answers("In 1066", "1066", "In 1066")}
    equal = {"id": "b", "question": "When, then?", "answers": answers("In 1066", "1066")}
    read = read_squad(squad(tmp_path, often, equal))
    assert [each.quotes for each in read.questions] == [("In 1066",), ("1066",)]
    assert read.notes == (
        "2 questions have answers of several annotators that differ; the one given most often is the evidence, of "
        "equals the shortest.",
    )


def test_answers_that_do_not_stand_where_they_say(tmp_path: Path) -> None:
    """Such an answer is left out, and a question that has no other; both are counted and named."""
    wrong = {"text": "1066", "answer_start": 4}
    read = read_squad(
        squad(
            tmp_path,
            {"id": "a", "question": "When?", "answers": [wrong, *answers("In 1066")]},
            {"id": "b", "question": "Where?", "answers": [wrong]},
        )
    )
    assert [(each.id, each.quotes) for each in read.questions] == [("a", ("In 1066",))]
    assert read.notes == (
        "2 answers do not stand in their context where they say; they were left out: a, b.",
        "1 questions are said to have an answer but none is left; they were left out: b.",
    )


def test_ids_of_documents_are_kept(tmp_path: Path) -> None:
    """A context that names its document has that id."""
    read = read_squad(squad(tmp_path, {"id": "a", "question": "When?", "answers": answers("1066")}, document_id=630))
    assert [each.id for each in read.documents] == ["630"]
    assert read.questions[0].evidence[0].document == "630"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "is not in the form of SQuAD: Expected `object`, got `array`"),
        ('{"data": [{"paragraphs": [{"qas": []}]}]}', r"missing required field `context` - at `\$.data\[0\]"),
        ('{"data": []}', "holds no question that can be used"),
        ('{"data": [{"paragraphs": [{"context": " ", "qas": []}]}]}', "1 contexts hold no text; they and their"),
    ],
)
def test_files_that_are_not_squad(tmp_path: Path, text: str, message: str) -> None:
    """What is not in the form is refused with the place of the fault."""
    with pytest.raises(QuestionSetError, match=message):
        read_squad(written(tmp_path / "squad.json", text))


def test_ids_of_squad_come_once(tmp_path: Path) -> None:
    """Two questions with one id, or an id with white space, are refused."""
    question = {"id": "a", "question": "When?", "answers": answers("1066")}
    with pytest.raises(QuestionSetError, match="The question id 'a' comes a second time"):
        read_squad(squad(tmp_path, question, question))
    with pytest.raises(QuestionSetError, match="Question 'a b': the id is empty or has white space"):
        read_squad(squad(tmp_path, {**question, "id": "a b"}))


# Tables


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_read_table(tmp_path: Path, mark: str, bom: str) -> None:
    """Commas, semicolons and tabs part the cells; rows of one id are one question with several evidence."""
    rows = [
        ["id", "Question", "document", "quote", "start", "references", "answerable", "kind", "split", "pair", "grade"],
        [
            "q1",
            '"What rose, and fell; and\nwhen?"',
            "page",
            "It rose.",
            "12",
            "pmid:1 pmid:2",
            "yes",
            "fact",
            "dev",
            "",
            "2",
        ],
        ["q1", "", "page", "It fell.", "", "pmid:2", "", "", "", "", ""],
        ["", "Why?", "", "", "", "none", "No", "", "", "q1", ""],
        [],
        ["", "Which?", "other", "", "", "", "", "", "", "", ""],
    ]
    text = "\r\n".join(mark.join(row) for row in rows)
    assert read_table(written(tmp_path / "set.csv", bom + text)).questions == (
        Question(
            "q1",
            "What rose, and fell; and\nwhen?",
            (Evidence("page", "It rose.", 12, grade=2), Evidence("page", "It fell.")),
            answerable=True,
            references=("pmid:1", "pmid:2"),
            kind="fact",
            split="dev",
        ),
        Question("row-3", "Why?", (), answerable=False, references=(), pair="q1"),
        Question("row-4", "Which?", (Evidence("other"),), answerable=True),
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("question,document,answer\n", r"unknown: 'answer'\). A table has question and document, and may .* id, que"),
        ("question,quote\n", r"missing: document"),
        ("question,document,document\n", r"one comes twice"),
        ("question,document\n", r"holds no question below its header"),
        ("question,document\nWhat?,page,more\n", r"^set.csv, line 2 has 3 cells, the header 2"),
        ('question,document\n"What?,page\n', r"^set.csv, line 2: unexpected end of data"),
        ("question,document,start\nWhat?,page,-1\n", r"^set.csv, line 2: start is '-1'. Write a whole number from 0"),
        ("question,document,grade\nWhat?,page,0\n", r"^set.csv, line 2: grade is '0'. Write a whole number from 1"),
        ("question,document,answerable\nWhat?,page,si\n", r"answerable is 'si'. Write one of yes, true, 1, no"),
        ("question,document,quote\nWhat?,,It rose.\n", r"^set.csv, line 2 has a quote but no document"),
        ("question,document\nWhat?,\n", r"line 2, question 'row-1': it is answerable but has no evidence"),
        (
            "id,question,document\na,What?,page\na,Why?,other\n",
            r"^set.csv, line 3: the question is 'Why\?', but an earlier row of the same id has 'What\?'",
        ),
    ],
)
def test_faults_of_tables(tmp_path: Path, text: str, message: str) -> None:
    """A fault is named with the line in which it stands."""
    with pytest.raises(QuestionSetError, match=message):
        read_table(written(tmp_path / "set.csv", text))
