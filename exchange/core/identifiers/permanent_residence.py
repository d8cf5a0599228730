"""Foreigner's permanent residence card (外国人永久居留身份证): the number of 2023 and that of the older cards.

Issued since 2023-12-01: 18 characters of the form of GB 11643-1999, a 9, the province of application (two digits), the
nationality (three digits of GB/T 2659), date of birth, sequence, check character (MOD 11-2). The nationality is never a
reason to refuse.

Cards of 2004 and 2017 stay valid: 15 characters, three letters of the nationality and twelve digits. What the digits
mean, and how the last one is computed, is unconfirmed, so only the form is asked for.

>>> calc_check_digit("93268219850101001")
'7'
>>> [check(number).status for number in ("932682198501010017", "XXA120080010101", "990426199112010074")]
['ok', 'ok', 'invalid']
"""

from __future__ import annotations

import re
from datetime import date

import polars as pl

from exchange.core.identifiers import citizen_id
from exchange.core.identifiers.verdict import SOUND, Verdict, accepted, damage

_OLD_CARD = re.compile(r"^[A-Z]{3}[0-9]{12}$")

compact = citizen_id.compact
format = citizen_id.format
calc_check_digit = citizen_id.calc_check_digit


def check(text: str, today: date | None = None) -> Verdict:
    """The form of the older cards, or the rules of a citizen identity number that begins with 9."""
    number = compact(text)
    lost = damage("permanent_residence", text, number)
    if lost is not None:
        return lost
    if len(number) == 15 and _OLD_CARD.search(number):
        return accepted(text, number)
    if len(number) != 18:
        return Verdict("invalid", "permanent_residence.form", text, number)
    rule = citizen_id.broken_rule(number, today)
    if rule:
        return Verdict("invalid", rule, text, number)
    if number[0] != "9":
        return Verdict("invalid", "permanent_residence.prefix", text, number)
    return accepted(text, number)


def is_valid(text: str, today: date | None = None) -> bool:
    """Whether nothing is wrong or doubtful, after all repairs."""
    return check(text, today).status in SOUND


def form_holds(number: pl.Expr) -> pl.Expr:
    """18 characters, or three letters and twelve digits."""
    return number.str.len_chars().eq(18) | number.str.contains(_OLD_CARD.pattern)


def prefix_holds(number: pl.Expr) -> pl.Expr:
    """Begins with 9; null where the form is not that of a citizen identity number."""
    return pl.when(number.str.contains(citizen_id.FORM)).then(number.str.starts_with("9"))
