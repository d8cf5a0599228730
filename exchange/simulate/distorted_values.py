"""Distortions of dates and amounts. Each takes the text and one draw, and gives the text as an agency sends it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

CHINA = timedelta(hours=8)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WEEK = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def _parts(text: str) -> tuple[int, int, int]:
    digits = text.replace("-", "")
    return int(digits[:4]), int(digits[4:6]), int(digits[6:])


def impossible(text: str, chance: int) -> str:
    """A day that no calendar has, in the form of the date given.

    >>> impossible("2016-03-05", 0), impossible("20160305", 1)
    ('2016-02-30', '20160431')
    """
    year, _, _ = _parts(text)
    month, day = ((2, 30), (4, 31), (9, 31))[chance % 3]
    return f"{year}-{month:02d}-{day}" if "-" in text else f"{year}{month:02d}{day}"


def not_leap(text: str, _: int) -> str:
    """29 February of a year that has none."""
    given = _parts(text)[0]
    year = given + 1 if given % 4 == 0 else given
    return f"{year}-02-29" if "-" in text else f"{year}0229"


def other_form(text: str, chance: int) -> str:
    """The same date with slashes, dots or Chinese characters.

    >>> [other_form("2016-03-05", at) for at in range(3)]
    ['2016/3/5', '2016.03.05', '2016年3月5日']
    """
    year, month, day = _parts(text)
    forms = (f"{year}/{month}/{day}", f"{year}.{month:02d}.{day:02d}", f"{year}年{month}月{day}日")
    return forms[chance % 3]


def open_end(text: str, chance: int) -> str:
    """A date that means for ever: words where the agency sends text, a sentinel where it sends dates."""
    return ("9999-12-31", "2099-12-31")[chance % 2] if text.count("-") == 2 else "长期"


def future(text: str, _: int) -> str:
    """A year mistyped into the next century.

    >>> future("2016-03-05", 0)
    '2116-03-05'
    """
    return "21" + text[2:]


def before_everything(text: str, _: int) -> str:
    """An end before any beginning."""
    return "1980-01-01" if "-" in text else "19380101"


def in_yuan(text: str, _: int) -> str:
    """An amount in 元 where 万元 are due."""
    whole, part = text.split(".")
    return f"{int(whole)}{part[:4]:<04}.{part[4:]:<06}"


def currency_word(_: str, chance: int) -> str:
    """The currency 156 by another list."""
    return ("142", "CNY", "RMB", "人民币")[chance % 4]


def two_digit_year(text: str, chance: int) -> str:
    """A year of two digits.

    >>> two_digit_year("2016-03-05", 0), two_digit_year("2016-03-05", 1)
    ('16-3-5', '05/03/16')
    """
    year, month, day = _parts(text)
    return (f"{year % 100:02d}-{month}-{day}", f"{day:02d}/{month:02d}/{year % 100:02d}")[chance % 2]


def _instant(text: str) -> datetime:
    """Midnight in China."""
    return datetime(*_parts(text), tzinfo=UTC) - CHINA


def milliseconds(text: str, _: int) -> str:
    """Milliseconds since 1970.

    >>> milliseconds("20191125", 0)
    '1574611200000'
    """
    return str(int(_instant(text).timestamp()) * 1_000)


def in_utc(text: str, _: int) -> str:
    """Midnight in China as UTC, on the day before.

    >>> in_utc("20160101", 0)
    '2015-12-31T16:00:00Z'
    """
    return f"{_instant(text):%Y-%m-%dT%H:%M:%SZ}"


def by_machine(text: str, chance: int) -> str:
    """The default text of Oracle or of Java.

    >>> by_machine("2016-03-05", 0), by_machine("2016-03-05", 1)
    ('05-3月 -16', 'Sat Mar 05 00:00:00 CST 2016')
    """
    year, month, day = _parts(text)
    weekday = WEEK[date(year, month, day).weekday()]
    java = f"{weekday} {MONTHS[month - 1]} {day:02d} 00:00:00 CST {year}"
    return (f"{day:02d}-{month}月 -{year % 100:02d}", java)[chance % 2]


def with_unit(text: str, chance: int) -> str:
    """An amount in 万元 with its unit and currency.

    >>> [with_unit("500.120000", at) for at in range(3)]
    ['人民币500.120000万元', 'RMB500.120000万', '￥5,001,200.00']
    """
    return (f"人民币{text}万元", f"RMB{text}万", f"￥{Decimal(text) * 10_000:,.2f}")[chance % 3]


def with_commas(text: str, chance: int) -> str:
    """Separators of thousands, of either width.

    >>> with_commas("1500.120000", 0), with_commas("500.120000", 0)
    ('1，500.120000', '500.120000')
    """
    return f"{Decimal(text):,}".replace(",", "，,"[chance % 2])
