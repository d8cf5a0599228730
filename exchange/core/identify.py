"""Who each row of a page is and whether it changed: record id, keyed content hash, order among versions.

These three need neither translation nor checks, so an unchanged row costs nothing more.
"""

from __future__ import annotations

import polars as pl

from exchange.core import clean, parse
from exchange.core.connector import Connector
from exchange.core.keyed import IndexKeys, keyed_column, keyed_rows
from exchange.core.page import RawPage

IDENTIFIED = pl.Schema({"row": pl.UInt32, "id": pl.Binary, "content_hash": pl.Binary, "ordering": pl.Int64})
NO_RECORD = bytes(16)
"""Stands for the record id where the row held no readable key."""

_TYPED = "^$|[^!-`{-~]"
"""What a key has that is not compared as it is written: anything but visible ASCII without small letters."""

_UNLIKE_A_TIME = "^$|^[^0-9]|[^0-9]$|[^0-9: -]"
"""What a version has that is not read as it is written."""


def identify(connector: Connector, page: RawPage, keys: IndexKeys) -> pl.DataFrame:
    """One line per row (schema IDENTIFIED). `id` is null where a part of the key is missing, `ordering` where the
    version can't be read."""
    feed = connector.name.encode()
    # A version's own time is part of it: the same content said again later outranks what was said in between.
    columns = [name for name in page.rows.columns if name not in connector.ignore or name == connector.version]
    content = page.rows.select(pl.struct(columns).struct.json_encode().cast(pl.Binary)).to_series()
    if page.broken.height:
        content = _with_broken(content, page.broken)
    hashes = keyed_column(keys.content_hash, [feed], content.to_list())
    return pl.DataFrame(
        {
            "row": pl.int_range(page.rows.height, dtype=pl.UInt32, eager=True),
            "id": pl.Series(record_ids(connector, page.rows, keys), dtype=pl.Binary),
            "content_hash": pl.Series(hashes, dtype=pl.Binary),
            "ordering": _ordering(connector, page),
        },
        schema=IDENTIFIED,
    )


def record_ids(connector: Connector, rows: pl.DataFrame, keys: IndexKeys) -> list[bytes | None]:
    """HMAC-SM3(feed, key columns) per row, 16 bytes; None where a part of the key is missing."""
    # What typing adds (blanks anywhere, full width, case) does not make another record.
    parts = rows.select(clean.where_odd(rows[name], _TYPED, clean.folded).cast(pl.Binary) for name in connector.key)
    feed = [connector.name.encode()]
    if parts.width == 1:
        return keyed_column(keys.record, feed, parts.to_series().to_list())
    whole = parts.filter(pl.all_horizontal(pl.all().is_not_null()))
    found = iter(keyed_rows(keys.record, feed, list(whole.iter_rows())))
    filled = parts.select(pl.all_horizontal(pl.all().is_not_null())).to_series().to_list()
    return [next(found) if full else None for full in filled]


def _with_broken(content: pl.Series, broken: pl.DataFrame) -> pl.Series:
    """Rows that are no rows are told apart by their raw bytes."""
    raw = broken.select("row", "raw").unique("row", keep="first")
    rows = content.rename("content").to_frame().with_row_index("row")
    return rows.join(raw, on="row", how="left", maintain_order="left").select(pl.coalesce("raw", "content")).to_series()


def _ordering(connector: Connector, page: RawPage) -> pl.Series:
    if connector.version is None:
        return pl.repeat(page.delivered_at, page.rows.height, dtype=pl.Int64, eager=True)
    text = clean.where_odd(page.rows[connector.version], _UNLIKE_A_TIME, clean.value)
    return parse.read(connector.version_parse, text).values.cast(pl.Int64).rename("ordering")
