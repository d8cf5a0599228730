"""Both servers together: start, reuse, loss, recovery, stop."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from exchange.core.errors import Misuse
from exchange.edge.settings import from_environment
from exchange.embedded.services import Services, ServiceStatus, Wishes, discard, down, ensure, status, up

SCRIPT = Path(__file__).with_name("start_both.py")


def silent(text: str) -> None:
    """Nobody waits for these notes."""


@pytest.fixture
def other_home(tmp_path: Path) -> Iterator[Path]:
    """A home of the test's own; whatever it leaves is stopped and deleted."""
    home = tmp_path / "other"
    yield home
    discard(home)


def start(home: Path, cache: Path) -> subprocess.Popen[str]:
    """`up` in another process."""
    command = [sys.executable, str(SCRIPT), str(home), str(cache)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def by_name(home: Path) -> dict[str, ServiceStatus]:
    """The servers of a home."""
    return {one.name: one for one in status(home)}


def wait_for(event: Callable[[], bool], running: subprocess.Popen[str]) -> None:
    """Return as soon as the event has come; fail if the process ends before it."""
    while not event():
        with suppress(subprocess.TimeoutExpired):
            pytest.fail(f"ended with {running.wait(timeout=0.001)} before the moment came")


def send(bootstrap: str, topic: str, value: bytes) -> None:
    """Publish one value in a transaction of its own."""
    producer = Producer({"bootstrap.servers": bootstrap, "transactional.id": topic, "log_level": 0})
    producer.init_transactions(20)
    producer.begin_transaction()
    producer.produce(topic, value)
    producer.commit_transaction(20)


def received(bootstrap: str, topic: str) -> list[bytes | None]:
    """The committed values of a topic with one partition, up to its end."""
    options: dict[str, str | int | float | bool | None] = {
        "bootstrap.servers": bootstrap,
        "group.id": topic,
        "isolation.level": "read_committed",
        "enable.partition.eof": True,
        "enable.auto.commit": False,
        "fetch.wait.max.ms": 20,
        "log_level": 0,
    }
    with Consumer(options) as consumer:
        consumer.assign([TopicPartition(topic, 0, 0)])
        values: list[bytes | None] = []
        while True:
            message = consumer.poll(20)
            assert message is not None
            if message.error():
                return values
            values.append(message.value())


def make_topic(bootstrap: str, topic: str) -> None:
    """A topic with one partition."""
    admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
    admin.create_topics([NewTopic(topic, 1, 1)])[topic].result(20)


def test_up_reuses_what_runs(home: Path, services: Services, cache_home: Path) -> None:
    """A second `up` gives the same servers, not new ones."""
    before = by_name(home)
    assert up(home, note=silent, wishes=Wishes(cache=cache_home)) == services
    after = by_name(home)
    assert {name: one.pid for name, one in after.items()} == {name: one.pid for name, one in before.items()}
    assert after["postgres"].running
    assert after["kafka"].running
    assert after["postgres"].bytes > 30_000_000
    assert after["kafka"].address == services.kafka_bootstrap


def test_two_at_once_get_one_server_that_keeps_its_rows_when_killed(other_home: Path, cache_home: Path) -> None:
    """Two processes start one PostgreSQL and one Kafka; killed by SIGKILL, both come back with what was committed."""
    first, second = start(other_home, cache_home), start(other_home, cache_home)
    said = [json.loads(running.communicate(timeout=120)[0]) for running in (first, second)]
    assert said[0] == said[1]

    make_topic(said[0]["kafka"], "kept")
    send(said[0]["kafka"], "kept", b"seven")
    with psycopg.connect(said[0]["url"]) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
    for pid in said[0]["pids"].values():
        os.kill(pid, signal.SIGKILL)

    again = up(other_home, note=silent, wishes=Wishes(cache=cache_home))
    assert (again.database_url, again.kafka_bootstrap) == (said[0]["url"], said[0]["kafka"])
    with psycopg.connect(again.database_url) as connection:
        assert connection.execute("SELECT n FROM kept").fetchall() == [(7,)]
    assert received(again.kafka_bootstrap, "kept") == [b"seven"]

    assert sorted(down(other_home)) == ["kafka", "postgres"]
    assert down(other_home) == []
    assert [one.running for one in status(other_home)] == [False, False]
    assert not any(psutil.pid_exists(pid) for pid in said[0]["pids"].values())


def test_up_works_after_an_up_that_was_killed(other_home: Path, cache_home: Path) -> None:
    """Whoever starts the servers may be killed while a cluster is made or a server comes up; the next `up` works."""
    postgres, kafka = other_home / "postgres", other_home / "kafka"
    moments: list[Callable[[], bool]] = [
        (postgres / "password").exists,
        lambda: any(kafka.glob("storage.new-*")) or (kafka / "storage").exists(),
        (postgres / "server.pid").exists,
        (kafka / "server.pid").exists,
    ]
    for moment in moments:
        with start(other_home, cache_home) as running:
            wait_for(moment, running)
            running.kill()
    services = up(other_home, note=silent, wishes=Wishes(cache=cache_home))
    with psycopg.connect(services.database_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    make_topic(services.kafka_bootstrap, "first")
    marker = str(other_home / "kafka" / "server.properties")
    brokers = [one for one in psutil.process_iter(["cmdline"]) if marker in (one.info["cmdline"] or [])]
    assert [one.pid for one in brokers] == [by_name(other_home)["kafka"].pid]


def test_no_topic_is_made_by_accident(kafka_bootstrap: str) -> None:
    """A producer that misspells a topic gets an error, not a new topic."""
    producer = Producer({"bootstrap.servers": kafka_bootstrap, "message.timeout.ms": 500, "log_level": 0})
    failed: list[object] = []
    producer.produce("no_such_topic", b"x", on_delivery=lambda error, message: failed.append(error))
    producer.flush(20)
    assert failed
    assert failed[0] is not None
    assert "no_such_topic" not in AdminClient({"bootstrap.servers": kafka_bootstrap}).list_topics(timeout=10).topics


def test_an_aborted_transaction_is_not_read(kafka_bootstrap: str) -> None:
    """The broker has transactions: what was aborted stays unseen by those who read committed values."""
    make_topic(kafka_bootstrap, "aborted")
    producer = Producer({"bootstrap.servers": kafka_bootstrap, "transactional.id": "aborted", "log_level": 0})
    producer.init_transactions(20)
    producer.begin_transaction()
    producer.produce("aborted", b"never")
    producer.flush(20)
    producer.abort_transaction(20)
    send(kafka_bootstrap, "aborted", b"read")
    assert received(kafka_bootstrap, "aborted") == [b"read"]


def test_configured_servers_replace_the_embedded_ones(tmp_path: Path) -> None:
    """With HUB_DATABASE_URL and HUB_KAFKA_BOOTSTRAP nothing is started."""
    settings = from_environment(
        {
            "HUB_HOME": str(tmp_path / "none"),
            "HUB_DATABASE_URL": "postgresql://hub:secret@db.example/hub",
            "HUB_KAFKA_BOOTSTRAP": "kafka.example:9092",
        }
    )
    services = ensure(settings, silent)
    assert services == Services("postgresql://hub:secret@db.example/hub", "kafka.example:9092")
    assert "secret" not in repr(services)
    assert not (tmp_path / "none").exists()


def test_a_value_too_large_is_refused(kafka_bootstrap: str) -> None:
    """The broker takes values up to 8 MB and refuses larger ones."""
    make_topic(kafka_bootstrap, "large")
    producer = Producer({"bootstrap.servers": kafka_bootstrap, "message.max.bytes": 20_000_000, "log_level": 0})
    outcome: list[bool] = []
    for size in (8_000_000, 9_000_000):
        producer.produce("large", bytes(size), on_delivery=lambda error, message: outcome.append(error is None))
        producer.flush(20)
    assert outcome == [True, False]
    with pytest.raises(KafkaException):
        AdminClient({"bootstrap.servers": "127.0.0.1:1", "log_level": 0}).list_topics(timeout=0.2)


def test_a_home_of_any_name(tmp_path: Path, cache_home: Path) -> None:
    """Both servers start, and the broker starts again with what it had, below a path in Chinese, with a space and other
    characters that Java's settings read in their own way."""
    home = tmp_path / "张三 的项目=a:b\\u#c&d𠮷\"e'"
    try:
        services = up(home, note=silent, wishes=Wishes(cache=cache_home, small=True))
        make_topic(services.kafka_bootstrap, "kept")
        send(services.kafka_bootstrap, "kept", "七".encode())
        with psycopg.connect(services.database_url) as connection:
            assert connection.execute("SELECT 7").fetchone() == (7,)
        assert down(home) == ["postgres", "kafka"]
        again = up(home, note=silent, wishes=Wishes(cache=cache_home, small=True))
        assert received(again.kafka_bootstrap, "kept") == ["七".encode()]
        assert {path.name for path in (home / "kafka").iterdir()} >= {"storage", "broker.log", "server.properties"}
        assert (home / "kafka" / "storage" / "meta.properties").exists()
    finally:
        discard(home)
    assert list(tmp_path.iterdir()) == [home]


ELSEWHERE = {"HUB_DATABASE_URL": "postgresql://hub:secret@db.example/hub", "HUB_KAFKA_BOOTSTRAP": "kafka.example:9092"}


@pytest.mark.parametrize(("demand", "other"), [("HUB_POSTGRES_PORT", 1), ("HUB_KAFKA_PORT", 0)])
def test_a_demanded_port_is_asked_of_its_server(other_home: Path, cache_home: Path, demand: str, other: int) -> None:
    """The port that a setting demands is the one that its server would take: where it is taken, nothing starts."""
    name, url = list(ELSEWHERE.items())[other]
    environ = {"HUB_HOME": str(other_home), "XDG_CACHE_HOME": str(cache_home.parent), name: url}
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        with pytest.raises(Misuse) as raised:
            ensure(from_environment(environ | {demand: port}), silent)
    assert raised.value.code == "port_taken"
    assert port in raised.value.message
    assert not any(one.running for one in status(other_home))


def test_offline_is_asked_of_the_broker(other_home: Path, tmp_path: Path) -> None:
    """With HUB_OFFLINE and an empty cache nothing is fetched, nor a cache begun."""
    environ = {"HUB_HOME": str(other_home), "XDG_CACHE_HOME": str(tmp_path / "cache"), "HUB_OFFLINE": "1"}
    with pytest.raises(Misuse) as raised:
        ensure(from_environment(environ | {"HUB_DATABASE_URL": ELSEWHERE["HUB_DATABASE_URL"]}), silent)
    assert raised.value.code == "download_missing"
    assert not (tmp_path / "cache").exists()
