"""What a run hands to the publishing beside it is what the publisher would have read, and only in its place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from exchange.core.event import Stream
from exchange.core.golden import policy_of
from exchange.core.topics import MAJOR
from exchange.edge.handover import PAGES_MAX, Beside, Handover, PageChanges
from exchange.edge.pending import Part, Waiting, parts
from exchange.edge.run import Running, recipe_of, run_feed, run_withdrawals
from exchange.edge.settle import Settled
from exchange.edge.store import batches
from exchange.edge.store.database import Store
from exchange.edge.workers import NONE, Asked, Given, Made, Workers
from schemas import columns as facts
from tests.edge.beside import started
from tests.edge.firms import BENCH, SMALL, at, deliver, firm
from tests.edge.stores import number, rows

LIBRARY = BENCH.library


def settled(store: Store, folder: Path) -> list[PageChanges]:
    """Run the feed; what each page that changed something hands over."""
    told: list[Settled] = []
    run_feed(store, at(folder), SMALL, told.append)
    return [page.changes for page in told if page.changes is not None]


def withdrawn(store: Store) -> list[PageChanges]:
    """The agency no longer has any of its firms; what each page hands over."""
    recipe = recipe_of(store, BENCH)
    batch = batches.open_batch(store.engine, BENCH, recipe.contract)
    told: list[Settled] = []
    gone = pl.Series([record for (record,) in rows(store, "SELECT id FROM record ORDER BY id")], dtype=pl.Binary)
    run_withdrawals(Running(store, BENCH, batch, recipe, policy_of(LIBRARY), SMALL), gone, told.append)
    batches.close_batch(store.engine, batch)
    return [page.changes for page in told if page.changes is not None]


def published(store: Store, after: int, pages: Sequence[PageChanges] = (), workers: Workers = NONE) -> list[Part]:
    """What a publisher would send after this seq, with these pages handed to it, and the run's workers."""
    handover = Handover()
    handover.end()
    for page in pages:
        handover.give(page)
    with closing(parts(waiting(store, Beside(handover, workers)), after)) as coming:
        return list(coming)


def waiting(store: Store, beside: Beside) -> Waiting:
    """What waits in the store, with this run beside it."""
    stream = Stream(LIBRARY, "i", MAJOR[LIBRARY], facts.public(LIBRARY), facts.groups(LIBRARY))
    return Waiting(store, number(store, f"SELECT id FROM library WHERE name = '{LIBRARY}'"), stream, beside)


def as_one(found: Sequence[Part]) -> tuple[pl.DataFrame, list[bytes], int, str]:
    """All changes and events, and where they end."""
    events = pl.concat([part.events for part in found])
    return events.drop("value"), events["value"].to_list(), found[-1].last_seq, found[-1].digest


@pytest.mark.servers
def test_handed_over_is_what_would_be_read(store: Store, tmp_path: Path) -> None:
    """New, changed and withdrawn records give the same events, byte by byte, whether they are handed over or read."""
    deliver(tmp_path / "a", "a.csv", [firm(0, industry="", reg_capital="7"), *(firm(n) for n in range(1, 8))])
    deliver(tmp_path / "b", "b.csv", [firm(n, updated_at="2024-02-01 08:00:00", phone="") for n in (3, 5)])
    after = 0
    for name in ("a", "b", "withdrawn"):
        handed = withdrawn(store) if name == "withdrawn" else settled(store, tmp_path / name)
        given, read = as_one(published(store, after, handed)), as_one(published(store, after))
        assert given[0].equals(read[0])
        assert given[1:] == read[1:]
        assert len(given[1]) == sum(page.frame.height for page in handed)
        after = given[2]
    assert after == 8 + 2 + 8


@pytest.mark.servers
def test_a_page_is_taken_in_its_place_or_read(store: Store, tmp_path: Path) -> None:
    """The next page is taken where it is at hand; where it is not, all is read, and what comes late is not sent again."""
    deliver(tmp_path / "a", "a.csv", [firm(n) for n in range(8)])
    first, second = settled(store, tmp_path / "a")
    told = replace(first, digest=b"told")
    assert [part.digest for part in published(store, 0, [told])] == [b"told".hex(), second.digest.hex()]
    assert [part.digest for part in published(store, 0, [second])] == [second.digest.hex()]
    assert [part.last_seq for part in published(store, 4, [first, second])] == [8]
    assert published(store, 8, [first, second]) == []


class Counting(Workers):
    """A worker, and how much it was asked for."""

    asked = 0

    def ask(self, work: Callable[Given, Made], *given: Given.args, **named: Given.kwargs) -> Asked[Made]:
        """Count what is asked of a worker that is up."""
        self.asked += self.up
        return super().ask(work, *given, **named)


@pytest.mark.servers
def test_events_are_encoded_by_a_worker(store: Store, tmp_path: Path) -> None:
    """A worker that is up makes the events, byte by byte as the publisher does; where it was killed, the publisher does."""
    deliver(tmp_path / "a", "a.csv", [firm(n) for n in range(8)])
    pages = settled(store, tmp_path / "a")
    alone = as_one(published(store, 0, pages))
    workers = Counting()
    with workers:
        worker = started(workers)
        beside = as_one(published(store, 0, pages, workers))
        assert workers.asked == len(pages) == 2
        worker.kill()
        worker.wait(20)
        without = as_one(published(store, 0, pages, workers))
        assert not workers.up
    assert beside[0].equals(alone[0])
    assert without[0].equals(alone[0])
    assert beside[1:] == without[1:] == alone[1:]


@pytest.mark.servers
def test_a_publisher_that_fails_does_not_wait_for_the_run(store: Store, tmp_path: Path) -> None:
    """Who stops taking parts is free at once, though the run beside goes on."""
    deliver(tmp_path / "a", "a.csv", [firm(n) for n in range(4)])
    settled(store, tmp_path / "a")
    handover = Handover()
    coming = parts(waiting(store, Beside(handover, NONE)), 0)
    assert next(coming).last_seq == 4
    coming.close()
    assert not handover.ended


def test_pages_too_many_are_not_kept() -> None:
    """A publisher that has fallen behind finds the first pages only, each in its place."""
    handover = Handover()
    pages = [PageChanges(at, at + 1, b"", pl.DataFrame()) for at in range(PAGES_MAX + 2)]
    for page in pages:
        handover.give(page)
    assert handover.take(7) is None
    for page in pages:
        handover.give(page)
    assert [handover.take(at) for at in (0, 0, 1, 2, 3)] == [pages[0], None, pages[1], pages[2], None]
    assert not handover.ended
    handover.end()
    assert handover.ended
