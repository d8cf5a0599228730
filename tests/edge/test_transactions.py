"""Publishing's transactions: events and position are committed as one, beside the transactions of other libraries."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Timer

import pytest
from confluent_kafka import Producer
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient

from exchange.core.errors import Away
from exchange.core.topics import library_topic, position_topic
from exchange.edge.broker.address import Broker, admin_options
from exchange.edge.broker.position import read_position
from exchange.edge.broker.topics import ensure_topics
from exchange.edge.gated import publish_gated
from exchange.edge.store.database import Store
from tests.edge.firms import LIBRARY, newer, run, send
from tests.edge.topics import events, live, position, rising

pytestmark = pytest.mark.servers
ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def another_library_publishes(broker: Broker) -> Iterator[Producer]:
    """A transaction of another library's publisher, its position written and not committed."""
    ensure_topics(broker, [position_topic(broker.prefix)], partitions=1)
    producer = Producer({"bootstrap.servers": broker.bootstrap, "transactional.id": f"hub-{broker.prefix}-other"})
    producer.init_transactions(30)
    producer.begin_transaction()
    producer.produce(position_topic(broker.prefix), b"{}", f"{broker.prefix}.other.v1")
    producer.flush(30)
    yield producer


@pytest.mark.parametrize("end", ["abort_transaction", "commit_transaction"])
def test_another_librarys_open_transaction_hides_no_position(
    loaded: tuple[Store, Path], broker: Broker, end: str
) -> None:
    """Publishing twice while another library's transaction is open sends nothing twice: the position behind that transaction
    is waited for."""
    store, folder = loaded
    send(store, broker)
    newer(folder, "b.csv", 2, *range(3))
    run(store, folder)
    with another_library_publishes(broker) as other:
        ending = Timer(2.0, getattr(other, end), [30])
        ending.start()
        sent = [send(store, broker).published for _ in range(2)]
        ending.join()
    assert sent == [3, 0]
    found, at = events(broker, LIBRARY), position(broker, LIBRARY)
    assert at is not None
    assert len(found) == len({(event.entity, event.version) for event in found}) == at["published"] == 11
    assert rising(found)
    assert len(live(found)) == 8


def test_a_transaction_that_does_not_end(loaded: tuple[Store, Path], broker: Broker) -> None:
    """Where another library's transaction stays open, the position is not guessed: reading it says so (exit code 3)."""
    store, _ = loaded
    send(store, broker)
    with another_library_publishes(broker) as other:
        with pytest.raises(Away) as ended:
            read_position(broker, library_topic(LIBRARY, broker.prefix), patience=0.5)
        other.abort_transaction(30)
    assert (ended.value.code, ended.value.exit_code) == ("publishing_unfinished", 3)
    now = read_position(broker, library_topic(LIBRARY, broker.prefix))
    assert now is not None
    assert now.published == 8


def be_killed(store: Store, keys_home: Path, broker: Broker, moment: str) -> None:
    """Publish in another process, which is killed just before or just after its first commit."""
    words = [store.url, str(keys_home), "mortal", broker.bootstrap, broker.prefix, moment]
    killed = subprocess.run([sys.executable, "-m", "tests.edge.child", *words], cwd=ROOT, check=False)
    assert killed.returncode == -9


@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_at_the_commit(loaded: tuple[Store, Path], broker: Broker, keys_home: Path, moment: str) -> None:
    """A publisher killed just before or just after its first commit has published events and position, or neither."""
    store, _ = loaded
    be_killed(store, keys_home, broker, moment)
    published = 4 if moment == "after" else 0
    at = position(broker, LIBRARY)
    assert len(events(broker, LIBRARY)) == (at["published"] if at else 0) == published
    assert send(store, broker).published == 8 - published
    found = events(broker, LIBRARY)
    assert len(found) == len({(event.entity, event.version) for event in found}) == 8


def test_the_gate_is_asked_though_a_killed_publisher_left_its_transaction_open(
    loaded: tuple[Store, Path], broker: Broker, keys_home: Path
) -> None:
    """What a publisher killed at its commit left open counts as waiting; publishing behind the gate ends it and sends all."""
    store, _ = loaded
    be_killed(store, keys_home, broker, "before")
    assert publish_gated(store, broker, LIBRARY, lambda _: None).published == 8
    assert len(events(broker, LIBRARY)) == 8


def largest_batch(broker: Broker, size: int) -> None:
    """What the library's topic takes at most, in bytes."""
    topic = library_topic(LIBRARY, broker.prefix)
    with closing(KafkaAdminClient(**admin_options(broker))) as client:
        client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, {"max.message.bytes": str(size)})])


def test_events_that_the_broker_refuses(loaded: tuple[Store, Path], broker: Broker) -> None:
    """Where some events of a transaction do not arrive, none is published and the position stays; later all are, once."""
    store, folder = loaded
    send(store, broker)
    before = position(broker, LIBRARY)
    newer(folder, "b.csv", 2, *range(8))
    run(store, folder)
    largest_batch(broker, 600)
    with pytest.raises(Away) as ended:
        send(store, broker)
    assert ended.value.exit_code == 3
    assert len(events(broker, LIBRARY)) == 8
    assert position(broker, LIBRARY) == before
    largest_batch(broker, 8_000_000)
    assert send(store, broker).published == 8
    found = events(broker, LIBRARY)
    assert len(found) == len({(event.entity, event.version) for event in found}) == 16
    assert rising(found)
