"""What is stored of a text or a name: as little changed as can be, and every change flagged (standards §5).

In this order: text read in the wrong encoding is turned back (54), invisible characters and blanks at the ends go (6, 53),
spoiled characters become what they stand for (45, 48, 51), and in names blanks and dots are put right (43, 47).
"""

from __future__ import annotations

from functools import cache

import polars as pl

from exchange.core import characters, clean, garbled, names
from exchange.core.reading import Reading
from exchange.core.variants import TRADITIONAL

_ORDINARY = r"\x00-\x7F\x{4E00}-\x{9FFF}·—（），、。；：“”《》"


@cache
def _odd(name: bool, person: bool) -> str:
    """What only few cells hold: a character beyond the ordinary, or, in a name, a traditional one or a sign for one."""
    signs = f"|[?*.旁{TRADITIONAL}{'a-z' if person else ''}]" if name else ""
    signs += f"|{names.NUMBER}" if person else ""
    return f"[^{_ORDINARY}]|{garbled.likely()}{signs}"


def read(text: pl.Series, *, name: bool, person: bool = False) -> Reading:
    """A column of texts as they are stored. `name`: of a firm or, with `person`, of a human being."""
    rows = text.str.contains(_odd(name, person)).arg_true()
    bare = clean.plain(text)
    values = names.unspaced(bare) if name else bare
    flags = {"placeholder": bare.is_null() & (text != "")}
    if name:
        flags["name.spaces"] = values != bare
    found = _mended(text.gather(rows), name, person) if len(rows) else Reading(text.clear())
    if len(rows):
        values = values.clone().scatter(rows, found.values)
        for rule, where in found.flags.items():
            flags[rule] = _placed(where, rows, flags.get(rule, text))
    if name and not person:
        flags |= names.firm_marks(values)
    return Reading(values, {rule: _placed(where, rows, text) for rule, where in found.faults.items()}, flags)


def _placed(where: pl.Series, rows: pl.Series, on: pl.Series) -> pl.Series:
    """The findings of some rows among all; `on`: those already found, or any column for its length."""
    base = on.clone() if on.dtype == pl.Boolean else pl.repeat(False, len(on), eager=True)
    return base.scatter(rows, where.fill_null(False))


def _mended(text: pl.Series, name: bool, person: bool) -> Reading:
    """Every repair and mark, on the cells that may need one."""
    turned, lost = garbled.restored(text)
    bare = clean.plain(turned)
    tidy = characters.mended(bare)
    flags = {
        "text.garbled": turned != text,
        "cleaned": bare != turned.str.strip_chars(),
        "text.character": tidy != bare,
        "text.private_use": tidy.str.contains(characters.PRIVATE),
    }
    if name:
        joined = names.unspaced(tidy)
        tidy = names.dotted(joined)
        spaces = joined.str.len_chars() != bare.str.len_chars()
        flags |= {"name.spaces": spaces, "name.dot": tidy != joined, **names.marks(tidy, person=person)}
    return Reading(tidy, {"text.lost": lost}, flags)
