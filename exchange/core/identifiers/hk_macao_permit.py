"""Mainland travel permit of residents of Hong Kong and Macao: `H` or `M`, eight digits of the person, two of reissue.

The eight digits stay for life. Permits since 1999 show eleven characters; the cards since 2013 nine, without the
reissue (unconfirmed). No check digit. The same person is the same first nine characters.

>>> check("H1234567801").status, check("h12345678").status, check("K12345678").rule
('ok', 'repaired', 'hk_macao_permit.form')
>>> person_key("H1234567801") == person_key("H1234567802") == "H12345678"
True
"""

from __future__ import annotations

import re

import polars as pl

from exchange.core.identifiers.verdict import SOUND, Verdict, accepted, damage
from exchange.core.identifiers.verdict import compact as bare

FORM = r"^[HM][0-9]{8}(?:[0-9]{2})?$"


def compact(text: str) -> str:
    """Without blanks, invisible characters and hyphens; half width; upper case."""
    return bare(text).replace("-", "")


def check(text: str) -> Verdict:
    """Form alone."""
    number = compact(text)
    lost = damage("hk_macao_permit", text, number)
    if lost is not None:
        return lost
    if not re.fullmatch(FORM, number):
        return Verdict("invalid", "hk_macao_permit.form", text, number)
    return accepted(text, number)


def is_valid(text: str) -> bool:
    """Whether the form is right, after `compact`."""
    return check(text).status in SOUND


def format(text: str) -> str:
    """As permits print it: without separators."""
    return compact(text)


def person_key(text: str) -> str:
    """The nine characters that stay with the person; "" where the form is wrong."""
    number = compact(text)
    return number[:9] if re.fullmatch(FORM, number) else ""


def form_holds(number: pl.Expr) -> pl.Expr:
    """H or M and eight or ten digits."""
    return number.str.contains(FORM)


def person_keys(number: pl.Expr) -> pl.Expr:
    """`person_key` of each number; null where the form is wrong."""
    return pl.when(form_holds(number)).then(number.str.slice(0, 9))
