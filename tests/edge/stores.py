"""Databases for tests: one is migrated, the others are copies of it; and plain looks into them."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from exchange.edge import preparing
from exchange.edge.period_secrets import open_keys
from exchange.edge.store.database import Store, migrate, open_engine
from tests.databases import drop_database


@dataclass(frozen=True)
class Template:
    """The database to copy and the folder of its master key."""

    url: str
    home: Path


def beside(url: str) -> str:
    """The address of another database of the same cluster, whose name nobody has."""
    return f"{url.rpartition('/')[0]}/hub_test_{secrets.token_hex(6)}"


def create(url: str, like: str | None = None) -> None:
    """Make the database, empty or as a copy."""
    name, model = url.rpartition("/")[2], (like or "/template1").rpartition("/")[2]
    with psycopg.connect(_cluster(url), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {model}".encode())


def drop(url: str) -> None:
    """Drop the database, whoever is in it."""
    drop_database(_cluster(url), url.rpartition("/")[2])


def _cluster(url: str) -> str:
    return f"{url.rpartition('/')[0]}/hub"


def build_template(cluster: str, home: Path) -> Template:
    """A new migrated database; its keys lie below `home`."""
    url = beside(cluster)
    create(url)
    engine = open_engine(url)
    migrate(engine)
    with engine.begin() as connection:
        open_keys(connection, home)
    engine.dispose()
    return Template(url, home)


@contextmanager
def opened(template: Template) -> Iterator[Store]:
    """A copy of the template as the hub opens it, dropped afterwards."""
    url = beside(template.url)
    create(url, template.url)
    try:
        with open_store(url, template.home) as found:
            yield found
    finally:
        drop(url)


@contextmanager
def open_store(url: str, home: Path) -> Iterator[Store]:
    """The hub's store on a migrated database."""
    engine = open_engine(url)
    with engine.begin() as connection:
        keys = open_keys(connection, home)
    try:
        yield Store(url, engine, keys)
    finally:
        engine.dispose()
        # What prepares pages in this process keeps its connection.
        preparing._connection(url).close()
        preparing._connection.cache_clear()


def rows(store: Store, sql: str, *values: object) -> list[tuple[object, ...]]:
    """The rows of a query (%s), read without any of the hub's code."""
    with psycopg.connect(store.url) as connection:
        return connection.execute(sql.encode(), values).fetchall()


def value(store: Store, sql: str, *values: object) -> object:
    """The one value of a query."""
    [[found]] = rows(store, sql, *values)
    return found


def pairs(store: Store, sql: str, *values: object) -> dict[str, int]:
    """The rows of a query for a text and a whole number."""
    return {str(name): int(str(count)) for name, count in rows(store, sql, *values)}


def number(store: Store, sql: str, *values: object) -> int:
    """The one whole number of a query."""
    return int(str(value(store, sql, *values)))


def act(store: Store, *statements: str) -> None:
    """Change something by hand; each statement must touch a row."""
    with psycopg.connect(store.url) as connection:
        for statement in statements:
            assert connection.execute(statement.encode()).rowcount != 0, "the statement found nothing"


def dispositions(store: Store, feed: str) -> Sequence[int]:
    """New, changed, unchanged, duplicate, superseded, quarantined, withdrawn over all pages of a feed."""
    names = ("new", "changed", "unchanged", "duplicate", "superseded", "quarantined", "withdrawn")
    sums = ", ".join(f"coalesce(sum(p.{name}), 0)::bigint" for name in names)
    sql = f"SELECT {sums} FROM page p JOIN feed f ON f.id = p.feed_id WHERE f.name = %s"
    [found] = rows(store, sql, feed)
    return [int(str(each)) for each in found]
