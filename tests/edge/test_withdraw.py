"""Deletes at the agency: seen by comparing keys, guarded, and undone when the record comes back."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl
import psycopg
import pytest

import connectors
from exchange.core.errors import Broken
from exchange.edge.store.database import Store
from exchange.embedded.services import Services
from exchange.simulate import feeds
from exchange.simulate.register import TYPES, _copy
from exchange.simulate.world import World
from tests.edge.firms import SMALL, run, tally
from tests.edge.stores import beside, create, drop, pairs, rows

pytestmark = pytest.mark.servers
MARKET = connectors.load("market_regulation_companies")
SEED = 60_601


@pytest.fixture
def register(services: Services) -> Iterator[str]:
    """The address of a business register with fifty clean companies."""
    url = beside(services.database_url)
    create(url)
    try:
        with psycopg.connect(url) as connection:
            columns = ", ".join(f"{name} {kind}" for name, kind in TYPES.items())
            connection.execute(f"CREATE TABLE e_baseinfo ({columns})".encode())
            index = pl.int_range(0, 60, dtype=pl.UInt64, eager=True)
            companies = feeds.market(World(SEED, 60), index).filter(pl.col("defect") == 0).head(50)
            _copy(connection, "e_baseinfo", companies)
        yield url
    finally:
        drop(url)


def at_agency(url: str, *statements: str) -> None:
    """What the agency does in its register."""
    with psycopg.connect(url) as connection:
        for statement in statements:
            assert connection.execute(statement.encode()).rowcount > 0


LAST = "(SELECT pripid FROM e_baseinfo ORDER BY pripid DESC LIMIT {})"
AWAY = "CREATE TABLE IF NOT EXISTS away AS SELECT * FROM e_baseinfo WHERE pripid IN " + LAST
DELETED = "DELETE FROM e_baseinfo WHERE pripid IN " + LAST
BACK = "INSERT INTO e_baseinfo SELECT * FROM away"


def test_deleted_and_back_again(store: Store, register: str) -> None:
    """What the agency deletes is withdrawn once; when the same record is entered again, it is the same entity, alive."""
    assert tally(run(store, register, MARKET)) == {"pulled": 50, "new": 50}
    before = pairs(store, "SELECT id, version FROM entity")
    at_agency(register, AWAY.format(2), DELETED.format(2))
    gone = run(store, register, MARKET).counts
    assert (gone.new, gone.changed, gone.withdrawn, gone.balanced) == (0, 2, 2, True)
    again = run(store, register, MARKET).counts
    assert (again.changed, again.withdrawn) == (0, 0)
    assert rows(store, "SELECT (SELECT count(*) FROM golden_legal_person), entities FROM library") == [(48, 48)]
    at_agency(register, "UPDATE away SET update_time = now() - interval '1 second'", BACK)
    back = run(store, register, MARKET).counts
    assert (back.new, back.changed, back.withdrawn) == (0, 2, 0)
    after = pairs(store, "SELECT id, version FROM entity WHERE live")
    assert after.keys() == before.keys()
    assert sorted(after.values()) == [1] * 48 + [3, 3]
    assert rows(store, "SELECT (SELECT count(*) FROM golden_legal_person), entities FROM library") == [(50, 50)]
    assert rows(store, "SELECT withdrawn, count(*) FROM record_history GROUP BY 1 ORDER BY 1") == [
        (False, 2),
        (True, 2),
    ]


def test_a_mass_delete_is_stopped(store: Store, register: str) -> None:
    """A source that lacks too many records at once stops the batch by name and withdraws nothing; the new rows stay, and
    when the records are back, the next run is fine."""
    run(store, register, MARKET)
    at_agency(register, AWAY.format(25), DELETED.format(25))
    with pytest.raises(Broken) as ended:
        run(store, register, MARKET)
    assert (ended.value.code, ended.value.exit_code) == ("mass_delete", 1)
    assert "connectors/market_regulation_companies.py" in ended.value.hint
    assert rows(store, "SELECT state, stopped_because FROM batch ORDER BY id") == [
        ("closed", None),
        ("stopped", "mass_delete"),
    ]
    assert rows(store, "SELECT count(*) FROM record WHERE withdrawn") == [(0,)]
    assert rows(store, "SELECT entities FROM library") == [(50,)]
    at_agency(register, BACK)
    assert run(store, register, MARKET).counts.withdrawn == 0


def test_an_emptied_register_withdraws_nothing(store: Store, register: str) -> None:
    """A register that suddenly holds no company at all is stopped, however few the hub knows of it (case 117)."""
    at_agency(register, DELETED.format(45))
    assert tally(run(store, register, MARKET)) == {"pulled": 5, "new": 5}
    at_agency(register, "DELETE FROM e_baseinfo")
    with pytest.raises(Broken) as ended:
        run(store, register, MARKET)
    assert ended.value.code == "mass_delete"
    assert rows(store, "SELECT count(*) FILTER (WHERE withdrawn), count(*) FROM record") == [(0, 5)]


def test_many_deletes_come_in_pages(store: Store, register: str) -> None:
    """Deletes below the guard's share are settled page by page."""
    run(store, register, MARKET)
    at_agency(register, DELETED.format(19))
    found = run(store, register, MARKET).counts
    assert (found.changed, found.withdrawn) == (19, 19)
    pages = rows(store, "SELECT number, withdrawn FROM page WHERE partition = 'withdrawn' ORDER BY number")
    assert pages == [(place, min(SMALL.page_rows, 19 - 4 * place)) for place in range(5)]
