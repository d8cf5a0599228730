"""Chance without state: one 64-bit draw for each (seed, stream, index), over whole columns.

The generator is SplitMix64 (Steele, Lea, Flood 2014): a counter times the golden gamma, then a mixing function that
turns every input bit into half of the output bits. Polars' UInt64 arithmetic wraps, which is what it needs.
"""

from __future__ import annotations

import hashlib
import math
from datetime import date, timedelta
from functools import cache

import polars as pl

GAMMA = 0x9E3779B97F4A7C15


def key(seed: int, stream: str) -> int:
    """The 64-bit start of one stream of draws.

    >>> key(1, "company") == key(1, "company"), key(1, "company") == key(2, "company")
    (True, False)
    """
    return int.from_bytes(hashlib.blake2b(f"{seed}/{stream}".encode(), digest_size=8).digest(), "big")


def draw(index: pl.Series, seed: int, stream: str) -> pl.Series:
    """A UInt64 series of draws, one for each index of `index` (any integer series).

    >>> draw(pl.Series([0, 1]), 7, "a").to_list() == [draw(pl.Series([i]), 7, "a")[0] for i in (0, 1)]
    True
    """
    mixed = index.cast(pl.UInt64) * GAMMA + pl.Series([key(seed, stream)], dtype=pl.UInt64)
    mixed = (mixed ^ (mixed // (1 << 30))) * 0xBF58476D1CE4E5B9
    mixed = (mixed ^ (mixed // (1 << 27))) * 0x94D049BB133111EB
    return mixed ^ (mixed // (1 << 31))


def pick(drawn: pl.Series, table: pl.Series) -> pl.Series:
    """A value of `table` for each draw.

    >>> pick(pl.Series([0, 4, 7], dtype=pl.UInt64), pl.Series(["a", "b", "c"])).to_list()
    ['a', 'b', 'b']
    """
    return table.gather((drawn % len(table)).cast(pl.UInt32))


def permuted(index: pl.Series, seed: int, stream: str, size: int) -> pl.Series:
    """Each index 0 … size − 1 sent to another one, none twice (affine, so it needs no table). `size` ≤ 2³².

    >>> sorted(permuted(pl.Series(range(10)), 3, "x", 10).to_list()) == list(range(10))
    True
    """
    start = key(seed, stream)
    factor = int(size * 0.6180339887) | 1
    while math.gcd(factor, size) != 1:
        factor += 2
    return (index.cast(pl.UInt64) * factor + start % size) % size


def joined(*parts: pl.Series | str) -> pl.Series:
    """The parts written one after the other; a str is the same for every row.

    >>> joined(pl.Series(["a", "b"]), "-", pl.Series(["c", "d"])).to_list()
    ['a-c', 'b-d']
    """
    named = [part.alias(str(at)) if isinstance(part, pl.Series) else pl.lit(part) for at, part in enumerate(parts)]
    series = [part for part in named if isinstance(part, pl.Series)]
    columns = [pl.col(part.name) if isinstance(part, pl.Series) else part for part in named]
    return pl.DataFrame(series).select(pl.concat_str(columns).alias("joined")).to_series()


@cache
def days(first: str, count: int) -> pl.Series:
    """`count` days from `first` on, as texts YYYY-MM-DD.

    >>> days("2024-02-28", 3).to_list()
    ['2024-02-28', '2024-02-29', '2024-03-01']
    """
    start = date.fromisoformat(first)
    return pl.Series([(start + timedelta(days=at)).isoformat() for at in range(count)])
