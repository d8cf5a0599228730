"""Looking for many byte strings at once in anything: polars' Aho–Corasick over bytes read as Latin-1.

In Latin-1 each byte is one character and the other way round, so a search over text is a search over bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import polars as pl

from exchange.verify.forms import encoded

PIECE_BYTES = 1 << 20
BATCH_PIECES = 32
BYTES_MIN = 8
"""A shorter pattern would be met by chance: in a gigabyte of random bytes one of 8 is found once in 10^10 searches."""
_ZEROS = bytes(PIECE_BYTES)
_SHORT_NUMBER = re.compile(r"[0-9]{8,14}")


@dataclass(frozen=True)
class Patterns:
    """Encoded forms, each with the number of the value it stands for."""

    texts: list[str] = field(repr=False)
    values: Mapping[str, int] = field(repr=False)
    longest: int


def patterns(values: Iterable[str]) -> Patterns:
    """The forms of values that are long enough; a value is known by its place among `values`."""
    found: dict[str, int] = {}
    for place, value in enumerate(values):
        for form in encoded(value):
            if len(form) >= BYTES_MIN:
                found.setdefault(form.decode("latin-1"), place)
    return Patterns(list(found), found, max(map(len, found), default=0))


def found_in(blocks: Iterable[bytes], wanted: Patterns) -> set[str]:
    """Which patterns occur in a run of blocks, also where a block ends inside one."""
    found: set[str] = set()
    if not wanted.texts:
        return found
    batch: list[str] = []
    for piece in _pieces(blocks, wanted.longest):
        batch.append(piece.decode("latin-1"))
        if len(batch) == BATCH_PIECES:
            found |= _search(batch, wanted.texts)
            batch = []
    return found | _search(batch, wanted.texts)


def _search(batch: list[str], texts: list[str]) -> set[str]:
    if not batch:
        return set()
    pieces = pl.DataFrame({"piece": batch})
    hit = pieces.filter(pl.col("piece").str.contains_any(texts))
    met = hit.select(pl.col("piece").str.extract_many(texts, overlapping=True).list.unique().explode().unique())
    texts_met = met.to_series().drop_nulls().to_list()
    return {text for text in texts_met if not _SHORT_NUMBER.fullmatch(text) or _stands_alone(text, hit["piece"])}


def _stands_alone(digits: str, pieces: Iterable[str]) -> bool:
    """Whether a number occurs otherwise than inside a longer one: a registration number may hold a telephone's digits."""
    alone = re.compile(rf"(?<![0-9]){digits}(?![0-9])")
    return any(alone.search(piece) for piece in pieces)


def _pieces(blocks: Iterable[bytes], longest: int) -> Iterator[bytes]:
    """The blocks in pieces of about a megabyte that overlap by the longest pattern; pieces of zeros are left out."""
    kept = bytearray()
    overlap = max(longest - 1, 0)
    for block in blocks:
        kept += block
        while len(kept) >= PIECE_BYTES:
            piece = bytes(kept[:PIECE_BYTES])
            if piece != _ZEROS:
                yield piece
            del kept[: PIECE_BYTES - overlap]
    if kept.strip(b"\0"):
        yield bytes(kept)
