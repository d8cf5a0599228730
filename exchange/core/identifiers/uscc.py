"""Unified social credit code, GB 32100-2015: 18 characters of 31, with two check characters.

Place 1 the registering department, 2 the kind of body, 3–8 the registration authority (not the address), 9–17 the
organisation code of GB 11714 with its own check character, 18 the check character of the whole:
C18 = (31 − Σ Ci·3^(i−1) mod 31) mod 31. Letters I, O, S, V and Z are not used.

The standard's example: Σ = 1640, 1640 mod 31 = 28, 31 − 28 = 3.

>>> calc_check_digit("91350100M000100Y4")
'3'
>>> [check(code).rule for code in ("91350100M000100Y4Z", "91110000100003962T", "911100007109320225")]
['uscc.alphabet', 'uscc.check_digit', 'uscc.embedded']
"""

from __future__ import annotations

import polars as pl

from exchange.core.identifiers import org_code
from exchange.core.identifiers.columns import byte_values, weighted_sum
from exchange.core.identifiers.verdict import Verdict, is_placeholder
from exchange.core.identifiers.verdict import compact as bare

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
ALPHABET_FORM = rf"^[{ALPHABET}]*$"

KINDS = {
    "1": "1239",
    "2": "19",
    "3": "123459",
    "4": "19",
    "5": "123459",
    "6": "129",
    "7": "129",
    "8": "19",
    "9": "1239",
    "A": "19",
    "N": "1239",
    "Y": "1",
}
"""First character → second characters in use (54, 55 unconfirmed). Another pair is doubtful, not wrong."""

PAIRS = tuple(first + second for first, seconds in KINDS.items() for second in seconds)

_VALUES = byte_values(ALPHABET)


def compact(text: str) -> str:
    """Without blanks, invisible characters and hyphens; half width; upper case.

    >>> compact(" 91 350100-m000100y43")
    '91350100M000100Y43'
    """
    return bare(text).replace("-", "")


def calc_check_digit(body: str) -> str:
    """The 18th character for 17; ValueError for a character outside the alphabet.

    >>> calc_check_digit("91120116244997951"), calc_check_digit("91120118MA05K9AD5")
    ('G', 'L')
    """
    total = sum(ALPHABET.index(character) * weight for character, weight in zip(body, WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def check(text: str) -> Verdict:
    """Length, alphabet, both check characters, pair of kinds; the rule named is the first that fails.

    >>> check("000000000000000000").status, check("A1110000MB00000005").status != "invalid"
    ('placeholder', False)
    """
    code = compact(text)
    if is_placeholder(code):
        return Verdict("placeholder", "uscc.placeholder", text, code)
    if len(code) != 18:
        return Verdict("invalid", "uscc.length", text, code)
    if not set(code) <= set(ALPHABET):
        return Verdict("invalid", "uscc.alphabet", text, code)
    if calc_check_digit(code[:17]) != code[17]:
        return Verdict("invalid", "uscc.check_digit", text, code)
    if org_code.calc_check_digit(code[8:16]) != code[16]:
        return Verdict("suspect", "uscc.embedded", text, code)
    if code[:2] not in PAIRS:
        return Verdict("suspect", "uscc.kind", text, code)
    return Verdict("ok" if code == text else "repaired", "", text, code)


def is_valid(text: str) -> bool:
    """Whether nothing is wrong or doubtful, after `compact`."""
    return check(text).status in ("ok", "repaired")


def length_holds(code: pl.Expr) -> pl.Expr:
    """18 characters."""
    return code.str.len_chars() == 18


def alphabet_holds(code: pl.Expr) -> pl.Expr:
    """Only characters of GB 32100."""
    return code.str.contains(ALPHABET_FORM)


def kind_holds(code: pl.Expr) -> pl.Expr:
    """The first two characters are a pair in use."""
    return code.str.slice(0, 2).is_in(PAIRS)


def check_digit_holds(code: pl.Expr) -> pl.Expr:
    """18th character as GB 32100 computes it; null where length or alphabet is wrong."""
    return (weighted_sum(code, _VALUES, (*WEIGHTS, 1), 18) % 31) == 0


def embedded_holds(code: pl.Expr) -> pl.Expr:
    """17th character as GB 11714 computes it from 9–16; null where the length or one of these characters is wrong."""
    return org_code.check_digit_holds(code, before=8, length=18)
