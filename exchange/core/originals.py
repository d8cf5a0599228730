"""What the agency wrote where the hub keeps something else (standards §5, class A: the original is kept; §2: a coded value
is raw text, code, list and edition).

A word that a code table knows says nothing about anybody, so it stands in the open beside its code. Every other original
(a repaired number, a text before cleaning, a partial date, a value that was moved) may be anything, even a citizen id in
a public column: it is sealed under the hub's own key, whatever its column's level, and never leaves the hub.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from exchange.core.connector import Connector
from exchange.core.jsontext import object_texts
from exchange.core.page import RawPage, Translated
from schemas.columns import unsealed

KEPT = pl.Schema({"written": pl.String, "originals": pl.String})
"""Per row, JSON objects by the record's column: words in the open, and originals to seal; null where there is none."""


def kept(connector: Connector, page: RawPage, translated: Translated) -> pl.DataFrame:
    """The originals of a page (schema KEPT), one line per row."""
    sources = {column.to: source for source, column in connector.columns.items()}
    coded = {to: source for to, source in sources.items() if source in connector.codes}
    shown = {to: source for to, source in coded.items() if to in unsealed(connector.library)}
    other = _other_words(page, translated, coded)
    touched = _touched(page, translated, {to: source for to, source in sources.items() if to not in coded})
    hidden = [*touched, *(column for column in other if column.name not in shown)]
    height = page.rows.height
    return pl.DataFrame(
        {
            "written": _objects([column for column in other if column.name in shown], height),
            "originals": _objects(hidden, height),
        },
        schema=KEPT,
    )


def _other_words(page: RawPage, translated: Translated, coded: Mapping[str, str]) -> list[pl.Series]:
    """Coded columns as they were written, where that is not the code itself."""
    columns = []
    for to, source in coded.items():
        raw, code = page.rows[source], translated.records[to]
        columns.append(raw.set((raw == code) | code.is_null(), None).rename(to))
    return columns


def _touched(page: RawPage, translated: Translated, sources: Mapping[str, str]) -> list[pl.Series]:
    """Columns as they were written, in the rows where translating had something to say about them."""
    said = translated.flags.filter(pl.col("column").is_in(list(sources)))
    columns = []
    for (to,), rows in said.group_by("column", maintain_order=True):
        here = pl.int_range(page.rows.height, dtype=pl.UInt32, eager=True).is_in(rows["row"].implode())
        columns.append(page.rows[sources[str(to)]].set(~here, None).rename(str(to)))
    return columns


def _objects(columns: list[pl.Series], height: int) -> pl.Series:
    """One JSON object a row, null where it would be empty."""
    filled = [column for column in columns if column.null_count() < height]
    if not filled:
        return pl.repeat(None, height, dtype=pl.String, eager=True)
    texts = object_texts(pl.DataFrame(filled), [column.name for column in filled])
    return texts.set(texts == "{}", None)
