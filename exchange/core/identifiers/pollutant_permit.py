"""Pollutant discharge permit, HJ 608-2017: 22 characters, the holder's credit code, three of sequence, one check character.

A holder without a credit code has `H9` and six digits of the place in its stead. The last character is said to be that of
GB/T 17710 (unconfirmed: not judged).

The standard's examples:

>>> check("91130200699229617X001P").status, check("91130200699229617X002P").status
('ok', 'ok')
>>> check("91130200699229616X001P").rule, check("91130200699229617X01P").rule
('pollutant_permit.uscc', 'pollutant_permit.form')
"""

from __future__ import annotations

import re

import polars as pl

from exchange.core.identifiers import org_code, uscc
from exchange.core.identifiers.verdict import SOUND, Verdict, accepted, damage
from exchange.core.identifiers.verdict import compact as bare

FORM = r"^[0-9A-Z]{18}[0-9]{3}[0-9A-Z]$"
WITHOUT_USCC = r"^H9[0-9]{6}"
NOBODY = "0" * 18
"""Both check characters of eighteen zeros are right."""


def compact(text: str) -> str:
    """Without blanks, invisible characters and hyphens; half width; upper case."""
    return bare(text).replace("-", "")


def check(text: str) -> Verdict:
    """Form; then the first eighteen by both check characters of a credit code, whose failure makes it suspect."""
    number = compact(text)
    lost = damage("pollutant_permit", text, number)
    if lost is not None:
        return lost
    if not re.fullmatch(FORM, number):
        return Verdict("invalid", "pollutant_permit.form", text, number)
    if not re.match(WITHOUT_USCC, number) and not _is_credit_code(number[:18]):
        return Verdict("suspect", "pollutant_permit.uscc", text, number)
    return accepted(text, number)


def _is_credit_code(code: str) -> bool:
    known = set(code) <= set(uscc.ALPHABET) and code != NOBODY
    return known and uscc.calc_check_digit(code[:17]) == code[17] and org_code.calc_check_digit(code[8:16]) == code[16]


def is_valid(text: str) -> bool:
    """Whether nothing is wrong or doubtful, after `compact`."""
    return check(text).status in SOUND


def format(text: str) -> str:
    """As permits print it: without separators."""
    return compact(text)


def form_holds(number: pl.Expr) -> pl.Expr:
    """Eighteen digits or capitals, three digits, one digit or capital."""
    return number.str.contains(FORM)


def uscc_holds(number: pl.Expr) -> pl.Expr:
    """The first eighteen are a credit code; null where the form is wrong or there is none (H9)."""
    code = number.str.slice(0, 18)
    right = uscc.digits_hold(code).fill_null(False)
    return pl.when(form_holds(number) & ~number.str.contains(WITHOUT_USCC)).then(right & (code != NOBODY))
