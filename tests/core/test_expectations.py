"""The publishing gate's expectations, as they come out of the schemas."""

from __future__ import annotations

import pytest

from exchange.core.codes import code_list
from exchange.core.expectations import suite
from schemas import LIBRARIES, columns


@pytest.mark.parametrize("library", LIBRARIES)
def test_expectations_name_only_what_the_golden_table_shows(library: str) -> None:
    """No expectation reads a sealed column: only public ones, envelopes as wholes, and the table's own columns."""
    shown = {*columns.public(library), *columns.groups(library), "entity_id", "sources"}
    assert {each.column for each in suite(library)} <= shown


@pytest.mark.parametrize("library", LIBRARIES)
def test_each_fact_has_its_expectation(library: str) -> None:
    """A required column, a coded column and each sealed group are looked at, whatever the schema names next."""
    names = {each.name for each in suite(library)}
    public = [fact for fact in columns.facts(library) if fact.level == "public"]
    assert {f"{fact.name}.not_null" for fact in public if fact.required} <= names
    assert {f"{fact.name}.in_list" for fact in public if fact.code_list} <= names
    assert {f"{group}.paired" for group in columns.groups(library)} <= names
    assert {"entity_id.unique", "entity_id.row_count"} <= names


def test_legal_persons_hold_their_code_once() -> None:
    """Of the identifiers only the strongest must stand in one golden record; weaker ones may be shared."""
    held = [each.column for each in suite("legal_person") if each.kind == "held_once"]
    assert held == ["uscc"]


def test_a_coded_column_allows_its_list() -> None:
    """The codes of an expectation are those of the list that the schema names."""
    [status] = [each for each in suite("legal_person") if each.name == "status.in_list"]
    assert status.codes == tuple(code_list("status").titles)
