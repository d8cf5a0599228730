"""Verdicts on whole columns: the rules of a kind as expressions, in the order in which `check` asks them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from exchange.core.identifiers.verdict import (
    COMPACTING,
    FLOAT_FORM,
    LONGEST,
    MARKS,
    PLACEHOLDERS,
    REPAIRS,
    Status,
)

VERDICTS = pl.Schema({"status": pl.String, "rule": pl.String, "after": pl.String})


@dataclass(frozen=True)
class Rule:
    """`broken`, an expression over the columns of the numbers judged, is true where the rule decides."""

    name: str
    status: Status
    broken: pl.Expr


def compacted(text: pl.Series) -> pl.Series:
    """`compact` of each text; the very series where nothing is to do."""
    dirty = text.str.contains("[^0-9A-Z-]").fill_null(False)
    if not dirty.any():
        return text
    old = pl.col("old")
    new = old.str.replace_many(list(COMPACTING), list(COMPACTING.values())).str.strip_chars(MARKS)
    rows = text.filter(dirty).to_frame("old").select(pl.when(old.str.len_chars() <= LONGEST).then(new).otherwise(old))
    return text.clone().scatter(dirty.arg_true(), rows.to_series())


def damages(kind: str, numbers: pl.Series) -> tuple[Rule, ...]:
    """The rules that come first for every kind, as `damage` asks them; two only where a number can break them."""
    number = pl.col("after")
    placeholder = Rule(f"{kind}.placeholder", "placeholder", number.is_in(PLACEHOLDERS))
    if not numbers.str.contains("[*.+]").any():
        return (placeholder,)
    return (
        placeholder,
        Rule("id.masked", "suspect", number.str.contains("*", literal=True)),
        Rule(f"{kind}.float", "invalid", number.str.contains(FLOAT_FORM) & (number.str.len_chars() <= LONGEST)),
    )


def judged(before: pl.Series, numbers: pl.DataFrame, rules: Sequence[Rule]) -> pl.DataFrame:
    """The verdict on each text (schema VERDICTS), the first broken rule deciding; null for null.

    `numbers`: the texts as they are to be kept in the column "after", and what else the rules ask.
    """
    names = ["", *(rule.name for rule in rules), *REPAIRS, "cleaned"]
    statuses = ["ok", *(rule.status for rule in rules), *["repaired"] * (len(REPAIRS) + 1)]
    first = pl.coalesce(
        *(pl.when(rule.broken).then(pl.lit(place, pl.UInt8)) for place, rule in enumerate(rules, 1)),
        pl.lit(0, pl.UInt8),
    )
    verdicts = numbers.select(before.alias("before"), "after", first.alias("place"))
    changed = (verdicts["place"] == 0) & (verdicts["before"] != verdicts["after"])
    if changed.any():
        repairs = _repairs(verdicts.filter(changed)) + (len(rules) + 1)
        verdicts = verdicts.with_columns(verdicts["place"].scatter(changed.arg_true(), repairs))
    place = pl.when(pl.col("before").is_not_null()).then(pl.col("place")).cast(pl.UInt32)
    return verdicts.select(
        pl.lit(pl.Series(statuses)).gather(place).alias("status"),
        pl.lit(pl.Series(names)).gather(place).alias("rule"),
        "after",
    )


def _repairs(changed: pl.DataFrame) -> pl.Series:
    """The place in REPAIRS of each number's most consequential repair; past the last where none has a name."""
    before, after = changed["before"], changed["after"]
    found = pl.repeat(len(REPAIRS), len(changed), dtype=pl.UInt8, eager=True)
    for place, (had, has) in reversed(tuple(enumerate(REPAIRS.values()))):
        likely = before.str.contains(had)
        if likely.any():
            found = found.set(likely & after.str.contains(has), place)
    return found
