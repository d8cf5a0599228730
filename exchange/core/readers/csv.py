"""Delimited text as agencies deliver it: rows in pages, each row counted, memory bounded by a page.

What counts as a row stands in `exchange.core.readers.records`. Blocks without quotes and NULs whose lines all have the
right number of commas are read by polars, everything else by Python's csv module; both give the same rows, and an
empty field is null in both. Bytes are decoded strictly; GB18030 (GB 18030-2022) and UTF-8 are read.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain

import polars as pl

from exchange.core.errors import Misuse, Refuse
from exchange.core.page import BROKEN, MARKED
from exchange.core.readers.contract import connector_file, require_columns, require_names
from exchange.core.readers.headers import HEADER_BYTES, HEADER_LINES, Promised, footers, resolved
from exchange.core.readers.lines import BOM, LINE_BYTES_MAX, is_empty, whole_lines
from exchange.core.readers.records import FIELD_CHARS_MAX, Fault, Records, Row, allow_long_fields, read_records

ENCODINGS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "utf-8-sig": "utf-8",
    "gb18030": "gb18030",
    "gbk": "gb18030",
    "gb2312": "gb18030",
}
"""GB 2312 and GBK are read as GB18030, which contains them and has one answer for A1A4 and A1AA (standards §5, 47, 48)."""
PAGE_BYTES_MAX = 128 * 1024 * 1024
"""A page of very long rows ends early, after this many bytes of the delivery."""


@dataclass(frozen=True)
class CsvPage:
    """Rows in the declared order of columns (String, null where empty), those that are no rows (BROKEN), and flags
    about rows (MARKED)."""

    rows: pl.DataFrame
    broken: pl.DataFrame
    marked: pl.DataFrame


@dataclass(frozen=True)
class _Layout:
    """The header as it was sent and the encoding of what follows; `plain` is the header's line in these bytes.

    `names`: the promised names of the header's columns; `columns`: their order in a page.
    """

    header: tuple[str, ...]
    names: tuple[str, ...]
    columns: tuple[str, ...]
    encoding: str
    plain: bytes


@dataclass(frozen=True)
class _Piece:
    """Rows of one block, before they are cut into pages."""

    rows: pl.DataFrame
    faults: list[Fault]
    marks: list[tuple[int, str]]
    bytes: int


def read_csv(
    blocks: Iterable[bytes], *, connector: str, encoding: str, columns: Promised | Sequence[str] | None, page_rows: int
) -> Iterator[CsvPage]:
    r"""Yield pages of `page_rows` rows of one delivery, whose blocks come in order and are cut anywhere.

    `columns`: what the header must name, in any order (None: whatever it names). Lines of title above the header, and
    of totals below the rows, are broken rows. Raises Refuse before the first row if the header does not fit or the
    encoding is another one. The cuts depend on the blocks only beyond PAGE_BYTES_MAX.

    >>> [page] = read_csv([b"b,a\n1,2\n3\n"], connector="x", encoding="utf-8", columns=("a", "b"), page_rows=10)
    >>> page.rows.rows(), page.broken.rows()
    ([('2', '1'), (None, None)], [(1, 'too_few_fields', b'3')])
    """
    if encoding.lower() not in ENCODINGS:
        raise Misuse(
            "encoding_unknown",
            f"{connector}：不支持的编码 {encoding}。The encoding {encoding} is not supported.",
            f"在 {connector_file(connector)} 中改用 {', '.join(ENCODINGS)} 之一。Use one of these in it.",
        )
    if page_rows < 1:
        raise ValueError("page_rows must be positive")
    promised = Promised(tuple(columns)) if isinstance(columns, Sequence) else columns
    return _cut(_pieces(blocks, connector, ENCODINGS[encoding.lower()], promised), page_rows)


def _pieces(blocks: Iterable[bytes], connector: str, encoding: str, promised: Promised | None) -> Iterator[_Piece]:
    layout: _Layout | None = None
    carry = b""
    for block in chain(whole_lines(blocks), (None,)):
        carry += block or b""
        if layout is None:
            lines = carry.splitlines(keepends=True)
            filled = [place for place, line in enumerate(lines) if not is_empty(line)]
            if not filled or (block is not None and len(filled) < 2 * HEADER_LINES and len(carry) < HEADER_BYTES):
                carry = b"".join(lines[filled[0] :]) if filled else b""
                continue
            layout, titles, used = _layout(lines, filled[:HEADER_LINES], (connector, encoding), promised)
            carry = b"".join(lines[used:])
            if titles:
                yield _titles(titles, layout)
        piece, carry = _read(carry, layout, final=block is None)
        yield piece


def _titles(lines: list[bytes], layout: _Layout) -> _Piece:
    nothing: list[Row] = [(None,) * len(layout.header)] * len(lines)
    faults = [Fault(row, "title_row", line.rstrip(b"\r\n")[:LINE_BYTES_MAX]) for row, line in enumerate(lines)]
    return _Piece(_frame(nothing, layout).select(layout.columns), faults, [], sum(map(len, lines)))


def _layout(
    lines: list[bytes], filled: list[int], feed: tuple[str, str], promised: Promised | None
) -> tuple[_Layout, list[bytes], int]:
    """The header among the first filled lines, the lines of title above it, and the number of lines up to its end.

    It is the line that names most of the promised columns, the first of several. `feed`: its connector and encoding.
    """
    connector, encoding = feed
    found = [_header(lines, place, encoding) for place in filled]
    start = 0
    if promised is not None:
        known = [len(set(resolved(header, promised)) & set(promised.names)) for header, _ in found]
        start = known.index(max(known))
        if not known[start]:
            raise _other_encoding(connector, encoding)
    header, used = found[start]
    names = header if promised is None else resolved(header, promised)
    columns = tuple(names) if promised is None else promised.names
    require_names(connector, names, columns)
    require_columns(connector, names, columns)
    plain = ",".join(header).encode(encoding)
    titles = [lines[place] for place in filled[:start]]
    return _Layout(tuple(header), tuple(names), columns, encoding, plain), titles, filled[start] + used


def _header(lines: list[bytes], start: int, encoding: str) -> tuple[list[str], int]:
    """The names in the line, and how many lines they take: a quoted name may hold a line end, also after a blank; an open
    quote ends with its line. No names: undecodable."""
    allow_long_fields()
    if lines[start].count(b'"') % 2:
        running = csv.reader(_texts(lines[start : start + HEADER_LINES], encoding), strict=True, skipinitialspace=True)
        with suppress(UnicodeError, csv.Error):
            return next(running), running.line_num
    try:
        return next(csv.reader(_texts([lines[start].rstrip(b"\r\n")], encoding)), []), 1
    except (UnicodeError, csv.Error):
        return [], 1


def _texts(lines: list[bytes], encoding: str) -> Iterator[str]:
    """Lines as text, cut where the bytes are: for `str.splitlines` U+2028 ends a line too, and rows would go under.

    NULs speak of UTF-16: taken out, they would leave names that fit and rows that do not.
    """
    for place, line in enumerate(lines):
        if b"\0" in line:
            raise UnicodeError("NUL")
        text = line.decode(encoding)
        yield text if place else text.removeprefix("\ufeff")


def _other_encoding(connector: str, encoding: str) -> Refuse:
    return Refuse(
        "wrong_header",
        f"{connector}：按 {encoding} 编码读不出已登记的列名。Read as {encoding}, the header names no declared column.",
        f"文件可能是另一种编码，或没有表头：核对 {connector_file(connector)} 中的 encoding 和 columns。"
        f"It may be in another encoding or lack its header: see encoding and columns in {connector_file(connector)}.",
    )


def _read(block: bytes, layout: _Layout, final: bool) -> tuple[_Piece, bytes]:
    """Rows of one block of whole lines, and the bytes of a record that is still open at its end."""
    rows = _plain(block, layout)
    if rows is not None:
        return _piece(rows, Records([], [], 0, []), layout, len(block)), b""
    lines = block.splitlines(keepends=True)
    records = read_records(lines, layout.header, layout.encoding, final)
    carry = b"".join(lines[records.used :])
    return _piece(_frame(records.rows, layout), records, layout, len(block) - len(carry)), carry


def _piece(rows: pl.DataFrame, records: Records, layout: _Layout, size: int) -> _Piece:
    """The rows with lines of totals taken out: they are broken rows, written anew."""
    faults = records.faults
    below = footers(rows)
    if len(below):
        texts = [",".join(cell or "" for cell in rows.row(row)) for row in below]
        found = [Fault(row, "footer_row", text.encode()) for row, text in zip(below, texts, strict=True)]
        faults = sorted([*faults, *found], key=lambda fault: fault.row)
        kept = ~pl.int_range(rows.height, eager=True).is_in(below.implode())
        rows = rows.select(pl.when(kept).then(pl.all()))
    return _Piece(rows.select(layout.columns), faults, records.marks, size)


def _frame(rows: list[Row], layout: _Layout) -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema=dict.fromkeys(layout.names, pl.String), orient="row")
    return frame.select(pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in layout.names)


def _plain(block: bytes, layout: _Layout) -> pl.DataFrame | None:
    """The rows of a block in which every line is plain and has the right number of fields; None if one has not.

    polars refuses a line with more fields than the schema has, so the right number of commas in all leaves no line
    with fewer. It drops a byte order mark at the start of its input, which would be the start of a value here, and lets a
    last line without its end have a comma more.
    """
    width = len(layout.header)
    if width == 1 or b'"' in block or b"\0" in block:
        return None
    text = _utf8(block, layout.encoding)
    if text is None or text.startswith(BOM) or layout.plain in block:
        return None
    schema = dict.fromkeys(layout.names, pl.String)
    text = text if text.endswith(b"\n") else text + b"\n"
    try:
        rows = pl.read_csv(text, has_header=False, schema=schema, quote_char=None)
    except (pl.exceptions.ComputeError, pl.exceptions.SchemaError):
        return None
    if text.count(b",") != rows.height * (width - 1):
        return None
    longest = rows.select(pl.max_horizontal(pl.all().str.len_bytes().max())).item()
    return None if (longest or 0) > FIELD_CHARS_MAX else rows


def _utf8(block: bytes, encoding: str) -> bytes | None:
    """The block in UTF-8 with LF line ends; None if it can't be decoded or holds a bare CR. (polars checks UTF-8.)"""
    if b"\r" in block:
        block = block.replace(b"\r\n", b"\n")
        if b"\r" in block:
            return None
    if encoding == "utf-8":
        return block
    try:
        return block.decode(encoding).encode()
    except UnicodeError:
        return None


def _cut(pieces: Iterable[_Piece], page_rows: int) -> Iterator[CsvPage]:
    """Join the rows of blocks and cut them into pages."""
    frames: list[pl.DataFrame] = []
    faults: list[Fault] = []
    marks: list[tuple[int, str]] = []
    height = size = 0
    for piece in pieces:
        faults += [Fault(fault.row + height, fault.rule, fault.raw) for fault in piece.faults]
        marks += [(row + height, rule) for row, rule in piece.marks]
        frames.append(piece.rows)
        height += piece.rows.height
        size += piece.bytes
        if height < page_rows and size < PAGE_BYTES_MAX:
            continue
        rows, start = pl.concat(frames), 0
        while height - start >= page_rows or (size >= PAGE_BYTES_MAX and start < height):
            yield _page(rows.slice(start, page_rows), faults, marks, start)
            start = min(start + page_rows, height)
        frames, size = [rows.slice(start)], 0
        height -= start
        faults = [Fault(fault.row - start, fault.rule, fault.raw) for fault in faults if fault.row >= start]
        marks = [(row - start, rule) for row, rule in marks if row >= start]
    if height:
        yield _page(pl.concat(frames), faults, marks, 0)


def _page(rows: pl.DataFrame, faults: list[Fault], marks: list[tuple[int, str]], start: int) -> CsvPage:
    own = range(start, start + rows.height)
    broken = [(fault.row - start, fault.rule, fault.raw) for fault in faults if fault.row in own]
    marked = [(row - start, rule) for row, rule in marks if row in own]
    return CsvPage(
        rows, pl.DataFrame(broken, schema=BROKEN, orient="row"), pl.DataFrame(marked, schema=MARKED, orient="row")
    )
