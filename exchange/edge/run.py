"""One run of one feed, directly: open a batch, claim its partitions, prepare and settle their pages, close it.

It may be stopped anywhere: what is settled stays settled, and the next run goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

import polars as pl

from exchange.core.connector import Connector
from exchange.core.contract import contract_of
from exchange.core.decide import MET
from exchange.core.errors import Broken, Refuse
from exchange.core.golden import Policy, policy_of
from exchange.core.prepare import Recipe, withdrawal
from exchange.edge.codes import supplied_codes
from exchange.edge.cursors import open_cursors
from exchange.edge.fetch import PAGE_ROWS, Feed, open_feed
from exchange.edge.period_secrets import page_keys
from exchange.edge.preparing import Pool, Work, prepare_without_hint, prepared
from exchange.edge.refusals import Refusals, refusals_of
from exchange.edge.settings import Address
from exchange.edge.settle import Met, Settled, settle
from exchange.edge.store import batches
from exchange.edge.store.batches import Batch, Claim, Counts
from exchange.edge.store.database import Store
from exchange.edge.store.frames import connected
from exchange.edge.store.writes import StaleHint, Task
from exchange.edge.withdraw import PARTITION as WITHDRAWN
from exchange.edge.withdraw import withdrawals
from exchange.edge.workers import NONE, Workers
from schemas import columns as facts

CHINA = timezone(timedelta(hours=8))


@dataclass(frozen=True)
class Options:
    """How a feed is run. `full`: from the beginning, whatever its cursors say."""

    full: bool = False
    page_rows: int = PAGE_ROWS


@dataclass(frozen=True)
class FeedAt:
    """A feed and where it is fetched."""

    connector: Connector
    address: Address


@dataclass(frozen=True)
class FeedRun:
    """What one run of a feed brought: `counts` are those of this run's batch, `refusals` say why rows are in quarantine.

    `waiting`: files that their agency has not finished; `skipped`: files read before; `unfinished`: partitions of a run that
    was cut off, not read to the end, which the source no longer offers.
    """

    feed: str
    agency: str
    library: str
    counts: Counts
    batch: int
    refusals: Refusals
    waiting: int
    skipped: int
    unfinished: int


Progress = Callable[[Settled], None]
"""Told after each page, committed, what it came to."""


@dataclass(frozen=True)
class Running:
    """A batch under way: all that its partitions share."""

    store: Store
    connector: Connector
    batch: Batch
    recipe: Recipe
    policy: Policy
    options: Options
    workers: Workers = NONE


def run_feed(store: Store, feed: FeedAt, options: Options, progress: Progress, workers: Workers = NONE) -> FeedRun:
    """Run the feed once and close its batch. Refuse and Broken stop the batch (its settled pages stay); Away leaves it
    open, so that the next run goes on where this one ended."""
    connector = feed.connector
    recipe = recipe_of(store, connector)
    batch = batches.open_batch(store.engine, connector, recipe.contract)
    running = Running(store, connector, batch, recipe, policy_of(connector.library), options, workers)
    try:
        return _run(running, feed.address, progress)
    except (Refuse, Broken) as error:
        if error.code != "fenced":
            batches.close_batch(store.engine, batch, error.code)
        raise


def recipe_of(store: Store, connector: Connector) -> Recipe:
    """How the feed's rows are judged today, with the code lists that are loaded."""
    supplied = supplied_codes(store.url, connector.library)
    return Recipe(connector, contract_of(connector, supplied), datetime.now(CHINA).date(), supplied)


def _run(running: Running, address: Address, progress: Progress) -> FeedRun:
    engine, batch, connector = running.store.engine, running.batch, running.connector
    before = batches.cursors(engine, batch)
    feed = open_for(running, address)
    claims = batches.claim(engine, batch, feed.partitions)
    if any(claimed.cursor != before.get(claimed.name) for claimed in claims):
        # Another run moved a cursor between our look and our claim; after the claim nobody else can.
        feed = open_for(running, address)
    run_partitions(running, feed, [claimed for claimed in claims if not claimed.done], progress)
    gone = withdrawals(running.store, connector, feed, batch)
    if gone.len():
        run_withdrawals(running, gone, progress)
    unfinished = batches.unfinished(engine, batch) - {WITHDRAWN}
    refusals = refusals_of(engine, batch)
    return FeedRun(
        feed=connector.name,
        agency=connector.agency,
        library=connector.library,
        counts=batches.close_batch(engine, batch),
        batch=batch.id,
        refusals=refusals,
        waiting=len(feed.waiting),
        skipped=len(feed.skipped),
        unfinished=len(unfinished),
    )


def open_for(running: Running, address: Address) -> Feed:
    """The feed at its address, from where the hub stands; `full` begins anew (but a batch that was cut off goes on)."""
    store, batch, options = running.store, running.batch, running.options
    sealed = {} if options.full and not batch.resumed else batches.cursors(store.engine, batch)
    seen = frozenset() if options.full else batches.read_partitions(store.engine, batch)
    cursors = open_cursors(store, running.connector.library, running.connector.name, sealed)
    return open_feed(running.connector, address, cursors=cursors, page_rows=options.page_rows, seen=seen)


def run_partitions(running: Running, feed: Feed, claims: Sequence[Claim], progress: Progress) -> None:
    """Prepare and settle the pages of claimed partitions; each is finished when its last page is settled."""
    store, options = running.store, running.options
    pool = Pool(store.url, running.workers, options.page_rows)
    met = Met(pl.DataFrame(schema=MET))
    with connected(store.url) as connection, prepared(pool, _works(running, feed, claims)) as pages:
        for (claimed, work), page in pages:
            if work is None or page is None:
                batches.finish(store.engine, running.batch, claimed)
                continue
            task = _task(running, claimed)
            try:
                settled = settle(connection, task, page, met, running.policy)
            except StaleHint:
                settled = settle(connection, task, prepare_without_hint(work), met, running.policy)
            met = settled.met
            progress(settled)


def run_withdrawals(running: Running, gone: pl.Series, progress: Progress) -> None:
    """Settle pages that withdraw these records."""
    store = running.store
    [claimed] = batches.claim(store.engine, running.batch, [WITHDRAWN])
    task, met = _task(running, claimed), Met(pl.DataFrame(schema=MET))
    with connected(store.url) as connection:
        for number, start in enumerate(range(0, gone.len(), running.options.page_rows), claimed.pages):
            page = withdrawal(WITHDRAWN, number, gone.slice(start, running.options.page_rows))
            settled = settle(connection, task, page, met, running.policy)
            met = settled.met
            progress(settled)
    batches.finish(store.engine, running.batch, claimed)


_Step = tuple[Claim, Work | None]
"""A page of a partition to prepare, or (None) the partition's end."""


def _works(running: Running, feed: Feed, claims: Sequence[Claim]) -> Iterator[tuple[_Step, Work | None]]:
    """The pages of all partitions, each with data keys of its own, and an end after each partition's last page."""
    store, library = running.store, running.connector.library
    for claimed in claims:
        for page in feed.pages(claimed.name, claimed.pages):
            keys = page_keys(store.engine, store.keys, library, facts.groups(library))
            work = Work(page, running.recipe, keys)
            yield (claimed, work), work
        yield (claimed, None), None


def _task(running: Running, claimed: Claim) -> Task:
    connector, batch = running.connector, running.batch
    return Task(
        batch=batch.id,
        feed_id=batch.feed_id,
        feed=connector.name,
        agency=connector.agency,
        library=connector.library,
        library_id=batch.library_id,
        partition=claimed.name,
        epoch=claimed.epoch,
        contract=running.recipe.contract,
    )
