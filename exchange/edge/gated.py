"""Publishing behind the gate, for the command; Airflow asks the gate in a task of its own."""

from __future__ import annotations

from collections.abc import Callable

from confluent_kafka import KafkaException

from exchange.core.errors import Away
from exchange.core.topics import library_topic, position_topic
from exchange.edge.broker.address import Broker
from exchange.edge.broker.position import LOOK_SECONDS, UNFINISHED, read_position
from exchange.edge.broker.topics import broker_away, ensure_topics
from exchange.edge.publish import Published, publish
from exchange.edge.quality import check, hold
from exchange.edge.store.database import Store
from exchange.edge.store.frames import connected, read


def publish_gated(store: Store, broker: Broker, library: str, progress: Callable[[int], None]) -> Published:
    """Publish what waits if the gate lets the library pass; else Broken `gate_held`, and nothing is published.

    Where nothing waits the gate is not asked: it takes some seconds to load. Raises as `publish` does beside that.
    """
    if _waits(store, broker, library):
        hold(check(store, library))
    return publish(store, broker, library, progress)


def _waits(store: Store, broker: Broker, library: str) -> bool:
    """Whether the library's newest change is not where the topic stands. What a publisher that died left open may count as
    waiting: then the gate is asked once more than needed."""
    ensure_topics(broker, [position_topic(broker.prefix)], partitions=1)
    try:
        position = read_position(broker, library_topic(library, broker.prefix), patience=LOOK_SECONDS)
    except KafkaException as error:
        raise broker_away() from error
    except Away as error:
        if error.code == UNFINISHED:
            return True
        raise
    with connected(store.url) as connection:
        newest = read(connection, "SELECT incarnation, last_seq FROM library WHERE name = $1", library)
    stands = (position.incarnation, position.seq) if position else None
    return any(stands != (incarnation, seq) and (seq or position) for incarnation, seq in newest.iter_rows())
