"""What reading a column of texts gives: values, and by which rules they were refused, repaired or marked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl


@dataclass(frozen=True)
class Reading:
    """`values` row by row; `faults` and `flags`: rule → where; `beside`: values for other columns of the
    record; `usual`: what those hold where nothing says it."""

    values: pl.Series
    faults: Mapping[str, pl.Series] = field(default_factory=dict)
    flags: Mapping[str, pl.Series] = field(default_factory=dict)
    beside: Mapping[str, pl.Series] = field(default_factory=dict)
    usual: Mapping[str, pl.Series] = field(default_factory=dict)
