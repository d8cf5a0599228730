"""The records of a delivered CSV file, read with Python's csv module alone.

A record is every non-empty one after the header as csv reads it, NULs removed; wrong column counts and undecodable bytes
count too. A record that runs over several lines counts as one only if csv's strict mode reads it with the header's number
of fields; else its first line is one record and reading goes on with the next line (design §3, Conservation).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from itertools import chain

RECORD_BYTES_MAX = 16 * 1024 * 1024
FIRST_WINDOW = 16


def count_records(text: bytes, encoding: str) -> int:
    r"""How many records a file holds after its header.

    >>> count_records(b'a,b\n1,2\n\n3\n"4\n5,6\n7,"8\n9"\n', "utf-8")
    5
    """
    lines = text.replace(b"\0", b"")
    if b'"' not in lines:
        return max(sum(1 for line in lines.splitlines() if line not in (b"", b"\xef\xbb\xbf")) - 1, 0)
    return max(sum(1 for _ in records(text, encoding)) - 1, 0)


def records(text: bytes, encoding: str) -> Iterator[list[str]]:
    r"""The header and the records; of one that is no row, what its first line holds.

    >>> list(records(b'a,b\n1,"2\n3"\n"x\n', "utf-8"))
    [['a', 'b'], ['1', '2\n3'], ['x\n']]
    """
    csv.field_size_limit(2 * RECORD_BYTES_MAX)
    lines = text.replace(b"\0", b"").removeprefix(b"\xef\xbb\xbf").splitlines(keepends=True)
    at, width = 0, 0
    while at < len(lines):
        if not lines[at].rstrip(b"\r\n"):
            at += 1
            continue
        fields, used = _record(lines, at, encoding, width)
        width = width or len(fields)
        yield fields
        at += used


def _record(lines: Sequence[bytes], at: int, encoding: str, width: int) -> tuple[list[str], int]:
    """The fields of the record that begins at a line, and how many lines it takes."""
    reader = csv.reader([lines[at].decode(encoding, "replace"), ""])
    fields = next(reader)
    if reader.line_num == 1 or not _decodes(lines[at], encoding):
        return fields, 1
    window = FIRST_WINDOW
    while True:
        near = lines[at : at + window]
        broken = next((place for place, line in enumerate(near) if not _decodes(line, encoding)), None)
        part = [line.decode(encoding) for line in near[:broken]]
        end = broken is not None or at + window >= len(lines)
        loose = csv.reader(chain(part, [""]))
        found = next(loose)
        too_much = len(found) > width or sum(map(len, part)) > RECORD_BYTES_MAX
        if loose.line_num <= len(part) or too_much or end:
            return _strict(part, width) or (fields, 1)
        window *= 8


def _strict(part: Sequence[str], width: int) -> tuple[list[str], int] | None:
    reader = csv.reader(part, strict=True)
    try:
        found = next(reader)
    except csv.Error:
        return None
    return (found, reader.line_num) if len(found) == width else None


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
