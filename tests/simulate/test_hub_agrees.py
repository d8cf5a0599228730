"""The hub, reading the agencies through their sockets, refuses the rows that the truth calls bad, and no others; a row
that it repairs is marked."""

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


def verdicts(name: str, page: RawPage) -> list[tuple[bool, bool]]:
    """Whether each row of a page is refused, and whether it is marked."""
    connector = load(name)
    translated = translate(connector, page)
    faults, flags = check(connector.library, translated, registering=connector.registering, today=date(2026, 1, 1))
    refused, marked = {*faults["row"], *page.broken["row"]}, {*flags["row"]}
    return [(row in refused, row in marked) for row in range(page.rows.height)]


def assert_agreed(told: pl.DataFrame, found: list[tuple[bool, bool]]) -> None:
    """Refused is what the truth calls bad, and marked at least what it calls repaired."""
    assert len(found) == len(told)
    rows = told.with_columns(
        pl.Series("refused", [refused for refused, _ in found]), pl.Series("marked", [marked for _, marked in found])
    )
    wrong = rows.filter(pl.col("refused") != (pl.col("verdict") == "bad"))
    assert wrong.select("defect", "verdict").rows() == []
    silent = rows.filter((pl.col("verdict") == "repaired") & ~pl.col("marked"))
    assert silent.select("defect", "verdict").rows() == []


@pytest.mark.parametrize("name", [CUSTOMS, POLICE])
def test_judged_in_order_of_delivery(place: Place, name: str) -> None:
    """Row by row of what customs and police deliver, the hub's verdict is the truth's."""
    assert_agreed(
        truth.read_rows(place.home, name), [each for page in pages(place, name) for each in verdicts(name, page)]
    )


def test_judged_of_the_register(place: Place) -> None:
    """Company by company of the register, the hub's verdict is the truth's."""
    found = {
        key: verdict
        for page in pages(place, MARKET)
        for key, verdict in zip(page.rows["pripid"], verdicts(MARKET, page), strict=True)
    }
    told = truth.read_rows(place.home, MARKET)
    assert_agreed(told, [found[key] for key in told["source_key"]])
