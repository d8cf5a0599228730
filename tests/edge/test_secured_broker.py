"""A broker elsewhere, behind TLS and a log-in: the settings reach both client libraries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from exchange.core.errors import Misuse
from exchange.core.topics import library_topic
from exchange.edge.broker.address import admin_options
from exchange.edge.publish import Published, publish
from exchange.edge.store.database import Store
from exchange.embedded.jars import jars
from exchange.subscriber.topic import Copy, read_copy
from tests.edge.firms import deliver, firm, run
from tests.edge.secured import Secured, broker_of, secured_broker

pytestmark = pytest.mark.servers
LIBRARY = "legal_person"


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory, cache_home: Path) -> Iterator[Secured]:
    """The broker."""
    with secured_broker(tmp_path_factory.mktemp("secured"), jars(cache_home, print)) as found:
        yield found


def test_a_library_is_published_and_read_behind_tls(store: Store, tmp_path: Path, secured: Secured) -> None:
    """Topics are made, events published in transactions and read back by an agency, all logged in and encrypted."""
    deliver(tmp_path / "drops", "a.csv", [firm(n) for n in range(8)])
    run(store, tmp_path / "drops")
    broker = broker_of(secured.environ)
    assert publish(store, broker, LIBRARY, lambda _: None) == Published(LIBRARY, 8, 8, 8, 0)
    assert publish(store, broker, LIBRARY, lambda _: None).published == 0
    assert read_copy(library_topic(LIBRARY), admin_options(broker)) == Copy(8, 8, 0)


def untrusted(environ: dict[str, str]) -> dict[str, str]:
    """Without the authority's certificate."""
    return {name: value for name, value in environ.items() if name != "HUB_KAFKA_CA_FILE"}


@pytest.mark.parametrize("wrong", ["password", "authority"])
def test_who_may_not_in_is_told_so(store: Store, secured: Secured, wrong: str) -> None:
    """With a wrong password or without the authority's certificate nothing is published; the sentence names the settings
    to look at, and no password."""
    known, other = secured.environ, replace(secured, password="not this one").environ
    with pytest.raises(Misuse) as told:
        publish(store, broker_of(other if wrong == "password" else untrusted(known)), LIBRARY, lambda _: None)
    assert told.value.code == "broker_refuses"
    assert "HUB_KAFKA_CA_FILE" in told.value.hint
    assert "not this one" not in f"{told.value}{told.value.hint}"
