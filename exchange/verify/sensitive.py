"""Values that must lie nowhere in the open, taken from the sources themselves."""

from __future__ import annotations

import random
import re

import polars as pl

from exchange.verify.forms import cleaned, key_text
from exchange.verify.ground import Ground
from exchange.verify.sources import SOURCES, Row, Source, head

VALUES_PER_COLUMN = 4_000
"""Of a larger column a sample of so many values is searched, the same one every time."""
ROWS_MAX = 200_000
"""Of a larger source the first rows are looked at."""
SEED = 20260105
_ID_LIKE = re.compile(r"[0-9]{15}|[0-9]{17}[0-9Xx]")


def sealed_values(ground: Ground, feeds: list[str]) -> list[str]:
    """Values of sealed columns of these feeds, without those that stand in a public column of some source as well.

    A citizen id is looked for even so: the hub must take it out of public columns. Raises Unreached if a source is away.
    """
    sealed: dict[str, None] = {}
    public: set[str] = set()
    for name in feeds:
        source = SOURCES[name]
        ground.note(f"取 {name} 的敏感值。Taking sealed values of {name}.")
        rows = head(source, ground.addresses[name], ROWS_MAX)
        sealed |= dict.fromkeys(_sample(name, source, rows))
        public |= {row.get(column, "") for row in rows for column in source.public}
    values = [value for value in sealed if len(value) >= 3]
    kept = [value for value in values if _ID_LIKE.fullmatch(value)] + _not_public(values, public)
    return list(dict.fromkeys(form for value in kept for form in cleaned(value)))


def _sample(name: str, source: Source, rows: list[Row]) -> list[str]:
    found: list[str] = []
    for column in source.sealed:
        values = sorted({row.get(column, "").strip() for row in rows})
        if len(values) > VALUES_PER_COLUMN:
            # Not for secrecy: the same sample every time, so that a finding can be looked at again.
            values = random.Random(f"{SEED}/{name}/{column}").sample(values, VALUES_PER_COLUMN)
        found += values
    return found


def _not_public(values: list[str], public: set[str]) -> list[str]:
    """Values (no citizen ids) that are no part of a public value, cleaned or not: a firm may bear its owner's name."""
    others = {value: cleaned(value) for value in values if not _ID_LIKE.fullmatch(value)}
    if not others:
        return []
    forms = sorted({form for each in others.values() for form in each})
    texts = pl.DataFrame({"text": sorted(public | {key_text(text) for text in public})}, schema={"text": pl.String})
    met = texts.select(pl.col("text").str.extract_many(forms, overlapping=True).explode().unique()).to_series()
    shown = set(met.drop_nulls().to_list())
    return [value for value, each in others.items() if shown.isdisjoint(each)]
