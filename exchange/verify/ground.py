"""What every check stands on: where the hub's database, broker, files and sources are; and how the first is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import LiteralString

import polars as pl
import psycopg
from psycopg import sql

from exchange.edge.settings import Address, Settings

Note = Callable[[str], None]
Query = LiteralString | sql.Composed
FETCHED_ROWS = 50_000


@dataclass(frozen=True)
class Ground:
    """`addresses`: connector → where its source is; `note`: told what is being done, for a person who waits."""

    settings: Settings
    database_url: str = field(repr=False)
    kafka_bootstrap: str
    addresses: Mapping[str, Address] = field(repr=False)
    note: Note


@contextmanager
def snapshot(url: str) -> Iterator[psycopg.Connection]:
    """A read-only session that sees the database as of one moment, however long the check takes."""
    with psycopg.connect(url, connect_timeout=10, application_name="hub verify") as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        yield connection


def rows(connection: psycopg.Connection, query: Query, *values: object) -> list[tuple[object, ...]]:
    """All rows of a query, fetched in binary."""
    with connection.cursor(binary=True) as cursor:
        cursor.execute(sql.SQL(query) if isinstance(query, str) else query, values or None)
        return cursor.fetchall()


def frame(
    connection: psycopg.Connection, query: Query, schema: Mapping[str, pl.DataType], *values: object
) -> pl.DataFrame:
    """The rows of a query as a frame, fetched in parts: as Python values a million rows would be large."""
    parts = [pl.DataFrame(schema=dict(schema))]
    with connection.cursor("frame", binary=True) as cursor:
        cursor.execute(sql.SQL(query) if isinstance(query, str) else query, values or None)
        while found := cursor.fetchmany(FETCHED_ROWS):
            parts.append(pl.DataFrame(found, schema=dict(schema), orient="row"))
    return pl.concat(parts)


def count(connection: psycopg.Connection, query: Query, *values: object) -> int:
    """The one number that a query yields."""
    return number(rows(connection, query, *values)[0][0])


def number(value: object) -> int:
    """A number from the database.

    >>> number(None), number(3)
    (0, 3)
    """
    return int(str(value)) if value is not None else 0


def pairs(found: Sequence[tuple[object, ...]]) -> Iterator[tuple[object, object]]:
    """Rows of two columns."""
    return ((row[0], row[1]) for row in found)
