"""Passport numbers: China's are a letter and eight digits, or `E`, a letter and seven digits; others 5–17 characters.

China: E (ordinary), G (ordinary before 2012), D (diplomatic), S (service), P (public affairs) and eight digits; EA–EZ and
seven digits since the single letter ran out (unconfirmed). Abroad every state has its own form, so that only digits,
capitals and length are judged. No check digit: the one in the machine-readable zone is not part of the number.

>>> check("E12345678").status, check("ea1234567").status, check("E123").rule
('ok', 'repaired', 'passport.form')
>>> is_chinese("EA1234567"), is_chinese("AB123456")
(True, False)
"""

from __future__ import annotations

import re

import polars as pl

from exchange.core.identifiers.verdict import SOUND, Verdict, accepted, damage
from exchange.core.identifiers.verdict import compact as bare

FORM = r"^[0-9A-Z]{5,17}$"
CHINESE_FORM = r"^(?:[EGDSP][0-9]{8}|E[A-Z][0-9]{7})$"


def compact(text: str) -> str:
    """Without blanks, invisible characters and hyphens; half width; upper case."""
    return bare(text).replace("-", "")


def check(text: str) -> Verdict:
    """Form alone: no state's own form is held against a passport, for it may be another state's."""
    number = compact(text)
    lost = damage("passport", text, number)
    if lost is not None:
        return lost
    if not re.fullmatch(FORM, number):
        return Verdict("invalid", "passport.form", text, number)
    return accepted(text, number)


def is_valid(text: str) -> bool:
    """Whether the form is right, after `compact`."""
    return check(text).status in SOUND


def format(text: str) -> str:
    """As passports print it: without separators."""
    return compact(text)


def is_chinese(text: str) -> bool:
    """Whether it has the form of China's passports; some foreign ones have it too."""
    return re.fullmatch(CHINESE_FORM, compact(text)) is not None


def form_holds(number: pl.Expr) -> pl.Expr:
    """5 to 17 digits and capitals."""
    return number.str.contains(FORM)
