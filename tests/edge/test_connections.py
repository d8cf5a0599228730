"""Connections for whole columns: what the driver has learned of a database is kept, a session never is."""

from __future__ import annotations

from contextlib import closing
from time import monotonic

import polars as pl
import pytest

from exchange.edge.store.database import Store
from exchange.edge.store.frames import append, connect, read
from tests.edge.stores import act, number

pytestmark = pytest.mark.servers
SESSIONS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"


def sessions_until(store: Store, wanted: int) -> int:
    """The sessions of the database, once there are as many as wanted, or after ten seconds; a server ends one late."""
    until = monotonic() + 10
    while (found := number(store, SESSIONS)) != wanted and monotonic() < until:
        pass
    return found


def test_a_closed_connection_leaves_no_session(store: Store) -> None:
    """While a connection is open there is one session more; after it was closed there is none, the first time and later."""
    before = number(store, SESSIONS)
    for _ in range(2):
        with closing(connect(store.url)):
            assert sessions_until(store, before + 1) == before + 1
        assert sessions_until(store, before) == before


def test_a_table_made_after_the_first_connection(store: Store) -> None:
    """A later connection copies into a table, and reads from it, that was not there when the first one was made."""
    with closing(connect(store.url)):
        act(store, "CREATE TABLE younger (name text, amount numeric, at timestamptz, key bytea, counts bigint[])")
    told = pl.DataFrame({"name": ["天津"], "key": [b"\x00k"]})
    with closing(connect(store.url)) as connection:
        append(connection, "younger", told)
        connection.commit()
        found = read(connection, "SELECT name, key, at, counts FROM younger WHERE name = ANY($1)", told["name"])
    assert found.select("name", "key").equals(told)
    assert found.select("at", "counts").row(0) == (None, None)
