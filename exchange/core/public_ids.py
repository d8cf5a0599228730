"""Citizen ids in columns that are not sealed (design decision 6): found in whole columns, never shown.

Individual businesses are registered under their owner's number, clerks type one into a name or an address. A whole cell
that is a citizen id can be moved; one inside a longer text can't, and its row goes sealed to quarantine.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from exchange.core.clean import half_width
from exchange.core.identifiers import citizen_id, reg_no, uscc

_LIKELY = r"[0-9０-９]{15}|[0-9]{6}[ -][0-9]{8}[ -][0-9]{3}"
_RUN = r"[0-9]{15,}X?|[0-9]{6}[ -][0-9]{8}[ -][0-9]{3}[0-9X]"
_OLD_PREFIX = rf"^(?:{'|'.join(citizen_id.PROVINCES)})"
_DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_LIKELY_CODE = rf"^[1-9][0-9]{{5}}-?(?:(?:18|19|20)[0-9]{{2}}{_DAY}-?[0-9]{{3}}[0-9X]|[0-9]{{2}}{_DAY}[0-9]{{3}})$"
"""Numbers of other kinds have no date in the middle, but for one in thousands."""
_BARE = r"^(?:[0-9]{15}|[0-9]{17}[0-9X])$"


@dataclass(frozen=True)
class Found:
    """`whole`: the cell is a citizen id (then `number` has its 18 characters); `inside`: its text holds one."""

    whole: pl.Series
    inside: pl.Series
    number: pl.Series


def find(text: pl.Series, *, codes: bool) -> Found | None:
    """Citizen ids in a column; None if there is none.

    `codes`: the column holds numbers of other kinds (credit codes, registration numbers, an agency's own numbers). Then
    only whole cells count, and a number whose own check digits hold is taken for what its column says.
    """
    likely = text.str.contains(_LIKELY_CODE if codes else _LIKELY).fill_null(False)
    if not likely.any():
        return None
    rows = likely.arg_true()
    cells = half_width(text.gather(rows)).str.to_uppercase()
    bare = cells.str.replace_all(r"[\s-]", "")
    whole = _is_citizen(bare) & bare.str.contains(_BARE)
    if codes:
        whole &= ~_is_other(bare)
    inside = ~whole & (pl.Series([False]).new_from_index(0, len(cells)) if codes else _holds_one(cells))
    if not (whole | inside).any():
        return None
    numbers = _upgraded(bare)
    return Found(_scattered(whole, rows, text), _scattered(inside, rows, text), _placed(numbers, rows, text))


def _is_citizen(number: pl.Series) -> pl.Series:
    """Province, date of birth and (18 characters) check character hold."""
    value = pl.col("n")
    old = value.str.contains(citizen_id.OLD_FORM)
    full = citizen_id.upgraded(value)
    sound = citizen_id.province_holds(full) & citizen_id.date_holds(full) & citizen_id.check_digit_holds(full)
    known = pl.when(old).then(value.str.contains(_OLD_PREFIX)).otherwise(True)
    return number.to_frame("n").select((sound & known).fill_null(False)).to_series()


def _is_other(number: pl.Series) -> pl.Series:
    """A credit code with both check characters right, or a registration number with its check digit right."""
    value = pl.col("n")
    code = uscc.check_digit_holds(value) & uscc.embedded_holds(value)
    return (
        number.to_frame("n")
        .select(code.fill_null(False) | reg_no.check_digit_holds(value).fill_null(False))
        .to_series()
    )


def _holds_one(cells: pl.Series) -> pl.Series:
    """Whether a run of digits in the text is, begins with or ends with a citizen id (tax numbers add two digits)."""
    runs = (
        cells.to_frame("n")
        .with_row_index("row")
        .select("row", pl.col("n").str.extract_all(_RUN).alias("run"))
        .explode("run")
        .drop_nulls()
        .with_columns(pl.col("run").str.replace_all("[ -]", ""))
    )
    run = pl.col("run")
    ends = pl.concat(
        runs.select("row", part.alias("n"))
        for part in (
            run.str.slice(0, 18),
            run.str.slice(-18),
            pl.when(run.str.len_chars().is_in([15, 17])).then(run.str.slice(0, 15)),
        )
    ).drop_nulls()
    hit = _is_citizen(ends["n"])
    code = ends["n"].str.starts_with("9") & _is_other(ends["n"])
    rows = ends["row"].filter(hit & ~code)
    return pl.int_range(len(cells), eager=True, dtype=pl.UInt32).is_in(rows.implode())


def _upgraded(number: pl.Series) -> pl.Series:
    return number.to_frame("n").select(citizen_id.upgraded(pl.col("n"))).to_series()


def _scattered(mask: pl.Series, rows: pl.Series, like: pl.Series) -> pl.Series:
    return pl.repeat(False, len(like), eager=True).scatter(rows.filter(mask), True)


def _placed(values: pl.Series, rows: pl.Series, like: pl.Series) -> pl.Series:
    return pl.repeat(None, len(like), dtype=pl.String, eager=True).scatter(rows, values)
