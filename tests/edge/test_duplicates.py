"""Which disposition rows have when they repeat: within a page, across pages, across files and across batches."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from exchange.edge.store.database import Store
from tests.edge.firms import BENCH, SMALL, deliver, firm, run, tally
from tests.edge.stores import number, rows, value

pytestmark = pytest.mark.servers
OLD, NEWER, NEWEST = "2024-01-01 08:00:00", "2024-02-01 08:00:00", "2024-03-01 08:00:00"


def capital(store: Store, code: str) -> str:
    """The registered capital in the golden record of a firm."""
    return str(value(store, "SELECT reg_capital::text FROM golden_legal_person WHERE uscc = %s", code))


def test_repeats_within_a_page_and_across_pages(store: Store, tmp_path: Path) -> None:
    """The same row again is a duplicate, whether it stands in the same page, in a later one, or in another file."""
    deliver(tmp_path, "a.csv", [firm(0), firm(0), firm(1), firm(2), firm(3), firm(0), firm(4), firm(5)])
    deliver(tmp_path, "b.csv", [firm(5), firm(6)])
    assert tally(run(store, tmp_path)) == {"pulled": 10, "new": 7, "duplicate": 3}
    assert number(store, "SELECT count(*) FROM entity WHERE version = 1") == 7


def test_one_key_with_several_versions_in_a_page(store: Store, tmp_path: Path) -> None:
    """Of several versions in one page the newest wins, wherever it stands; the others are superseded."""
    old, newer, newest = (
        firm(0, updated_at=at, reg_capital=wan) for at, wan in ((OLD, "1.00"), (NEWER, "2.00"), (NEWEST, "3.00"))
    )
    deliver(tmp_path, "a.csv", [newer, newest, old, firm(1)])
    assert tally(run(store, tmp_path)) == {"pulled": 4, "new": 2, "superseded": 2}
    assert capital(store, old["uscc"]) == "3.000000"
    assert number(store, "SELECT count(*) FROM record_history") == 0


def test_versions_across_pages(store: Store, tmp_path: Path) -> None:
    """A newer version in a later page changes the record and keeps the older one; an older one is superseded."""
    first, second, third = (
        firm(0, updated_at=at, reg_capital=wan) for at, wan in ((NEWER, "2.00"), (NEWEST, "3.00"), (OLD, "1.00"))
    )
    others = [firm(n) for n in range(1, 10)]
    deliver(tmp_path, "a.csv", [first, *others[:3], second, *others[3:6], third, *others[6:]])
    assert tally(run(store, tmp_path)) == {"pulled": 12, "new": 10, "changed": 1, "superseded": 1}
    assert capital(store, first["uscc"]) == "3.000000"
    assert rows(store, "SELECT superseded_by_batch, withdrawn FROM record_history") == [(1, False)]
    assert number(store, "SELECT max(version) FROM entity") == 2


@pytest.mark.parametrize("page_rows", [2, 100])
def test_a_value_that_comes_back_is_the_last_word(store: Store, tmp_path: Path, page_rows: int) -> None:
    """A record that changes and changes back within one batch ends as it was sent last."""
    again = [firm(0, updated_at=at, reg_capital=wan) for at, wan in ((OLD, "1"), (NEWER, "2"), (NEWEST, "1"))]
    deliver(tmp_path, "a.csv", [again[0], firm(1), again[1], firm(2), again[2], firm(3)])
    found = run(store, tmp_path, options=replace(SMALL, page_rows=page_rows))
    assert found.counts.balanced
    assert found.counts.new == 4
    assert capital(store, again[0]["uscc"]) == "1.000000"


def test_a_later_batch(store: Store, tmp_path: Path) -> None:
    """In the next batch the same rows are unchanged, a newer one is changed, an older one superseded; a file that was
    read is not read again."""
    deliver(tmp_path, "a.csv", [firm(n, updated_at=NEWER) for n in range(6)])
    assert tally(run(store, tmp_path)) == {"pulled": 6, "new": 6}
    assert tally(run(store, tmp_path)) == {}
    again = [firm(n, updated_at=NEWER) for n in range(4)]
    moved = [firm(4, updated_at=NEWEST, phone="13900000009"), firm(5, updated_at=OLD, phone="13900000009")]
    deliver(tmp_path, "b.csv", [*again, *moved])
    assert tally(run(store, tmp_path)) == {"pulled": 6, "unchanged": 4, "changed": 1, "superseded": 1}
    assert number(store, "SELECT last_seq FROM library") == 7


def test_the_same_content_said_again_later_outranks_what_comes_late(store: Store, tmp_path: Path) -> None:
    """A value of January that the agency repeats in March is not overtaken by a value of February that arrives after it."""
    for name, at, wan in (("a.csv", OLD, "1.00"), ("b.csv", NEWEST, "1.00"), ("c.csv", NEWER, "2.00")):
        deliver(tmp_path, name, [firm(0, updated_at=at, reg_capital=wan)])
    assert tally(run(store, tmp_path)) == {"pulled": 3, "new": 1, "changed": 1, "superseded": 1}
    assert capital(store, firm(0)["uscc"]) == "1.000000"


def test_another_contract_judges_everything_anew(store: Store, tmp_path: Path) -> None:
    """When the connector changes, nothing counts as unchanged: every row is checked again under the new contract."""
    deliver(tmp_path, "a.csv", [firm(n) for n in range(5)])
    run(store, tmp_path)
    stricter = replace(BENCH, codes={"status": {"吊销": "2", "注销": "4", "存续": "9"}})
    deliver(tmp_path, "b.csv", [*(firm(n) for n in range(4)), firm(4, status="在营")])
    assert tally(run(store, tmp_path, stricter)) == {"pulled": 5, "changed": 4, "quarantined": 1}
    assert rows(store, "SELECT status, count(*) FROM golden_legal_person GROUP BY 1 ORDER BY 1") == [("1", 1), ("9", 4)]
    assert number(store, "SELECT count(DISTINCT contract) FROM record") == 2


def test_a_row_refused_again_reuses_its_entry(store: Store, tmp_path: Path) -> None:
    """The same bad row counts each time and has one open quarantine entry, which counts how often it came."""
    bad = firm(0, industry="9901")
    deliver(tmp_path, "a.csv", [bad, firm(1), bad, firm(2), bad])
    assert tally(run(store, tmp_path)) == {"pulled": 5, "new": 2, "quarantined": 3}
    deliver(tmp_path, "b.csv", [bad])
    assert tally(run(store, tmp_path)) == {"pulled": 1, "quarantined": 1}
    assert rows(store, "SELECT times, batch_id, last_batch_id, state FROM quarantine") == [(4, 1, 2, "open")]
