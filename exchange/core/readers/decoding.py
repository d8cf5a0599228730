"""Lines that are not in the encoding of their file (standards §5, defects 49, 55 and 56).

No encoding is guessed: the connector declares one. A line that it can't be is read in the other one only where nothing
speaks against that, and its row is marked.
"""

from __future__ import annotations

import codecs
import re

from exchange.core.garbled import strange

HAN_LEAST = 4
"""Fewer characters say nothing: what is left of a cut UTF-8 character is a good character of GBK."""
STRANGE_SHARE = 10
"""One character in ten may be beyond GB 2312, as in names."""
_HAN_OF_UTF8 = re.compile(rb"[\xe4-\xe9][\x80-\xbf]{2}")
_EURO = 0x80


def _euro(error: UnicodeError) -> tuple[str, int]:
    """Byte 80 where a character begins is the euro sign in Windows-936; every other error stays one."""
    if isinstance(error, UnicodeDecodeError) and error.object[error.start] == _EURO:
        return "€", error.start + 1
    raise error


codecs.register_error("euro80", _euro)


def decoded(line: bytes, encoding: str) -> tuple[str, str]:
    """The text of a line that is not in `encoding`, and the rule that marks it; no text, and `encoding`, if it stays unread.

    >>> decoded("天津市滨海新区".encode("gb18030"), "utf-8"), decoded("天津".encode(), "gb18030")
    (('天津市滨海新区', 'encoding.other'), ('天津', 'encoding.other'))
    >>> decoded(b"\\x80500", "gb18030"), decoded("天津".encode()[:-1], "utf-8")
    (('€500', 'encoding.euro'), ('', 'encoding'))
    """
    if encoding == "utf-8":
        text = _strictly(line, "gb18030")
        beyond = sum(one > "\x7f" for one in text)
        sure = beyond >= HAN_LEAST and not _HAN_OF_UTF8.search(line) and STRANGE_SHARE * strange(text) <= beyond
        return (text, "encoding.other") if sure else ("", "encoding")
    text = _strictly(line, "utf-8")
    if text and STRANGE_SHARE * strange(text) <= len(text):
        return text, "encoding.other"
    text = _strictly(line, "gb18030", "euro80")
    return (text, "encoding.euro") if text else ("", "encoding")


def _strictly(line: bytes, encoding: str, errors: str = "strict") -> str:
    try:
        return line.decode(encoding, errors)
    except UnicodeDecodeError:
        return ""
