"""Rules as named pandera checks made of polars expressions.

A rule says what holds; null means that it can't say (the value is missing, or another rule reports it) and passes.
The check carries its expression in `statistics`, so that `exchange.core.check` can evaluate all rules of a page at once
and pandera's own `validate` gives the same answer (a test compares them).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import pandera.polars as pa
import polars as pl
from pandera.api.checks import Check
from pandera.polars import PolarsData

from exchange.core.codes import code_list
from exchange.core.identifiers import citizen_id, landline, mobile
from schemas import model

PHONE_FORM = rf"^(?:(?:{mobile.WRITTEN}|{landline.WRITTEN})(?:[;,/、]|$))+$"
"""One or several mobiles, land lines, 400/800 numbers or service numbers."""

Holds = Callable[[pl.Expr], pl.Expr]


PAST = {"legal_person": ("established_on", "approved_on", "customs_registered_on"), "person": ("birth_date", "id_from")}
"""Columns whose dates lie behind us."""
BIRTHS = {"legal_person": ("legal_rep_id_no",), "person": ("id_no",)}
"""Columns that may hold a citizen id, and in it a date of birth."""

SUPPLIED = {
    "legal_person": {"industry_code": "industry", "market_entity_type": "market_entity_type"},
    "person": {},
}
"""Columns whose full list no open source gives → the list they are held to once a steward has loaded it."""


@dataclass(frozen=True)
class Rule:
    """One rule on one column: `holds` is true, false or null per row."""

    name: str
    column: str
    holds: pl.Expr


def column_rule(name: str, holds: Holds, *columns: str) -> Any:
    """Declare in a model that `holds` for each of these columns."""

    def named(_model: type[pa.DataFrameModel], data: PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(holds(pl.col(data.key)).fill_null(True))

    return pa.check(*columns, name=name, statistics={"holds": holds})(named)


def record_rule(name: str, column: str, holds: pl.Expr) -> Any:
    """Declare in a model that `holds`, an expression over several columns; a failure is reported on `column`."""

    def named(_model: type[pa.DataFrameModel], data: PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(holds.fill_null(True))

    return pa.dataframe_check(name=name, statistics={"holds": holds, "column": column})(named)


def in_list(name: str) -> Holds:
    """The value is a code of that list."""
    codes = list(code_list(name).titles)
    return lambda value: value.is_in(codes)


def shaped(pattern: str) -> Holds:
    """The value has this form."""
    return lambda value: value.str.contains(pattern)


def at_most(characters: int) -> Holds:
    """The value is no longer than this."""
    return lambda value: value.str.len_chars() <= characters


@cache
def rules(library: str) -> tuple[Rule, ...]:
    """Every rule of the library's model in order of its columns, `required` (not null) included."""
    schema = model(library).to_schema()
    found: list[Rule] = []
    for name, column in schema.columns.items():
        if not column.nullable:
            found.append(Rule("required", name, pl.col(name).is_not_null()))
        found.extend(Rule(rule, name, facts["holds"](pl.col(name))) for rule, facts in _declared(column.checks))
    found.extend(Rule(rule, facts["column"], facts["holds"]) for rule, facts in _declared(schema.checks))
    return tuple(found)


def rules_on(library: str, today: date) -> tuple[Rule, ...]:
    """The rules that need to know which day it is; they are not in the pandera model."""
    past, births = PAST[library], BIRTHS[library]
    return (
        *(Rule("date.future", name, pl.col(name) <= today) for name in past),
        *(Rule("citizen_id.future", name, citizen_id.not_future(pl.col(name), today)) for name in births),
    )


def rules_supplied(library: str, supplied: Mapping[str, frozenset[str]]) -> tuple[Rule, ...]:
    """The rules of lists that a steward has loaded: `supplied` gives the codes of all editions of each."""
    return tuple(
        Rule("code.unlisted", name, pl.col(name).is_in(supplied[listed]))
        for name, listed in SUPPLIED[library].items()
        if listed in supplied
    )


def _declared(checks: Iterable[Check] | None) -> Iterable[tuple[str, dict[str, Any]]]:
    return ((str(check.name), check.statistics or {}) for check in checks or ())
