"""One look at a wiki: what changed since the last one, fetched and kept."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from corpus.errors import SourceError
from service.sync.mirror import Mirror
from service.sync.wikis import ListedPage, Wiki

__all__ = ["Changes", "Move", "follow"]

_PATIENCE = 5
"""So many pages in a row that cannot be fetched, and the rest is left for the next look."""


class Move(msgspec.Struct, frozen=True):
    """A page that stands elsewhere now, word for word."""

    before: str
    page: str


class Changes(msgspec.Struct, frozen=True):
    """What became of pages, by their ids.

    `failed` could not be fetched, for the reason given: of those that were known before the last copy stays. `held` are
    gone from the wiki, but so many at once that they stay until that is confirmed.
    """

    added: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    moved: tuple[Move, ...] = ()
    deleted: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    failed: Mapping[str, str] = {}
    held: tuple[str, ...] = ()

    @property
    def fetched(self) -> frozenset[str]:
        """The pages whose text is new here."""
        return frozenset([*self.added, *self.edited, *(move.page for move in self.moved)])

    def lines(self) -> Iterator[str]:
        """A line for each change."""
        yield from (f"+ {page}" for page in self.added)
        yield from (f"~ {page}" for page in self.edited)
        yield from (f"> {move.page} (was {move.before})" for move in self.moved)
        yield from (f"- {page}" for page in self.deleted)
        yield from (f"x {page} (closed)" for page in self.closed)


def follow(wiki: Wiki, mirror: Mirror, *, allow_shrink: bool = False) -> Changes:
    """Brings the copy up to what the wiki is now.

    A page that the wiki closed goes at once. If less than half of the pages would stay, those that are gone are held
    unless `allow_shrink`: more likely the wiki is ill than empty.

    Raises `SourceError` if the wiki cannot be asked; then nothing has changed.
    """
    listed = wiki.pages()
    before = dict(mirror.pages)
    gone = sorted(before.keys() - listed.keys())
    closed = [page for page in gone if wiki.is_closed(page)]
    deleted = [page for page in gone if page not in closed]
    lost = len(before) - len(closed) - len(listed)
    held = deleted if not allow_shrink and (lost * 2 > len(before) or (deleted and not listed)) else []
    deleted = [page for page in deleted if page not in held]
    for page in closed:
        mirror.drop(page, closed=True)
    for page in deleted:
        mirror.drop(page)
    failed = _fetch(wiki, mirror, listed)
    added = [page for page in mirror.pages if page not in before]
    edited = [page for page, kept in mirror.pages.items() if page in before and kept.sha256 != before[page].sha256]
    texts = {mirror.pages[page].sha256: page for page in reversed(added)}
    moved = _moved({page: before[page].sha256 for page in deleted}, texts)
    return Changes(
        added=_without(added, (move.page for move in moved)),
        edited=tuple(sorted(edited)),
        moved=moved,
        deleted=_without(deleted, (move.before for move in moved)),
        closed=tuple(closed),
        failed=failed,
        held=tuple(held),
    )


def _fetch(wiki: Wiki, mirror: Mirror, listed: Mapping[str, ListedPage]) -> dict[str, str]:
    """Fetches what is new or has another revision; returns the pages of which that failed, with the reasons."""
    failed: dict[str, str] = {}
    in_a_row = 0
    for page, now in sorted(listed.items()):
        kept = mirror.pages.get(page)
        if kept and kept.revision == now.revision:
            continue
        if in_a_row == _PATIENCE:
            failed[page] = "was not asked for, after others had failed."
            continue
        try:
            mirror.keep(page, now, wiki.read(page))
            in_a_row = 0
        except SourceError as error:
            failed[page] = str(error)
            in_a_row += 1
    return failed


def _moved(deleted: Mapping[str, str], added: Mapping[str, str]) -> tuple[Move, ...]:
    """Which deleted pages were added elsewhere, going by the hashes of their texts."""
    places = dict(added)
    moves = []
    for page, text in deleted.items():
        if text in places and text != _EMPTY:
            moves.append(Move(page, places.pop(text)))
    return tuple(moves)


_EMPTY = hashlib.sha256(b"").hexdigest()


def _without(pages: Iterable[str], others: Iterable[str]) -> tuple[str, ...]:
    left_out = set(others)
    return tuple(sorted(page for page in pages if page not in left_out))
