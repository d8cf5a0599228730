"""Delimited text as agencies deliver it: rows in pages, each row counted, memory bounded by a page.

What counts as a row stands in `exchange.core.readers.records`. Blocks without quotes and NULs whose lines all have the
right number of commas are read by polars, everything else by Python's csv module; both give the same rows, and an
empty field is null in both. Bytes are decoded strictly; GB18030 (GB 18030-2022) and UTF-8 are read.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from exchange.core.errors import Misuse, Refuse
from exchange.core.page import BROKEN
from exchange.core.readers.contract import connector_file, require_columns
from exchange.core.readers.lines import whole_lines
from exchange.core.readers.records import FIELD_CHARS_MAX, Fault, Row, read_records

ENCODINGS = {"utf-8": "utf-8", "utf8": "utf-8", "utf-8-sig": "utf-8", "gb18030": "gb18030", "gbk": "gb18030"}
"""GBK is read as GB18030, which contains it."""
BOM = b"\xef\xbb\xbf"
PAGE_BYTES_MAX = 128 * 1024 * 1024
"""A page of very long rows ends early, after this many bytes of the delivery."""


@dataclass(frozen=True)
class CsvPage:
    """Rows in the declared order of columns (String, null where empty), and those that are no rows (BROKEN)."""

    rows: pl.DataFrame
    broken: pl.DataFrame


@dataclass(frozen=True)
class _Layout:
    """The header as it was sent and the encoding of what follows; `plain` is the header's line in these bytes."""

    header: tuple[str, ...]
    columns: tuple[str, ...]
    encoding: str
    plain: bytes


@dataclass(frozen=True)
class _Piece:
    """Rows of one block, before they are cut into pages."""

    rows: pl.DataFrame
    faults: list[Fault]
    bytes: int


def read_csv(
    blocks: Iterable[bytes], *, connector: str, encoding: str, columns: Sequence[str] | None, page_rows: int
) -> Iterator[CsvPage]:
    r"""Yield pages of `page_rows` rows of one delivery, whose blocks come in order and are cut anywhere.

    `columns`: what the header must name, in any order (None: whatever it names). Raises Refuse before the first row if
    the header does not fit or the encoding is another one. The cuts depend on the blocks only beyond PAGE_BYTES_MAX.

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
    return _cut(_pieces(blocks, connector, ENCODINGS[encoding.lower()], columns), page_rows)


def _pieces(blocks: Iterable[bytes], connector: str, encoding: str, columns: Sequence[str] | None) -> Iterator[_Piece]:
    layout: _Layout | None = None
    carry = b""
    for block in whole_lines(blocks):
        rest = block
        if layout is None:
            line, rest = _first_line(block)
            if line is None:
                continue
            layout = _layout(line, connector, encoding, columns)
        piece, carry = _read(carry + rest, layout, final=False)
        yield piece
    if layout is not None and carry:
        yield _read(carry, layout, final=True)[0]


def _first_line(block: bytes) -> tuple[bytes | None, bytes]:
    """The first line that is not empty, and what follows it."""
    lines = block.splitlines(keepends=True)
    for index, line in enumerate(lines):
        text = line.replace(b"\0", b"").rstrip(b"\r\n")
        if text not in (b"", BOM):
            return text, b"".join(lines[index + 1 :])
    return None, b""


def _layout(line: bytes, connector: str, encoding: str, columns: Sequence[str] | None) -> _Layout:
    """Check the header against the declared columns."""
    try:
        text = line.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError:
        raise _other_encoding(connector, encoding) from None
    header = next(csv.reader([text]), [""])
    if columns is not None and not set(header) & set(columns):
        raise _other_encoding(connector, encoding)
    require_columns(connector, header, header if columns is None else columns)
    plain = ",".join(header).encode(encoding)
    return _Layout(tuple(header), tuple(header if columns is None else columns), encoding, plain)


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
        return _Piece(rows.select(layout.columns), [], len(block)), b""
    lines = block.splitlines(keepends=True)
    records = read_records(lines, layout.header, layout.encoding, final)
    carry = b"".join(lines[records.used :])
    return _Piece(_frame(records.rows, layout), records.faults, len(block) - len(carry)), carry


def _frame(rows: list[Row], layout: _Layout) -> pl.DataFrame:
    schema = dict.fromkeys(layout.header, pl.String)
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.select(pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in layout.columns)


def _plain(block: bytes, layout: _Layout) -> pl.DataFrame | None:
    """The rows of a block in which every line is plain and has the right number of fields; None if one has not.

    polars refuses a line with more fields than the schema has, so the right number of commas in all leaves no line
    with fewer. It drops a byte order mark at the start of its input, which would be the start of a value here.
    """
    width = len(layout.header)
    if width == 1 or b'"' in block or b"\0" in block:
        return None
    text = _utf8(block, layout.encoding)
    if text is None or text.startswith(BOM) or layout.plain in block:
        return None
    schema = dict.fromkeys(layout.header, pl.String)
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
    height = size = 0
    for piece in pieces:
        faults += [Fault(fault.row + height, fault.rule, fault.raw) for fault in piece.faults]
        frames.append(piece.rows)
        height += piece.rows.height
        size += piece.bytes
        if height < page_rows and size < PAGE_BYTES_MAX:
            continue
        rows, start = pl.concat(frames), 0
        while height - start >= page_rows or (size >= PAGE_BYTES_MAX and start < height):
            yield _page(rows.slice(start, page_rows), faults, start)
            start = min(start + page_rows, height)
        frames, size = [rows.slice(start)], 0
        height -= start
        faults = [Fault(fault.row - start, fault.rule, fault.raw) for fault in faults if fault.row >= start]
    if height:
        yield _page(pl.concat(frames), faults, 0)


def _page(rows: pl.DataFrame, faults: list[Fault], start: int) -> CsvPage:
    own = [fault for fault in faults if start <= fault.row < start + rows.height]
    broken = [(fault.row - start, fault.rule, fault.raw) for fault in own]
    return CsvPage(rows, pl.DataFrame(broken, schema=BROKEN, orient="row"))
