"""Single characters that agencies' systems spoil, and what they stand for (standards §5, defects 45, 48, 51).

Stored text is changed in these characters only. It is never NFKC-normalised: that would make ㎡ to m2, ① to 1, № to No
and full-width brackets to narrow ones (defect 52).
"""

from __future__ import annotations

import unicodedata
from functools import cache

import polars as pl

_HAN_PUA, _HAN_BYTES = 0xE815, (0xFE50, 0xFEA0)
"""GBK's rows FE50–FEA0 stood for eighty characters that Unicode lacked; fonts drew them at U+E815–U+E864."""
_LATER = {
    0xE816: 0x20087,
    0xE817: 0x20089,
    0xE818: 0x200CC,
    0xE831: 0x215D7,
    0xE83B: 0x2298F,
    0xE855: 0x241FE,
    0xE81E: 0x9FB4,
    0xE826: 0x9FB5,
    0xE82B: 0x9FB6,
    0xE82C: 0x9FB7,
    0xE832: 0x9FB8,
    0xE843: 0x9FB9,
    0xE854: 0x9FBA,
    0xE864: 0x9FBB,
    0xE78D: 0xFE10,
    0xE78E: 0xFE12,
    0xE78F: 0xFE11,
    0xE790: 0xFE13,
    0xE791: 0xFE14,
    0xE792: 0xFE15,
    0xE793: 0xFE16,
    0xE794: 0xFE17,
    0xE795: 0xFE18,
    0xE796: 0xFE19,
}
"""The 24 that Python's gb18030 (edition 2000) still decodes to the private area: GB 18030-2005 and 2022
(Lunde, CJKV Information Processing, table 3-37, lists the six beyond the basic plane)."""
_MOVED = {0xE7C7: 0x1E3F, 0xE7C8: 0x01F9, 0xE7E7: 0x303E, **{0xE7E8 + n: 0x2FF0 + n for n in range(12)}}
"""Pinyin letters and description characters that GBK had in its private area and GB 18030-2000 moved to Unicode."""

_RADICALS = dict(
    zip(
        "⻄⻅⻆⻈⻉⻋⻓⻔⻘⻚⻛⻜⻝⻠⻢⻥⻦⻨⻩⻬⻮⻰⺠",
        "西见角讠贝车长门青页风飞食饣马鱼鸟麦黄齐齿龙民",
        strict=True,
    )
)
"""Radicals of the supplement that look like a whole character (Unicode, EquivalentUnifiedIdeograph.txt)."""
_COMPATIBLE = (range(0x2E80, 0x2FD6), range(0xF900, 0xFB00), range(0x2F800, 0x2FA20))
_DASH = {"\u2015": "\u2014"}
"""Byte pair A1AA of GB 2312 is U+2015 in one code table and U+2014 in the others (defect 48)."""

SPOILED = r"[\u{2015}\u{2E80}-\u{2FD5}\u{E000}-\u{F8FF}\u{F900}-\u{FAFF}\u{2F800}-\u{2FA1F}]"
"""Where one of these, or another private character, may stand."""
PRIVATE = r"[\u{E000}-\u{F8FF}\u{F0000}-\u{10FFFD}]"


@cache
def private_use() -> dict[str, str]:
    """Characters of the private area with a published meaning.

    >>> private_use()["\ue863"], private_use()["\ue81e"] == "\u9fb4", len(private_use())
    ('䶮', True, 105)
    """
    first, last = _HAN_BYTES
    places = [code for code in range(first, last + 1) if code & 0xFF != 0x7F]
    drawn = {_HAN_PUA + n: code.to_bytes(2, "big").decode("gb18030") for n, code in enumerate(places)}
    known = {chr(code): text for code, text in drawn.items() if not 0xE000 <= ord(text) <= 0xF8FF}
    return known | {chr(old): chr(new) for old, new in (_LATER | _MOVED).items()}


@cache
def _unified() -> dict[str, str]:
    """Kangxi radicals and compatibility ideographs → the unified ideograph that Unicode gives for them (defect 51)."""
    found = {chr(code): unicodedata.normalize("NFKC", chr(code)) for codes in _COMPATIBLE for code in codes}
    return _RADICALS | {old: new for old, new in found.items() if new != old and len(new) == 1 and _is_han(new)}


def _is_han(character: str) -> bool:
    return unicodedata.name(character, "").startswith("CJK UNIFIED IDEOGRAPH")


@cache
def _replacements() -> tuple[list[str], list[str]]:
    table = private_use() | _unified() | _DASH
    return list(table), list(table.values())


def mended(text: pl.Series) -> pl.Series:
    """The text with spoiled characters as what they stand for; the series itself where there is none.

    >>> mended(pl.Series(["\ue863⾦—㎡①"]))[0]
    '䶮金—㎡①'
    """
    if not text.str.contains(SPOILED).any():
        return text
    return text.str.replace_many(*_replacements())
