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
    """The findings as a frame of `exchange.core.page.FAULTS`, sorted by row, each fault once."""
    frames = [
        pl.DataFrame({"row": finding.where.fill_null(False).arg_true()}, schema={"row": pl.UInt32}).with_columns(
            column=pl.lit(finding.column), rule=pl.lit(finding.rule)
        )
        for finding in findings
        if finding.where.any()
    ]
    return sorted_faults(pl.concat(frames) if frames else pl.DataFrame(schema=FAULTS))


def sorted_faults(faults: pl.DataFrame) -> pl.DataFrame:
    """Each fault once, by row; within a row in the order in which they were found."""
    if faults.is_empty():
        return pl.DataFrame(schema=FAULTS)
    return faults.cast(FAULTS).unique(maintain_order=True).sort("row", maintain_order=True)
