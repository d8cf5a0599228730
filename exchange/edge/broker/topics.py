"""Topics, made by the admin client before anything is published (the broker makes none by itself)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import confluent_kafka
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from kafka.admin import KafkaAdminClient, NewTopic
from kafka.errors import KafkaError, TopicAlreadyExistsError

from exchange.core.errors import Away, Misuse
from exchange.edge.broker.address import Broker, admin_options, client_options

_REFUSALS = frozenset({confluent_kafka.KafkaError._AUTHENTICATION, confluent_kafka.KafkaError._SSL})
_ANSWER_SECONDS = 5.0
"""A broker that says nothing for so long is away."""

COMPACTED: Mapping[str, str] = {
    "cleanup.policy": "compact",
    "compression.type": "producer",
    "max.message.bytes": "8388608",
}


def ensure_topics(broker: Broker, names: Iterable[str], partitions: int = 2) -> None:
    """Make the compacted topics that do not exist yet. Raises Away if the broker does not answer, Misuse
    `broker_refuses` if it does not let the hub in."""
    missing = sorted(set(names) - present_topics(broker))
    if not missing:
        return
    try:
        client = KafkaAdminClient(**admin_options(broker))
    except KafkaError as error:
        raise broker_away() from error
    try:
        client.create_topics(
            [
                NewTopic(name, num_partitions=partitions, replication_factor=-1, topic_configs=dict(COMPACTED))
                for name in missing
            ]
        )
    except TopicAlreadyExistsError:
        return
    except KafkaError as error:
        raise broker_away() from error
    finally:
        client.close()


def present_topics(broker: Broker) -> frozenset[str]:
    """The topics there are; raises as `ensure_topics` does."""
    # Asked by librdkafka: where no broker answers, kafka-python leaves its sockets open.
    told: list[confluent_kafka.KafkaError] = []
    client = AdminClient({**client_options(broker), "log_level": 0}, error_cb=told.append)
    try:
        return frozenset(client.list_topics(timeout=_ANSWER_SECONDS).topics)
    except KafkaException as error:
        client.poll(0)
        if any(one.code() in _REFUSALS for one in told):
            raise _refused() from error
        raise broker_away() from error


def _refused() -> Misuse:
    return Misuse(
        "broker_refuses",
        "Kafka 拒绝登录，或其证书不受信任。Kafka refuses the log-in, or its certificate is not trusted.",
        "检查 HUB_KAFKA_SASL_MECHANISM、_USERNAME、_PASSWORD 与 HUB_KAFKA_CA_FILE。Check HUB_KAFKA_SASL_MECHANISM, _USERNAME, "
        "_PASSWORD and HUB_KAFKA_CA_FILE.",
    )


def broker_away() -> Away:
    """What to say when Kafka does not answer."""
    return Away(
        "broker_away",
        "Kafka 连接不上。Kafka can't be reached.",
        "运行 hub status,或检查 HUB_KAFKA_BOOTSTRAP。Run hub status, or check HUB_KAFKA_BOOTSTRAP.",
    )
