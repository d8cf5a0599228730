"""Rows that the last run of the feed judged under the contract that holds: what was found then need not be found again.

A delivery that is read in full again brings its refused rows again, and the older versions of its records. Neither is what
is settled, so `hint` knows nothing of them; the books of the pages before do.
"""

from __future__ import annotations

import json

import polars as pl

from exchange.core.identify import NO_RECORD
from exchange.core.page import STATUS

JUDGED = pl.Schema({"id": pl.Binary, "content_hash": pl.Binary, "refused": pl.Boolean})
"""What a page of the last run brought: key, content, and whether it was refused."""

PASSING = frozenset({"citizen_id.future", "date.unreadable"})
"""Rules by which a row may be refused today and accepted tomorrow: one asks for the day, the other for what the rest of its
column looks like."""


def recall(rows: pl.DataFrame, known: pl.DataFrame, judged: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`rows`, with status `checked` where a row was accepted before and is another version than the one settled, and no newer
    (`known`, schema KNOWN of `decide`); and the `row` of those refused before, whose status is left: their reasons are in
    the quarantine.

    >>> rows = pl.DataFrame({"row": [0, 1], "id": [b"a", b"b"], "content_hash": [b"1", b"2"], "ordering": [5, 5],
    ...     "status": [0, 0]}, schema_overrides={"row": pl.UInt32, "status": pl.UInt8})
    >>> known = pl.DataFrame({"id": [b"a"], "known_hash": [b"0"], "known_ordering": [6], "known_withdrawn": [False]})
    >>> judged = pl.DataFrame({"id": [b"a", b"b"], "content_hash": [b"1", b"2"], "refused": [False, True]})
    >>> told, refused = recall(rows, known, judged)
    >>> told["status"].to_list(), refused["row"].to_list()
    ([3, 0], [1])
    """
    waiting = rows.filter(pl.col("status") == STATUS["accepted"]).select(
        "row", "content_hash", "ordering", id=pl.col("id").fill_null(NO_RECORD)
    )
    once = judged.group_by("id", "content_hash").agg(pl.col("refused").any())
    met = waiting.join(once, on=["id", "content_hash"], how="inner")
    newest = known.filter(~pl.col("known_withdrawn")).select("id", "known_hash", "known_ordering")
    # What is settled itself waits only where another contract settled it: then it changes, and must be checked.
    other = (pl.col("content_hash") != pl.col("known_hash")) & (pl.col("ordering") <= pl.col("known_ordering"))
    older = met.filter(~pl.col("refused")).join(newest, on="id").filter(other)
    return with_status(rows, older, "checked"), met.filter("refused").select("row").sort("row")


def with_status(rows: pl.DataFrame, some: pl.DataFrame, status: str) -> pl.DataFrame:
    """`rows`, those whose `row` is in `some` with another status."""
    here = pl.col("row").is_in(some["row"].implode())
    return rows.with_columns(status=pl.when(here).then(pl.lit(STATUS[status], pl.UInt8)).otherwise("status"))


def lasting(reasons: pl.Series) -> pl.Series:
    """Whether a row that was refused for these reasons (JSON [[column, rule], …]) is refused for ever: one of them neither
    asks for the day nor for other rows.

    >>> lasting(pl.Series(['[["id_no","citizen_id.future"]]', '[["name","required"]]'])).to_list()
    [False, True]
    """
    kinds = reasons.unique().to_list()
    last = [text for text in kinds if any(rule not in PASSING for _, rule in json.loads(text))]
    return reasons.is_in(last)
