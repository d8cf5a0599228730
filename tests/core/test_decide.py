"""Dispositions: the whole-column decision against one written row by row from the design (§3, Conservation)."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from hypothesis import example, given, settings
from hypothesis import strategies as st

from exchange.core.decide import (
    CHANGED,
    DUPLICATE,
    KNOWN,
    MET,
    NEW,
    QUARANTINED,
    SUPERSEDED,
    UNCHANGED,
    counts,
    decide,
    decide_withdrawals,
)
from exchange.core.page import STATUS

CONTRACT = "contract"
IDS, HASHES = [b"a", b"b", b"c"], [b"1", b"2", b"3"]
ROWS = pl.Schema(
    {"row": pl.UInt32, "id": pl.Binary, "content_hash": pl.Binary, "ordering": pl.Int64, "status": pl.UInt8}
)


@dataclass(frozen=True)
class Row:
    """One pulled row: whose record, which content, which version, refused or not."""

    id: bytes
    content: bytes
    ordering: int
    refused: bool = False


@dataclass(frozen=True)
class Settled:
    """What is settled under one record id."""

    content: bytes
    ordering: int
    contract: str = CONTRACT
    withdrawn: bool = False


State = dict[bytes, Settled]
Pairs = frozenset[tuple[bytes, bytes]]

rows_of_a_page = st.lists(
    st.builds(
        Row, st.sampled_from(IDS), st.sampled_from(HASHES), st.integers(0, 3), st.integers(0, 5).map(lambda n: n == 5)
    ),
    max_size=7,
)
states = st.dictionaries(
    st.sampled_from(IDS),
    st.builds(Settled, st.sampled_from(HASHES), st.integers(0, 3), st.sampled_from([CONTRACT, "old"]), st.booleans()),
)
met_pairs = st.frozensets(st.tuples(st.sampled_from(IDS), st.sampled_from(HASHES)), max_size=4)


def page(rows: list[Row]) -> pl.DataFrame:
    """Rows as the frame that prepare makes."""
    status = [STATUS["refused"] if row.refused else STATUS["accepted"] for row in rows]
    lines = [(place, row.id, row.content, row.ordering, status[place]) for place, row in enumerate(rows)]
    return pl.DataFrame(lines, schema=ROWS, orient="row")


def known(state: State) -> pl.DataFrame:
    """What is settled as the frame that the store gives."""
    lines = [(key, s.content, s.ordering, s.contract == CONTRACT, "entity", s.withdrawn) for key, s in state.items()]
    return pl.DataFrame(lines, schema=KNOWN, orient="row")


def met(pairs: Pairs) -> pl.DataFrame:
    """Pairs of earlier pages, one of them twice, as pages may bring them."""
    lines = sorted(pairs)
    return pl.DataFrame([*lines, *lines[:1]], schema=MET, orient="row")


def decided(rows: list[Row], state: State, pairs: Pairs = frozenset()) -> list[int]:
    """Dispositions by the code under test."""
    return decide(page(rows), known(state), met(pairs))["disposition"].to_list()


def disposition(place: int, rows: list[Row], state: State, pairs: Pairs) -> int:
    """One row's disposition, in the design's order and words."""
    row = rows[place]
    if row.refused:
        return QUARANTINED
    after = [
        other
        for at, other in enumerate(rows)
        if other.id == row.id and not other.refused and (other.ordering, at) > (row.ordering, place)
    ]
    if any(other.content == row.content for other in after):
        return DUPLICATE  # the newest of equal rows stands for all of them
    settled = state.get(row.id)
    differs = settled is not None and not settled.withdrawn and settled.content != row.content
    newer = settled is None or row.ordering > settled.ordering
    if (row.id, row.content) in pairs and not (differs and newer):
        return DUPLICATE
    if after or (differs and not newer):
        return SUPERSEDED
    if settled is None:
        return NEW
    same = settled.content == row.content and settled.contract == CONTRACT and not settled.withdrawn
    return UNCHANGED if same else CHANGED


@given(rows_of_a_page, states, met_pairs)
@settings(deadline=None, max_examples=250)
@example([Row(b"a", b"1", 1), Row(b"a", b"2", 2), Row(b"a", b"1", 3)], {}, frozenset())
def test_decision_equals_the_one_made_row_by_row(rows: list[Row], state: State, pairs: Pairs) -> None:
    """Whole columns and single rows come to the same dispositions, and every row has one."""
    found = decided(rows, state, pairs)
    assert found == [disposition(place, rows, state, pairs) for place in range(len(rows))]
    assert sum(counts(pl.Series(found, dtype=pl.UInt8))) == len(rows)


@given(rows_of_a_page, states, met_pairs)
@settings(deadline=None, max_examples=100)
def test_a_page_takes_at_most_one_version_of_a_record(rows: list[Row], state: State, pairs: Pairs) -> None:
    """Of a record's rows at most one is new, changed or unchanged, and none of the page is newer than it."""
    found = decided(rows, state, pairs)
    for key in IDS:
        mine = [(row.ordering, place) for place, row in enumerate(rows) if row.id == key and not row.refused]
        taken = [(rows[place].ordering, place) for _, place in mine if found[place] in (NEW, CHANGED, UNCHANGED)]
        assert taken in ([], [max(mine, default=(0, 0))])


def settle(pages: list[list[Row]], state: State) -> State:
    """The state after the pages, each decided against what the ones before left and what they met."""
    state, pairs = dict(state), frozenset[tuple[bytes, bytes]]()
    for rows in pages:
        found = decided(rows, state, pairs)
        taken = [row for row, one in zip(rows, found, strict=True) if one in (NEW, CHANGED)]
        state |= {row.id: Settled(row.content, row.ordering) for row in taken}
        pairs |= {(row.id, row.content) for row in rows if not row.refused}
    return state


@given(rows_of_a_page, states, st.integers(0, 7), st.integers(0, 7))
@settings(deadline=None, max_examples=150)
@example([Row(b"a", b"1", 0), Row(b"a", b"2", 0), Row(b"a", b"1", 0)], {}, 1, 2)
def test_cutting_a_page_changes_nothing_that_is_settled(rows: list[Row], state: State, one: int, two: int) -> None:
    """Rows read in the order of their versions settle the same content in one page or in three."""
    rising = [Row(row.id, row.content, 10 + place, row.refused) for place, row in enumerate(rows)]
    first, second = sorted((one, two))
    cut = settle([rising[:first], rising[first:second], rising[second:]], state)
    whole = settle([rising], state)
    assert {key: (s.content, s.withdrawn) for key, s in cut.items()} == {
        key: (s.content, s.withdrawn) for key, s in whole.items()
    }
    latest = {row.id: row.content for row in rising if not row.refused}
    assert {key: whole[key].content for key in latest} == latest


@given(rows_of_a_page, states)
@settings(deadline=None, max_examples=100)
def test_a_page_settled_twice_changes_nothing_the_second_time(rows: list[Row], state: State) -> None:
    """The same page in another batch brings nothing new, whatever it brought the first time."""
    after = settle([rows], state)
    again = decided(rows, after)
    assert not {NEW, CHANGED} & set(again)


def test_a_version_that_comes_back_is_not_a_duplicate() -> None:
    """A record that was 1, then 2 and then 1 again within one batch is settled as 1, over pages as within one."""
    rows = [Row(b"a", b"1", 1), Row(b"a", b"2", 2), Row(b"a", b"1", 3)]
    assert decided(rows, {}) == [DUPLICATE, SUPERSEDED, NEW]
    assert decided([rows[2]], {b"a": Settled(b"2", 2)}, frozenset({(b"a", b"1"), (b"a", b"2")})) == [CHANGED]
    assert decided([rows[0]], {b"a": Settled(b"2", 2)}, frozenset({(b"a", b"1"), (b"a", b"2")})) == [DUPLICATE]


def test_each_disposition_has_its_case() -> None:
    """Quarantined, new, unchanged, changed by content, by contract and by coming back, superseded, met before."""
    state = {
        b"a": Settled(b"1", 5),
        b"b": Settled(b"1", 5, "old"),
        b"c": Settled(b"1", 5, withdrawn=True),
    }
    cases = {
        Row(b"a", b"1", 5, refused=True): QUARANTINED,
        Row(b"d", b"1", 1): NEW,
        Row(b"a", b"1", 9): UNCHANGED,
        Row(b"a", b"2", 6): CHANGED,
        Row(b"a", b"2", 5): SUPERSEDED,
        Row(b"b", b"1", 5): CHANGED,
        Row(b"c", b"1", 1): CHANGED,
    }
    assert {row: decided([row], state)[0] for row in cases} == cases
    assert decided([Row(b"a", b"1", 5)], state, frozenset({(b"a", b"1")})) == [DUPLICATE]


def test_refused_rows_are_nobodys_duplicate() -> None:
    """A refused row is quarantined each time, and an accepted one with its key and content counts as itself."""
    rows = [Row(b"a", b"1", 9, refused=True), Row(b"a", b"1", 1), Row(b"a", b"1", 9, refused=True)]
    assert decided(rows, {}, frozenset()) == [QUARANTINED, NEW, QUARANTINED]


def test_rows_keep_their_order_and_learn_what_is_known() -> None:
    """The decision comes back in row order with the settled entity beside each row."""
    found = decide(page([Row(b"b", b"1", 1), Row(b"a", b"1", 1)]), known({b"a": Settled(b"1", 1)}), met(frozenset()))
    assert found["row"].to_list() == [0, 1]
    assert found["known_entity"].to_list() == [None, "entity"]
    assert found.columns == [*ROWS, *list(KNOWN)[1:], "disposition"]
    assert found.schema["disposition"] == pl.UInt8


@given(st.lists(st.sampled_from(IDS), max_size=6), states)
@settings(deadline=None, max_examples=60)
def test_withdrawals_happen_once(ids: list[bytes], state: State) -> None:
    """What is live is withdrawn by the first row that says so; unknown or withdrawn records stay as they are."""
    found = decide_withdrawals(page([Row(key, b"", 0) for key in ids]), known(state))["disposition"].to_list()
    for place, key in enumerate(ids):
        live = key in state and not state[key].withdrawn
        expected = DUPLICATE if key in ids[:place] else CHANGED if live else UNCHANGED
        assert found[place] == expected


def test_counts_name_every_disposition() -> None:
    """Counts stand in the order new, changed, unchanged, duplicate, superseded, quarantined."""
    assert counts(pl.Series([5, 0, 0, 3], dtype=pl.UInt8)) == (2, 0, 0, 1, 0, 1)
    assert counts(pl.Series([], dtype=pl.UInt8)) == (0, 0, 0, 0, 0, 0)
