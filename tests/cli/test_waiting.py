"""How far a topic is behind its library, as `hub status` tells it."""

from __future__ import annotations

import secrets

import pytest
from confluent_kafka import Producer
from sqlalchemy import insert

from exchange.cli.waiting import NOTHING, waiting
from exchange.core.topics import library_topic, position_topic
from exchange.edge.broker.address import Broker, client_options
from exchange.edge.broker.position import Position, position_value
from exchange.edge.broker.topics import ensure_topics
from exchange.edge.store import tables
from exchange.edge.store.database import migrate, open_engine

pytestmark = pytest.mark.servers


@pytest.fixture
def broker(kafka_bootstrap: str) -> Broker:
    """The session's broker with topics of the test's own."""
    return Broker(kafka_bootstrap, prefix=f"test_{secrets.token_hex(5)}")


def with_library(database_url: str, newest: int) -> None:
    """Make the hub's tables and a library whose newest change has this seq."""
    engine = open_engine(database_url)
    migrate(engine)
    with engine.begin() as connection:
        row = {"name": "person", "incarnation": "first", "last_seq": newest, "digest": b""}
        connection.execute(insert(tables.library).values(row))
    engine.dispose()


def stand_at(broker: Broker, incarnation: str, seq: int) -> None:
    """Let the topic's position be this one."""
    ensure_topics(broker, [position_topic(broker.prefix)], partitions=1)
    producer = Producer(client_options(broker))
    value = position_value(Position(incarnation, seq, "", seq, 0))
    producer.produce(position_topic(broker.prefix), value, library_topic("person", broker.prefix))
    assert producer.flush(30) == 0


def test_without_tables_nothing_waits(database_url: str, broker: Broker) -> None:
    """In a new database there is nothing to tell."""
    assert waiting(database_url, broker) == NOTHING


def test_changes_after_the_position_wait(database_url: str, broker: Broker) -> None:
    """What the topic has not is counted from its position, and all of it where nothing was ever published."""
    with_library(database_url, 5)
    assert waiting(database_url, broker).unpublished == {"person": 5}
    stand_at(broker, "first", 2)
    assert waiting(database_url, broker).unpublished == {"person": 3}


@pytest.mark.parametrize(("incarnation", "seq"), [("second", 2), ("first", 6)])
def test_a_position_of_another_database_tells_nothing(
    database_url: str, broker: Broker, incarnation: str, seq: int
) -> None:
    """A topic that stands where this database never was is unknown, not a number."""
    with_library(database_url, 5)
    stand_at(broker, incarnation, seq)
    assert waiting(database_url, broker).unpublished == {"person": None}


def test_without_a_broker_it_is_unknown(database_url: str) -> None:
    """Where no broker is within reach, or it does not answer, the number is unknown and the rest is told."""
    with_library(database_url, 5)
    for broker in (None, Broker("127.0.0.1:1")):
        found = waiting(database_url, broker)
        assert found.unpublished == {"person": None}
        assert found.counts["open_batches"] == 0
