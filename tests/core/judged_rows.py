"""Rows of a feed brought the whole pure way: read where bytes are given, translated, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

import connectors
from exchange.core.check import check
from exchange.core.connector import Connector, FileSource
from exchange.core.page import BROKEN, MARKED, RawPage
from exchange.core.readers.csv import read_csv
from exchange.core.readers.headers import Promised
from exchange.core.translate import translate

REGISTER = connectors.load("national_register_extract")
MARKET = connectors.load("market_regulation_companies")
CUSTOMS = connectors.load("customs_enterprises")
RESIDENTS = connectors.load("public_security_residents")
TODAY = date(2026, 1, 1)

FIRM, OTHER_FIRM = "91120116244997951G", "91350100M000100Y43"
PERSON, OLD_PERSON, UPGRADED = "11010519491231002X", "150102880730303", "150102198807303035"

Row = Mapping[str, str | None]
WHOLE: Mapping[str, Row] = {
    MARKET.name: {
        "pripid": "1",
        "uniscid": FIRM,
        "entname": "天津示例贸易有限公司",
        "certype": "10",
        "update_time": "2025-01-01 00:00:00+00",
    },
    CUSTOMS.name: {"海关注册编码": "1207260001", "统一社会信用代码": FIRM, "企业名称": "天津示例贸易有限公司"},
    RESIDENTS.name: {"GMSFHM": PERSON, "XM": "王芳", "GXSJ": "1574647496000"},
    REGISTER.name: {"企业名称": "天津示例贸易有限公司", "统一社会信用代码": FIRM},
}
"""What a row holds that nothing is said against."""


assert isinstance(CUSTOMS.source, FileSource)
COLUMNS = CUSTOMS.source.columns
HEADER = ",".join(COLUMNS).encode("gb18030") + b"\r\n"


@dataclass(frozen=True)
class Judged:
    """The records of a page, and (row, column, rule) of its faults and flags."""

    records: pl.DataFrame
    faults: list[tuple[int, str, str]]
    flags: list[tuple[int, str, str]]

    def values(self, column: str) -> list[object]:
        """The values of a column, a quarantined row's too."""
        return self.records[column].to_list()

    def flagged(self, column: str) -> list[list[str]]:
        """The rules that marked a column ("": the row), row by row."""
        return self._rules(self.flags, column)

    def refused(self, column: str) -> list[list[str]]:
        """The rules that refused a column ("": the row), row by row."""
        return self._rules(self.faults, column)

    def _rules(self, found: list[tuple[int, str, str]], column: str) -> list[list[str]]:
        return [[rule for at, name, rule in found if (at, name) == (row, column)] for row in range(self.records.height)]


def judged_page(connector: Connector, page: RawPage) -> Judged:
    """The page translated and checked."""
    translated = translate(connector, page)
    faults, flags = check(connector.library, translated, registering=connector.registering, today=TODAY)
    return Judged(translated.records, faults.rows(), flags.rows())


def judged(connector: Connector, *rows: Row) -> Judged:
    """Rows that differ from a sound one in what is given."""
    names = [*connector.columns, *sorted(connector.ignore)]
    whole = WHOLE[connector.name]
    frame = pl.DataFrame(
        [{name: {**whole, **row}.get(name) for name in names} for row in rows], schema=dict.fromkeys(names, pl.String)
    )
    return judged_page(connector, RawPage("rows", 0, frame, pl.DataFrame(schema=BROKEN), "", 0))


def column(connector: Connector, name: str, *texts: str | None) -> Judged:
    """Sound rows but for one column."""
    return judged(connector, *({name: text} for text in texts))


def read(connector: Connector, body: bytes) -> RawPage:
    """A delivery of the feed as one page, in its own encoding."""
    source = connector.source
    assert isinstance(source, FileSource)
    promised = Promised(source.columns, source.aliases)
    [page] = read_csv([body], connector=connector.name, encoding=source.encoding, columns=promised, page_rows=10_000)
    return RawPage("delivery", 0, page.rows, page.broken, "", 0, page.marked)


def line(row: Row) -> str:
    """A sound row of the customs but for what is given, as a line of CSV in the order of HEADER."""
    whole = {**WHOLE[CUSTOMS.name], **row}
    cells = ((whole.get(name) or "").replace('"', '""') for name in COLUMNS)
    return ",".join(f'"{cell}"' if set(cell) & set(',"\r\n') else cell for cell in cells)


def broken(page: RawPage) -> list[tuple[int, str]]:
    """Row and rule of each line that is no row."""
    return page.broken.select("row", "rule").rows()


def marked(page: RawPage) -> list[tuple[int, str]]:
    """Row and rule of each flag of the reader."""
    assert page.marked.schema == MARKED
    return page.marked.rows()
