"""Column names as agencies write them, brought to those that were promised (standards §5, defects 58 and 59).

Blanks, line breaks, width, `-` for `_` and a remark in brackets do not make another column; a variant that is more than
that stands in the connector's aliases. A name that fits no promised one stays as it is, and is refused by name.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

HEADER_LINES = 5
"""So many lines at the beginning of a file may be titles or a header."""
HEADER_BYTES = 4_000_000
"""Beyond that nobody waits for more lines."""
_DROPPED = re.compile(r"[\s\x00\u200b-\u200f\u2060\ufeff,.:;*'\"、。]")
_REMARK = re.compile(r"\(.*\)$")
_TELLING = re.compile(r"[元圆万亿币%‰]|[A-Z]{3}|人\)$|者\)$")
"""A remark that says in which unit, or whose: it is a part of the name."""
_TOTAL, _NOTE = r"[合总小共]\s*计\s*(?:[:：(（0-9]|$)", r"(?:表格|填表)说明|(?:说明|备?注)\s*[:：]"
_FOOTER = rf"^\s*(?:{_TOTAL}|{_NOTE}|(?:填表|制表|审核)(?:人|单位|日期))"


@dataclass(frozen=True)
class Promised:
    """Names of the columns that an agency promised; `aliases`: what it also writes → the promised name."""

    names: tuple[str, ...]
    aliases: Mapping[str, str] = field(default_factory=dict)


def header_key(name: str) -> str:
    """A name as it is compared.

    >>> header_key("行政相对人代码＿3"), header_key("\\ufeff文,号 \\n"), header_key("代码-1（统一社会信用代码）")
    ('行政相对人代码_3', '文号', '代码_1(统一社会信用代码)')
    """
    return _DROPPED.sub("", unicodedata.normalize("NFKC", name)).replace("-", "_").upper()


def resolved(found: Sequence[str], promised: Promised) -> list[str]:
    """The promised name of each column found, or the name itself.

    A column that has its promised name keeps it; another that would come to the same name is then left as it is.

    >>> resolved(["代码＿1", "名 称", "shxydc", "电话"], Promised(("代码_1", "名称", "uscc"), {"shxydc": "uscc"}))
    ['代码_1', '名称', 'uscc', '电话']
    """
    exact = set(found) & set(promised.names)
    known = _keys(promised)
    return [name if name in exact else _fitting(name, known, exact) for name in found]


def _keys(promised: Promised) -> dict[str, str]:
    """Key → promised name; keys without the remark in brackets only where one name has them and the remark tells nothing."""
    whole = {header_key(name): name for name in promised.names}
    short = {name: _without_remark(header_key(name)) for name in promised.names}
    counts = Counter(short.values())
    alone = {key: name for name, key in short.items() if counts[key] == 1}
    return alone | whole | {header_key(name): to for name, to in promised.aliases.items()}


def _without_remark(key: str) -> str:
    remark = _REMARK.search(key)
    return key if remark is None or _TELLING.search(remark[0]) else key[: remark.start()]


def _fitting(name: str, known: Mapping[str, str], taken: set[str]) -> str:
    key = header_key(name)
    to = known.get(key)
    if to is None:
        to = known.get(_without_remark(key))
        # Two remarks that differ are two columns.
        if to is not None and _REMARK.search(header_key(to)):
            to = None
    return name if to is None or to in taken else to


def footers(rows: pl.DataFrame) -> pl.Series:
    """Row numbers of lines of totals or notes: the first filled cell says so, and about half are empty.

    >>> rows = [("合计", None, None, "120"), ("合计五金厂", "1", "福州", None), (None, "制表人：甲", None, None)]
    >>> footers(pl.DataFrame(rows, orient="row")).to_list()
    [0, 2]
    """
    first = rows.to_series(0)
    likely = (first.is_null() | first.str.contains(_FOOTER)).arg_true()
    if not len(likely):
        return likely
    chosen = rows[likely.to_list()]
    filled = pl.sum_horizontal(pl.all().is_not_null())
    said = pl.coalesce(pl.all()).str.contains(_FOOTER).fill_null(False)
    return likely.filter(chosen.select(said & (2 * filled <= rows.width + 1)).to_series())
