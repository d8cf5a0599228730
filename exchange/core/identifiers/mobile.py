"""Mobile number: eleven digits, 1, then 3–9, then nine more; +86 before it abroad. No check digit.

>>> check("13800000000").status, check("+86 138-0000-0000").after, check("12800000000").rule
('ok', '13800000000', 'mobile.form')
"""

from __future__ import annotations

import re

import polars as pl

from exchange.core.identifiers.verdict import SOUND, Verdict, accepted, damage
from exchange.core.identifiers.verdict import compact as bare

COUNTRY = r"\(?(?:\+|00)?86\)?-?"
"""China's country code, as it is written before a number."""
WRITTEN = rf"(?:{COUNTRY})?1[3-9][0-9](?:-?[0-9]){{8}}"
"""A mobile number within a text, with country code and hyphens."""
FORM = r"^1[3-9][0-9]{9}$"

_SEPARATORS = str.maketrans("", "", "-()")
_ABROAD = re.compile(r"(?:\+|00)?86(1[3-9][0-9]{9})")


def compact(text: str) -> str:
    """The eleven digits: without country code, blanks, invisible characters, hyphens and brackets; half width.

    >>> compact("0086-13800000000"), compact("(+86)138 0000 0000")
    ('13800000000', '13800000000')
    """
    number = bare(text).translate(_SEPARATORS)
    abroad = _ABROAD.fullmatch(number)
    return abroad[1] if abroad else number


def check(text: str) -> Verdict:
    """Form alone; the networks' first digits change too often to be judged."""
    number = compact(text)
    lost = damage("mobile", text, number)
    if lost is not None:
        return lost
    if not re.fullmatch(FORM, number):
        return Verdict("invalid", "mobile.form", text, number)
    return accepted(text, number)


def is_valid(text: str) -> bool:
    """Whether the form is right, after `compact`."""
    return check(text).status in SOUND


def format(text: str) -> str:
    """In groups of three, four and four.

    >>> format("+8613800000000")
    '138 0000 0000'
    """
    return re.sub(r"^(1[3-9][0-9])([0-9]{4})([0-9]{4})$", r"\1 \2 \3", compact(text))


def form_holds(number: pl.Expr) -> pl.Expr:
    """Eleven digits, the first two 13–19."""
    return number.str.contains(FORM)
