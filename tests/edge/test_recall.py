"""A delivery read in full again: what the last run refused or found too old is not looked at again, and is still right."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from exchange.core.page import STATUS
from exchange.edge.store.database import Store
from exchange.edge.store.writes import StaleHint
from exchange.edge.work import prepare_without_hint
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


def test_a_record_that_has_gone_meanwhile(store: Store, tmp_path: Path) -> None:
    """An older version that was passed over and is the newest all at once makes its page be prepared again."""
    tried = delivered_twice(store, tmp_path)
    page = tried.prepared(0)
    with store.engine.begin() as connection:
        assert connection.execute(text("UPDATE record SET ordering = 0 WHERE unsealed LIKE '%001号%'")).rowcount == 1
        connection.execute(text("UPDATE library SET last_seq = last_seq + 1"))
    with pytest.raises(StaleHint):
        tried.settle(page)


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
