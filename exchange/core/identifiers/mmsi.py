"""Maritime mobile service identity: nine digits, in a ship's the first three its flag (412, 413, 414 China).

477 Hong Kong and 453 Macao (unconfirmed). A foreign ship has its own flag's digits, a coast station leading zeros: the
flag is not judged. No check digit; it changes with the flag, where the IMO number stays.

>>> check("412000001").status, check("41200001").rule
('ok', 'mmsi.form')
"""

from __future__ import annotations

import re

import polars as pl

from exchange.core.identifiers.verdict import SOUND, Verdict, accepted, damage
from exchange.core.identifiers.verdict import compact as bare

FORM = r"^[0-9]{9}$"


def compact(text: str) -> str:
    """The nine digits: without `MMSI`, blanks, invisible characters and hyphens; half width.

    >>> compact("MMSI: 412000001")
    '412000001'
    """
    return re.sub(r"^MMSI[.:]?", "", bare(text).replace("-", ""))


def check(text: str) -> Verdict:
    """Form alone."""
    number = compact(text)
    lost = damage("mmsi", text, number)
    if lost is not None:
        return lost
    if not re.fullmatch(FORM, number):
        return Verdict("invalid", "mmsi.form", text, number)
    return accepted(text, number)


def is_valid(text: str) -> bool:
    """Whether the form is right, after `compact`."""
    return check(text).status in SOUND


def format(text: str) -> str:
    """As radios show it: without separators."""
    return compact(text)


def form_holds(number: pl.Expr) -> pl.Expr:
    """Nine digits."""
    return number.str.contains(FORM)
