"""An unsealed value planted in each place before it is searched: a search that misses it finds nothing else either."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic
from kafka.errors import KafkaError
from psycopg import sql
from psycopg.conninfo import make_conninfo

from exchange.verify.finding import Unreached
from exchange.verify.forms import encoded
from exchange.verify.ground import Ground
from exchange.verify.topic import client_options, require_broker

COPIES = 4
"""Rows of the canary: of so many at least one lies whole in a page of the write-ahead log."""


def new_canary() -> str:
    """A value nobody has: it looks like an address, with a number that says it is invented."""
    return f"津港镇金丝雀路{secrets.token_hex(6)}号"


@contextmanager
def planted(ground: Ground, canary: str, prefix: str) -> Iterator[str]:
    """Plant the canary in a table, a topic and a file; yield the topic's name; take all of them away again."""
    text = b"\n".join(encoded(canary))
    name = f"verify_canary_{secrets.token_hex(6)}"
    with ExitStack() as stack:
        stack.enter_context(_file(ground.settings.home / f"{name}.txt", text))
        stack.enter_context(_table(ground, name, text))
        yield stack.enter_context(_topic(ground, f"{prefix}.{name}", text))


@contextmanager
def _file(path: Path, text: bytes) -> Iterator[None]:
    path.touch(mode=0o600)
    try:
        path.write_bytes(text)
        yield
    finally:
        path.unlink(missing_ok=True)


@contextmanager
def _table(ground: Ground, name: str, text: bytes) -> Iterator[None]:
    table = sql.Identifier(name)
    with psycopg.connect(ground.database_url, autocommit=True, connect_timeout=10) as connection:
        connection.execute(sql.SQL("CREATE TABLE {} (value bytea)").format(table))
        try:
            for _ in range(COPIES):
                connection.execute(sql.SQL("INSERT INTO {} VALUES (%s)").format(table), (text,))
            _flush(ground, connection)
            yield
        finally:
            connection.execute(sql.SQL("DROP TABLE {}").format(table))


def _flush(ground: Ground, connection: psycopg.Connection) -> None:
    """Have PostgreSQL write its tables to their files. Only a superuser may ask for it; ours has a password file."""
    try:
        connection.execute("CHECKPOINT")
    except psycopg.errors.InsufficientPrivilege:
        try:
            password = (ground.settings.home / "postgres" / "superuser.password").read_text().strip()
        except OSError:
            raise Unreached("无权要求 PostgreSQL 落盘", "PostgreSQL may not be asked to write its files") from None
        login = make_conninfo(ground.database_url, user="postgres", password=password, dbname="postgres")
        with psycopg.connect(login, autocommit=True, connect_timeout=10) as superuser:
            superuser.execute("CHECKPOINT")


@contextmanager
def _topic(ground: Ground, name: str, text: bytes) -> Iterator[str]:
    require_broker(ground)
    try:
        admin = KafkaAdminClient(**client_options(ground))
        try:
            admin.create_topics([NewTopic(name, num_partitions=1, replication_factor=-1)])
            try:
                # Plain for the search of the files, packed for the search of what the broker hands out.
                _send(ground, name, text, None)
                _send(ground, name, text, "gzip")
                yield name
            finally:
                admin.delete_topics([name])
        finally:
            admin.close()
    except KafkaError as error:
        what = type(error).__name__
        raise Unreached(f"Kafka 写入失败（{what}）", f"Kafka can't be written ({what})") from None


def _send(ground: Ground, name: str, text: bytes, packed: str | None) -> None:
    producer = KafkaProducer(**client_options(ground), compression_type=packed, enable_idempotence=False)
    try:
        producer.send(name, text).get(timeout=30)
    finally:
        producer.close()
