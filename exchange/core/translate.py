"""From an agency's words to the hub's: columns renamed, texts cleaned and read, codes mapped, values put in their place.

Whole columns only. A cell that can't be read becomes null and a fault; what cleaning changed becomes a flag. A page
whose columns are not the connector's is refused as a whole, because guessing would spoil every row of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl

from exchange.core import clean, garbled, parse, texts
from exchange.core.connector import Column, Connector
from exchange.core.dates import SERIAL
from exchange.core.derive import derive
from exchange.core.findings import Finding, sorted_faults, table
from exchange.core.page import RawPage, Translated
from exchange.core.readers.contract import require_columns
from exchange.core.reading import Reading
from schemas.columns import Fact, fact, facts

_FLAGGED_FORMS = ("id", "code", "phone")


def translate(connector: Connector, page: RawPage) -> Translated:
    """The page in the hub's words; Refuse where its columns are not the connector's.

    Lines of `page.broken` are null in every column; their only fault is the reader's, on no column.
    """
    require_promised(connector, page)
    readings = {
        column.to: _reading(connector, source, fact(connector.library, column.to), page)
        for source, column in connector.columns.items()
    }
    whole = ~pl.int_range(page.rows.height, eager=True, dtype=pl.UInt32).is_in(page.broken["row"].implode())
    derived = derive(connector.library, _records(connector, readings, whole), registering=connector.registering)
    # Where the agency's own system replaced what it couldn't decode (standards §5, defect 54): lost for ever.
    lost = page.rows.select(pl.col(*connector.columns).str.contains(garbled.LOST))
    found = [Finding(to, rule, at & whole) for to, one in readings.items() for rule, at in one.faults.items()]
    found += _contradicted(readings)
    found += [Finding(column.to, "text.lost", lost[source]) for source, column in connector.columns.items()]
    marked = [Finding(to, rule, at & whole) for to, one in readings.items() for rule, at in one.flags.items()]
    return Translated(
        records=derived.records.with_row_index("row").cast({"row": pl.UInt32}),
        faults=_all(page.broken, (*found, *derived.faults)),
        flags=_all(page.marked, (*marked, *derived.flags)),
    )


def require_promised(connector: Connector, page: RawPage) -> None:
    """Raise Refuse unless the page's columns are those that the connector promises."""
    require_columns(connector.name, page.rows.columns, (*connector.columns, *sorted(connector.ignore)))


def _all(told: pl.DataFrame, found: Sequence[Finding]) -> pl.DataFrame:
    """What the reader says of rows, on no column, and what was found in their columns."""
    return sorted_faults(pl.concat([told.select("row", pl.lit("").alias("column"), "rule"), table(found)]))


def _reading(connector: Connector, source: str, target: Fact, page: RawPage) -> Reading:
    """One column of the agency as one column of the record."""
    column: Column = connector.columns[source]
    text = page.rows[source]
    table_of_codes = connector.codes.get(source)
    if table_of_codes is not None:
        keys = clean.code(text)
        return parse.coded(keys, table_of_codes)
    if column.parse == "text" and target.form in ("name", "text"):
        person = target.match == "person" or connector.library == "person"
        return texts.read(text, name=target.form == "name", person=person)
    tidy = clean.cleaned(target.form, text)
    if column.parse != "text":
        delivered = page.whole
        if delivered is None or column.parse != "date" or not tidy.str.contains(SERIAL).any():
            whole = tidy
        else:  # A row's verdict must not hang on which others are fresh.
            whole = clean.cleaned(target.form, delivered[source])
        return _with_flag(parse.read(column.parse, tidy, whole), "placeholder", tidy.is_null() & text.is_not_null())
    if target.form in _FLAGGED_FORMS:
        return Reading(tidy, flags={"cleaned": tidy != text, "placeholder": tidy.is_null() & text.is_not_null()})
    return Reading(tidy)


def _with_flag(reading: Reading, rule: str, where: pl.Series) -> Reading:
    return replace(reading, flags={**reading.flags, rule: where}) if where.any() else reading


def _contradicted(readings: Mapping[str, Reading]) -> list[Finding]:
    """Where an amount names another currency than the column of currencies: which of the two is meant can't be told."""
    return [
        Finding(to, "money.currency", named != readings[name].values)
        for to, one in readings.items()
        for name, named in one.beside.items()
        if name in readings
    ]


def _records(connector: Connector, readings: Mapping[str, Reading], whole: pl.Series) -> pl.DataFrame:
    """Columns in the schema's order and dtypes; what an agency doesn't say is filled from what stood beside (the
    currency in an amount) and from the connector's constants."""
    beside = {name: values for one in readings.values() for name, values in one.beside.items()}
    usual = {name: values for one in readings.values() for name, values in one.usual.items()}
    columns = []
    for one in facts(connector.library):
        reading = readings.get(one.name)
        values = reading.values if reading else pl.Series([None], dtype=one.dtype).new_from_index(0, len(whole))
        for filling in (beside.get(one.name), usual.get(one.name), _constant(connector, one.name, whole)):
            if filling is not None and values.null_count():
                values = values.zip_with(values.is_not_null(), filling)
        columns.append(values.cast(one.dtype).alias(one.name))
    return pl.DataFrame(columns)


def _constant(connector: Connector, name: str, whole: pl.Series) -> pl.Series | None:
    """The connector's constant in every line that is a row."""
    if name not in connector.constants:
        return None
    nothing = pl.repeat(None, len(whole), dtype=pl.String, eager=True)
    return nothing.set(whole, connector.constants[name])
