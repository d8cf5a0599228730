"""Defects 22 to 36 of standards §5: dates and amounts. A test for each, named by its number."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl

from exchange.core.money import AMOUNT, disagrees
from tests.core.judged_rows import CUSTOMS, MARKET, REGISTER, RESIDENTS, Judged, column, judged

DAY = date(2016, 3, 5)


def founded(*texts: str) -> Judged:
    """Firms founded on these days, as an agency writes them."""
    return column(MARKET, "estdate", *texts)


def capital(*texts: str) -> Judged:
    """Firms of the national register with this capital; its currency stands in the amount."""
    return column(REGISTER, "注册资金", *texts)


def assert_days(found: Judged, day: date | None, rule: str) -> None:
    """Every row is kept with this day, and marked by the rule."""
    assert found.faults == []
    assert found.values("established_on") == [day] * found.records.height
    assert found.flagged("established_on") == [[rule]] * found.records.height


def test_defect_22_half_open_dates() -> None:
    """A part of a date is marked, and no day is invented; a day that no calendar has refuses the row."""
    assert_days(founded("1999", "1999-2", "1999年2月", "199902", "1999-00-00"), None, "date.partial")
    found = founded("1999-2-30", "20140231", "2014-02-31")
    assert found.refused("established_on") == [["date.impossible"]] * 3


def test_defect_23_slash_dot_and_chinese_dates() -> None:
    """Days in other forms are read."""
    assert_days(founded("2016/3/5", "2016.03.05", "2016年3月5日", "二〇一六年三月五日"), DAY, "cleaned")


def test_defect_24_two_digit_years() -> None:
    """A year of two digits is marked, and nothing is guessed."""
    assert_days(founded("16-3-5", "05/03/16"), None, "date.two_digit_year")


def test_defect_25_spreadsheet_serials() -> None:
    """A whole column of serial numbers is read by the 1900 system, as nothing else; a single one refuses its row."""
    whole = founded("42370", "42434", "43784")
    assert whole.values("established_on") == [date(2016, 1, 1), DAY, date(2019, 11, 15)]
    assert whole.flagged("established_on") == [["date.serial"]] * 3
    one = founded("42370", "2016-03-05", "2016-03-06")
    assert one.refused("established_on") == [["date.unreadable"], [], []]


def test_defect_26_seconds_and_milliseconds() -> None:
    """Seconds and milliseconds since 1970 are days in China."""
    assert_days(founded("1574647496000", "1574647496"), date(2019, 11, 25), "date.epoch")


def test_defect_27_dates_of_oracle_and_javascript() -> None:
    """The default texts of databases and languages are read; CST is China's time."""
    texts = ("05-3月 -16", "05-MAR-16", "Thu Mar 05 00:00:00 CST 2016", "Sat Mar 05 2016 00:00:00 GMT+0800")
    assert_days(founded(*texts), DAY, "cleaned")


def test_defect_28_sentinels_for_an_open_end() -> None:
    """What means for ever or never known is an open end."""
    dates = ("9999-12-31", "2099-12-31", "1900-01-01", "0001-01-01")
    assert_days(founded(*dates, "长期", "永久", "无固定期限"), None, "date.open_end")
    assert column(RESIDENTS, "JMSFZJYXQJZRQ", "长期").flagged("id_to") == [["date.open_end"]]


def test_defect_29_days_and_hours_that_overflow() -> None:
    """29 February of a common year, day 32, month 13 and 24:00 refuse the row."""
    found = founded("2015-02-29", "20150229", "2015-01-32", "2015-13-01", "2016-03-05 24:00")
    assert found.refused("established_on") == [["date.impossible"]] * 5
    assert founded("2016-02-29").faults == []


def test_defect_30_dates_in_the_future() -> None:
    """A date after today is marked and kept."""
    found = founded("2106-05-01")
    assert found.faults == []
    assert found.values("established_on") == [date(2106, 5, 1)]
    assert found.flagged("established_on") == [["date.future"]]
    born = column(RESIDENTS, "CSRQ", "21060501")
    assert born.faults == []
    assert "date.future" in born.flagged("birth_date")[0]


def test_defect_31_an_end_before_the_beginning() -> None:
    """A period that ends before it begins is marked and kept."""
    found = judged(MARKET, {"opfrom": "2016-03-05", "opto": "2015-03-05"})
    assert found.faults == []
    assert found.values("term_to") == [date(2015, 3, 5)]
    assert found.flagged("term_to") == [["date.order"]]


def test_defect_32_midnight_in_another_zone() -> None:
    """Midnight in China that was stored as UTC is not the day before."""
    assert_days(founded("2015-12-31T16:00:00Z", "2015-12-31 16:00:00+00:00"), date(2016, 1, 1), "date.zone")
    assert founded("2016-03-05T00:00:00+08:00").values("established_on") == [DAY]


def test_defect_33_yuan_for_ten_thousand_yuan() -> None:
    """2,000元 and 0.2 in 万 are one amount; beside 2,000 in 万 the text says another one, which can be flagged."""
    assert capital("2000元").values("reg_capital") == capital("0.2").values("reg_capital") == [Decimal("0.2")]
    fines = pl.Series(["罚款2000元", "罚款2000元", "警告"])
    beside = column(MARKET, "regcap", "0.2", "2000", "2000").records["reg_capital"]
    assert beside.dtype == AMOUNT
    assert disagrees(fines, beside).to_list() == [False, True, None]


def test_defect_34_units_and_currencies_in_the_amount() -> None:
    """Unit and currency are read out of the amount."""
    texts = ("人民币伍佰万元整", "RMB500万", "￥5,000,000.00", "500(万美元)")
    found = capital(*texts)
    assert found.faults == []
    assert found.values("reg_capital") == [Decimal(500)] * 4
    assert found.values("currency") == ["156", "156", "156", "840"]
    assert found.flagged("reg_capital") == [["cleaned"]] * 4


def test_defect_35_separators_and_chinese_capitals() -> None:
    """Commas of both widths and numerals are read, to the last cent."""
    found = capital("5，000，000", "5,000,000", "叁万", "壹仟贰佰叁拾肆元伍角陆分")
    assert found.faults == []
    assert found.values("reg_capital") == [Decimal(5_000_000)] * 2 + [Decimal(3), Decimal("0.123456")]
    assert found.flagged("reg_capital") == [["cleaned"]] * 4


def test_defect_36_lists_of_currencies() -> None:
    """Every list's code or word for the yuan is 156 of GB/T 12406."""
    found = column(MARKET, "regcapcur", "156", "142", "CNY", "RMB", "人民币")
    assert found.faults == []
    assert found.values("currency") == ["156"] * 5
    assert found.flagged("currency") == [[]] + [["cleaned"]] * 4
    assert column(CUSTOMS, "注销标志", "是").values("customs_cancelled") == ["1"]
