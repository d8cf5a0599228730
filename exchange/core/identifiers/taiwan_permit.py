"""Mainland travel permit of residents of Taiwan: eight digits on the card.

The booklets before had ten digits and a letter in brackets (unconfirmed: doubtful, never refused). No check digit.

>>> check("01234567").status, check("0123456701（B）").rule, check("0123456").rule
('ok', 'taiwan_permit.card', 'taiwan_permit.form')
"""

from __future__ import annotations

import re

import polars as pl

from exchange.core.identifiers.verdict import SOUND, Verdict, accepted, damage
from exchange.core.identifiers.verdict import compact as bare

CARD_FORM = r"^[0-9]{8}$"
FORM = r"^(?:[0-9]{8}|[0-9]{10}[A-Z]?)$"

_SEPARATORS = str.maketrans("", "", "-()")


def compact(text: str) -> str:
    """Without blanks, invisible characters, hyphens and brackets; half width; upper case.

    >>> compact("0123456701（b）")
    '0123456701B'
    """
    return bare(text).translate(_SEPARATORS)


def check(text: str) -> Verdict:
    """Form; a booklet's number is doubtful."""
    number = compact(text)
    lost = damage("taiwan_permit", text, number)
    if lost is not None:
        return lost
    if not re.fullmatch(FORM, number):
        return Verdict("invalid", "taiwan_permit.form", text, number)
    if not re.fullmatch(CARD_FORM, number):
        return Verdict("suspect", "taiwan_permit.card", text, number)
    return accepted(text, number)


def is_valid(text: str) -> bool:
    """Whether it is a card's number, after `compact`."""
    return check(text).status in SOUND


def format(text: str) -> str:
    """As printed: a booklet's letter in brackets.

    >>> format("0123456701B")
    '0123456701(B)'
    """
    return re.sub(r"^([0-9]{10})([A-Z])$", r"\1(\2)", compact(text))


def form_holds(number: pl.Expr) -> pl.Expr:
    """Eight digits, or ten and perhaps a letter."""
    return number.str.contains(FORM)


def card_holds(number: pl.Expr) -> pl.Expr:
    """It is a card's number, not a booklet's; null where the form is wrong."""
    return pl.when(form_holds(number)).then(number.str.contains(CARD_FORM))
