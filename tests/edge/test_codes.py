"""Supplied code lists in the hub's database: loaded once, replaced whole, given back as they were."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest

from exchange.core.codes import CodeList, Entry, code_list, editions
from exchange.core.codes.supplied import Label
from exchange.core.errors import Away, Misuse
from exchange.edge.codes import Loaded, list_in_use, load_folder, load_list, read_file, shelved, supplied_codes
from exchange.edge.store.database import Store
from tests.edge.firms import deliver, firm, run, tally
from tests.edge.stores import number

pytestmark = pytest.mark.servers
OLD = Entry("1", "旧", "old", valid_to=date(1999, 12, 31), also=("曾", "昔"))
NEW = Entry("1", "新", "new", valid_from=date(2000, 1, 1), parent="0")
CRAFT = CodeList("craft", "none", "2024", (Entry("0", "全部"), OLD, NEW), valid_from=date(2024, 1, 1), source="a guild")


def test_a_loaded_list_comes_back_as_it_was(store: Store) -> None:
    """Facts, entries, their order, days and words survive the database."""
    assert load_list(store.url, CRAFT) == Loaded("craft", "2024", 3, changed=True)
    assert list_in_use(store.url, "craft") == CRAFT


def test_loading_again_changes_nothing(store: Store) -> None:
    """The same list a second time writes no row."""
    load_list(store.url, CRAFT)
    before = number(store, "SELECT sum(xmin::text::bigint)::bigint FROM code")
    assert load_list(store.url, CRAFT) == Loaded("craft", "2024", 3, changed=False)
    assert number(store, "SELECT sum(xmin::text::bigint)::bigint FROM code") == before


def test_another_text_replaces_the_edition(store: Store) -> None:
    """A corrected file takes the place of the whole edition; other editions stay."""
    load_list(store.url, CRAFT)
    load_list(store.url, CodeList("craft", "none", "2020", (OLD,)))
    corrected = CodeList("craft", "none", "2024", (NEW,), valid_from=date(2024, 1, 1))
    assert load_list(store.url, corrected).changed
    assert list_in_use(store.url, "craft", "2024") == corrected
    assert [(one.edition, one.entries) for one in shelved(store.url)] == [("2020", 1), ("2024", 1)]
    assert number(store, "SELECT count(*) FROM code") == 2


def test_two_loads_at_once_leave_one_list(store: Store) -> None:
    """Whoever comes second waits, and finds it loaded."""
    with ThreadPoolExecutor(4) as pool:
        changed = list(pool.map(lambda _: load_list(store.url, CRAFT).changed, range(4)))
    assert sorted(changed) == [False, False, False, True]
    assert number(store, "SELECT count(*) FROM code") == 3


def test_loaded_editions_stand_beside_the_packages(store: Store) -> None:
    """A loaded edition outranks one of the package with its name, and is chosen by day among all of them."""
    assert list_in_use(store.url, "sex") == code_list("sex")
    later = CodeList("sex", "none", "2030", (Entry("1", "男"),), valid_from=date(2030, 1, 1))
    same = CodeList("sex", "none", "2003", (Entry("1", "男"),), valid_from=date(2003, 12, 1))
    for one in (later, same):
        load_list(store.url, one)
    assert list_in_use(store.url, "sex") == later
    assert list_in_use(store.url, "sex", on=date(2020, 1, 1)) == list_in_use(store.url, "sex", "2003") == same
    with pytest.raises(KeyError):
        list_in_use(store.url, "moon")
    with pytest.raises(KeyError):
        list_in_use(store.url, "sex", "1980")


def test_a_large_list_is_loaded(store: Store) -> None:
    """All divisions with their history go in and come out."""
    [divisions] = editions("division")
    assert load_list(store.url, divisions).entries == len(divisions.entries)
    assert list_in_use(store.url, "division") == divisions


def test_a_folder_is_loaded_though_one_file_is_wrong(store: Store, tmp_path: Path) -> None:
    """Good files are loaded and the wrong one is named; what is no list is passed over."""
    (tmp_path / "craft-2024.csv").write_text("code,zh\n1,木工\n", encoding="utf-8")
    (tmp_path / "trade-2024.TSV").write_text("code\tzh\n1\t商\n", encoding="utf-8")
    (tmp_path / "bad-2024.csv").write_text("code,zh\n1,\n", encoding="utf-8")
    (tmp_path / "readme.txt").write_text("no list", encoding="utf-8")
    with pytest.raises(Misuse) as caught:
        load_folder(store.url, tmp_path)
    assert "bad-2024.csv" in caught.value.message
    assert [one.name for one in shelved(store.url)] == ["craft", "trade"]
    (tmp_path / "bad-2024.csv").unlink()
    assert [(one.name, one.changed) for one in load_folder(store.url, tmp_path)] == [("craft", False), ("trade", False)]


def test_a_folder_that_is_not_there_is_away(store: Store, tmp_path: Path) -> None:
    """A share that is not mounted may come back: that is no mistake of the list."""
    with pytest.raises(Away):
        load_folder(store.url, tmp_path / "nowhere")


def test_a_file_that_is_not_there_is_misuse(tmp_path: Path) -> None:
    """A wrong path is the steward's to correct."""
    with pytest.raises(Misuse) as caught:
        read_file(tmp_path / "nothing.csv", Label("craft", "1"))
    assert caught.value.code == "no_such_file"


def test_a_loaded_list_is_asked_from_the_next_run_on(store: Store, tmp_path: Path) -> None:
    """Once a steward has loaded the classes of GB/T 4754, a code that no edition has is flagged and kept; rows settled before
    are judged anew, since the list is part of the contract."""
    deliver(tmp_path, "a.csv", [firm(0, industry="5181"), firm(1, industry="5199")])
    flagged = "SELECT count(*) FROM record WHERE flags LIKE '%%code.unlisted%%'"
    run(store, tmp_path)
    assert number(store, flagged) == 0
    load_list(store.url, CodeList("industry", "GB/T 4754", "9999", (Entry("5181", "某类"),), complete=False))
    assert supplied_codes(store.url, "legal_person") == {"industry": frozenset({"5181"})}
    assert supplied_codes(store.url, "person") == {}
    deliver(tmp_path, "b.csv", [firm(0, industry="5181"), firm(1, industry="5199"), firm(2, industry="5199")])
    found = run(store, tmp_path)
    assert tally(found) == {"pulled": 3, "new": 1, "changed": 2}
    assert number(store, flagged) == 2
