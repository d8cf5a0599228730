"""No key, no publishing: a hub whose master key is another one publishes nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from exchange.core.errors import Misuse
from exchange.edge.broker.address import Broker
from exchange.edge.keys import open_file_keys
from exchange.edge.publish import publish
from exchange.edge.store.database import Store
from tests.edge.firms import deliver, firm, run
from tests.edge.topics import events, position

pytestmark = pytest.mark.servers
LIBRARY = "legal_person"


def test_no_key_no_publishing(store: Store, broker: Broker, tmp_path: Path) -> None:
    """With the key of another home, what waits is refused: no event on the topic, no position; with its own all goes out."""
    deliver(tmp_path / "drops", "a.csv", [firm(number) for number in range(3)])
    run(store, tmp_path / "drops")
    stranger = replace(store, keys=open_file_keys(tmp_path / "other", create=True))
    with pytest.raises(Misuse) as refused:
        publish(stranger, broker, LIBRARY, lambda _: None)
    assert (refused.value.code, refused.value.exit_code) == ("master_key_other", 2)
    assert events(broker, LIBRARY) == []
    assert position(broker, LIBRARY) is None
    assert publish(store, broker, LIBRARY, lambda _: None).published == 3
