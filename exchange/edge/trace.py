"""Where a row went: pages hold a record id and a disposition for every row that was ever pulled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
    """One time a row was pulled; `row` counts from 1 within its page."""

    batch: int
    settled_at: str
    partition: str
    page: int
    row: int
    disposition: str


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
    sql = (
        "SELECT p.batch_id, p.settled_at::text, p.partition, p.number, p.record_ids, p.dispositions FROM page p "
        "JOIN feed f ON f.id = p.feed_id WHERE f.name = $1 AND position($2 in p.record_ids) > 0 ORDER BY p.settled_at"
    )
    with connected(store.url) as connection:
        pages = read(connection, sql, connector.name, wanted)
    return [sighting for page in pages.iter_rows() for sighting in _in_page(page, wanted)]


def _in_page(page: tuple[int, str, str, int, bytes, bytes], wanted: bytes) -> list[Sighting]:
    batch, settled_at, partition, number, ids, dispositions = page
    rows = [row for row in range(len(dispositions)) if ids[row * _ID : row * _ID + _ID] == wanted]
    return [Sighting(batch, settled_at, partition, number, row + 1, DISPOSITIONS[dispositions[row]]) for row in rows]
