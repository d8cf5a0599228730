"""Business registration number, GS15-2006: 6 digits of the authority, 8 of sequence, 1 check digit.

The check digit is ISO 7064 MOD 11,10 over the fourteen before it.
Before it there were 13-digit numbers and numbers in words (企合津总字第000123号), without a check digit.

>>> [check(number).status for number in ("310230001716146", "310230001716147", "3102300017161")]
['ok', 'suspect', 'ok']
"""

from __future__ import annotations

import re

import polars as pl

from exchange.core.identifiers.columns import byte_values, value_at
from exchange.core.identifiers.judging import Rule, compacted, damages
from exchange.core.identifiers.judging import judged as verdicts
from exchange.core.identifiers.verdict import SOUND, Verdict, accepted, damage
from exchange.core.identifiers.verdict import compact as bare

LINK_DIGITS = 13
"""Numbers with fewer digits were given by every authority anew and identify nobody."""

_HAN = "〇々\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
FORM = rf"^[0-9A-Z{_HAN}()〔〕\[\]/.-]{{4,50}}$"
BARE_FORM = r"^[0-9]{10,15}$"
"""What stands in a USCC column when it is a registration number."""
WORDS_FORM = r"^企[合独外作].{0,12}字第?[0-9]{2,8}号?(-[0-9]+)?$"
"""Numbers of foreign-invested firms before 2006."""

_FORM = re.compile(FORM)
_VALUES = byte_values("0123456789")


def _next_states() -> pl.Series:
    """State p × 16 + digit → state after it: ((p + d) mod 10, 0 counting as 10) × 2 mod 11."""
    table = [(((state + digit) % 10 or 10) * 2) % 11 for state in range(11) for digit in range(16)]
    return pl.Series(table, dtype=pl.UInt32)


_NEXT = _next_states()


def compact(text: str) -> str:
    """Without blanks and invisible characters; half width; upper case. A hyphen may belong to the number and stays."""
    return bare(text)


def format(text: str) -> str:
    """As it is printed: without blanks."""
    return compact(text)


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
    lost = damage("reg_no", text, number)
    if lost is not None:
        return lost
    if _FORM.search(number) is None:
        return Verdict("invalid", "reg_no.form", text, number)
    if len(number) == 15 and number.isascii() and number.isdigit() and calc_check_digit(number[:14]) != number[14]:
        return Verdict("suspect", "reg_no.check_digit", text, number)
    return accepted(text, number)


def is_valid(text: str) -> bool:
    """Whether nothing is wrong or doubtful, after all repairs."""
    return check(text).status in SOUND


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


def judged(text: pl.Series) -> pl.DataFrame:
    """`check` of each text: a frame of status, rule and the number as it is to be kept; null for null."""
    number, numbers = pl.col("after"), pl.DataFrame({"after": compacted(text)})
    rules = (
        *damages("reg_no", numbers["after"]),
        Rule("reg_no.form", "invalid", ~form_holds(number)),
        Rule("reg_no.check_digit", "suspect", ~check_digit_holds(number)),
    )
    return verdicts(text, numbers, rules)
