"""A small hub made by the real way of the data, copies of its database, and copies of its topics with something wrong."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import psycopg
from confluent_kafka import Producer
from kafka.admin import KafkaAdminClient, NewTopic

import connectors
from exchange.edge import preparing
from exchange.edge.broker.address import Broker
from exchange.edge.period_secrets import open_keys
from exchange.edge.publish import publish
from exchange.edge.run import FeedAt, Options, run_feed
from exchange.edge.settings import Address, from_environment
from exchange.edge.store.database import Store, migrate, open_engine
from exchange.embedded.services import Services
from exchange.verify.ground import Ground
from exchange.verify.topic import Message, library_topic, messages
from tests.databases import drop_database

LIBRARIES = ("legal_person", "person")


def quiet(_: object) -> None:
    """Nobody waits here."""


@dataclass(frozen=True)
class SmallHub:
    """A hub that has run every feed once and published; `addresses` are those of its simulated agencies."""

    home: Path
    services: Services
    database: str
    prefix: str
    addresses: Mapping[str, Address] = field(repr=False)

    def ground(self, database: str | None = None, addresses: Mapping[str, Address] | None = None) -> Ground:
        """What the checker stands on, over the hub's own database or a copy of it."""
        settings = from_environment({"HUB_HOME": str(self.home)})
        sources = self.addresses if addresses is None else addresses
        url = url_of(self.services, database or self.database)
        return Ground(settings, url, self.services.kafka_bootstrap, sources, quiet)


def url_of(services: Services, database: str) -> str:
    """The address of a database of the hub's cluster."""
    return f"{services.database_url.rpartition('/')[0]}/{database}"


def build(home: Path, services: Services, addresses: Mapping[str, Address]) -> SmallHub:
    """Run every feed once in a database of its own, and publish under a prefix of its own."""
    name = f"verify_{secrets.token_hex(4)}"
    with psycopg.connect(services.database_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    url = url_of(services, name)
    engine = open_engine(url)
    migrate(engine)
    with engine.begin() as connection:
        keys = open_keys(connection, home)
    store, broker = Store(url, engine, keys), Broker(services.kafka_bootstrap, prefix=name)
    for feed, address in addresses.items():
        run_feed(store, FeedAt(connectors.load(feed), address), Options(), quiet)
    for library in LIBRARIES:
        publish(store, broker, library, quiet)
    engine.dispose()
    # What prepares pages keeps its connection; a database in use can't be copied.
    preparing._connection(url).close()
    preparing._connection.cache_clear()
    return SmallHub(home, services, name, name, addresses)


@contextmanager
def copied(hub: SmallHub) -> Iterator[str]:
    """The name of a copy of the hub's database, dropped afterwards."""
    name = f"{hub.database}_{secrets.token_hex(4)}"
    with psycopg.connect(hub.services.database_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {hub.database}".encode())
    try:
        yield name
    finally:
        drop_database(hub.services.database_url, name)


@contextmanager
def broken(hub: SmallHub, *statements: str) -> Iterator[psycopg.Connection]:
    """A session in whose eyes the hub is broken by these statements, each of which must touch a row; taken back after."""
    with psycopg.connect(hub.ground().database_url) as connection, connection.transaction(force_rollback=True):
        for statement in statements:
            assert connection.execute(statement.encode()).rowcount != 0, "the test's own statement found nothing"
        yield connection


Edit = Callable[[list[Message]], Sequence[Message]]


def copied_topics(hub: SmallHub, library: str, edit: Edit, position: Edit = list) -> str:
    """The prefix of new topics: the library's messages and its position, edited."""
    prefix, ground = f"{hub.prefix}_{secrets.token_hex(4)}", hub.ground()
    names = {library_topic(each, prefix): library_topic(each, hub.prefix) for each in LIBRARIES}
    names[f"{prefix}.position"] = f"{hub.prefix}.position"
    admin = KafkaAdminClient(bootstrap_servers=hub.services.kafka_bootstrap)
    admin.create_topics(
        [NewTopic(name, num_partitions=1 if "position" in name else 2, replication_factor=1) for name in names]
    )
    admin.close()
    producer = Producer({"bootstrap.servers": hub.services.kafka_bootstrap, "linger.ms": 5})
    for name, original in names.items():
        found = list(messages(ground, original))
        if name == library_topic(library, prefix):
            found = list(edit(found))
        elif original.endswith(".position"):
            found = [
                replace(each, key=(each.key or b"").replace(hub.prefix.encode(), prefix.encode())) for each in found
            ]
            found = list(position(found))
        for each in found:
            producer.produce(name, each.value, each.key, each.partition, headers=list(each.headers))
    assert producer.flush(30) == 0
    return prefix
