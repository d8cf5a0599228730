"""Permit (许) or notice (备) to trade in medical devices: the office's word, year, number, 号.

Binhai's: 津滨食药监械经营许 or 津滨食药监械经营备, four digits of the year, the number. The year is printed without
brackets; where an agency writes them they go. Free text: another form is doubtful, never refused. No check digit.

>>> check("津滨食药监械经营备20160012号").status, check("津滨食药监械经营备〔2016〕0012").after
('ok', '津滨食药监械经营备20160012号')
>>> check("津滨食药监械经营20160012号").rule
'device_permit.form'
"""

from __future__ import annotations

import re

import polars as pl

from exchange.core.identifiers import document_no
from exchange.core.identifiers.verdict import SOUND, Verdict, accepted, missing

FORM = r"^[^0-9]+经营[许备](?:19|20)[0-9]{2}[0-9]+号$"
WITHOUT_NO = r"([许备](?:19|20)[0-9]{2}[0-9]+)$"

_BRACKETS = str.maketrans("", "", "〔〕")


def compact(text: str) -> str:
    """The key: as a document number, but the year without brackets."""
    return re.sub(WITHOUT_NO, r"\1号", document_no.compact(text).translate(_BRACKETS))


def check(text: str) -> Verdict:
    """Form, whose failure makes it suspect."""
    number = compact(text)
    lost = missing("device_permit", text, number)
    if lost is not None:
        return lost
    if not re.fullmatch(FORM, number):
        return Verdict("suspect", "device_permit.form", text, number)
    return accepted(text, number)


def is_valid(text: str) -> bool:
    """Whether the form is right, after `compact`."""
    return check(text).status in SOUND


def format(text: str) -> str:
    """As permits print it: the compact form."""
    return compact(text)


def form_holds(number: pl.Expr) -> pl.Expr:
    """经营许 or 经营备, a year, a number with 号 at the end."""
    return number.str.contains(FORM)
