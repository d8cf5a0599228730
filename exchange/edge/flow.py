"""A feed's run with its library's publishing beside it: what one page settles goes out while the next is prepared."""

from __future__ import annotations

import gc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from exchange.core.connector import Connector
from exchange.edge.broker.address import Broker
from exchange.edge.handover import Handover
from exchange.edge.publish import Published, publish
from exchange.edge.run import FeedRun, Options, run_feed
from exchange.edge.settings import Address
from exchange.edge.settle import Settled
from exchange.edge.store.batches import library_of
from exchange.edge.store.database import Store
from exchange.edge.workers import Workers

WORKERS = 1
"""Processes beside the one that settles and publishes."""


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
    hub: Hub, connector: Connector, address: Address, options: Options, progress: Progress
) -> tuple[FeedRun, Published]:
    """Run the feed and publish its library until nothing waits. Where the run fails, what it had settled is published
    before its error is raised."""
    with hub.store.engine.begin() as connection:
        library_of(connection, connector.library)
    gc.freeze()  # as in the processes that prepare

    def settled(page: Settled) -> None:
        if page.changes is not None:
            handover.give(page.changes)
        progress.settled(sum(page.counts))

    with Workers(WORKERS) as workers, ThreadPoolExecutor(1, thread_name_prefix="publish") as thread:
        handover = Handover(workers)
        publishing = thread.submit(publish, hub.store, hub.broker, connector.library, progress.published, handover)
        try:
            ran = run_feed(hub.store, connector, address, replace(options, workers=workers), settled)
        finally:
            handover.end()
        return ran, publishing.result()
