"""Two or more numbers in one cell of a credit code (`91…G;440…`, `A/B`), told apart (standards §5, defect 17)."""

from __future__ import annotations

import polars as pl

from exchange.core.identifiers import citizen_id, org_code, reg_no, uscc

SEVERAL = r"^[0-9A-Z-]{9,20}(?:[;,/|、][0-9A-Z-]{9,20})+$"
"""Numbers and the marks that agencies put between them, in a compact cell."""
KINDS = ("uscc", "org_code", "reg_no", "citizen_id")


def told_apart(cells: pl.Series) -> pl.DataFrame:
    """The number of each kind in cells that hold several (columns KINDS), null where there is none.

    A number is only what its own check characters say. A cell with two of one kind is not taken apart: all is null.

    >>> told_apart(pl.Series(["440301104001813;91120116244997951G"])).row(0)
    ('91120116244997951G', None, '440301104001813', None)
    >>> told_apart(pl.Series(["91120116244997951G/91350100M000100Y43/440301104001813"])).row(0)
    (None, None, None, None)
    """
    parts = (
        cells.str.extract_all("[0-9A-Z-]+")
        .to_frame("number")
        .with_row_index("row")
        .explode("number")
        .with_columns(pl.col("number").str.replace_all("-", "", literal=True))
    )
    parts = parts.with_columns(kind=_kind(pl.col("number"))).unique().filter(pl.col("kind").is_not_null())
    twice = parts.filter(pl.struct("row", "kind").is_duplicated())
    only = parts.join(twice, on="row", how="anti")
    rows = pl.DataFrame({"row": pl.int_range(len(cells), dtype=pl.get_index_type(), eager=True)})
    for kind in KINDS:
        own = only.filter(pl.col("kind") == kind).select("row", pl.col("number").alias(kind))
        rows = rows.join(own, on="row", how="left", maintain_order="left")
    return rows.with_columns(citizen_id.upgraded(pl.col("citizen_id"))).select(KINDS)


def _kind(number: pl.Expr) -> pl.Expr:
    return (
        pl.when(uscc.check_digit_holds(number))
        .then(pl.lit("uscc"))
        .when(org_code.check_digit_holds(number))
        .then(pl.lit("org_code"))
        .when(reg_no.check_digit_holds(number))
        .then(pl.lit("reg_no"))
        .when(citizen_id.holds(citizen_id.upgraded(number)))
        .then(pl.lit("citizen_id"))
    )
