"""I2 and I3, broken by hand on copies of a sound hub's topics."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace

import psycopg
import pytest

from exchange.verify.events import exactly_once, order, read_topics
from exchange.verify.finding import Finding
from exchange.verify.topic import Message
from tests.verify.small_hub import Edit, SmallHub, changed, copied_topics

pytestmark = pytest.mark.servers
LIBRARY = "legal_person"


def _version(message: Message) -> int:
    return int(json.loads(message.value or b"")["version"])


def _headed(message: Message, **heads: str) -> Message:
    """The message with other headers (`ce_` left out of their names)."""
    new = {f"ce_{name}": text.encode() for name, text in heads.items()}
    return replace(message, headers=tuple((name, new.get(name, value)) for name, value in message.headers))


def _at(message: Message, version: int) -> Message:
    """The message as if it said another version, in value and header."""
    value = {**json.loads(message.value or b""), "version": version}
    return _headed(replace(message, value=json.dumps(value).encode()), sequence=str(version))


def _ident(message: Message) -> list[str]:
    return dict(message.headers)["ce_id"].decode().split("/")


def _position(**facts: object) -> Edit:
    def edit(found: list[Message]) -> Sequence[Message]:
        return [replace(each, value=json.dumps({**json.loads(each.value or b""), **facts}).encode()) for each in found]

    return edit


def _findings(hub: SmallHub, prefix: str, database: str | None = None) -> tuple[Finding, Finding]:
    ground = hub.ground(database)
    topics = read_topics(ground, prefix)
    return exactly_once(ground, topics), order(topics)


def _newest(found: list[Message]) -> Message:
    return max(found, key=_version)


ONCE: dict[str, tuple[Callable[[list[Message]], Sequence[Message]], str]] = {
    "repeated": (lambda found: [*found, found[3]], "repeated events"),
    "lost": (lambda found: found[1:], "changes of legal_person lost"),
    "all lost": (lambda found: [], "changes of legal_person lost"),
    "invented": (
        lambda found: [_headed(found[0], id="/".join([*_ident(found[0])[:2], "999999"])), *found[1:]],
        "that are no published change",
    ),
    "unnumbered": (
        lambda found: [_headed(found[0], id="/".join([*_ident(found[0])[:2], "x"])), *found[1:]],
        "that are no published change",
    ),
    "another kind": (
        lambda found: [_headed(found[0], type="legal_person.withdrawn"), *found[1:]],
        "that are no published change",
    ),
    "another incarnation": (
        lambda found: [_headed(found[0], id="/".join(["older", *_ident(found[0])[1:]])), *found[1:]],
        "another incarnation",
    ),
    "version lowered": (
        lambda found: [_at(each, _version(each) - 1) if each is _newest(found) else each for each in found],
        "entities of legal_person at another version",
    ),
    "no event": (lambda found: [*found, Message(0, 0, b"key", b"no JSON", ())], "that are no events"),
}


@pytest.mark.parametrize("case", ONCE)
def test_exactly_once_broken(hub: SmallHub, case: str) -> None:
    """A duplicate, a loss, an invention or an old version as the last one is found by I2."""
    edit, phrase = ONCE[case]
    once, _ = _findings(hub, copied_topics(hub, LIBRARY, edit))
    assert not once.ok
    assert phrase in once.detail


POSITIONS: dict[str, Edit] = {
    "counts": _position(published=1),
    "digest": _position(digest="00"),
    "beyond": _position(seq=1_000_000),
    "incarnation": _position(incarnation="older"),
    "none": lambda found: [],
}


@pytest.mark.parametrize("case", POSITIONS)
def test_position_broken(hub: SmallHub, case: str) -> None:
    """A position that the database does not know, or whose counts do not add up, is found by I2."""
    once, order_holds = _findings(hub, copied_topics(hub, LIBRARY, list, POSITIONS[case]))
    assert not once.ok
    assert "position of legal_person not that of the database" in once.detail
    assert order_holds.ok


def test_changes_wait(hub: SmallHub, copy: str) -> None:
    """Changes after the position wait and are no fault, also of entities whose earlier change they overtook."""
    with psycopg.connect(hub.ground(copy).database_url) as session:
        sql = "SELECT last_seq, encode(digest, 'hex') FROM page WHERE library_id = 1 AND last_seq > 0 ORDER BY last_seq LIMIT 1"
        row = session.execute(sql).fetchone()
        assert row
        last = session.execute("SELECT last_seq FROM library WHERE id = 1").fetchone()
    upto, digest = int(row[0]), str(row[1])

    def earlier(found: list[Message]) -> Sequence[Message]:
        return [each for each in found if int(_ident(each)[2]) <= upto]

    count = len(earlier([]))
    prefix = copied_topics(hub, LIBRARY, earlier, lambda found: _truncated(found, upto, digest))
    once, _ = _findings(hub, prefix, copy)
    assert once.ok, once.detail
    assert last
    assert last[0] > upto > count
    assert f"{last[0] - upto} changes wait" in once.detail


def _truncated(found: list[Message], upto: int, digest: str) -> Sequence[Message]:
    """The position at an earlier page; every change up to it counts as published."""
    told = [each for each in found if LIBRARY.encode() in (each.key or b"")]
    others = [each for each in found if each not in told]
    return [*others, *_position(seq=upto, digest=digest, published=upto, overtaken=0)(told[-1:])]


def test_lost_under_restored_database(hub: SmallHub, copy: str) -> None:
    """Events ahead of the change log (a restored database) are found."""
    changed(
        hub,
        copy,
        "DELETE FROM change WHERE library_id = 1 AND seq > 20",
        "UPDATE library SET last_seq = 20 WHERE id = 1",
    )
    once, _ = _findings(hub, hub.prefix, copy)
    assert not once.ok


ORDER: dict[str, tuple[Callable[[list[Message]], Sequence[Message]], str]] = {
    "falls": (
        lambda found: [*found, _at(_newest(found), _version(_newest(found)) - 1)],
        "versions of legal_person that do not rise",
    ),
    "stays": (lambda found: [*found, found[0]], "versions of legal_person that do not rise"),
    "spread": (
        lambda found: [*found, replace(_at(found[0], 9), partition=1 - found[0].partition)],
        "keys of legal_person in several partitions",
    ),
    "sequence": (lambda found: [_headed(found[0], sequence="77"), *found[1:]], "key, subject and version disagree"),
    "subject": (lambda found: [_headed(found[0], subject="nobody"), *found[1:]], "key, subject and version disagree"),
    "key": (lambda found: [replace(found[0], key=b"nobody"), *found[1:]], "key, subject and version disagree"),
}


@pytest.mark.parametrize("case", ORDER)
def test_order_broken(hub: SmallHub, case: str) -> None:
    """A version that does not rise, or an event that is not of its key, is found by I3."""
    edit, phrase = ORDER[case]
    _, found = _findings(hub, copied_topics(hub, LIBRARY, edit))
    assert not found.ok
    assert phrase in found.detail
