"""The hub, reading the agencies through their sockets, refuses the rows that the truth calls bad, and no others."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from connectors import load
from exchange.core.check import check
from exchange.core.page import RawPage
from exchange.core.translate import translate
from exchange.edge import settings
from exchange.edge.fetch import open_feed
from exchange.simulate import truth
from tests.simulate.conftest import Place
from tests.simulate.served import CUSTOMS, MARKET, POLICE

pytestmark = pytest.mark.servers
PAGE_ROWS = 1_000


def pages(place: Place, name: str) -> list[RawPage]:
    """Every page of a feed in its order."""
    address = place.agencies.addresses[name]
    feed = open_feed(load(name), settings.Address(address.url, address.token), cursors={}, page_rows=PAGE_ROWS)
    return [page for partition in feed.partitions for page in feed.pages(partition, 0)]


def refused(name: str, page: RawPage) -> list[bool]:
    """Whether each row of a page is refused."""
    connector = load(name)
    translated = translate(connector, page)
    faults, _ = check(connector.library, translated, registering=connector.registering, today=date(2026, 1, 1))
    rows = {*faults["row"], *page.broken["row"]}
    return [row in rows for row in range(page.rows.height)]


@pytest.mark.parametrize("name", [CUSTOMS, POLICE])
def test_refused_in_order_of_delivery(place: Place, name: str) -> None:
    """Row by row of what customs and police deliver, refused is what the truth calls bad."""
    found = [each for page in pages(place, name) for each in refused(name, page)]
    told = truth.read_rows(place.home, name)
    wrong = told.filter(pl.Series(found) != (told["verdict"] == "bad"))
    assert len(found) == len(told)
    assert wrong.select("defect", "verdict").rows() == []


def test_refused_of_the_register(place: Place) -> None:
    """Company by company of the register, refused is what the truth calls bad."""
    found = {
        key: bad
        for page in pages(place, MARKET)
        for key, bad in zip(page.rows["pripid"], refused(MARKET, page), strict=True)
    }
    told = truth.read_rows(place.home, MARKET)
    wrong = told.filter(pl.col("source_key").replace_strict(found) != (pl.col("verdict") == "bad"))
    assert len(found) == len(told)
    assert wrong.select("defect", "verdict").rows() == []
