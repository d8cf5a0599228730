"""Which disposition each pulled row has (design §3, conservation): the one place where that is decided.

Order: quarantined → duplicate (same key and content met in this batch) → superseded (not newer than what is settled, or
than another row of the page) → unchanged → changed or new.
"""

from __future__ import annotations

import polars as pl

from exchange.core.page import STATUS

NEW, CHANGED, UNCHANGED, DUPLICATE, SUPERSEDED, QUARANTINED = range(6)
"""Indexes into `exchange.edge.store.tables.DISPOSITIONS`; `page.dispositions` holds one such byte a row."""

KNOWN = pl.Schema(
    {
        "id": pl.Binary,
        "known_hash": pl.Binary,
        "known_ordering": pl.Int64,
        "known_current": pl.Boolean,
        "known_entity": pl.String,
        "known_withdrawn": pl.Boolean,
    }
)
"""What is settled for the records that a page names. `known_current`: under the contract that holds today."""

MET = pl.Schema({"id": pl.Binary, "content_hash": pl.Binary})
"""Key and content of rows that earlier pages of the batch brought."""


def decide(rows: pl.DataFrame, known: pl.DataFrame, met: pl.DataFrame) -> pl.DataFrame:
    """Return `rows` with its KNOWN columns and `disposition` (UInt8), in row order.

    `rows`: row UInt32, id Binary, content_hash Binary, ordering Int64, status UInt8, one line per pulled row. Of equal
    rows in a page the newest counts and the others are duplicates. What an earlier page brought is no duplicate once
    another version was settled in between: the record came back to it.

    >>> rows = pl.DataFrame({"row": [0, 1], "id": [b"a", b"a"], "content_hash": [b"1", b"1"], "ordering": [5, 5],
    ...     "status": [0, 0]}, schema_overrides={"row": pl.UInt32, "status": pl.UInt8})
    >>> decide(rows, pl.DataFrame(schema=KNOWN), pl.DataFrame(schema=MET))["disposition"].to_list()
    [3, 0]
    """
    refused = pl.col("status") == STATUS["refused"]
    before = rows.join(met, on=["id", "content_hash"], how="semi").select("row", met=pl.lit(True))
    facts = (
        rows.join(known, on="id", how="left", maintain_order="left")
        .join(_in_page(rows.filter(~refused)), on="row", how="left", maintain_order="left")
        .join(before, on="row", how="left", maintain_order="left")
    )
    settled = pl.col("known_hash").is_not_null()
    live = settled & ~pl.col("known_withdrawn")
    same = live & (pl.col("content_hash") == pl.col("known_hash"))
    newer = pl.col("ordering") > pl.col("known_ordering")
    came_back = live & ~same & newer
    disposition = (
        pl.when(refused)
        .then(QUARANTINED)
        .when(pl.col("repeated") | (pl.col("met") & ~came_back))
        .then(DUPLICATE)
        .when(~pl.col("newest") | (live & ~same & ~newer))
        .then(SUPERSEDED)
        .when(same & pl.col("known_current"))
        .then(UNCHANGED)
        .when(settled)
        .then(CHANGED)
        .otherwise(NEW)
        .cast(pl.UInt8)
    )
    return facts.with_columns(disposition=disposition).drop("met", "repeated", "newest")


def _in_page(rows: pl.DataFrame) -> pl.DataFrame:
    """Per row of the page: `newest` (the record's highest ordering, then the one read last) and `repeated` (a newer row
    has its key and content and stands for both)."""
    return rows.sort("ordering", "row").select(
        "row",
        newest=pl.col("id").is_last_distinct(),
        repeated=~pl.struct("id", "content_hash").is_last_distinct(),
    )


def decide_withdrawals(rows: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """The page of a key-set comparison: what the agency no longer has is changed (withdrawn), once."""
    facts = rows.join(known, on="id", how="left", maintain_order="left")
    gone = pl.col("known_hash").is_not_null() & ~pl.col("known_withdrawn")
    again = ~pl.col("id").is_first_distinct()
    disposition = pl.when(again).then(DUPLICATE).when(gone).then(CHANGED).otherwise(UNCHANGED).cast(pl.UInt8)
    return facts.with_columns(disposition=disposition)


def counts(dispositions: pl.Series) -> tuple[int, int, int, int, int, int]:
    """How many rows have each disposition, in the order of the constants above."""
    found = dict(dispositions.value_counts().iter_rows())
    return (found.get(0, 0), found.get(1, 0), found.get(2, 0), found.get(3, 0), found.get(4, 0), found.get(5, 0))
