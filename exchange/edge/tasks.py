"""One run of one feed, cut into tasks that may run in several processes, twice, or die anywhere (design §4.8).

What passes between them are ids and counts; where the batch stands is read from the hub's database each time. A batch is
cut into *shares*: each share is every n-th of the partitions that the batch has claimed, in the order of their names.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from exchange.core.connector import SqlSource
from exchange.core.errors import Broken, Refuse
from exchange.core.golden import policy_of
from exchange.core.prepare import Recipe
from exchange.edge.run import FeedAt, Options, Running, open_for, recipe_of, run_partitions, run_withdrawals
from exchange.edge.store import batch_state, batches
from exchange.edge.store.batches import Batch, Counts
from exchange.edge.store.database import Store
from exchange.edge.withdraw import PARTITION as WITHDRAWN
from exchange.edge.withdraw import withdrawals
from exchange.edge.workers import NONE, Workers

_NOT_THE_BATCH = frozenset({"fenced", "batch_ended"})
"""What happens to one try, not to the batch: another try has taken over, or the batch is over already."""


@dataclass(frozen=True)
class Share:
    """The `share`-th (from 0) of `of` parts of a batch."""

    batch: int
    share: int
    of: int


def open_shares(store: Store, feed: FeedAt, most: int) -> list[Share]:
    """Open a batch of the feed, or go on with the open one; claim its partitions; cut it into 1 to `most` shares."""
    recipe = recipe_of(store, feed.connector)
    batch = batches.open_batch(store.engine, feed.connector, recipe.contract)
    with _stopping(store, batch):
        batches.claim(store.engine, batch, open_for(_running(store, recipe, batch), feed.address).partitions)
    of = max(1, min(most, len(_of_agency(store, batch))))
    return [Share(batch.id, share, of) for share in range(of)]


def settle_share(store: Store, feed: FeedAt, share: Share) -> tuple[int, int]:
    """Prepare and settle what is not settled yet of a share; pages and rows that the share has settled in all.

    Raises Refuse and Broken (the batch is stopped then), Away (try again), Broken `fenced` (another try took over).
    """
    recipe = recipe_of(store, feed.connector)
    batch = batch_state.open_batch_of(store.engine, feed.connector, share.batch, recipe.contract)
    names = _of_agency(store, batch)[share.share :: share.of]
    with Workers() if share.of == 1 else NONE as workers, _stopping(store, batch):
        running = _running(store, recipe, batch, workers)
        # Claimed before the feed is opened: from here on no other try moves a cursor that we are going to read from.
        claims = batches.claim(store.engine, batch, names)
        batch_state.open_batch_of(store.engine, feed.connector, share.batch, recipe.contract)
        source = open_for(running, feed.address)
        # A file that its agency took back before it was read is not there; the next batch finds it if it returns.
        ours = [claimed for claimed in claims if not claimed.done and claimed.name in source.partitions]
        run_partitions(running, source, ours, lambda _page: None)
    return batch_state.settled(store.engine, batch, names)


def close_feed(store: Store, feed: FeedAt, batch_id: int) -> Counts:
    """Withdraw what the agency no longer holds and close the batch; again: the counts it was closed with."""
    connector = feed.connector
    before = batch_state.closed_counts(store.engine, connector, batch_id)
    if before is not None:
        return before
    recipe = recipe_of(store, connector)
    batch = batch_state.open_batch_of(store.engine, connector, batch_id, recipe.contract)
    with _stopping(store, batch):
        if isinstance(connector.source, SqlSource):
            running = _running(store, recipe, batch)
            gone = withdrawals(store, connector, open_for(running, feed.address), batch)
            if gone.len():
                run_withdrawals(running, gone, lambda _page: None)
        return batches.close_batch(store.engine, batch)


def _of_agency(store: Store, batch: Batch) -> list[str]:
    """The batch's partitions but the hub's own, which holds withdrawals."""
    return [name for name in batch_state.partitions(store.engine, batch) if name != WITHDRAWN]


def _running(store: Store, recipe: Recipe, batch: Batch, workers: Workers = NONE) -> Running:
    connector = recipe.connector
    return Running(store, connector, batch, recipe, policy_of(connector.library), Options(), workers)


@contextmanager
def _stopping(store: Store, batch: Batch) -> Iterator[None]:
    """Stop the batch where it is wrong as a whole; leave it open where trying again may help."""
    try:
        yield
    except (Refuse, Broken) as error:
        if error.code not in _NOT_THE_BATCH:
            batches.close_batch(store.engine, batch, error.code)
        raise
