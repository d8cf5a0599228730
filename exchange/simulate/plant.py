"""Planting: which row of a feed gets which defect, and the truth about it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from exchange.simulate.defects import DEFECTS
from exchange.simulate.draw import draw, permuted

SLOTS = 512
"""Shares are counted in slots: any 512 rows that follow one another have each slot once."""
OTHER_ENCODING, BROKEN_LINE, TWICE = 55, 60, 61


@dataclass(frozen=True)
class Planted:
    """A defect in a column of a feed: in `slots` of 512 rows, where the text matches `fits`.

    `taken`: the column whose text is put there, if it is another one.
    """

    number: int
    column: str
    slots: int = 1
    fits: str = ""
    taken: str = ""


def plant(rows: pl.DataFrame, planted: Sequence[Planted], seed: int, feed: str) -> pl.DataFrame:
    """The rows with their defects, and three columns more: `defect` (0 = none), `verdict`, `reason`.

    `rows` has `ordinal`, the place in the feed that decides everything, and the agency's columns as texts.
    """
    slot = permuted(rows["ordinal"], seed, f"{feed}.slot", SLOTS)
    chance = draw(rows["ordinal"], seed, f"{feed}.chance")
    columns = {name: rows[name].clone() for name in {each.column for each in planted}}
    numbers = pl.zeros(len(rows), dtype=pl.UInt8, eager=True)
    start = 0
    for each in planted:
        here = ((slot >= start) & (slot < start + each.slots)).arg_true()
        start += each.slots
        given = rows[each.taken or each.column].gather(here)
        places, texts = _changed(given, chance.gather(here), each)
        touched = here.gather(places)
        columns[each.column] = columns[each.column].scatter(touched, texts)
        numbers = numbers.scatter(touched, each.number)
    if start > SLOTS:
        raise ValueError(f"{feed}: more than {SLOTS} slots")
    return rows.with_columns(*(column.alias(name) for name, column in columns.items()), *judged(numbers))


def _changed(texts: pl.Series, chances: pl.Series, each: Planted) -> tuple[list[int], list[str]]:
    """The places of `texts` at which the defect changes something, and what it makes of them."""
    places, changed = [], []
    for at, (text, chance) in enumerate(zip(texts.to_list(), chances.to_list(), strict=True)):
        if text is None or re.search(each.fits, text) is None:
            continue
        after = DEFECTS[each.number].change(text, chance)
        if after != text or each.taken or each.number in (OTHER_ENCODING, BROKEN_LINE):
            places.append(at)
            changed.append(after)
    return places, changed


def judged(numbers: pl.Series) -> tuple[pl.Series, pl.Series, pl.Series]:
    """`defect`, `verdict` and `reason` of each row by the number of its defect."""
    verdicts = {number: defect.verdict for number, defect in DEFECTS.items()}
    reasons = {number: defect.reason for number, defect in DEFECTS.items()}
    text = pl.String
    return (
        numbers.alias("defect"),
        numbers.replace_strict(verdicts, default="good", return_dtype=text).alias("verdict"),
        numbers.replace_strict(reasons, default="", return_dtype=text).alias("reason"),
    )
