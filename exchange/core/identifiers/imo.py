"""IMO ship number: seven digits, the last a check digit; printed `IMO 9074729`. It stays with the hull for life.

The check digit is the last digit of the sum of the first six, weighted 7 6 5 4 3 2. It does not notice every wrong digit:
one weighted 5 may be off by an even number, one weighted 6, 4 or 2 by five.

For 9074729 the sum is 139:

>>> calc_check_digit("907472"), check("IMO 9074729").status, check("9319467").rule
('9', 'repaired', 'imo.check_digit')
"""

from __future__ import annotations

import re

import polars as pl

from exchange.core.identifiers.columns import byte_values, value_at, weighted_sum
from exchange.core.identifiers.verdict import SOUND, Verdict, accepted, damage
from exchange.core.identifiers.verdict import compact as bare

FORM = r"^[0-9]{7}$"
WEIGHTS = (7, 6, 5, 4, 3, 2)

_DIGITS = byte_values("0123456789")


def compact(text: str) -> str:
    """The seven digits: without `IMO`, blanks, invisible characters and hyphens; half width.

    >>> compact("imo no. 9074729")
    '9074729'
    """
    return re.sub(r"^IMO(?:NO)?[.:]?", "", bare(text).replace("-", ""))


def calc_check_digit(body: str) -> str:
    """The seventh digit for six."""
    return str(sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 10)


def check(text: str) -> Verdict:
    """Form and check digit."""
    number = compact(text)
    lost = damage("imo", text, number)
    if lost is not None:
        return lost
    if not re.fullmatch(FORM, number):
        return Verdict("invalid", "imo.form", text, number)
    if calc_check_digit(number[:6]) != number[6]:
        return Verdict("invalid", "imo.check_digit", text, number)
    return accepted(text, number)


def is_valid(text: str) -> bool:
    """Whether form and check digit are right, after `compact`."""
    return check(text).status in SOUND


def format(text: str) -> str:
    """As ships show it.

    >>> format("9074729")
    'IMO 9074729'
    """
    return re.sub(FORM, r"IMO \g<0>", compact(text))


def form_holds(number: pl.Expr) -> pl.Expr:
    """Seven digits."""
    return number.str.contains(FORM)


def check_digit_holds(number: pl.Expr) -> pl.Expr:
    """Seventh digit as IMO computes it; null where the form is wrong."""
    return weighted_sum(number, _DIGITS, WEIGHTS, 7) % 10 == value_at(number, _DIGITS, 6, 7)
