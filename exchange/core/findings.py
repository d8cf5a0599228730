"""Faults and flags while they are collected: which rule, on which column, at which rows; never with a value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from exchange.core.page import FAULTS


@dataclass(frozen=True)
class Finding:
    """The rule decided about `column` where `where` (Boolean, one per row of the page) is true; null counts as false."""

    column: str
    rule: str
    where: pl.Series


def table(findings: Iterable[Finding]) -> pl.DataFrame:
    """The findings as a frame of `exchange.core.page.FAULTS`, one after the other."""
    found = [one for one in findings if one.where.any()]
    return pl.DataFrame(
        {
            "row": [one.where.arg_true() for one in found],
            "column": [one.column for one in found],
            "rule": [one.rule for one in found],
        },
        schema={**FAULTS, "row": pl.List(pl.UInt32)},
    ).explode("row")


def sorted_faults(faults: pl.DataFrame) -> pl.DataFrame:
    """Each fault once, by row; within a row in the order in which they were found."""
    if faults.is_empty():
        return pl.DataFrame(schema=FAULTS)
    return faults.unique(maintain_order=True).sort("row", maintain_order=True)


def pairs() -> pl.Expr:
    """Column and rule of all faults or flags of a group, as JSON [[column, rule], …] in their order."""
    pair = pl.format('["{}","{}"]', "column", "rule")
    return pl.format("[{}]", pair.sort().implode().list.join(",")).first()
