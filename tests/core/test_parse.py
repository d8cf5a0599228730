"""Reading texts: days, amounts and times in every form agencies write."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    ("20160305", DAY, []),
    ("２０１６－０３－０５", DAY, []),
    (" 2016-03-05 ", DAY, []),
    ("2016-03-05 00:00:00", DAY, []),
    ("2016-03-05T12:30:00.123", DAY, []),
    ("2016-03-05 23:59:59+08:00", DAY, []),
    ("20160305123000", DAY, []),
    ("201603051230", DAY, []),
    ("2016/3/5", DAY, ["cleaned"]),
    ("2016.03.05", DAY, ["cleaned"]),
    ("2016年3月5日", DAY, ["cleaned"]),
    ("2016 年 3 月 5 号", DAY, ["cleaned"]),
    ("二〇一六年三月五日", DAY, ["cleaned"]),
    ("二○一六年十二月三十一日", date(2016, 12, 31), ["cleaned"]),
    ("贰零壹陆年叁月零伍日", DAY, ["cleaned"]),
    ("05-3月 -16", DAY, ["cleaned"]),
    ("05-MAR-16", DAY, ["cleaned"]),
    ("05-3月 -99", date(1999, 3, 5), ["cleaned"]),
    ("Thu Mar 05 00:00:00 CST 2016", DAY, ["cleaned"]),
    ("Sat Mar 05 2016 00:00:00 GMT+0800 (中国标准时间)", DAY, ["cleaned"]),
    ("2016-03-04T16:00:00Z", DAY, ["date.zone"]),
    ("2016-03-04 16:00:00+00", DAY, ["date.zone"]),
    ("2015-12-31T16:00:00Z", date(2016, 1, 1), ["date.zone"]),
    ("1988-05-31T15:00:00Z", date(1988, 6, 1), ["date.zone"]),
    ("1574647496000", date(2019, 11, 25), ["date.epoch"]),
    ("1574647496", date(2019, 11, 25), ["date.epoch"]),
    ("574182000000", date(1988, 3, 12), ["date.epoch"]),
    ("2016年元月1日", date(2016, 1, 1), ["cleaned"]),
    ("二〇一六年元月一日", date(2016, 1, 1), ["cleaned"]),
    ("2016年3月5日 10时30分", DAY, ["cleaned"]),
    ("2016年3月5日10时30分15秒", DAY, ["cleaned"]),
    ("201602301000", None, ["date.impossible"]),
    ("201613051000", None, ["date.impossible"]),
    ("201603052400", None, ["date.impossible"]),
    ("9999-12-31", None, ["date.open_end"]),
    ("2099/12/31", None, ["date.open_end"]),
    ("99991231", None, ["date.open_end"]),
    ("9999-12-30T16:00:00Z", None, ["date.open_end"]),
    ("1900-01-01", None, ["date.open_end"]),
    ("长期", None, ["date.open_end"]),
    ("无", None, []),
    ("2015-02-29", None, ["date.impossible"]),
    ("2016-13-01", None, ["date.impossible"]),
    ("1999-2-30", None, ["date.impossible"]),
    ("20140231", None, ["date.impossible"]),
    ("2016-03-05 24:00", None, ["date.impossible"]),
    ("0016-03-05", None, ["date.impossible"]),
    ("1999", None, ["date.partial"]),
    ("1999-2", None, ["date.partial"]),
    ("1999年2月", None, ["date.partial"]),
    ("199902", None, ["date.partial"]),
    ("1999-00-00", None, ["date.partial"]),
    ("16-3-5", None, ["date.two_digit_year"]),
    ("05/03/16", None, ["date.two_digit_year"]),
    ("160305", None, ["date.two_digit_year"]),
    ("1999-13", None, ["date.unreadable"]),
    ("42370", None, ["date.unreadable"]),
    ("2016030512", None, ["date.unreadable"]),
    ("天津", None, ["date.unreadable"]),
]


@pytest.mark.parametrize(("text", "day", "rules"), DATES)
def test_days_are_read_in_every_form(text: str, day: date | None, rules: list[str]) -> None:
    """Days are read as agencies write them; open ends become null; what no calendar has is told from what can't be read."""
    assert read("date", text) == (day, rules)


WRITTEN: list[str] = ["cleaned"]
AMOUNTS: list[tuple[str, str | None, list[str]]] = [
    ("500.000000", "500", []),
    ("219857.506700", "219857.5067", []),
    ("500(万元人民币)", "500", WRITTEN),
    ("1,000.5(万美元)", "1000.5", WRITTEN),
    ("10（万元）", "10", WRITTEN),
    ("100万人民币", "100", []),
    ("7(万元(港币))", "7", WRITTEN),
    ("3((万美元))", "3", WRITTEN),
    ("5(万人民币 )", "5", WRITTEN),
    ("人民币500万元", "500", WRITTEN),
    ("人民币伍佰万元整", "500", WRITTEN),
    ("RMB500万", "500", WRITTEN),
    ("rmb 500万元整", "500", WRITTEN),
    ("US$5百万", "500", WRITTEN),
    ("叁万", "3", WRITTEN),
    ("五〇〇万", "500", WRITTEN),
    ("壹仟贰佰叁拾肆元伍角陆分", "0.123456", WRITTEN),
    ("2亿3000万元", "23000", WRITTEN),
    ("5，000，000", "5000000", WRITTEN),
    ("￥5,000,000.00", "500", WRITTEN),
    ("500000元人民币", "50", WRITTEN),
    ("1.5亿元", "15000", WRITTEN),
    ("1E-5万人民币", "0.00001", WRITTEN),
    ("123456789012345678.99元", "12345678901234.567899", WRITTEN),
    ("0.01元", "0.000001", WRITTEN),
    ("800()", "800", ["money.unit_assumed", "cleaned"]),
    ("RMB500", "0.05", ["money.unit_assumed", "cleaned"]),
    ("USD500", "0.05", ["money.unit_assumed", "cleaned"]),
    ("0.12345678", "0.123457", WRITTEN),
    ("0.12345678万人民币", "0.123457", WRITTEN),
    ("0.12345600", "0.123456", []),
    ("零元整", "0", WRITTEN),
    ("三百零五元", "0.0305", WRITTEN),
    ("三百五十元", "0.035", WRITTEN),
    ("二十五万元", "25", WRITTEN),
    ("三万零五元", "3.0005", WRITTEN),
    ("叁拾零伍元", "0.0035", WRITTEN),
    ("三百一十五元", "0.0315", WRITTEN),
    ("5千500元", "0.55", WRITTEN),
    ("500,0000", "5000000", WRITTEN),
    ("1,234.5万元", "1234.5", WRITTEN),
    ("2亿3,000万元", "23000", WRITTEN),
    ("RMB500万元(人民币)", "500", WRITTEN),
    ("三千五元", None, ["money.unreadable"]),
    ("二百五万元", None, ["money.unreadable"]),
    ("壹仟伍万元", None, ["money.unreadable"]),
    ("三万五元", None, ["money.unreadable"]),
    ("伍佰零拾伍元", None, ["money.unreadable"]),
    ("100 200", None, ["money.unreadable"]),
    ("5,5", None, ["money.unreadable"]),
    ("1,5万元", None, ["money.unreadable"]),
    ("0,500", None, ["money.unreadable"]),
    ("1234,567", None, ["money.unreadable"]),
    ("1,234,5678", None, ["money.unreadable"]),
    ("三，五万元", None, ["money.unreadable"]),
    (".万元", None, ["money.unreadable"]),
    (".亿", None, ["money.unreadable"]),
    (".百元", None, ["money.unreadable"]),
    ("一.百元", None, ["money.unreadable"]),
    ("负500万美元", None, ["money.currency"]),
    ("减资500万美元", None, ["money.currency"]),
    ("美元500万人民币", None, ["money.currency"]),
    ("万人民币", None, ["money.no_amount"]),
    ("5万火星币", None, ["money.currency"]),
    ("3万5", None, ["money.currency"]),
    ("千万", None, ["money.unreadable"]),
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
    assert read("money_yuan_to_wan", "500万") == (Decimal(500), ["cleaned"])


def test_spreadsheet_days_are_read_only_in_a_whole_column() -> None:
    """42370 is a day where all cells are such numbers (or mean no end), and unreadable among other dates."""
    whole = parse.read("date", pl.Series(["42370", "42371.5", None, "9999-12-31", "60000"]))
    assert whole.values.to_list() == [date(2016, 1, 1), date(2016, 1, 2), None, None, date(2064, 4, 8)]
    assert whole.flags["date.serial"].to_list() == [True, True, None, False, True]
    mixed = parse.read("date", pl.Series(["42370", "42371", "42372", "2016-03-05"]))
    assert mixed.faults["date.unreadable"].fill_null(False).to_list() == [True, True, True, False]


@given(
    st.dates(date(1900, 1, 2), date(2098, 12, 31)), st.sampled_from(["%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d"])
)
def test_each_day_is_the_same_in_every_form(day: date, form: str) -> None:
    """Whatever the form, and whatever stands in the other cells, the day is the same."""
    column = pl.Series([day.strftime(form), "1999-2", "2016-03-05T00:00:00Z", "长期"])
    assert parse.read("date", column).values.to_list() == [day, None, DAY, None]


@given(st.decimals(0, 10**17, places=6))
def test_amounts_are_exact(amount: Decimal) -> None:
    """Moving the decimal point loses no digit of a 分."""
    yuan = f"{amount * 10_000:.2f}元"
    assert read("money_wan", yuan)[0] == Decimal(yuan[:-1]) / 10_000


@given(st.text("0123456789.,，零〇一二五九十廿百千万亿壹伍拾佰仟元圆角分整负+-E()￥美 ", max_size=12))
def test_an_amount_never_stops_its_page(text: str) -> None:
    """Whatever numerals, units and dots a cell holds, it is read or refused, and the cell beside it is read."""
    for word in ("money_wan", "money_yuan_to_wan"):
        reading = parse.read(word, pl.Series([text, "5万元"]))
        assert reading.values[1] == 5
        refused = any(where.fill_null(False)[0] for where in reading.faults.values())
        assert refused or reading.values[0] is not None or reading.flags["money.no_amount"][0]


def test_milliseconds_are_days_in_china() -> None:
    """The last second of a day in UTC is the next day in China."""
    assert read("epoch_ms_date", "1574647496000") == (date(2019, 11, 25), [])
    assert read("epoch_ms_date", "1574697600000") == (date(2019, 11, 26), [])
    assert read("epoch_ms_date", "-1") == (date(1970, 1, 1), [])
    assert read("epoch_ms_date", str(-(2**63))) == (None, ["date.unreadable"])
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


def test_another_code_for_the_hubs_own_is_flagged() -> None:
    """142 and 人民币 are variants where 156 itself may come; in a table of words only, a word is no variant."""
    text = pl.Series(["156", "142", "人民币", "元宝", None])
    found = parse.coded(text, {"156": "156", "142": "156", "人民币": "156"})
    assert found.values.to_list() == ["156", "156", "156", None, None]
    assert found.flags["cleaned"].fill_null(False).to_list() == [False, True, True, False, False]
    assert found.faults["code.unknown"].to_list() == [False, False, False, True, False]
    assert not parse.coded(pl.Series(["有效"]), {"有效": "1"}).flags["cleaned"].any()


def test_a_version_in_milliseconds_does_not_wrap() -> None:
    """A time that no clock shows is unreadable; it must not come out as a time before all others."""
    assert read("epoch_ms", "1574697600000") == (1574697600000000, [])
    assert read("epoch_ms", str(2**63 - 1)) == (None, ["date.unreadable"])
    assert read("epoch_ms", "9" * 18) == (None, ["date.unreadable"])
