"""Placing records in entities: whole columns against one by one, and what may never be joined."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.core import resolve as resolving
from exchange.core.resolve import BROUGHT, HELD, LINKS, ROWS, SIBLINGS, Plan, Resolution, resolve

KINDS = ("uscc", "org_code", "reg_no")
ENTITIES = ["E1", "E2"]
NAMES = [None, b"name 1", b"name 2"]
Sets = defaultdict[str, set[bytes | None]]


@dataclass(frozen=True)
class Record:
    """A record to place: its name, the entity it has already, its identifiers by kind."""

    name: bytes | None = None
    entity: str | None = None
    keys: dict[str, bytes] = field(default_factory=dict)

    @property
    def strong(self) -> bytes | None:
        """Its strongest identifier."""
        return self.keys.get("uscc")


@dataclass(frozen=True)
class Held:
    """An identifier that an entity holds, and the strong one it was brought with."""

    kind: str
    key: bytes
    entity: str
    weak_strong: bytes | None = None

    @property
    def strong(self) -> bytes | None:
        """A strong identifier is its own."""
        return self.key if self.kind == "uscc" else self.weak_strong


@dataclass(frozen=True)
class Case:
    """A page, and what is settled around it."""

    records: list[Record]
    held: list[Held] = field(default_factory=list)
    siblings: list[tuple[str, bytes | None]] = field(default_factory=list)


keys_by_kind = st.fixed_dictionaries({}, optional={kind: st.sampled_from([b"1", b"2", b"3"]) for kind in KINDS})
some_records = st.lists(
    st.builds(Record, st.sampled_from(NAMES), st.sampled_from([None, None, *ENTITIES]), keys_by_kind), max_size=6
)
some_held = st.lists(
    st.builds(
        Held,
        st.sampled_from(KINDS),
        st.sampled_from([b"1", b"2", b"3"]),
        st.sampled_from(ENTITIES),
        st.sampled_from([None, b"1", b"2"]),
    ),
    max_size=4,
    unique_by=lambda one: (one.kind, one.key),
)
cases = st.builds(
    Case, some_records, some_held, st.lists(st.tuples(st.sampled_from(ENTITIES), st.sampled_from(NAMES)), max_size=2)
)


def frames(case: Case) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame, Plan]:
    """The case as the arguments of `resolve`."""
    lines = [(row, b"r%d" % row, one.name, one.entity) for row, one in enumerate(case.records)]
    links = [(row, kind, key) for row, one in enumerate(case.records) for kind, key in one.keys.items()]
    return (
        pl.DataFrame(lines, schema=ROWS, orient="row"),
        pl.DataFrame(links, schema=LINKS, orient="row"),
        pl.DataFrame([(one.kind, one.key, one.entity, one.strong) for one in case.held], schema=HELD, orient="row"),
        pl.DataFrame(
            [(entity, b"s%d" % place, name) for place, (entity, name) in enumerate(case.siblings)],
            schema=SIBLINGS,
            orient="row",
        ),
        Plan(KINDS, [f"new {place}" for place in range(len(case.records))]),
    )


def placed(case: Case) -> Resolution:
    """The resolution of the code under test."""
    return resolve(*frames(case))


def placed_one_by_one(case: Case) -> Resolution:
    """Every row the slow way, as if each were known or shared something."""
    rows, links, held, siblings, plan = frames(case)
    around = resolving._around(held, siblings, plan.kinds)
    return resolving._one_by_one(resolving._rows(rows, links, plan.kinds), around, iter(plan.new_ids))


def homes(found: Resolution) -> dict[int, str]:
    """Row → entity."""
    return dict(found.entities.select("row", "entity_id").iter_rows())


def without_new_ids(found: Resolution) -> list[list[tuple[object, ...]]]:
    """All frames, sorted, with new entities named by the lowest row in them."""
    first: dict[str, int] = {}
    for row, entity, fresh in found.entities.iter_rows():
        if fresh:
            first.setdefault(entity, row)

    def named(value: object) -> object:
        return f"row {first[value]}" if isinstance(value, str) and value in first else value

    parts = (found.entities, found.links, found.strongs, found.conflicts)
    return [sorted((tuple(map(named, line)) for line in part.iter_rows()), key=repr) for part in parts]


@given(cases)
@settings(deadline=None, max_examples=250)
def test_whole_columns_place_rows_as_one_by_one_does(case: Case) -> None:
    """The fast way for rows that nobody knows gives what the slow way gives, up to the new ids."""
    assert without_new_ids(placed(case)) == without_new_ids(placed_one_by_one(case))


@given(cases)
@settings(deadline=None, max_examples=250)
def test_rows_and_identifiers_have_one_place(case: Case) -> None:
    """Each row is placed once, where it already was if it was somewhere; each identifier is held by one entity, or its
    row is shown as a conflict with the one that holds it."""
    found = placed(case)
    home = homes(found)
    assert found.entities["row"].to_list() == list(range(len(case.records)))
    for row, entity, fresh in found.entities.iter_rows():
        assert case.records[row].entity in (None, entity)
        assert fresh == (entity.startswith("new") and min(at for at in home if home[at] == entity) == row)
    before = {(one.kind, one.key): one.entity for one in case.held}
    added = {(kind, key): entity for kind, key, entity in found.links.iter_rows()}
    assert len(added) == found.links.height
    assert not set(added) & set(before)
    refused = {(record, kind): other for kind, record, _, other, _ in found.conflicts.iter_rows()}
    assert len(refused) == found.conflicts.height
    shown = {
        (b"r%d" % row, kind): (before | added)[kind, key]
        for row, one in enumerate(case.records)
        for kind, key in one.keys.items()
        if (before | added)[kind, key] != home[row]
    }
    assert refused == shown


@given(cases)
@settings(deadline=None, max_examples=250)
def test_joining_never_mixes_names_or_strong_identifiers(case: Case) -> None:
    """A record joins an entity only if all names of its feed there are its own, and only if its strongest identifier is
    the entity's. Records that are there already stay, whatever they come to be called."""
    home = homes(placed(case))
    names: Sets = defaultdict(set)
    strongs: Sets = defaultdict(set)
    given_before: Sets = defaultdict(set)
    for entity, name in case.siblings:
        names[entity] |= {name}
    for one in case.held:
        given_before[one.entity] |= {one.strong}
    for row, record in enumerate(case.records):
        names[home[row]] |= {record.name}
        (strongs if record.entity is None else given_before)[home[row]] |= {record.strong}
    for row, record in enumerate(case.records):
        if record.entity is None and record.name is not None:
            assert names[home[row]] <= {None, record.name}
        if record.entity is None and record.strong is not None:
            settled = given_before[home[row]] - {None}
            assert record.strong in settled if settled else strongs[home[row]] <= {None, record.strong}


@given(cases)
@settings(deadline=None, max_examples=150)
def test_an_entity_learns_its_strong_identifier(case: Case) -> None:
    """An entity of which no strong identifier was known has one of its own as soon as a record brings one."""
    found = placed(case)
    known = {one.entity for one in case.held if one.strong is not None}
    brought: Sets = defaultdict(set)
    for row, entity in homes(found).items():
        brought[entity] |= {case.records[row].strong} - {None}
    assert set(found.strongs["entity_id"]) == {entity for entity in brought if brought[entity]} - known
    assert found.strongs["entity_id"].is_unique().all()
    assert all(strong in brought[entity] for entity, strong in found.strongs.iter_rows())


def rules(case: Case) -> list[str]:
    """Rules of the conflicts that the case comes to."""
    return placed(case).conflicts["rule"].to_list()


def test_one_code_with_two_names_is_two_entities() -> None:
    """Two rows of one feed with one code and two names are kept apart and shown (standards §5, defect 21)."""
    case = Case([Record(b"name 1", keys={"uscc": b"1"}), Record(b"name 2", keys={"uscc": b"1"})])
    assert len(set(homes(placed(case)).values())) == 2
    assert rules(case) == ["link.one_code_two_names"]


def test_one_code_with_one_name_is_one_entity() -> None:
    """The same identifier joins where names agree or one of them is missing."""
    for name in (b"name 1", None):
        case = Case([Record(b"name 1", keys={"uscc": b"1"}), Record(name, keys={"uscc": b"1"})])
        assert len(set(homes(placed(case)).values())) == 1
        assert rules(case) == []


def test_two_credit_codes_are_never_joined_through_a_weaker_code() -> None:
    """Two firms with one organisation code and two credit codes stay two, settled before or in one page."""
    first, second = Record(keys={"uscc": b"1", "org_code": b"9"}), Record(keys={"uscc": b"2", "org_code": b"9"})
    assert len(set(homes(placed(Case([first, second]))).values())) == 2
    held = [Held("uscc", b"1", "E1"), Held("org_code", b"9", "E1", b"1")]
    assert homes(placed(Case([second], held))) == {0: "new 0"}
    assert rules(Case([second], held)) == ["link.two_strong_identifiers"]


def test_two_credit_codes_are_not_joined_by_a_chain_of_weaker_codes() -> None:
    """A record without a credit code that joins two others' identifiers does not make them one entity."""
    between = Record(keys={"org_code": b"9", "reg_no": b"5"})
    first, second = Record(keys={"uscc": b"1", "reg_no": b"5"}), Record(keys={"uscc": b"2", "org_code": b"9"})
    for records in ([between, first, second], [first, between, second], [second, between, first]):
        home = homes(placed(Case(records)))
        assert home[records.index(first)] != home[records.index(second)]
    held = [Held("org_code", b"9", "E1", b"1"), Held("reg_no", b"5", "E1", b"1")]
    later = placed(Case([Record(keys={"reg_no": b"5", "org_code": b"8"})], held))
    assert later.links.row(0) == ("org_code", b"8", "E1")


def test_a_renamed_record_is_seen_under_its_new_name() -> None:
    """A row with the old name does not join an entity whose record gets another name in the same page, even if it was
    read first."""
    held = [Held("uscc", b"1", "E1")]
    renamed, newcomer = Record(b"name 2", "E1", {"uscc": b"1"}), Record(b"name 1", keys={"uscc": b"1"})
    assert homes(placed(Case([newcomer, renamed], held))) == {0: "new 0", 1: "E1"}


def test_a_stronger_identifier_decides_between_two_entities() -> None:
    """Where identifiers point to two entities, the credit code's entity is taken and the other is shown."""
    held = [Held("uscc", b"1", "E1"), Held("org_code", b"9", "E2")]
    case = Case([Record(keys={"uscc": b"1", "org_code": b"9"})], held)
    assert homes(placed(case)) == {0: "E1"}
    assert placed(case).conflicts.row(0) == ("org_code", b"r0", "E1", "E2", "link.held_elsewhere")


def test_a_record_that_names_a_held_code_stays_in_its_entity() -> None:
    """A known record whose code turns out to be another entity's stays where it is, and the code too."""
    case = Case([Record(b"name 1", "E1", {"uscc": b"2"})], [Held("uscc", b"2", "E2")])
    assert homes(placed(case)) == {0: "E1"}
    assert placed(case).links.height == 0
    assert rules(case) == ["link.held_elsewhere"]


def test_rows_without_identifiers_are_entities_of_their_own() -> None:
    """Names alone join nothing."""
    case = Case([Record(b"name 1"), Record(b"name 1")])
    assert len(set(homes(placed(case)).values())) == 2


def test_an_empty_page_places_nothing() -> None:
    """No rows, no entities, and the frames keep their columns."""
    found = placed(Case([]))
    assert found.entities.is_empty()
    assert found.links.schema == BROUGHT
