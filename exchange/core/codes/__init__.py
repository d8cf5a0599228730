"""Code lists as data: what a code means, in which standard and edition, and since when it holds.

One text file per edition in `lists/`, read when it is first asked for. A list that the hub needs and no open source gives
is not guessed: a steward loads it (`hub codes load`), and until then the column has a rule for its form only.
docs/codes.md says of each list where it comes from and what it lacks.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from importlib.resources import files

from exchange.core.codes.model import CodeList, Entry
from exchange.core.codes.table import read_table

__all__ = ["NAMES", "CodeList", "Entry", "code_list", "editions", "in_force"]

_LISTS = files(__name__).joinpath("lists")
_FILES = tuple(sorted(one.name.removesuffix(".tsv") for one in _LISTS.iterdir() if one.name.endswith(".tsv")))

NAMES = tuple(sorted({name.rpartition("-")[0] for name in _FILES}))
"""The lists that the package brings, by name."""


def code_list(name: str, edition: str | None = None, on: date | None = None) -> CodeList:
    """The named edition of a list, else the one in force on a day, else the newest. KeyError where there is none.

    >>> code_list("sex").titles["2"]
    ('女', 'female')
    >>> code_list("industry_division", on=date(2015, 1, 1)).titles["79"][0]
    '居民服务业'
    """
    if edition is not None:
        return _read(name, edition)
    found = editions(name)
    return found[-1] if on is None else in_force(found, on)


@cache
def editions(name: str) -> tuple[CodeList, ...]:
    """All editions of a list, the newest last; KeyError for a list that the package does not bring.

    >>> [one.edition for one in editions("industry_division")]
    ['2011', '2017']
    """
    if name not in NAMES:
        raise KeyError(name)
    found = (_read(*one.rsplit("-", 1)) for one in _FILES if one.rpartition("-")[0] == name)
    return tuple(sorted(found, key=lambda one: (one.valid_from or date.min, one.edition)))


def in_force(several: tuple[CodeList, ...], day: date) -> CodeList:
    """The newest of these editions that holds on the day; KeyError where none does."""
    for one in reversed(several):
        if (one.valid_from or date.min) <= day <= (one.valid_to or date.max):
            return one
    raise KeyError(day.isoformat())


@cache
def _read(name: str, edition: str) -> CodeList:
    if f"{name}-{edition}" not in _FILES:
        raise KeyError(f"{name}-{edition}")
    return read_table(_LISTS.joinpath(f"{name}-{edition}.tsv").read_text(encoding="utf-8"))
