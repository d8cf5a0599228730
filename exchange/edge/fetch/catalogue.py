"""An agency's PostgreSQL: the session, and what its catalogue and clock say about a table before it is read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import LiteralString

import psycopg
from psycopg import sql

from exchange.core.connector import SqlSource
from exchange.core.errors import Away, Refuse
from exchange.core.readers.contract import connector_file, require_columns

SETTINGS = {
    "default_transaction_read_only": "on",
    "statement_timeout": "600s",
    "lock_timeout": "10s",
    "datestyle": "ISO, YMD",
}
OLDEST = 130_000
"""PostgreSQL 13: the first with FETCH FIRST … ROWS WITH TIES."""
TIMESTAMPS: dict[str, LiteralString] = {
    "timestamp with time zone": "timestamptz",
    "timestamp without time zone": "timestamp",
}


@dataclass(frozen=True)
class Table:
    """A source at an address (which may hold a password, so it is not shown)."""

    connector: str
    address: str = field(repr=False)
    source: SqlSource
    fetch_rows: int = 50_000
    """Rows asked for at once; whole pages of them."""


@dataclass(frozen=True)
class Plan:
    """What the source said at the beginning of a run: `until` is its now(), `opened_at` the same in microseconds."""

    relation: sql.Identifier
    timestamp_type: LiteralString
    until: str
    opened_at: int


def connected(table: Table) -> psycopg.Connection:
    """A read-only session, bounded in time."""
    connection = psycopg.connect(
        table.address,
        autocommit=True,
        connect_timeout=10,
        application_name="binhai-exchange-hub",
        client_encoding="utf8",
        keepalives_idle=10,
        keepalives_interval=5,
        keepalives_count=3,
    )
    for name, value in SETTINGS.items():
        connection.execute("SELECT set_config(%s, %s, false)", (name, value))
    return connection


def plan(connection: psycopg.Connection, table: Table) -> Plan:
    """Compare the table with the connector, and read the source's clock.

    Raises Refuse naming the column that is unknown, missing, no timestamp, or holds NULL where rows are ordered by it.
    """
    source = table.source
    if connection.info.server_version < OLDEST:
        raise refuse(table, "source_too_old", "来源的 PostgreSQL 早于 13 版", "The source's PostgreSQL is before 13")
    if connection.info.parameter_status("server_encoding") == "SQL_ASCII":
        raise refuse(table, "encoding_unknown", "来源数据库未声明编码", "The source's database declares no encoding")
    relation = _relation(source.table)
    types = _types(connection, relation)
    if not types:
        raise refuse(table, "table_missing", f"来源没有表 {source.table}", f"The source has no table {source.table}")
    require_columns(table.connector, list(types), source.columns)
    kind, _ = types[source.timestamp]
    if kind not in TIMESTAMPS:
        raise refuse(table, "timestamp_type", f"{source.timestamp} 不是时间戳", f"{source.timestamp} is no timestamp")
    for name in (source.timestamp, source.key):
        if not types[name][1] and _has_null(connection, relation, name):
            raise refuse(table, "order_null", f"列 {name} 有空值，不能按它读取", f"The column {name} has NULLs")
    until, opened_at = _clock(connection, TIMESTAMPS[kind])
    return Plan(relation, TIMESTAMPS[kind], until, opened_at)


def refuse(table: Table, code: str, chinese: str, english: str) -> Refuse:
    """A source that is not as the connector says."""
    file = connector_file(table.connector)
    return Refuse(
        code,
        f"{table.connector}：{chinese}。{english}.",
        f"与机构核对后修改 {file}。Settle it with the agency, then edit {file}.",
    )


def ours(table: Table, error: psycopg.Error) -> Away | Refuse:
    """A driver's error as one of ours: its class and SQLSTATE only, since its text may quote a value."""
    what = f"{type(error).__name__} {error.sqlstate or ''}".strip()
    if isinstance(error, psycopg.OperationalError):
        return Away(
            "source_away",
            f"{table.connector}：机构数据库无法访问（{what}）。The agency's database is away ({what}).",
            "稍后再试；核对地址、账号和网络。Try later; check the address, the account and the network.",
        )
    return refuse(table, "source_query", f"机构数据库拒绝查询（{what}）", f"The agency's database refused ({what})")


def _relation(name: str) -> sql.Identifier:
    schema, _, table = name.rpartition(".")
    return sql.Identifier(schema, table) if schema else sql.Identifier(table)


def _types(connection: psycopg.Connection, relation: sql.Identifier) -> dict[str, tuple[str, bool]]:
    """Column → (type, whether it is declared NOT NULL), in the table's order; none if there is no such table."""
    rows = connection.execute(
        "SELECT attname, format_type(atttypid, NULL), attnotnull FROM pg_catalog.pg_attribute"
        " WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        (relation.as_string(connection),),
    )
    return {str(name): (str(kind), bool(filled)) for name, kind, filled in rows}


def _has_null(connection: psycopg.Connection, relation: sql.Identifier, name: str) -> bool:
    """Whether a row would never be read, because the column that orders it is empty."""
    query = sql.SQL("SELECT EXISTS (SELECT FROM {} WHERE {} IS NULL)").format(relation, sql.Identifier(name))
    return bool((connection.execute(query).fetchone() or (True,))[0])


def _clock(connection: psycopg.Connection, kind: LiteralString) -> tuple[str, int]:
    """The source's now() in the type of its timestamps, in the time zone its server lives in; and in microseconds."""
    query = sql.SQL("SELECT now()::{}::text, (extract(epoch FROM now()) * 1000000)::bigint").format(sql.SQL(kind))
    row = connection.execute(query).fetchone() or ("", 0)
    return str(row[0]), int(row[1])
