"""Document number (文书号): the office's word, the year in 〔〕, a number and 号.

Agencies write the year in every kind of bracket, put 第 before the number, and leave out 号 (standards §5, defect 62).
The compact form is the key: two writings of one document become one text. It is free text: a number of another form is
doubtful, never refused. No check digit.

>>> {compact(text) for text in ("津东保自贸审【2019】11号", "津东保自贸审[2019]第11号", "津东保自贸审（2019） 11 号")}
{'津东保自贸审〔2019〕11号'}
>>> check("津东保自贸审〔2019〕11号").status, check("津东保自贸审11号").rule
('ok', 'document_no.form')
"""

from __future__ import annotations

import re

import polars as pl

from exchange.core.identifiers.verdict import SOUND, Verdict, accepted, missing
from exchange.core.identifiers.verdict import compact as bare

YEAR = r"[〔【﹝〖《〈\[({]((?:19|20)[0-9]{2})年?[〕】﹞〗》〉\])}]"
"""A year in any brackets."""
NUMBER = r"〕年?第?([0-9]+(?:-[0-9]+)?)号?$"
"""What stands after the year."""
FORM = r"^[^〔〕]*〔(?:19|20)[0-9]{2}〕[^〔〕]*[0-9]号$"


def compact(text: str) -> str:
    """The key: without blanks and invisible characters, half width, year in 〔〕, without 第, with 号.

    >>> compact("〔2017〕10 号"), compact("(2017)第10号"), compact("（津）WH安许证字[2017]000010")
    ('〔2017〕10号', '〔2017〕10号', '(津)WH安许证字〔2017〕000010号')
    """
    return re.sub(NUMBER, r"〕\1号", re.sub(YEAR, r"〔\1〕", bare(text)))


def check(text: str) -> Verdict:
    """Form, whose failure makes it suspect."""
    number = compact(text)
    lost = missing("document_no", text, number)
    if lost is not None:
        return lost
    if not re.fullmatch(FORM, number):
        return Verdict("suspect", "document_no.form", text, number)
    return accepted(text, number)


def is_valid(text: str) -> bool:
    """Whether the form is right, after `compact`."""
    return check(text).status in SOUND


def format(text: str) -> str:
    """As documents print it, with 〔〕 (GB/T 9704-2012): the compact form."""
    return compact(text)


def form_holds(number: pl.Expr) -> pl.Expr:
    """A year in 〔〕, and a number with 号 at the end."""
    return number.str.contains(FORM)


def compacted(number: pl.Expr) -> pl.Expr:
    """`compact` of each text that has no blanks and is half width already (`exchange.core.clean.code`)."""
    return number.str.replace_all(YEAR, "〔${1}〕").str.replace_all(NUMBER, "〕${1}号")
