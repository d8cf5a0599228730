"""A library's topic read back, committed events only, with the client library that the hub does not publish with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from kafka import KafkaConsumer, TopicPartition
from kafka.consumer.fetcher import ConsumerRecord


@dataclass(frozen=True)
class Copy:
    """What an agency's copy of a topic comes to: `live` entities, `events` read, `out_of_order` versions (must be 0)."""

    live: int
    events: int
    out_of_order: int


def read_copy(topic: str, options: dict[str, str]) -> Copy:
    """Read the topic from its beginning to its present end and apply each event when its version is newer.

    `options`: how to reach the broker, in kafka-python's names.
    """
    versions: dict[str, int] = {}
    withdrawn: set[str] = set()
    events = out_of_order = 0
    for record in _records(topic, options):
        events += 1
        value = json.loads(record.value)
        entity, version = value["entity"], value["version"]
        if version <= versions.get(entity, 0):
            out_of_order += 1
            continue
        versions[entity] = version
        kind = dict(record.headers)["ce_type"].decode()
        (withdrawn.add if kind.endswith(".withdrawn") else withdrawn.discard)(entity)
    return Copy(len(versions) - len(withdrawn), events, out_of_order)


def _records(topic: str, options: dict[str, str]) -> Iterator[ConsumerRecord]:
    consumer = KafkaConsumer(isolation_level="read_committed", enable_auto_commit=False, **options)
    try:
        partitions = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or ()]
        consumer.assign(partitions)
        consumer.seek_to_beginning()
        ends = consumer.end_offsets(partitions)
        while any(consumer.position(partition) < ends[partition] for partition in partitions):
            for found in consumer.poll(timeout_ms=1000).values():
                yield from found
    finally:
        consumer.close()
