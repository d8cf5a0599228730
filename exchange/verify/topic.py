"""Reading topics with kafka-python, the library that does not publish: everything that is committed, once."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic, sleep

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from exchange.verify.finding import Unreached
from exchange.verify.ground import Ground
from exchange.verify.payload import shown

SILENCE_SECONDS = 30.0
"""A broker that sends nothing for so long is away."""
PATIENCE_SECONDS = 90.0
"""A transaction is given up by the broker after 60 s, and it looks every 10 s."""
LOOK_SECONDS = 0.2
CONNECT_SECONDS = 5.0
_NAMES = {
    "security.protocol": "security_protocol",
    "sasl.mechanism": "sasl_mechanism",
    "sasl.username": "sasl_plain_username",
    "sasl.password": "sasl_plain_password",
    "ssl.ca.location": "ssl_cafile",
}


@dataclass(frozen=True)
class Message:
    """One record of a topic as it lies there."""

    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True)
class Event:
    """What an event says of itself. `seq` is None where `ce_id` is not <incarnation>/<library>/<number>; `shown` is the
    digest of what it shows of its entity."""

    partition: int
    offset: int
    key: str
    entity: str
    version: int
    subject: str
    sequence: str
    kind: str
    incarnation: str
    library: str
    seq: int | None
    shown: bytes


@dataclass(frozen=True)
class Position:
    """How far a topic says it is published."""

    incarnation: str
    seq: int
    digest: str
    published: int
    overtaken: int


def library_topic(library: str, prefix: str) -> str:
    """The topic of a library, in its first major version.

    >>> library_topic("person", "hub")
    'hub.person.v1'
    """
    return f"{prefix}.{library}.v1"


def client_options(ground: Ground) -> dict[str, object]:
    """How to reach the broker and log in there, in kafka-python's words."""
    login = {_NAMES[name]: value for name, value in ground.settings.kafka_security.items() if name in _NAMES}
    return {"bootstrap_servers": ground.kafka_bootstrap, **login}


def messages(
    ground: Ground, topic: str, *, committed: bool = True, patience: float = PATIENCE_SECONDS
) -> Iterator[Message]:
    """Everything in a topic up to its end as of now; nothing if there is no such topic. Transactions that are open there
    are waited for, so many seconds. Raises Unreached."""
    level = "read_committed" if committed else "read_uncommitted"
    with _consumer(ground, level) as consumer:
        parts = [TopicPartition(topic, part) for part in sorted(consumer.partitions_for_topic(topic) or ())]
        if not parts:
            return
        consumer.assign(parts)
        consumer.seek_to_beginning(*parts)
        ends = _decided_ends(ground, consumer, parts, patience) if committed else consumer.end_offsets(parts)
        until = monotonic() + SILENCE_SECONDS
        while any(consumer.position(part) < ends[part] for part in parts):
            for part, found in consumer.poll(timeout_ms=500).items():
                until = monotonic() + SILENCE_SECONDS
                for record in found:
                    if record.offset < ends[part]:
                        yield Message(part.partition, record.offset, record.key, record.value, tuple(record.headers))
            if monotonic() > until:
                raise Unreached("Kafka 没有响应", "Kafka does not answer")


def _decided_ends(
    ground: Ground, consumer: KafkaConsumer, parts: list[TopicPartition], patience: float
) -> dict[TopicPartition, int]:
    """The partitions' ends as of now, once every transaction before them is committed or given up.

    To who reads what is committed a partition ends where its oldest open transaction begins, whoever opened it: what
    others have committed behind that would not be seen.
    """
    with _consumer(ground, "read_uncommitted") as other:
        ends: dict[TopicPartition, int] = other.end_offsets(parts)
    until = monotonic() + patience
    while any(reached < ends[part] for part, reached in consumer.end_offsets(parts).items()):
        if monotonic() > until:
            topic = parts[0].topic
            raise Unreached(
                f"{topic} 上有发布尚未结束，请稍后再试", f"a publishing on {topic} is not finished yet, try again"
            )
        sleep(LOOK_SECONDS)
    return ends


def require_broker(ground: Ground) -> None:
    """Raise Unreached unless something listens at one of the broker's addresses: kafka-python would try for a minute."""
    for address in ground.kafka_bootstrap.split(","):
        host, _, port = address.strip().rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), CONNECT_SECONDS).close()
        except (OSError, ValueError):
            continue
        return
    raise Unreached("Kafka 连接不上", "Kafka can't be reached")


@contextmanager
def _consumer(ground: Ground, level: str) -> Iterator[KafkaConsumer]:
    options = {"isolation_level": level, "enable_auto_commit": False, "group_id": None, "fetch_max_wait_ms": 50}
    sizes = {"max_poll_records": 5000, "max_partition_fetch_bytes": 16 << 20, "fetch_max_bytes": 64 << 20}
    require_broker(ground)
    try:
        consumer = KafkaConsumer(**client_options(ground), **options, **sizes)
        try:
            yield consumer
        finally:
            consumer.close()
    except (KafkaError, AssertionError, NotImplementedError) as error:
        # A library's text may quote an address with a login; its class says enough.
        what = type(error).__name__
        raise Unreached(f"Kafka 读取失败（{what}）", f"Kafka can't be read ({what})") from None


def read_position(ground: Ground, topic: str, prefix: str, patience: float = PATIENCE_SECONDS) -> Position | None:
    """The committed position of a topic; None if nothing was ever published."""
    found: Position | None = None
    for message in messages(ground, f"{prefix}.position", patience=patience):
        if message.key == topic.encode() and message.value:
            try:
                found = Position(**json.loads(message.value))
            except (ValueError, TypeError):
                raise Unreached("发布位置无法识别", "the position on the topic is not of its form") from None
    return found


def event(message: Message) -> Event | None:
    """What a message says of itself; None if it is no event."""
    heads = dict(message.headers)
    try:
        value = json.loads(message.value or b"")
        subject, sequence, kind, ident, key = (
            part.decode()
            for part in (*(heads[f"ce_{name}"] for name in ("subject", "sequence", "type", "id")), message.key or b"")
        )
        incarnation, library, seq = ident.split("/")
        version = int(value["version"])
        return Event(
            message.partition, message.offset, key, str(value["entity"]), version, subject, sequence, kind, incarnation,
            library, int(seq) if seq.isdigit() else None, shown(value),
        )  # fmt: skip
    except (ValueError, KeyError, TypeError):
        return None
