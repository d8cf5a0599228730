"""Fetch: what a connector's source describes, read from an address as pages of rows with a cursor.

`open_feed` is the one door: it looks what there is to read and names its partitions; the pages of a partition come in
order, and each says in `cursor` where the next one begins. Nothing here judges a value.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from exchange.core.connector import Connector, FileSource, HttpSource, SqlSource
from exchange.core.errors import Misuse
from exchange.edge.settings import Address

if TYPE_CHECKING:
    import polars as pl

    from exchange.core.page import RawPage


@dataclass(frozen=True)
class Feed:
    """What one run of a feed has before it.

    `partitions`: known now, read in any order, each once. `keys`: for a source that is compared by keys, a stream of
    frames with the connector's key columns, all that the agency holds now; else None. `skipped`: files recognised as
    read before; `waiting`: files the agency has not finished.
    """

    partitions: tuple[str, ...]
    reading: Callable[[str, int], Iterator[RawPage]]
    keys: Callable[[], Iterator[pl.DataFrame]] | None = None
    skipped: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()

    def pages(self, partition: str, start_number: int = 0) -> Iterator[RawPage]:
        """Pages of a partition, numbered from `start_number`.

        A file is read from its page of that number, a table or an interface from the cursor given to `open_feed`: to
        try a partition again, open the feed again with its settled cursor.
        """
        return self.reading(partition, start_number)


PAGE_ROWS = 24_000
"""Rows a page: some pages are in memory at once, and the locked part of a page's settle stays near a second on two cores
(docs/decisions.md)."""


@dataclass(frozen=True)
class _Start:
    """What is settled already, and how large the pages to come may be."""

    cursors: Mapping[str, str | None]
    page_rows: int
    seen: frozenset[str]


def open_feed(
    connector: Connector,
    address: Address,
    *,
    cursors: Mapping[str, str | None] | None = None,
    page_rows: int = PAGE_ROWS,
    seen: frozenset[str] = frozenset(),
) -> Feed:
    """Open what `connector.source` describes at an address: a folder (path or file: URL), postgresql:// or http(s)://.

    `cursors`: the cursor of the last settled page per partition; `seen`: the file partitions that are read to the end.
    Raises Misuse if the address does not fit the source, Refuse and Away as the source's own module says.
    """
    start = _Start(cursors or {}, page_rows, seen)
    source = connector.source
    if isinstance(source, FileSource):
        return _files(connector, source, folder_of(connector, address.url), start)
    if isinstance(source, SqlSource):
        _require_scheme(connector, address.url, "postgresql", "postgres")
        return _sql(connector, source, address, start)
    _require_scheme(connector, address.url, "http", "https")
    return _http(connector, source, address, start)


def _files(connector: Connector, source: FileSource, folder: Path, start: _Start) -> Feed:
    from exchange.edge.fetch import files

    found = files.partitions(source, folder, start.seen, time.time())
    drops = {drop.partition: drop for drop in found.drops}

    def reading(partition: str, start_number: int) -> Iterator[RawPage]:
        rows = files.resumed_rows(start.cursors, partition, start.page_rows)
        return files.pages(connector.name, source, drops[partition], rows, start_number)

    return Feed(tuple(drops), reading, skipped=found.skipped, waiting=found.waiting)


def _sql(connector: Connector, source: SqlSource, address: Address, start: _Start) -> Feed:
    from exchange.edge.fetch import catalogue, sql

    table = catalogue.Table(connector.name, address.url, source)

    def reading(partition: str, start_number: int) -> Iterator[RawPage]:
        return sql.pages(table, start.cursors.get(partition), start.page_rows, start_number)

    def keys() -> Iterator[pl.DataFrame]:
        return sql.keys(table, connector.key)

    return Feed((source.table,), reading, keys if source.deletes_by_keys else None)


def _http(connector: Connector, source: HttpSource, address: Address, start: _Start) -> Feed:
    from exchange.edge.fetch import http

    interface = http.Interface(connector.name, address.url, address.token, source)

    def reading(partition: str, start_number: int) -> Iterator[RawPage]:
        return http.pages(interface, start.cursors.get(partition), start.page_rows, start_number)

    return Feed((source.path,), reading)


def folder_of(connector: Connector, address: str) -> Path:
    """The folder of a path or a file: URL; Misuse for another URL."""
    parts = urlsplit(address)
    if parts.scheme == "file" and parts.netloc in ("", "localhost"):
        return Path(unquote(parts.path))
    if "://" in address:
        raise _wrong_address(connector, "file")
    return Path(address)


def _require_scheme(connector: Connector, address: str, *schemes: str) -> None:
    if urlsplit(address).scheme not in schemes:
        raise _wrong_address(connector, schemes[0])


def _wrong_address(connector: Connector, scheme: str) -> Misuse:
    name = f"HUB_{connector.name.upper()}_URL"
    return Misuse(
        "address_wrong",
        f"{connector.name}：地址须为 {scheme} 形式。The address of this feed must be of the form {scheme}:.",
        f"核对 {name} 或 --from。Check {name} or --from.",
    )
