"""Food permits: `JY` (sale, catering) or `SC` (production) and fourteen digits, the last of them a check digit.

JY: 1 kind of business, 2 province, 2 city, 2 county, 6 sequence. SC: 3 kind of food, 6 place, 4 sequence (both
unconfirmed: not judged). The check digit is ISO 7064 MOD 11,10 over the thirteen before it. No standard says so: it was
inferred from two numbers, so its failure is doubtful and never refuses.

>>> check("JY" + "1120116000001" + calc_check_digit("1120116000001")).status
'ok'
>>> check("JY11201160000010").rule, check("JZ11201160000017").rule
('food_permit.check_digit', 'food_permit.form')
"""

from __future__ import annotations

import re

import polars as pl

from exchange.core.identifiers import reg_no
from exchange.core.identifiers.verdict import SOUND, Verdict, accepted, damage
from exchange.core.identifiers.verdict import compact as bare

FORM = r"^(?:JY|SC)[0-9]{14}$"


def compact(text: str) -> str:
    """Without blanks, invisible characters and hyphens; half width; upper case."""
    return bare(text).replace("-", "")


def calc_check_digit(body: str) -> str:
    """The last digit for the thirteen after the letters."""
    return reg_no.calc_check_digit(body)


def check(text: str) -> Verdict:
    """Form; then the check digit, whose failure makes it suspect."""
    number = compact(text)
    lost = damage("food_permit", text, number)
    if lost is not None:
        return lost
    if not re.fullmatch(FORM, number):
        return Verdict("invalid", "food_permit.form", text, number)
    if calc_check_digit(number[2:15]) != number[15]:
        return Verdict("suspect", "food_permit.check_digit", text, number)
    return accepted(text, number)


def is_valid(text: str) -> bool:
    """Whether nothing is wrong or doubtful, after `compact`."""
    return check(text).status in SOUND


def format(text: str) -> str:
    """As permits print it: without separators."""
    return compact(text)


def form_holds(number: pl.Expr) -> pl.Expr:
    """JY or SC and fourteen digits."""
    return number.str.contains(FORM)


def check_digit_holds(number: pl.Expr) -> pl.Expr:
    """Last digit as MOD 11,10 computes it; null where the form is wrong."""
    digits = pl.when(form_holds(number)).then(number.str.slice(2)).cast(pl.UInt64)
    return reg_no.mod_11_10(digits + 55 * 10**14)
