"""The lists that the package brings: their counts, their form, their editions."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from exchange.core.codes import NAMES, CodeList, Entry, code_list, editions
from exchange.core.codes.table import read_table, written

ROOT = Path(__file__).parents[3]
LISTS = ROOT / "exchange" / "core" / "codes" / "lists"
EVERY = [one for name in NAMES for one in editions(name)]
COUNTS = {
    ("country", "2022"): 249,
    ("country_customs", "old"): 3,
    ("currency", "2026"): 199,
    ("currency_customs", "old"): 1,
    ("division", "2023"): 7_211,
    ("entity_type", "draft"): 25,
    ("ethnic", "1991"): 58,
    ("hukou", "feed"): 2,
    ("id_type", "2006"): 14,
    ("id_type_police", "unconfirmed"): 2,
    ("industry_division", "2011"): 96,
    ("industry_division", "2017"): 97,
    ("industry_section", "2011"): 20,
    ("industry_section", "2017"): 20,
    ("marital", "2003"): 8,
    ("market_entity_type", "2006"): 15,
    ("penalty_category", "2015"): 7,
    ("penalty_category", "2021"): 14,
    ("permit_category", "2018"): 6,
    ("permit_kind", "hub"): 7,
    ("registration_authority", "measured"): 11,
    ("registration_status", "feed"): 3,
    ("sex", "2003"): 4,
    ("statistical_unit", "2023"): 150,
    ("status", "draft"): 7,
    ("yes_no", "feed"): 2,
}
WITHOUT_ENGLISH = {"division", "statistical_unit"}

each = pytest.mark.parametrize("listed", EVERY, ids=lambda one: f"{one.name}-{one.edition}")


def test_every_list_has_its_count() -> None:
    """Each edition has as many codes as its standard prints or its source held."""
    assert {(one.name, one.edition): len(one.titles) for one in EVERY} == COUNTS


@each
def test_a_list_says_where_it_comes_from(listed: CodeList) -> None:
    """Each has a standard, a source and a licence; an incomplete one says what it lacks."""
    assert listed.standard
    assert listed.source
    assert listed.licence
    assert listed.complete or listed.note
    assert all(listed.titles)
    assert all(zh and (en or listed.name in WITHOUT_ENGLISH) for zh, en in listed.titles.values())


def test_the_documentation_has_a_line_for_each_list() -> None:
    """docs/codes.md tells of each edition what its file tells: standard, count, source, licence, note."""
    shown = (ROOT / "docs" / "codes.md").read_text("utf-8").splitlines()
    for one in EVERY:
        [line] = (line for line in shown if line.startswith(f"| `{one.name}` | {one.edition} |"))
        for fact in (one.standard, f"{len(one.titles):,}", one.source, one.licence, one.note):
            assert fact in line


@each
def test_a_list_names_the_script_that_writes_it(listed: CodeList) -> None:
    """The source ends with the script; a list that was typed names the one that checks it."""
    [script] = re.findall(r"\((scripts/codes/[a-z]+\.py)\)$", listed.source)
    assert (ROOT / script).is_file()
    assert listed.source.startswith("typed") == script.endswith("typed.py")


def test_every_script_writes_a_list() -> None:
    """No script is left over when its list has another source."""
    named = {re.findall(r"scripts/codes/[a-z]+\.py", one.source)[-1] for one in EVERY} | {"scripts/codes/files.py"}
    assert {path.relative_to(ROOT).as_posix() for path in (ROOT / "scripts" / "codes").glob("*.py")} == named


@each
def test_the_file_is_in_its_canonical_form(listed: CodeList) -> None:
    """Writing what was read gives the same file, named after list and edition."""
    text = (LISTS / f"{listed.name}-{listed.edition}.tsv").read_text("utf-8")
    assert written(read_table(text)) == text


@each
def test_parents_are_codes(listed: CodeList) -> None:
    """The code above a code is in the list, or in the list that its note names."""
    above = listed.note.rpartition("parent: ")[2].split(";")[0]
    known = listed.codes() | (code_list(above).codes() if above in NAMES else frozenset())
    assert {one.parent for one in listed.entries if one.parent} <= known


def test_the_default_edition_is_the_newest() -> None:
    """Without an edition the newest is meant, on a day the one in force then."""
    assert code_list("industry_division").edition == "2017"
    assert code_list("industry_division", on=date(2017, 9, 30)).edition == "2011"
    assert code_list("industry_division", on=date(2017, 10, 1)).edition == "2017"
    assert code_list("penalty_category", on=date(2020, 1, 1)).edition == "2015"


def test_unknown_lists_editions_and_days_are_key_errors() -> None:
    """A name that isn't there is a KeyError, not a guess."""
    with pytest.raises(KeyError):
        code_list("moon")
    with pytest.raises(KeyError):
        code_list("sex", "1980")
    with pytest.raises(KeyError):
        code_list("industry_division", on=date(2001, 1, 1))


def test_a_word_for_two_codes_stands_for_none() -> None:
    """Where a title names several codes, it is no word for any."""
    listed = CodeList("x", "none", "1", (Entry("1", "证件"), Entry("2", "证件", also=("护照",))))
    assert listed.words == {"护照": "2"}
    assert code_list("id_type").words["护照"] == "40"


def test_a_code_has_a_meaning_for_each_time() -> None:
    """What a code means depends on the day; without one it is what it was used for last."""
    first, last = date(1999, 12, 31), date(2000, 1, 1)
    entries = (Entry("1", "新", valid_from=last), Entry("1", "旧", valid_to=first), Entry("2", "二", valid_to=first))
    listed = CodeList("x", "none", "1", entries)
    assert [one.zh if one else None for one in map(listed.at, ("1", "2", "3"))] == ["新", "二", None]
    assert [one.zh if one else None for one in (listed.at("1", first), listed.at("2", last))] == ["旧", None]
    assert [sorted(listed.codes(day)) for day in (last, None)] == [["1"], ["1", "2"]]
