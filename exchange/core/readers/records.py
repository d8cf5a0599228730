"""CSV records of damaged text, exactly: one broken line costs that line and nothing else.

The rules (design §3, Conservation), for lines from which NULs were removed:

- An empty line is no record. A line that can't be decoded is one broken row, unless it is a whole row in the other
  encoding (`decoding`); that row is marked.
- A record that ends on its own line is read as Python's csv module reads it (not strict) and must have the right
  number of fields.
- A record that runs over several lines is accepted only if csv's strict mode reads it with exactly the right number of
  fields. Otherwise its first line is one broken row and reading goes on with the next line: else an open quote would
  swallow the next firm's line and might still have the right count.
- A record equal to the header (a concatenated file), or with a field over FIELD_CHARS_MAX, is one broken row.
"""

from __future__ import annotations

import csv
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from exchange.core.readers.decoding import decoded
from exchange.core.readers.lines import LINE_BYTES_MAX, is_empty

FIELD_CHARS_MAX = 1_000_000
FIRST_WINDOW = 8
"""Lines tried first for a record that runs on; eight times more each time."""
FEW = 64
"""Lines read at once after trouble; twice as many each time without. Both keep a quote bomb linear."""

Row = Sequence[str | None]


@dataclass(frozen=True)
class Fault:
    """A row that is no row: its place among the rows, the rule it broke, its bytes without the line end."""

    row: int
    rule: str
    raw: bytes


@dataclass(frozen=True)
class Records:
    """What was read of a run of lines: `rows` holds a line of nulls for each fault, `used` counts lines.

    `marks`: the place among the rows and the rule of each row that was not in the file's encoding.
    """

    rows: list[Row]
    faults: list[Fault]
    used: int
    marks: list[tuple[int, str]]


@dataclass(frozen=True)
class _Text:
    """Lines as bytes and as text; `bad` are the places of those that can't be decoded, `long` of the long ones."""

    lines: Sequence[bytes]
    texts: Sequence[str]
    header: list[str]
    encoding: str
    bad: Sequence[int]
    long: Sequence[int]
    final: bool


@dataclass(frozen=True)
class _Verdict:
    """What one record is: a row (with a mark or without), a broken row (rule), or nothing (an empty line); its lines.

    `lines` 0: it may go on in lines that have not come yet.
    """

    lines: int
    row: Row | None = None
    rule: str = ""
    mark: str = ""


def allow_long_fields() -> None:
    """Let Python's csv read what the hub judges itself: its own limit is 131,072 characters a field."""
    if csv.field_size_limit() < 2 * LINE_BYTES_MAX:
        csv.field_size_limit(2 * LINE_BYTES_MAX)


def read_records(lines: Sequence[bytes], header: Sequence[str], encoding: str, final: bool) -> Records:
    """Read lines (with their ends) as records of `len(header)` fields.

    Unless `final`, a record left open at the end is not used: give its lines again with more lines after them.
    """
    allow_long_fields()
    text = _decode(lines, list(header), encoding, final)
    rows: list[Row] = []
    faults: list[Fault] = []
    marks: list[tuple[int, str]] = []
    nothing: Row = (None,) * len(header)
    at, most = 0, FEW
    while at < len(lines):
        start = at
        at = _straight(text, at, most, rows)
        if at == start + most:
            most *= 2
            continue
        if at == len(lines):
            break
        most = FEW
        verdict = _judge(text, at)
        if not verdict.lines:
            break
        if verdict.rule:
            raw = b"".join(lines[at : at + verdict.lines]).rstrip(b"\r\n")
            faults.append(Fault(len(rows), verdict.rule, raw[:LINE_BYTES_MAX]))
            rows.append(nothing)
        elif verdict.row is not None:
            marks += [(len(rows), verdict.mark)] if verdict.mark else []
            rows.append(verdict.row)
        at += verdict.lines
    return Records(rows, faults, at, marks)


def _decode(lines: Sequence[bytes], header: list[str], encoding: str, final: bool) -> _Text:
    clean = lines
    if any(b"\0" in line for line in lines):
        clean = [line.replace(b"\0", b"") for line in lines]
    bad: list[int] = []
    try:
        texts = [line.decode(encoding) for line in clean]
    except UnicodeDecodeError:
        texts = [line.decode(encoding, "replace") for line in clean]
        bad = [index for index, line in enumerate(clean) if not _decodes(line, encoding)]
    long = [index for index, line in enumerate(lines) if len(line) > FIELD_CHARS_MAX]
    return _Text(lines, texts, header, encoding, bad, long, final)


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _texts(text: _Text, start: int, stop: int) -> Iterator[str]:
    return map(text.texts.__getitem__, range(start, stop))


def _next(places: Sequence[int], at: int, default: int) -> int:
    index = bisect_left(places, at)
    return places[index] if index < len(places) else default


def _straight(text: _Text, at: int, most: int, rows: list[Row]) -> int:
    """Add rows as long as each is one line with the right number of fields; return the first line that is not.

    No more than `most` lines are read, so that a quote left open is not followed through the whole block.
    """
    size = len(text.lines)
    stop = min(_next(text.bad, at, size), _next(text.long, at, size), at + most)
    count, last = len(text.header), text.header[-1]
    line = 0
    reader = csv.reader(_texts(text, at, stop), strict=True)
    try:
        for row in reader:
            if len(row) != count or reader.line_num != line + 1 or row[-1] == last:
                break
            rows.append(row)
            line += 1
    except csv.Error:
        pass
    return at + line


def _judge(text: _Text, at: int) -> _Verdict:
    """Say what the record is that begins at a line."""
    if len(text.lines[at]) > LINE_BYTES_MAX:
        return _Verdict(1, rule="line_too_long")
    if is_empty(text.lines[at]):
        return _Verdict(1)
    if _next(text.bad, at, -1) == at:
        return _in_other_encoding(text, at)
    line = text.texts[at].rstrip("\r\n")
    reader = csv.reader((line + "\n", "\n"))
    row = next(reader)
    if reader.line_num == 1:
        return _weigh(text, row, 1)
    return _run_on(text, at)


def _in_other_encoding(text: _Text, at: int) -> _Verdict:
    """Judge a line that can't be decoded: it may be a whole row in the other encoding."""
    line, rule = decoded(text.lines[at].replace(b"\0", b"").rstrip(b"\r\n"), text.encoding)
    reader = csv.reader([line], strict=True)
    try:
        row = next(reader) if line else []
    except csv.Error:
        row = []
    if len(row) != len(text.header):
        return _Verdict(1, rule="encoding")
    return replace(_weigh(text, row, 1), mark=rule)


def _run_on(text: _Text, at: int) -> _Verdict:
    """Judge a record that does not end on its first line."""
    stop = _next(text.bad, at, len(text.lines))
    window = FIRST_WINDOW
    while True:
        end = min(at + window, stop)
        reader = csv.reader(chain(_texts(text, at, end), ("\n",)), strict=True)
        try:
            row = next(reader)
        except csv.Error:
            if reader.line_num <= end - at:
                break
        else:
            used = reader.line_num
            if used > end - at or len(row) != len(text.header) or _bytes(text, at, at + used) > LINE_BYTES_MAX:
                break
            return _weigh(text, row, used)
        fields = next(csv.reader(_texts(text, at, end)))
        if len(fields) > len(text.header) or _bytes(text, at, end) > LINE_BYTES_MAX:
            break
        if end == stop:
            if text.final or stop < len(text.lines):
                break
            return _Verdict(0)
        window *= FIRST_WINDOW
    return _Verdict(1, rule="open_quote")


def _bytes(text: _Text, start: int, stop: int) -> int:
    return sum(map(len, text.lines[start:stop]))


def _weigh(text: _Text, row: list[str], lines: int) -> _Verdict:
    """Judge a record whose fields are known."""
    count = len(text.header)
    if len(row) != count:
        return _Verdict(lines, rule="too_few_fields" if len(row) < count else "too_many_fields")
    if row == text.header or [row[0].removeprefix("\ufeff"), *row[1:]] == text.header:
        return _Verdict(lines, rule="header_repeated")
    if max(map(len, row)) > FIELD_CHARS_MAX:
        return _Verdict(lines, rule="field_too_long")
    return _Verdict(lines, row=row)
