"""A dry run of one file: read, translate and check it as its connector says, and keep nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from exchange.core.check import check
from exchange.core.connector import Connector, FileSource, HttpSource
from exchange.core.page import FAULTS, RawPage
from exchange.core.readers.csv import read_csv
from exchange.core.readers.headers import Promised
from exchange.core.readers.json import read_items
from exchange.core.translate import translate
from exchange.edge.run import CHINA

_BLOCK = 1 << 20
_PAGE_ROWS = 25_000


@dataclass(frozen=True)
class DryRun:
    """`faults`: {"row" (1-based data record), "column", "rule"}, the first of them; `fault_count`: all."""

    rows: int
    accepted: int
    fault_count: int
    faults: tuple[dict[str, object], ...]


def dry_run(file: Path, connector: Connector, shown: int) -> DryRun:
    """What the hub would say of the file's rows."""
    rows = accepted = 0
    found: list[pl.DataFrame] = []
    for page in _pages(file, connector):
        faults, _ = check(
            connector.library,
            translate(connector, page),
            registering=connector.registering,
            today=datetime.now(CHINA).date(),
        )
        found.append(faults.with_columns(row=pl.col("row").cast(pl.Int64) + rows + 1))
        rows += page.rows.height
        accepted += page.rows.height - faults["row"].n_unique()
    faults = pl.concat([pl.DataFrame(schema={**FAULTS, "row": pl.Int64}), *found]).sort("row", "column", "rule")
    return DryRun(rows, accepted, faults.height, tuple(faults.head(shown).iter_rows(named=True)))


def _pages(file: Path, connector: Connector) -> Iterator[RawPage]:
    source = connector.source
    if isinstance(source, HttpSource):
        page = read_items(file.read_bytes(), source.items, source.next_cursor, source.columns, connector.name)
        yield RawPage("", 0, page.rows, page.broken, "", 0)
        return
    encoding, promised = connector.sample_encoding, Promised(source.columns)
    if isinstance(source, FileSource):
        encoding, promised = source.encoding, Promised(source.columns, source.aliases)
    pages = read_csv(_blocks(file), connector=connector.name, encoding=encoding, columns=promised, page_rows=_PAGE_ROWS)
    for number, csv in enumerate(pages):
        yield RawPage("", number, csv.rows, csv.broken, "", 0, csv.marked)


def _blocks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as stream:
        while block := stream.read(_BLOCK):
            yield block
