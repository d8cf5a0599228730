"""Ship identification number (船舶识别号): `CN` and eleven digits, given once by the maritime administration.

Four digits of the year in which the keel was laid, six at random, one check digit whose algorithm is not published (not
judged).

>>> check("CN20150000017").status, check("CN2015000001").rule, check("CN02150000017").rule
('ok', 'ship_no.form', 'ship_no.year')
"""

from __future__ import annotations

import re

import polars as pl

from exchange.core.identifiers.verdict import SOUND, Verdict, accepted, damage
from exchange.core.identifiers.verdict import compact as bare

FORM = r"^CN[0-9]{11}$"
YEAR_FORM = r"^CN(?:1[89]|20)"


def compact(text: str) -> str:
    """Without blanks, invisible characters and hyphens; half width; upper case."""
    return bare(text).replace("-", "")


def check(text: str) -> Verdict:
    """Form; a year before 1800 or after 2099 is doubtful."""
    number = compact(text)
    lost = damage("ship_no", text, number)
    if lost is not None:
        return lost
    if not re.fullmatch(FORM, number):
        return Verdict("invalid", "ship_no.form", text, number)
    if not re.match(YEAR_FORM, number):
        return Verdict("suspect", "ship_no.year", text, number)
    return accepted(text, number)


def is_valid(text: str) -> bool:
    """Whether nothing is wrong or doubtful, after `compact`."""
    return check(text).status in SOUND


def format(text: str) -> str:
    """As certificates print it: without separators."""
    return compact(text)


def form_holds(number: pl.Expr) -> pl.Expr:
    """CN and eleven digits."""
    return number.str.contains(FORM)


def year_holds(number: pl.Expr) -> pl.Expr:
    """The keel was laid in a year from 1800 to 2099; null where the form is wrong."""
    return pl.when(form_holds(number)).then(number.str.contains(YEAR_FORM))
