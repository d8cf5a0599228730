"""A feed's run with its library's publishing beside it: what one page settles goes out while the next is prepared."""

from __future__ import annotations

import gc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from exchange.edge.broker.address import Broker
from exchange.edge.handover import Beside, Handover
from exchange.edge.publish import Published, publish
from exchange.edge.run import FeedAt, FeedRun, Options, run_feed
from exchange.edge.settle import Settled
from exchange.edge.store.batches import library_of
from exchange.edge.store.database import Store
from exchange.edge.workers import Workers


@dataclass(frozen=True)
class Hub:
    """The two servers that a run stands on."""

    store: Store
    broker: Broker


@dataclass(frozen=True)
class Progress:
    """Told how many rows were settled more, and how many changes are published in all."""

    settled: Callable[[int], None]
    published: Callable[[int], None]


def run_and_publish(
    hub: Hub, feed: FeedAt, options: Options, progress: Progress, workers: Workers
) -> tuple[FeedRun, Published]:
    """Run the feed and publish its library until nothing waits. Where the run fails, what it had settled is published
    before its error is raised."""
    library = feed.connector.library
    with hub.store.engine.begin() as connection:
        library_of(connection, library)
    gc.freeze()  # as in the processes that prepare
    handover = Handover()

    def settled(page: Settled) -> None:
        if page.changes is not None:
            handover.give(page.changes)
        progress.settled(sum(page.counts))

    with ThreadPoolExecutor(1, thread_name_prefix="publish") as thread:
        beside = Beside(handover, workers)
        publishing = thread.submit(publish, hub.store, hub.broker, library, progress.published, beside)
        try:
            ran = run_feed(hub.store, feed, options, settled, workers)
        finally:
            handover.end()
        return ran, publishing.result()
