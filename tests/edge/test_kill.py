"""Killed anywhere (SIGKILL) and run again: nothing is lost, nothing counts twice, nothing is published twice."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import psutil
import psycopg
import pytest
from confluent_kafka import Consumer

from exchange.core.errors import Away
from exchange.core.topics import library_topic
from exchange.edge.broker.address import Broker
from exchange.edge.broker.topics import ensure_topics
from exchange.edge.flow import Hub, Progress, run_and_publish
from exchange.edge.publish import publish
from exchange.edge.run import Options, run_feed
from exchange.edge.store.database import Store
from exchange.edge.workers import Workers
from exchange.simulate.bench import BenchTruth, write_bench_csv
from tests.edge.beside import started
from tests.edge.firms import at, run
from tests.edge.stores import number, rows
from tests.edge.topics import events, live, position, rising

pytestmark = pytest.mark.servers
ROOT = Path(__file__).resolve().parents[2]
ROWS = 1_000
PAGE_ROWS = 60
KILLS = 2
NOTIFY = (
    "CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NOTIFY settled; RETURN NULL; END $$",
    "CREATE TRIGGER tell AFTER INSERT ON page FOR EACH STATEMENT EXECUTE FUNCTION tell()",
)
LIBRARY = "legal_person"


@dataclass(frozen=True)
class Child:
    """How to start a hub process that may be killed."""

    store: Store
    home: Path

    @contextmanager
    def running(self, *words: str) -> Iterator[subprocess.Popen[bytes]]:
        """A process under way; whatever the test did with it, it is dead afterwards."""
        command = [sys.executable, "-m", "tests.edge.child", self.store.url, str(self.home), *words]
        with subprocess.Popen(command, cwd=ROOT) as process:
            try:
                yield process
            finally:
                process.kill()


@pytest.fixture
def child(store: Store, keys_home: Path) -> Child:
    """Starts processes on the test's own store."""
    return Child(store, keys_home)


@pytest.fixture
def drops(tmp_path: Path) -> tuple[Path, BenchTruth]:
    """A folder with one file of a thousand rows, and what must become of them."""
    folder = tmp_path / "drops"
    folder.mkdir()
    return folder, write_bench_csv(folder / "a.csv", ROWS, 40_404)


@contextmanager
def settled(store: Store) -> Iterator[psycopg.Connection]:
    """A connection that hears of each page when it is committed."""
    with psycopg.connect(store.url, autocommit=True) as connection:
        for statement in NOTIFY:
            connection.execute(statement.encode())
        connection.execute("LISTEN settled")
        yield connection


def as_told(store: Store, told: BenchTruth) -> None:
    """The feed's one batch is closed, its sums are the generator's, and so is what the tables hold."""
    [(state, pulled, new, changed, unchanged, duplicate, superseded, quarantined)] = rows(
        store, "SELECT state, pulled, new, changed, unchanged, duplicate, superseded, quarantined FROM batch"
    )
    assert (state, pulled, new, unchanged) == ("closed", told.rows, told.keys, 0)
    assert (duplicate, quarantined) == (told.duplicates, told.bad)
    assert int(str(changed)) + int(str(superseded)) == told.newer_versions
    assert number(store, "SELECT count(*) FROM record") == told.keys
    assert number(store, "SELECT sum(times)::bigint FROM quarantine") == told.bad
    assert number(store, "SELECT entities FROM library") == number(store, "SELECT count(*) FROM golden_legal_person")
    assert number(store, "SELECT last_seq FROM library") == number(store, "SELECT max(seq) FROM change")
    assert number(store, "SELECT count(*) FROM change") == number(store, "SELECT last_seq FROM library")


@pytest.mark.parametrize("seed", [1, 2])
def test_a_run_that_is_killed(store: Store, child: Child, drops: tuple[Path, BenchTruth], seed: int) -> None:
    """Killed several times between and within pages, a run goes on where it ended, and ends with the sums of one run."""
    folder, told = drops
    chance = random.Random(seed)
    with settled(store) as heard:
        for _ in range(KILLS):
            with child.running("run", str(folder), str(PAGE_ROWS), "0") as process:
                pages = list(heard.notifies(timeout=60, stop_after=chance.randint(1, 5)))
                with suppress(subprocess.TimeoutExpired):
                    process.wait(chance.random() * 0.06)
            assert pages
            assert process.returncode == -9
            assert rows(store, "SELECT state FROM batch") == [("open",)]
    run(store, folder, options=Options(page_rows=PAGE_ROWS))
    as_told(store, told)
    assert rows(store, "SELECT epoch, done FROM partition") == [(KILLS + 2, True)]


def has_ended(process: psutil.Process, within: float = 10.0) -> bool:
    """Whether a process that is not ours ends in time; one that nobody has reaped yet has ended."""
    until = monotonic() + within
    try:
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            if monotonic() > until:
                return False
            with suppress(psutil.TimeoutExpired):
                process.wait(0.05)
    except psutil.NoSuchProcess:
        return True
    return True


def test_processes_of_a_killed_run_end(store: Store, child: Child, drops: tuple[Path, BenchTruth]) -> None:
    """The processes that prepare pages end when the run that started them is killed."""
    folder, told = drops
    with settled(store) as heard, child.running("run", str(folder), "200", "2") as process:
        assert list(heard.notifies(timeout=60, stop_after=1))
        others = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        _, alive = psutil.wait_procs(others, timeout=20)
        for each in alive:
            each.kill()
    assert others
    assert alive == []
    run(store, folder, options=Options(page_rows=200))
    as_told(store, told)


@contextmanager
def watching(broker: Broker) -> Iterator[Consumer]:
    """A consumer of the library's topic that sees events before they are committed."""
    topic = library_topic(LIBRARY, broker.prefix)
    ensure_topics(broker, [topic])
    options = {"bootstrap.servers": broker.bootstrap, "group.id": broker.prefix, "auto.offset.reset": "earliest"}
    consumer = Consumer({**options, "isolation.level": "read_uncommitted", "fetch.wait.max.ms": 5})
    consumer.subscribe([topic])
    try:
        yield consumer
    finally:
        consumer.close()


def test_a_publisher_that_is_killed(store: Store, child: Child, drops: tuple[Path, BenchTruth], broker: Broker) -> None:
    """Killed in the middle of transactions, publishing goes on: each version is out once, and position and events agree."""
    folder, _ = drops
    run(store, folder, options=Options(page_rows=PAGE_ROWS))
    chance = random.Random(3)
    cut = 0
    with watching(broker) as consumer:
        for _ in range(KILLS):
            with child.running("publish", broker.bootstrap, broker.prefix, "150") as process:
                wanted = chance.randint(1, 250)
                while len(consumer.consume(wanted, 0.05)) == 0 and process.poll() is None:
                    pass
            cut += process.returncode == -9
            found, at = events(broker, LIBRARY), position(broker, LIBRARY)
            assert (at["published"] if at else 0) == len(found)
    assert cut > 0
    last = publish(store, broker, LIBRARY, lambda _: None)
    found, at = events(broker, LIBRARY), position(broker, LIBRARY)
    assert at is not None
    assert at["published"] + at["overtaken"] == at["seq"] == number(store, "SELECT last_seq FROM library")
    assert len(found) == len({(event.entity, event.version) for event in found}) == at["published"]
    assert rising(found)
    assert len(live(found)) == last.entities == number(store, "SELECT count(*) FROM golden_legal_person")


def test_a_worker_that_is_killed(store: Store, drops: tuple[Path, BenchTruth], broker: Broker) -> None:
    """A run whose worker is killed (as for want of memory) ends without it: each change is settled and published once."""
    folder, told = drops
    pages: list[int] = []
    with Workers() as workers:
        worker = started(workers)

        def killing(rows: int) -> None:
            pages.append(rows)
            if len(pages) == 3:
                worker.kill()

        hub, progress = Hub(store, broker), Progress(killing, lambda _: None)
        _, published = run_and_publish(hub, at(folder), Options(page_rows=PAGE_ROWS), progress, workers)
    assert not worker.is_running()
    assert sum(pages) == ROWS
    as_told(store, told)
    found = events(broker, LIBRARY)
    assert published.balanced
    assert len(found) == len({(event.entity, event.version) for event in found}) == published.published
    assert rising(found)
    assert len(live(found)) == number(store, "SELECT count(*) FROM golden_legal_person")


@pytest.mark.parametrize("workers", [0, 2])
def test_a_database_that_goes_away(store: Store, drops: tuple[Path, BenchTruth], workers: int) -> None:
    """When the database ends every session in the middle of a run, the run says so (exit code 3) and leaves the batch
    open; the next run of the same process goes on and ends with the sums of one run."""
    folder, told = drops

    def end_sessions(_: object) -> None:
        with psycopg.connect(store.url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    with pytest.raises(Away) as ended, Workers(workers) as beside:
        run_feed(store, at(folder), Options(page_rows=PAGE_ROWS), end_sessions, beside)
    assert (ended.value.code, ended.value.exit_code) == ("database_away", 3)
    assert rows(store, "SELECT state FROM batch") == [("open",)]
    with Workers(workers) as beside:
        run_feed(store, at(folder), Options(page_rows=PAGE_ROWS), lambda _: None, beside)
    as_told(store, told)
