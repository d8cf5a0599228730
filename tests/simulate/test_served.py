"""What the simulated agencies serve, read through their sockets, is what the truth says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import polars as pl
import psycopg
import pytest

from exchange.simulate import truth
from exchange.simulate.defects import DEFECTS
from exchange.simulate.drops import COLUMNS as CUSTOMS_COLUMNS
from exchange.simulate.population import COLUMNS as RESIDENT_COLUMNS
from exchange.simulate.register import COLUMNS as MARKET_COLUMNS
from exchange.simulate.residents_api import cursor_at, refusal
from tests.simulate.conftest import COMPANIES, Place
from tests.simulate.served import (
    CUSTOMS,
    MARKET,
    PATH,
    POLICE,
    customs_drop,
    fields_of,
    market_rows,
    residents,
    whole_drops,
)

pytestmark = pytest.mark.servers
KINDS_AT_LEAST = 25
"""Of the 64, in each feed."""


def defects(home: Path, feed: str) -> set[int]:
    """Numbers of the defects that the truth names for a feed."""
    return set(truth.read_rows(home, feed)["defect"]) - {0}


def test_register_serves_what_the_truth_says(place: Place) -> None:
    """The register holds each company once, in the declared columns, with the keys of the truth."""
    rows = market_rows(place.agencies)
    told = truth.read_rows(place.home, MARKET)
    assert tuple(rows[0]) == MARKET_COLUMNS
    assert sorted(str(row["pripid"]) for row in rows) == sorted(told["source_key"])
    assert len(rows) == COMPANIES


def test_register_is_past_and_read_only(place: Place) -> None:
    """Every change lies before the world's fixed day, and the hub's role can't write."""
    with psycopg.connect(place.agencies.addresses[MARKET].url) as connection:
        newest = connection.execute("SELECT max(update_time) < '2026-01-01' FROM e_baseinfo").fetchone()
        assert newest == (True,)
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            connection.execute("DELETE FROM e_baseinfo")
    with psycopg.connect(place.agencies.addresses[MARKET].url) as connection:
        connection.execute("SET default_transaction_read_only = off")
        connection.commit()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("DELETE FROM e_baseinfo")


def test_drops_serve_what_the_truth_says(place: Place) -> None:
    """Line by line, the drops hold the keys of the truth; broken lines are broken and all others have 15 fields.

    The first file has the promised header; others have their columns by other names, titles and totals."""
    told = truth.read_rows(place.home, CUSTOMS)
    drops = whole_drops(place.agencies)
    assert len(drops) >= 3
    for path in drops:
        header, lines = customs_drop(path)
        expected = told.filter(pl.col("place") == path.name)
        assert (tuple(header) == CUSTOMS_COLUMNS) == (path == drops[0])
        assert len(header) == len(CUSTOMS_COLUMNS)
        assert len(lines) == len(expected)
        for fields, key, reason in zip(map(fields_of, lines), expected["source_key"], expected["reason"], strict=True):
            assert fields[0] == key or reason == "broken_line"
            assert len(fields) == len(CUSTOMS_COLUMNS) or reason == "broken_line"


def test_one_drop_is_unfinished(place: Place) -> None:
    """The last file of the folder has no marker and ends inside a line."""
    folder = Path(place.agencies.addresses[CUSTOMS].url)
    unfinished = set(folder.glob("*.csv")) - set(whole_drops(place.agencies))
    assert len(unfinished) == 1
    assert not unfinished.pop().read_bytes().endswith(b"\r\n")


def test_customs_repeats_and_newer_versions(place: Place) -> None:
    """Repeats follow their original at once with the same bytes; newer versions come in a later file."""
    told = truth.read_rows(place.home, CUSTOMS)
    roles = Counter(told["role"])
    assert roles["original"] == COMPANIES // 3
    assert roles["duplicate"] > 0
    assert roles["newer"] > 0
    for path in whole_drops(place.agencies):
        _, lines = customs_drop(path)
        roles_here = told.filter(pl.col("place") == path.name)["role"]
        for at, role in enumerate(roles_here):
            assert role != "duplicate" or lines[at] == lines[at - 1]
    first = told.filter(role="original").select("source_key", "place")
    newer = told.filter(role="newer").join(first, on="source_key", how="inner", suffix="_first")
    assert len(newer) == roles["newer"]
    assert newer.filter(pl.col("place") <= pl.col("place_first")).is_empty()


def test_interface_serves_what_the_truth_says(place: Place) -> None:
    """Pages of any size give the items of the truth in order of (GXSJ, GMSFHM)."""
    items = residents(place.agencies, 700)
    assert items == residents(place.agencies, 10_000)
    told = truth.read_rows(place.home, POLICE)
    assert [item["GMSFHM"] for item in items] == told["source_key"].to_list()
    assert tuple(items[0]) == RESIDENT_COLUMNS
    order = [(item["GXSJ"], item["GMSFHM"]) for item in items]
    assert order == sorted(order)
    assert Counter(told["role"]).keys() == {"original", "duplicate", "newer"}


def test_interface_refuses(place: Place) -> None:
    """No token, a wrong token, a foreign cursor and a limit that is no number are refused."""
    address = place.agencies.addresses[POLICE]
    with httpx.Client(trust_env=False) as client:
        assert client.get(address.url + PATH).status_code == httpx.codes.UNAUTHORIZED
        wrong = {"Authorization": "Bearer x"}
        assert client.get(address.url + PATH, headers=wrong).status_code == httpx.codes.UNAUTHORIZED
        right = {"Authorization": f"Bearer {address.token}"}
        for query in ("cursor=abc", "limit=x", "limit=0"):
            answer = client.get(f"{address.url}{PATH}?{query}", headers=right)
            assert answer.status_code == httpx.codes.BAD_REQUEST


def test_interface_refuses_each_cursor_once(place: Place) -> None:
    """The first request of a refused position gets 429 with Retry-After or 503, the second one the page."""
    address = place.agencies.addresses[POLICE]
    # Whoever reads the whole interface asks at round positions, and may have done so before.
    positions = [at for at in range(2_000) if at % 100 and refusal(at)][:12]
    assert {refusal(at) for at in positions} == {429, 503}
    with httpx.Client(trust_env=False, headers={"Authorization": f"Bearer {address.token}"}) as client:
        for at in positions:
            query = {"cursor": cursor_at(at, (0, "")), "limit": "2"}
            refused = client.get(address.url + PATH, params=query)
            assert refused.status_code == refusal(at)
            assert (refused.headers.get("Retry-After") == "1") == (refused.status_code == 429)
            assert client.get(address.url + PATH, params=query).status_code == httpx.codes.OK


@pytest.mark.parametrize("feed", [MARKET, CUSTOMS, POLICE])
def test_every_kind_of_dirt_is_served(place: Place, feed: str) -> None:
    """Each feed has at least 25 of the 64 defects, among them repairable ones and ones to quarantine."""
    found = defects(place.home, feed)
    assert len(found) >= KINDS_AT_LEAST
    assert found <= DEFECTS.keys()
    assert {DEFECTS[number].verdict for number in found} == {"good", "repaired", "bad"}
    told = truth.read_rows(place.home, feed)
    assert (told["reason"] != "").to_list() == (told["verdict"] == "bad").to_list()
    assert 0 < (told["verdict"] == "bad").sum() < len(told) / 20


def test_all_64_are_served(place: Place) -> None:
    """Every number of the list stands in the truth of at least one feed."""
    assert defects(place.home, MARKET) | defects(place.home, CUSTOMS) | defects(place.home, POLICE) == set(range(1, 65))


def test_what_was_planted_is_served(place: Place) -> None:
    """What the truth says of a row can be seen in the row that the agency serves."""
    served = {
        MARKET: {str(row["pripid"]): row for row in market_rows(place.agencies)},
        POLICE: {str(item["GMSFHM"]): item for item in residents(place.agencies)},
    }
    seen: Counter[int] = Counter()
    signs: dict[tuple[str, int], Callable[[dict[str, Any]], bool]] = {
        (MARKET, 1): lambda row: any("０" <= c <= "９" for c in row["uniscid"]),
        (MARKET, 11): lambda row: len(row["uniscid"]) != 18,
        (MARKET, 12): lambda row: len(row["cerno"]) == 15,
        (MARKET, 19): lambda row: "*" in row["cerno"],
        (MARKET, 20): lambda row: row["uniscid"] == "91110000100003962T",
        (MARKET, 31): lambda row: row["opto"] < row["opfrom"],
        (MARKET, 21): lambda row: row["uniscid"] == "91350100M000100Y43",
        (MARKET, 34): lambda row: row["regcap"][0] in "人R￥",
        (MARKET, 54): lambda row: row["entname"].encode("gb18030").decode("utf-8") != row["entname"],
        (POLICE, 26): lambda row: len(row["JMSFZJYXQQSRQ"]) == 13,
        (POLICE, 32): lambda row: row["JMSFZJYXQQSRQ"].endswith("T16:00:00Z"),
        (POLICE, 9): lambda row: "E+17" in row["GMSFHM"],
        (POLICE, 22): lambda row: row["CSRQ"][4:] in {"0230", "0431", "0931"},
        (POLICE, 28): lambda row: row["JMSFZJYXQJZRQ"] == "长期",
        (POLICE, 45): lambda row: "\ue863" in row["XM"],
    }
    for feed, rows in served.items():
        for key, number in truth.read_rows(place.home, feed).select("source_key", "defect").iter_rows():
            sign = signs.get((feed, number))
            if sign is not None:
                assert sign(rows[key]), (feed, number)
                seen[number] += 1
    assert seen.keys() == {number for _, number in signs}


def test_who_is_who(place: Place) -> None:
    """Clean rows of register, customs and police name the companies and residents of the truth."""
    companies = truth.read_identities(place.home, "companies")
    people = truth.read_identities(place.home, "residents")
    assert (len(companies), len(people)) == (COMPANIES, COMPANIES * 3 // 2)
    by_key = dict(companies.select("pripid", "uscc").iter_rows())
    clean = truth.read_rows(place.home, MARKET).filter(defect=0)
    served = {str(row["pripid"]): row["uniscid"] for row in market_rows(place.agencies)}
    assert all(served[key] == by_key[key] for key in clean["source_key"])
    traders = companies.drop_nulls("customs_code")
    assert set(traders["customs_code"]) >= set(truth.read_rows(place.home, CUSTOMS).filter(defect=0)["source_key"])
    assert set(people["id_no"]) >= set(truth.read_rows(place.home, POLICE).filter(defect=0)["source_key"])
