"""Room for the benchmark beside the hub's own: a database, topics and a folder that are gone when it ends."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError
from psycopg import sql
from sqlalchemy import make_url

from exchange.cli.ground import Ground
from exchange.core.errors import Misuse
from exchange.edge.broker.address import Broker, admin_options
from exchange.edge.broker.topics import broker_away
from exchange.edge.store.database import Store, migrate, open_engine


@dataclass(frozen=True)
class Scratch:
    """A hub of the benchmark's own, with the keys of the real one, and a folder for what its agency delivers."""

    stand: Ground
    folder: Path


@contextmanager
def scratch(stand: Ground) -> Iterator[Scratch]:
    """Make it, migrated and empty; leave nothing of it behind, however the work ends.

    What the agency delivers lies outside HUB_HOME, as with every simulated agency. Raises Misuse if the hub's role may
    not create a database.
    """
    name = f"bench_{secrets.token_hex(6)}"
    broker = Broker(stand.broker.bootstrap, stand.broker.security, name)
    with ExitStack() as stack:
        stand.settings.agencies_home.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = stack.enter_context(TemporaryDirectory(prefix=f"{name}_", dir=stand.settings.agencies_home))
        stack.callback(_drop_topics, broker)
        stack.callback(_drop_database, stand.store.url, name)
        _create_database(stand.store.url, name)
        url = make_url(stand.store.url).set(database=name).render_as_string(hide_password=False)
        engine = open_engine(url)
        stack.callback(engine.dispose)
        migrate(engine)
        yield Scratch(Ground(stand.settings, Store(url, engine, stand.store.keys), broker), Path(folder))


def _create_database(url: str, name: str) -> None:
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    except psycopg.errors.InsufficientPrivilege as error:
        raise Misuse(
            "no_createdb",
            "枢纽的数据库角色不能建库。The hub's role may not create a scratch database.",
            "ALTER ROLE … CREATEDB, 或不设 HUB_DATABASE_URL。ALTER ROLE … CREATEDB, or unset HUB_DATABASE_URL.",
        ) from error


def _drop_database(url: str, name: str) -> None:
    """Not WITH (FORCE): that wants a superuser as soon as an autovacuum worker is in the database, while a plain DROP
    ends such a worker by itself."""
    own = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s AND usename = current_user"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(own, (name,))
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


def _drop_topics(broker: Broker) -> None:
    try:
        client = KafkaAdminClient(**admin_options(broker))
        try:
            ours = [topic for topic in client.list_topics() if topic.startswith(f"{broker.prefix}.")]
            if ours:
                client.delete_topics(ours)
        finally:
            client.close()
    except KafkaError as error:
        raise broker_away() from error
