"""I2 and I3, broken by hand on copies of a sound hub's topics."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Timer

import pytest
from confluent_kafka import Producer

from exchange.verify.events import Topic, as_topic, exactly_once, exactly_once_in, order, read_topics
from exchange.verify.finding import Finding, Unreached
from exchange.verify.ground import number, rows, snapshot
from exchange.verify.topic import Message, Position, event, library_topic, messages, read_position
from tests.verify.small_hub import Edit, SmallHub, broken, copied_topics

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


@dataclass(frozen=True)
class Published:
    """What the sound hub's topic of legal persons holds."""

    messages: list[Message]
    position: Position


@pytest.fixture(scope="session")
def published(hub: SmallHub) -> Published:
    """The topic as kafka-python reads it."""
    ground, topic = hub.ground(), library_topic(LIBRARY, hub.prefix)
    position = read_position(ground, topic, hub.prefix)
    assert position
    return Published(list(messages(ground, topic)), position)


def _topic(found: Sequence[Message], position: Position | None) -> Topic:
    """What the checker would read if the topic held these messages in this order."""
    placed = [replace(message, offset=offset) for offset, message in enumerate(found)]
    return as_topic(LIBRARY, [event(message) for message in placed], position)


def _once(hub: SmallHub, topic: Topic) -> Finding:
    with snapshot(hub.ground().database_url) as session:
        return exactly_once_in(session, [topic])


def _lowered(found: list[Message]) -> Sequence[Message]:
    newest = _newest(found)
    return [_at(each, _version(each) - 1) if each is newest else each for each in found]


def _newest(found: list[Message]) -> Message:
    return max(found, key=_version)


ONCE: dict[str, tuple[Edit, str]] = {
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
        _lowered,
        "entities of legal_person at another version",
    ),
    "no event": (lambda found: [*found, Message(0, 0, b"key", b"no JSON", ())], "that are no events"),
}


@pytest.mark.parametrize("case", ONCE)
def test_exactly_once_broken(hub: SmallHub, published: Published, case: str) -> None:
    """A duplicate, a loss, an invention or an old version as the last one is found by I2."""
    edit, phrase = ONCE[case]
    found = _once(hub, _topic(edit(published.messages), published.position))
    assert not found.ok
    assert phrase in found.detail


POSITIONS: dict[str, Callable[[Position], Position | None]] = {
    "counts": lambda at: replace(at, published=1),
    "digest": lambda at: replace(at, digest="00"),
    "beyond": lambda at: replace(at, seq=at.seq + 1, published=at.published + 1),
    "incarnation": lambda at: replace(at, incarnation="older"),
    "none": lambda at: None,
}


@pytest.mark.parametrize("case", POSITIONS)
def test_position_broken(hub: SmallHub, published: Published, case: str) -> None:
    """A position that the database does not know, or whose counts do not add up, is found by I2."""
    found = _once(hub, _topic(published.messages, POSITIONS[case](published.position)))
    assert not found.ok
    assert "position of legal_person not that of the database" in found.detail


def test_changes_wait(hub: SmallHub, published: Published) -> None:
    """Changes after the position wait and are no fault, also of entities whose earlier change they overtook."""
    sql = "SELECT last_seq, encode(digest, 'hex') FROM page WHERE library_id = 1 AND last_seq > 0 ORDER BY last_seq LIMIT 1"
    with snapshot(hub.ground().database_url) as session:
        [(upto, digest)] = rows(session, sql)
    seq = number(upto)
    earlier = [message for message in published.messages if int(_ident(message)[2]) <= seq]
    overtaken = seq - len(earlier)
    at = replace(published.position, seq=seq, digest=str(digest), published=len(earlier), overtaken=overtaken)
    found = _once(hub, _topic(earlier, at))
    assert found.ok, found.detail
    assert overtaken > 0
    assert f"{published.position.seq - seq} changes wait" in found.detail


def test_restored_database(hub: SmallHub, published: Published) -> None:
    """Events ahead of the change log (an older database was restored) are found."""
    back = ("DELETE FROM change WHERE library_id = 1 AND seq > 20", "UPDATE library SET last_seq = 20 WHERE id = 1")
    with broken(hub, *back) as session:
        found = exactly_once_in(session, [_topic(published.messages, published.position)])
    assert not found.ok
    assert "that are no published change" in found.detail


ORDER: dict[str, tuple[Edit, str]] = {
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
def test_order_broken(published: Published, case: str) -> None:
    """A version that does not rise, or an event that is not of its key, is found by I3."""
    edit, phrase = ORDER[case]
    found = order([_topic(edit(published.messages), published.position)])
    assert not found.ok
    assert phrase in found.detail


BROKER: dict[str, tuple[Edit, set[str]]] = {
    "sound": (list, set()),
    "repeated": (ONCE["repeated"][0], {"I2", "I3"}),
    "lost": (ONCE["lost"][0], {"I2"}),
    "falls": (ORDER["falls"][0], {"I2", "I3"}),
}


@pytest.mark.usefixtures("kafka_sockets")
@pytest.mark.parametrize("case", BROKER)
def test_broken_on_the_broker(hub: SmallHub, case: str) -> None:
    """The same, with the messages really lying on the broker: the copy alone is sound, each edit is found."""
    edit, wrong = BROKER[case]
    ground = hub.ground()
    topics = read_topics(ground, copied_topics(hub, LIBRARY, edit))
    findings = {"I2": exactly_once(ground, topics), "I3": order(topics)}
    assert {name for name, finding in findings.items() if not finding.ok} == wrong


@contextmanager
def _left_open(hub: SmallHub, topic: str, seconds: float) -> Iterator[Producer]:
    """A transaction on the topic that is left open for so long, and then given up."""
    options = {"bootstrap.servers": hub.services.kafka_bootstrap, "transactional.id": f"{topic}-{secrets.token_hex(4)}"}
    producer = Producer(options)
    producer.init_transactions(30)
    producer.begin_transaction()
    producer.produce(topic, b"{}", b"key")
    producer.flush(30)
    timer = Timer(seconds, producer.abort_transaction, (30,))
    timer.start()
    try:
        yield producer
    finally:
        timer.join()


@pytest.mark.usefixtures("kafka_sockets")
def test_uncommitted_is_not_read(hub: SmallHub) -> None:
    """What a publisher sent and then gave up is no event; what it left open is waited for until it is given up too."""
    prefix = copied_topics(hub, LIBRARY, list)
    topic, ground = library_topic(LIBRARY, prefix), hub.ground()
    with _left_open(hub, topic, 0.0):
        pass
    with _left_open(hub, topic, 1.0):
        assert exactly_once(ground, read_topics(ground, prefix)).ok


@pytest.mark.usefixtures("kafka_sockets")
def test_position_behind_an_open_transaction(hub: SmallHub) -> None:
    """A position committed behind another library's open transaction is seen once that has ended."""
    prefix = copied_topics(hub, LIBRARY, list)
    topic, ground = library_topic(LIBRARY, prefix), hub.ground()
    position = read_position(ground, topic, prefix)
    assert position
    later = replace(position, seq=position.seq + 1, overtaken=position.overtaken + 1)
    with _left_open(hub, f"{prefix}.position", 1.0):
        producer = Producer({"bootstrap.servers": hub.services.kafka_bootstrap})
        producer.produce(f"{prefix}.position", json.dumps(later.__dict__).encode(), topic.encode())
        assert producer.flush(30) == 0
        assert read_position(ground, topic, prefix) == later


@pytest.mark.usefixtures("kafka_sockets")
def test_transaction_that_does_not_end(hub: SmallHub) -> None:
    """A transaction that stays open longer than one may is said to be unfinished: what lies behind it can't be seen."""
    prefix = copied_topics(hub, LIBRARY, list)
    with _left_open(hub, f"{prefix}.position", 1.0), pytest.raises(Unreached, match="not finished yet") as away:
        read_position(hub.ground(), library_topic(LIBRARY, prefix), prefix, patience=0.1)
    assert f"{prefix}.position" in away.value.zh
