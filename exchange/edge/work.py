"""Preparing pages near the database: in this process or in a pool of processes, one implementation (design §3).

Frames cross between processes as Arrow IPC: polars' own pickle takes ten times as long for columns of envelopes.
"""

from __future__ import annotations

import functools
import gc
import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import chain, islice
from multiprocessing import get_context
from multiprocessing.reduction import DupFd, ForkingPickler
from typing import Any, TypeVar

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
from exchange.edge.worker import begin

SHARED_FROM = 4_000_000
"""Bytes from which a frame is handed over in memory that both processes see; a smaller one goes through the pipe."""


def _parcel(frame: pl.DataFrame) -> tuple[Callable[[Any], pl.DataFrame], tuple[Any]]:
    if frame.estimated_size() >= SHARED_FROM and hasattr(os, "memfd_create"):
        with suppress(OSError):  # no room, no socket to pass a descriptor through: the pipe serves as well
            return _shared, (_in_memory(frame),)
    buffer = BytesIO()
    frame.write_ipc(buffer, compression="uncompressed")
    return _piped, (buffer.getvalue(),)


def _in_memory(frame: pl.DataFrame) -> Any:
    """The frame in memory without a name, gone when both processes have closed it, however they end."""
    with open(os.memfd_create("page"), "wb") as memory:
        frame.write_ipc(memory, compression="uncompressed")
        return DupFd(memory.fileno())


def _piped(parcel: bytes) -> pl.DataFrame:
    return pl.read_ipc(BytesIO(parcel))


def _shared(parcel: Any) -> pl.DataFrame:
    with open(parcel.detach(), "rb") as memory:
        return pl.read_ipc(f"/proc/self/fd/{memory.fileno()}")


ForkingPickler.register(pl.DataFrame, _parcel)


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


@functools.lru_cache(maxsize=1)
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
    """Where pages are prepared. Processes start once a full page's rows have come, so small feeds pay nothing."""

    url: str
    workers: int
    full_page: int


Item = TypeVar("Item")


@contextmanager
def preparing(
    pool: Pool, works: Iterator[tuple[Item, Work | None]]
) -> Iterator[Iterator[tuple[Item, Prepared | None]]]:
    """Each item with its prepared page (None where it had none), in order; some pages ahead of the one that the caller
    has, so that memory stays bounded by the number of workers and five pages more."""
    with ExitStack() as stack:
        stack.callback(_disconnect, pool.url)
        yield _in_order(stack, pool, works)


def _in_order(
    stack: ExitStack, pool: Pool, works: Iterator[tuple[Item, Work | None]]
) -> Iterator[tuple[Item, Prepared | None]]:
    rows = 0
    starting: tuple[ProcessPoolExecutor, Future[bool]] | None = None
    for item, work in works:
        rows += work.page.rows.height if work else 0
        if starting is None and pool.workers and rows >= pool.full_page:
            executor = ProcessPoolExecutor(pool.workers, get_context("spawn"), initializer=begin)
            starting = (stack.enter_context(executor), executor.submit(_is_up))
        if starting is not None and starting[1].done():
            yield from _ahead(starting[0], pool, chain([(item, work)], works))
            return
        # A process takes a second to come up; until then this one does the work itself.
        yield item, prepare_page(pool.url, work) if work else None


def _is_up() -> bool:
    """Told by a process of the pool once it has imported all that it needs."""
    gc.freeze()  # what was imported stays: collections need not walk it again and again
    return True


def _ahead(
    executor: ProcessPoolExecutor, pool: Pool, works: Iterator[tuple[Item, Work | None]]
) -> Iterator[tuple[Item, Prepared | None]]:
    """Keep every worker busy; while the next page in order is not ready, this process prepares one itself."""
    waiting: deque[tuple[Item, Future[Prepared] | None]] = deque()
    while True:
        busy = sum(future is not None and not future.done() for _, future in waiting)
        room = min(pool.workers + 2 - busy, pool.workers + 4 - len(waiting))
        for item, work in islice(works, max(room, 0)):
            waiting.append((item, executor.submit(prepare_page, pool.url, work) if work else None))
        if not waiting:
            return
        first = waiting[0][1]
        if first is not None and not first.done() and len(waiting) < pool.workers + 5:
            waiting.extend((item, _prepared_here(pool.url, work)) for item, work in islice(works, 1))
        yield _ready(*waiting.popleft())


def _prepared_here(url: str, work: Work | None) -> Future[Prepared] | None:
    if work is None:
        return None
    done: Future[Prepared] = Future()
    done.set_result(prepare_page(url, work))
    return done


def _ready(item: Item, future: Future[Prepared] | None) -> tuple[Item, Prepared | None]:
    return item, future.result() if future else None
