"""Where a row went: pages hold a record id and a disposition for every row that was ever pulled."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from exchange.core.connector import Connector
from exchange.core.errors import Misuse
from exchange.core.identify import record_ids
from exchange.core.keyed import index_keys
from exchange.edge.period_secrets import INDEX, current_secret
from exchange.edge.store.database import Store
from exchange.edge.store.frames import connected, read
from exchange.edge.store.tables import DISPOSITIONS

_ID = 16


@dataclass(frozen=True)
class Sighting:
    """One time a row was pulled; `row` counts from 1 within its page. `reasons`: why it was refused (column, rule)."""

    batch: int
    settled_at: str
    partition: str
    page: int
    row: int
    disposition: str
    reasons: tuple[tuple[str, str], ...] = ()


_PAGES = (
    "SELECT p.batch_id, p.settled_at::text, p.partition, p.number, p.record_ids, p.dispositions, p.hashes FROM page p "
    "JOIN feed f ON f.id = p.feed_id WHERE f.name = $1 AND position($2 in p.record_ids) > 0 ORDER BY p.settled_at"
)
_REFUSALS = (
    "SELECT q.batch_id, q.partition, q.page, q.row + 1, q.reasons FROM quarantine q JOIN feed f ON f.id = q.feed_id "
    "WHERE f.name = $1 AND q.record_id = $2 ORDER BY q.id"
)


def trace_key(store: Store, connector: Connector, parts: Sequence[str]) -> list[Sighting]:
    """All sightings of the row with this key (its parts in the connector's order), oldest first."""
    if len(parts) != len(connector.key):
        raise Misuse(
            "key_parts",
            f"{connector.name} 的键有 {len(connector.key)} 部分。The key of {connector.name} has {len(connector.key)} parts.",
            " ⇥ ".join(connector.key),
        )
    with store.engine.begin() as connection:
        index = index_keys(current_secret(connection, store.keys, *INDEX).secret)
    [wanted] = record_ids(
        connector, pl.DataFrame(dict(zip(connector.key, ([part] for part in parts), strict=True))), index
    )
    if wanted is None:
        return []
    with connected(store.url) as connection:
        pages = read(connection, _PAGES, connector.name, wanted)
        refusals = read(connection, _REFUSALS, connector.name, wanted)
    return _explained([found for page in pages.iter_rows() for found in _in_page(page, wanted)], refusals)


def _in_page(page: tuple[int, str, str, int, bytes, bytes, bytes], wanted: bytes) -> list[tuple[Sighting, bytes]]:
    """Sightings in a page, each with the hash of the row's content."""
    batch, settled_at, partition, number, ids, dispositions, hashes = page
    return [
        (
            Sighting(batch, settled_at, partition, number, row + 1, DISPOSITIONS[mark]),
            hashes[row * _ID : row * _ID + _ID],
        )
        for row, mark in enumerate(dispositions)
        if ids[row * _ID : row * _ID + _ID] == wanted
    ]


def _explained(found: list[tuple[Sighting, bytes]], refusals: pl.DataFrame) -> list[Sighting]:
    """The sightings, those refused with their reasons. An entry of the quarantine names the place where its row was refused
    first; the same row at other places is known by its content."""
    entries = {
        tuple(place): tuple((column, rule) for column, rule in json.loads(why)) for *place, why in refusals.rows()
    }
    at_first = [entries.get((one.batch, one.partition, one.page, one.row), ()) for one, _ in found]
    known = {content: why for (_, content), why in zip(found, at_first, strict=True) if why}
    return [
        replace(one, reasons=why or known.get(content, ())) if one.disposition == "quarantined" else one
        for (one, content), why in zip(found, at_first, strict=True)
    ]
