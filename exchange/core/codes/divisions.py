"""GB/T 2260, codes of administrative divisions, with their history since 1980; and what only looks like one.

A division is never a reason to refuse a row: the list ends on 2023-06-30, agencies keep abolished codes for decades, and
people carry the code of their birth for life (standards §1.3).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from exchange.core.codes import Entry, code_list

BINHAI = "120116"

SUCCESSORS = {
    "120107": "120116",
    "120108": "120116",
    "120109": "120116",
    "120221": "120117",
    "120222": "120114",
    "120223": "120118",
    "120224": "120115",
    "120225": "120119",
}
"""Tianjin's abolished districts and counties → what they became: 塘沽, 汉沽 and 大港 Binhai in 2009, 宁河, 武清, 静海, 宝坻 and
蓟县 districts; all as in github yescallop/areacodes at commit eed219a (CC0). Other places are not in it."""


def at(code: str, day: date | None = None) -> Entry | None:
    """The division of that code on a day (None: when it was last used); None if there was none.

    >>> from datetime import date
    >>> at("120110", date(1985, 6, 1)).zh, at("120110", date(2020, 6, 1)).zh, at("120107", date(2020, 6, 1))
    ('东郊区', '东丽区', None)
    """
    return code_list("division").at(code, day)


def successor(code: str) -> str | None:
    """What an abolished division of Tianjin became; None where it is in force or not known.

    >>> successor("120107"), successor("120116")
    ('120116', None)
    """
    return SUCCESSORS.get(code)


def existed(value: pl.Expr) -> pl.Expr:
    """Whether six digits were ever a division's code, or are a statistician's unit; null for what has another form."""
    codes = code_list("division").codes() | code_list("statistical_unit").codes()
    return _six(value, sorted(codes))


def in_force(value: pl.Expr) -> pl.Expr:
    """Whether a division that existed still does (on 2023-06-30); null for codes that never existed."""
    listed = code_list("division")
    ended = listed.codes() - {one.code for one in listed.entries if one.valid_to is None}
    return ~_six(value, sorted(ended))


def _six(value: pl.Expr, codes: list[str]) -> pl.Expr:
    return pl.when(value.str.contains(r"^[0-9]{6}$")).then(value.is_in(pl.Series(codes, dtype=pl.String).implode()))
