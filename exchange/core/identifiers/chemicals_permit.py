"""Permit to trade in hazardous chemicals: the office's word, the year in 〔〕, a number without 号.

Binhai's: 津滨危化经字〔2015〕000123. Free text: another form is doubtful, never refused. No check digit.

>>> check("津滨危化经字〔2015〕000123").status, check("津滨危化经字[2015]第000123号").after
('ok', '津滨危化经字〔2015〕000123')
>>> check("津滨危化经字000123").rule
'chemicals_permit.form'
"""

from __future__ import annotations

import re

import polars as pl

from exchange.core.identifiers import document_no
from exchange.core.identifiers.verdict import SOUND, Verdict, accepted, missing

FORM = r"^[^〔〕]*危化经字〔(?:19|20)[0-9]{2}〕[0-9]+$"


def compact(text: str) -> str:
    """The key: as a document number, but without 号."""
    return document_no.compact(text).removesuffix("号")


def check(text: str) -> Verdict:
    """Form, whose failure makes it suspect."""
    number = compact(text)
    lost = missing("chemicals_permit", text, number)
    if lost is not None:
        return lost
    if not re.fullmatch(FORM, number):
        return Verdict("suspect", "chemicals_permit.form", text, number)
    return accepted(text, number)


def is_valid(text: str) -> bool:
    """Whether the form is right, after `compact`."""
    return check(text).status in SOUND


def format(text: str) -> str:
    """As permits print it: the compact form."""
    return compact(text)


def form_holds(number: pl.Expr) -> pl.Expr:
    """危化经字, a year in 〔〕, a number."""
    return number.str.contains(FORM)
