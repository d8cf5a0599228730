"""What a code list is: editions of one list, each with its standard, its validity, its source and its entries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


@dataclass(frozen=True, slots=True)
class Entry:
    """One code and what it means from `valid_from` to `valid_to`, both days included; None: no end on that side.

    `parent`: the code above it, in this list or the one that the list's note names. `also`: other words for it in feeds.
    """

    code: str
    zh: str
    en: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    parent: str = ""
    also: tuple[str, ...] = ()

    def holds_on(self, day: date) -> bool:
        """Whether the entry is in force on that day."""
        return (self.valid_from or date.min) <= day <= (self.valid_to or date.max)


@dataclass(frozen=True)
class CodeList:
    """One edition of a list. A code that meant different things in turn has an entry for each.

    `valid_from` None: the list is no national standard, or its day is not known; `valid_to` None: still in force.
    `complete` False: the source gives a part of the list, so an unknown code is flagged and never refused.
    """

    name: str
    standard: str
    edition: str
    entries: tuple[Entry, ...]
    valid_from: date | None = None
    valid_to: date | None = None
    source: str = ""
    licence: str = ""
    complete: bool = True
    note: str = ""

    @cached_property
    def titles(self) -> Mapping[str, tuple[str, str]]:
        """Code → (Chinese, English), as the code was last used; codes in the list's order."""
        return {code: (entry.zh, entry.en) for code, entry in self._last.items()}

    @cached_property
    def words(self) -> Mapping[str, str]:
        """Every title and other word that stands for one code only → that code."""
        meant: dict[str, set[str]] = {}
        for entry in self._last.values():
            for word in (entry.zh, entry.en, *entry.also):
                meant.setdefault(word, set()).add(entry.code)
        return {word: next(iter(codes)) for word, codes in meant.items() if word and len(codes) == 1}

    @cached_property
    def meanings(self) -> Mapping[str, str]:
        """Every `bare` text that stands for a code; a code itself outranks a word that looks like one."""
        return {bare(word): code for word, code in self.words.items()} | {bare(code): code for code in self.titles}

    def at(self, code: str, day: date | None = None) -> Entry | None:
        """What the code means on that day (None: as it was last used); None if it means nothing then."""
        if day is None:
            return self._last.get(code)
        return next((one for one in reversed(self._by_code.get(code, ())) if one.holds_on(day)), None)

    def codes(self, day: date | None = None) -> frozenset[str]:
        """The codes in force on that day; None: all that ever were."""
        return frozenset(one.code for one in self.entries if day is None or one.holds_on(day))

    @cached_property
    def _by_code(self) -> Mapping[str, tuple[Entry, ...]]:
        """The entries of each code, the one that ended or began last at the end."""
        found: dict[str, list[Entry]] = {}
        for entry in self.entries:
            found.setdefault(entry.code, []).append(entry)
        return {code: tuple(sorted(several, key=_last_used)) for code, several in found.items()}

    @cached_property
    def _last(self) -> Mapping[str, Entry]:
        return {code: several[-1] for code, several in self._by_code.items()}


def _last_used(entry: Entry) -> tuple[date, date]:
    return entry.valid_to or date.max, entry.valid_from or date.min


def bare(text: str) -> str:
    """A text without what does not matter in a code: blanks, full width, small letters.

    >>> bare(" ｒｍｂ "), bare("丹麦 克朗")
    ('RMB', '丹麦克朗')
    """
    return "".join(text.translate(_WIDE).split()).upper()
