"""The publishing gate on a real golden table: passing, held, and without an answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from exchange.core.errors import Away, Broken
from exchange.core.expectations import suite
from exchange.edge.quality import Gate, check, hold
from exchange.edge.store.database import Store
from tests.edge.firms import deliver, firm, run
from tests.edge.stores import act, rows

pytestmark = pytest.mark.servers
SECRET = "吊销的秘密值"
ENTITY = "(SELECT min(entity_id) FROM golden_legal_person)"
COPIED = "INSERT INTO golden_legal_person (entity_id, version, name, uscc, sources) SELECT 'COPY', 1, name, uscc, '[]'"
BREAKS = {
    "name.not_null": ["UPDATE golden_legal_person SET name = NULL WHERE entity_id = " + ENTITY],
    "status.in_list": [f"UPDATE golden_legal_person SET status = '{SECRET}' WHERE entity_id = " + ENTITY],
    "entity_id.row_count": ["DELETE FROM golden_legal_person WHERE entity_id = " + ENTITY],
    "contact.paired": ["UPDATE golden_legal_person SET contact_record = NULL WHERE entity_id = " + ENTITY],
    "uscc.held_once": [
        f"{COPIED} FROM golden_legal_person WHERE entity_id = {ENTITY}",
        "UPDATE library SET entities = entities + 1 WHERE name = 'legal_person'",
    ],
}


@pytest.fixture
def library(store: Store, tmp_path: Path) -> Store:
    """A library of six legal persons."""
    deliver(tmp_path / "drops", "bench.csv", [firm(number) for number in range(6)])
    assert run(store, tmp_path / "drops").counts.new == 6
    return store


def test_a_library_passes(library: Store) -> None:
    """What the hub settled passes every expectation of the schema, and an empty library passes too."""
    assert hold(check(library, "legal_person")) == Gate("legal_person", len(suite("legal_person")), ())
    assert check(library, "person").failed == ()


@pytest.mark.parametrize("name", BREAKS)
def test_one_broken_row_holds_the_gate(library: Store, name: str) -> None:
    """Each kind of expectation sees what it is there for, alone, and the error shows its name and no value."""
    act(library, *BREAKS[name])
    found = check(library, "legal_person")
    assert found.failed == (name,)
    with pytest.raises(Broken) as held:
        hold(found)
    assert held.value.code == "gate_held"
    assert name in held.value.message
    assert SECRET not in held.value.message + held.value.hint + repr(found)


def test_a_code_kept_apart_on_purpose_passes(store: Store, tmp_path: Path) -> None:
    """Two names under one code are kept apart and recorded; the gate knows the record and lets them pass."""
    twins = [firm(1), {**firm(2), "uscc": firm(1)["uscc"]}]
    deliver(tmp_path / "drops", "a.csv", twins)
    run(store, tmp_path / "drops")
    [[golden, conflicts]] = rows(
        store, "SELECT (SELECT count(*) FROM golden_legal_person), (SELECT count(*) FROM link_conflict)"
    )
    if golden == 2:
        assert conflicts
    assert check(store, "legal_person").failed == ()


def test_no_answer_is_not_a_failure(library: Store) -> None:
    """A check that the database could not compute says so, and may be tried again; it is not taken for bad data."""
    act(library, "ALTER TABLE link_conflict RENAME TO link_conflict_gone")
    with pytest.raises(Away) as away:
        check(library, "legal_person")
    assert away.value.code == "gate_unanswered"
    act(library, "ALTER TABLE golden_legal_person RENAME TO golden_gone")
    with pytest.raises(Away):
        check(library, "legal_person")
