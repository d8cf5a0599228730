"""The topics as the broker has them: compacted, so that each key's newest value is kept for ever and older ones go."""

from __future__ import annotations

import pytest
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import ConfigEntry, ConfigResource
from confluent_kafka.admin._resource import ResourceType

from exchange.core.topics import library_topic, position_topic
from exchange.edge.broker.address import Broker
from exchange.edge.publish import publish
from exchange.edge.store.database import Store

pytestmark = pytest.mark.servers


def settings_of(broker: Broker, kind: ResourceType, name: str) -> dict[str, str]:
    """What the broker says holds for a topic, or for itself."""
    asked = ConfigResource(kind, name)
    admin = AdminClient({"bootstrap.servers": broker.bootstrap, "log_level": 0})
    found: dict[str, ConfigEntry] = admin.describe_configs([asked])[asked].result(20)
    return {entry: str(one.value) for entry, one in found.items()}


def test_what_is_published_is_compacted(store: Store, broker: Broker) -> None:
    """Publishing makes both topics compacted, with values as large as the broker takes and as compressed as they come."""
    publish(store, broker, "legal_person", lambda _: None)
    for topic in (library_topic("legal_person", broker.prefix), position_topic(broker.prefix)):
        found = settings_of(broker, ResourceType.TOPIC, topic)
        assert found["cleanup.policy"] == "compact"
        assert (found["compression.type"], found["max.message.bytes"]) == ("producer", "8388608")


def test_the_broker_compacts(broker: Broker) -> None:
    """The embedded broker runs the cleaner; without it a compacted topic would only grow."""
    assert settings_of(broker, ResourceType.BROKER, "1")["log.cleaner.enable"] == "true"
