"""The values that travel: what reading yields, what prepare yields. Frames are eager polars frames.

One word per thing: a *row* is in the agency's words, a *record* in the hub's. Rows are numbered from 0 inside their
page, in the order in which they were read; every frame below refers to a row by that number (`row`, UInt32).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import polars as pl

PAGE_ROWS_MAX = 50_000
"""A page is handled as one unit and settled in one transaction."""


@dataclass(frozen=True)
class RawPage:
    """What `read` hands to `prepare`: every row counted, none judged yet.

    `rows`: one line per pulled row, String columns in the agency's words (null = the row did not hold the column,
    or could not be read). `broken`: the rows that are no rows (row UInt32, rule String, raw Binary): wrong column
    count, undecodable bytes, open quote, not an object. Their line in `rows` is all null.
    `delivered_at`: microseconds since 1970 UTC; orders versions where the agency gives no timestamp.
    `cursor`: where the next page of this partition begins, as text (may hold a citizen id: it is sealed before it is
    stored). `withdraws` marks the page made by a key-set comparison: its rows hold only the key columns, and each says
    that the agency no longer has that row.
    """

    partition: str
    number: int
    rows: pl.DataFrame
    broken: pl.DataFrame
    cursor: str
    delivered_at: int
    withdraws: bool = False


BROKEN = pl.Schema({"row": pl.UInt32, "rule": pl.String, "raw": pl.Binary})
FAULTS = pl.Schema({"row": pl.UInt32, "column": pl.String, "rule": pl.String})
"""One reason why one row was refused: never with the value. `column` is the record's column, or the agency's."""
REPAIRS = pl.Schema({"row": pl.UInt32, "column": pl.String, "rule": pl.String})
"""What cleaning changed and kept the original of, or flagged and kept (same shape as a fault, but the row stays)."""


@dataclass(frozen=True)
class Translated:
    """A page in the hub's words. `records` has one line per row of the page (row UInt32 first, then the record's
    columns in schema order with the schema's dtypes); a line with a parse fault holds null there."""

    records: pl.DataFrame
    faults: pl.DataFrame
    flags: pl.DataFrame


Status = Literal["accepted", "refused", "known"]


@dataclass(frozen=True)
class Prepared:
    """What `prepare` yields: the page without any plaintext of a sealed column.

    `rows`: one line per pulled row: row UInt32, source_key Binary(16), content_hash Binary(16), ordering Int64, status
    UInt8 (see STATUS). `records`: the accepted rows only: row, record_id Binary(16), public (String: JSON of
    the public columns), the typed public columns, `<group>` Binary envelope (null when the group is empty), `filled`
    (Int64 bitmap of filled columns in schema order), `name_key` Binary(16) or null.
    `links`: row, kind String, key Binary(16). `faults`: FAULTS. `refused`: row, fingerprint Binary(16), envelope
    Binary (the sealed raw row).
    """

    partition: str
    number: int
    sealed_cursor: bytes
    withdraws: bool
    rows: pl.DataFrame
    records: pl.DataFrame
    links: pl.DataFrame
    faults: pl.DataFrame
    flags: pl.DataFrame
    refused: pl.DataFrame
    seconds: float = field(default=0.0, compare=False)


STATUS = {"accepted": 0, "refused": 1, "known": 2}
"""`known`: same key, same content and same contract as settled; not checked again."""
