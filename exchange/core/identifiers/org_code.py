"""Organisation code, GB 11714-1997: eight characters and a check character, printed `12345678-9`.

Weights 3 7 9 10 5 8 4 2; values 0–9, A = 10 … Z = 35; r = 11 − Σ mod 11, where 10 is written X and 11 is written 0.
Since 2015 it lives on as places 9 to 17 of the unified social credit code.

Σ = 199, 199 mod 11 = 1, 11 − 1 = 10:

>>> calc_check_digit("D2143569")
'X'
>>> check("123456789").status, check("D2143569-X").rule, format("35156027x")
('placeholder', 'repair.hyphen', '35156027-X')
"""

from __future__ import annotations

import re
from operator import mul

import polars as pl

from exchange.core.identifiers.columns import byte_values, value_at, weighted_sum
from exchange.core.identifiers.judging import Rule, compacted, damages
from exchange.core.identifiers.judging import judged as verdicts
from exchange.core.identifiers.verdict import SOUND, Verdict, accepted, damage
from exchange.core.identifiers.verdict import compact as bare

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
FORM = r"^[0-9A-Z]{8}[0-9X]$"
CHECKS = "0X987654321"
"""Check character for Σ mod 11 = 0 … 10."""
VALUES = {character: value for value, character in enumerate(ALPHABET)}

_FORM = re.compile(FORM)
_VALUES = byte_values(ALPHABET)
_REMAINDERS = byte_values(CHECKS)


def compact(text: str) -> str:
    """Nine characters without the hyphen.

    >>> compact("59642350-5")
    '596423505'
    """
    return bare(text).replace("-", "")


def format(text: str) -> str:
    """As it is printed, with a hyphen before the check character; a text of another length in its compact form."""
    code = compact(text)
    return f"{code[:8]}-{code[8]}" if len(code) == 9 else code


def calc_check_digit(body: str) -> str:
    """The ninth character for eight; ValueError for a character outside the alphabet.

    >>> calc_check_digit("35156027")
    'X'
    """
    return CHECKS[sum(map(mul, map(ALPHABET.index, body), WEIGHTS)) % 11]


def check(text: str) -> Verdict:
    """Form and check character; a wrong check character makes it suspect, for issuers have erred (standards §0.2)."""
    code = compact(text)
    lost = damage("org_code", text, code)
    if lost is not None:
        return lost
    if len(code) != 9 or _FORM.search(code) is None:
        return Verdict("invalid", "org_code.form", text, code)
    if calc_check_digit(code[:8]) != code[8]:
        return Verdict("suspect", "org_code.check_digit", text, code)
    return accepted(text, code)


def is_valid(text: str) -> bool:
    """Whether form and check character are right, after all repairs."""
    return check(text).status in SOUND


def form_holds(code: pl.Expr) -> pl.Expr:
    """Nine characters of the right kind."""
    return code.str.contains(FORM)


def check_digit_holds(code: pl.Expr, *, before: int = 0, length: int = 9) -> pl.Expr:
    """Ninth character as GB 11714 computes it; null where the form is wrong.

    `before`, `length`: the code stands after that many characters of a longer one.
    """
    total = weighted_sum(code, _VALUES, (*[0] * before, *WEIGHTS), length)
    return total % 11 == value_at(code, _REMAINDERS, before + 8, length)


def judged(text: pl.Series) -> pl.DataFrame:
    """`check` of each text: a frame of status, rule and the code as it is to be kept; null for null."""
    code = pl.col("after")
    numbers = pl.DataFrame({"after": compacted(text)}).with_columns(code.str.replace_all("-", "", literal=True))
    rules = (
        *damages("org_code", numbers["after"]),
        Rule("org_code.form", "invalid", ~form_holds(code)),
        Rule("org_code.check_digit", "suspect", ~check_digit_holds(code)),
    )
    return verdicts(text, numbers, rules)
