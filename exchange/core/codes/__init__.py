"""Code lists as data: what a code means, in which standard and edition, and since when it holds.

One module per list; each holds one `LIST`. A list that the hub needs and no open source gives is not guessed: the
column then has a rule for its form only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import import_module

NAMES = (
    "currency",
    "entity_type",
    "ethnic",
    "hukou",
    "id_type",
    "industry_section",
    "marital",
    "registration_status",
    "sex",
    "status",
    "yes_no",
)


@dataclass(frozen=True)
class CodeList:
    """One edition of a list. `titles`: code → (Chinese, English); `valid_from` is the day the edition came into force.

    `valid_from` None: the list is no national standard, or its day is not known.
    """

    name: str
    standard: str
    edition: str
    titles: Mapping[str, tuple[str, str]]
    valid_from: date | None = None


@cache
def code_list(name: str) -> CodeList:
    """The list of that name; KeyError for a name not in `NAMES`.

    >>> code_list("sex").titles["2"]
    ('女', 'female')
    """
    if name not in NAMES:
        raise KeyError(name)
    found = import_module(f"exchange.core.codes.{name}").LIST
    if not isinstance(found, CodeList):
        raise TypeError(f"exchange/core/codes/{name}.py: LIST is no CodeList")
    return found
