"""`verify` as a whole: a sound hub is found sound, and what can't be reached is never ok."""

from __future__ import annotations

import dataclasses

import pytest

from exchange.edge.settings import Address
from exchange.verify.finding import Finding
from exchange.verify.run import examine, verify
from tests.verify.small_hub import SmallHub, quiet

pytestmark = [pytest.mark.servers, pytest.mark.usefixtures("kafka_sockets")]
INVARIANTS = {"I1", "I2", "I3", "I5", "I6"}


def test_sound_hub(hub: SmallHub) -> None:
    """Every invariant holds over a hub that ran by itself, over all rows, events, values and refused rows."""
    found = examine(hub.ground(), hub.prefix)
    assert set(found) == INVARIANTS
    assert {name: finding for name, finding in found.items() if not finding.ok} == {}
    assert found["I1"].examined > 1_500
    assert found["I2"].examined == found["I3"].examined > 1_000
    assert found["I5"].examined > 3_000
    assert found["I6"].examined > 10
    assert "3 sources" in found["I1"].detail


def test_nothing_there(hub: SmallHub, database_url: str) -> None:
    """A database without tables and topics that do not exist leave no invariant ok."""
    ground = dataclasses.replace(hub.ground(), database_url=database_url)
    found = examine(ground, "nobody")
    assert not any(finding.ok for finding in found.values())
    assert {finding.examined for finding in found.values()} == {0}


def test_broker_away(hub: SmallHub) -> None:
    """Without the broker what needs it is not ok, and the rest is examined all the same."""
    ground = dataclasses.replace(hub.ground(), kafka_bootstrap="127.0.0.1:1")
    found = examine(ground, hub.prefix)
    assert {name for name, finding in found.items() if finding.ok} == {"I1", "I6"}
    assert "Not examined" in found["I2"].detail


def test_source_away(hub: SmallHub) -> None:
    """A known source that does not answer is not ok for I1 and I5, and its address is not shown."""
    addresses = {**hub.addresses, "market_regulation_companies": Address("postgresql://u:secretword@127.0.0.1:1/x")}
    found = examine(hub.ground(addresses=addresses), hub.prefix)
    assert {name for name, finding in found.items() if not finding.ok} == {"I1", "I5"}
    assert "secretword" not in repr(found)


def test_library_topics_by_default(hub: SmallHub) -> None:
    """`verify` itself reads the topics whose names begin with `hub`: here none of this hub's, so its changes wait."""
    ground = hub.ground()
    found = verify(ground.settings, ground.database_url, ground.kafka_bootstrap, ground.addresses, quiet)
    assert found["I1"].ok
    assert found["I6"].ok
    assert not found["I2"].ok


def test_findings_hold_no_value() -> None:
    """A finding is three plain things that go into JSON."""
    assert dataclasses.asdict(Finding(True, 1, "x")) == {"ok": True, "examined": 1, "detail": "x"}
