"""From the codes of one list or edition to those of another, as far as a public source gives it.

`industry_division_2011` goes from the divisions of GB/T 4754-2011 to those of 2017; the others lead from a list that
some agency uses to the hub's own (docs/codes.md). What is not in a crosswalk is not guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_FOLDER = files("exchange.core.codes").joinpath("crosswalks")


@dataclass(frozen=True)
class Crosswalk:
    """`pairs`: code → the codes it became, more than one where it was split, the one that took most of it first.

    `source` and `target`: name-edition.
    """

    source: str
    target: str
    pairs: Mapping[str, tuple[str, ...]]
    note: str = ""

    @property
    def single(self) -> Mapping[str, str]:
        """The codes that became exactly one other: what may be mapped without a look at the row."""
        return {code: became[0] for code, became in self.pairs.items() if len(became) == 1}


@cache
def crosswalk(name: str) -> Crosswalk:
    """The crosswalk of that name; KeyError where there is none.

    >>> crosswalk("industry_division_2011").pairs["79"], crosswalk("industry_division_2011").pairs["58"]
    (('80',), ('58', '59'))
    """
    path = _FOLDER.joinpath(f"{name}.tsv")
    if not path.is_file():
        raise KeyError(name)
    lines = path.read_text(encoding="utf-8").splitlines()
    facts = dict(line[2:].split(": ", 1) for line in lines if line.startswith("# "))
    _, *rows = (line.split("\t") for line in lines if not line.startswith("#"))
    pairs = {code: tuple(became.split(" ")) for code, became in rows}
    return Crosswalk(facts["from"], facts["to"], pairs, facts.get("note", ""))
