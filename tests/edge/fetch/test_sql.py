"""An agency's table in a real PostgreSQL: order, cursors, lag, drift, and a source that goes away."""

from __future__ import annotations

import json
import threading
import traceback
from collections.abc import Iterator
from dataclasses import replace
from typing import LiteralString

import polars as pl
import psycopg
import pytest
from psycopg import sql

from exchange.core.connector import Column, Connector, SqlSource, Title
from exchange.core.errors import Away, Misuse, Refuse
from exchange.core.page import RawPage
from exchange.edge.fetch import Feed, open_feed
from exchange.edge.fetch.catalogue import Table, connected
from exchange.edge.fetch.sql import keys, pages
from exchange.edge.settings import Address
from exchange.embedded.services import Services

SOURCE = SqlSource("firm", ("pripid", "entname", "update_time"), "update_time", "pripid", lag_seconds=600)
COLUMNS = {"pripid": Column("reg_no"), "entname": Column("name")}
TABLE = "CREATE TABLE firm (pripid text PRIMARY KEY, entname text, update_time timestamptz NOT NULL)"


def connector(source: SqlSource = SOURCE) -> Connector:
    """A feed of invented companies."""
    return Connector("bench_sql", "bench", "legal_person", Title("样例", "sample"), source, (source.key,), COLUMNS)


def opened(url: str, cursor: str | None = None, page_rows: int = 4, source: SqlSource = SOURCE) -> Feed:
    """The feed of the table from a cursor on."""
    return open_feed(connector(source), Address(url), cursors={source.table: cursor}, page_rows=page_rows)


def read(url: str, cursor: str | None = None, page_rows: int = 4, source: SqlSource = SOURCE) -> list[RawPage]:
    """All pages."""
    return list(opened(url, cursor, page_rows, source).pages(source.table))


def ids(pages: list[RawPage]) -> list[str | None]:
    """The keys in the order in which they came."""
    return [key for page in pages for key in page.rows["pripid"]]


@pytest.fixture
def firms(database_url: str) -> Iterator[psycopg.Connection]:
    """The agency's own connection to a database with an empty table of firms."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(TABLE)
        yield connection


def fill(firms: psycopg.Connection, *rows: tuple[str, str | None, str]) -> None:
    """Add firms."""
    with firms.cursor() as cursor:
        cursor.executemany("INSERT INTO firm VALUES (%s, %s, %s)", rows)


def small(url: str, rows: int = 4, source: SqlSource = SOURCE) -> Table:
    """The table read a few rows at a time, so that page ends are fetch ends."""
    return Table("bench_sql", url, source, fetch_rows=rows)


def test_rows_come_in_order_as_text(firms: psycopg.Connection, database_url: str) -> None:
    """Rows are ordered by (timestamp, key), in pages, each value as the source writes it in UTC."""
    fill(
        firms,
        ("b", 'x,"y"\n\u3000z', "2026-01-01 08:00:00.25+08"),
        ("a", "", "2026-01-01 00:00:00.25+00"),
        ("c", None, "2025-12-31 00:00:00+00"),
    )
    first, second = read(database_url, page_rows=2)
    assert first.rows.rows() == [("c", None, "2025-12-31 00:00:00+00"), ("a", None, "2026-01-01 00:00:00.25+00")]
    assert second.rows.rows() == [("b", 'x,"y"\n\u3000z', "2026-01-01 00:00:00.25+00")]
    assert [json.loads(page.cursor)[1] for page in (first, second)] == ["a", "b"]
    assert (first.number, second.number, first.partition) == (0, 1, "firm")
    assert first.broken.height == second.broken.height == 0


@pytest.mark.parametrize("fetch_rows", [1, 4, 5, 100])
def test_equal_timestamps_across_pages_lose_nothing(
    firms: psycopg.Connection, database_url: str, fetch_rows: int
) -> None:
    """Thirty firms of one instant come once each, however pages and fetches fall."""
    keys = [f"{number:02}" for number in range(30)]
    fill(firms, *((key, "x", "2026-01-01 00:00:00+00") for key in reversed(keys)))
    assert ids(list(pages(small(database_url, fetch_rows), None, 4))) == keys


def test_rows_equal_in_timestamp_and_key_come_together(firms: psycopg.Connection, database_url: str) -> None:
    """A view may hold a key twice: the end of a fetch does not lose the second."""
    fill(firms, *((f"{number:02}", "x", "2026-01-01 00:00:00+00") for number in range(6)))
    firms.execute("CREATE VIEW twice AS SELECT * FROM firm UNION ALL SELECT * FROM firm")
    read_twice = list(pages(small(database_url, 3, replace(SOURCE, table="twice")), None, 3))
    assert ids(read_twice) == sorted([f"{number:02}" for number in range(6)] * 2)


def test_the_next_run_reads_the_lag_window_again(firms: psycopg.Connection, database_url: str) -> None:
    """A row that was committed late, with an older timestamp, is read; so is the row exactly at the window's start."""
    fill(firms, ("old", "x", "2026-01-01 00:00:00+00"), ("edge", "x", "2026-01-01 00:50:00+00"))
    fill(firms, ("last", "x", "2026-01-01 01:00:00+00"))
    cursor = read(database_url)[-1].cursor
    fill(firms, ("late", "x", "2026-01-01 00:59:00+00"), ("new", "x", "2026-01-01 02:00:00+00"))
    assert ids(read(database_url, cursor)) == ["edge", "late", "last", "new"]


def test_rows_beyond_the_sources_own_clock_wait(firms: psycopg.Connection, database_url: str) -> None:
    """A timestamp in the future is not read, and the cursor does not run ahead of it."""
    fill(firms, ("now", "x", "2026-01-01 00:00:00+00"))
    firms.execute("INSERT INTO firm VALUES ('future', 'x', now() + interval '1 hour')")
    assert ids(read(database_url)) == ["now"]


def test_a_timestamp_without_zone_is_compared_in_the_servers_zone(firms: psycopg.Connection, database_url: str) -> None:
    """A database that keeps local time in Tianjin hides nothing for eight hours."""
    firms.execute("ALTER TABLE firm ALTER update_time TYPE timestamp")
    name = sql.Identifier(firms.info.dbname)
    firms.execute(sql.SQL("ALTER DATABASE {} SET timezone TO 'Asia/Shanghai'").format(name))
    firms.execute("INSERT INTO firm VALUES ('now', 'x', now() AT TIME ZONE 'Asia/Shanghai')")
    firms.execute("INSERT INTO firm VALUES ('future', 'x', now() AT TIME ZONE 'Asia/Shanghai' + interval '1 hour')")
    assert ids(read(database_url)) == ["now"]


def test_an_empty_table_has_no_pages(firms: psycopg.Connection, database_url: str) -> None:
    """Nothing to read is no error, and the keys are none."""
    assert read(database_url) == []
    assert sum(frame.height for frame in held(opened(database_url))) == 0


@pytest.mark.parametrize(
    ("change", "code", "named"),
    [
        ("ALTER TABLE firm ADD former_name text", "unknown_column", "former_name"),
        ("ALTER TABLE firm DROP entname", "missing_column", "entname"),
        ("ALTER TABLE firm RENAME entname TO title", "unknown_column", "title"),
        ("ALTER TABLE firm RENAME TO enterprise", "table_missing", "firm"),
        ("ALTER TABLE firm ALTER update_time TYPE text", "timestamp_type", "update_time"),
        (
            "ALTER TABLE firm ALTER update_time DROP NOT NULL; INSERT INTO firm VALUES ('x', 'x', NULL)",
            "order_null",
            "update_time",
        ),
    ],
)
def test_drift_is_refused_by_name(
    firms: psycopg.Connection, database_url: str, change: LiteralString, code: str, named: str
) -> None:
    """Before the first row, with the column or table and the file to edit."""
    fill(firms, ("a", "x", "2026-01-01 00:00:00+00"))
    firms.execute(change)
    with pytest.raises(Refuse) as refused:
        read(database_url)
    assert refused.value.code == code
    assert named in refused.value.message
    assert "connectors/bench_sql.py" in refused.value.hint


def test_names_are_identifiers_whatever_they_hold(firms: psycopg.Connection, database_url: str) -> None:
    """Quotes, semicolons, braces and Chinese in names are read, not run."""
    table, key, stamp = 'f"; DROP TABLE firm; --', "主键 {} %s", 'select"'
    firms.execute(
        sql.SQL("CREATE TABLE {} ({} text PRIMARY KEY, {} timestamptz NOT NULL)").format(
            sql.Identifier(table), sql.Identifier(key), sql.Identifier(stamp)
        )
    )
    firms.execute(sql.SQL("INSERT INTO {} VALUES ('a', '2026-01-01')").format(sql.Identifier(table)))
    source = SqlSource(table, (key, stamp), stamp, key)
    feed = opened(database_url, source=source)
    assert [page.rows[key].to_list() for page in feed.pages(table)] == [["a"]]
    assert [frame[key].to_list() for frame in held(feed)] == [["a"]]
    assert firms.execute("SELECT count(*) FROM firm").fetchone() == (0,)


def test_the_session_can_not_write(firms: psycopg.Connection, database_url: str) -> None:
    """Whatever the account may do, the hub's session only reads."""
    with connected(small(database_url)) as connection, pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        connection.execute("DELETE FROM firm")


def test_a_field_of_ten_megabytes_costs_its_row(firms: psycopg.Connection, database_url: str) -> None:
    """Also at the end of a fetch, where the cursor must be known without it."""
    rows = [(f"{number}", "x", f"2026-01-0{number} 00:00:00+00") for number in range(1, 6)]
    fill(firms, *rows)
    firms.execute("UPDATE firm SET entname = repeat('名', 4000000) WHERE pripid IN ('2', '3')")
    found = list(pages(small(database_url, 3), None, 3))
    assert ids(found) == ["1", None, None, "4", "5"]
    assert [page.broken["rule"].to_list() for page in found] == [["field_too_long"] * 2, []]
    assert [json.loads(page.cursor)[1] for page in found] == ["1", "5"]


def test_keys_are_all_the_source_holds(firms: psycopg.Connection, database_url: str) -> None:
    """In byte order, also those that a run does not read yet."""
    fill(firms, ("b", "x", "2026-01-01 00:00:00+00"), ("a,\n", "x", "2026-01-01 00:00:00+00"))
    fill(firms, ("B", "x", "2099-01-01 00:00:00+00"))
    frames = list(held(opened(database_url)))
    assert pl.concat(frames).rows() == [("B",), ("a,\n",), ("b",)]
    assert opened(database_url, source=replace(SOURCE, deletes_by_keys=False)).keys is None


def held(feed: Feed) -> Iterator[pl.DataFrame]:
    """The keys of a feed that is compared by keys."""
    assert feed.keys is not None
    return feed.keys()


def test_an_error_of_the_source_shows_no_value(firms: psycopg.Connection, database_url: str) -> None:
    """PostgreSQL quotes the value it stumbles over; the hub shows the error's name and SQLSTATE."""
    fill(firms, ("a", "11010519491231002X", "2026-01-01 00:00:00+00"))
    firms.execute("CREATE VIEW bad AS SELECT pripid, entname::date::text AS entname, update_time FROM firm")
    with pytest.raises(Refuse, match=r"DatetimeFieldOverflow 22008|InvalidDatetimeFormat 22007") as refused:
        read(database_url, source=replace(SOURCE, table="bad"))
    assert "11010519491231002X" not in "".join(traceback.format_exception(refused.value))


def hub_waits(firms: psycopg.Connection) -> int:
    """Wait until the hub's session stands before a lock; its process id."""
    query = "SELECT pid FROM pg_stat_activity WHERE application_name = %s AND wait_event_type = 'Lock'"
    for _ in range(2000):
        row = firms.execute(query, ("binhai-exchange-hub",)).fetchone()
        if row is not None:
            return int(row[0])
        firms.execute("SELECT pg_sleep(0.005)")
    raise AssertionError("the hub's session never came to the lock")


def test_a_lost_session_is_opened_again(firms: psycopg.Connection, database_url: str) -> None:
    """A backend that is terminated in the middle of a fetch costs no row and doubles none."""
    keys = [f"{number:02}" for number in range(12)]
    fill(firms, *((key, "x", "2026-01-01 00:00:00+00") for key in keys))
    reading = pages(small(database_url), None, 4)
    found = [next(reading)]
    with psycopg.connect(database_url) as agency:
        agency.execute("LOCK TABLE firm IN ACCESS EXCLUSIVE MODE")
        thread = threading.Thread(target=lambda: found.extend(reading))
        thread.start()
        firms.execute("SELECT pg_terminate_backend(%s)", (hub_waits(firms),))
    thread.join(30)
    assert ids(found) == keys


def allow(services: Services, url: str, connections: bool) -> None:
    """Open or close a database to new sessions."""
    query = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
    with psycopg.connect(services.database_url, autocommit=True) as connection:
        connection.execute(query.format(sql.Identifier(url.rpartition("/")[2]), sql.Literal(connections)))


def test_a_source_that_goes_away_leaves_the_pages_before(
    firms: psycopg.Connection, services: Services, database_url: str
) -> None:
    """When its database takes no sessions any more it is away (exit 3); what was yielded stays."""
    keys = [f"{number:02}" for number in range(12)]
    fill(firms, *((key, "x", "2026-01-01 00:00:00+00") for key in keys))
    reading = pages(small(database_url), None, 4)
    first = next(reading)
    allow(services, database_url, connections=False)
    with pytest.raises(Away) as away:
        next(reading)
    assert away.value.exit_code == 3
    assert ids([first]) == keys[:4]

    allow(services, database_url, connections=True)
    assert ids(list(pages(small(database_url), first.cursor, 4))) == keys


def test_keys_cut_short_are_away(firms: psycopg.Connection, database_url: str) -> None:
    """A comparison never takes a part of the keys for the whole: the stream ends with an error."""
    firms.execute("INSERT INTO firm SELECT n::text || repeat('x', 1000), 'x', now() FROM generate_series(1, 20000) n")
    stream = keys(small(database_url, 10), ("pripid",))
    assert next(stream).height == 10
    query = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name = %s"
    assert firms.execute(query, ("binhai-exchange-hub",)).fetchall() == [(True,)]
    with pytest.raises(Away):
        list(stream)


def test_wrong_settings_are_told_without_the_password(database_url: str) -> None:
    """A wrong password is the source away, another scheme or an unreadable cursor misuse; no secret is shown."""
    wrong = database_url.replace("//hub:", "//hub:not-the-")
    with pytest.raises(Away) as away:
        read(wrong)
    assert "not-the-" not in "".join(traceback.format_exception(away.value))
    with pytest.raises(Misuse, match="postgresql"):
        opened("http://127.0.0.1/")


def test_an_unreadable_cursor_is_misuse(firms: psycopg.Connection, database_url: str) -> None:
    """It is not shown, and the way out is named."""
    with pytest.raises(Misuse) as misuse:
        read(database_url, "11010519491231002X")
    assert "11010519491231002X" not in str(misuse.value)
    assert "--full" in misuse.value.hint
