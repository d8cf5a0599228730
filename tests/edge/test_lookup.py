"""What settle asks of the database before it decides."""

from __future__ import annotations

from contextlib import closing

import polars as pl
import pytest
from sqlalchemy import insert

from exchange.edge.store import tables
from exchange.edge.store.database import Store
from exchange.edge.store.frames import connect
from exchange.edge.store.lookup import held_links, known_records, live_records, refusals
from exchange.edge.store.writes import Task, write_refusals
from tests.edge.stores import act, number, rows

pytestmark = pytest.mark.servers
READ_FROM_INDEX = "SELECT idx_tup_read FROM pg_stat_user_indexes WHERE indexrelname = 'uq_quarantine_open'"
TASK = Task(2, 1, "feed", "agency", "legal_person", 1, "p", 1, "c")


def test_a_weak_identifier_knows_the_entitys_strong_one(store: Store) -> None:
    """An entity that learned its credit code through another link can't be joined by its old organisation code to a
    second credit code: what is held says which credit code it has."""
    entity, weak, strong = "1" * 20, b"w" * 16, b"s" * 16
    with store.engine.begin() as connection:
        connection.execute(
            insert(tables.entity), {"id": entity, "library_id": 1, "version": 2, "live": True, "strong": strong}
        )
        connection.execute(
            insert(tables.link_key), {"library_id": 1, "kind": "org_code", "key": weak, "entity_id": entity}
        )
    with closing(connect(store.url)) as connection:
        found = held_links(connection, pl.Series([weak, b"u" * 16]))
    assert found.rows() == [("org_code", weak, entity, strong)]


def test_a_page_is_looked_up_without_reading_a_table(store: Store) -> None:
    """In a table of which the database knows nothing yet, 300 entities are found by the index."""
    add_records(store, 30_000)
    act(
        store,
        "INSERT INTO library (name, incarnation, digest) VALUES ('legal_person', 'i', '')",
        "INSERT INTO feed (name, agency, library_id) SELECT 'f', 'a', id FROM library",
    )
    whole_reads = "SELECT seq_scan FROM pg_stat_user_tables WHERE relname = 'record'"
    before = counted(store, whole_reads)
    with closing(connect(store.url)) as connection:
        found = live_records(connection, pl.Series([f"e{n}" for n in range(1, 301)]))
        connection.commit()
    assert found.height == 300
    assert counted(store, whole_reads) == before


def test_what_is_known_says_whether_its_contract_holds(store: Store) -> None:
    """A record that was judged under another contract than today's is not current."""
    add_records(store, 2)
    ids = pl.Series([record for (record,) in rows(store, "SELECT id FROM record ORDER BY entity_id")])
    with closing(connect(store.url)) as connection:
        found = known_records(connection, ids.extend(pl.Series([b"unknown"])), "c2").sort("known_entity")
    assert found["known_current"].to_list() == [False, True]


def test_rows_refused_again_do_not_read_the_whole_quarantine(store: Store) -> None:
    """A page that brings back three of 30,000 refused rows reads some of them, not all, whatever statistics there are."""
    again = add_refused(store, 30_000)[:3]
    before = counted(store, READ_FROM_INDEX)
    refused = pl.DataFrame(
        {"row": [0, 1, 2], "id": [None] * 3, "fingerprint": again},
        schema={"row": pl.UInt32, "id": pl.Binary, "fingerprint": pl.Binary},
    ).with_columns(envelope=pl.lit(b""), reasons=pl.lit("[]"))
    with closing(connect(store.url)) as connection:
        write_refusals(connection, TASK, refused, 0)
        connection.commit()
    assert number(store, "SELECT sum(times) FROM quarantine") == 30_003
    assert counted(store, READ_FROM_INDEX) - before < 1000


def test_reasons_of_rows_refused_before_do_not_read_the_whole_quarantine(store: Store) -> None:
    """What three of 30,000 open entries say is read without the others."""
    act(
        store,
        "INSERT INTO library (name, incarnation, digest) VALUES ('legal_person', 'i', '')",
        "INSERT INTO feed (name, agency, library_id) SELECT 'f', 'a', id FROM library",
    )
    again = add_refused(store, 30_000)[:3]
    before = counted(store, READ_FROM_INDEX)
    with closing(connect(store.url)) as connection:
        found = refusals(connection, "f", "c", pl.Series(again))
        connection.commit()
    assert found["reasons"].to_list() == ["[]"] * 3
    assert counted(store, READ_FROM_INDEX) - before < 1000


def add_refused(store: Store, count: int) -> list[object]:
    """Open entries of the first feed, made under contract c; their fingerprints."""
    act(
        store,
        "INSERT INTO quarantine (library_id, feed_id, fingerprint, reasons, envelope, contract, state, batch_id, "
        "partition, page, \"row\", last_batch_id) SELECT 1, 1, sha256(n::text::bytea), '[]', '', 'c', 'open', 1, 'p', "
        f"0, n, 1 FROM generate_series(1, {count}) n",
    )
    return [one for (one,) in rows(store, "SELECT fingerprint FROM quarantine ORDER BY id")]


def add_records(store: Store, count: int) -> None:
    """Records 1, 2, 3 … of entities e1, e2, e3 …, judged under contracts c1, c2, c3 …"""
    act(
        store,
        "INSERT INTO record (id, feed_id, entity_id, content_hash, ordering, contract, unsealed, filled, withdrawn, "
        "batch_id) SELECT sha256(n::text::bytea), 1, 'e' || n, '', 0, 'c' || n, '{}', 0, false, 1 "
        f"FROM generate_series(1, {count}) n",
    )


def counted(store: Store, sql: str) -> int:
    """What the database has counted of its own work until now."""
    rows(store, "SELECT pg_stat_force_next_flush()")
    return number(store, sql)
