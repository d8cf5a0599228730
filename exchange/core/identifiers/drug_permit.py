"""Permit to trade in drugs (药品经营许可证): the province in one character, two letters, seven digits.

First letter A wholesale, B chain, C shop of a chain, D single shop; second letter A with, B without legal personality:
AA, BA, CB and DA are issued. The digits are place and sequence. No check digit; newer permits may have another form, so
a failure is doubtful, never refused.

>>> check("津DA0220001").status, check("津 da0220001").status, check("津EA0220001").rule
('ok', 'repaired', 'drug_permit.form')
"""

from __future__ import annotations

import re

import polars as pl

from exchange.core.identifiers.verdict import SOUND, Verdict, accepted, missing
from exchange.core.identifiers.verdict import compact as bare

PROVINCES = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新"
FORM = rf"^[{PROVINCES}](?:AA|BA|CB|DA)[0-9]{{7}}$"


def compact(text: str) -> str:
    """Without blanks, invisible characters and hyphens; half width; upper case."""
    return bare(text).replace("-", "")


def check(text: str) -> Verdict:
    """Form, whose failure makes it suspect."""
    number = compact(text)
    lost = missing("drug_permit", text, number)
    if lost is not None:
        return lost
    if not re.fullmatch(FORM, number):
        return Verdict("suspect", "drug_permit.form", text, number)
    return accepted(text, number)


def is_valid(text: str) -> bool:
    """Whether the form is right, after `compact`."""
    return check(text).status in SOUND


def format(text: str) -> str:
    """As permits print it: without separators."""
    return compact(text)


def form_holds(number: pl.Expr) -> pl.Expr:
    """A province, a pair of letters in use, seven digits."""
    return number.str.contains(FORM)
