"""Which rules of the schema a page's records break: faults refuse a row, flags mark it.

The rules are the named checks of the pandera model. They are evaluated here in one pass over the page instead of by
`Model.validate(lazy=True)`, which visits every check apart and builds a table of the failing values: 0.25 s for 50,000
rows with three columns, and the values must not exist outside the record. Both give the same (row, column, rule); a
test compares them. Frames are eager (pandera checks only types of a LazyFrame) and nothing is converted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

import polars as pl

from exchange.core.errors import Refuse
from exchange.core.findings import Finding, sorted_faults, table
from exchange.core.page import Translated
from schemas.columns import polars_schema
from schemas.messages import is_fault
from schemas.rules import Rule, rules, rules_on, rules_supplied

_ABSENCE = ("required", "identifier.none")
"""Rules about a value that is not there; silent where the value was there and couldn't be read."""


NOT_SUPPLIED: Mapping[str, frozenset[str]] = {}
"""No code list was loaded."""


def check(
    library: str,
    translated: Translated,
    *,
    registering: bool,
    today: date,
    supplied: Mapping[str, frozenset[str]] = NOT_SUPPLIED,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """All faults and all flags of the page, those of translate included (frames of `exchange.core.page.FAULTS`).

    `registering`: the agency issues the identifiers itself, so that a wrong check digit is suspect and kept. `supplied`: the
    codes of lists that a steward has loaded. A line that
    is no row (its fault is on no column) gets no other. Refuse if the frame isn't the schema's.
    """
    records = translated.records
    _refuse_other_frame(library, records)
    asked = (*rules(library), *rules_on(library, today), *rules_supplied(library, supplied))
    findings = _findings(records, asked)
    faults = table(one for one in findings if is_fault(one.rule, registering=registering))
    flags = table(one for one in findings if not is_fault(one.rule, registering=registering))
    no_rows = translated.faults.filter(pl.col("column") == "").select("row")
    unread = translated.faults.select("row", "column")
    absent = faults.filter(pl.col("rule").is_in(_ABSENCE)).join(unread, on=["row", "column"], how="semi")
    faults = faults.join(no_rows, on="row", how="anti").join(absent, on=["row", "column", "rule"], how="anti")
    return (
        sorted_faults(pl.concat([translated.faults, faults])),
        sorted_faults(pl.concat([translated.flags, flags.join(no_rows, on="row", how="anti")])),
    )


def _findings(records: pl.DataFrame, ruleset: Iterable[Rule]) -> list[Finding]:
    """Where each rule fails; rules on columns that are null throughout are not evaluated."""
    empty = {name for name in records.columns if records[name].null_count() == records.height}
    asked = [rule for rule in ruleset if not (set(rule.holds.meta.root_names()) <= empty and rule.name not in _ABSENCE)]
    failing = records.select((~rule.holds).fill_null(False).alias(str(place)) for place, rule in enumerate(asked))
    return [Finding(rule.column, rule.name, failing[str(place)]) for place, rule in enumerate(asked)]


def _refuse_other_frame(library: str, records: pl.DataFrame) -> None:
    """Refuse a frame whose columns or dtypes aren't the schema's: no row is to blame."""
    expected = {"row": pl.UInt32(), **polars_schema(library)}
    if dict(records.schema) != expected:
        wrong = [name for name in expected | dict(records.schema) if records.schema.get(name) != expected.get(name)]
        raise Refuse(
            "schema.mismatch",
            f"记录与 {library} 的结构不符：{', '.join(wrong)}。Records do not fit the schema {library}: {', '.join(wrong)}.",
            f"请检查 schemas/{library}.py 与连接器。Compare schemas/{library}.py with the connector.",
        )
