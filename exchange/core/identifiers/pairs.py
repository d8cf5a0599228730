"""Several small sums over texts of one even length, from one look-up per two characters.

A check sum adds up what each place contributes, so two neighbouring characters can be looked up together: nine look-ups
for eighteen characters. What a pair adds to all sums stands in one number, each sum in bits of its own wide enough never
to run over. A whole identifier is judged by adding nine numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

import polars as pl

CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
STRANGE = "strange"
"""The topmost sum, of four bits: the pairs in which a character does not belong."""
_PAIR = 1 << 16
"""Values of two bytes, seen as one number (the first byte is the low one)."""


@dataclass(frozen=True)
class Sum:
    """`adds(place, two)`: what the two characters that begin at `place` (0, 2, 4 …) add; `bits` hold the whole sum."""

    bits: int
    adds: Callable[[int, str], int]


@dataclass(frozen=True)
class PairSums:
    """Sums by name over texts of `length` characters, the lowest bits first; with STRANGE they have at most 32 bits.

    `knows(place, two)`: whether two digits or capital letters may stand at that place; if not, the pair is strange.
    """

    length: int
    sums: dict[str, Sum]
    knows: Callable[[int, str], bool] = lambda _place, _two: True

    @cached_property
    def _shifts(self) -> dict[str, int]:
        ends = accumulate(one.bits for one in self.sums.values())
        return dict(zip((*self.sums, STRANGE), (0, *ends), strict=True))

    @cached_property
    def _table(self) -> pl.Series:
        """What each pair adds, place by place; made when the first column asks, in some 50 ms."""
        parts = [(one.adds, self._shifts[name]) for name, one in self.sums.items()]
        twos = [first + second for first in CHARACTERS for second in CHARACTERS]
        known = [(place, two) for place in range(0, self.length, 2) for two in twos if self.knows(place, two)]
        found = [sum(adds(place, two) << shift for adds, shift in parts) for place, two in known]
        rows = [place // 2 * _PAIR + ord(two[0]) + (ord(two[1]) << 8) for place, two in known]
        table = pl.repeat(self.least(STRANGE), self.length // 2 * _PAIR, dtype=pl.UInt32, eager=True)
        return table.scatter(pl.Series(rows), pl.Series(found, dtype=pl.UInt32))

    def of(self, text: pl.Expr) -> pl.Expr:
        """All sums of each text as one number, for `part`. Texts of another length are strange; null stays null."""
        pairs = self.length // 2
        exact = pl.when(text.str.len_bytes() == self.length).then(text).otherwise(pl.lit("\0" * self.length))
        numbers = exact.cast(pl.Binary).bin.reinterpret(dtype=pl.Array(pl.UInt16, pairs))
        rows = pl.Series([[place * _PAIR for place in range(pairs)]], dtype=pl.Array(pl.UInt32, pairs))
        places = numbers.explode().cast(pl.UInt32).reshape((-1, pairs)) + pl.lit(rows)
        total = pl.lit(self._table).gather(places.explode()).reshape((-1, pairs)).arr.sum()
        return pl.when(text.is_not_null()).then(total)

    def least(self, name: str) -> int:
        """A number holding all sums is below this one if the sum of that name and those above it are zero."""
        return 1 << self._shifts[name]

    def part(self, sums: pl.Expr, name: str) -> pl.Expr:
        """The sum of that name."""
        return sums // self.least(name) % (1 << self.sums[name].bits)

    def sound(self, sums: pl.Expr, name: str, *, clear: str = STRANGE) -> pl.Expr:
        """The sum of that name; null unless the sum `clear` and those above it are zero.

        `sums` is named only once, for polars computes an expression as often as it stands: what is above 32 bits after
        the shift does not survive the cast.
        """
        spare = (1 << 32) // self.least(clear)
        low = (sums.cast(pl.UInt64) * spare).cast(pl.UInt32, strict=False)
        return low // (spare * self.least(name)) % (1 << self.sums[name].bits)
