"""What the database can't do for reasons of its own: no room, no connection left, a lock that is not given back."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import adbc_driver_manager
import psycopg
import pytest
import sqlalchemy

from exchange.core.errors import HubError, Misuse
from exchange.edge.store.database import Store
from exchange.edge.store.frames import away_when_lost, connect, read, run
from exchange.embedded.postgres import Postgres, place_in, start_postgres
from tests.edge import firms
from tests.edge.stores import act, number

pytestmark = pytest.mark.servers
REFUSE = "DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{}'; END $$"
TROUBLES = [("53100", "disk_full", 2), ("53200", "database_short", 3), ("53300", "database_short", 3)]
TROUBLES += [("55P03", "database_locked", 3), ("57P01", "database_away", 3), ("25P03", "database_away", 3)]
TROUBLES += [("57014", "statement_cancelled", 3)]


@pytest.mark.parametrize(("state", "code", "exit_code"), TROUBLES)
def test_the_servers_own_trouble_is_one_sentence(store: Store, state: str, code: str, exit_code: int) -> None:
    """A full disk is to be mended first, all else tried again later, whichever connection meets it; a statement that a
    person stopped is told apart from a server that is away."""
    with pytest.raises(HubError) as columns, away_when_lost(), closing(connect(store.url)) as connection:
        run(connection, REFUSE.format(state))
    with pytest.raises(HubError) as small, store.engine.begin() as begun:
        begun.exec_driver_sql(REFUSE.format(state))
    for raised in (columns, small):
        assert (raised.value.code, raised.value.exit_code) == (code, exit_code)


def test_a_refused_statement_stays_what_it_is(store: Store) -> None:
    """A fault of the statement is not taken for trouble of the server."""
    for state in ("22012", "42P01"):
        with (
            pytest.raises(adbc_driver_manager.Error),
            away_when_lost(),
            closing(connect(store.url)) as connection,
        ):
            run(connection, REFUSE.format(state))
        with pytest.raises(sqlalchemy.exc.DBAPIError), store.engine.begin() as begun:
            begun.exec_driver_sql(REFUSE.format(state))


def test_every_connection_has_the_same_limits(store: Store) -> None:
    """No connection of the hub waits for a lock without end, nor keeps one while it does nothing."""
    limits = "SELECT current_setting('lock_timeout') AS a, current_setting('idle_in_transaction_session_timeout') AS b"
    with closing(connect(store.url)) as connection:
        assert read(connection, limits).rows() == [("1min", "2min")]
        connection.rollback()
        assert read(connection, limits).rows() == [("1min", "2min")]
    with store.engine.connect() as begun:
        assert begun.exec_driver_sql(limits).all() == [("1min", "2min")]


def test_a_lock_that_is_not_given_back(store: Store) -> None:
    """Who waits too long for a table that another session has locked says so, and can be run again."""
    with (
        psycopg.connect(store.url) as other,
        closing(connect(store.url)) as connection,
        store.engine.connect() as begun,
    ):
        other.execute("LOCK TABLE library")
        run(connection, "SET lock_timeout = '20ms'")
        begun.exec_driver_sql("SET lock_timeout = '20ms'")
        with pytest.raises(HubError) as columns, away_when_lost():
            read(connection, "SELECT * FROM library")
        with pytest.raises(HubError) as small:
            begun.exec_driver_sql("SELECT * FROM library")
    assert [(one.value.code, one.value.exit_code) for one in (columns, small)] == [("database_locked", 3)] * 2


@pytest.fixture
def cluster(home: Path, services: object) -> Postgres:
    """The session's cluster."""
    return start_postgres(home / "postgres", lambda text: None)


@pytest.fixture
def small_disk(home: Path, cluster: Postgres) -> Iterator[Path]:
    """A disk of 64 kB for the cluster's user; where none can be mounted its test is left out."""
    place = Path(tempfile.mkdtemp(prefix="hub-small-"))
    found = place_in(home / "postgres")
    assert found is not None
    owner = (found / "pgdata").stat()
    options = f"size=64k,mode=0700,uid={owner.st_uid},gid={owner.st_gid}"
    mounting = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mounting, capture_output=True, check=False).returncode != 0:
        place.rmdir()
        pytest.skip("no disk can be mounted here")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)
    place.rmdir()


@pytest.fixture
def cramped(store: Store, cluster: Postgres, small_disk: Path) -> Iterator[Store]:
    """A store whose records lie on that disk."""
    name = f"small_{store.url.rpartition('_')[2]}"
    with psycopg.connect(cluster.superuser_url(), autocommit=True) as superuser:
        superuser.execute(f"CREATE TABLESPACE {name} OWNER hub LOCATION '{small_disk}'".encode())
        act(store, f"ALTER TABLE record SET TABLESPACE {name}")
        yield store
        act(store, "ALTER TABLE record SET TABLESPACE pg_default")
        superuser.execute(f"DROP TABLESPACE {name}".encode())


def test_a_disk_that_fills_during_a_run(cramped: Store, tmp_path: Path) -> None:
    """The run stops with exit code 2 and a sentence; with room again the next one brings all rows, each once."""
    firms.deliver(tmp_path, "a.csv", [firms.firm(each) for each in range(150)])
    with pytest.raises(Misuse) as raised:
        firms.run(cramped, tmp_path)
    assert (raised.value.code, raised.value.exit_code) == ("disk_full", 2)
    act(cramped, "ALTER TABLE record SET TABLESPACE pg_default")
    assert firms.run(cramped, tmp_path).counts.pulled == 150
    assert number(cramped, "SELECT count(*) FROM record") == 150
