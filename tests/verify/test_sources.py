"""What the checker knows of each source by itself, and what it says where it knows nothing or reaches nothing."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

import connectors
from exchange.edge.settings import Address
from exchange.verify.conservation import conserved_in
from exchange.verify.finding import Unreached
from exchange.verify.plaintext import nothing_plain
from exchange.verify.sources import SOURCES, source_rows
from tests.verify.small_hub import SmallHub, broken

NOWHERE = {
    "market_regulation_companies": "postgresql://u:secretword@127.0.0.1:1/x",
    "public_security_residents": "http://u:secretword@127.0.0.1:1",
    "customs_enterprises": "/nowhere/secretword",
    "national_register_extract": "file:///nowhere/secretword",
}
STRANGE = "INSERT INTO feed (name, agency, library_id) SELECT 'harbour_arrivals', 'harbour', min(id) FROM library"


def test_every_connector_is_known() -> None:
    """Each shipped connector has an entry of its own here, and no entry speaks of a connector that is gone."""
    assert set(SOURCES) == set(connectors.names())


@pytest.mark.parametrize("name", NOWHERE)
def test_source_away_is_named(name: str) -> None:
    """A source that can't be reached is named by its feed in both languages, without its address."""
    with pytest.raises(Unreached) as away:
        list(source_rows(SOURCES[name], Address(NOWHERE[name])))
    assert name in away.value.zh
    assert name in away.value.en
    assert "secretword" not in away.value.zh + away.value.en


@pytest.mark.servers
def test_feed_of_unknown_form(hub: SmallHub) -> None:
    """A feed with an address that the checker has no entry for is not ok, and the file to edit is named; one without an
    address is only counted."""
    with broken(hub, STRANGE) as session:
        without = conserved_in(hub.ground(addresses={}), session)
        found = conserved_in(hub.ground(addresses={"harbour_arrivals": Address("ftp://127.0.0.1/")}), session)
    assert without.ok
    assert "4 feeds without an address" in without.detail
    assert not found.ok
    assert "feeds with an address but no entry in exchange/verify/sources.py (harbour_arrivals) 1" in found.detail
    assert "3 feeds without an address" in found.detail


@pytest.mark.servers
@pytest.mark.usefixtures("kafka_sockets")
def test_values_of_unknown_form(hub: SmallHub, copy: str, connection: psycopg.Connection, tmp_path: Path) -> None:
    """Neither is it ok where its values should be searched for."""
    connection.execute(STRANGE.encode())
    found = nothing_plain(hub.ground(copy, addresses={"harbour_arrivals": Address(str(tmp_path))}), hub.prefix)
    assert not found.ok
    assert "feeds with an address but no entry in exchange/verify/sources.py (harbour_arrivals) 1" in found.detail
