"""The business register: table `e_baseinfo` in the agency's own PostgreSQL, filled by COPY, read by the hub's role."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path

import polars as pl
import psycopg
from psycopg import sql

from exchange.embedded.state import password
from exchange.simulate import feeds, truth
from exchange.simulate.delivery import Feed, Moved, first_parts, later_day
from exchange.simulate.world import World, dissolved_on

MARKET = Feed(feeds.MARKET, "pripid", feeds.market, World.companies_on)
PART_ROWS = 50_000
READER = "hub_reader"
TYPES = {
    "pripid": "text PRIMARY KEY",
    "uniscid": "text",
    "regno": "text",
    "entname": "text",
    "enttype": "text",
    "name": "text",
    "certype": "text",
    "cerno": "text",
    "regcap": "text",
    "regcapcur": "text",
    "estdate": "date",
    "opfrom": "date",
    "opto": "date",
    "apprdate": "date",
    "dom": "text",
    "opscope": "text",
    "regorg": "text",
    "regstate": "text",
    "industryco": "text",
    "tel": "text",
    "postalcode": "text",
    "update_time": "timestamptz NOT NULL",
}
COLUMNS = tuple(TYPES)
Owner = psycopg.Connection[tuple[object, ...]]
Note = Callable[[str], None]


def _copy(connection: Owner, table: str, rows: pl.DataFrame) -> None:
    copy = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, COLUMNS))
    )
    with connection.cursor() as cursor, cursor.copy(copy) as out:
        out.write(rows.select(COLUMNS).write_csv(include_header=False).encode())


def write_first(home: Path, world: World, url: str, note: Note) -> None:
    """Day 0: the whole register in one transaction (rows that customs and police send twice stand here once)."""
    with psycopg.connect(url) as connection:
        connection.execute("DROP TABLE IF EXISTS e_baseinfo")
        columns = sql.SQL(", ").join(
            sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind)) for name, kind in TYPES.items()
        )
        connection.execute(sql.SQL("CREATE TABLE e_baseinfo ({})").format(columns))
        done = 0
        for number, delivered in enumerate(first_parts(MARKET, world, PART_ROWS)):
            rows = delivered.filter(pl.col("role") == "original")
            truth.write_rows(home, MARKET.name, f"day0-{number:05d}", rows)
            _copy(connection, "e_baseinfo", rows)
            done += len(rows)
            if done % 1_000_000 == 0:
                note(f"市场监管：{done:,} 家企业。Market regulation: {done:,} companies.")
        connection.execute("CREATE INDEX ON e_baseinfo (update_time, pripid)")
        connection.execute(sql.SQL("GRANT SELECT ON e_baseinfo TO {}").format(sql.Identifier(READER)))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ANALYZE e_baseinfo")


def make_reader(home: Path, superuser_url: str, server: str) -> str:
    """The address for the hub (`server` = host:port/database), whose role may read and nothing else."""
    word = password(home / "reader.password")
    role = sql.Identifier(READER)
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (READER,)).fetchone()
        if found is None:
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(role, sql.Literal(word)))
        connection.execute(sql.SQL("ALTER ROLE {} SET default_transaction_read_only = on").format(role))
    return f"postgresql://{READER}:{word}@{server}"


def write_later(home: Path, world: World, url: str, day: int) -> Moved:
    """Day ≥ 1 in one transaction: changed rows updated, new ones inserted, dissolved ones deleted. Twice is once."""
    rows, moved = later_day(MARKET, world, day)
    gone = truth.labelled(feeds.market(world, dissolved_on(world, day)), MARKET.key, "deleted", day)
    gone = gone.filter(pl.col("defect") == 0)
    truth.write_rows(home, MARKET.name, f"day{day}-00000", pl.concat([rows, gone]))
    staging = f"delivery_{secrets.token_hex(4)}"
    with psycopg.connect(url) as connection:
        names = sql.SQL(", ").join(map(sql.Identifier, COLUMNS))
        table = sql.Identifier(staging)
        connection.execute(sql.SQL("CREATE TEMP TABLE {} (LIKE e_baseinfo) ON COMMIT DROP").format(table))
        _copy(connection, staging, rows.filter(pl.col("role") == "changed"))
        updates = sql.SQL("UPDATE e_baseinfo e SET ({}) = ROW({}) FROM {} d WHERE d.pripid = e.pripid").format(
            names, sql.SQL(", ").join(sql.SQL("d.{}").format(sql.Identifier(name)) for name in COLUMNS), table
        )
        connection.execute(updates)
        connection.execute(sql.SQL("TRUNCATE {}").format(table))
        _copy(connection, staging, rows.filter(pl.col("role") == "new"))
        inserts = sql.SQL("INSERT INTO e_baseinfo ({0}) SELECT {0} FROM {1} ON CONFLICT DO NOTHING")
        connection.execute(inserts.format(names, table))
        connection.execute("DELETE FROM e_baseinfo WHERE pripid = ANY(%s)", (gone["pripid"].to_list(),))
    return Moved(moved.new, moved.changed, moved.bad, len(gone))
