"""A coded value: what the agency wrote, the code it stands for, and the list and edition that say so (standards §2).

Scalar and column give the same. A text is known by its code, a title or another word of the list; width, case and blanks
do not matter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from exchange.core.codes import CodeList, code_list
from exchange.core.codes.model import bare


@dataclass(frozen=True)
class Coded:
    """`code` is None where the list does not know the text; `raw` is kept as it came."""

    raw: str
    code: str | None
    list: str
    edition: str


def coded(name: str, raw: str, on: date | None = None) -> Coded:
    """The value in the edition in force on that day (None: the newest); KeyError for an unknown list or day.

    >>> coded("sex", " 女 ").code, coded("currency", "ｒｍｂ").code, coded("sex", "3").code
    ('2', '156', None)
    >>> coded("industry_division", "土地管理业").edition
    '2017'
    """
    return coded_by(code_list(name, on=on), raw)


def coded_by(listed: CodeList, raw: str) -> Coded:
    """The value in this edition, which may be a loaded one."""
    return Coded(raw, listed.meanings.get(bare(raw)), listed.name, listed.edition)


def codes_by(listed: CodeList, raw: pl.Series) -> pl.Series:
    """The code for each text of a column; null where the list does not know it."""
    return _mapped(raw, listed.meanings)


def mapped(text: pl.Series, table: Mapping[str, str]) -> pl.Series:
    """The table's value for each text, width, case and blanks apart; null where the table does not hold it."""
    return _mapped(text, {bare(key): value for key, value in table.items()})


def _mapped(text: pl.Series, known: Mapping[str, str]) -> pl.Series:
    """A column of codes holds few different texts, so each is looked at once."""
    distinct = text.drop_nulls().unique().to_list()
    found = {raw: value for raw in distinct if (value := known.get(bare(raw))) is not None}
    return text.replace_strict(found, default=None, return_dtype=pl.String)
