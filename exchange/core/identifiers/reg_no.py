"""Business registration number, GS15-2006: 6 digits of the authority, 8 of sequence, 1 check digit.

The check digit is ISO 7064 MOD 11,10 over the fourteen before it.
Before it there were 13-digit numbers and numbers in words (企合津总字第000123号), without a check digit.

>>> [check(number).status for number in ("310230001716146", "310230001716147", "3102300017161")]
['ok', 'suspect', 'ok']
"""

from __future__ import annotations

import polars as pl

from exchange.core.identifiers.columns import byte_values, value_at
from exchange.core.identifiers.verdict import Verdict, is_placeholder
from exchange.core.identifiers.verdict import compact as bare

LINK_DIGITS = 13
"""Numbers with fewer digits were given by every authority anew and identify nobody."""

FORM = r"^[0-9A-Z\p{Han}()〔〕\[\]/.-]{4,50}$"
BARE_FORM = r"^[0-9]{10,15}$"
"""What stands in a USCC column when it is a registration number."""
WORDS_FORM = r"^企[合独外作].{0,12}字第?[0-9]{2,8}号?(-[0-9]+)?$"
"""Numbers of foreign-invested firms before 2006."""

_VALUES = byte_values("0123456789")


def _next_states() -> pl.Series:
    """State p × 16 + digit → state after it: ((p + d) mod 10, 0 counting as 10) × 2 mod 11."""
    table = [(((state + digit) % 10 or 10) * 2) % 11 for state in range(11) for digit in range(16)]
    return pl.Series(table, dtype=pl.UInt32)


_NEXT = _next_states()


def compact(text: str) -> str:
    """Without blanks and invisible characters; half width; upper case."""
    return bare(text)


def calc_check_digit(body: str) -> str:
    """The 15th digit for 14.

    >>> calc_check_digit("34000000001636")
    '8'
    """
    state = 10
    for digit in body:
        state = (((state + int(digit)) % 10 or 10) * 2) % 11
    return str((11 - state) % 10)


def check(text: str) -> Verdict:
    """Form; for 15 digits the check digit, whose failure makes it suspect."""
    number = compact(text)
    if is_placeholder(number):
        return Verdict("placeholder", "reg_no.placeholder", text, number)
    if not 4 <= len(number) <= 50:
        return Verdict("invalid", "reg_no.form", text, number)
    if len(number) == 15 and number.isascii() and number.isdigit() and calc_check_digit(number[:14]) != number[14]:
        return Verdict("suspect", "reg_no.check_digit", text, number)
    return Verdict("ok" if number == text else "repaired", "", text, number)


def is_valid(text: str) -> bool:
    """Whether nothing is wrong or doubtful, after `compact`."""
    return check(text).status in ("ok", "repaired")


def form_holds(number: pl.Expr) -> pl.Expr:
    """Digits, capitals and Han characters, 4 to 50 of them."""
    return number.str.contains(FORM)


def check_digit_holds(number: pl.Expr) -> pl.Expr:
    """15th digit as ISO 7064 MOD 11,10 computes it; null where it isn't 15 digits."""
    state = pl.lit(10, dtype=pl.UInt32)
    for place in range(14):
        digit = value_at(number, _VALUES, place, 15)
        state = pl.lit(_NEXT).gather(state * 16 + digit)
    return (state + value_at(number, _VALUES, 14, 15)) % 10 == 1
