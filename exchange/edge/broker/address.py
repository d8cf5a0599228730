"""Where the broker is and how to log in there, in the words of each client library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from exchange.core.topics import PREFIX


@dataclass(frozen=True)
class Broker:
    """Bootstrap servers, security options in librdkafka's names (empty on loopback), the first part of topic names."""

    bootstrap: str
    security: Mapping[str, str] = field(default_factory=dict, repr=False)
    prefix: str = PREFIX


_ADMIN_NAMES = {
    "security.protocol": "security_protocol",
    "sasl.mechanism": "sasl_mechanism",
    "sasl.username": "sasl_plain_username",
    "sasl.password": "sasl_plain_password",
    "ssl.ca.location": "ssl_cafile",
}


def admin_options(broker: Broker) -> dict[str, str]:
    """Options for kafka-python."""
    return {
        "bootstrap_servers": broker.bootstrap,
        **{_ADMIN_NAMES[name]: value for name, value in broker.security.items()},
    }


def client_options(broker: Broker) -> dict[str, str]:
    """Options for confluent-kafka."""
    return {"bootstrap.servers": broker.bootstrap, **broker.security}
