"""What a record gains after its columns are read: values put into the column they belong to, values that follow.

Every move is flagged. The functions take and give a frame of records; findings are collected on the way.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from exchange.core import public_ids
from exchange.core.clean import placeholders
from exchange.core.codes import divisions
from exchange.core.codes.industry import EDITIONS, section_of
from exchange.core.findings import Finding
from exchange.core.identifiers import citizen_id, org_code, reg_no, tax_no, uscc
from exchange.core.several_ids import SEVERAL, told_apart
from schemas.columns import fact, facts, unsealed


@dataclass(frozen=True)
class Derived:
    """Records with their faults and flags so far."""

    records: pl.DataFrame
    faults: tuple[Finding, ...] = ()
    flags: tuple[Finding, ...] = ()

    def change(self, *columns: pl.Expr, faults: tuple[Finding, ...] = (), flags: tuple[Finding, ...] = ()) -> Derived:
        """The same with changed columns and more findings."""
        records = self.records.with_columns(*columns) if columns else self.records
        return Derived(records, self.faults + faults, self.flags + flags)

    def where(self, condition: pl.Expr) -> pl.Series:
        """The rows for which the condition is true; null counts as false."""
        return self.records.select(condition.fill_null(False).alias("where")).to_series()


CITIZEN_SLOT = {"legal_person": ("legal_rep_id_no", "legal_rep_id_type"), "person": ("id_no", "id_type")}
"""The sealed columns that a citizen id found elsewhere moves to: its number and the kind of document."""
_NUMBERS = {"legal_person": ("uscc", "org_code", "legal_rep_id_no"), "person": ("id_no",)}
"""Identifiers printed with hyphens by some agencies and without by others."""


def derive(library: str, records: pl.DataFrame, *, registering: bool) -> Derived:
    """All moves and derivations of the library, in their order."""
    derived = _numbers(library, Derived(records))
    if library == "legal_person":
        derived = _codes_in_place(_several(_lookalikes(derived)), registering)
    derived = _upgraded_ids(library, derived)
    derived = _citizen_ids(library, derived, registering)
    return _industry(_org_code(derived)) if library == "legal_person" else derived


def _numbers(library: str, derived: Derived) -> Derived:
    """Identifiers without hyphens; placeholders and masked numbers become null, with a flag."""
    for one in facts(library):
        if one.form != "id":
            continue
        values = derived.records[one.name]
        if values.null_count() == len(values):
            continue
        empty = placeholders(values)
        masked = values.str.contains("*", literal=True).fill_null(False) & ~empty
        if (empty | masked).any():
            flags = (Finding(one.name, "placeholder", empty & (values != "")), Finding(one.name, "id.masked", masked))
            values = values.set(empty | masked, None)
            derived = derived.change(pl.lit(values).alias(one.name), flags=flags)
        if one.name in _NUMBERS[library] and values.str.contains("-", literal=True).any():
            bare = values.str.replace_all("-", "")
            known = bare.str.contains(r"^(?:[0-9A-Z]{9}|[0-9A-Z]{18}|[0-9]{15})$").fill_null(False)
            hyphens = Finding(one.name, "cleaned", known & (bare != values))
            derived = derived.change(pl.lit(bare.zip_with(known, values)).alias(one.name), flags=(hyphens,))
    return derived


def _move(derived: Derived, rule: str, source: str, target: str, value: pl.Expr) -> Derived:
    """Move `value` (null: nothing) out of a column to the one it belongs to, where that is empty or holds the same."""
    free = pl.col(target).is_null() | (pl.col(target) == value)
    where = derived.where(value.is_not_null() & free)
    if not where.any():
        return derived
    moved = pl.lit(where)
    return derived.change(
        pl.when(moved).then(value).otherwise(pl.col(target)).alias(target),
        pl.when(moved).then(None).otherwise(pl.col(source)).alias(source),
        flags=(Finding(source, rule, where),),
    )


def _lookalikes(derived: Derived) -> Derived:
    """Letters that a credit code has not, read as the digits they look like (`uscc.read_lookalikes`; defect 4)."""
    code = pl.col("uscc")
    if not derived.where(code.str.contains("[OIZS]")).any():
        return derived
    read = uscc.lookalikes_read(code)
    where = derived.where(read != code)
    return derived.change(read.alias("uscc"), flags=(Finding("uscc", "uscc.lookalike", where),))


def _several(derived: Derived) -> Derived:
    """Several numbers in the credit code's cell, each in its own column where that is empty (defect 17)."""
    where = derived.where(pl.col("uscc").str.contains(SEVERAL))
    if not where.any():
        return derived
    found = told_apart(derived.records["uscc"].set(~where, None))
    known = found.select(pl.any_horizontal(pl.all().is_not_null())).to_series()
    uscc_part, org_part, reg_part, card = (pl.lit(one) for one in found)
    slot, kind = CITIZEN_SLOT["legal_person"]
    free = pl.col(slot).is_null() & card.is_not_null()
    return derived.change(
        pl.when(pl.lit(known)).then(uscc_part).otherwise(pl.col("uscc")).alias("uscc"),
        pl.coalesce("org_code", org_part).alias("org_code"),
        pl.coalesce("reg_no", reg_part).alias("reg_no"),
        pl.coalesce(slot, card).alias(slot),
        pl.when(free).then(pl.coalesce(kind, pl.lit("10"))).otherwise(pl.col(kind)).alias(kind),
        flags=(Finding("uscc", "uscc.several", known),),
    )


def _codes_in_place(derived: Derived, registering: bool) -> Derived:
    """Credit codes, organisation codes and registration numbers in one another's columns (defect 13, standards §0.2)."""
    code, org = pl.col("uscc"), pl.col("org_code")
    inside = pl.when(org_code.check_digit_holds(code)).then(code)
    derived = _move(derived, "uscc.org_code_in_uscc", "uscc", "org_code", inside)
    derived = _move(derived, "uscc.in_org_code", "org_code", "uscc", pl.when(uscc.check_digit_holds(org)).then(org))
    if registering:
        number = code.str.contains(reg_no.BARE_FORM) | code.str.contains(reg_no.WORDS_FORM)
        derived = _move(derived, "uscc.reg_no_in_uscc", "uscc", "reg_no", pl.when(number).then(code))
    if not derived.where(code.str.len_bytes() == 15).any():
        return derived
    return _move(derived, "uscc.tax_no_in_uscc", "uscc", "org_code", _of_tax_no(code))


def _of_tax_no(code: pl.Expr) -> pl.Expr:
    """The organisation code in a taxpayer number of 15 (defect 15): a division, then a right code; null for other texts.

    One in eleven numbers of other kinds ends in a right code by chance, so it must be neither a registration number nor
    an old citizen id.
    """
    card = citizen_id.date_holds(citizen_id.upgraded(code)).fill_null(False)
    other = reg_no.check_digit_holds(code).fill_null(False) | card
    firm = tax_no.embedded_holds(code) & divisions.existed(code.str.slice(0, 6)) & ~other
    return pl.when((code.str.len_chars() == 15) & firm).then(code.str.slice(6))


def _org_code(derived: Derived) -> Derived:
    """The organisation code inside the credit code, where its own check character holds."""
    inside = pl.when(uscc.embedded_holds(pl.col("uscc"))).then(pl.col("uscc").str.slice(8, 9))
    return derived.change(pl.coalesce("org_code", inside).alias("org_code"))


def _industry(derived: Derived) -> Derived:
    """`I6513` is section I and code 6513; a code without a section gets the section of its division in its edition.

    Where the edition is not said, a section given with the code is right if it is so in any edition.
    """
    code, section, edition = (pl.col(name) for name in ("industry_code", "industry_section", "industry_edition"))
    if derived.records["industry_code"].null_count() == len(derived.records):
        return derived
    lettered = code.str.contains(r"^[A-T](?:[0-9]{2,4})?$")
    letter = pl.when(lettered).then(code.str.slice(0, 1))
    digits = pl.when(lettered).then(code.str.slice(1)).otherwise(code)
    number = pl.when(digits != "").then(digits)
    of_division = _section(number.str.slice(0, 2), edition)
    given = pl.coalesce(section, letter)
    older = [_section(number.str.slice(0, 2), pl.lit(one)) for one in EDITIONS[:-1]]
    undated = edition.is_null() & pl.any_horizontal(given == one for one in older).fill_null(False)
    wrong = derived.where((given != of_division) & ~undated & number.is_not_null())
    derived = derived.change(faults=(Finding("industry_section", "industry.unknown", wrong),))
    return derived.change(pl.coalesce(given, of_division).alias("industry_section"), number.alias("industry_code"))


def _section(division: pl.Expr, edition: pl.Expr) -> pl.Expr:
    """The section of a division; where the edition is not said, the newest."""
    *older, newest = (
        division.replace_strict(section_of(one), default=None, return_dtype=pl.String) for one in EDITIONS
    )
    found = newest
    for name, section in zip(EDITIONS, older, strict=False):
        found = pl.when(edition == name).then(section).otherwise(found)
    return found


def _upgraded_ids(library: str, derived: Derived) -> Derived:
    """15-digit citizen ids become 18 characters (defect 12); the old number can be read off the new one."""
    number, kind = CITIZEN_SLOT[library]
    card = pl.col(kind).fill_null("10") == "10"
    old = derived.where(card & pl.col(number).str.contains(citizen_id.OLD_FORM))
    if not old.any():
        return derived
    return derived.change(
        pl.when(pl.lit(old)).then(citizen_id.upgraded(pl.col(number))).otherwise(pl.col(number)).alias(number),
        flags=(Finding(number, "citizen_id.upgraded", old),),
    )


def _citizen_ids(library: str, derived: Derived, registering: bool) -> Derived:
    """Citizen ids leave unsealed columns; where the sealed column is taken, or the text holds more, the row is refused.

    15 digits in the registration number of the register itself are what they say, whatever they look like.
    """
    slot, kind = CITIZEN_SLOT[library]
    for name in unsealed(library):
        if fact(library, name).dtype != pl.String:
            continue
        text = derived.records[name]
        if text.null_count() == len(text):
            continue
        if registering and name == "reg_no":
            text = text.set(text.str.len_chars() == 15, None)
        found = public_ids.find(text, codes=fact(library, name).form in ("id", "code"))
        if found is None:
            continue
        number = pl.lit(found.number)
        free = derived.where(pl.col(slot).is_null() | (pl.col(slot) == number))
        moved = found.whole & free
        stuck = found.inside | (found.whole & ~free)
        at = pl.lit(moved)
        derived = derived.change(
            pl.when(at).then(number).otherwise(pl.col(slot)).alias(slot),
            pl.when(at).then(pl.coalesce(kind, pl.lit("10"))).otherwise(pl.col(kind)).alias(kind),
            pl.when(at).then(None).otherwise(pl.col(name)).alias(name),
            faults=(Finding(name, "citizen_id.in_public", stuck),),
            flags=(Finding(name, "citizen_id.moved", moved),),
        )
    return derived
