"""Whole columns in and out of PostgreSQL over ADBC: binary COPY in, Arrow out. Never a row at a time."""

from __future__ import annotations

import atexit
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import cache

import adbc_driver_manager
import polars as pl
import pyarrow as pa
from adbc_driver_postgresql import dbapi

from exchange.edge.store.away import LIMITS, database_away, trouble

Value = int | str | bytes | bool | None


def connect(url: str) -> dbapi.Connection:
    """A connection for whole columns, transactions by hand. Raises Away when the database can't be reached."""
    try:
        connection = _acquainted(url).adbc_clone()
    except adbc_driver_manager.DatabaseError as error:
        raise trouble(error.sqlstate or "") or database_away() from error
    with ExitStack() as opened:
        opened.callback(connection.close)
        # Statements here look up the keys of a page. Before a table's first ANALYZE each key is taken for one row in two
        # hundred, so that some hundred keys would be looked for in the whole table, page after page.
        run(connection, "SET enable_seqscan = off")
        for name, limit in LIMITS.items():
            run(connection, f"SET {name} = '{limit}'")
        connection.commit()
        opened.pop_all()
    return connection


@cache
def _acquainted(url: str) -> dbapi.Connection:
    """A connection, closed, that keeps what the driver asks a database first about all its types: nine tenths of the time
    that connecting takes."""
    first = dbapi.connect(url)
    first.adbc_connection.close()
    atexit.register(first.close)
    return first


@contextmanager
def connected(url: str) -> Iterator[dbapi.Connection]:
    """A connection for the length of a block. Raises Away when the database can't be reached or goes away meanwhile."""
    with away_when_lost(), closing(connect(url)) as connection:
        yield connection


@contextmanager
def away_when_lost() -> Iterator[None]:
    """Raise Away (Misuse `disk_full`) where a block lost its connection, or the server could not do its part; what it
    refused passes as it is."""
    try:
        yield
    except adbc_driver_manager.DatabaseError as error:
        found = trouble(error.sqlstate or "")
        if found is None and not error.sqlstate and isinstance(error, adbc_driver_manager.OperationalError):
            found = database_away()
        if found is None:
            raise
        raise found from error


def read(connection: dbapi.Connection, sql: str, *values: Value | pl.Series) -> pl.DataFrame:
    """The rows of a query ($1, $2, …); a column is bound as one array."""
    with closing(connection.cursor()) as cursor:
        cursor.execute(sql, _bound(values))
        frame = pl.from_arrow(cursor.fetch_arrow_table())
    if not isinstance(frame, pl.DataFrame):
        raise TypeError("a query yields a table")
    return frame


def cells(packed: bytes, width: int) -> pl.Series:
    """A column of equal byte strings that are stored as one.

    >>> cells(b"aabb", 2).to_list()
    [b'aa', b'bb']
    """
    kind = pa.binary(width)
    whole = pa.FixedSizeBinaryArray.from_buffers(kind, len(packed) // width, [None, pa.py_buffer(packed)])
    return pl.Series(whole.cast(pa.large_binary()), dtype=pl.Binary)


def run(connection: dbapi.Connection, sql: str, *values: Value | pl.Series) -> int:
    """Execute a statement once; the number of rows it touched (-1 where PostgreSQL does not tell)."""
    with closing(connection.cursor()) as cursor:
        cursor.execute(sql, _bound(values))
        return int(cursor.rowcount)


def append(
    connection: dbapi.Connection, table: str, frame: pl.DataFrame, extra: Mapping[str, Value] | None = None
) -> None:
    """COPY the frame into the table's columns of the same names; `extra` adds constants. A column without any value is
    left out: it costs both sides a field a row."""
    if not frame.height:
        return
    frame = frame.select(name for name in frame.columns if frame[name].null_count() < frame.height)
    with closing(connection.cursor()) as cursor:
        cursor.adbc_ingest(
            table,
            frame.with_columns(**_literals(extra or {})).to_arrow(compat_level=pl.CompatLevel.oldest()),
            mode="append",
        )


def _literals(extra: Mapping[str, Value]) -> dict[str, pl.Expr]:
    """Whole numbers become bigint: binary COPY wants a column's exact width."""
    whole = {name: pl.lit(value, pl.Int64) for name, value in extra.items() if type(value) is int}
    return {name: pl.lit(value) for name, value in extra.items()} | whole


def _bound(values: Sequence[Value | pl.Series]) -> pa.Table | None:
    if not values:
        return None
    return pa.table({f"p{place}": _array(value) for place, value in enumerate(values)})


def _array(value: Value | pl.Series) -> pa.Array:
    """One row: the value, or the whole column as an array."""
    if isinstance(value, pl.Series):
        column = value.to_arrow(compat_level=pl.CompatLevel.oldest())
        # PostgreSQL's driver binds no large texts.
        narrow = _NARROW.get(column.type, column.type)
        return pa.ListArray.from_arrays(pa.array([0, len(column)], pa.int32()), column.cast(narrow))
    return pa.array([value], _type(value))


_NARROW = {pa.large_string(): pa.string(), pa.large_binary(): pa.binary()}


def _type(value: Value) -> pa.DataType:
    if isinstance(value, bool):
        return pa.bool_()
    if isinstance(value, int):
        return pa.int64()
    return pa.string() if isinstance(value, str) else pa.binary()
