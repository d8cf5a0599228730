"""Bank card: 16 to 19 digits, `62` first for UnionPay; the last is a check digit by Luhn, ISO/IEC 7812-1.

Accounts of firms have numbers of the same length and do not follow Luhn: a wrong check digit is doubtful, never refused.
From the right, every second digit counts twice (less 9 above 9); the sum is a multiple of 10.

>>> calc_check_digit("622202000000000001"), check("6222020000000000018").status
('8', 'ok')
>>> check("6222020000000000019").rule, check("622202000000000").rule
('bank_card.check_digit', 'bank_card.form')
"""

from __future__ import annotations

import re

import polars as pl

from exchange.core.identifiers.columns import byte_values, weighted_sum
from exchange.core.identifiers.verdict import SOUND, Verdict, accepted, damage
from exchange.core.identifiers.verdict import compact as bare

FORM = r"^[0-9]{16,19}$"
LONGEST = 19
TWICE = "0516273849"
"""Each digit stands at the place that is its double, less 9 above 9."""

_ONCE_VALUES = byte_values("0123456789")
_TWICE_VALUES = byte_values(TWICE)
_ODD = tuple((place + 1) % 2 for place in range(LONGEST))
_EVEN = tuple(place % 2 for place in range(LONGEST))


def compact(text: str) -> str:
    """Without blanks, invisible characters and hyphens; half width."""
    return bare(text).replace("-", "")


def calc_check_digit(body: str) -> str:
    """The last digit for those before it.

    >>> calc_check_digit("7992739871")
    '3'
    """
    twice, once = body[::-2], body[-2::-2]
    return str(-(sum(TWICE.index(digit) for digit in twice) + sum(map(int, once))) % 10)


def check(text: str) -> Verdict:
    """Form; then Luhn, whose failure makes it suspect."""
    number = compact(text)
    lost = damage("bank_card", text, number)
    if lost is not None:
        return lost
    if not re.fullmatch(FORM, number):
        return Verdict("invalid", "bank_card.form", text, number)
    if calc_check_digit(number[:-1]) != number[-1]:
        return Verdict("suspect", "bank_card.check_digit", text, number)
    return accepted(text, number)


def is_valid(text: str) -> bool:
    """Whether nothing is wrong or doubtful, after `compact`."""
    return check(text).status in SOUND


def format(text: str) -> str:
    """In groups of four.

    >>> format("6222020000000000018")
    '6222 0200 0000 0000 018'
    """
    number = compact(text)
    return " ".join(re.findall(".{1,4}", number)) if re.fullmatch(FORM, number) else number


def form_holds(number: pl.Expr) -> pl.Expr:
    """16 to 19 digits."""
    return number.str.contains(FORM)


def check_digit_holds(number: pl.Expr) -> pl.Expr:
    """Last digit as Luhn computes it; null where the form is wrong."""
    # Zeros in front change no sum, and let one pair of weights serve every length.
    padded = number.str.zfill(LONGEST)
    total = weighted_sum(padded, _ONCE_VALUES, _ODD, LONGEST) + weighted_sum(padded, _TWICE_VALUES, _EVEN, LONGEST)
    return pl.when(form_holds(number)).then(total % 10 == 0)
