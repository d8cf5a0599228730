"""Byte blocks cut at line ends, so that a file of any size is read in little memory.

A line ends with LF, CR LF or a bare CR, as in Python's csv module. In UTF-8 and GB18030 the bytes of LF, CR, comma and
double quote never occur inside another character (GB 18030-2022: trail bytes begin at 0x30, and 0x30–0x39 are digits),
so lines may be cut before they are decoded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

LINE_BYTES_MAX = 16 * 1024 * 1024
"""A longer line is kept up to this length and is one broken row; so is a record of several lines beyond it."""
BOM = b"\xef\xbb\xbf"


def is_empty(line: bytes) -> bool:
    r"""Whether a line is no record: nothing stands in it but a byte order mark, as where files were joined.

    >>> is_empty(b"\0\r\n"), is_empty(BOM + b"\n"), is_empty(b" \n")
    (True, True, False)
    """
    return line.replace(b"\0", b"").rstrip(b"\r\n") in (b"", BOM)


def whole_lines(blocks: Iterable[bytes]) -> Iterator[bytes]:
    r"""Yield the same bytes cut so that each piece ends with a line end (the last one perhaps not).

    Of a line longer than LINE_BYTES_MAX the middle is dropped: what remains is still longer than the limit.

    >>> list(whole_lines([b"a,b\r", b"\nc,", b"d\ne"]))
    [b'a,b\r\n', b'c,d\n', b'e']
    """
    tail = b""
    for block in blocks:
        rest = block[_line_end(block) :] if len(tail) > LINE_BYTES_MAX else block
        joined = tail + rest
        cut = _last_cut(joined)
        if cut:
            yield joined[:cut]
        tail = joined[cut:]
    if tail:
        yield tail


def _last_cut(block: bytes) -> int:
    """Where the last line of a block begins; a CR in last place may be half of a CR LF and does not end a line yet."""
    feed = block.rfind(b"\n") + 1
    return max(feed, block.rfind(b"\r", feed, len(block) - 1) + 1)


def _line_end(block: bytes) -> int:
    """Where the first line end of a block is; its length if there is none."""
    ends = [place for place in (block.find(b"\n"), block.find(b"\r")) if place >= 0]
    return min(ends, default=len(block))
