"""Publishing: exactly once, in order, with the position inside the transaction, and never from a restored database."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from exchange.core.errors import Away, Broken
from exchange.core.seal import Place, SealBroken, open_mixed
from exchange.core.tag import tag, tag_key
from exchange.core.topics import MAJOR, library_topic
from exchange.edge.broker.address import Broker
from exchange.edge.period_secrets import secret_by_id
from exchange.edge.publish import Published, publish
from exchange.edge.store.database import Store
from exchange.embedded.services import Services
from tests.edge.firms import LIBRARY, deliver, firm, newer, run, send
from tests.edge.stores import Template, act, number, opened, rows, value
from tests.edge.topics import events, live, position, rising

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def sent(
    template: Template, services: Services, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Store, Broker]]:
    """A store with eight firms, published twice, and the broker with their topic; no test changes either."""
    broker = Broker(services.kafka_bootstrap, prefix="test_sent")
    folder = tmp_path_factory.mktemp("sent")
    deliver(folder, "a.csv", [firm(n) for n in range(8)])
    with opened(template) as store:
        run(store, folder)
        assert [send(store, broker).published for _ in range(2)] == [8, 0]
        yield store, broker


def test_each_version_once(loaded: tuple[Store, Path], broker: Broker) -> None:
    """Everything is published once, in order; publishing again sends nothing; a newer version is one event more."""
    store, folder = loaded
    assert send(store, broker) == Published(LIBRARY, 8, 8, 8, 0)
    assert send(store, broker) == Published(LIBRARY, 8, 0, 0, 0)
    newer(folder, "b.csv", 2, 3, 4)
    run(store, folder)
    assert send(store, broker) == Published(LIBRARY, 8, 2, 2, 0)
    found = events(broker, LIBRARY)
    assert len(found) == len({(event.entity, event.version) for event in found}) == 10
    assert rising(found)
    assert sorted(event.version for event in found) == [1] * 8 + [2, 2]


def test_events_are_cloudevents(sent: tuple[Store, Broker]) -> None:
    """The headers name the change, the library and the incarnation; the value holds public columns and envelopes only."""
    store, broker = sent
    incarnation = value(store, "SELECT incarnation FROM library")
    found = events(broker, LIBRARY)
    assert {event.headers["ce_id"] for event in found} == {f"{incarnation}/{LIBRARY}/{seq}" for seq in range(1, 9)}
    assert {event.headers["ce_source"] for event in found} == {f"/binhai/hub/{incarnation}/{LIBRARY}"}
    assert {event.headers["ce_type"] for event in found} == {f"{LIBRARY}.changed"}
    assert {event.headers["ce_specversion"] for event in found} == {"1.0"}
    assert {event.values["name"] for event in found} == {firm(n)["name"] for n in range(8)}
    shown = json.dumps([event.values for event in found], ensure_ascii=False)
    for n in range(8):
        for column in ("legal_rep", "legal_rep_id", "phone", "address"):
            assert firm(n)[column] not in shown


def secret(store: Store, envelope: bytes) -> tuple[bytes, bytes]:
    """Key id and period secret of an envelope, as an agency with a grant holds them."""
    key_id = envelope[2:10]
    with store.engine.begin() as connection:
        return key_id, secret_by_id(connection, store.keys, key_id).secret


def test_a_granted_agency_opens_the_events(sent: tuple[Store, Broker]) -> None:
    """With the period's secret, each tag proves that the envelope belongs to this version of this entity, and each
    envelope opens; with another group's place it does not."""
    store, broker = sent
    seen = {}
    for event in events(broker, LIBRARY):
        assert set(event.sealed) == {"representative", "contact"}
        for group, (record, envelope, mark) in event.sealed.items():
            key_id, period = secret(store, envelope)
            assert mark == tag(tag_key(period, key_id), event.entity.encode(), event.version, group, envelope)
            place = Place(LIBRARY, group, MAJOR[LIBRARY])
            [plain] = open_mixed({key_id: period}, [envelope], [record], place)
            seen[event.values["uscc"], group] = json.loads(plain or b"{}")
            with pytest.raises(SealBroken):
                open_mixed({key_id: period}, [envelope], [bytes(16)], place)
    for n in range(8):
        line = firm(n)
        assert seen[line["uscc"], "representative"]["legal_rep_name"] == line["legal_rep"]
        assert seen[line["uscc"], "representative"]["legal_rep_id_no"] == line["legal_rep_id"]
        assert seen[line["uscc"], "contact"]["phone"] == line["phone"]
        assert seen[line["uscc"], "contact"]["contact_address"] == line["address"]


def test_a_version_that_was_overtaken_is_not_sent(loaded: tuple[Store, Path], broker: Broker) -> None:
    """Of two versions settled between two publishings only the newer is sent; the other counts as overtaken."""
    store, folder = loaded
    newer(folder, "b.csv", 2, 0, 1, 2)
    run(store, folder)
    newer(folder, "c.csv", 3, 0)
    run(store, folder)
    sent = send(store, broker)
    assert sent == Published(LIBRARY, 8, 12, 8, 4)
    found = events(broker, LIBRARY)
    assert sorted(event.version for event in found) == [1, 1, 1, 1, 1, 2, 2, 3]
    assert position(broker, LIBRARY) is not None


def test_the_position_is_that_of_the_last_page(sent: tuple[Store, Broker]) -> None:
    """The position on its topic names the incarnation, the last change and the digest of the page that ended there."""
    store, broker = sent
    [(incarnation, seq, digest)] = rows(store, "SELECT incarnation, last_seq, encode(digest, 'hex') FROM library")
    assert position(broker, LIBRARY) == {
        "incarnation": incarnation, "seq": seq, "digest": digest, "published": 8, "overtaken": 0,
    }  # fmt: skip


def test_a_page_without_changes_moves_no_position(loaded: tuple[Store, Path], broker: Broker) -> None:
    """Unchanged pages after a publishing leave nothing to publish and no doubt about the database."""
    store, folder = loaded
    send(store, broker)
    deliver(folder, "b.csv", [firm(n) for n in range(8)][::-1])
    assert run(store, folder).counts.unchanged == 8
    before = position(broker, LIBRARY)
    assert send(store, broker) == Published(LIBRARY, 8, 0, 0, 0)
    assert position(broker, LIBRARY) == before
    newer(folder, "c.csv", 2, 1)
    run(store, folder)
    assert send(store, broker).published == 1


def refused(store: Store, broker: Broker) -> None:
    """Publishing is refused, and the topic stays as it was."""
    before = len(events(broker, LIBRARY))
    with pytest.raises(Broken) as ended:
        send(store, broker)
    assert (ended.value.code, ended.value.exit_code) == ("database_restored", 1)
    assert len(events(broker, LIBRARY)) == before


def test_a_database_that_lost_its_last_page(loaded: tuple[Store, Path], broker: Broker) -> None:
    """A database restored from before the last publishing is noticed, also when it went on with other pages since."""
    store, folder = loaded
    send(store, broker)
    act(
        store,
        "DELETE FROM page WHERE number = 1",
        "DELETE FROM change WHERE seq > 4",
        "UPDATE library SET last_seq = 4, digest = (SELECT digest FROM page)",
    )
    refused(store, broker)
    deliver(folder, "b.csv", [firm(n) for n in range(20, 30)])
    run(store, folder)
    assert number(store, "SELECT last_seq FROM library") > 8
    refused(store, broker)


def test_a_database_of_another_incarnation(loaded: tuple[Store, Path], broker: Broker) -> None:
    """A database of another incarnation does not publish to the topic of this one, even if it looks the same."""
    store, _ = loaded
    send(store, broker)
    act(store, "UPDATE library SET incarnation = 'another'")
    refused(store, broker)


def test_a_database_that_never_heard_of_the_library(loaded: tuple[Store, Path], broker: Broker, store: Store) -> None:
    """An empty database behind a topic that holds events is a restored one, not an empty library."""
    send(store, broker)
    act(store, "UPDATE library SET name = 'gone'")
    refused(store, broker)


def test_nothing_to_publish(store: Store, broker: Broker) -> None:
    """A library that no feed has filled publishes nothing and is no error."""
    assert send(store, broker) == Published(LIBRARY, 0, 0, 0, 0)


def test_a_broker_that_is_down(loaded: tuple[Store, Path]) -> None:
    """Without a broker publishing says so (exit code 3), changes nothing, and works once there is one."""
    store, _ = loaded
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(Away) as ended:
            send(store, Broker(address, prefix="test_down"))
    assert (ended.value.code, ended.value.exit_code) == ("broker_away", 3)


def test_a_database_that_is_away(broker: Broker, store: Store) -> None:
    """Without its database publishing says so (exit code 3)."""
    nowhere = Store("postgresql://hub:secret@127.0.0.1:1/hub", store.engine, store.keys)
    with pytest.raises(Away) as ended:
        send(nowhere, broker)
    assert ended.value.code == "database_away"
    assert "secret" not in str(ended.value)


def test_publishing_leaves_an_audit_entry(sent: tuple[Store, Broker]) -> None:
    """Each publishing that sent something is in the library's audit chain, with counts only."""
    store, broker = sent
    [(detail,)] = rows(store, "SELECT detail FROM audit WHERE act = 'published'")
    topic = library_topic(LIBRARY, broker.prefix)
    assert json.loads(str(detail)) == {"from": 0, "published": 8, "to": 8, "topic": topic}


def test_two_publishers_at_once(loaded: tuple[Store, Path], broker: Broker) -> None:
    """When a second publisher takes over, the first sends nothing more, and each version is out once."""
    store, folder = loaded
    send(store, broker)
    newer(folder, "b.csv", 2, 0, 1)
    run(store, folder)
    taken: list[Published] = []

    def take_over(_: int) -> None:
        if not taken:
            newer(folder, "c.csv", 3, 2, 3)
            run(store, folder)
            taken.append(send(store, broker))

    # What the first reads after that it may not send; whether it reads anything is a matter of time.
    with suppress(Broken):
        publish(store, broker, LIBRARY, take_over)
    assert [each.published for each in taken] == [2]
    found = events(broker, LIBRARY)
    assert len(found) == len({(event.entity, event.version) for event in found}) == 12
    assert rising(found)
    assert len(live(found)) == 8
