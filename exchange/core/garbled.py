"""Text that was read in the wrong encoding before it came here (standards §5, defects 54 and 56).

UTF-8 read as GBK (澶╂触 for 天津) is turned back only if every character goes back to bytes that are UTF-8, and what
they say is ordinary Chinese (rare characters of names aside) while what came is less so. No detector is asked: below
some hundred bytes they guess.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

import polars as pl

LOST = "\ufffd|锟斤拷"
"""What is left where undecodable bytes were replaced (U+FFFD, and its UTF-8 read as GBK): lost for ever."""
HAN_LEADS = range(0xE4, 0xEA)
"""First bytes in UTF-8 of U+4000–U+9FFF."""
_MIDDLE = range(0x80, 0xC0)
_STRANGE = re.compile(rb"(?:[\x00-\x7f]|[\xa1-\xa3\xb0-\xf7].)*[\xa4-\xaf]", re.DOTALL)
"""Up to a pair of rows 4 to 15 of GB 2312."""

_FEW = 4
_COMMONEST = re.compile(rb"(?:[\x00-\x7f]|[\xa1-\xa3\xb0-\xd7][\xa1-\xfe])*", re.DOTALL)
"""ASCII, signs, and the characters of GB 2312's first level."""


@cache
def likely() -> str:
    """Two characters of GBK whose four bytes are a Han character of UTF-8 and the beginning of another."""
    first = _class((lead, trail) for lead in HAN_LEADS for trail in _MIDDLE)
    second = _class((lead, trail) for lead in _MIDDLE for trail in HAN_LEADS)
    return first + second


def _class(pairs: Iterable[tuple[int, int]]) -> str:
    texts = (bytes(pair).decode("gb18030", "ignore") for pair in pairs)
    return f"[{''.join(sorted({text for text in texts if len(text) == 1}))}]"


def restored(text: pl.Series) -> tuple[pl.Series, pl.Series]:
    """The text with garbled cells turned back, and where a cell is garbled beyond that (Boolean).

    >>> [values, lost] = restored(pl.Series(["澶╂触婊ㄦ捣鏂板尯", "天津滨海新区", "澶╂触婊ㄦ捣鏂?"]))
    >>> values.to_list(), lost.to_list()
    (['天津滨海新区', '天津滨海新区', '澶╂触婊ㄦ捣鏂?'], [False, False, True])
    """
    rows = text.str.contains(likely()).fill_null(False).arg_true()
    lost = pl.repeat(False, len(text), eager=True)
    if not len(rows):
        return text, lost
    turned = [turned_back(cell) for cell in text.gather(rows)]
    known = [at for at, cell in enumerate(turned) if cell is not None]
    half = [at for at, cell in enumerate(text.gather(rows)) if turned[at] is None and _is_cut(cell)]
    values = text.clone().scatter(rows.gather(known), [turned[at] for at in known]) if known else text
    return values, lost.scatter(rows.gather(half), True) if half else lost


def turned_back(text: str) -> str | None:
    """UTF-8 that was read as GBK, as it was meant; None for every other text.

    >>> turned_back("澶╂触"), turned_back("联通"), turned_back("浣")
    ('天津', None, None)
    """
    try:
        meant = text.encode("gb18030").decode("utf-8")
    except UnicodeError:
        return None
    return meant if _is_plainer(meant, text) else None


def _is_plainer(meant: str, text: str) -> bool:
    """What was meant has few strange characters (rare ones stand in names), and a smaller share of them; a word of less than
    four characters, for which many a real name can be taken, has none but the commonest."""
    if len(meant) < _FEW and not _COMMONEST.fullmatch(meant.encode("gb18030")):
        return False
    few, many = strange(meant), strange(text)
    return 4 * few <= len(meant) and many * len(meant) > few * len(text)


def strange(text: str) -> int:
    """How many characters are neither ASCII nor punctuation, numbers or Han characters of GB 2312.

    >>> strange("天津（集团）公司"), strange("澶╂触"), strange("天津鋆公司")
    (0, 1, 1)
    """
    return 0 if _is_ordinary(text) else sum(not _is_ordinary(one) for one in text)


def _is_ordinary(text: str) -> bool:
    try:
        coded = text.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return _STRANGE.match(coded) is None


def _is_cut(text: str) -> bool:
    """Garbled, and its last byte gone: an odd number of bytes has no last pair in GBK."""
    try:
        text.rstrip("?？\ufffd").encode("gb18030").decode("utf-8")
    except UnicodeEncodeError:
        return False
    except UnicodeDecodeError as error:
        if error.reason != "unexpected end of data":
            return False
        head = error.object[: error.start].decode("utf-8")
        return len(head) > 1 and _is_plainer(head, text.rstrip("?？\ufffd"))
    return False
