"""From an agency's text to a value: one parser per word of `exchange.core.connector.Parse`.

A parser never fails on a text: it gives null and says by which rule. Days and times without a zone are China's
(UTC+08:00, no summer time since 1991).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import polars as pl

from exchange.core.codes.coded import mapped
from exchange.core.codes.currency import WORDS
from exchange.core.connector import Parse

CHINA_MICROSECONDS = 8 * 3_600 * 1_000_000
DAY_MILLISECONDS = 86_400_000
DAY_MICROSECONDS = DAY_MILLISECONDS * 1_000

OPEN_ENDS = (
    "长期",
    "永久",
    "永久有效",
    "长期有效",
    "无固定期限",
    "无期限",
    "9999-12-31",
    "2099-12-31",
    "1900-01-01",
    "0001-01-01",
)
"""What agencies write where a period has no end, or a date was never known (standards §5, defect 28)."""

_FIRST_YEAR = 1800
_DATE_SHAPE = r"^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}$"
_TIME_OF_DAY = r"[T ][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?$"
_ZONED = r"[0-9](?:Z|[+-][0-9]{2}:?(?:[0-9]{2})?)$"
_AMOUNT = r"^([^0-9.+-]*)([+-]?[0-9]*\.?[0-9]+(?:[Ee][+-]?[0-9]+)?)(.*)$"
_UNIT = r"^(亿|万)?(元?)(.*)$"
_ONLY_UNIT = r"^[万亿]?元?(?:人民币)?元?$"


@dataclass(frozen=True)
class Reading:
    """`values` row by row; `faults` and `flags`: rule → where; `beside`: values for other columns of the record."""

    values: pl.Series
    faults: Mapping[str, pl.Series] = field(default_factory=dict)
    flags: Mapping[str, pl.Series] = field(default_factory=dict)
    beside: Mapping[str, pl.Series] = field(default_factory=dict)


def read(word: Parse, text: pl.Series) -> Reading:
    """The text, cleaned before, read as the word says."""
    return _PARSERS[word](text)


def coded(text: pl.Series, table: Mapping[str, str]) -> Reading:
    """The hub's codes for the agency's; a text that the table doesn't hold is a fault."""
    values = mapped(text, table)
    return Reading(values, faults={"code.unknown": values.is_null() & text.is_not_null()})


def _text(text: pl.Series) -> Reading:
    return Reading(text)


def _date(text: pl.Series) -> Reading:
    """YYYY-MM-DD, YYYY/M/D, YYYY.M.D, YYYYMMDD, YYYY年M月D日, and timestamps, whose day in China counts."""
    shaped = text.str.contains(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$").fill_null(True).all()
    normal = text if shaped else _normal_dates(text)
    normal = normal.set(normal.is_in(OPEN_ENDS), None)
    days = normal.str.to_date("%Y-%m-%d", strict=False)
    likely = normal.str.contains(_DATE_SHAPE)
    days = days.set(~likely | (days.dt.year() < _FIRST_YEAR), None)
    failed = days.is_null() & normal.is_not_null()
    return Reading(days, faults={"date.impossible": failed & likely, "date.unreadable": failed & ~likely})


def _normal_dates(text: pl.Series) -> pl.Series:
    """Every known way of writing a day as Y-M-D; other texts as they are."""
    zoned = text.str.contains(_ZONED) & text.str.contains(r"[T ][0-9]{1,2}:")
    if zoned.any():
        days = pl.from_epoch(microseconds(text) + CHINA_MICROSECONDS, time_unit="us").dt.strftime("%Y-%m-%d")
        text = days.zip_with(zoned.fill_null(False) & days.is_not_null(), text)
    text = text.str.replace(_TIME_OF_DAY, "").str.replace_all(r"\s", "")
    text = text.str.replace_all(r"[年月/.]", "-").str.replace(r"日$", "")
    return text.str.replace(r"^([0-9]{4})([0-9]{2})([0-9]{2})$", "$1-$2-$3")


def _epoch_ms_date(text: pl.Series) -> Reading:
    milliseconds = text.cast(pl.Int64, strict=False)
    days = (milliseconds + CHINA_MICROSECONDS // 1_000) // DAY_MILLISECONDS
    dates = days.cast(pl.Int32, strict=False).cast(pl.Date)
    dates = dates.set((dates.dt.year() < _FIRST_YEAR) | (dates.dt.year() > 9_999), None)
    return Reading(dates, faults={"date.unreadable": dates.is_null() & text.is_not_null()})


def microseconds(text: pl.Series) -> pl.Series:
    """Timestamps as microseconds since 1970 UTC; null where a text is none."""
    if text.str.contains(r"^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}$").fill_null(True).all():
        return (
            text.str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", strict=False).cast(pl.Int64) - CHINA_MICROSECONDS
        )
    parts = text.str.extract_groups(
        r"^([0-9]{4})[-/.]?([0-9]{1,2})[-/.]?([0-9]{1,2})"
        r"(?:[T ]([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,6})[0-9]*)?)?)? ?(Z|[+-][0-9]{2}:?(?:[0-9]{2})?)?$"
    ).struct.unnest()
    year, month, day, hour, minute, second, fraction, zone = (pl.col(name) for name in parts.columns)
    days = pl.concat_str(year, month.str.zfill(2), day.str.zfill(2)).str.to_date("%Y%m%d", strict=False)
    clock = [part.cast(pl.Int64).fill_null(0) for part in (hour, minute, second)]
    sound = (clock[0] < 24) & (clock[1] < 60) & (clock[2] < 60)
    digits = zone.str.replace_all("[^0-9]", "").str.pad_end(4, "0")
    minutes = digits.str.slice(0, 2).cast(pl.Int64, strict=False) * 60 + digits.str.slice(2, 2).cast(
        pl.Int64, strict=False
    )
    offset = pl.when(zone == "Z").then(0).when(zone.is_null()).then(480).when(zone.str.starts_with("-")).then(-minutes)
    total = (
        days.cast(pl.Int32).cast(pl.Int64) * DAY_MICROSECONDS
        + (clock[0] * 3_600 + clock[1] * 60 + clock[2] - offset.otherwise(minutes) * 60) * 1_000_000
        + fraction.str.pad_end(6, "0").cast(pl.Int64).fill_null(0)
    )
    return parts.select(pl.when(sound).then(total).alias(text.name)).to_series()


def _timestamp(text: pl.Series) -> Reading:
    values = microseconds(text)
    return Reading(values, faults={"date.unreadable": values.is_null() & text.is_not_null()})


def _epoch_ms(text: pl.Series) -> Reading:
    values = text.cast(pl.Int64, strict=False) * 1_000
    return Reading(values, faults={"date.unreadable": values.is_null() & text.is_not_null()})


def _integer(text: pl.Series) -> Reading:
    values = text.cast(pl.Int64, strict=False)
    return Reading(values, faults={"integer.unreadable": values.is_null() & text.is_not_null()})


AMOUNT = pl.Decimal(24, 6)


def _money(text: pl.Series, bare_is_wan: bool) -> Reading:
    """Amounts in 万 (10,000) units with six decimals. `bare_is_wan`: what a number without any unit counts."""
    if bare_is_wan and text.str.contains(r"^[0-9]+(?:\.[0-9]+)?$").fill_null(True).all():
        values = text.cast(AMOUNT, strict=False)
        return Reading(values, faults={"money.unreadable": values.is_null() & text.is_not_null()})
    bare = text.str.replace_all(r"[,\s]", "")
    parts = bare.str.replace_all(r"[()\[\]]", "").str.extract_groups(_AMOUNT).struct.unnest()
    unit = parts.to_series(2).str.extract_groups(_UNIT).struct.unnest()
    power, yuan, behind = (unit.to_series(place) for place in range(3))
    before = parts.to_series(0).str.replace_all("[¥￥]", "人民币")
    word = behind.set(behind == "", None).zip_with(behind.fill_null("") != "", before.set(before == "", None))
    currency = word.replace_strict(WORDS, default=None, return_dtype=pl.String)
    united = (power.fill_null("") != "") | (yuan.fill_null("") != "")
    number = parts.to_series(1)
    in_yuan = (power.fill_null("") == "") & (united | word.is_not_null() | (not bare_is_wan))
    values = _scaled(number, power == "亿", in_yuan)
    no_amount = bare.str.contains(_ONLY_UNIT).fill_null(False)
    strange = word.is_not_null() & currency.is_null()
    return Reading(
        values.set(strange, None),
        faults={
            "money.currency": strange,
            "money.unreadable": values.is_null() & text.is_not_null() & ~no_amount & ~strange.fill_null(False),
        },
        flags={"money.no_amount": no_amount, "money.unit_assumed": bare.str.contains(r"^[0-9.]+\(\)$")},
        beside={
            "currency": currency.zip_with(word.is_not_null() | ~united, pl.Series(["156"]).new_from_index(0, len(text)))
        },
    )


def _scaled(number: pl.Series, hundred_million: pl.Series, in_yuan: pl.Series) -> pl.Series:
    """The number in 万: 亿 times 10,000, 元 divided by 10,000 (a float's 15 digits suffice)."""
    values = number.cast(AMOUNT, strict=False)
    hundred_million, in_yuan = hundred_million.fill_null(False), in_yuan.fill_null(False)
    if not (hundred_million | in_yuan).any():
        return values
    floats = number.cast(pl.Float64, strict=False)
    in_wan = (floats / 10_000).zip_with(in_yuan, floats * 10_000).round(6).cast(AMOUNT, strict=False)
    return in_wan.zip_with(hundred_million | in_yuan, values)


_PARSERS: Mapping[Parse, Callable[[pl.Series], Reading]] = {
    "text": _text,
    "date": _date,
    "epoch_ms_date": _epoch_ms_date,
    "timestamp": _timestamp,
    "epoch_ms": _epoch_ms,
    "money_wan": lambda text: _money(text, True),
    "money_yuan_to_wan": lambda text: _money(text, False),
    "integer": _integer,
}
