"""Taxpayer number: 15, 17, 18 or 20 digits and capitals.

15: firms before 2015, six digits of the place and the nine of the organisation code (GB 11714). 18: the unified social
credit code; a natural person's citizen id. 17 and 20: a citizen id of 15 or 18 and two of sequence, for sole traders
(unconfirmed: only their form is looked at).

>>> check("310229607334939").status, check("310229607334938").rule
('ok', 'tax_no.embedded')
>>> [check(number).rule for number in ("91350100M000100Y43", "91110000100003962T", "911100007109320225")]
['', 'tax_no.uscc', 'tax_no.embedded']
"""

from __future__ import annotations

import re

import polars as pl

from exchange.core.identifiers import citizen_id, org_code, uscc
from exchange.core.identifiers.verdict import SOUND, Verdict, accepted, damage
from exchange.core.identifiers.verdict import compact as bare

FORM = r"^(?:[0-9A-Z]{15}|[0-9A-Z]{17}|[0-9A-Z]{18}|[0-9A-Z]{20})$"
PERSON_FORM = r"^(?:[0-9]{15}|[0-9]{17}[0-9X])[0-9A-Z]{2}$"
FIRM_FORM = r"^[0-9]{6}[0-9A-Z]{8}[0-9X]$"


def compact(text: str) -> str:
    """Without blanks, invisible characters and hyphens; half width; upper case.

    >>> compact("310229607334939 "), compact("310229-60733493-9")
    ('310229607334939', '310229607334939')
    """
    return bare(text).replace("-", "")


def check(text: str) -> Verdict:
    """Length; then by length: 15 the organisation code, 18 the credit code or citizen id, 17 and 20 the form."""
    number = compact(text)
    lost = damage("tax_no", text, number)
    if lost is not None:
        return lost
    if not re.fullmatch(FORM, number):
        return Verdict("invalid", "tax_no.form", text, number)
    if len(number) in (17, 20) and not re.fullmatch(PERSON_FORM, number):
        return Verdict("suspect", "tax_no.person", text, number)
    if len(number) == 18 and citizen_id.check(number).status != "invalid":
        return accepted(text, number)
    if len(number) == 18 and not _is_credit_code(number):
        return Verdict("invalid", "tax_no.uscc", text, number)
    if not _holds_org_code(number):
        return Verdict("suspect", "tax_no.embedded", text, number)
    return accepted(text, number)


def _is_credit_code(number: str) -> bool:
    return set(number) <= set(uscc.ALPHABET) and uscc.calc_check_digit(number[:17]) == number[17]


def _holds_org_code(number: str) -> bool:
    """17 and 20 characters hold none, and nothing is wrong with that."""
    if len(number) == 15:
        return bool(re.fullmatch(FIRM_FORM, number)) and org_code.calc_check_digit(number[6:14]) == number[14]
    return len(number) != 18 or org_code.calc_check_digit(number[8:16]) == number[16]


def is_valid(text: str) -> bool:
    """Whether nothing is wrong or doubtful, after `compact`."""
    return check(text).status in SOUND


def format(text: str) -> str:
    """As certificates print it: without separators."""
    return compact(text)


def form_holds(number: pl.Expr) -> pl.Expr:
    """15, 17, 18 or 20 digits and capitals."""
    return number.str.contains(FORM)


def person_holds(number: pl.Expr) -> pl.Expr:
    """17 and 20 characters begin as a citizen id does; null for other lengths."""
    long = number.str.len_chars().is_in([17, 20])
    return pl.when(long & form_holds(number)).then(number.str.contains(PERSON_FORM))


def uscc_holds(number: pl.Expr) -> pl.Expr:
    """18 characters are a credit code by MOD 31, or a citizen id; null for other lengths."""
    code = uscc.check_digit_holds(number).fill_null(False)
    return pl.when((number.str.len_chars() == 18) & form_holds(number)).then(code | _citizen(number))


def embedded_holds(number: pl.Expr) -> pl.Expr:
    """The organisation code in 15 characters, or in a credit code, is right by GB 11714; null where there is none."""
    firm = number.str.contains(FIRM_FORM) & org_code.check_digit_holds(number, before=6, length=15).fill_null(False)
    return (
        pl.when((number.str.len_chars() == 15) & form_holds(number))
        .then(firm)
        .when(uscc.check_digit_holds(number) & ~_citizen(number))
        .then(uscc.embedded_holds(number))
    )


def _citizen(number: pl.Expr) -> pl.Expr:
    return citizen_id.holds(number).fill_null(False)
