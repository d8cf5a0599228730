"""Business registration number, GS15-2006: 6 digits of the authority, 8 of sequence, 1 check digit.

The check digit is ISO 7064 MOD 11,10 over the fourteen before it.
Before it there were 13-digit numbers and numbers in words (企合津总字第000123号), without a check digit.

>>> [check(number).status for number in ("310230001716146", "310230001716147", "3102300017161")]
['ok', 'suspect', 'ok']
"""

from __future__ import annotations

import re
from functools import cache

import polars as pl

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
    digits = pl.when(number.str.contains(r"^[0-9]{15}$")).then(number).cast(pl.UInt64)
    return mod_11_10(digits + 5 * 10**15)


def mod_11_10(digits: pl.Expr) -> pl.Expr:
    """Whether the last of sixteen digits, read as one number, is the check digit of those before it.

    A 5 in front changes nothing: it leads from the first state, 10, back to it. So it fills up shorter numbers.
    """
    # A function of the column: as an expression, polars would compute the digits anew for each four of them.
    return digits.map_batches(_ends_right, return_dtype=pl.Boolean, is_elementwise=True)


def _ends_right(digits: pl.Series) -> pl.Series:
    """`mod_11_10` of a column."""
    state = pl.repeat(10, len(digits), dtype=pl.UInt64, eager=True)
    for below in (10**12, 10**8, 10**4, 1):
        state = _states().gather(state * 10_000 + digits // below % 10_000)
    # The check digit makes the last sum 1, and no other digit leads to what follows it, 1 × 2.
    return state == 2


@cache
def _states() -> pl.Series:
    """State × 10,000 + four digits → the state after them: for each ((p + d) mod 10, 0 counting as 10) × 2 mod 11."""
    states = range(11)
    one = [(((state + digit) % 10 or 10) * 2) % 11 for state in states for digit in range(10)]
    two = [one[one[state * 10 + pair // 10] * 10 + pair % 10] for state in states for pair in range(100)]
    four = (two[two[state * 100 + four // 100] * 100 + four % 100] for state in states for four in range(10_000))
    return pl.Series(four, dtype=pl.UInt64)


def judged(text: pl.Series) -> pl.DataFrame:
    """`check` of each text: a frame of status, rule and the number as it is to be kept; null for null."""
    number, numbers = pl.col("after"), pl.DataFrame({"after": compacted(text)})
    rules = (
        *damages("reg_no", numbers["after"]),
        Rule("reg_no.form", "invalid", ~form_holds(number)),
        Rule("reg_no.check_digit", "suspect", ~check_digit_holds(number)),
    )
    return verdicts(text, numbers, rules)
