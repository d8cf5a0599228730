"""Settling under other hands: another run takes over, pages come twice or in disorder, a hint is out of date."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from sqlalchemy import text

from exchange.core.connector import Connector
from exchange.core.contract import contract_of
from exchange.core.decide import MET
from exchange.core.errors import Broken
from exchange.core.golden import policy_of
from exchange.core.page import Prepared
from exchange.core.prepare import Recipe
from exchange.edge.period_secrets import page_keys
from exchange.edge.preparing import Work, prepare_page, prepare_without_hint
from exchange.edge.run import FeedRun, Options, Running, _task, open_for, run_feed
from exchange.edge.settings import Address
from exchange.edge.settle import Met, Settled, _settle, settle
from exchange.edge.store import batches
from exchange.edge.store.database import Store
from exchange.edge.store.frames import connect
from exchange.edge.store.writes import StaleHint, Task
from exchange.edge.workers import Workers
from schemas import columns
from tests.edge.firms import BENCH, SMALL, at, deliver, firm, named, run, tally
from tests.edge.stores import number, rows, value

pytestmark = pytest.mark.servers


@dataclass(frozen=True)
class Try:
    """A claimed partition: its task and its pages, still to be prepared."""

    store: Store
    task: Task
    works: list[Work]

    def prepared(self, page: int) -> Prepared:
        """A page, prepared with what is settled now."""
        return prepare_page(self.store.url, self.works[page])

    def settle(self, page: Prepared, met: Met | None = None) -> Settled:
        """Settle a page on a connection of its own, as a process would that comes anew (or that has met others)."""
        with closing(connect(self.store.url)) as connection:
            met = met or Met(pl.DataFrame(schema=MET))
            return settle(connection, self.task, page, met, policy_of(BENCH.library))


def claimed(store: Store, folder: Path, connector: Connector = BENCH) -> Try:
    """Open the feed's batch (or go on with it) and claim its one partition."""
    contract = contract_of(connector)
    batch = batches.open_batch(store.engine, connector, contract)
    recipe = Recipe(connector, contract, date(2026, 1, 1))
    running = Running(store, connector, batch, recipe, policy_of(BENCH.library), SMALL)
    feed = open_for(running, Address(str(folder)))
    [claim] = batches.claim(store.engine, batch, feed.partitions)
    groups = columns.groups(BENCH.library)
    works = [
        Work(page, recipe, page_keys(store.engine, store.keys, BENCH.library, groups))
        for page in feed.pages(claim.name, claim.pages)
    ]
    return Try(store, _task(running, claim), works)


def everything(store: Store) -> list[tuple[object, ...]]:
    """How much each table holds."""
    names = ("page", "record", "record_history", "entity", "change", "quarantine", "audit", "golden_legal_person")
    return rows(store, "SELECT " + ", ".join(f"(SELECT count(*) FROM {name})" for name in names))


def test_an_old_claim_settles_nothing(store: Store, tmp_path: Path) -> None:
    """Once another try has claimed the partition, the first one is fenced and leaves nothing behind."""
    deliver(tmp_path, "a.csv", [firm(n) for n in range(6)])
    old = claimed(store, tmp_path)
    page = old.prepared(0)
    new = claimed(store, tmp_path)
    before = everything(store)
    with pytest.raises(Broken) as ended:
        old.settle(page)
    assert (ended.value.code, ended.value.exit_code) == ("fenced", 1)
    assert everything(store) == before
    assert new.settle(new.prepared(0)).counts == (4, 0, 0, 0, 0, 0)


def test_a_page_is_not_settled_twice(store: Store, tmp_path: Path) -> None:
    """The same page again, or one that is not due yet, is refused and leaves nothing behind."""
    deliver(tmp_path, "a.csv", [firm(n) for n in range(10)])
    tried = claimed(store, tmp_path)
    first, third = tried.prepared(0), tried.prepared(2)
    tried.settle(first)
    before = everything(store)
    for page in (first, third):
        with pytest.raises(Broken) as ended:
            tried.settle(page)
        assert ended.value.code == "page_out_of_order"
    assert everything(store) == before


def test_an_ended_batch_takes_no_page(store: Store, tmp_path: Path) -> None:
    """A page that comes after its batch was closed is refused: it would be in no sum."""
    deliver(tmp_path, "a.csv", [firm(n) for n in range(6)])
    tried = claimed(store, tmp_path)
    tried.settle(tried.prepared(0))
    batch = batches.Batch(tried.task.batch, tried.task.feed_id, tried.task.library_id, False)
    assert batches.close_batch(store.engine, batch).pulled == 4
    before = everything(store)
    with pytest.raises(Broken) as ended:
        tried.settle(tried.prepared(1))
    assert ended.value.code == "fenced"
    assert everything(store) == before


def test_a_batch_of_an_older_contract_takes_no_page(store: Store, tmp_path: Path) -> None:
    """When another contract opens a batch, the old one is stopped with the sums of its pages, and stays so."""
    deliver(tmp_path, "a.csv", [firm(n) for n in range(6)])
    tried = claimed(store, tmp_path)
    tried.settle(tried.prepared(0))
    other = replace(BENCH, ignore=frozenset({"updated_at", "nothing"}))
    batches.open_batch(store.engine, other, contract_of(other))
    with pytest.raises(Broken) as ended:
        tried.settle(tried.prepared(1))
    assert ended.value.code == "fenced"
    assert rows(store, "SELECT state, stopped_because, pulled FROM batch ORDER BY id") == [
        ("stopped", "contract_changed", 4),
        ("open", None, None),
    ]


def test_a_stale_hint_is_noticed(store: Store, tmp_path: Path) -> None:
    """A row that was left unchecked because it was known, and is withdrawn when its page is settled, makes the page be
    prepared again; then it counts."""
    deliver(tmp_path, "a.csv", [firm(0)])
    run(store, tmp_path)
    deliver(tmp_path, "b.csv", [firm(0), firm(1)])
    tried = claimed(store, tmp_path)
    page = tried.prepared(0)
    with store.engine.begin() as connection:
        for told in (
            "UPDATE record SET withdrawn = true",
            "UPDATE entity SET live = false, version = version + 1",
            "DELETE FROM golden_legal_person",
            "INSERT INTO change SELECT library_id, 2, id, version, 'withdrawn' FROM entity",
            "UPDATE library SET last_seq = 2, entities = 0",
        ):
            assert connection.execute(text(told)).rowcount == 1
    with pytest.raises(StaleHint):
        tried.settle(page)
    assert tried.settle(prepare_without_hint(tried.works[0])).counts == (1, 1, 0, 0, 0, 0)
    assert rows(store, "SELECT entities, last_seq FROM library") == [(2, 4)]


def test_pages_prepared_ahead_in_other_processes(store: Store, tmp_path: Path) -> None:
    """Pages that processes prepare ahead of each other settle as if they came one by one."""
    deliver(tmp_path, "a.csv", [firm(0)])
    run(store, tmp_path)
    moved = firm(0, updated_at="2024-02-01 08:00:00", reg_capital="2.00")
    again = firm(0, updated_at="2024-03-01 08:00:00")
    bad = firm(9, industry="9901")
    deliver(tmp_path, "b.csv", [moved, firm(1), again, firm(2), bad, firm(3), firm(1), firm(4)])
    with Workers(2) as workers:
        found = run_feed(store, at(tmp_path), Options(page_rows=2), lambda _: None, workers)
    assert tally(found) == {"pulled": 8, "new": 4, "changed": 2, "duplicate": 1, "quarantined": 1}
    assert (
        value(store, "SELECT reg_capital::text FROM golden_legal_person WHERE uscc = %s", again["uscc"]) == "100.500000"
    )


def ahead(store: Store, folder: Path) -> tuple[Try, list[Prepared]]:
    """Two firms are settled, then eight rows come in two pages, both prepared before the first is settled."""
    deliver(folder, "a.csv", [firm(0), firm(7)])
    run(store, folder)
    moved = firm(0, updated_at="2024-02-01 08:00:00", reg_capital="2.00")
    back = firm(0, updated_at="2024-03-01 08:00:00")
    deliver(folder, "b.csv", [moved, firm(1), firm(2), firm(1), back, firm(3), firm(7), firm(2)])
    tried = claimed(store, folder)
    return tried, [tried.prepared(place) for place in range(len(tried.works))]


def test_what_a_page_knew_before_others_were_settled(store: Store, tmp_path: Path) -> None:
    """Pages prepared before the first was settled come to what they would one by one: what this run itself has settled
    since is looked up again."""
    tried, [first, second] = ahead(store, tmp_path)
    settled = tried.settle(first)
    assert settled.counts == (2, 1, 0, 1, 0, 0)
    assert second.known_as_of < settled.met.ours[1]
    assert tried.settle(second, settled.met).counts == (1, 1, 1, 1, 0, 0)
    capital = "SELECT reg_capital::text FROM golden_legal_person WHERE uscc = %s"
    assert value(store, capital, firm(0)["uscc"]) == "100.500000"


def test_what_a_page_knew_before_somebody_else_settled(store: Store, tmp_path: Path) -> None:
    """Once another run has changed the library as well, nothing that a page knew is believed."""
    tried, [first, second] = ahead(store, tmp_path)
    met = tried.settle(first).met
    with store.engine.begin() as connection:
        for told in (
            "UPDATE record SET withdrawn = true WHERE entity_id = (SELECT max(entity_id) FROM change WHERE seq = 2)",
            "UPDATE library SET last_seq = last_seq + 1",
        ):
            assert connection.execute(text(told)).rowcount == 1
    with pytest.raises(StaleHint):
        tried.settle(second, met)


@pytest.mark.parametrize("rows_of_the_other", [4, 3])
def test_two_runs_of_one_feed(store: Store, tmp_path: Path, rows_of_the_other: int) -> None:
    """When a second run takes over in the middle, the first is fenced, the second ends with the sums of both, and no row
    is lost or counted twice, even if its pages are of another size."""
    deliver(tmp_path, "a.csv", [*(firm(n) for n in range(11)), firm(50, industry="9901"), firm(2)])
    deliver(tmp_path, "b.csv", [firm(n) for n in range(11, 20)])
    second: list[FeedRun] = []

    def take_over(_: object) -> None:
        second.append(run(store, tmp_path, options=replace(SMALL, page_rows=rows_of_the_other)))

    with pytest.raises(Broken) as ended:
        run_feed(store, at(tmp_path), SMALL, take_over)
    assert ended.value.code == "fenced"
    assert tally(second[0]) == {"pulled": 22, "new": 20, "duplicate": 1, "quarantined": 1}
    assert rows(store, "SELECT state, stopped_because, new FROM batch") == [("closed", None, 20)]
    assert number(store, "SELECT sum(pulled)::bigint FROM page") == 22
    assert tally(run(store, tmp_path)) == {}


@contextmanager
def uncommitted(tried: Try, page: Prepared) -> Iterator[None]:
    """Everything of the page is written; it is committed at the end of the block."""
    with closing(connect(tried.store.url)) as connection:
        _settle(connection, tried.task, page, Met(pl.DataFrame(schema=MET)), policy_of(BENCH.library))
        yield
        connection.commit()


def await_lock(store: Store, waiting: Future[Any]) -> None:
    """Return once a session of this database waits for a lock; what waits must not end before."""
    sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    while not number(store, sql):
        assert not waiting.done(), waiting.result()


def test_two_feeds_settle_into_one_library_at_once(store: Store, tmp_path: Path) -> None:
    """A page waits for the page of another feed that is being settled into the same library: the changes of both stand in
    one row without a gap, and the library counts all of them."""
    deliver(tmp_path / "a", "a.csv", [firm(n) for n in range(4)])
    deliver(tmp_path / "b", "b.csv", [firm(n) for n in range(4, 8)])
    first, second = claimed(store, tmp_path / "a"), claimed(store, tmp_path / "b", named(BENCH, "bench_others"))
    pages = first.prepared(0), second.prepared(0)
    with ThreadPoolExecutor(1) as thread:
        with uncommitted(first, pages[0]):
            other = thread.submit(second.settle, pages[1])
            await_lock(store, other)
        assert other.result().counts == (4, 0, 0, 0, 0, 0)
    assert rows(store, "SELECT seq FROM change ORDER BY seq") == [(n,) for n in range(1, 9)]
    assert rows(store, "SELECT last_seq, entities FROM library") == [(8, 8)]
    assert rows(store, "SELECT last_seq FROM page ORDER BY last_seq") == [(4,), (8,)]


def test_a_batch_ends_after_the_page_that_is_being_settled(store: Store, tmp_path: Path) -> None:
    """Who closes a batch waits for its page that is not committed yet, which is then in the sums."""
    deliver(tmp_path, "a.csv", [firm(n) for n in range(4)])
    tried = claimed(store, tmp_path)
    page = tried.prepared(0)
    batch = batches.Batch(tried.task.batch, tried.task.feed_id, tried.task.library_id, False)
    with ThreadPoolExecutor(1) as thread:
        with uncommitted(tried, page):
            closed = thread.submit(batches.close_batch, store.engine, batch)
            await_lock(store, closed)
        assert closed.result() == batches.Counts(pulled=4, new=4)
    assert rows(store, "SELECT state, pulled FROM batch") == [("closed", 4)]
