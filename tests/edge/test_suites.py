"""The other suite, AES-256-GCM: from the agency's file to a subscriber; and which suite a period has."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from exchange.cli.ground import ground
from exchange.core.envelope import AES_256_GCM, SM4_CTR_HMAC_SM3
from exchange.core.topics import MAJOR
from exchange.edge.broker.address import Broker
from exchange.edge.period_secrets import close_period, open_keys, secret_by_id
from exchange.edge.publish import publish
from exchange.edge.store.database import Store
from exchange.embedded.services import Services
from tests import independent_envelope
from tests.edge.firms import deliver, firm, run
from tests.edge.stores import rows
from tests.edge.topics import events

pytestmark = pytest.mark.servers
LIBRARY = "legal_person"


def in_suite(store: Store, home: Path, suite: int) -> Store:
    """The store as a process opens it whose setting names this suite."""
    with store.engine.begin() as connection:
        return replace(store, keys=open_keys(connection, home, suite))


def bring(store: Store, broker: Broker, folder: Path, number: int) -> None:
    """Deliver, settle and publish one firm."""
    deliver(folder, f"{number}.csv", [firm(number)])
    run(store, folder)
    publish(store, broker, LIBRARY, lambda _: None)


def opened(store: Store, broker: Broker) -> dict[str, tuple[int, str]]:
    """Credit code → suite of the envelope and telephone, as an agency with a grant reads both."""
    found = {}
    for event in events(broker, LIBRARY):
        record, envelope, mark = event.sealed["contact"]
        with store.engine.begin() as connection:
            secret = secret_by_id(connection, store.keys, envelope[2:10]).secret
        plain = independent_envelope.read(secret, envelope, (LIBRARY, "contact", MAJOR[LIBRARY]), record)
        bound = independent_envelope.event_tag(secret, envelope, event.entity.encode(), event.version, "contact")
        assert mark == bound
        found[event.values["uscc"]] = (envelope[1], json.loads(plain)["phone"])
    return found


def test_a_period_keeps_its_suite_and_the_next_has_the_setting(
    store: Store, keys_home: Path, broker: Broker, tmp_path: Path
) -> None:
    """What a hub set to AES opens is sealed with AES, by a process with another setting too, until the period is closed;
    an agency opens envelopes of both suites."""
    aes, sm4 = (in_suite(store, keys_home, suite) for suite in (AES_256_GCM, SM4_CTR_HMAC_SM3))
    bring(aes, broker, tmp_path, 0)
    bring(sm4, broker, tmp_path, 1)
    assert rows(store, "SELECT DISTINCT suite FROM period_secret") == [(AES_256_GCM,)]
    with store.engine.begin() as connection:
        for (key_id,) in rows(store, "SELECT key_id FROM period_secret WHERE library <> '*'"):
            assert isinstance(key_id, bytes)
            close_period(connection, key_id)
    bring(sm4, broker, tmp_path, 2)
    suites = (AES_256_GCM, AES_256_GCM, SM4_CTR_HMAC_SM3)
    assert opened(store, broker) == {firm(n)["uscc"]: (suites[n], firm(n)["phone"]) for n in range(3)}


def test_the_setting_reaches_the_keys(
    services: Services, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command opens new periods in the suite that HUB_SUITE names."""
    monkeypatch.setenv("HUB_HOME", str(tmp_path))
    monkeypatch.setenv("HUB_DATABASE_URL", database_url)
    monkeypatch.setenv("HUB_KAFKA_BOOTSTRAP", services.kafka_bootstrap)
    for name, suite in (("", SM4_CTR_HMAC_SM3), ("sm4", SM4_CTR_HMAC_SM3), ("aes", AES_256_GCM)):
        monkeypatch.setenv("HUB_SUITE", name)
        stand = ground()
        stand.store.engine.dispose()
        assert stand.store.keys.suite == suite
