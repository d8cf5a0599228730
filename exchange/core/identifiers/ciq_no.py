"""Inspection registration number (报检注册号): ten digits, given by the inspection and quarantine offices until 2018.

The first four are said to be the office (1200… Tianjin, unconfirmed: not judged). No check digit.

>>> check("1200600001").status, check("12006 00001").status, check("120060001").rule
('ok', 'repaired', 'ciq_no.form')
"""

from __future__ import annotations

import re

import polars as pl

from exchange.core.identifiers.verdict import SOUND, Verdict, accepted, damage
from exchange.core.identifiers.verdict import compact as bare

FORM = r"^[0-9]{10}$"


def compact(text: str) -> str:
    """Without blanks, invisible characters and hyphens; half width."""
    return bare(text).replace("-", "")


def check(text: str) -> Verdict:
    """Form alone."""
    number = compact(text)
    lost = damage("ciq_no", text, number)
    if lost is not None:
        return lost
    if not re.fullmatch(FORM, number):
        return Verdict("invalid", "ciq_no.form", text, number)
    return accepted(text, number)


def is_valid(text: str) -> bool:
    """Whether the form is right, after `compact`."""
    return check(text).status in SOUND


def format(text: str) -> str:
    """As declarations print it: without separators."""
    return compact(text)


def form_holds(number: pl.Expr) -> pl.Expr:
    """Ten digits."""
    return number.str.contains(FORM)
