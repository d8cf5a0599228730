"""Columns as JSON texts, whole columns at a time: one object a row, empty values left out.

Dates are ISO 8601, decimals are strings (their digits are exact, a JSON number's need not be), booleans stay booleans.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

_EMPTY = r'"[a-z_0-9]+":null,?'


def object_texts(frame: pl.DataFrame, columns: Sequence[str]) -> pl.Series:
    """One JSON object per row holding the filled ones of `columns`; "{}" where all are null.

    A quote inside a value is always escaped, so the pattern of an empty member can't occur within one.

    >>> frame = pl.DataFrame({"name": ['"a":null,', None], "n": [None, "1"]})
    >>> object_texts(frame, ["name", "n"]).to_list()
    ['{"name":"\\\\"a\\\\":null,"}', '{"n":"1"}']
    """
    columns = [name for name in columns if frame[name].null_count() < frame.height]
    if not columns:
        return pl.Series("json", ["{}"] * frame.height, dtype=pl.String)
    members = (_as_json(frame.schema[name], name) for name in columns)
    texts = frame.select(pl.struct(members).struct.json_encode().alias("json")).to_series()
    holed = [pl.col(name).is_null() for name in columns if frame[name].null_count()]
    if not holed:
        return texts
    rows = frame.select(pl.any_horizontal(holed).arg_true()).to_series()
    return texts.scatter(rows, _without_empty(texts.gather(rows)))


def _without_empty(texts: pl.Series) -> pl.Series:
    filled = pl.col("json").str.replace_all(_EMPTY, "")
    closed = pl.when(filled.str.ends_with(",}")).then(filled.str.head(-2) + "}").otherwise(filled)
    return texts.to_frame().select(closed.alias("json")).to_series()


def _as_json(dtype: pl.DataType, name: str) -> pl.Expr:
    if dtype in (pl.String, pl.Boolean):
        return pl.col(name)
    if dtype == pl.Date:
        return pl.col(name).dt.strftime("%Y-%m-%d").alias(name)
    return pl.col(name).cast(pl.String)


def object_columns(texts: pl.Series, schema: pl.Schema) -> pl.DataFrame:
    """The reverse: texts made by `object_texts` back as columns with the dtypes of `schema`.

    >>> object_columns(pl.Series(['{"day":"2016-03-05"}']), pl.Schema({"day": pl.Date, "n": pl.String})).row(0)
    (datetime.date(2016, 3, 5), None)
    """
    wire = pl.Struct({name: pl.Boolean if dtype == pl.Boolean else pl.String for name, dtype in schema.items()})
    struct = texts.rename("json").to_frame().select(pl.col("json").str.json_decode(wire)).to_series()
    columns = struct.struct.unnest()
    return columns.select(_from_json(dtype, name) for name, dtype in schema.items())


def _from_json(dtype: pl.DataType, name: str) -> pl.Expr:
    return pl.col(name).str.to_date("%Y-%m-%d") if dtype == pl.Date else pl.col(name).cast(dtype)
