"""Any other service, asked through a command that speaks JSON Lines.

The command reads one `Asking` a line on its standard input, which is then closed, and prints one `Response`
a line, in any order. Positions count code points in the texts of the documents that the question set names.
"""

import queue
import shlex
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import IO

import msgspec

from corpus.documents import Document
from corpus.errors import SettingsError, TargetError
from eval.questions import Question
from eval.responses import Response, Retrieved, faults
from eval.targets import Asked

__all__ = ["Asking", "CommandTarget"]


class Asking(msgspec.Struct, frozen=True):
    """What the command reads: a question's id, its words, and how many passages are wanted."""

    id: str
    question: str
    k: int


class CommandTarget:
    """A command, given `timeout` seconds for each line.

    `documents`, those of `snapshot`, are needed to locate quotes; without them only judgements of whole documents
    can be scored.
    Raises `SettingsError` if the command is empty.
    """

    def __init__(
        self, command: str, *, documents: Mapping[str, Document], snapshot: str | None = None, timeout: float = 30.0
    ) -> None:
        if not command.strip():
            raise SettingsError("The command is empty. Name a program, with its arguments.")
        self._command = command
        self._documents = documents
        self._snapshot = snapshot
        self._timeout = timeout

    @property
    def asked(self) -> Asked:
        """The command line, and the snapshot whose documents locate the evidence."""
        return Asked(kind="command", name=self._command, snapshot=self._snapshot)

    @property
    def documents(self) -> Mapping[str, Document]:
        """The documents that the service was given too."""
        return self._documents

    @property
    def max_k(self) -> None:
        """Nobody knows what another service gives at most."""

    def passages_of(self, document: str) -> None:
        """Nobody knows how another service cuts its passages."""

    def responses(self, questions: Sequence[Question], k: int) -> Iterator[Response]:
        """The responses as the command prints them."""
        asked = {question.id for question in questions}
        seen: set[str] = set()
        if not asked:
            return
        lines = [msgspec.json.encode(Asking(each.id, each.question, k)) + b"\n" for each in questions]
        for number, line in enumerate(self._talk(lines), start=1):
            response = self._read(line, f"Line {number} of {self._command!r}")
            if response.id not in asked or response.id in seen:
                wrong = "was answered before" if response.id in seen else "was not asked"
                raise TargetError(f"Line {number} of {self._command!r}: {response.id!r} {wrong}. Mend the command.")
            seen.add(response.id)
            yield response
            if seen == asked:
                return

    def _read(self, line: bytes, place: str) -> Response:
        try:
            response = msgspec.json.decode(line, type=Response)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise TargetError(
                f"{place}: {error}. Print one JSON object a line, with id and passages of document, start, end and "
                "score; NaN and Infinity are no JSON."
            ) from error
        for fault in (*faults(response), *self._beyond(response)):
            raise TargetError(f"{place}, question {response.id!r}: {fault}")
        passages = tuple(map(self._with_text, response.passages))
        return msgspec.structs.replace(response, passages=passages)

    def _beyond(self, response: Response) -> Iterator[str]:
        """Positions that cannot be in the texts that are known."""
        for passage in response.passages:
            document = self._documents.get(passage.document)
            if document is not None and passage.end > len(document.text):
                yield (
                    f"a passage ends at {passage.end}, but {document.id!r} has {len(document.text)} code points. "
                    "Count in the text that the question set quotes."
                )

    def _with_text(self, passage: Retrieved) -> Retrieved:
        """The passage in the words of its document, for a reader of the report."""
        document = self._documents.get(passage.document)
        if passage.text is not None or document is None:
            return passage
        return msgspec.structs.replace(passage, text=document.text[passage.start : passage.end])

    def _talk(self, lines: Sequence[bytes]) -> Iterator[bytes]:
        """The lines that the command prints, once all of `lines` were given to it."""
        try:
            process = subprocess.Popen(shlex.split(self._command), stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 - the user's own command
        except (OSError, ValueError) as error:
            raise TargetError(f"The command {self._command!r} cannot be run: {error}.") from error
        try:
            yield from self._printed(process, lines)
        finally:
            process.kill()
            process.wait()

    def _printed(self, process: "subprocess.Popen[bytes]", lines: Sequence[bytes]) -> Iterator[bytes]:
        printed: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        threading.Thread(target=_give, args=(process.stdin, lines), daemon=True).start()
        threading.Thread(target=_take, args=(process.stdout, printed), daemon=True).start()
        while line := self._next(printed):
            yield line
        try:
            code = process.wait(self._timeout)
        except subprocess.TimeoutExpired:
            return  # it has said all, and only does not end
        if code:
            raise TargetError(f"The command {self._command!r} ended with exit code {code}. Mend it.")

    def _next(self, printed: "queue.SimpleQueue[bytes]") -> bytes:
        try:
            return printed.get(timeout=self._timeout)
        except queue.Empty:
            raise TargetError(f"The command {self._command!r} printed nothing for {self._timeout:g} s.") from None


def _give(pipe: IO[bytes], lines: Sequence[bytes]) -> None:
    """Writes all lines, and closes; a command that ends early stops reading."""
    with suppress(BrokenPipeError), pipe:
        pipe.writelines(lines)


def _take(pipe: IO[bytes], printed: "queue.SimpleQueue[bytes]") -> None:
    """Passes on each line, and an empty one at the end."""
    with pipe:
        for line in pipe:
            if line.strip():
                printed.put(line)
    printed.put(b"")
