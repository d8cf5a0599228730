"""Freight container, ISO 6346: three letters of the owner, `U`, `J` or `Z`, six digits and a check digit.

Letters count A = 10, B = 12 … K = 21, L = 23 … U = 32, V = 34 … Z = 38 (11, 22 and 33 are left out); each value times
2^place, the sum mod 11 mod 10.

For CSQU305438 the sum is 6185, and 6185 mod 11 = 3:

>>> calc_check_digit("CSQU305438"), check("CSQU 305438-3").status, check("CSQU3054384").rule
('3', 'repaired', 'container.check_digit')
"""

from __future__ import annotations

import re

import polars as pl

from exchange.core.identifiers.columns import byte_values, value_at, weighted_sum
from exchange.core.identifiers.verdict import SOUND, Verdict, accepted, damage
from exchange.core.identifiers.verdict import compact as bare

FORM = r"^[A-Z]{3}[UJZ][0-9]{7}$"
ALPHABET = "0123456789A#BCDEFGHIJK#LMNOPQRSTU#VWXYZ"
"""Each character stands at the place that is its value; `#` fills the multiples of 11."""
WEIGHTS = tuple(2**place for place in range(10))

_VALUES = byte_values(ALPHABET)
_DIGITS = byte_values("0123456789")
_SEPARATORS = str.maketrans("", "", "-/[]")


def compact(text: str) -> str:
    """Without blanks, invisible characters, hyphens, slashes and the box around the check digit; half width; upper case.

    >>> compact("csqu 305438 [3]")
    'CSQU3054383'
    """
    return bare(text).translate(_SEPARATORS)


def calc_check_digit(body: str) -> str:
    """The eleventh character for ten; ValueError for a character without a value."""
    total = sum(ALPHABET.index(character) * weight for character, weight in zip(body, WEIGHTS, strict=True))
    return str(total % 11 % 10)


def check(text: str) -> Verdict:
    """Form and check digit."""
    number = compact(text)
    lost = damage("container", text, number)
    if lost is not None:
        return lost
    if not re.fullmatch(FORM, number):
        return Verdict("invalid", "container.form", text, number)
    if calc_check_digit(number[:10]) != number[10]:
        return Verdict("invalid", "container.check_digit", text, number)
    return accepted(text, number)


def is_valid(text: str) -> bool:
    """Whether form and check digit are right, after `compact`."""
    return check(text).status in SOUND


def format(text: str) -> str:
    """As containers show it.

    >>> format("CSQU3054383")
    'CSQU 305438 3'
    """
    return re.sub(r"^([A-Z]{4})([0-9]{6})([0-9])$", r"\1 \2 \3", compact(text))


def form_holds(number: pl.Expr) -> pl.Expr:
    """Four letters, the last U, J or Z, and seven digits."""
    return number.str.contains(FORM)


def check_digit_holds(number: pl.Expr) -> pl.Expr:
    """Eleventh character as ISO 6346 computes it; null where the form is wrong."""
    total = weighted_sum(number, _VALUES, WEIGHTS, 11) % 11 % 10
    return pl.when(form_holds(number)).then(total == value_at(number, _DIGITS, 10, 11))
