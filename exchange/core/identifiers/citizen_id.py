"""Citizen identity number, GB 11643-1999: 6 digits of a county, YYYYMMDD, 3 of sequence (odd: male), 1 check character.

ISO 7064 MOD 11-2: weights 7 9 10 5 8 4 2 1 6 3 7 9 10 5 8 4 2, check `10X98765432`[Σ mod 11]. The same form serves
residents of Hong Kong, Macao and Taiwan (81, 82, 83) and, since 2023-12-01, permanent residents (9, province,
nationality). The county is never a reason to refuse (standards §1.3); province, date and check character are.

The standard's example: Σ = 167, 167 mod 11 = 2.

>>> calc_check_digit("11010519491231002")
'X'
>>> [check(number).rule for number in ("110105194912310021", "360426199113010079", "120116199902300016")]
['citizen_id.check_digit', 'citizen_id.date', 'citizen_id.date']
>>> check("932682198501010017").status, check("990426199112010074").rule
('ok', 'citizen_id.province')
"""

from __future__ import annotations

import re
from datetime import date
from operator import mul

import polars as pl

from exchange.core.identifiers.columns import byte_values, value_at, weighted_sum
from exchange.core.identifiers.judging import Rule, compacted, damages
from exchange.core.identifiers.judging import judged as verdicts
from exchange.core.identifiers.pairs import STRANGE, PairSums, Sum
from exchange.core.identifiers.verdict import PLACEHOLDERS, SOUND, Verdict, accepted, damage
from exchange.core.identifiers.verdict import compact as bare

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"
FORM = r"^[0-9]{17}[0-9X]$"
OLD_FORM = r"^[0-9]{15}$"
FIRST_BIRTH_YEAR = 1880

PROVINCES = (
    *("11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37"),
    *("41", "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65"),
)
ABROAD = ("71", "81", "82", "83")
"""Taiwan in GB/T 2260, and residence permits of Hong Kong, Macao and Taiwan residents."""

_CENTENARIAN = r"^[0-9]{6}[89][0-9]{5}99[6-9]$"
"""996 to 999 were kept for people born before 1900 (unconfirmed); nobody born before 1880 got a number."""
_FORM, _OLD_FORM = re.compile(FORM), re.compile(OLD_FORM)
_CENTENARIANS = re.compile(_CENTENARIAN)
_PREFIXES = frozenset(PROVINCES + ABROAD)
_DIGITS = byte_values("0123456789")


def compact(text: str) -> str:
    """Without blanks, invisible characters and hyphens; half width; upper case (a Cyrillic or Roman X too)."""
    return bare(text).replace("-", "")


def format(text: str) -> str:
    """As it is printed: without a mark between the characters. 15 digits stay 15."""
    return compact(text)


def calc_check_digit(body: str) -> str:
    """The 18th character for 17 digits; ValueError for anything else in it."""
    return CHECKS[sum(map(mul, map("0123456789".index, body), WEIGHTS)) % 11]


def upgrade(old: str) -> str:
    """18 characters for a 15-digit number: century 19, for the sequences 996–999 of centenarians 18 (unconfirmed).

    >>> upgrade("150102880730303"), upgrade("150102880730997")[6:10], upgrade("150102010730997")[6:10]
    ('150102198807303035', '1888', '1901')
    """
    body = old[:6] + ("18" if _CENTENARIANS.search(old) else "19") + old[6:]
    return body + calc_check_digit(body)


def check(text: str, today: date | None = None) -> Verdict:
    """Form, province, date of birth, check character; 15 digits are upgraded first.

    `today`: births after it are refused; None: not looked at. Letters that look like digits are not read as digits: one
    check character would bear out one wrong reading in eleven.
    """
    number = compact(text)
    lost = damage("citizen_id", text, number)
    if lost is not None:
        return lost
    if len(number) == 15 and _OLD_FORM.search(number):
        number = upgrade(number)
    rule = broken_rule(number, today)
    return Verdict("invalid", rule, text, number) if rule else accepted(text, number)


def broken_rule(number: str, today: date | None = None) -> str:
    """The rule that a number in its compact form breaks, the first one; "" if none."""
    if len(number) != 18:
        return "citizen_id.length"
    if _FORM.search(number) is None:
        return "citizen_id.alphabet"
    if (number[1:3] if number[0] == "9" else number[:2]) not in _PREFIXES:
        return "citizen_id.province"
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return "citizen_id.date"
    if born.year < FIRST_BIRTH_YEAR:
        return "citizen_id.date"
    if calc_check_digit(number[:17]) != number[17]:
        return "citizen_id.check_digit"
    return "citizen_id.future" if today is not None and born > today else ""


def is_valid(text: str, today: date | None = None) -> bool:
    """Whether all rules hold, after all repairs."""
    return check(text, today).status in SOUND


def _check_sum(place: int, two: str) -> int:
    """What two characters add to MOD 11: the last counts once and X is 10, so that the whole leaves 1."""
    first, second = int(two[0]), 10 if two[1] == "X" else int(two[1])
    return (first * WEIGHTS[place] + second * (*WEIGHTS, 1)[place + 1]) % 11


def _prefix(place: int, two: str) -> int:
    """A number for the first three digits: 1 for a province, 1 + what follows a 9, 0 for others; 16 × the third digit."""
    if place == 2:
        return 16 * int(two[0])
    if place != 0 or two == "90":
        return 0
    return 1 if two in _PREFIXES else 1 + int(two[1]) if two[0] == "9" else 0


_PREFIX_NUMBERS = {
    *(1 + 16 * third for third in range(10)),
    *(1 + int(prefix[0]) + 16 * int(prefix[1]) for prefix in PROVINCES + ABROAD),
}


def _birth(place: int, two: str) -> int:
    """A number for the kind of a date: century, year, month and day as far as the calendar tells them apart.

    Century: 0 before 1800, 1 for 18, 2 for one whose year 00 is no leap year, 3 for one whose year 00 is. Year: 0 for
    00, else 1 or 2 (a leap year or not) before 80, and 3 or 4 from 80 on. Month: 1, 2, 3 for 31, 30, 28 days. Day: 1 up
    to 28, then 2, 3, 4.
    """
    value = int(two) if place < 16 else 0
    if place == 6:
        return 0 if value < 18 else 1 if value == 18 else 2 + (value % 4 == 0)
    if place == 8:
        return 4 * (0 if value == 0 else 1 + 2 * (value >= 80) + (value % 4 != 0))
    if place == 10:
        return 32 * (3 if value == 2 else 2 if value in (4, 6, 9, 11) else int(1 <= value <= 12))
    return 128 * (0 if value == 0 or value > 31 else max(1, value - 27)) if place == 12 else 0


def _is_date(number: int) -> bool:
    century, year, month, day = number % 4, number // 4 % 8, number // 32 % 4, number // 128
    if 0 in (century, month, day) or (century == 1 and year < 3):
        return False
    leap = year in (1, 3) or (year == 0 and century == 3)
    return day <= (0, 4, 3, 2 if leap else 1)[month]


SUMS = PairSums(
    18,
    {"check": Sum(7, _check_sum), "prefix": Sum(8, _prefix), "birth": Sum(10, _birth)},
    knows=lambda place, two: two[0].isdigit() and (two[1].isdigit() or (place == 16 and two[1] == "X")),
)
"""Every rule from nine look-ups: the check sum, the first three digits, the kind of date."""
_IS_PREFIX = pl.Series(number in _PREFIX_NUMBERS for number in range(256))
_IS_DATE = pl.Series(_is_date(number) for number in range(1024))


def length_holds(number: pl.Expr) -> pl.Expr:
    """18 characters."""
    return number.str.len_chars() == 18


def alphabet_holds(number: pl.Expr) -> pl.Expr:
    """17 digits and a digit or X; null where the length is wrong."""
    return pl.when(length_holds(number)).then(_alphabet(SUMS.of(number)))


def province_holds(number: pl.Expr) -> pl.Expr:
    """Begins with a province (or 81, 82, 83, or 9 and a province); null where the form is wrong."""
    return _province(SUMS.of(number))


def county(number: pl.Expr) -> pl.Expr:
    """The division that an 18-character number begins with; null for residence permits and numbers that begin with 9.

    The place where the number was first given, at that time. One that never existed is a doubt for `exchange.core.codes`
    to raise, and none about the person: no verb here looks at it.
    """
    given_by_county = length_holds(number) & ~number.str.contains("^(?:8[123]|9)")
    return pl.when(given_by_county).then(number.str.slice(0, 6))


def birth_date(number: pl.Expr) -> pl.Expr:
    """Date of birth in an 18-character number; null where there is none."""
    return pl.when(length_holds(number)).then(number.str.slice(6, 8)).str.to_date("%Y%m%d", strict=False)


def date_holds(number: pl.Expr) -> pl.Expr:
    """The date of birth is in the calendar and not before 1880; null where the form is wrong."""
    return _date(SUMS.of(number))


def not_future(number: pl.Expr, today: date) -> pl.Expr:
    """Nobody is born after `today`; null where there is no date of birth."""
    return birth_date(number) <= today


def check_digit_holds(number: pl.Expr) -> pl.Expr:
    """18th character as MOD 11-2 computes it; null where the form is wrong."""
    return _check_digit(SUMS.of(number))


def holds(number: pl.Expr) -> pl.Expr:
    """Province, date of birth and check character of 18 characters; null where the form is wrong."""
    # A function of the column: as an expression, polars would compute the sums anew for each rule.
    return SUMS.of(number).map_batches(_all_hold, return_dtype=pl.Boolean, is_elementwise=True)


def _all_hold(found: pl.Series) -> pl.Series:
    """`holds` for a column of sums."""
    sums = pl.col("sums")
    return found.to_frame("sums").select(_province(sums) & _date(sums) & _check_digit(sums)).to_series()


def _alphabet(sums: pl.Expr) -> pl.Expr:
    return sums < SUMS.least(STRANGE)


def _province(sums: pl.Expr) -> pl.Expr:
    return pl.lit(_IS_PREFIX).gather(SUMS.sound(sums, "prefix"))


def _date(sums: pl.Expr) -> pl.Expr:
    return pl.lit(_IS_DATE).gather(SUMS.sound(sums, "birth"))


def _check_digit(sums: pl.Expr) -> pl.Expr:
    return SUMS.sound(sums, "check") % 11 == 1


def sex_digit(number: pl.Expr) -> pl.Expr:
    """GB/T 2261.1 code from the sequence: "1" (male, odd) or "2"; null where the form is wrong."""
    odd = value_at(number, _DIGITS, 16, 18) % 2
    return pl.when(odd == 1).then(pl.lit("1")).when(odd == 0).then(pl.lit("2"))


def upgraded(number: pl.Expr) -> pl.Expr:
    """15-digit numbers as 18 characters; every other text as it is."""
    century = pl.when(number.str.contains(_CENTENARIAN)).then(pl.lit("18")).otherwise(pl.lit("19"))
    body = number.str.slice(0, 6) + century + number.str.slice(6, 9)
    check_character = pl.lit(pl.Series(list(CHECKS))).gather(
        (weighted_sum(body, _DIGITS, WEIGHTS, 17) % 11).cast(pl.UInt32)
    )
    return pl.when(number.str.contains(OLD_FORM)).then(body + check_character).otherwise(number)


def judged(text: pl.Series, *, today: date | None = None) -> pl.DataFrame:
    """`check` of each text: a frame of status, rule and the number as it is to be kept; null for null."""
    number, sums = pl.col("after"), pl.col("sums")
    numbers = pl.DataFrame({"after": compacted(text)})
    if numbers["after"].str.contains("-", literal=True).any():
        numbers = numbers.with_columns(number.str.replace_all("-", "", literal=True))
    if (numbers["after"].str.len_bytes() == 15).any():
        # A placeholder of 15 digits stays what it is.
        numbers = numbers.with_columns(pl.when(~number.is_in(PLACEHOLDERS)).then(upgraded(number)).otherwise(number))
    holds = {
        "citizen_id.length": length_holds(number),
        "citizen_id.alphabet": _alphabet(sums),
        "citizen_id.province": _province(sums),
        "citizen_id.date": _date(sums),
        "citizen_id.check_digit": _check_digit(sums),
    }
    if today is not None:
        holds["citizen_id.future"] = number.str.slice(6, 8) <= today.strftime("%Y%m%d")
    rules = (*damages("citizen_id", numbers["after"]), *(Rule(name, "invalid", ~held) for name, held in holds.items()))
    return verdicts(text, numbers.with_columns(SUMS.of(number).alias("sums")), rules)
