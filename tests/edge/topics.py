"""A library's topic as an agency sees it: committed events only, read by kafka-python, which the hub does not publish with."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.consumer.fetcher import ConsumerRecord

from exchange.core.topics import library_topic, position_topic
from exchange.edge.broker.address import Broker


@dataclass(frozen=True)
class Event:
    """One event; `sealed`: group → (record id, envelope, tag)."""

    entity: str
    version: int
    kind: str
    headers: dict[str, str]
    values: dict[str, Any]
    sealed: dict[str, tuple[bytes, bytes, bytes]]


def events(broker: Broker, library: str) -> list[Event]:
    """Every committed event of a library's topic, each partition in its order."""
    return [_event(record) for record in _records(broker, library_topic(library, broker.prefix))]


def position(broker: Broker, library: str) -> dict[str, Any] | None:
    """The last committed position of a library's topic."""
    key = library_topic(library, broker.prefix).encode()
    found = [
        json.loads(record.value) for record in _records(broker, position_topic(broker.prefix)) if record.key == key
    ]
    return found[-1] if found else None


def rising(found: list[Event]) -> bool:
    """Whether the versions of each entity rise strictly."""
    last: dict[str, int] = {}
    for event in found:
        if event.version <= last.get(event.entity, 0):
            return False
        last[event.entity] = event.version
    return True


def live(found: list[Event]) -> set[str]:
    """The entities that an agency's copy holds at the end."""
    kinds = {event.entity: event.kind for event in found}
    return {entity for entity, kind in kinds.items() if kind == "changed"}


def _records(broker: Broker, topic: str) -> Iterator[ConsumerRecord]:
    consumer = KafkaConsumer(
        bootstrap_servers=broker.bootstrap, isolation_level="read_committed", enable_auto_commit=False
    )
    try:
        partitions = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or ()]
        consumer.assign(partitions)
        consumer.seek_to_beginning()
        ends = consumer.end_offsets(partitions)
        while any(consumer.position(partition) < ends[partition] for partition in partitions):
            for found in consumer.poll(timeout_ms=500).values():
                yield from found
    finally:
        consumer.close()


def _event(record: ConsumerRecord) -> Event:
    headers = {name: value.decode() for name, value in record.headers}
    value = json.loads(record.value)
    assert record.key.decode() == value["entity"] == headers["ce_subject"]
    assert str(value["version"]) == headers["ce_sequence"]
    sealed = {
        group: (bytes.fromhex(one["record"]), base64.b64decode(one["envelope"]), bytes.fromhex(one["tag"]))
        for group, one in value["sealed"].items()
    }
    kind = headers["ce_type"].rpartition(".")[2]
    return Event(value["entity"], value["version"], kind, headers, value["values"], sealed)
