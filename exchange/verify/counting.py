"""The records of a delivered CSV file, read with Python's csv module alone.

A record is every non-empty one beside the header as csv reads it, NULs removed; wrong column counts and undecodable bytes
count too. A record that runs over several lines counts as one only if csv's strict mode reads it with the header's number
of fields; else its first line is one record and reading goes on with the next line (design §3, Conservation).
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from itertools import chain

RECORD_BYTES_MAX = 16 * 1024 * 1024
FIRST_WINDOW = 16
HEADER_LINES = 5
"""The header is one of so many lines at the beginning."""


_ADDED = re.compile(r"[\s\0\u200b-\u200f\u2060\ufeff,.:;*'\"、。]")
_REMARK = re.compile(r"\(.*\)$")
BOM = b"\xef\xbb\xbf"
NOTHING = (b"", BOM)
"""What a line holds that is no record: a byte order mark may stand alone where files were joined."""


def count_records(text: bytes, encoding: str, columns: Collection[str] = ()) -> int:
    r"""How many records a file holds beside its header; `columns` as for `records`.

    >>> count_records(b'a,b\n1,2\n\n3\n"4\n5,6\n7,"8\n9"\n', "utf-8")
    5
    """
    lines = text.replace(b"\0", b"")
    if b'"' not in lines:
        return max(sum(1 for line in lines.splitlines() if line not in NOTHING) - 1, 0)
    return max(sum(1 for _ in records(text, encoding, columns)) - 1, 0)


def records(text: bytes, encoding: str, columns: Collection[str] = ()) -> Iterator[list[str]]:
    r"""The header and the records; of one that is no row, what its first line holds.

    The header is the line among the first few that names most of `columns`; a line of title above it is a record.

    >>> list(records(b'a,b\n1,"2\n3"\n"x\n', "utf-8"))
    [['a', 'b'], ['1', '2\n3'], ['x\n']]
    >>> list(records(b'Firms\na,b\n1,2\n', "utf-8", ("a", "b")))
    [['a', 'b'], ['Firms'], ['1', '2']]
    """
    csv.field_size_limit(2 * RECORD_BYTES_MAX)
    delivered = text.removeprefix(BOM).splitlines(keepends=True)
    lines = [line.replace(b"\0", b"") for line in delivered]
    filled = [at for at, line in enumerate(lines) if line.rstrip(b"\r\n") not in NOTHING][:HEADER_LINES]
    heads = [_head(delivered, at, encoding) for at in filled]
    if not heads:
        return
    wanted = set(map(plain_name, columns))
    named = [len(set(map(plain_name, names)) & wanted) for names, _ in heads]
    above = named.index(max(named))
    header, used = heads[above]
    yield header
    for place in filled[:above]:
        yield _fields(lines[place], encoding)
    width, at = len(header), filled[above] + used
    while at < len(lines):
        if lines[at].rstrip(b"\r\n") in NOTHING:
            at += 1
            continue
        fields, used = _record(lines, at, encoding, width)
        yield fields
        at += used


def plain_name(name: str) -> str:
    """A column's name as it is compared: without width, case, blanks, marks and remarks, as agencies add them.

    >>> plain_name("报关 有效期（截止日期）"), plain_name('"Reg-no.')
    ('报关有效期', 'REG_NO')
    """
    return _REMARK.sub("", _ADDED.sub("", unicodedata.normalize("NFKC", name))).replace("-", "_").upper()


def _head(lines: Sequence[bytes], at: int, encoding: str) -> tuple[list[str], int]:
    """The names in the line, and how many lines they take: a name in quotes may hold a line end, if its quote is closed.
    There are none in a line with a NUL or one that can't be decoded."""
    near = [lines[at].removeprefix(BOM), *lines[at + 1 : at + HEADER_LINES]]
    broken = next((place for place, line in enumerate(near) if b"\0" in line or not _decodes(line, encoding)), None)
    if broken == 0:
        return [], 1
    if lines[at].count(b'"') % 2:
        reader = csv.reader([line.decode(encoding) for line in near[:broken]], strict=True, skipinitialspace=True)
        with suppress(csv.Error):
            return next(reader), reader.line_num
    return _fields(near[0], encoding), 1


def _fields(line: bytes, encoding: str) -> list[str]:
    """What stands in a line, taken for itself."""
    return next(csv.reader([line.decode(encoding, "replace")]))


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
