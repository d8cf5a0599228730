"""From a run to the publishing beside it: what was just settled, so that it need not be read back from the database.

A shortcut and no queue: the change log in the database is what counts. The publisher takes a page from here where it
continues exactly what it has published, and reads everything else; so nothing depends on a page being here.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from threading import Condition

import polars as pl

from exchange.edge.workers import NONE, Workers

PAGES_MAX = 3
"""A publisher that has fallen further behind reads: memory stays bounded."""


@dataclass(frozen=True)
class PageChanges:
    """What one page changed, committed: everything after seq `after` up to `last_seq`, with the page's `digest`.

    `frame`: seq, entity_id, version, kind, and the golden record's columns (null for a withdrawn entity), by seq.
    """

    after: int
    last_seq: int
    digest: bytes
    frame: pl.DataFrame = field(repr=False)


class Handover:
    """Pages on their way from one thread to another, and the word that no more will come."""

    def __init__(self) -> None:
        self._pages: deque[PageChanges] = deque()
        self._ended = False
        self._news = Condition()

    def give(self, page: PageChanges) -> None:
        """Offer a page, after its commit; a page too many is left to be read."""
        with self._news:
            if len(self._pages) < PAGES_MAX:
                self._pages.append(page)
            self._news.notify_all()

    def take(self, after: int) -> PageChanges | None:
        """The page that begins right after this seq; None where it is not here."""
        with self._news:
            while self._pages and self._pages[0].after < after:
                self._pages.popleft()
            return self._pages.popleft() if self._pages and self._pages[0].after == after else None

    def end(self) -> None:
        """Say that nothing more will be settled."""
        with self._news:
            self._ended = True
            self._news.notify_all()

    def wait(self, seconds: float) -> None:
        """Wait for a page or the end, so long at most."""
        with self._news:
            self._news.wait_for(lambda: self._pages or self._ended, seconds)

    @property
    def ended(self) -> bool:
        """Whether nothing more will be settled."""
        with self._news:
            return self._ended


@dataclass(frozen=True)
class Beside:
    """A run beside a publishing: the pages it hands over, and its workers, which may encode their events."""

    handover: Handover
    workers: Workers


def nobody() -> Beside:
    """Beside a publisher that stands alone: all that it publishes is in the database already."""
    handover = Handover()
    handover.end()
    return Beside(handover, NONE)
