"""Work safety permit (安全生产许可证): the province in brackets, letters of the trade, 安许证字, year in 〔〕, a number.

Tianjin's for hazardous chemicals: (津)WH安许证字〔2016〕000123. Free text: another form is doubtful, never refused. No
check digit.

>>> check("(津)WH安许证字〔2016〕000123").status, check("（津）wh安许证字【2016】000123号").after
('ok', '(津)WH安许证字〔2016〕000123')
>>> check("津WH〔2016〕000123").rule
'safety_permit.form'
"""

from __future__ import annotations

import re

import polars as pl

from exchange.core.identifiers import document_no
from exchange.core.identifiers.drug_permit import PROVINCES
from exchange.core.identifiers.verdict import SOUND, Verdict, accepted, missing

FORM = rf"^\([{PROVINCES}]\)[A-Z]{{0,4}}安许证字〔(?:19|20)[0-9]{{2}}〕[0-9]+$"


def compact(text: str) -> str:
    """The key: as a document number, but without 号."""
    return document_no.compact(text).removesuffix("号")


def check(text: str) -> Verdict:
    """Form, whose failure makes it suspect."""
    number = compact(text)
    lost = missing("safety_permit", text, number)
    if lost is not None:
        return lost
    if not re.fullmatch(FORM, number):
        return Verdict("suspect", "safety_permit.form", text, number)
    return accepted(text, number)


def is_valid(text: str) -> bool:
    """Whether the form is right, after `compact`."""
    return check(text).status in SOUND


def format(text: str) -> str:
    """As permits print it: the compact form."""
    return compact(text)


def form_holds(number: pl.Expr) -> pl.Expr:
    """A province in brackets, letters, 安许证字, a year in 〔〕, a number."""
    return number.str.contains(FORM)
