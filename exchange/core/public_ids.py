"""Citizen ids in columns that are not sealed (design decision 6): found in whole columns, never shown.

Individual businesses are registered under their owner's number; clerks type one into a name, an address or a cell with
another number. A whole cell that is a citizen id can be moved; one inside a longer text can't, and its row goes sealed to
quarantine.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from exchange.core.identifiers import citizen_id, reg_no, uscc
from exchange.core.identifiers.verdict import COMPACTING

_MARKS = ".·•_/:()[]{}<>〔〕【】《》「」“”‘’\"'"
"""What may stand between the digits of one number, beside blanks, dashes and invisible characters."""
_FOLDING = {old: "-" if new == "" or new in _MARKS else new for old, new in COMPACTING.items()}
_FOLDING |= dict.fromkeys(_MARKS, "-")
_BETWEEN = "[" + "".join(f"\\x{{{ord(old):x}}}" for old, new in _FOLDING.items() if new == "-") + "-]*"
_LIKELY = rf"[0-9０-９]{{15}}|(?:[0-9０-９]{_BETWEEN}){{16}}[0-9０-９]"
_DIGIT = f"[0-9]{_BETWEEN}"
_YEAR = f"(?:1{_BETWEEN}[89]|2{_BETWEEN}0){_BETWEEN}{_DIGIT}{_DIGIT}"
_DAY = rf"(?:0{_BETWEEN}[1-9]|1{_BETWEEN}[0-2]){_BETWEEN}(?:0{_BETWEEN}[1-9]|[12]{_BETWEEN}[0-9]|3{_BETWEEN}[01])"
_DATED = rf"[1-9]{_BETWEEN}{_DIGIT * 5}{_YEAR}{_DAY}{_BETWEEN}{_DIGIT * 2}[0-9]"
_OLD_DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_OLD = rf"[1-9][0-9]{{5}}{_BETWEEN}[0-9]{{2}}{_OLD_DAY}{_BETWEEN}[0-9]{{3}}"
_LIKELY_CODE = rf"{_DATED}|^{_BETWEEN}{_OLD}{_BETWEEN}$"
"""Numbers of other kinds have no date in the middle, but for one in thousands."""
_BARE = r"^(?:[0-9]{15}|[0-9]{17}[0-9X])$"
_OLD_PREFIX = rf"^(?:{'|'.join(citizen_id.PROVINCES)})"
_FULL = r"^[0-9]{17}[0-9X]$"
_LENGTH = 18


@dataclass(frozen=True)
class Found:
    """`whole`: the cell is a citizen id (then `number` has its 18 characters); `inside`: its text holds one."""

    whole: pl.Series
    inside: pl.Series
    number: pl.Series


def find(text: pl.Series, *, codes: bool) -> Found | None:
    """Citizen ids in a column; None if there is none.

    `codes`: the column holds numbers of other kinds (credit codes, registration numbers, an agency's own numbers). Then
    a number whose own check digits hold is taken for what its column says, and 15 digits, which have no check character,
    only count as the whole cell.
    """
    likely = text.str.contains(_LIKELY_CODE if codes else _LIKELY)
    if not likely.any():
        return None
    rows = likely.arg_true()
    cells = text.gather(rows).str.replace_many(list(_FOLDING), list(_FOLDING.values()))
    if codes:
        # Nearly all are what their column says, and hold nothing else.
        doubtful = ~_is_other(cells)
        rows, cells = rows.filter(doubtful), cells.filter(doubtful)
        if not len(rows):
            return None
    bare = cells.str.replace_all("-", "", literal=True)
    maybe = bare.set(_is_other(bare), None) if codes else bare
    whole = _is_citizen(maybe) & bare.str.contains(_BARE)
    inside = _holds_full(cells, codes)
    if not codes:
        inside |= _holds_old(cells)
    inside &= ~whole
    if not (whole | inside).any():
        return None
    numbers = _upgraded(bare)
    return Found(_scattered(whole, rows, text), _scattered(inside, rows, text), _placed(numbers, rows, text))


def _is_citizen(number: pl.Series) -> pl.Series:
    """Province, date of birth and (18 characters) check character hold."""
    old = number.str.contains(citizen_id.OLD_FORM).fill_null(False)
    known = ~old | number.str.contains(_OLD_PREFIX)
    full = _upgraded(number) if old.any() else number
    return full.to_frame("n").select(citizen_id.holds(pl.col("n")) & pl.lit(known)).to_series().fill_null(False)


def _is_other(number: pl.Series) -> pl.Series:
    """A credit code with both check characters right, or a registration number with its check digit right."""
    value = pl.col("n")
    other = uscc.digits_hold(value).fill_null(False) | reg_no.check_digit_holds(value).fill_null(False)
    return number.to_frame("n").select(other).to_series()


def _holds_full(cells: pl.Series, codes: bool) -> pl.Series:
    """Whether 18 characters that begin or end where digits do, in groups or not (tax numbers add two), are one."""
    rows = cells.str.contains(_DATED).arg_true()
    parts = _parts(cells.gather(rows), rows)
    known = _is_other(parts["part"])
    if not codes:
        # In a text, 15 digits may well be a person's: one in ten is a right registration number by chance.
        known &= parts["part"].str.len_chars() == _LENGTH
    part = pl.when(pl.lit(known)).then(pl.lit("|")).otherwise(pl.col("part"))
    ends = (_grouped(part.str.head(_LENGTH), 1), _grouped(part.str.tail(_LENGTH), -1))
    numbers = pl.concat(parts.select("row", one.alias("n")) for one in ends)
    numbers = numbers.filter(pl.col("n").str.contains(_FULL))
    code = numbers["n"].str.starts_with("9") & _is_other(numbers["n"])
    return _among(numbers["row"].filter(_is_citizen(numbers["n"]) & ~code), cells)


def _holds_old(cells: pl.Series) -> pl.Series:
    """Whether a run of 15 digits, or of 17 (tax numbers add two), is or begins with one."""
    rows = cells.str.contains("[0-9]{15}").arg_true()
    parts = _parts(cells.gather(rows), rows).filter(pl.col("part").str.contains("^(?:[0-9]{15}|[0-9]{17})$"))
    return _among(parts["row"].filter(_is_citizen(parts["part"].str.head(15))), cells)


def _parts(cells: pl.Series, rows: pl.Series) -> pl.DataFrame:
    """Runs of digits with their X, in their order; a "|" between those that can't be of one number, and cells."""
    marked = ("|" + cells).str.replace_all("[^0-9X-]+", "|")
    return pl.DataFrame({"row": rows, "part": marked.str.extract_all(r"[0-9]+X?|X|\|")}).explode("part")


def _among(hits: pl.Series, cells: pl.Series) -> pl.Series:
    return pl.repeat(False, len(cells), eager=True).scatter(hits.unique(), True)


def _grouped(part: pl.Expr, step: int) -> pl.Expr:
    """18 characters from each part on (`step` 1: forwards; -1: those up to its end), over as many parts as it takes."""
    near = [part.shift(-step * away, fill_value="|") for away in range(_LENGTH)]
    joined = pl.concat_str(near[::step])
    return joined.str.head(_LENGTH) if step == 1 else joined.str.tail(_LENGTH)


def _upgraded(number: pl.Series) -> pl.Series:
    return number.to_frame("n").select(citizen_id.upgraded(pl.col("n"))).to_series()


def _scattered(mask: pl.Series, rows: pl.Series, like: pl.Series) -> pl.Series:
    return pl.repeat(False, len(like), eager=True).scatter(rows.filter(mask), True)


def _placed(values: pl.Series, rows: pl.Series, like: pl.Series) -> pl.Series:
    return pl.repeat(None, len(like), dtype=pl.String, eager=True).scatter(rows, values)
