"""A delivery read in full again: what the last run refused or found too old is not looked at again, and is still right."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from exchange.core.contract import contract_of
from exchange.core.page import STATUS
from exchange.edge.preparing import prepare_without_hint
from exchange.edge.store.database import Store
from exchange.edge.store.frames import connect
from exchange.edge.store.lookup import judged_before
from exchange.edge.store.writes import StaleHint
from tests.edge.firms import BENCH, SMALL, deliver, firm, run, tally
from tests.edge.stores import rows
from tests.edge.test_settle import Try, claimed

pytestmark = pytest.mark.servers
AGAIN = replace(SMALL, full=True)
OLDER = firm(1, reg_capital="7.00", updated_at="2023-01-01 08:00:00")
BAD = firm(3, industry="9901")
DELIVERED = [firm(0), firm(1), OLDER, BAD]
FOUND = {"pulled": 4, "new": 2, "superseded": 1, "quarantined": 1}


def delivered_twice(store: Store, folder: Path) -> Try:
    """A delivery is settled; the next one, with most of its rows, is claimed: a firm, the older version, the refused row."""
    deliver(folder, "a.csv", DELIVERED)
    assert tally(run(store, folder)) == FOUND
    deliver(folder, "b.csv", [firm(0), OLDER, BAD])
    return claimed(store, folder)


def open_entries(store: Store) -> list[tuple[object, ...]]:
    """How often each refused row came, and whether a steward still has to look at it."""
    return rows(store, "SELECT state, times FROM quarantine ORDER BY id")


def test_nothing_is_looked_at_again(store: Store, tmp_path: Path) -> None:
    """Rows refused and versions overtaken in the last run count as before, and the refused row keeps its one entry."""
    tried = delivered_twice(store, tmp_path)
    page = tried.prepared(0)
    assert page.rows["status"].to_list() == [STATUS[name] for name in ("known", "checked", "refused")]
    assert (page.faults.height, page.records.height, page.refused["envelope"].to_list()) == (0, 0, [None])
    assert tried.settle(page).counts == (0, 0, 1, 0, 1, 1)
    assert open_entries(store) == [("open", 2)]


def test_a_whole_run_again(store: Store, tmp_path: Path) -> None:
    """The same file in full, twice more: nothing changes and the sums are the same each time."""
    deliver(tmp_path, "a.csv", DELIVERED)
    run(store, tmp_path, options=AGAIN)
    for times in (2, 3):
        found = tally(run(store, tmp_path, options=AGAIN))
        assert found == {"pulled": 4, "unchanged": 2, "superseded": 1, "quarantined": 1}
        assert open_entries(store) == [("open", times)]


def test_an_entry_that_was_closed_meanwhile(store: Store, tmp_path: Path) -> None:
    """Where a steward closes the entry after the page was prepared, the row is looked at after all and gets a new one."""
    tried = delivered_twice(store, tmp_path)
    page = tried.prepared(0)
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE quarantine SET state = 'dismissed'"))
    with pytest.raises(StaleHint):
        tried.settle(page)
    assert tried.settle(prepare_without_hint(tried.works[0])).counts == (0, 0, 1, 0, 1, 1)
    assert open_entries(store) == [("dismissed", 1), ("open", 1)]


def test_a_version_that_is_the_newest_all_at_once(store: Store, tmp_path: Path) -> None:
    """An older version that was passed over, and is newer than what is settled by then, is checked after all and counts."""
    tried = delivered_twice(store, tmp_path)
    page = tried.prepared(0)
    with store.engine.begin() as connection:
        assert connection.execute(text("UPDATE record SET ordering = 0 WHERE unsealed LIKE '%001号%'")).rowcount == 1
        connection.execute(text("UPDATE library SET last_seq = last_seq + 1"))
    with pytest.raises(StaleHint):
        tried.settle(page)
    assert tried.settle(prepare_without_hint(tried.works[0])).counts == (0, 1, 1, 0, 0, 1)


@pytest.mark.parametrize("changed", ["contract", "reasons"])
def test_what_may_be_right_by_now_is_looked_at_again(store: Store, tmp_path: Path, changed: str) -> None:
    """A row refused under another contract, or for what another day or another page may mend, is judged anew."""
    told = {"contract": "UPDATE quarantine SET contract = 'other'"}
    told["reasons"] = """UPDATE quarantine SET reasons = '[["established_on","date.unreadable"]]'"""
    tried = delivered_twice(store, tmp_path)
    with store.engine.begin() as connection:
        assert connection.execute(text(told[changed])).rowcount == 1
    page = tried.prepared(0)
    assert page.faults["rule"].to_list() == ["industry.unknown"]
    assert page.refused["envelope"].null_count() == 0


def test_a_contract_that_changed_judges_everything(store: Store, tmp_path: Path) -> None:
    """Nothing of a run under another contract counts."""
    deliver(tmp_path, "a.csv", DELIVERED)
    run(store, tmp_path)
    other = replace(BENCH, registering=not BENCH.registering)
    found = tally(run(store, tmp_path, connector=other, options=AGAIN))
    assert found == {"pulled": 4, "changed": 2, "superseded": 1, "quarantined": 1}


def test_back_under_the_first_contract(store: Store, tmp_path: Path) -> None:
    """What another contract settled in between is checked and changes, without any page being prepared twice."""
    deliver(tmp_path, "a.csv", DELIVERED)
    run(store, tmp_path)
    run(store, tmp_path, connector=replace(BENCH, registering=not BENCH.registering), options=AGAIN)
    (tmp_path / "a.csv").write_text((tmp_path / "a.csv").read_text() + "\n")
    tried = claimed(store, tmp_path)
    assert tried.settle(tried.prepared(0)).counts == (0, 2, 0, 0, 1, 1)


def test_rows_without_a_key_and_rows_twice(store: Store, tmp_path: Path) -> None:
    """A line that is no row, a row without key and the same refused row twice are refused again as often as they come."""
    keyless, twice = firm(4, uscc=""), firm(5, name="")
    deliver(tmp_path, "a.csv", [keyless, twice, twice])
    (tmp_path / "a.csv").write_text((tmp_path / "a.csv").read_text() + "1,2\n")
    assert tally(run(store, tmp_path, options=AGAIN)) == {"pulled": 4, "quarantined": 4}
    before = open_entries(store)
    assert sorted(int(str(times)) for _, times in before) == [1, 1, 2]
    (tmp_path / "a.csv").write_text((tmp_path / "a.csv").read_text() + "\n")
    tried = claimed(store, tmp_path)
    page = tried.prepared(0)
    assert (page.faults.height, page.refused["envelope"].null_count()) == (0, 4)
    assert tried.settle(page).counts == (0, 0, 0, 0, 0, 4)
    assert open_entries(store) == [(state, 2 * int(str(times))) for state, times in before]


def test_the_page_that_is_remembered(store: Store, tmp_path: Path) -> None:
    """The last run that brought something counts, and in it the page of the same file before one of another."""
    deliver(tmp_path, "a.csv", DELIVERED)
    deliver(tmp_path, "b.csv", [firm(6), firm(7)])
    run(store, tmp_path)
    assert tally(run(store, tmp_path)) == {}
    contract = contract_of(BENCH)
    with closing(connect(store.url)) as connection:
        heights = {
            partition: judged_before(connection, BENCH.name, contract, (partition, 0)).height
            for partition in ("a.csv#new", "b.csv#new", "c.csv#new")
        }
        assert heights == {"a.csv#new": 4, "b.csv#new": 2, "c.csv#new": 4}
        for name, held, number in ((BENCH.name, "other", 0), ("another", contract, 0), (BENCH.name, contract, 1)):
            assert judged_before(connection, name, held, ("a.csv#new", number)).is_empty()
