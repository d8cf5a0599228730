"""How texts are cleaned before they are read: as little as the column's form allows (standards §1.3, §5).

What is stored of names and texts is decided in `exchange.core.texts`. Functions take and give a String series; where
nothing is dirty they give the series they got.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from exchange.core.identifiers.judging import compacted
from exchange.core.identifiers.verdict import PLACEHOLDERS
from schemas.columns import Form

_FULL_WIDTH = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {"\u3000": " ", "\u00a0": " "}
_DASHES = {"—": "-", "–": "-", "−": "-", "‐": "-", "‑": "-"}
_UNSEEN = r"[\x00\u200b-\u200f\u2060\ufeff]"
_BLANKS = r"[\s\u200b-\u200f\u2060\ufeff]"
_TWO_NUMBERS = r"([0-9]{7,})\s+([(+0-9])"

_WORDS = {text for text in PLACEHOLDERS if not (text.isascii() and text.isalnum())}
TEXT_PLACEHOLDERS = tuple(sorted(_WORDS | {"NULL", "null", "None"}))
"""Whole texts that stand for "nothing" in any column. Numbers are only placeholders in an identifier's column."""
ID_PLACEHOLDERS = tuple(sorted(PLACEHOLDERS))


def half_width(text: pl.Series) -> pl.Series:
    """Full-width ASCII (U+FF01–FF5E) and wide blanks as their narrow twins (standards §5, defect 1)."""
    if not text.str.contains(r"[^\x00-\x7f]").any():
        return text
    return text.str.replace_many(list(_FULL_WIDTH), list(_FULL_WIDTH.values()))


def plain(text: pl.Series) -> pl.Series:
    """Without NUL, zero-width characters and blanks at the ends; empty texts and placeholders become null."""
    if text.str.contains(_UNSEEN).any():
        text = text.str.replace_all(_UNSEEN, "")
    text = text.str.strip_chars()
    return text.set(text.is_in(TEXT_PLACEHOLDERS), None)


def folded(text: pl.Series) -> pl.Series:
    """As a text is compared, never as it is stored: NFKC, upper case, without blanks; null where nothing is left."""
    bare = text.str.normalize("NFKC").str.to_uppercase().str.replace_all(_BLANKS, "")
    return bare.set(bare == "", None)


def where_odd(text: pl.Series, odd: str, change: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """The column with only those cells changed that match `odd`: a change that leaves all others as they are is dear, and few
    cells need it.

    >>> where_odd(pl.Series(["ABC", "a b", None]), "[^A-Z]", folded).to_list()
    ['ABC', 'AB', None]
    """
    rows = text.str.contains(odd).arg_true()
    return text.clone().scatter(rows, change(text.gather(rows))) if len(rows) else text


def code(text: pl.Series) -> pl.Series:
    """Half width, upper case, without blanks."""
    text = half_width(plain(text))
    return text.str.replace_all(r"\s", "").str.to_uppercase() if text.str.contains(r"[\sa-z]").any() else text


def phone(text: pl.Series) -> pl.Series:
    """Half width, one kind of dash, without blanks; a comma between two numbers that only a blank divides."""
    if text.str.contains(r"[^0-9-]").any():
        text = half_width(plain(text)).str.replace_many(list(_DASHES), list(_DASHES.values()))
        text = text.str.replace_all(_TWO_NUMBERS, "$1,$2").str.replace_all(r"\s", "")
    return text.set(text.is_in(ID_PLACEHOLDERS), None)


def value(text: pl.Series) -> pl.Series:
    """Half width, for dates and numbers; blanks inside stay (a timestamp has one)."""
    return half_width(plain(text))


_BY_FORM = {"id": compacted, "code": code, "name": plain, "text": plain, "phone": phone, "value": value}


def cleaned(form: Form, text: pl.Series) -> pl.Series:
    """The text cleaned as its column's form asks."""
    return _BY_FORM[form](text)


def placeholders(text: pl.Series) -> pl.Series:
    """Where an identifier's column holds something that is none (defect 18)."""
    return text.is_in(ID_PLACEHOLDERS).fill_null(False)
