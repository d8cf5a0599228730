"""What a check finds: whether an invariant holds, over how many things, and in one sentence without any value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

SHOWN = 8
"""Kinds of trouble that one finding names; the rest is counted."""


@dataclass(frozen=True)
class Finding:
    """The state of one invariant. `detail`: Chinese and English, counts and names of feeds and tables only."""

    ok: bool
    examined: int
    detail: str


@dataclass(frozen=True)
class Wrong:
    """One kind of trouble, and how often it was met."""

    count: int
    zh: str
    en: str


class Unreached(Exception):
    """A source that the check needs is away, or what it holds can't be read. The message names no value."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en


def concluded(examined: int, wrongs: Iterable[Wrong], zh: str = "", en: str = "") -> Finding:
    """The finding over `examined` things. `zh`, `en`: what else is worth saying, each a sentence without its full stop.

    >>> concluded(3, [Wrong(0, "丢失", "lost")], "等待 1", "1 waits")
    Finding(ok=True, examined=3, detail='已查 3，无异常；等待 1。Examined 3, nothing wrong; 1 waits.')
    >>> concluded(3, [Wrong(2, "丢失", "lost")]).detail
    '已查 3：丢失 2。Examined 3: lost 2.'
    >>> concluded(0, []).ok
    False
    """
    found = [wrong for wrong in wrongs if wrong.count]
    more = len(found) - SHOWN
    chinese = "，".join(f"{wrong.zh} {wrong.count}" for wrong in found[:SHOWN]) + (
        f"，另有 {more} 类" if more > 0 else ""
    )
    english = ", ".join(f"{wrong.en} {wrong.count}" for wrong in found[:SHOWN])
    english += f", and {more} more kinds" if more > 0 else ""
    if not examined:
        zh, en = "没有可查的内容" + (f"；{zh}" if zh else ""), "nothing to examine" + (f"; {en}" if en else "")
    tail = (f"；{zh}" if zh else "", f"; {en}" if en else "")
    verdict = (f"：{chinese}", f": {english}") if found else ("，无异常", ", nothing wrong")
    if not examined and not found:
        verdict = ("", "")
    detail = f"已查 {examined}{verdict[0]}{tail[0]}。Examined {examined}{verdict[1]}{tail[1]}."
    return Finding(not found and examined > 0, examined, detail)


def unreached(zh: str, en: str) -> Finding:
    """What was not examined is not ok."""
    return Finding(False, 0, f"未能检查：{zh}。Not examined: {en}.")
