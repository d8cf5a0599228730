"""One benchmark: the seeded deliveries, the machine's own legs, then three runs of the real feed in a scratch hub."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import connectors
from exchange.cli import bench_counts as counts
from exchange.cli import bench_legs
from exchange.cli.bench_scratch import Scratch, scratch
from exchange.cli.bench_usage import Usage, Watch, measured, watch
from exchange.cli.ground import Ground
from exchange.cli.output import counting, say
from exchange.core.topics import library_topic
from exchange.edge.broker.address import admin_options
from exchange.edge.flow import Hub, Progress, run_and_publish
from exchange.edge.publish import Published
from exchange.edge.run import FeedAt, FeedRun, Options
from exchange.edge.settings import Address, Settings
from exchange.edge.workers import Workers
from exchange.embedded import services
from exchange.simulate.bench import BenchTruth, write_bench_csv, write_bench_delta
from exchange.subscriber.topic import read_copy

CONNECTOR = "bench_companies"
READ_BACK_ROWS = 200_000
"""Up to this many rows the topic is read back as an agency would; beyond, that takes longer than the benchmark."""


@dataclass(frozen=True)
class Phase:
    """One run of the feed: its rows, and what it used from the first fetch to the last Kafka commit."""

    rows: int
    usage: Usage


@dataclass(frozen=True)
class Report:
    """`legs`: seconds of each of the machine's own legs, for as many rows as the first load has."""

    first_load: Phase
    reload: Phase
    delta: Phase
    legs: Mapping[str, float]

    @property
    def ratio(self) -> float:
        """How many times as long the first load takes as the machine's own legs one after the other."""
        return self.first_load.usage.seconds / sum(self.legs.values())


@dataclass(frozen=True)
class Deliveries:
    """The two files' folders and what is in them; `held` is what the first one leaves in the library."""

    whole: Path
    after: Path
    held: BenchTruth
    newer: BenchTruth


def bench(stand: Ground, rows: int, seed: int) -> Report:
    """Run it. Raises Broken `bench_mismatch` if a count is not the generator's; leaves nothing behind either way."""
    with scratch(stand) as room:
        say(f"生成 {rows:,} 行 · writing {rows:,} rows …")
        given = _delivered(room.folder, rows, seed)
        legs = _legs(room, given, rows)
        over = watch(_servers(stand.settings))
        first = _phase(room.stand, over, ("first_load", given.whole, given.held.rows), counts.first_load(given.held))
        again = _phase(room.stand, over, ("reload", given.whole, given.held.rows), counts.reload(given.held))
        delta = _phase(
            room.stand, over, ("delta", given.after, given.newer.rows), counts.delta(given.newer, given.held)
        )
        if rows <= READ_BACK_ROWS:
            _read_back(room.stand, given.held.keys)
        return Report(first, again, delta, legs)


@contextmanager
def _apart() -> Iterator[ProcessPoolExecutor]:
    """A process for what is not the hub's work, so that its memory and its imports don't count as the hub's. Ctrl-C
    ends it at once and without a word of its own."""
    with ProcessPoolExecutor(
        1, mp_context=get_context("spawn"), initializer=signal.signal, initargs=(signal.SIGINT, signal.SIG_DFL)
    ) as executor:
        yield executor


def _delivered(folder: Path, rows: int, seed: int) -> Deliveries:
    """Write both deliveries, each into a folder of its own."""
    whole, after = folder / "whole", folder / "after"
    whole.mkdir()
    after.mkdir()
    with _apart() as process:
        held = process.submit(write_bench_csv, whole / "companies.csv", rows, seed).result()
        newer = process.submit(write_bench_delta, after / "companies.csv", rows, seed).result()
    return Deliveries(whole, after, held, newer)


def _legs(room: Scratch, given: Deliveries, rows: int) -> dict[str, float]:
    """Measured before the hub has written anything, so that nothing of the hub still runs behind them."""
    some = min(rows, bench_legs.ROWS_MAX)
    course = bench_legs.Course(given.whole / "companies.csv", some, room.stand.store.url, room.stand.broker)
    found = {}
    with _apart() as process:
        for name, leg in bench_legs.LEGS.items():
            say(f"机器自身 · the machine's own legs: {name} …")
            found[name] = process.submit(leg, course).result() * rows / some
    return found


def _servers(settings: Settings) -> dict[str, int]:
    """Process ids of the embedded servers; a server that settings name runs elsewhere."""
    own = {"postgres": settings.database_url is None, "kafka": settings.kafka_bootstrap is None}
    running = services.status(settings.home)
    return {each.name: each.pid for each in running if each.pid is not None and own.get(each.name, False)}


def _phase(stand: Ground, over: Watch, what: tuple[str, Path, int], expected: counts.Expected) -> Phase:
    """Run the feed over a delivery (name of the phase, folder, rows), publish, and compare every count."""
    name, folder, rows = what
    (ran, published), usage = measured(over, lambda: _through(stand, name, folder, rows))
    counts.require(name, expected, ran.counts, published)
    return Phase(rows, usage)


def _through(stand: Ground, name: str, folder: Path, rows: int) -> tuple[FeedRun, Published]:
    """What `hub run --full` does with a feed: everything that is there, read whatever was read before."""
    feed = FeedAt(connectors.load(CONNECTOR), Address(str(folder)))
    with counting(name, rows) as (bar, task), Workers() as workers:
        progress = Progress(lambda done: bar.advance(task, done), lambda done: None)
        return run_and_publish(Hub(stand.store, stand.broker), feed, Options(full=True), progress, workers)


def _read_back(stand: Ground, keys: int) -> None:
    """Raise Broken unless an agency that reads the topic ends with as many live entities as there are keys."""
    topic = library_topic(connectors.load(CONNECTOR).library, stand.broker.prefix)
    copy = read_copy(topic, admin_options(stand.broker))
    counts.require_same(
        "topic",
        {"live": keys, "out_of_order": 0},
        {"live": copy.live, "out_of_order": copy.out_of_order},
    )
