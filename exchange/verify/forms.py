"""One text in several forms: the form that tells keys apart, and those under which a value could lie about."""

from __future__ import annotations

import json
import re
import unicodedata

_SPACES = [*range(0x09, 0x0E), 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000]
_BLANKS = dict.fromkeys([*_SPACES, *range(0x200B, 0x2010), 0x2060, 0xFEFF])
_NUMBER = re.compile(r"[0-9+()\-. /]+")
PHONE_DIGITS = 11


def key_text(text: str) -> str:
    """A key in the one form in which the hub tells rows apart: NFKC, upper case, without blanks.

    >>> key_text(" １２0\u200b0 x ")
    '1200X'
    """
    return unicodedata.normalize("NFKC", text).translate(_BLANKS).upper()


def cleaned(text: str) -> list[str]:
    """A value as it was sent, and as it may look after cleaning: without blanks, a long number without punctuation.

    >>> cleaned("138-0000 0000")
    ['138-0000 0000', '138-00000000', '13800000000']
    """
    found = [text, key_text(text)]
    digits = re.sub(r"[^0-9]", "", found[1])
    if _NUMBER.fullmatch(found[1]) and len(digits) >= PHONE_DIGITS:
        found.append(digits)
    return list(dict.fromkeys(found))


def encoded(value: str) -> list[bytes]:
    r"""The bytes of a value: UTF-8, GB18030, hexadecimal of both, JSON's ASCII escapes.

    >>> encoded("中")
    [b'\xe4\xb8\xad', b'\xd6\xd0', b'e4b8ad', b'd6d0', b'\\u4e2d']
    """
    plain = [value.encode(), value.encode("gb18030")]
    return list(dict.fromkeys([*plain, *(each.hex().encode() for each in plain), json.dumps(value)[1:-1].encode()]))
