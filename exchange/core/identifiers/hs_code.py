"""Commodity code of the Harmonized System: 6 digits worldwide, 8 in China's tariff, 10 on a declaration.

13 digits since customs took over inspection in 2018: the ten and three of the inspection list (unconfirmed). No check
digit. Which codes exist depends on the year's tariff and is not judged here.

>>> [check(code).status for code in ("847130", "8471.3000", "8471.3000.00", "8471300000101", "84713")]
['ok', 'repaired', 'repaired', 'ok', 'invalid']
"""

from __future__ import annotations

import re

import polars as pl

from exchange.core.identifiers.verdict import SOUND, Verdict, accepted, damage
from exchange.core.identifiers.verdict import compact as bare

FORM = r"^(?:[0-9]{6}|[0-9]{8}|[0-9]{10}|[0-9]{13})$"

_SEPARATORS = str.maketrans("", "", "-.")


def compact(text: str) -> str:
    """Without points, blanks, invisible characters and hyphens; half width."""
    return bare(text).translate(_SEPARATORS)


def check(text: str) -> Verdict:
    """Form alone."""
    code = compact(text)
    lost = damage("hs_code", text, code)
    if lost is not None:
        return lost
    if not re.fullmatch(FORM, code):
        return Verdict("invalid", "hs_code.form", text, code)
    return accepted(text, code)


def is_valid(text: str) -> bool:
    """Whether the form is right, after `compact`."""
    return check(text).status in SOUND


def format(text: str) -> str:
    """As China's tariff prints it, with points.

    >>> format("847130"), format("8471300000"), format("8471300000101")
    ('8471.30', '8471.3000.00', '8471.3000.00.101')
    """
    code = compact(text)
    parts = (code[:4], code[4:8], code[8:10], code[10:])
    return ".".join(filter(None, parts)) if re.fullmatch(FORM, code) else code


def form_holds(code: pl.Expr) -> pl.Expr:
    """6, 8, 10 or 13 digits."""
    return code.str.contains(FORM)
