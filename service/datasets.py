"""``loccit eval beir``: a dataset built, asked and scored."""

import hashlib
from pathlib import Path

from rich.console import Console

from corpus import Block, Document
from corpus.readers.reading import paragraphs
from eval.beir import beir_documents, read_beir
from eval.questions import SourceText
from eval.reports import Report
from eval.runs import Progress, QuestionSource, judge, run_judged
from index import BuildSettings, Leg, Store
from index.build import build_snapshot
from service.building import building_stages, progress_bar
from service.evaluating import open_target
from service.options import store_or_default

__all__ = ["document_of", "run_beir"]


def run_beir(
    dataset: Path, split: str, *, store: Path | None, leg: Leg, k: int, resume: bool, out: Path, progress: Progress
) -> Report:
    """The run of a BEIR dataset's queries on a snapshot of its corpus, built in `store` unless it lies there.

    Without `store` it goes into a store of its own below the default one, for the next leg to find.
    """
    store = store or store_or_default(None) / "beir" / dataset.resolve().name
    questions = read_beir(dataset, split)
    console = Console(stderr=True, highlight=False)
    for note in questions.notes:
        console.print(f"Note: {note}", markup=False, soft_wrap=True)
    with progress_bar(console) as bar:
        documents = [document_of(source) for source in beir_documents(dataset) if source.title or source.text.strip()]
        build_snapshot(documents, Store(store), BuildSettings(), progress=building_stages(bar))
    target = open_target(store, leg=leg)
    content = (dataset / "queries.jsonl").read_bytes() + (dataset / "qrels" / f"{split}.tsv").read_bytes()
    asked = QuestionSource(dataset.resolve().name, hashlib.sha256(content).hexdigest(), split)
    judged = judge(target, questions.questions)
    return run_judged(target, judged, asked, out=out, k=k, resume=resume, progress=progress)


def document_of(source: SourceText) -> Document:
    """A document of a dataset, under its own id: its title as heading, its text in paragraphs.

    Nothing is guessed: what looks like a heading within the text is text. A document that has a title alone
    has it as text.
    """
    title = source.title.strip()
    text = f"{title}\n\n{source.text}" if title and source.text.strip() else title or source.text
    begin = len(text) - len(source.text) if source.text.strip() else 0
    headings = (title,) if begin else ()
    blocks = [Block("heading", 0, len(title))] if begin else []
    blocks += [Block("paragraph", span.start, span.end, headings) for span in paragraphs(text) if span.start >= begin]
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Document(
        id=source.id, title=title, form="text", text=text, sha256=digest, source_sha256=digest, blocks=tuple(blocks)
    )
