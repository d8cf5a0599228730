"""Deletes, seen by comparing the agency's set of keys with the records the hub holds of the feed.

The hub holds no key in the clear, so the agency's keys are keyed the same way and compared as record ids. A guard stops
a run that would withdraw too much: an emptied or half-loaded source must not empty the library (case 117).
"""

from __future__ import annotations

import polars as pl

from exchange.core.connector import Connector, SqlSource
from exchange.core.errors import Broken
from exchange.core.identify import record_ids
from exchange.core.keyed import index_keys
from exchange.edge.fetch import Feed
from exchange.edge.period_secrets import INDEX, current_secret
from exchange.edge.store.batches import Batch
from exchange.edge.store.database import Store
from exchange.edge.store.frames import connected, read

PARTITION = "withdrawn"
GUARD_FROM = 20
"""Below this many withdrawals a share says nothing; a source without any key is stopped in every case."""


def withdrawals(store: Store, connector: Connector, feed: Feed, batch: Batch) -> pl.Series:
    """Record ids that the agency no longer holds. Raises Broken `mass_delete` where the guard forbids them."""
    if feed.keys is None or not isinstance(connector.source, SqlSource):
        return pl.Series("id", [], dtype=pl.Binary)
    with store.engine.begin() as connection:
        index = index_keys(current_secret(connection, store.keys, *INDEX).secret)
    with connected(store.url) as reader:
        ours = read(reader, "SELECT id FROM record WHERE feed_id = $1 AND NOT withdrawn", batch.feed_id).cast(pl.Binary)
    theirs = pl.DataFrame(schema={"id": pl.Binary})
    all_keys = feed.keys()
    for keys in all_keys:
        theirs.extend(pl.DataFrame({"id": record_ids(connector, keys, index)}, schema={"id": pl.Binary}))
    gone = ours.join(theirs, on="id", how="anti")["id"].sort()
    share = connector.source.delete_guard_share
    emptied = gone.len() > 0 and theirs.is_empty()
    if emptied or (gone.len() >= GUARD_FROM and gone.len() > share * ours.height):
        raise Broken(
            "mass_delete",
            f"{connector.name}:来源少了 {gone.len()} 条(共 {ours.height} 条),超过 {share:.0%}。"
            f"The source lacks {gone.len()} of {ours.height} records, more than {share:.0%}.",
            "先问该部门;确属删除时调高连接器的 delete_guard_share。"
            f"Ask the agency first; if they really are gone, raise delete_guard_share in connectors/{connector.name}.py.",
        )
    return gone
