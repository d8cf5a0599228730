"""Preparing pages near the database: in this process or in a pool of processes, one implementation (design §3)."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from multiprocessing import get_context
from os import urandom

import polars as pl
from adbc_driver_postgresql import dbapi

from exchange.core.decide import KNOWN
from exchange.core.identify import identify
from exchange.core.page import Prepared, RawPage
from exchange.core.prepare import Recipe, hint, prepare, random_bytes_needed
from exchange.core.seal import PageKeys
from exchange.edge.store.frames import connect
from exchange.edge.store.lookup import known_records


@dataclass(frozen=True)
class Work:
    """A page to prepare, with its own data keys."""

    page: RawPage
    recipe: Recipe
    keys: PageKeys


def prepare_page(url: str, work: Work) -> Prepared:
    """Prepare a page; rows settled with the same content are not checked again."""
    rows = identify(work.recipe.connector, work.page, work.keys.index)
    connection = _connection(url)
    known = known_records(connection, rows["id"].drop_nulls().unique())
    connection.rollback()
    return _prepared(work, rows, known)


def prepare_without_hint(work: Work) -> Prepared:
    """Prepare a page whose rows must all be checked (what was known has changed since)."""
    return _prepared(work, identify(work.recipe.connector, work.page, work.keys.index), pl.DataFrame(schema=KNOWN))


def _prepared(work: Work, rows: pl.DataFrame, known: pl.DataFrame) -> Prepared:
    random = urandom(random_bytes_needed(rows.height, len(work.keys.groups)))
    return prepare(work.page, hint(rows, known, work.recipe.contract), work.recipe, work.keys, random)


@functools.lru_cache(maxsize=1)
def _connection(url: str) -> dbapi.Connection:
    """One connection per process, for as long as it works on one database."""
    return connect(url)


@dataclass(frozen=True)
class Pool:
    """Where pages are prepared; starts processes only when a first page is full, so small feeds pay nothing."""

    url: str
    workers: int
    full_page: int


@contextmanager
def preparing(pool: Pool, works: Iterator[Work]) -> Iterator[Iterator[tuple[Work, Prepared]]]:
    """Prepared pages in order, a few ahead of the one being settled; memory stays bounded by `workers` pages and two."""
    first = next(works, None)
    if first is None:
        yield iter(())
    elif pool.workers < 1 or first.page.rows.height < pool.full_page:
        yield ((work, prepare_page(pool.url, work)) for work in chain([first], works))
    else:
        with ProcessPoolExecutor(pool.workers, mp_context=get_context("spawn")) as executor:
            yield _ahead(executor, pool, chain([first], works))


def _ahead(executor: ProcessPoolExecutor, pool: Pool, works: Iterator[Work]) -> Iterator[tuple[Work, Prepared]]:
    waiting: list[tuple[Work, Future[Prepared]]] = []
    for work in works:
        waiting.append((work, executor.submit(prepare_page, pool.url, work)))
        if len(waiting) > pool.workers:
            ready, future = waiting.pop(0)
            yield ready, future.result()
    for ready, future in waiting:
        yield ready, future.result()
