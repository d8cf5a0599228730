"""An agency's PostgreSQL table, read in (timestamp, key) order after a cursor, and its set of keys.

The session is read-only and bounded in time, and lasts for one fetch: nothing is held open at the agency while the hub
settles. Names come from the connector, are looked up in the source's catalogue before use and quoted as identifiers;
values are literals made by psycopg. A run reads up to the source's own now() at its beginning, so a clock that differs
from the hub's does no harm, and begins `lag_seconds` before the last cursor, inclusive: a transaction that was open
then, with an older timestamp, is not lost. Rows with one timestamp may lie on both sides of a page's end.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import polars as pl
import psycopg
from psycopg import sql
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from exchange.core.errors import Misuse
from exchange.core.page import RawPage
from exchange.core.readers.contract import require_columns
from exchange.core.readers.csv import CsvPage, read_csv
from exchange.edge.fetch.catalogue import Plan, Table, connected, ours, plan, refuse

BLOCK_BYTES = 1024 * 1024
ATTEMPTS = 4

Position = tuple[str, str]
"""Timestamp and key of a row, as the source writes them."""
T = TypeVar("T")


def pages(table: Table, cursor: str | None, page_rows: int, start_number: int = 0) -> Iterator[RawPage]:
    """Pages from a cursor (JSON `[timestamp, key]` of the last row seen; None: from the beginning) up to now.

    Raises Refuse if the columns are not the declared ones, Away if the source can't be reached after several tries;
    pages that were yielded stay valid.
    """
    planned = _tried(table, lambda connection: plan(connection, table))
    fetch_rows = max(page_rows, table.fetch_rows // page_rows * page_rows)
    after = _position(table, cursor)
    bound = _from(table, planned, after)
    number = start_number
    while True:
        query = _query(table, planned, bound, fetch_rows)
        fetched = _fetched(table, query, page_rows)
        for page in fetched:
            after = _last(table, page.rows) or after
            reached = json.dumps(after) if after else ""
            yield RawPage(table.source.table, number, page.rows, page.broken, reached, planned.opened_at)
            number += 1
        if sum(page.rows.height for page in fetched) < fetch_rows:
            return
        if fetched[-1].rows[-1, table.source.key] is None:
            after = _end(table, query)
        bound = _beyond(table, planned, after)


def keys(table: Table, key: Sequence[str]) -> Iterator[pl.DataFrame]:
    """All keys the source holds now, in byte order, as String frames with the columns `key`.

    Raises Refuse if one can't be read and Away if the source goes away: then nothing may be concluded from the rest.
    """
    planned = _tried(table, lambda connection: plan(connection, table))
    require_columns(table.connector, [name for name in key if name not in table.source.columns], ())
    names = [sql.Identifier(name) for name in key]
    query = sql.SQL("SELECT {} FROM {} ORDER BY {}").format(
        sql.SQL(", ").join(names),
        planned.relation,
        sql.SQL(", ").join(sql.SQL('{}::text COLLATE "C"').format(name) for name in names),
    )
    try:
        with connected(table) as connection:
            for page in _read(connection, table, query, key, table.fetch_rows):
                if page.broken.height:
                    raise refuse(table, "key_unreadable", "有主键无法读取", "A key can't be read")
                yield page.rows
    except psycopg.Error as error:
        raise ours(table, error) from None


def _tried(table: Table, work: Callable[[psycopg.Connection], T]) -> T:
    """Do read-only work on a connection of its own, several times if the source goes away."""

    def once() -> T:
        with connected(table) as connection:
            return work(connection)

    retrying = Retrying(
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_exponential(multiplier=0.2, max=5),
        retry=retry_if_exception_type(psycopg.OperationalError),
        reraise=True,
    )
    try:
        return retrying(once)
    except psycopg.Error as error:
        raise ours(table, error) from None


def _from(table: Table, planned: Plan, after: Position | None) -> sql.Composable:
    """The condition of a run's first page: the lag window before the cursor, inclusive."""
    if after is None:
        return sql.SQL("TRUE")
    return sql.SQL("{} >= {}::{} - make_interval(secs => {})").format(
        sql.Identifier(table.source.timestamp),
        sql.Literal(after[0]),
        sql.SQL(planned.timestamp_type),
        sql.Literal(table.source.lag_seconds),
    )


def _beyond(table: Table, planned: Plan, after: Position | None) -> sql.Composable:
    """The condition of the pages that follow: beyond the last row."""
    if after is None:
        raise refuse(table, "rows_unreadable", "整页数据无法读取", "Not one row of a page can be read")
    return sql.SQL("({}, {}) > ({}::{}, {})").format(
        sql.Identifier(table.source.timestamp),
        sql.Identifier(table.source.key),
        sql.Literal(after[0]),
        sql.SQL(planned.timestamp_type),
        sql.Literal(after[1]),
    )


def _query(table: Table, planned: Plan, bound: sql.Composable, rows: int) -> sql.Composed:
    """Rows of one fetch. WITH TIES: rows that are equal in timestamp and key come together or not at all."""
    source = table.source
    return sql.SQL(
        "SELECT {columns} FROM {relation} WHERE {timestamp} <= {until}::{kind} AND {bound}"
        " ORDER BY {timestamp}, {key} FETCH FIRST {rows} ROWS WITH TIES"
    ).format(
        columns=sql.SQL(", ").join(map(sql.Identifier, source.columns)),
        relation=planned.relation,
        timestamp=sql.Identifier(source.timestamp),
        key=sql.Identifier(source.key),
        until=sql.Literal(planned.until),
        kind=sql.SQL(planned.timestamp_type),
        bound=bound,
        rows=sql.Literal(rows),
    )


def _fetched(table: Table, query: sql.Composed, page_rows: int) -> list[CsvPage]:
    def work(connection: psycopg.Connection) -> list[CsvPage]:
        connection.execute("SET TIME ZONE 'UTC'")
        return list(_read(connection, table, query, table.source.columns, page_rows))

    return _tried(table, work)


def _end(table: Table, query: sql.Composed) -> Position | None:
    """The position of the last row of a query, asked for when that row itself could not be read."""
    last = sql.SQL(
        "SELECT {0}::text, {1}::text FROM ({2}) AS page ORDER BY page.{0} DESC, page.{1} DESC LIMIT 1"
    ).format(sql.Identifier(table.source.timestamp), sql.Identifier(table.source.key), query)

    def work(connection: psycopg.Connection) -> Position | None:
        connection.execute("SET TIME ZONE 'UTC'")
        row = connection.execute(last).fetchone()
        return (str(row[0]), str(row[1])) if row else None

    return _tried(table, work)


def _read(
    connection: psycopg.Connection, table: Table, query: sql.Composed, columns: Sequence[str], page_rows: int
) -> Iterator[CsvPage]:
    copy = sql.SQL("COPY ({}) TO STDOUT (FORMAT csv, HEADER)").format(query)
    blocks = _blocks(connection, copy)
    return read_csv(blocks, connector=table.connector, encoding="utf-8", columns=columns, page_rows=page_rows)


def _blocks(connection: psycopg.Connection, query: sql.Composed) -> Iterator[bytes]:
    """The copied rows, joined to blocks that are worth reading."""
    with connection.cursor() as cursor, cursor.copy(query) as copy:
        block = bytearray()
        for line in copy:
            block += line
            if len(block) >= BLOCK_BYTES:
                yield bytes(block)
                block.clear()
        yield bytes(block)


def _position(table: Table, cursor: str | None) -> Position | None:
    if not cursor:
        return None
    try:
        timestamp, key = json.loads(cursor)
    except (ValueError, TypeError):
        raise Misuse(
            "cursor_unreadable",
            f"{table.connector}：保存的读取位置无法识别。The stored cursor can't be read.",
            "用 hub run --full 从头读取。Read from the beginning with hub run --full.",
        ) from None
    return str(timestamp), str(key)


def _last(table: Table, rows: pl.DataFrame) -> Position | None:
    """Timestamp and key of the last row that could be read."""
    read = rows.select(table.source.timestamp, table.source.key).drop_nulls()
    return (str(read[-1, 0]), str(read[-1, 1])) if read.height else None
