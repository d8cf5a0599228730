"""Deliveries: the rows of a feed in the order in which an agency hands them over, with repeats and newer versions.

On day 0 two of a hundred rows come twice in a row and one of a hundred, if clean, comes again later with another
content. On a later day come the changed and the new rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import polars as pl

from exchange.simulate.draw import permuted
from exchange.simulate.feeds import SAME_DAY
from exchange.simulate.plant import BROKEN_LINE, TWICE
from exchange.simulate.truth import labelled
from exchange.simulate.world import World, changed_on, span

PART_ROWS = 48_000
"""Originals in one part; with their repeats they stay below a page of 50,000 rows."""

Rows = Callable[[World, pl.Series, int], pl.DataFrame]
"""How a feed writes the things of an index series, in a version."""


@dataclass(frozen=True)
class Feed:
    """A feed's name, the column of its key, how it writes rows, and how many things it knows on a day."""

    name: str
    key: str
    rows: Rows
    count: Callable[[World, int], int]


@dataclass(frozen=True)
class Moved:
    """What a later day brought to a feed: rows, of which `new` and `changed` are acceptable and `bad` are not."""

    new: int
    changed: int
    bad: int
    deleted: int = 0


def first_parts(feed: Feed, world: World, part_rows: int) -> Iterator[pl.DataFrame]:
    """Day 0 without its newer versions: originals, some followed by their repeat."""
    count = feed.count(world, 0)
    for first in range(0, count, part_rows):
        index = span(first, min(first + part_rows, count))
        rows = labelled(feed.rows(world, index, 0), feed.key, "original", 0)
        again = (_share(index, world, feed, 2)) & (rows["defect"] != BROKEN_LINE)
        number = pl.when(pl.col("defect") == 0).then(pl.lit(TWICE, pl.UInt8)).otherwise("defect").alias("defect")
        twice = rows.filter(again).with_columns(pl.lit("duplicate").alias("role"), number)
        order = pl.concat([rows, twice]).with_row_index("nth")
        yield order.sort("ordinal", "nth").drop("nth")


def newer_part(feed: Feed, world: World) -> Iterator[pl.DataFrame]:
    """The newer versions within day 0, in parts."""
    count = feed.count(world, 0)
    for first in range(0, count, PART_ROWS * 100):
        index = span(first, min(first + PART_ROWS * 100, count))
        chosen = index.filter(permuted(index, world.seed, f"{feed.name}.share", 100) == 99)
        rows = labelled(feed.rows(world, chosen, SAME_DAY), feed.key, "newer", 0)
        yield rows.filter(pl.col("defect") == 0)


def later_day(feed: Feed, world: World, day: int) -> tuple[pl.DataFrame, Moved]:
    """Changed and new rows of a day ≥ 1, and how many of which."""
    before, after = feed.count(world, day - 1), feed.count(world, day)
    changed = labelled(feed.rows(world, changed_on(day, before), day), feed.key, "changed", day)
    changed = changed.filter(pl.col("defect") == 0)
    new = labelled(feed.rows(world, span(before, after), day), feed.key, "new", day)
    bad = int((new["verdict"] == "bad").sum())
    return pl.concat([changed, new]), Moved(len(new) - bad, len(changed), bad)


def _share(index: pl.Series, world: World, feed: Feed, percent: int) -> pl.Series:
    return permuted(index, world.seed, f"{feed.name}.share", 100) < percent
