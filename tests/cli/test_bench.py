"""hub bench: the whole of it on real servers, what it leaves behind, and that it notices a wrong count."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest
from kafka.admin import KafkaAdminClient

from exchange.cli import bench_counts
from exchange.cli.bench_usage import measured, watch
from exchange.core.errors import Broken
from exchange.edge.publish import Published
from exchange.edge.store.batches import Counts
from exchange.embedded.services import Services
from exchange.simulate.bench import bench_truth

ROWS = 5_000
COMMAND = [sys.executable, "-c", "from exchange.cli.main import main; main()", "bench", "--rows", str(ROWS)]
HOLDING = "held = bytearray(b'1') * 100_000_000; print(len(held), flush=True); input()"
SECONDS = 300


@dataclass(frozen=True)
class Room:
    """Servers and folders for a benchmark; `database_url` is that of the hub it stands beside."""

    environ: dict[str, str]
    database_url: str
    bootstrap: str
    agencies: Path

    def left(self) -> list[str]:
        """Databases, topics and folders of a benchmark that are there now."""
        with psycopg.connect(self.database_url) as connection:
            databases = [name for (name,) in connection.execute("SELECT datname FROM pg_database")]
        admin = KafkaAdminClient(bootstrap_servers=self.bootstrap)
        try:
            topics = list(admin.list_topics())
        finally:
            admin.close()
        folders = [path.name for path in self.agencies.iterdir()]
        return [name for name in (*databases, *topics, *folders) if name.startswith("bench_")]


@pytest.fixture
def room(services: Services, database_url: str, tmp_path: Path) -> Room:
    """A hub of the test's own on the session's servers."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")} | {
        "HUB_HOME": str(tmp_path / "hub"),
        "HUB_AGENCIES_HOME": str(tmp_path / "agencies"),
        "HUB_DATABASE_URL": database_url,
        "HUB_KAFKA_BOOTSTRAP": services.kafka_bootstrap,
    }
    return Room(environ, database_url, services.kafka_bootstrap, tmp_path / "agencies")


@contextmanager
def holding() -> Iterator[int]:
    """The id of a child process that holds 100 MB and sleeps as long as this lasts."""
    command = [sys.executable, "-c", HOLDING]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "100000000\n"
        yield child.pid
        child.kill()


@pytest.mark.servers
def test_the_benchmark_measures_all_phases_and_leaves_nothing(room: Room) -> None:
    """Three phases, four legs and their ratio come as one JSON object; database, topics and folder are gone after."""
    outcome = subprocess.run(
        [*COMMAND, "--json"], env=room.environ, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert outcome.returncode == 0, outcome.stderr + outcome.stdout
    [line] = outcome.stdout.splitlines()
    found = json.loads(line)
    assert list(found) == ["first_load", "reload", "delta", "limit", "ratio"]
    assert [found[phase]["rows"] for phase in ("first_load", "reload", "delta")] == [ROWS, ROWS, ROWS // 100]
    for phase in (found["first_load"], found["reload"], found["delta"]):
        assert phase["rows_per_second"] == pytest.approx(phase["rows"] / phase["seconds"], rel=0.05)
        assert 50 < phase["peak_rss_mb"] < 5_000
        assert list(phase["cpu"]) == ["hub"]  # the servers are not those of this home
    assert list(found["limit"]["legs"]) == ["read", "seal", "copy", "kafka"]
    assert min(found["limit"]["legs"].values()) > 0
    assert found["limit"]["seconds"] == pytest.approx(sum(found["limit"]["legs"].values()), abs=0.01)
    assert found["ratio"] == pytest.approx(found["first_load"]["seconds"] / found["limit"]["seconds"], rel=0.05)
    assert room.left() == []


@pytest.mark.servers
@pytest.mark.parametrize("stop", ["SIGINT", "SIGTERM"])
def test_a_stopped_benchmark_leaves_nothing(room: Room, stop: str) -> None:
    """Stopped while its scratch database and topics are in use, it takes them away first."""
    with subprocess.Popen(COMMAND, env=room.environ, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        for line in running.stderr:
            if "kafka" in line:
                break
        assert any(name.startswith("bench_") for name in room.left())
        running.send_signal(signal.Signals[stop])
        running.communicate(timeout=SECONDS)
    assert running.returncode == 130
    assert room.left() == []


def test_a_wrong_count_is_named() -> None:
    """A count that is not the generator's stops the benchmark, names the count, and shows both figures."""
    truth = bench_truth(ROWS, 1)
    counts = Counts(
        pulled=ROWS, new=truth.keys, changed=truth.newer_versions, duplicate=truth.duplicates, quarantined=truth.bad
    )
    changes = truth.keys + truth.newer_versions
    published = Published("legal_person", truth.keys, changes, changes, 0)
    bench_counts.require("first_load", bench_counts.first_load(truth), counts, published)
    wrong = bench_counts.first_load(replace(truth, bad=truth.bad + 1))
    with pytest.raises(Broken, match=rf"quarantined = {truth.bad}, not {truth.bad + 1}\.") as raised:
        bench_counts.require("first_load", wrong, counts, published)
    assert (raised.value.code, raised.value.exit_code) == ("bench_mismatch", 1)


def test_a_change_that_was_not_published_is_named() -> None:
    """Every change of the library must be published or overtaken, and every new or changed record must be a change."""
    truth, held = replace(bench_truth(50, 1), rows=50, changed=25, unchanged=25), bench_truth(ROWS, 1)
    counts = Counts(pulled=50, changed=25, unchanged=25)
    expected = bench_counts.delta(truth, held)
    bench_counts.require("delta", expected, counts, Published("legal_person", held.keys, 25, 24, 1))
    for changes, published in ((25, 24), (24, 24)):
        with pytest.raises(Broken, match=r"published \+ overtaken = 24, not 25"):
            bench_counts.require("delta", expected, counts, Published("legal_person", held.keys, changes, published, 0))


def test_children_count_as_the_hub_unless_they_were_there_before() -> None:
    """Memory of a child that the work starts is in the peak; of one that ran before the watch began it is not."""
    with holding():
        over = watch({})
        _, before = measured(over, lambda: None)
        with holding():
            _, during = measured(over, lambda: None)
    grown = during.peak_rss - before.peak_rss
    assert 90_000_000 < grown < 180_000_000


def test_processor_time_is_told_apart() -> None:
    """Work of this process is the hub's; a server that sleeps meanwhile has used nothing."""
    with holding() as sleeping:
        over = watch({"postgres": sleeping})
        total, usage = measured(over, lambda: sum(range(20_000_000)))
    assert total == 199_999_990_000_000
    assert usage.cpu["hub"] > 0.05 > usage.cpu["postgres"]
    assert usage.seconds > 0.05
