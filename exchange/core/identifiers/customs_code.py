"""Customs registration code (海关注册编码, 经营单位编码): ten characters, given by the customs office of the place.

Places 1–4 the district, 5 the kind of zone (1 special zone, 2 development, 3 high technology, 4 bonded, 5 export
processing, 6 bonded port, 7 bonded logistics, 9 other), 6 the kind of enterprise (1 state, 2 cooperative, 3 joint, 4
wholly foreign, 5 collective, 6 private, 7 sole trader, 8 with the right to declare, 9 other), 7–10 sequence (letters in
newer codes, unconfirmed). No check digit. It changes when the firm moves to another zone.

>>> [check(code).rule for code in ("1207260001", "12072600A1", "1207860001", "120726000")]
['', '', 'customs_code.zone', 'customs_code.form']
"""

from __future__ import annotations

import re

import polars as pl

from exchange.core.identifiers.verdict import SOUND, Verdict, accepted, damage
from exchange.core.identifiers.verdict import compact as bare

FORM = r"^[0-9]{4}[0-9A-Z]{6}$"
ZONE_FORM = r"^.{4}[1-79]"
KIND_FORM = r"^.{5}[1-9]"


def compact(text: str) -> str:
    """Without blanks, invisible characters and hyphens; half width; upper case."""
    return bare(text).replace("-", "")


def check(text: str) -> Verdict:
    """Form; a zone or a kind of enterprise that the list doesn't have is doubtful, for the list may be longer."""
    code = compact(text)
    lost = damage("customs_code", text, code)
    if lost is not None:
        return lost
    if not re.fullmatch(FORM, code):
        return Verdict("invalid", "customs_code.form", text, code)
    if not re.match(ZONE_FORM, code):
        return Verdict("suspect", "customs_code.zone", text, code)
    if not re.match(KIND_FORM, code):
        return Verdict("suspect", "customs_code.kind", text, code)
    return accepted(text, code)


def is_valid(text: str) -> bool:
    """Whether nothing is wrong or doubtful, after `compact`."""
    return check(text).status in SOUND


def format(text: str) -> str:
    """As declarations print it: without separators."""
    return compact(text)


def form_holds(code: pl.Expr) -> pl.Expr:
    """Four digits and six digits or capitals."""
    return code.str.contains(FORM)


def zone_holds(code: pl.Expr) -> pl.Expr:
    """Place 5 is a kind of zone; null where the form is wrong."""
    return pl.when(form_holds(code)).then(code.str.contains(ZONE_FORM))


def kind_holds(code: pl.Expr) -> pl.Expr:
    """Place 6 is a kind of enterprise; null where the form is wrong."""
    return pl.when(form_holds(code)).then(code.str.contains(KIND_FORM))
