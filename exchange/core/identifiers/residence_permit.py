"""Residence permit of residents of Hong Kong, Macao and Taiwan (港澳台居民居住证), issued since 2018-09-01.

18 characters of the form of GB 11643-1999: 810000 for Hong Kong, 820000 for Macao, 830000 for Taiwan, then date of
birth, sequence and check character as in a citizen identity number.

>>> calc_check_digit("81000019900307123")
'7'
>>> check("810000199003071237").status, check("110105194912310021").rule, check("11010519491231002X").rule
('ok', 'citizen_id.check_digit', 'residence_permit.prefix')
"""

from __future__ import annotations

from datetime import date

import polars as pl

from exchange.core.identifiers import citizen_id
from exchange.core.identifiers.verdict import SOUND, Verdict, accepted, damage

PREFIXES = ("81", "82", "83")

compact = citizen_id.compact
format = citizen_id.format
calc_check_digit = citizen_id.calc_check_digit


def check(text: str, today: date | None = None) -> Verdict:
    """The rules of a citizen identity number, then the prefix; digits after it other than 0000 are only doubtful."""
    number = compact(text)
    lost = damage("residence_permit", text, number)
    if lost is not None:
        return lost
    rule = citizen_id.broken_rule(number, today)
    if rule:
        return Verdict("invalid", rule, text, number)
    if not number.startswith(PREFIXES):
        return Verdict("invalid", "residence_permit.prefix", text, number)
    if number[2:6] != "0000":
        return Verdict("suspect", "residence_permit.area", text, number)
    return accepted(text, number)


def is_valid(text: str, today: date | None = None) -> bool:
    """Whether nothing is wrong or doubtful, after all repairs."""
    return check(text, today).status in SOUND


def prefix_holds(number: pl.Expr) -> pl.Expr:
    """Begins with 81, 82 or 83; null where the form is not that of a citizen identity number."""
    return pl.when(number.str.contains(citizen_id.FORM)).then(number.str.contains(r"^8[123]"))


def area_holds(number: pl.Expr) -> pl.Expr:
    """0000 behind the prefix; null where that is another one."""
    return pl.when(prefix_holds(number)).then(number.str.slice(2, 4) == "0000")
