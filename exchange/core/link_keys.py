"""The exact identifiers by which records are the same entity, and the text by which names are compared."""

from __future__ import annotations

import polars as pl

from exchange.core import names
from exchange.core.identifiers import citizen_id, org_code, reg_no, uscc
from schemas import columns as facts

LINKS = pl.Schema({"row": pl.UInt32, "kind": pl.String, "key": pl.String})


def _kinds(library: str) -> dict[str, pl.Expr]:
    """Kind of link → its text or null, the strongest first (the order of `schemas.columns.links`)."""
    if library == "person":
        number = citizen_id.upgraded(pl.col("id_no"))
        card = pl.col("id_type").fill_null("10") == "10"
        return {"id_no": pl.when(card & number.str.contains(citizen_id.FORM)).then(number)}
    code, org, number = pl.col("uscc"), pl.col("org_code"), pl.col("reg_no")
    own = pl.when(org_code.check_digit_holds(org)).then(org)
    inside = pl.when(uscc.embedded_holds(code)).then(code.str.slice(8, 9))
    return {
        "uscc": pl.when(uscc.length_holds(code) & uscc.alphabet_holds(code)).then(code),
        "org_code": pl.coalesce(own, inside),
        "reg_no": pl.when(number.str.contains(rf"^[0-9]{{{reg_no.LINK_DIGITS},15}}$")).then(number),
    }


def links(library: str, records: pl.DataFrame) -> pl.DataFrame:
    """Exact identifiers of each record: row, kind, key; a record without any has no line.

    A credit code counts even if a check digit is wrong (the register itself holds such codes); an organisation code only
    if its check digit is right; a registration number from 13 digits on.
    """
    texts = records.select("row", **_kinds(library))
    return (
        texts.unpivot(index="row", variable_name="kind", value_name="key").drop_nulls("key").cast(LINKS).select(*LINKS)
    )


def name_key_text(library: str, records: pl.DataFrame) -> pl.Series:
    """The name as it is compared (`names.key`); null if there is none.

    A sealed name stands behind the strongest identifier, and is null without one: alone, even keyed, names would show by how
    often each comes which they are (reliability T8). Names of two records are only compared where an identifier joins them.
    """
    name = names.key(records["name"])
    if facts.fact(library, "name").group is None:
        return name
    # The identifier has one length, so that no two pairs give one text.
    strongest = next(iter(_kinds(library).values()))
    return records.select(pl.concat_str(strongest, pl.lit(name))).to_series()
