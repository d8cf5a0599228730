"""Preparing a page: the same in, the same out; each row accepted, refused or known; nothing sealed left in plain."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from exchange.core.identify import NO_RECORD
from exchange.core.keyed import keyed_hash
from exchange.core.link_keys import links
from exchange.core.page import BROKEN, FAULTS, STATUS, Prepared, RawPage
from exchange.core.prepare import LINKS, hint, withdrawal
from exchange.core.seal import Place, open_column
from exchange.core.seal_page import REFUSED
from exchange.core.translate import translate
from schemas.columns import Fact, facts, groups, public, unsealed
from tests.core.prepared_pages import (
    CURSOR,
    FRAMES,
    NAMES,
    Given,
    accepted_records,
    plain_part,
    sample,
    settled,
    spoiled,
    with_rows,
)

every = pytest.mark.parametrize("name", NAMES)
UNREADABLE = {
    "bench_companies": "updated_at",
    "market_regulation_companies": "update_time",
    "public_security_residents": "GXSJ",
}


def assert_same(left: Prepared, right: Prepared) -> None:
    """Every frame and the cursor are equal."""
    for name in FRAMES:
        assert_frame_equal(getattr(left, name), getattr(right, name))
    assert left.sealed_cursor == right.sealed_cursor


def cells(frame: pl.DataFrame) -> bytes:
    """Everything a frame holds, byte after byte."""
    values = [value for column in frame.iter_columns() for value in column.drop_nulls().to_list()]
    return b"\n".join(value if isinstance(value, bytes) else str(value).encode() for value in values)


def everything(page: Prepared) -> bytes:
    """All bytes of a prepared page."""
    return b"\n".join([*(cells(getattr(page, name)) for name in FRAMES), page.sealed_cursor or b""])


def sealed_facts(library: str) -> dict[str, Fact]:
    """Columns of a field group by name."""
    return {one.name: one for one in facts(library) if one.group}


def sealed_texts(case: Given) -> set[bytes]:
    """What the page holds in columns that are sealed, in the agency's words and in the hub's; not what is public too."""
    connector, rows = case.connector, case.page.rows
    sealed = sealed_facts(connector.library)
    raw = [rows[column] for column, to in connector.columns.items() if to.to in sealed]
    records = translate(connector, case.page).records
    texts = [str(value).encode() for one in (*raw, *(records[name] for name in sealed)) for value in one.drop_nulls()]
    shown = cells(records.select(unsealed(connector.library)))
    return {text for text in texts if len(text) > 3 and text not in shown}


@every
def test_the_same_page_gives_the_same_bytes(name: str) -> None:
    """With the same keys, random bytes and day, preparing is a pure function."""
    assert_same(sample(name).prepared(), sample(name).prepared())


@every
def test_other_random_bytes_change_only_envelopes(name: str) -> None:
    """Ids, hashes, identifiers, faults and public values do not depend on randomness or on the page's data keys."""
    first, second = sample(name).prepared(), replace(sample(name), seed=b"other", n=2).prepared()
    for frame in ("rows", "links", "faults", "flags"):
        assert_frame_equal(getattr(first, frame), getattr(second, frame))
    library = sample(name).connector.library
    assert_frame_equal(plain_part(first, library), plain_part(second, library))
    assert_frame_equal(first.refused.drop("envelope"), second.refused.drop("envelope"))
    envelopes = [set(made.records["sealed"].to_list()) - {b""} for made in (first, second)]
    assert all(envelopes)
    assert envelopes[0].isdisjoint(envelopes[1])


@every
def test_no_sealed_value_is_left_in_plain(name: str) -> None:
    """No byte string of the prepared page holds a value of a sealed column; the same search finds public values."""
    case = sample(name)
    prepared, hidden = case.prepared(), sealed_texts(case)
    made = everything(prepared)
    assert len(hidden) > 5
    assert [text for text in hidden if text in made] == []
    assert CURSOR.encode() not in made
    shown = prepared.records[public(case.connector.library)[0]].drop_nulls()
    assert all(value.encode() in made for value in shown)
    plain = cells(case.page.rows) + cells(translate(case.connector, case.page).records)
    assert [text for text in hidden if text not in plain] == []


@every
def test_groups_open_to_the_records_values(name: str) -> None:
    """Each group's envelope opens with the page's key, at its record and place, to the JSON of the group's filled
    columns; a group without any has no envelope."""
    case, made = sample(name), sample(name).prepared()
    library, plain = case.connector.library, accepted_records(case)
    for group in groups(library):
        place = Place(library, group, 1)
        opened = open_column(
            case.keys.groups[group], made.records[group].to_list(), made.records["id"].to_list(), place
        )
        columns = [one.name for one in sealed_facts(library).values() if one.group == group]
        for text, record in zip(opened, plain.select(columns).iter_rows(named=True), strict=True):
            filled = {key: str(value) for key, value in record.items() if value is not None}
            assert (None if text is None else json.loads(text)) == (filled or None)


@every
def test_filled_columns_have_their_bits(name: str) -> None:
    """Bit n of `filled` is set exactly if the n-th column of the schema has a value."""
    case = sample(name)
    columns = [one.name for one in facts(case.connector.library)]
    for bits, record in zip(
        case.prepared().records["filled"], accepted_records(case).select(columns).iter_rows(), strict=True
    ):
        assert bits == sum(1 << place for place, value in enumerate(record) if value is not None)


@every
def test_links_are_keyed(name: str) -> None:
    """Each identifier stands as HMAC over library, kind and text, and no other link is there."""
    case = sample(name)
    library, key = case.connector.library, case.keys.index.link
    found = {
        (row, kind, keyed_hash(key, library.encode(), kind.encode(), text.encode()))
        for row, kind, text in links(library, accepted_records(case)).iter_rows()
    }
    assert set(case.prepared().links.select("row", "kind", "key").iter_rows()) == found
    assert found


@every
def test_every_row_has_one_status(name: str) -> None:
    """Accepted rows are the records, refused rows have faults and a sealed raw row, and no row is both."""
    made = sample(name).prepared()
    status = dict(made.rows.select("row", "status").iter_rows())
    assert list(status) == list(range(made.rows.height))
    accepted = [row for row, one in status.items() if one == STATUS["accepted"]]
    refused = [row for row, one in status.items() if one == STATUS["refused"]]
    assert made.records["row"].to_list() == accepted
    assert made.refused["row"].to_list() == refused == sorted(set(made.faults["row"]))
    assert accepted
    assert refused
    assert set(made.links["row"]) | set(made.flags["row"]) <= set(accepted)
    assert made.faults.schema == FAULTS
    assert made.rows.null_count().sum_horizontal().item() == 0


@every
def test_prepared_pages_travel_between_processes(name: str) -> None:
    """A raw page, its keys and what comes of them can be pickled."""
    case = pickle.loads(pickle.dumps((sample(name).page, sample(name).keys, sample(name).recipe)))  # noqa: S301
    assert case[0].rows.equals(sample(name).page.rows)
    assert case[1] == sample(name).keys
    made = sample(name).prepared()
    assert_same(pickle.loads(pickle.dumps(made)), made)  # noqa: S301


@every
def test_rows_known_already_are_passed_over(name: str) -> None:
    """A row with the content and contract that are settled is neither judged nor sealed again, and a page of nothing
    else makes no record."""
    case = sample(name)
    height, whole = case.page.rows.height, case.prepared()
    known = set(settled(case, set(range(height))).known.select("id", "known_hash").iter_rows())
    made = settled(case, set(range(height))).prepared()
    at = {row for row, *pair in made.rows.select("row", "id", "content_hash").iter_rows() if tuple(pair) in known}
    assert at
    assert {row for row, one in made.rows.select("row", "status").iter_rows() if one == STATUS["known"]} == at
    assert not at & (set(made.records["row"]) | set(made.faults["row"]) | set(made.links["row"]))
    assert_frame_equal(made.rows.drop("status"), whole.rows.drop("status"))


@given(st.sampled_from(NAMES), st.sets(st.integers(0, 12)))
@settings(deadline=None, max_examples=15)
def test_passing_over_some_rows_changes_nothing_for_the_others(name: str, at: set[int]) -> None:
    """Faults, identifiers and records of the rows that are judged are those they have in the whole page."""
    whole, made = sample(name).prepared(), settled(sample(name), at).prepared()
    judged = made.rows.filter(pl.col("status") != STATUS["known"]).select("row")
    for frame in ("faults", "flags", "links"):
        assert_frame_equal(
            getattr(made, frame), getattr(whole, frame).join(judged, on="row", how="semi"), check_row_order=False
        )
    library = sample(name).connector.library
    records = plain_part(whole, library).join(judged, on="row", how="semi")
    assert_frame_equal(plain_part(made, library), records)
    assert_frame_equal(made.refused.drop("envelope"), whole.refused.drop("envelope").join(judged, on="row", how="semi"))


@pytest.mark.parametrize(("last", "rule"), [("42371", "date.serial"), ("2016-03-05", "date.unreadable")])
def test_days_of_a_spreadsheet_are_judged_in_the_whole_page(last: str, rule: str) -> None:
    """Whether a column holds serial numbers is told from every row delivered, also where few of them are fresh."""
    case = sample("bench_companies")
    source = next(source for source, column in case.connector.columns.items() if column.parse == "date")
    height = case.page.rows.height
    cells = ["42370"] * (height - 1) + [last]
    case = replace(case, page=replace(case.page, rows=case.page.rows.with_columns(pl.Series(source, cells))))
    for passed_over in (set(), set(range(1, height)), {height - 1}):
        made = settled(case, passed_over).prepared()
        told = pl.concat([made.faults, made.flags]).filter(pl.col("rule") == rule)
        assert 0 in told["row"]


def test_another_contract_or_a_withdrawal_judges_anew() -> None:
    """A hint holds only for the contract under which the row was judged, and not for a record that was withdrawn."""
    case = settled(sample("bench_companies"), {0})
    rows = case.prepared().rows.drop("status")
    for known, expected in (
        (case.known, "known"),
        (case.known.with_columns(known_current=pl.lit(False)), "accepted"),
        (case.known.with_columns(known_withdrawn=pl.lit(True)), "accepted"),
    ):
        assert hint(rows, known)["status"][0] == STATUS[expected]


@every
def test_a_page_of_bad_rows_is_refused_row_by_row(name: str) -> None:
    """Where no row has a key, each is refused for that, sealed, and none becomes a record."""
    case = sample(name)
    made = spoiled(case, case.connector.key[0], None, set(range(case.page.rows.height))).prepared()
    assert set(made.rows["status"]) == {STATUS["refused"]}
    assert set(made.rows["id"]) == {NO_RECORD}
    keyless = made.faults.filter(pl.col("rule") == "key.missing")
    assert keyless.select("row", "column").rows() == [(row, case.connector.key[0]) for row in range(made.rows.height)]
    assert made.records.is_empty()
    assert made.links.is_empty()
    assert made.refused.height == made.rows.height
    assert plain_part(made, case.connector.library).schema == plain_part(case.prepared(), case.connector.library).schema


@pytest.mark.parametrize(("name", "version"), UNREADABLE.items())
def test_a_version_that_cannot_be_read_refuses_the_row(name: str, version: str) -> None:
    """Without a readable version a row has no place among the others, even if its content is known."""
    case = spoiled(settled(sample(name), {0, 1}), version, "soon", {0})
    made = case.prepared()
    assert (0, version, "version.unreadable") in made.faults.rows()
    assert made.rows["status"].to_list()[:2] == [STATUS["refused"], STATUS["known"]]
    assert made.rows["ordering"][0] == 0


@every
def test_an_empty_page_is_a_page(name: str) -> None:
    """No rows, and yet a cursor; the frames keep their columns."""
    case = sample(name)
    made = with_rows(case, case.page.rows.clear()).prepared()
    assert [getattr(made, frame).height for frame in FRAMES] == [0] * len(FRAMES)
    assert made.sealed_cursor is not None
    assert made.links.schema == LINKS
    assert made.refused.schema == REFUSED
    assert plain_part(made, case.connector.library).schema == plain_part(case.prepared(), case.connector.library).schema


def test_rows_that_are_no_rows_have_one_fault_each() -> None:
    """A broken line is refused for the reader's reason alone, not for its missing key as well."""
    case = sample("customs_enterprises")
    rows = case.page.rows.clear(n=2)
    broken = pl.DataFrame([(0, "encoding", b"\xff"), (1, "open_quote", b'"')], schema=BROKEN, orient="row")
    made = replace(case, page=RawPage("part", 0, rows, broken, "", 0)).prepared()
    assert made.faults.select("row", "rule").rows() == [(0, "encoding"), (1, "open_quote")]
    assert made.refused.height == 2


def test_withdrawal_names_the_records_and_nothing_else() -> None:
    """The page of a key comparison holds ids only, each row saying that the agency has it no more."""
    page = withdrawal("withdrawn", 2, pl.Series("any", [b"a" * 16, b"b" * 16]))
    assert page.withdraws
    assert (page.partition, page.number, page.sealed_cursor) == ("withdrawn", 2, None)
    assert page.rows["id"].to_list() == [b"a" * 16, b"b" * 16]
    assert page.rows.columns == sample("bench_companies").prepared().rows.columns
    assert [getattr(page, name).height for name in FRAMES] == [2, 0, 0, 0, 0, 0]
