"""Preparing pages near the database: in this process or in workers beside it, one implementation (design §3)."""

from __future__ import annotations

import gc
import os
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import chain, islice
from typing import TypeVar

import adbc_driver_manager
import polars as pl
from adbc_driver_postgresql import dbapi

from exchange.core.decide import KNOWN
from exchange.core.identify import identify
from exchange.core.page import STATUS, Prepared, RawPage
from exchange.core.prepare import Recipe, hint, prepare, random_bytes_needed
from exchange.core.recall import lasting, recall, with_status
from exchange.core.seal import PageKeys
from exchange.core.seal_page import REFUSED, fingerprints
from exchange.edge.store.frames import away_when_lost, connect
from exchange.edge.store.lookup import judged_before, known_records, newest_change, refusals
from exchange.edge.workers import Asked, Workers, done


@dataclass(frozen=True)
class Work:
    """A page to prepare, with its own data keys."""

    page: RawPage
    recipe: Recipe
    keys: PageKeys


def prepare_page(url: str, work: Work) -> Prepared:
    """Prepare a page; rows settled or judged before with the same content are not checked again."""
    rows = identify(work.recipe.connector, work.page, work.keys.index)
    with away_when_lost():
        connection = _connection(url)
        # Asked first, so that what is known is never older than this says.
        as_of = newest_change(connection, work.recipe.connector.library)
        known = known_records(connection, rows["id"].drop_nulls().unique().sort(), work.recipe.contract)
        rows, again = _recalled(connection, work, hint(rows, known), known)
        connection.rollback()
    made = _prepared(work, rows)
    return replace(made, refused=pl.concat([made.refused, again]), known=known, known_as_of=as_of)


def _recalled(
    connection: dbapi.Connection, work: Work, rows: pl.DataFrame, known: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows with the status that the last run's books give them, and those refused again (schema REFUSED, no envelope)."""
    page, connector, contract = work.page, work.recipe.connector, work.recipe.contract
    none = pl.DataFrame(schema=REFUSED)
    if not (rows["status"] == STATUS["accepted"]).any():
        return rows, none
    judged = judged_before(connection, connector.name, contract, (page.partition, page.number))
    if not judged.height:
        return rows, none
    rows, refused = recall(rows, known, judged)
    if not refused.height:
        return rows, none
    marks = fingerprints(page, refused, connector, work.keys.index)
    found = refusals(connection, connector.name, contract, marks["fingerprint"])
    again = marks.join(found.filter(lasting(found["reasons"])), on="fingerprint", how="semi", maintain_order="left")
    return with_status(rows, again, "refused"), again.with_columns(envelope=pl.lit(None, pl.Binary))


def prepare_without_hint(work: Work) -> Prepared:
    """Prepare a page whose rows must all be checked: what was known or in quarantine has changed since."""
    rows = identify(work.recipe.connector, work.page, work.keys.index)
    return _prepared(work, hint(rows, pl.DataFrame(schema=KNOWN)))


def _prepared(work: Work, rows: pl.DataFrame) -> Prepared:
    random = os.urandom(random_bytes_needed(rows.height, len(work.keys.groups)))
    return prepare(work.page, rows, work.recipe, work.keys, random)


@lru_cache(maxsize=1)
def _connection(url: str) -> dbapi.Connection:
    """One connection per process, for as long as it works on one database."""
    return connect(url)


def _disconnect(url: str) -> None:
    """End this process's connection: the next run gets a new one, since this one may be dead by then."""
    if _connection.cache_info().currsize:
        with suppress(adbc_driver_manager.Error):
            _connection(url).close()
        _connection.cache_clear()


@dataclass(frozen=True)
class Pool:
    """Where pages are prepared. Workers start once a full page's rows have come, so small feeds pay nothing."""

    url: str
    workers: Workers
    full_page: int


Item = TypeVar("Item")


@contextmanager
def prepared(pool: Pool, works: Iterator[tuple[Item, Work | None]]) -> Iterator[Iterator[tuple[Item, Prepared | None]]]:
    """Each item with its prepared page (None where it had none), in order; some pages ahead of the one that the caller
    has, so that memory stays bounded by the number of workers and five pages more."""
    try:
        yield _in_order(pool, works)
    finally:
        _disconnect(pool.url)


def _in_order(pool: Pool, works: Iterator[tuple[Item, Work | None]]) -> Iterator[tuple[Item, Prepared | None]]:
    rows = 0
    for item, work in works:
        rows += work.page.rows.height if work else 0
        if rows >= pool.full_page:
            pool.workers.start(come_up)
        if pool.workers.up:
            yield from _ahead(pool, chain([(item, work)], works))
        else:
            # A process takes a second to come up; until then this one does the work itself, as where one was killed.
            yield item, prepare_page(pool.url, work) if work else None


def come_up() -> None:
    """What a worker does first, once it has imported all that preparing needs."""
    gc.freeze()  # what was imported stays: collections need not walk it again and again


def _ahead(pool: Pool, works: Iterator[tuple[Item, Work | None]]) -> Iterator[tuple[Item, Prepared | None]]:
    """Keep every worker busy, as long as they are up; while the next page in order is not ready, this process prepares one
    itself."""
    workers, waiting = pool.workers, deque[tuple[Item, Asked[Prepared] | None]]()
    while workers.up or waiting:
        busy = sum(asked is not None and not asked.done() for _, asked in waiting)
        room = min(workers.count + 2 - busy, workers.count + 4 - len(waiting)) if workers.up else 0
        for item, work in islice(works, max(room, 0)):
            waiting.append((item, workers.ask(prepare_page, pool.url, work) if work else None))
        if not waiting:
            return
        first = waiting[0][1]
        if first is not None and not first.done() and len(waiting) < workers.count + 5:
            for item, work in islice(works, 1):
                waiting.append((item, done(partial(prepare_page, pool.url, work)) if work else None))
        item, first = waiting.popleft()
        yield item, first.result() if first else None
