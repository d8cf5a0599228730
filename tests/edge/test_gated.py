"""Publishing behind the gate: held with nothing published, and not asked where nothing waits."""

from __future__ import annotations

from pathlib import Path

import pytest

from exchange.core.errors import Broken
from exchange.edge.broker.address import Broker
from exchange.edge.gated import publish_gated
from exchange.edge.publish import Published
from exchange.edge.store.database import Store
from tests.edge.firms import deliver, firm, run
from tests.edge.stores import act
from tests.edge.topics import events, position

pytestmark = pytest.mark.servers
LIBRARY = "legal_person"
BREAK = (
    "UPDATE golden_legal_person SET contact_record = NULL "
    "WHERE entity_id = (SELECT min(entity_id) FROM golden_legal_person)"
)
MEND = (
    "UPDATE golden_legal_person g SET contact_record = r.id FROM record r "
    "WHERE r.entity_id = g.entity_id AND g.contact_record IS NULL"
)


def send(store: Store, broker: Broker) -> Published:
    """Publish the library of firms behind its gate."""
    return publish_gated(store, broker, LIBRARY, lambda _: None)


def test_a_held_gate_publishes_nothing(store: Store, broker: Broker, tmp_path: Path) -> None:
    """One golden record that breaks an expectation holds everything that waits back; once it is mended all of it goes out."""
    deliver(tmp_path, "a.csv", [firm(number) for number in range(6)])
    run(store, tmp_path)
    act(store, BREAK)
    with pytest.raises(Broken) as held:
        send(store, broker)
    assert (held.value.code, held.value.exit_code) == ("gate_held", 1)
    assert "contact.paired" in held.value.message
    assert position(broker, LIBRARY) is None
    act(store, MEND)
    assert send(store, broker) == Published(LIBRARY, 6, 6, 6, 0)
    assert len(events(broker, LIBRARY)) == 6


def test_the_gate_is_asked_when_something_waits(store: Store, broker: Broker, tmp_path: Path) -> None:
    """A record that breaks once everything is published does no harm until the next change; an empty library passes."""
    assert send(store, broker) == Published(LIBRARY, 0, 0, 0, 0)
    deliver(tmp_path, "a.csv", [firm(number) for number in range(2)])
    run(store, tmp_path)
    assert send(store, broker).published == 2
    act(store, BREAK)
    assert send(store, broker) == Published(LIBRARY, 2, 0, 0, 0)
    deliver(tmp_path, "b.csv", [firm(2)])
    run(store, tmp_path)
    with pytest.raises(Broken):
        send(store, broker)
    assert len(events(broker, LIBRARY)) == 2
