"""Reading texts: days, amounts and times in every form agencies write."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from exchange.core import clean, parse
from exchange.core.connector import Parse


def read(word: Parse, text: str) -> tuple[object, list[str]]:
    """A single cleaned text: its value, and the rules that refused or marked it."""
    reading = parse.read(word, clean.value(pl.Series("x", [text, None])))
    told = {**reading.faults, **reading.flags}
    assert reading.values[1] is None
    assert not any(where[1] for where in told.values())
    return reading.values[0], [rule for rule, where in told.items() if where[0]]


DAY = date(2016, 3, 5)
DATES: list[tuple[str, date | None, list[str]]] = [
    ("2016-03-05", DAY, []),
    ("2016/3/5", DAY, []),
    ("2016.03.05", DAY, []),
    ("20160305", DAY, []),
    ("2016年3月5日", DAY, []),
    ("２０１６－０３－０５", DAY, []),
    (" 2016-03-05 ", DAY, []),
    ("2016-03-05 00:00:00", DAY, []),
    ("2016-03-05T12:30:00.123", DAY, []),
    ("2016-03-04T16:00:00Z", DAY, []),
    ("2016-03-04 16:00:00+00", DAY, []),
    ("2016-03-05 23:59:59+08:00", DAY, []),
    ("9999-12-31", None, []),
    ("2099/12/31", None, []),
    ("长期", None, []),
    ("无", None, []),
    ("2015-02-29", None, ["date.impossible"]),
    ("2016-13-01", None, ["date.impossible"]),
    ("20140231", None, ["date.impossible"]),
    ("0016-03-05", None, ["date.impossible"]),
    ("2016-3", None, ["date.unreadable"]),
    ("16-3-5", None, ["date.unreadable"]),
    ("05/03/16", None, ["date.unreadable"]),
    ("天津", None, ["date.unreadable"]),
]


@pytest.mark.parametrize(("text", "day", "rules"), DATES)
def test_days_are_read_in_every_form(text: str, day: date | None, rules: list[str]) -> None:
    """Days are read as agencies write them; open ends become null; what no calendar has is told from what can't be read."""
    assert read("date", text) == (day, rules)


AMOUNTS: list[tuple[str, str | None, list[str]]] = [
    ("500.000000", "500", []),
    ("219857.506700", "219857.5067", []),
    ("500(万元人民币)", "500", []),
    ("1,000.5(万美元)", "1000.5", []),
    ("10（万元）", "10", []),
    ("100万人民币", "100", []),
    ("7(万元(港币))", "7", []),
    ("3((万美元))", "3", []),
    ("5(万人民币 )", "5", []),
    ("人民币500万元", "500", []),
    ("￥5,000,000.00", "500", []),
    ("500000元人民币", "50", []),
    ("1.5亿元", "15000", []),
    ("1E-5万人民币", "0.00001", []),
    ("800()", "800", ["money.unit_assumed"]),
    ("万人民币", None, ["money.no_amount"]),
    ("5万火星币", None, ["money.currency"]),
    ("塘沽", None, ["money.unreadable"]),
    ("1.2.3", None, ["money.currency"]),
    ("9999999999999999999", None, ["money.unreadable"]),
]


@pytest.mark.parametrize(("text", "amount", "rules"), AMOUNTS)
def test_amounts_are_read_in_every_form(text: str, amount: str | None, rules: list[str]) -> None:
    """Amounts become 万 units with six decimals, whatever unit and currency stand in the text."""
    assert read("money_wan", text) == (None if amount is None else Decimal(amount), rules)


def test_a_bare_number_of_yuan_is_divided() -> None:
    """A feed in 元 gives 万 units, unless the text itself says 万."""
    assert read("money_yuan_to_wan", "5000000") == (Decimal(500), [])
    assert read("money_yuan_to_wan", "500万") == (Decimal(500), [])


def test_milliseconds_are_days_in_china() -> None:
    """The last second of a day in UTC is the next day in China."""
    assert read("epoch_ms_date", "1574647496000") == (date(2019, 11, 25), [])
    assert read("epoch_ms_date", "1574697600000") == (date(2019, 11, 26), [])
    assert read("epoch_ms_date", "-1") == (date(1970, 1, 1), [])
    assert read("epoch_ms_date", "9" * 18) == (None, ["date.unreadable"])
    assert read("integer", "12x") == (None, ["integer.unreadable"])


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01 08:00:01", 1.0),
        ("1970-01-01T00:00:01.5Z", 1.5),
        ("1970-01-01 08:00:01.000001+08", 1.000001),
        ("1969-12-31 18:30:00-05:30", 0.0),
        ("1970-01-01", -28_800.0),
        ("1970-01-01 24:00:00", None),
    ],
)
def test_timestamps_are_microseconds(text: str, seconds: float | None) -> None:
    """Timestamps count from 1970 UTC; without a zone they are China's."""
    expected = None if seconds is None else round(seconds * 1_000_000)
    assert read("timestamp", text)[0] == expected
