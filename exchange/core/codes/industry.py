"""GB/T 4754, industrial classification for national economic activities: sections (门类) and divisions (大类).

The editions of 2011 (96 divisions) and 2017 (97) give divisions 79 to 96 different meanings, so a code says little
without its edition. Groups and classes are a list to be loaded (`industry`): scripts/codes/industries.py makes the file
from a copy of the standard.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from exchange.core.codes import code_list

EDITIONS = ("2011", "2017")
MOVED = tuple(f"{number:02d}" for number in range(79, 98))
"""Divisions whose meaning depends on the edition; 58 and 59 exchanged one group and keep their meaning otherwise."""


@cache
def section_of(edition: str = "2017") -> Mapping[str, str]:
    """Division (two digits) → section (a letter) in that edition; KeyError for another edition.

    >>> section_of("2011")["79"], section_of("2017")["79"]
    ('O', 'N')
    """
    return {one.code: one.parent for one in code_list("industry_division", edition).entries}
