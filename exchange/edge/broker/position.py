"""A topic's position: how far its library's change log is published. It travels inside the Kafka transaction."""

from __future__ import annotations

import json
from dataclasses import dataclass
from time import monotonic

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

from exchange.core.topics import position_topic
from exchange.edge.broker.address import Broker, client_options
from exchange.edge.broker.topics import broker_away

_WAIT_SECONDS = 30.0


@dataclass(frozen=True)
class Position:
    """Changes up to `seq` of this incarnation are published; `digest` (hex) is that of the page that ended there."""

    incarnation: str
    seq: int
    digest: str
    published: int
    overtaken: int


def position_value(position: Position) -> bytes:
    """The position as it stands in the topic."""
    return json.dumps(position.__dict__, sort_keys=True).encode()


def read_position(broker: Broker, topic: str) -> Position | None:
    """The committed position of a topic; None if nothing was ever published. Call it only after `init_transactions`:
    that ends what an earlier publisher left open."""
    options = {
        "group.id": "hub-position",
        "isolation.level": "read_committed",
        "enable.auto.commit": "false",
        "enable.partition.eof": "true",
        "fetch.wait.max.ms": "10",
    }
    consumer = Consumer({**client_options(broker), **options})
    try:
        # Asked beforehand, else librdkafka waits half a second before it looks for the partition's leader.
        consumer.list_topics(position_topic(broker.prefix), timeout=_WAIT_SECONDS)
        consumer.assign([TopicPartition(position_topic(broker.prefix), 0, OFFSET_BEGINNING)])
        return _last(consumer, topic)
    finally:
        consumer.close()


def _last(consumer: Consumer, topic: str) -> Position | None:
    found: Position | None = None
    until = monotonic() + _WAIT_SECONDS
    while monotonic() < until:
        message = consumer.poll(1.0)
        if message is None:
            continue
        error = message.error()
        if error is not None:
            if error.code() == error._PARTITION_EOF:
                return found
            raise broker_away()
        if message.key() == topic.encode():
            found = Position(**json.loads(message.value() or b"{}"))
    raise broker_away()
