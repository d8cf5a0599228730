"""Check sums over whole columns: a text of fixed length seen as bytes, each byte looked up in a table.

A text appears twice in each expression, not once per character: polars plans an expression again wherever it stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

UNKNOWN = 1_000_000
"""Value of a character that has none: more than any sum of known ones, so that a sum shows it."""


def byte_values(alphabet: str) -> pl.Series:
    """Table of 256 places: the place in `alphabet` of each of its ASCII characters, `UNKNOWN` for every other byte."""
    known: Mapping[int, int] = {byte: place for place, byte in enumerate(alphabet.encode("ascii"))}
    return pl.Series([known.get(byte, UNKNOWN) for byte in range(256)], dtype=pl.UInt32)


def _bytes(text: pl.Expr, length: int) -> pl.Expr:
    """Texts of exactly `length` bytes as arrays; zeros, which no table knows, for every other text."""
    exact = pl.when(text.str.len_bytes() == length).then(text).otherwise(pl.lit("\0" * length))
    return exact.cast(pl.Binary).bin.reinterpret(dtype=pl.Array(pl.UInt8, length))


def weighted_sum(text: pl.Expr, values: pl.Series, weights: Sequence[int], length: int) -> pl.Expr:
    """Σ value × weight over the first characters of texts of `length`; null where one of them has no value."""
    row = pl.Series([[*weights, *([0] * (length - len(weights)))]], dtype=pl.Array(pl.UInt32, length))
    found = pl.lit(values).gather(_bytes(text, length).explode().cast(pl.UInt32)).reshape((-1, length))
    total = (found * pl.lit(row)).arr.sum()
    return pl.when(total < UNKNOWN).then(total)


def value_at(text: pl.Expr, values: pl.Series, place: int, length: int) -> pl.Expr:
    """The value of the character at `place` in texts of `length`; null where it has none."""
    found = pl.lit(values).gather(_bytes(text, length).arr.get(place).cast(pl.UInt32))
    return pl.when(found < UNKNOWN).then(found)
