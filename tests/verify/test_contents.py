"""What records, golden records and events hold, altered by hand in a sound hub."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from exchange.verify.bundle import members
from exchange.verify.conservation import conserved_in
from exchange.verify.contents import contents
from exchange.verify.events import Topic, as_topic, exactly_once_in
from exchange.verify.ground import count, snapshot
from exchange.verify.topic import Message, event, library_topic, messages, read_position
from tests.verify.small_hub import SmallHub, broken

pytestmark = pytest.mark.servers
LIBRARY = "legal_person"
SEALED = "(SELECT min(entity_id) FROM golden_legal_person WHERE contact IS NOT NULL)"
OTHER = "(SELECT max(entity_id) FROM golden_legal_person WHERE contact IS NOT NULL)"
ALONE = (
    "(SELECT min(r.entity_id) FROM (SELECT entity_id FROM record GROUP BY 1 HAVING count(*) = 1) r "
    "JOIN golden_legal_person g ON g.entity_id = r.entity_id WHERE g.contact IS NOT NULL)"
)
SHARED = (
    "(SELECT min(r.entity_id) FROM (SELECT entity_id FROM record WHERE NOT withdrawn GROUP BY 1 HAVING count(*) > 1) r "
    "JOIN golden_legal_person g ON g.entity_id = r.entity_id)"
)
ITS_RECORD = f"(SELECT contact_record FROM golden_legal_person WHERE entity_id = {SEALED})"

VALUES = "golden records of legal_person with values that no record of theirs has 1"
ENVELOPES = "golden records of legal_person with envelopes that no record of theirs has"
ORIGINS = "golden records of legal_person with other sources than their records"

GOLDEN = {
    "value replaced": (f"UPDATE golden_legal_person SET name = 'X' WHERE entity_id = {SEALED}", VALUES),
    "value replaced where several agree": (
        f"UPDATE golden_legal_person SET name = 'X' WHERE entity_id = {SHARED}",
        VALUES,
    ),
    "date replaced": (
        (
            "UPDATE golden_legal_person SET established_on = established_on + 1 WHERE entity_id = "
            "(SELECT min(entity_id) FROM golden_legal_person WHERE established_on IS NOT NULL)"
        ),
        VALUES,
    ),
    "amount replaced": (
        (
            "UPDATE golden_legal_person SET reg_capital = reg_capital + 0.01 WHERE entity_id = "
            "(SELECT min(entity_id) FROM golden_legal_person WHERE reg_capital IS NOT NULL)"
        ),
        VALUES,
    ),
    "value emptied": (f"UPDATE golden_legal_person SET domicile = NULL WHERE entity_id = {ALONE}", VALUES),
    "envelope damaged": (
        (
            "UPDATE golden_legal_person SET contact = set_byte(contact, 70, 255 - get_byte(contact, 70)) "
            f"WHERE entity_id = {SEALED}"
        ),
        f"{ENVELOPES} 1",
    ),
    "envelope of another entity": (
        (
            "UPDATE golden_legal_person SET (contact, contact_record) = (SELECT contact, contact_record "
            f"FROM golden_legal_person WHERE entity_id = {OTHER}) WHERE entity_id = {SEALED}"
        ),
        f"{ENVELOPES} 1",
    ),
    "envelope emptied": (
        f"UPDATE golden_legal_person SET contact = NULL, contact_record = NULL WHERE entity_id = {SEALED}",
        f"{ENVELOPES} 1",
    ),
    "envelope of no record": (
        f"UPDATE golden_legal_person SET contact_record = NULL WHERE entity_id = {SEALED}",
        f"{ENVELOPES} 1",
    ),
    "another record named": (
        (
            "UPDATE golden_legal_person SET contact_record = decode('00112233445566778899aabbccddeeff', 'hex') "
            f"WHERE entity_id = {SEALED}"
        ),
        f"{ENVELOPES} 1",
    ),
    "sources": (
        f"UPDATE golden_legal_person SET sources = replace(sources, '20', '19') WHERE entity_id = {SEALED}",
        f"{ORIGINS} 1",
    ),
}

RECORDS = {
    "content hash": (
        f"UPDATE record SET content_hash = sha256(content_hash)::bytea WHERE id = {ITS_RECORD}",
        "records unlike the newest row that brought them 1",
    ),
    "batch": (
        f"UPDATE record SET batch_id = batch_id + 1 WHERE id = {ITS_RECORD}",
        "records unlike the newest row that brought them 1",
    ),
    "withdrawn by nobody": (
        "UPDATE record SET withdrawn = true WHERE id = (SELECT min(id) FROM record WHERE NOT withdrawn)",
        "records unlike the newest row that brought them 1",
    ),
    "ordering": (f"UPDATE record SET ordering = ordering + 1000000 WHERE id = {ITS_RECORD}", f"{ORIGINS} 1"),
    "ordering beyond any date": (
        f"UPDATE record SET ordering = 9223372036854775807 WHERE id = {ITS_RECORD}",
        f"{ORIGINS} 1",
    ),
    "public part": (
        f'UPDATE record SET unsealed = \'{{"name":"X"}}\' WHERE entity_id = {ALONE}',
        VALUES,
    ),
    "bundle damaged": (
        f"UPDATE record SET sealed = set_byte(sealed, 70, 255 - get_byte(sealed, 70)) WHERE id = {ITS_RECORD}",
        ENVELOPES,
    ),
    "bundle cut short": (
        f"UPDATE record SET sealed = substr(sealed, 1, octet_length(sealed) - 1) WHERE id = {ITS_RECORD}",
        "records of legal_person whose envelopes can't be told apart 1",
    ),
    "moved to another entity": (f"UPDATE record SET entity_id = {OTHER} WHERE id = {ITS_RECORD}", ORIGINS),
    "link keys deleted": ("DELETE FROM link_key", "entities whose strongest identifier is no link key"),
    "link key redirected": (
        (
            f"UPDATE link_key SET entity_id = {OTHER} WHERE key = (SELECT min(k.key) FROM link_key k "
            "JOIN entity e ON e.strong = k.key AND e.id = k.entity_id WHERE k.library_id = "
            "(SELECT id FROM library WHERE name = 'legal_person'))"
        ),
        "strongest identifiers that lead to another entity 1",
    ),
}


@pytest.mark.parametrize("case", GOLDEN | RECORDS)
def test_contents_altered(hub: SmallHub, case: str) -> None:
    """Whatever of a golden record, a record or its links is not what its pages brought is found and named by I1."""
    statement, phrase = (GOLDEN | RECORDS)[case]
    with broken(hub, statement) as session:
        found = conserved_in(hub.ground(addresses={}), session)
    assert not found.ok
    assert phrase in found.detail


@pytest.mark.parametrize("rows", [1_000_000, 100])
def test_slices_make_no_difference(hub: SmallHub, rows: int) -> None:
    """A sound hub is sound and a fault is counted once, into however many slices the hub is cut."""
    with snapshot(hub.ground().database_url) as session:
        assert [wrong for wrong in contents(session, rows) if wrong.count] == []
    with broken(hub, *(statement for statement, _ in (GOLDEN["sources"], RECORDS["content hash"]))) as session:
        assert [wrong.count for wrong in contents(session, rows) if wrong.count] == [1, 1]


@pytest.fixture(scope="session")
def topic(hub: SmallHub) -> tuple[list[Message], Topic]:
    """What the sound hub's topic of legal persons holds."""
    ground, name = hub.ground(), library_topic(LIBRARY, hub.prefix)
    found = list(messages(ground, name))
    return found, as_topic(LIBRARY, map(event, found), read_position(ground, name, hub.prefix))


UNLIKE = "golden records of legal_person unlike their last event"


@pytest.mark.parametrize("case", GOLDEN)
def test_golden_unlike_its_event(hub: SmallHub, topic: tuple[list[Message], Topic], case: str) -> None:
    """Whatever of a golden record is not what was published of it is found by I2."""
    with broken(hub, GOLDEN[case][0]) as session:
        found = exactly_once_in(session, [topic[1]])
    assert not found.ok
    assert f"{UNLIKE} 1" in found.detail


def test_golden_of_all_altered(hub: SmallHub, topic: tuple[list[Message], Topic]) -> None:
    """One statement over the whole library is counted row by row."""
    with broken(hub, "UPDATE golden_legal_person SET name = 'X'") as session:
        altered = count(session, "SELECT count(*) FROM golden_legal_person")
        found = exactly_once_in(session, [topic[1]])
    assert f"{UNLIKE} {altered}" in found.detail


def _edited(message: Message, **members: object) -> Message:
    return replace(message, value=json.dumps({**json.loads(message.value or b""), **members}).encode())


def _last_live(found: Sequence[Message]) -> int:
    seen = {message.key: place for place, message in enumerate(found)}
    return next(place for place in seen.values() if json.loads(found[place].value or b"")["sealed"].get("contact"))


EVENTS: dict[str, dict[str, object]] = {
    "values": {"values": {"name": "X"}},
    "sealed": {"sealed": {}},
    "sources": {"sources": []},
}


@pytest.mark.parametrize("member", EVENTS)
def test_event_altered(hub: SmallHub, topic: tuple[list[Message], Topic], member: str) -> None:
    """An event that shows anything else than the golden record of its version is found by I2."""
    found, sound = topic
    place = _last_live(found)
    altered = [_edited(each, **EVENTS[member]) if at == place else each for at, each in enumerate(found)]
    with snapshot(hub.ground().database_url) as session:
        detail = exactly_once_in(session, [as_topic(LIBRARY, map(event, altered), sound.position)]).detail
    assert f"{UNLIKE} 1" in detail


def test_bundle_of_nothing_and_of_rubbish() -> None:
    """A bundle holds its envelopes by group, one cut anywhere none."""
    whole = b"\x02\0\0\0\3abxyz" + b"\x01\0\0\0\1cq"
    assert members(whole) == {"ab": b"xyz", "c": b"q"}
    assert members(b"") == {}
    cuts = [members(whole[:size]) for size in range(len(whole))]
    assert [each for each in cuts if each is not None] == [{}, {"ab": b"xyz"}]
    assert members(b"\x01\0\0\0\0\xff") is None


def test_withdrawn_entity(hub: SmallHub, topic: tuple[list[Message], Topic]) -> None:
    """A withdrawn entity has no golden record, and its last event shows nothing of it."""
    found, sound = topic
    place = _last_live(found)
    entity = (found[place].key or b"").decode()
    empty = _edited(found[place], values={}, sealed={}, sources=[])
    gone = [empty if at == place else each for at, each in enumerate(found)]
    with broken(hub, f"DELETE FROM golden_legal_person WHERE entity_id = '{entity}'") as session:
        before = exactly_once_in(session, [sound]).detail
        after = exactly_once_in(session, [as_topic(LIBRARY, map(event, gone), sound.position)]).detail
    assert f"{UNLIKE} 1" in before
    assert UNLIKE not in after
