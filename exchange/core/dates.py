"""Days and times in every form that agencies write (standards §5, defects 22 to 32).

Days and times without a zone are China's. An instant falls on the day of Asia/Shanghai (summer time of 1986 to 1991
and the local time before 1928 included: a birth stored by Java as 1988-05-31T15:00Z is the first of June).
A date that is only partly there (1999, 1999-2, 16-3-5) is null and flagged: a day is never invented.
"""

from __future__ import annotations

import polars as pl

from exchange.core.numerals import NUMERAL, in_digits
from exchange.core.reading import Reading

CHINA_MICROSECONDS = 8 * 3_600 * 1_000_000
DAY_MICROSECONDS = 86_400 * 1_000_000

OPEN_ENDS = (
    *("长期", "永久", "永久有效", "长期有效", "无固定期限", "无期限", "9999-12-31", "2099-12-31", "1900-01-01"),
    *("0001-01-01", "0000-00-00"),
)
"""What agencies write where a period has no end, or a date was never known (defect 28)."""

SERIAL_ROWS = 3
"""Fewer numbers are no column; a single number in a column of dates is not taken for a spreadsheet's."""
SERIAL = r"^[1-7][0-9]{4}(?:\.[0-9]+)?$"
"""A day as a spreadsheet counts it, if the whole column is such numbers."""
_SERIAL_ZERO = pl.date(1899, 12, 30)
"""Day 0 of the 1900 system for every day after February 1900. The 1904 system is 1,462 days off and never guessed."""

_FIRST_YEAR = 1800
_LAST_MILLISECOND = 253_402_300_799_999
_ISO = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_TIME = (
    r"(?:(?:\s+|T|[日号]\s*)(?<hour>[0-9]{1,2})[:时](?<minute>[0-9]{2})(?:[:分](?<second>[0-9]{2})(?:\.[0-9]+)?)?[分秒]?"
    r"\s*(?<zone>Z|[+-][0-9]{2}:?(?:[0-9]{2})?)?)?$"
)
_MONTHS = {
    name: f"{number:02d}"
    for number, name in enumerate(
        ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"], start=1
    )
}
_MONTH = rf"(?<month>{'|'.join(_MONTHS)})"
_COMPACT_TIME = r"(?<hour>[0-9]{2}):?(?<minute>[0-9]{2})(?::?(?<second>[0-9]{2})(?:\.[0-9]+)?)?"
_FULL_TIME = r"(?<hour>[0-9]{2}):(?<minute>[0-9]{2}):(?<second>[0-9]{2})"
_SHAPES = (
    r"^(?<year>[0-9]{4})\s*[-/.年]\s*(?<month>[0-9]{1,2})\s*[-/.月]\s*(?<day>[0-9]{1,2})\s*[日号]?" + _TIME,
    rf"^(?<year>(?:1[89]|20|21)[0-9]{{2}})(?<month>[0-9]{{2}})(?<day>[0-9]{{2}})(?:[T ]?{_COMPACT_TIME})?$",
    # Oracle's DD-MON-RR, in Chinese and in English.
    r"^(?<day>[0-9]{1,2})-(?<month>[0-9]{1,2})月\s*-(?<year>[0-9]{4}|[0-9]{2})(?:\s.*)?$",
    rf"^(?<day>[0-9]{{1,2}})-{_MONTH}-(?<year>[0-9]{{4}}|[0-9]{{2}})(?:\s.*)?$",
    # java.util.Date and JavaScript's Date; CST is China's, CDT its summer time.
    rf"^[A-Z]{{3}} {_MONTH} +(?<day>[0-9]{{1,2}}) {_FULL_TIME} (?:CST|CDT|GMT\+0[89]:00) (?<year>[0-9]{{4}})$",
    rf"^[A-Z]{{3}} {_MONTH} +(?<day>[0-9]{{1,2}}) (?<year>[0-9]{{4}}) {_FULL_TIME} GMT\+0[89]00(?: \(.*\))?$",
)
_PARTIAL = (
    r"^(?:1[89]|20|21)[0-9]{2}(?:年|[-/.年](?:0?[0-9]|1[0-2])月?|0[0-9]|1[0-2])?$"
    r"|^[0-9]{4}[-/.年]?00[-/.月]?[0-9]{1,2}日?$|^[0-9]{4}[-/.年]?(?:0[0-9]|1[0-2])[-/.月]?00日?$"
)
_TWO_DIGITS = (
    r"^[0-9]{1,2}([-/.年])[0-9]{1,2}[-/.月][0-9]{1,2}日?$|^[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])$"
)
_EPOCH_MS = r"^(?:[12][0-9]{12}|[1-9][0-9]{11}|-[1-9][0-9]{9,12})$"
_EPOCH_S = r"^1[0-8][0-9]{8}$"
"""Ten digits that begin with 19 or 20 may be a day and an hour, and are refused."""

FAULTS = ("date.impossible", "date.unreadable")
FLAGS = ("date.open_end", "date.partial", "date.two_digit_year", "date.zone", "date.serial", "date.epoch", "cleaned")


def days(text: pl.Series, column: pl.Series | None = None) -> Reading:
    """A column of days (pl.Date). Anything but YYYY-MM-DD and YYYYMMDD is flagged by what was done to it.

    `column`: the column as it was delivered, where `text` is a part of it.
    """
    bare, iso = text, text.str.contains(_ISO)
    if not iso.fill_null(True).all():
        bare = _parted(text)
        iso = bare.str.contains(_ISO)
    open_end = bare.is_in(OPEN_ENDS).fill_null(False)
    values = bare.set(open_end, None).str.to_date("%Y-%m-%d", strict=False)
    values = values.set(~iso | (values.dt.year() < _FIRST_YEAR), None)
    failed = iso & values.is_null() & ~open_end
    partial = failed & bare.str.contains("-00") if failed.any() else failed
    odd = (~iso & ~open_end).fill_null(False)
    if not odd.any():
        return Reading(
            values, {"date.impossible": failed & ~partial}, {"date.open_end": open_end, "date.partial": partial}
        )
    serial = _is_serial(bare if column is None else _parted(column))
    found = _serials(bare.filter(odd)) if serial else _judged(bare.filter(odd).unique())
    placed = bare.replace_strict(found["text"], found["value"], default=None, return_dtype=pl.Date)
    rules = bare.replace_strict(found["text"], found["rule"], default=None, return_dtype=pl.String)
    for at, rule in ((failed, "date.impossible"), (partial, "date.partial"), (open_end, "date.open_end")):
        rules = rules.set(at.fill_null(False), rule)
    return Reading(
        placed.zip_with(odd, values), {rule: rules == rule for rule in FAULTS}, {rule: rules == rule for rule in FLAGS}
    )


def _parted(text: pl.Series) -> pl.Series:
    return text.str.replace(r"^([0-9]{4})([0-9]{2})([0-9]{2})$", "$1-$2-$3")


def _is_serial(column: pl.Series) -> bool:
    """Whether the whole column holds days as a spreadsheet counts them (defect 25)."""
    serial = column.str.contains(SERIAL)
    return bool((serial | column.is_in(OPEN_ENDS)).fill_null(True).all()) and int(serial.sum()) >= SERIAL_ROWS


def _serials(text: pl.Series) -> pl.DataFrame:
    """Days of a column of serial numbers, in the form of `_judged`."""
    number = pl.col("text").str.extract("^([0-9]+)").cast(pl.Int32)
    return (
        text.unique()
        .to_frame("text")
        .select("text", value=_SERIAL_ZERO + pl.duration(days=number), rule=pl.lit("date.serial"))
    )


def _judged(texts: pl.Series) -> pl.DataFrame:
    """Each text that is no plain day: `text`, `value` (null where it has none), `rule` (null: nothing to say)."""
    frame = texts.to_frame("text").with_columns(bare=pl.col("text").str.to_uppercase().str.replace("元月", "1月"))
    if frame["bare"].str.contains(NUMERAL).any():
        frame = frame.with_columns(bare=in_digits(pl.col("bare")))
    frame = frame.select("text", "bare", *(_part(name) for name in ("year", "month", "day", "zone", *_CLOCK)))
    written = pl.concat_str(pl.col("year").str.zfill(4), pl.col("month").str.zfill(2), pl.col("day").str.zfill(2))
    frame = frame.with_columns(
        written=written.str.to_date("%Y%m%d", strict=False),
        instant=civil_day(pl.lit(microseconds(frame["bare"]))),
        moment=pl.when(pl.col("year").is_null()).then(_epoch(pl.col("bare"))),
        end=_ended(pl.concat_str(pl.col("year"), pl.lit("-"), pl.col("month"), pl.lit("-"), pl.col("day"))),
    )
    value = pl.when(pl.col("zone").is_null()).then("written").otherwise("instant")
    frame = frame.with_columns(value=pl.coalesce(pl.when(_clock_holds()).then(value), "moment"))
    frame = frame.with_columns(value=pl.when(pl.col("value").dt.year() >= _FIRST_YEAR).then("value"))
    frame = frame.with_columns(end=pl.col("end") | _ended(pl.col("value").dt.strftime("%Y-%m-%d")))
    return frame.select("text", value=pl.when(~pl.col("end")).then("value"), rule=_rule())


_CLOCK = ("hour", "minute", "second")


def _part(name: str) -> pl.Expr:
    """A part of the date from whichever shape fits; two digits of Oracle's year are its RR (00–49 are 2000–2049)."""
    shapes = (shape for shape in _SHAPES if f"(?<{name}>" in shape)
    found = pl.coalesce(pl.col("bare").str.extract_groups(shape).struct.field(name) for shape in shapes)
    if name == "month":
        found = found.replace(_MONTHS)
    if name == "year":
        century = pl.when(found < "50").then(pl.lit("20")).otherwise(pl.lit("19"))
        found = pl.when(found.str.len_bytes() == 2).then(century + found).otherwise(found)
    return found.alias(name)


def _clock_holds() -> pl.Expr:
    """The time of day is one: 24:00 is none (defect 29)."""
    hour, minute, second = (pl.col(name).cast(pl.UInt8).fill_null(0) for name in _CLOCK)
    return (hour < 24) & (minute < 60) & (second < 60)


def _ended(day: pl.Expr) -> pl.Expr:
    return day.is_in(OPEN_ENDS).fill_null(False)


def _epoch(text: pl.Expr) -> pl.Expr:
    """Milliseconds or seconds since 1970 (defect 26) as a day in China."""
    number = text.cast(pl.Int64, strict=False)
    microsecond = (
        pl.when(text.str.contains(_EPOCH_MS))
        .then(number * 1_000)
        .when(text.str.contains(_EPOCH_S))
        .then(number * 1_000_000)
    )
    return civil_day(microsecond)


def _rule() -> pl.Expr:
    bare, dated = pl.col("bare"), pl.col("value").is_not_null()
    plain = bare.str.contains(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:$|[T ])|^[0-9]{8}(?:$|[T 0-9])")
    return (
        pl.when("end")
        .then(pl.lit("date.open_end"))
        .when(bare.str.contains(_PARTIAL))
        .then(pl.lit("date.partial"))
        .when(dated & (pl.col("zone").is_not_null()) & (pl.col("value") != pl.col("written")))
        .then(pl.lit("date.zone"))
        .when(dated & pl.col("year").is_null())
        .then(pl.lit("date.epoch"))
        .when(dated & ~(plain & (bare == pl.col("text").str.to_uppercase())))
        .then(pl.lit("cleaned"))
        .when(dated)
        .then(None)
        .when(bare.str.contains(_TWO_DIGITS))
        .then(pl.lit("date.two_digit_year"))
        .when(pl.col("year").is_not_null())
        .then(pl.lit("date.impossible"))
        .otherwise(pl.lit("date.unreadable"))
    )


def civil_day(microsecond: pl.Expr) -> pl.Expr:
    """The day in China of an instant, in microseconds since 1970 UTC.

    >>> pl.select(civil_day(pl.lit(1_451_577_600_000_000))).item()
    datetime.date(2016, 1, 1)
    """
    instant = pl.from_epoch(microsecond.cast(pl.Int64), time_unit="us").dt.replace_time_zone("UTC")
    return instant.dt.convert_time_zone("Asia/Shanghai").dt.date()


def epoch_microseconds(text: pl.Series) -> pl.Series:
    """Milliseconds since 1970 as microseconds; null where a text is none, and where it is further away than year 10000."""
    milliseconds = text.cast(pl.Int64, strict=False)
    sound = milliseconds.is_between(-_LAST_MILLISECOND, _LAST_MILLISECOND)
    return milliseconds.set(~sound.fill_null(False), None) * 1_000


def epoch_ms_days(text: pl.Series) -> Reading:
    """Milliseconds since 1970 as days in China; null from year 10000 on and before 1800."""
    values = epoch_microseconds(text).to_frame("t").select(civil_day(pl.col("t"))).to_series()
    values = values.set(values.dt.year() < _FIRST_YEAR, None).alias(text.name)
    return Reading(values, faults={"date.unreadable": values.is_null() & text.is_not_null()})


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
