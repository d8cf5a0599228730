"""A topic's position: how far its library's change log is published. It travels inside the Kafka transaction."""

from __future__ import annotations

import json
from dataclasses import dataclass
from time import monotonic

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, TopicPartition

from exchange.core.errors import Away
from exchange.core.topics import position_topic
from exchange.edge.broker.address import Broker, client_options
from exchange.edge.broker.topics import broker_away

_WAIT_SECONDS = 30.0
_PATIENCE_SECONDS = 90.0
"""An open transaction has ended by then: its publisher ends it, or after 60 seconds the broker, which looks every ten."""
LOOK_SECONDS = 1.0
"""The patience of who only looks, and can say that it does not know."""
UNFINISHED = "publishing_unfinished"


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


def read_position(broker: Broker, topic: str, patience: float = _PATIENCE_SECONDS) -> Position | None:
    """The committed position of a topic; None if nothing was ever published. A publisher calls it after `init_transactions`:
    that ends what an earlier publisher of this topic left open.

    All topics share one partition, and what is committed behind an open transaction can't be seen. So an end short of what
    lies there is no end: for `patience` seconds the other transactions are waited for. Raises Away
    `publishing_unfinished` if one is open even then, `broker_away` if the broker is silent.
    """
    where = TopicPartition(position_topic(broker.prefix), 0, OFFSET_BEGINNING)
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
        consumer.list_topics(where.topic, timeout=_WAIT_SECONDS)
        consumer.assign([where])
        return _last(consumer, topic, _end(broker, where), patience)
    finally:
        consumer.close()


def _end(broker: Broker, where: TopicPartition) -> int:
    """The offset after everything that lies in the partition, committed or not."""
    options = {"group.id": "hub-position", "isolation.level": "read_uncommitted"}
    consumer = Consumer({**client_options(broker), **options})
    try:
        return int(consumer.get_watermark_offsets(where, _WAIT_SECONDS)[1])
    except KafkaException as error:
        raise broker_away() from error
    finally:
        consumer.close()


def _last(consumer: Consumer, topic: str, end: int, patience: float) -> Position | None:
    found: Position | None = None
    until, late = monotonic() + _WAIT_SECONDS, broker_away
    while monotonic() < until:
        message = consumer.poll(min(patience, 1.0))
        if message is None:
            continue
        error = message.error()
        if error is None:
            if message.key() == topic.encode():
                found = Position(**json.loads(message.value() or b"{}"))
        elif error.code() != error._PARTITION_EOF:
            raise broker_away()
        elif (message.offset() or 0) >= end:
            return found
        else:
            until, late = monotonic() + patience, _unfinished
    raise late()


def _unfinished() -> Away:
    return Away(
        UNFINISHED,
        "另一个库的发布尚未结束，位置暂不可读。Another library's publishing has not ended, so the position can't be read yet.",
        "一分钟后再发布，数据无损。Publish again in a minute; nothing was lost.",
    )
