"""What a check says about one identifier: never only yes or no."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "repaired", "suspect", "invalid", "placeholder"]


@dataclass(frozen=True)
class Verdict:
    """`rule` decided ("" when nothing is wrong); `before` is the text as it came, `after` its compact form."""

    status: Status
    rule: str
    before: str
    after: str


PLACEHOLDERS = frozenset(
    {"", "/", "\\", "-", "--", "---", "*", ".", "..", "...", "....", "0", "N/A", "NA", "NULL", "NONE", "NIL"}
    | {"无", "暂无", "没有", "未知", "空", "不详", "无此项"}
    | {"00000000000000000X", "123456", "12345678", "123456789", "123456789012345", "123456789012345678"}
    | {character * length for character in "0123456789X" for length in range(5, 21)}
)
"""Texts that stand in the place of an identifier and are none (standards §5, defect 18)."""


def is_placeholder(text: str) -> bool:
    """Whether an identifier's place was filled with something that is no identifier.

    >>> is_placeholder("00000000000000000X"), is_placeholder("91350100M000100Y43")
    (True, False)
    """
    return text.strip().upper() in PLACEHOLDERS


def compact(text: str) -> str:
    r"""Without blanks, invisible characters and Excel's leading mark; half width; upper case (standards §1.3).

    >>> compact("\u200b９１ 350100m000100Y43 ")
    '91350100M000100Y43'
    """
    return text.translate(_COMPACT).upper().lstrip("'`‘’")


_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_DROPPED = (*range(0x200B, 0x2010), 0x2060, 0xFEFF, 0xA0, 0x3000, *range(0x21), 0x7F)
_LOOKALIKE_X = {0x2169: "X", 0x2179: "X", 0x0425: "X", 0x0445: "X"}
_COMPACT: dict[int, int | str | None] = {**_FULL_WIDTH, **_LOOKALIKE_X, **dict.fromkeys(_DROPPED)}
