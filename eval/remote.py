"""A running loccit, asked over HTTP."""

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from corpus.documents import Document, Marker
from corpus.errors import TargetError
from corpus.passages import Passage
from eval.questions import Question
from eval.responses import Response, from_answers
from eval.targets import Asked, same_snapshot
from index.answers import Answer
from index.queries import MAX_K

__all__ = ["PATIENCE", "UrlTarget"]

PATIENCE = 5
"""So many failures in a row, and the run is given up."""

_Reply = TypeVar("_Reply")


class _Ready(msgspec.Struct):
    snapshot: str


class _Page(msgspec.Struct):
    total: int


class _Details(msgspec.Struct):
    id: str
    title: str
    form: str
    sha256: str
    source_sha256: str


class _Problem(msgspec.Struct):
    detail: str


class UrlTarget:
    """The loccit at an address such as ``http://127.0.0.1:8000``, with `timeout` seconds for each reply.

    To be used as a context, which closes its connections. Raises `TargetError` if no loccit is there.
    """

    def __init__(self, url: str, *, timeout: float = 30.0) -> None:
        self._url = url.rstrip("/")
        self._timeout = timeout
        self._client = httpx.Client(timeout=timeout)
        self._documents = _RemoteDocuments(self)
        try:
            self._snapshot = self._fetch("/health/ready", _Ready).snapshot
        except TargetError:
            self._client.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    @property
    def asked(self) -> Asked:
        """The address and the snapshot found there."""
        return Asked(kind="url", name=self._url, snapshot=self._snapshot)

    @property
    def documents(self) -> Mapping[str, Document]:
        """The documents, each fetched when it is looked up."""
        return self._documents

    @property
    def max_k(self) -> int:
        """The bound of the API."""
        return MAX_K

    def passages_of(self, document: str) -> Sequence[Passage]:
        """The passages of a document, in their order."""
        return self._fetch(f"/v1/documents/{quote(document, safe='')}/passages", tuple[Passage, ...])

    def responses(self, questions: Sequence[Question], k: int) -> Iterator[Response]:
        """Each question asked twice, one after the other; `PATIENCE` failures of the service in a row end it."""
        failures = 0
        for question in questions:
            try:
                yield self._response(question, k)
                failures = 0
            except httpx.HTTPError as error:
                failures = 0 if _is_refusal(error) else failures + 1
                failure = _told(error, self._timeout)
                yield Response(id=question.id, failure=failure)
                if failures == PATIENCE:
                    fault = f"{self._url} failed {failures} times in a row, the last time so: {failure}"
                    raise TargetError(fault) from error

    def _response(self, question: Question, k: int) -> Response:
        start = time.perf_counter()
        user = self._ask({"question": question.question})
        took = 1000 * (time.perf_counter() - start)
        ranking = self._ask({"question": question.question, "k": k, "min_confidence": 0})
        same_snapshot(self._snapshot, user, ranking)
        return from_answers(question.id, user, ranking, took)

    def _ask(self, body: dict[str, Any]) -> Answer:
        return _decoded(self._client.post(f"{self._url}/v1/ask", json=body), Answer)

    def _fetch(self, path: str, kind: type[_Reply]) -> _Reply:
        """What the service says of itself, without which there is no run."""
        try:
            return _decoded(self._client.get(self._url + path), kind)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise TargetError(
                f"{self._url}{path}: {_told(error, self._timeout)} Give the address of a running loccit, "
                "such as http://127.0.0.1:8000."
            ) from error

    def document(self, identity: str) -> Document | None:
        """A document with its text, or None where there is none of that id."""
        path = f"/v1/documents/{quote(identity, safe='')}"
        try:
            details = _decoded(self._client.get(self._url + path), _Details)
            text = self._client.get(f"{self._url}{path}/text").raise_for_status().text
            markers = _decoded(self._client.get(f"{self._url}{path}/markers"), tuple[Marker, ...])
        except httpx.HTTPError as error:
            if isinstance(error, httpx.HTTPStatusError) and error.response.status_code == httpx.codes.NOT_FOUND:
                return None
            raise TargetError(f"{self._url}{path}: {_told(error, self._timeout)}") from error
        return msgspec.convert({**msgspec.structs.asdict(details), "text": text, "markers": markers}, Document)

    def count(self) -> int:
        """How many documents there are."""
        return self._fetch("/v1/documents?limit=1", _Page).total


class _RemoteDocuments(Mapping[str, Document]):
    """The documents of a service, kept once fetched."""

    def __init__(self, target: UrlTarget) -> None:
        self._target = target
        self._kept: dict[str, Document | None] = {}

    def __getitem__(self, identity: str) -> Document:
        if identity not in self._kept:
            self._kept[identity] = self._target.document(identity)
        document = self._kept[identity]
        if document is None:
            raise KeyError(identity)
        return document

    def __iter__(self) -> Iterator[str]:
        return (identity for identity, document in self._kept.items() if document is not None)

    def __len__(self) -> int:
        return self._target.count()


def _decoded(reply: httpx.Response, kind: type[_Reply]) -> _Reply:
    """A reply as a record; one that is none counts as a failed request."""
    reply.raise_for_status()
    try:
        return msgspec.json.decode(reply.content, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise httpx.DecodingError(f"The reply is not what loccit sends ({error}).", request=reply.request) from error


def _told(error: Exception, timeout: float) -> str:
    """A failed request in a sentence."""
    if isinstance(error, httpx.TimeoutException):
        return f"No reply within {timeout:g} s."
    if isinstance(error, httpx.HTTPStatusError):
        return f"The reply was {error.response.status_code} {error.response.reason_phrase}{_detail(error.response)}."
    return f"{str(error).rstrip('.') or type(error).__name__}."


def _is_refusal(error: httpx.HTTPError) -> bool:
    """Whether the service is well and only this question was not to its liking."""
    return isinstance(error, httpx.HTTPStatusError) and error.response.is_client_error


def _detail(reply: httpx.Response) -> str:
    """What a problem document says, if the reply is one."""
    try:
        return f": {msgspec.json.decode(reply.content, type=_Problem).detail.rstrip('.')}"
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return ""
