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

from datetime import date

import polars as pl

from exchange.core.identifiers.columns import byte_values, value_at, weighted_sum
from exchange.core.identifiers.verdict import Status, Verdict, is_placeholder
from exchange.core.identifiers.verdict import compact as bare

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"
FORM = r"^[0-9]{17}[0-9X]$"
OLD_FORM = r"^[0-9]{15}$"
FIRST_BIRTH_YEAR = 1880

PROVINCES = (
    "11",
    "12",
    "13",
    "14",
    "15",
    "21",
    "22",
    "23",
    "31",
    "32",
    "33",
    "34",
    "35",
    "36",
    "37",
    "41",
    "42",
    "43",
    "44",
    "45",
    "46",
    "50",
    "51",
    "52",
    "53",
    "54",
    "61",
    "62",
    "63",
    "64",
    "65",
)
ABROAD = ("71", "81", "82", "83")
"""Taiwan in GB/T 2260, and residence permits of Hong Kong, Macao and Taiwan residents."""
PREFIX_FORM = rf"^(?:{'|'.join(PROVINCES + ABROAD)}|9(?:{'|'.join(PROVINCES + ABROAD)}))"

_DIGITS = byte_values("0123456789")
_REMAINDERS = byte_values(CHECKS)


def compact(text: str) -> str:
    """Without blanks, invisible characters and hyphens; half width; upper case (a Cyrillic or Roman X too)."""
    return bare(text).replace("-", "")


def calc_check_digit(body: str) -> str:
    """The 18th character for 17 digits."""
    return CHECKS[sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11]


def upgrade(old: str) -> str:
    """18 characters for a 15-digit number: century 19 (18 for the sequences 996–999 of centenarians, unconfirmed).

    >>> upgrade("150102880730303")
    '150102198807303035'
    """
    body = old[:6] + ("18" if old[12:15] in ("996", "997", "998", "999") else "19") + old[6:]
    return body + calc_check_digit(body)


def check(text: str, today: date | None = None) -> Verdict:
    """Form, province, date of birth, check character; 15 digits are upgraded first.

    `today`: births after it are refused; None: not looked at.
    """
    number = compact(text)
    if is_placeholder(number):
        return Verdict("placeholder", "citizen_id.placeholder", text, number)
    if len(number) == 15 and number.isascii() and number.isdigit():
        number = upgrade(number)
    if len(number) != 18:
        return Verdict("invalid", "citizen_id.length", text, number)
    if not (number.isascii() and number[:17].isdigit() and number[17] in CHECKS):
        return Verdict("invalid", "citizen_id.alphabet", text, number)
    rule = _broken_rule(number, today)
    status: Status = "invalid" if rule else "ok" if number == text else "repaired"
    return Verdict(status, rule, text, number)


def _broken_rule(number: str, today: date | None) -> str:
    prefix = number[1:3] if number[0] == "9" else number[:2]
    if prefix not in PROVINCES + ABROAD:
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
    """Whether all rules hold, after `compact` and `upgrade`."""
    return check(text, today).status in ("ok", "repaired")


def length_holds(number: pl.Expr) -> pl.Expr:
    """18 characters."""
    return number.str.len_chars() == 18


def alphabet_holds(number: pl.Expr) -> pl.Expr:
    """17 digits and a digit or X; null where the length is wrong."""
    return pl.when(length_holds(number)).then(number.str.contains(FORM))


def province_holds(number: pl.Expr) -> pl.Expr:
    """Begins with a province (or 81, 82, 83, or 9 and a province); null where the length is wrong."""
    return pl.when(length_holds(number)).then(number.str.contains(PREFIX_FORM))


def birth_date(number: pl.Expr) -> pl.Expr:
    """Date of birth in an 18-character number; null where there is none."""
    return pl.when(length_holds(number)).then(number.str.slice(6, 8)).str.to_date("%Y%m%d", strict=False)


def date_holds(number: pl.Expr) -> pl.Expr:
    """The date of birth is in the calendar and not before 1880; null where the form is wrong."""
    real = birth_date(number).dt.year() >= FIRST_BIRTH_YEAR
    return pl.when(number.str.contains(FORM)).then(real.fill_null(False))


def not_future(number: pl.Expr, today: date) -> pl.Expr:
    """Nobody is born after `today`; null where there is no date of birth."""
    return birth_date(number) <= today


def check_digit_holds(number: pl.Expr) -> pl.Expr:
    """18th character as MOD 11-2 computes it; null where the form is wrong."""
    return weighted_sum(number, _DIGITS, WEIGHTS, 18) % 11 == value_at(number, _REMAINDERS, 17, 18)


def sex_digit(number: pl.Expr) -> pl.Expr:
    """GB/T 2261.1 code from the sequence: "1" (male, odd) or "2"; null where the form is wrong."""
    odd = value_at(number, _DIGITS, 16, 18) % 2
    return pl.when(odd == 1).then(pl.lit("1")).when(odd == 0).then(pl.lit("2"))


def upgraded(number: pl.Expr) -> pl.Expr:
    """15-digit numbers as 18 characters; every other text as it is."""
    century = pl.when(number.str.contains(r"99[6-9]$")).then(pl.lit("18")).otherwise(pl.lit("19"))
    body = number.str.slice(0, 6) + century + number.str.slice(6, 9)
    check_character = pl.lit(pl.Series(list(CHECKS))).gather(
        (weighted_sum(body, _DIGITS, WEIGHTS, 17) % 11).cast(pl.UInt32)
    )
    return pl.when(number.str.contains(OLD_FORM)).then(body + check_character).otherwise(number)
