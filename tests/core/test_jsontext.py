"""Columns as JSON texts and back: whatever stands in a value, and nothing for what is empty."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
from hypothesis import example, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from exchange.core.jsontext import object_columns, object_texts

COLUMNS: dict[str, pl.DataType] = {
    "a": pl.String(),
    "long_name_2": pl.String(),
    "day": pl.Date(),
    "amount": pl.Decimal(24, 6),
    "yes": pl.Boolean(),
    "z": pl.String(),
}
SCHEMA = pl.Schema(COLUMNS)
Row = tuple[str | date | Decimal | bool | None, ...]

TRAPS = [
    '"',
    "\\",
    '"a":null,',
    '\\"a\\":null,',
    ":null",
    '","z":null',
    ",}",
    "}",
    "{}",
    "null",
    "\n",
    "\t",
    "\x00",
    "\u2028",
    "滨海",
    "𠮷",
    "😀",
    "",
]
texts = (
    st.none() | st.sampled_from(TRAPS) | st.text(max_size=5) | st.lists(st.sampled_from(TRAPS), max_size=3).map("".join)
)
amounts = st.decimals(min_value=-(10**15), max_value=10**15, places=6)
rows = st.tuples(
    texts, texts, st.none() | st.dates(date(1800, 1, 1)), st.none() | amounts, st.none() | st.booleans(), texts
)


def framed(lines: list[Row]) -> pl.DataFrame:
    """Rows as a frame."""
    return pl.DataFrame(lines, schema=SCHEMA, orient="row")


@given(st.lists(rows, max_size=4))
@settings(deadline=None, max_examples=300)
@example([('"a":null,', '"', None, None, None, ":null}")])
@example([(None,) * 6, ("x",) + (None,) * 5, (None,) * 5 + ("x",)])
def test_what_goes_in_comes_out(lines: list[Row]) -> None:
    """Texts made of columns are read back as the same columns."""
    frame = framed(lines)
    assert_frame_equal(object_columns(object_texts(frame, list(SCHEMA)), SCHEMA), frame)


def in_json(value: object) -> object:
    """A value as JSON holds it: booleans as they are, dates in ISO 8601, amounts with six decimals."""
    return value if isinstance(value, bool) else f"{value:.6f}" if isinstance(value, Decimal) else str(value)


@given(st.lists(rows, max_size=4))
@settings(deadline=None, max_examples=200)
def test_texts_are_json_of_the_filled_columns(lines: list[Row]) -> None:
    """Python's own JSON reader finds exactly the values that are there, in the columns' order."""
    for line, text in zip(lines, object_texts(framed(lines), list(SCHEMA)), strict=True):
        filled = {name: in_json(value) for name, value in zip(SCHEMA, line, strict=True) if value is not None}
        found: dict[str, Any] = json.loads(text)
        assert found == filled
        assert list(found) == list(filled)


def test_rows_do_not_depend_on_their_neighbours() -> None:
    """A column that is empty in the whole page gives the same text as one that is empty in the row."""
    alone, together = framed([("x", *[None] * 5)]), framed([("x", *[None] * 5), (None, "y", *[None] * 4)])
    assert object_texts(alone, list(SCHEMA))[0] == object_texts(together, list(SCHEMA))[0] == '{"a":"x"}'


def test_only_the_chosen_columns_are_told() -> None:
    """Columns are chosen by name and stand in the order asked for; none gives an empty object."""
    frame = framed([("x", "y", None, Decimal("1.5"), False, "z")])
    assert object_texts(frame, ["z", "yes", "amount"]).to_list() == ['{"z":"z","yes":false,"amount":"1.500000"}']
    assert object_texts(frame, []).to_list() == ["{}"]
    assert object_texts(frame.clear(), list(SCHEMA)).to_list() == []


def test_columns_that_a_text_lacks_are_null() -> None:
    """An older text without a column of today's schema reads as nothing there; one it has beyond is left out."""
    found = object_columns(pl.Series(['{"a":"x","gone":"y"}', "{}"]), SCHEMA)
    assert found.rows() == [("x", *[None] * 5), (None,) * 6]
    assert object_columns(pl.Series([], dtype=pl.String), SCHEMA).schema == SCHEMA
