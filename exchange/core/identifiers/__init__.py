"""Identifiers: what each may look like, which digit checks it, and what a failure means.

Every module offers the same verbs for one value: `compact`, `check`, `is_valid`, `format`, and `calc_check_digit` where
the number has one. Rules of a whole column are polars expressions; they yield null where they can't say (the value is
null, or too malformed for this rule: another rule reports that), so no fault is reported twice. `judged`, where a module
has it, gives the verdicts of `check` for a column.

A kind of identifier is found by its file, entered in no list.

>>> load("uscc").check("911100007109320225").rule
'uscc.embedded'
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol, cast

from exchange.core.identifiers.verdict import Verdict

_SHARED = ("columns", "judging", "pairs", "verdict")
"""What the kinds have in common; not kinds themselves."""


class Identifier(Protocol):
    """The verbs of a kind, for a caller who learns its name at run time."""

    def compact(self, text: str, /) -> str:
        """Without what is no part of the number: blanks, invisible characters, full width, case."""

    def check(self, text: str, /) -> Verdict:
        """The verdict on any text; never raises."""

    def is_valid(self, text: str, /) -> bool:
        """Whether the text is right, perhaps after a repair."""

    def format(self, text: str, /) -> str:
        """As the number is printed."""


@cache
def names() -> tuple[str, ...]:
    """Names of all kinds of identifiers, in order."""
    return tuple(sorted(found.name for found in iter_modules(__path__) if found.name not in _SHARED))


def load(name: str) -> Identifier:
    """The kind of that name; KeyError for another.

    >>> load("verdict")
    Traceback (most recent call last):
    KeyError: 'verdict'
    """
    if name not in names():
        raise KeyError(name)
    return cast("Identifier", import_module(f"exchange.core.identifiers.{name}"))
