"""Topics, made by the admin client before anything is published (the broker makes none by itself)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kafka.admin import KafkaAdminClient, NewTopic
from kafka.errors import KafkaError, TopicAlreadyExistsError

from exchange.core.errors import Away
from exchange.edge.broker.address import Broker, admin_options

COMPACTED: Mapping[str, str] = {
    "cleanup.policy": "compact",
    "compression.type": "producer",
    "max.message.bytes": "8388608",
}


def ensure_topics(broker: Broker, names: Iterable[str], partitions: int = 2) -> None:
    """Make the compacted topics that do not exist yet."""
    try:
        client = KafkaAdminClient(**admin_options(broker))
    except KafkaError as error:
        raise broker_away() from error
    try:
        missing = sorted(set(names) - set(client.list_topics()))
        wanted = [
            NewTopic(name, num_partitions=partitions, replication_factor=-1, topic_configs=dict(COMPACTED))
            for name in missing
        ]
        if wanted:
            client.create_topics(wanted)
    except TopicAlreadyExistsError:
        return
    except KafkaError as error:
        raise broker_away() from error
    finally:
        client.close()


def broker_away() -> Away:
    """What to say when Kafka does not answer."""
    return Away(
        "broker_away",
        "Kafka 连接不上。Kafka can't be reached.",
        "运行 hub status,或检查 HUB_KAFKA_BOOTSTRAP。Run hub status, or check HUB_KAFKA_BOOTSTRAP.",
    )
