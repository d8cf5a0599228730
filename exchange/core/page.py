"""The values that travel: what reading yields, what prepare yields. Frames are eager polars frames.

One word per thing: a *row* is in the agency's words, a *record* in the hub's. Rows are numbered from 0 inside their
page, in the order in which they were read; every frame below refers to a row by that number (`row`, UInt32).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

PAGE_ROWS_MAX = 50_000
"""A page is handled as one unit and settled in one transaction."""

BROKEN = pl.Schema({"row": pl.UInt32, "rule": pl.String, "raw": pl.Binary})
MARKED = pl.Schema({"row": pl.UInt32, "rule": pl.String})
FAULTS = pl.Schema({"row": pl.UInt32, "column": pl.String, "rule": pl.String})
"""One reason why one row was refused: never with the value. `column` is the record's column, or the agency's."""


@dataclass(frozen=True)
class RawPage:
    """What `read` hands to `prepare`: every row counted, none judged yet.

    `rows`: one line per pulled row, String columns in the agency's words (null = the row did not hold the column,
    or could not be read). `broken`: the rows that are no rows (row UInt32, rule String, raw Binary): wrong column
    count, undecodable bytes, open quote, not an object. Their line in `rows` is all null.
    `marked` (MARKED): rows about which the reader has a flag, as that they came in another encoding.
    `whole`: the rows as they were delivered, where `rows` are only some of them: what a column holds is told from all.
    `delivered_at`: microseconds since 1970 UTC; orders versions where the agency gives no timestamp.
    `cursor`: where the next page of this partition begins, as text (may hold a citizen id: it is sealed before it is
    stored).
    """

    partition: str
    number: int
    rows: pl.DataFrame = field(repr=False)
    broken: pl.DataFrame = field(repr=False)
    cursor: str = field(repr=False)
    delivered_at: int
    marked: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=MARKED))
    whole: pl.DataFrame | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Translated:
    """A page in the hub's words. `records` has one line per row of the page (row UInt32 first, then the record's
    columns in schema order with the schema's dtypes); a line with a parse fault holds null there."""

    records: pl.DataFrame = field(repr=False)
    faults: pl.DataFrame
    flags: pl.DataFrame


STATUS = {"accepted": 0, "refused": 1, "known": 2, "checked": 3}
"""`known`: same key, same content and same contract as settled; not checked again. `checked`: accepted before under this
contract, and another version than the one settled, no newer; not checked again either."""


@dataclass(frozen=True)
class Prepared:
    """What `prepare` yields: the page without any plaintext of a sealed column.

    `rows`: one line per pulled row: row UInt32, id Binary (16 bytes; zeros where the row has no key), content_hash Binary
    (16 bytes), ordering Int64, status UInt8 (see STATUS). `records`: the accepted rows only: row, id, the typed public
    columns that hold anything, `unsealed` (JSON of public and internal ones, with the words written for codes), an envelope
    column per field group (null where the group is empty), `sealed` (the envelopes and that of the originals as one bundle),
    `filled` (bitmap of filled columns in schema order), `name_key` (keyed hash of the name as it is compared, or null).
    `links`: row, kind, key (16 bytes). `faults`, `flags`: FAULTS. `refused`: row, fingerprint, envelope (the raw row; null
    where the row has an open quarantine entry already and nothing was looked at again).
    `withdraws`: each row says that the agency no longer has that record. `known` (schema KNOWN of `decide`): what was
    settled for these rows when the library's newest change was `known_as_of`; while it is the newest, that still holds.
    """

    partition: str
    number: int
    sealed_cursor: bytes | None
    withdraws: bool
    rows: pl.DataFrame
    records: pl.DataFrame
    links: pl.DataFrame
    faults: pl.DataFrame
    flags: pl.DataFrame
    refused: pl.DataFrame
    known: pl.DataFrame | None = field(default=None, repr=False)
    known_as_of: int = -1
