"""The golden record: a fold that knows no order, in which authority goes before recency and a group survives whole."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from exchange.core.golden import AUTHORITY, Policy, fold, policy_of
from schemas import LIBRARIES
from schemas.columns import facts, groups, public

POLICY = Policy(("code", "name"), ("g1", "g2"), ("first", "second"), {"name": ("second",)})
AGENCIES = ["first", "second", "stranger"]
RECORDS = pl.Schema(
    {
        "entity_id": pl.String,
        "id": pl.Binary,
        "agency": pl.String,
        "feed": pl.String,
        "ordering": pl.Int64,
        "code": pl.String,
        "name": pl.String,
        "g1": pl.Binary,
        "g2": pl.Binary,
    }
)


@dataclass(frozen=True)
class Record:
    """One live record of an entity."""

    entity: str
    agency: str
    ordering: int = 0
    code: str | None = None
    name: str | None = None
    g1: bytes | None = None
    g2: bytes | None = None


some_records = st.lists(
    st.builds(
        Record,
        st.sampled_from(["E1", "E2", "E3"]),
        st.sampled_from(AGENCIES),
        st.integers(0, 2),
        st.sampled_from([None, "1", "2"]),
        st.sampled_from([None, "a", "b"]),
        st.sampled_from([None, b"x", b"y"]),
        st.sampled_from([None, b"z"]),
    ),
    max_size=7,
)


def numbered(records: list[Record]) -> pl.DataFrame:
    """Records with ids in their order."""
    lines = [
        (
            one.entity,
            b"%02d" % place,
            one.agency,
            f"{one.agency}_feed",
            one.ordering,
            one.code,
            one.name,
            one.g1,
            one.g2,
        )
        for place, one in enumerate(records)
    ]
    return pl.DataFrame(lines, schema=RECORDS, orient="row")


def survivor(records: list[Record], column: str, agencies: tuple[str, ...]) -> tuple[object, bytes | None]:
    """The value that survives and the id of the record it came from: authority, then recency, then the lower id."""
    rank = {agency: place for place, agency in enumerate(agencies)}
    given_by = [(rank.get(one.agency, 99), -one.ordering, at) for at, one in enumerate(records) if getattr(one, column)]
    if not given_by:
        return None, None
    at = min(given_by)[2]
    return getattr(records[at], column), b"%02d" % at


def folded_by_hand(records: list[Record]) -> dict[str, tuple[object, ...]]:
    """Entity → its golden record, value by value."""
    golden: dict[str, tuple[object, ...]] = {}
    for entity in sorted({one.entity for one in records}):
        mine = [one if one.entity == entity else Record("", one.agency) for one in records]
        code, name = survivor(mine, "code", ("first", "second")), survivor(mine, "name", ("second",))
        g1, g2 = (survivor(mine, group, ("first", "second")) for group in ("g1", "g2"))
        golden[entity] = (entity, code[0], name[0], g1[0], g2[0], g1[1], g2[1])
    return golden


@given(some_records)
@settings(deadline=None, max_examples=200)
def test_fold_equals_the_fold_by_hand(records: list[Record]) -> None:
    """Each column's value comes from the most authoritative agency that gives one, then the newest, then the lower id;
    a group comes whole with the id of its record."""
    found = fold(numbered(records), POLICY)
    assert {line[0]: line[:7] for line in found.iter_rows()} == folded_by_hand(records)
    assert found.columns == ["entity_id", "code", "name", "g1", "g2", "g1_record", "g2_record", "sources"]
    assert found["entity_id"].is_sorted()


@given(some_records.flatmap(lambda records: st.tuples(st.just(records), st.permutations(range(len(records))))))
@settings(deadline=None, max_examples=100)
def test_order_of_arrival_changes_nothing(drawn: tuple[list[Record], list[int]]) -> None:
    """The same records in any order fold to the same bytes."""
    records, order = drawn
    frame = numbered(records)
    assert_frame_equal(fold(frame[order] if order else frame, POLICY), fold(frame, POLICY))


@given(some_records)
@settings(deadline=None, max_examples=100)
def test_entities_are_folded_apart(records: list[Record]) -> None:
    """An entity's golden record is the same whatever other entities the page holds."""
    frame = numbered(records)
    alone = [fold(part, POLICY) for part in frame.partition_by("entity_id", maintain_order=True)]
    whole = fold(frame, POLICY)
    assert_frame_equal(pl.concat([*alone, whole.clear()]).sort("entity_id"), whole)


@given(some_records)
@settings(deadline=None, max_examples=100)
def test_an_entity_of_one_record_is_that_record(records: list[Record]) -> None:
    """The short way for single records gives what the fold over several gives: an empty twin changes only the sources."""
    once = list({one.entity: one for one in records}.values())
    twins = [Record(one.entity, "stranger", -1) for one in once]
    single, several = fold(numbered(once), POLICY), fold(numbered(once + twins), POLICY)
    assert_frame_equal(single.drop("sources"), several.drop("sources"))


@given(some_records)
@settings(deadline=None, max_examples=100)
def test_sources_name_every_record_most_authoritative_first(records: list[Record]) -> None:
    """`sources` is JSON: agency, feed and time of each of the entity's records."""
    rank = {"first": 0, "second": 1, "stranger": 9}
    for entity, text in fold(numbered(records), POLICY).select("entity_id", "sources").iter_rows():
        mine = sorted(
            (one for one in records if one.entity == entity), key=lambda one: (rank[one.agency], -one.ordering)
        )
        assert json.loads(text) == [[one.agency, f"{one.agency}_feed", "1970-01-01T00:00:00Z"] for one in mine]


def test_source_time_is_utc() -> None:
    """Orderings are microseconds since 1970; sources show them to the second."""
    moment = datetime(2024, 3, 1, 1, 2, 3, 999_999, tzinfo=UTC)
    record = Record("E1", "first", int(moment.timestamp()) * 1_000_000 + 999_999)
    assert fold(numbered([record]), POLICY)["sources"].to_list() == ['[["first","first_feed","2024-03-01T01:02:03Z"]]']


def test_no_records_fold_to_no_golden_records() -> None:
    """An empty page keeps its columns."""
    found = fold(numbered([]), POLICY)
    assert found.height == 0
    assert found.schema["g1_record"] == pl.Binary
    assert found.schema["sources"] == pl.String


@pytest.mark.parametrize("library", LIBRARIES)
def test_policy_is_what_the_schema_declares(library: str) -> None:
    """Public columns, groups and each column's own agencies come from the schema, and every agency named is believed
    somewhere in the library's default."""
    policy = policy_of(library)
    assert policy.public == public(library)
    assert policy.groups == groups(library)
    assert dict(policy.special) == {one.name: one.survivorship for one in facts(library) if one.survivorship}
    assert {agency for agencies in policy.special.values() for agency in agencies} <= set(AUTHORITY[library])
