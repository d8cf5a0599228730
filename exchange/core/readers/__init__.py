"""Readers: the bytes an agency sent become rows, and every row is counted before any rule sees it.

`csv` reads delimited text, `json` one page of objects. Both are pure: bytes in, polars String frames out, with what
could not be read as `exchange.core.page.BROKEN`. What is wrong with a whole delivery (another column, another
encoding) is refused by `contract` before the first row.
"""
