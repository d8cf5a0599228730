"""Invented firms in the form of the benchmark's feed, line by line; and small ways to run that feed."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import polars as pl

import connectors
from exchange.core.connector import Connector
from exchange.edge.broker.address import Broker
from exchange.edge.publish import Published, publish
from exchange.edge.run import FeedAt, FeedRun, Options, run_feed
from exchange.edge.settings import Address
from exchange.edge.store.database import Store
from exchange.simulate import identifiers

SEED = 90_210
"""No other test's: the checker searches the whole cluster for the people it knows."""
BENCH = connectors.load("bench_companies")
LIBRARY = BENCH.library
COLUMNS = (*BENCH.columns, "updated_at")
PEOPLE = 400
SMALL = Options(page_rows=4)
"""Pages of four rows, prepared in this process."""

Firm = Mapping[str, str]

GROWN_TOGETHER: dict[str, Callable[[str, str], str]] = {
    "a row glued to it": lambda header, rows: header + rows,
    "a row glued to it with a comma": lambda header, rows: f"{header},{rows}",
    "half a row glued to it": lambda header, rows: f"{header}{rows.split(',')[2]}\n",
    "a row glued before it": lambda header, rows: rows.replace("\n", header + "\n", 1),
    "a quote left open": lambda header, rows: header.replace("phone", '"phone') + f"\n{rows}",
    "a quote closed in a row": lambda header, rows: header.replace("upd", '"upd') + "\n" + rows.replace(",", '",', 1),
    "a row's values twice": lambda header, rows: f"{header},{','.join(rows.split(',')[2:4] * 2)}\n{rows}",
    "none, and a row that holds names": lambda _, rows: rows.replace("存续", "status").replace("5181", "phone"),
}
"""A delivery whose header holds values of its rows, made of a good header and the rows below it."""


@cache
def _identities() -> list[tuple[str, str, str]]:
    index = pl.int_range(0, PEOPLE, dtype=pl.UInt64, eager=True)
    codes = identifiers.usccs(index, SEED)
    people = identifiers.citizens(index, SEED).number
    phones = identifiers.mobiles(index)
    # Codes given after 2015 fit every day of founding that the lines below name.
    young = [at for at, old in enumerate(codes.old) if not old]
    return [(codes.code[at], people[at], phones[at]) for at in young]


def firm(number: int, **changes: str) -> Firm:
    """The firm of that number (0 … 199) with some columns changed; `updated_at` orders its versions."""
    code, person, phone = _identities()[number]
    line = {
        "uscc": code,
        "name": f"天津试验{number:03d}号贸易有限公司",
        "legal_rep": "赵试验",
        "legal_rep_id": person,
        "phone": phone,
        "address": f"天津市滨海新区试验路{number}号",
        "industry": "5181",
        "reg_capital": "100.50",
        "established": "2018-05-02",
        "status": "存续",
        "updated_at": "2024-01-01 08:00:00",
    }
    assert changes.keys() <= line.keys()
    return line | changes


def text(firms: Sequence[Firm]) -> str:
    """A delivery of these firms."""
    out = io.StringIO(newline="")
    written = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    written.writeheader()
    written.writerows(firms)
    return out.getvalue()


def deliver(folder: Path, name: str, firms: Sequence[Firm]) -> None:
    """Put a file of these firms into the agency's folder."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text(firms), encoding="utf-8")


def at(folder: Path | str, connector: Connector = BENCH) -> FeedAt:
    """The feed that is fetched from this folder."""
    return FeedAt(connector, Address(str(folder)))


def run(store: Store, folder: Path | str, connector: Connector = BENCH, options: Options = SMALL) -> FeedRun:
    """Run the feed once."""
    return run_feed(store, at(folder, connector), options, lambda _: None)


def newer(folder: Path, name: str, month: int, *numbers: int) -> None:
    """Deliver a newer version of some firms."""
    at = f"2024-{month:02d}-01 08:00:00"
    deliver(folder, name, [firm(n, updated_at=at, reg_capital=f"{month}.00") for n in numbers])


def send(store: Store, broker: Broker) -> Published:
    """Publish the library of firms."""
    return publish(store, broker, LIBRARY, lambda _: None)


def tally(found: FeedRun) -> dict[str, int]:
    """The counts that are not zero."""
    return {name: count for name, count in found.counts.__dict__.items() if count}


def named(connector: Connector, name: str) -> Connector:
    """The same feed under another name."""
    return replace(connector, name=name)
