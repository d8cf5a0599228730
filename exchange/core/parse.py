"""From an agency's text to a value: one parser per word of `exchange.core.connector.Parse`.

A parser never fails on a text: it gives null and says by which rule.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from exchange.core.codes.coded import mapped
from exchange.core.connector import Parse
from exchange.core.dates import days, epoch_microseconds, epoch_ms_days, microseconds
from exchange.core.money import amounts
from exchange.core.reading import Reading


def read(word: Parse, text: pl.Series, column: pl.Series | None = None) -> Reading:
    """The text, cleaned before, read as the word says. `column`: all that was delivered, where `text` is a part of it."""
    if word == "date":
        return days(text, column)
    return _PARSERS[word](text)


def coded(text: pl.Series, table: Mapping[str, str]) -> Reading:
    """The hub's codes for the agency's; a text that the table doesn't hold is a fault.

    Where the table knows the hub's own code, another code or word for it is a variant and flagged (142 for 156, defect 36).
    """
    values = mapped(text, table)
    variant = (values != text) & values.is_in([code for code in table.values() if code in table])
    return Reading(values, {"code.unknown": values.is_null() & text.is_not_null()}, {"cleaned": variant})


def _text(text: pl.Series) -> Reading:
    return Reading(text)


def _timestamp(text: pl.Series) -> Reading:
    values = microseconds(text)
    return Reading(values, faults={"date.unreadable": values.is_null() & text.is_not_null()})


def _epoch_ms(text: pl.Series) -> Reading:
    values = epoch_microseconds(text)
    return Reading(values, faults={"date.unreadable": values.is_null() & text.is_not_null()})


def _integer(text: pl.Series) -> Reading:
    values = text.cast(pl.Int64, strict=False)
    return Reading(values, faults={"integer.unreadable": values.is_null() & text.is_not_null()})


_PARSERS: Mapping[Parse, Callable[[pl.Series], Reading]] = {
    "text": _text,
    "epoch_ms_date": epoch_ms_days,
    "timestamp": _timestamp,
    "epoch_ms": _epoch_ms,
    "money_wan": lambda text: amounts(text, bare_is_wan=True),
    "money_yuan_to_wan": lambda text: amounts(text, bare_is_wan=False),
    "integer": _integer,
}
