"""What every connector must do, made from the connectors themselves: a new file in `connectors/` is tested by being there."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from datetime import date
from functools import cache
from importlib import import_module
from pathlib import Path

import polars as pl
import pytest

import connectors
from exchange.core.check import check
from exchange.core.codes import code_list
from exchange.core.connector import Connector, HttpSource, SqlSource
from exchange.core.errors import Misuse, Refuse
from exchange.core.page import RawPage, Translated
from exchange.core.readers.csv import read_csv
from exchange.core.readers.json import read_items
from exchange.core.translate import translate
from schemas import LIBRARIES
from schemas.columns import fact, facts
from schemas.messages import message
from schemas.rules import rules

NAMES = connectors.names()
TODAY = date(2026, 1, 1)
ROWS_AT_LEAST = 8

every = pytest.mark.parametrize("name", NAMES)


@cache
def sample_page(name: str) -> RawPage:
    """The sample as one page."""
    connector, body = connectors.load(name), connectors.sample(name).read_bytes()
    source = connector.source
    if isinstance(source, HttpSource):
        found = read_items(body, source.items, source.next_cursor, source.columns, name)
        return RawPage("sample", 0, found.rows, found.broken, "", 0)
    [page] = read_csv(
        [body], connector=name, encoding=connector.sample_encoding, columns=source.columns, page_rows=10_000
    )
    return RawPage("sample", 0, page.rows, page.broken, "", 0)


def judged(name: str) -> tuple[Translated, pl.DataFrame, pl.DataFrame]:
    """The sample translated and checked: records, faults, flags."""
    connector = connectors.load(name)
    translated = translate(connector, sample_page(name))
    faults, flags = check(connector.library, translated, registering=connector.registering, today=TODAY)
    return translated, faults, flags


def accepted(name: str) -> pl.DataFrame:
    """The sample's records without a fault."""
    translated, faults, _ = judged(name)
    return translated.records.join(faults, on="row", how="anti")


def shown_in(texts: list[str], frame: pl.DataFrame) -> list[str]:
    """Values of the frame (four characters or more) that one of the texts holds."""
    values = {str(value) for value in frame.cast(pl.String).unpivot()["value"].drop_nulls()}
    return [value for value in values if len(value) >= 4 and any(value in text for text in texts)]


def test_feeds_are_found_by_their_place() -> None:
    """Every Python file in the folder is a feed, and an unknown name is refused with the names there are."""
    assert len(NAMES) >= 5
    with pytest.raises(Misuse) as refused:
        connectors.load("nobody")
    assert "customs_enterprises" in refused.value.hint


def test_loading_connectors_loads_no_dataframe_library() -> None:
    """All connectors load without polars, pandera or pyarrow."""
    program = (
        "import sys, connectors; [connectors.load(name) for name in connectors.names()];"
        "print([m for m in ('polars', 'pandera', 'pyarrow', 'schemas') if m in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == "[]"


@every
def test_name_is_the_file(name: str) -> None:
    """The connector bears its file's name, and its file imports nothing but the values it is made of."""
    module = import_module(f"connectors.{name}")
    assert connectors.load(name).name == name
    assert len(module.__doc__ or "") > 40
    tree = ast.parse(Path(str(module.__file__)).read_text("utf-8"))
    imported = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert imported == ["exchange.core.connector"]
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Import)]


@every
def test_sample_is_beside_it(name: str) -> None:
    """The sample has at least eight rows, most of them good and some not."""
    page = sample_page(name)
    assert page.rows.height >= ROWS_AT_LEAST
    assert page.rows.height // 2 < accepted(name).height < page.rows.height


@every
def test_every_column_is_mapped_or_ignored(name: str) -> None:
    """The source's columns are exactly those mapped and those ignored; none is both, no target is filled twice."""
    connector = connectors.load(name)
    source = connector.source.columns
    assert sorted(source) == sorted([*connector.columns, *connector.ignore])
    targets = [column.to for column in connector.columns.values()]
    assert len(targets) == len(set(targets))
    assert not set(connector.constants) & set(targets)


@every
def test_targets_are_columns_of_the_schema(name: str) -> None:
    """The library exists, and so does every target and constant; dates and amounts are parsed, texts are not."""
    connector = connectors.load(name)
    assert connector.library in LIBRARIES
    known = {one.name: one.dtype for one in facts(connector.library)}
    for column in connector.columns.values():
        assert (known[column.to] == pl.String) == (column.parse == "text"), column
    assert all(known[target] == pl.String for target in connector.constants)


@every
def test_codes_lead_into_their_lists(name: str) -> None:
    """Every mapped code and constant is in the code list of its column; every code-listed column has a table."""
    connector = connectors.load(name)
    assert set(connector.codes) <= set(connector.columns)
    for source, table in connector.codes.items():
        listed = fact(connector.library, connector.columns[source].to).code_list
        if listed:
            assert set(table.values()) <= set(code_list(listed).titles)
    for target, value in connector.constants.items():
        listed = fact(connector.library, target).code_list
        assert listed is None or value in code_list(listed).titles
    coded = {source for source, column in connector.columns.items() if fact(connector.library, column.to).code_list}
    assert coded <= set(connector.codes)


@every
def test_key_and_version_are_columns_of_the_source(name: str) -> None:
    """Key and version are columns the source sends; a database is read by its own key and timestamp."""
    connector = connectors.load(name)
    assert set(connector.key) <= set(connector.source.columns)
    assert connector.version is None or connector.version in connector.source.columns
    if isinstance(connector.source, SqlSource):
        assert (connector.source.key,) == connector.key
        assert connector.source.timestamp == connector.version


def with_rows(page: RawPage, rows: pl.DataFrame) -> RawPage:
    """The page with other rows."""
    return RawPage(page.partition, page.number, rows, page.broken, page.cursor, page.delivered_at)


@every
def test_a_new_column_is_refused_by_name(name: str) -> None:
    """A column that the connector doesn't know stops the page; the message names it and the file to edit."""
    page = sample_page(name)
    with pytest.raises(Refuse) as refused:
        translate(connectors.load(name), with_rows(page, page.rows.with_columns(pl.lit("x").alias("曾用称谓"))))
    assert "曾用称谓" in refused.value.message
    assert f"connectors/{name}.py" in refused.value.hint


@every
def test_a_missing_column_is_refused_by_name(name: str) -> None:
    """A column that no longer comes stops the page; the message names it and the file to edit."""
    page, connector = sample_page(name), connectors.load(name)
    gone = next(iter(connector.columns))
    with pytest.raises(Refuse) as refused:
        translate(connector, with_rows(page, page.rows.drop(gone)))
    assert gone in refused.value.message
    assert f"connectors/{name}.py" in refused.value.hint


@every
def test_accepted_records_hold_every_rule(name: str) -> None:
    """Accepted records checked again have no fault, and every declared row is one record."""
    connector = connectors.load(name)
    good = accepted(name)
    again = Translated(good, *(pl.DataFrame(schema=frame.schema) for frame in judged(name)[1:]))
    faults, _ = check(connector.library, again, registering=connector.registering, today=TODAY)
    assert good.height
    assert faults.height == 0
    assert judged(name)[0].records.height == sample_page(name).rows.height


@every
def test_faults_and_flags_never_hold_a_value(name: str) -> None:
    """No text of a fault or flag holds a value of the sample; every rule has its message and every column a name."""
    connector = connectors.load(name)
    translated, faults, flags = judged(name)
    assert faults.height
    names = {one.name for one in facts(connector.library)} | set(connector.source.columns) | {""}
    for frame in (faults, flags):
        assert shown_in([*frame["rule"], *frame["column"]], translated.records.drop("row")) == []
        assert set(frame["column"]) <= names
        assert all(message(rule).zh and message(rule).en for rule in frame["rule"])


@every
def test_the_same_page_gives_the_same_records(name: str) -> None:
    """Translating and checking twice gives equal frames."""
    for first, second in zip(_frames(name), _frames(name), strict=True):
        assert first.equals(second)


def _frames(name: str) -> tuple[pl.DataFrame, ...]:
    translated, faults, flags = judged(name)
    return translated.records, translated.faults, translated.flags, faults, flags


@every
def test_every_column_is_read_somewhere_in_the_sample(name: str) -> None:
    """The sample fills every mapped column at least once, so that the map is really tried."""
    connector = connectors.load(name)
    records = judged(name)[0].records
    empty = [column.to for column in connector.columns.values() if records[column.to].null_count() == records.height]
    assert empty == []


def test_every_rule_has_a_message() -> None:
    """Each rule of each library is explained in Chinese and English, without digits that could be a person's."""
    for library in LIBRARIES:
        for rule in rules(library):
            found = message(rule.name)
            assert re.search(r"[\u4e00-\u9fff]", found.zh)
            assert not re.search(r"[0-9]{6}", found.zh + found.en)


def test_a_connector_is_a_frozen_value() -> None:
    """All feeds are values of one type and differ in name."""
    loaded = [connectors.load(name) for name in NAMES]
    assert all(isinstance(one, Connector) for one in loaded)
    assert len({one.name for one in loaded}) == len(NAMES)
