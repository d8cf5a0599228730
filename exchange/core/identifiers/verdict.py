"""What a check says about one identifier: never only yes or no.

A repair changes how a number is written and never which number it is. The original stays in the verdict as evidence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "repaired", "suspect", "invalid", "placeholder"]
"""ok: as it should be. repaired: right after a change of writing. suspect: doubtful, kept and marked. invalid: no such
number. placeholder: something that only fills the place."""

SOUND = ("ok", "repaired")

MARKS = "='\"`‘’“”"
"""What spreadsheets put around a number that is to stay a text: an apostrophe before it, or ="…"."""
_BLANKS = "\t\n\v\f\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_UNSEEN = "\x00-\x08\x0e-\x1b\x7f\xad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
_DASHES = "‐‑‒–—―−"
_LETTER = "0-9A-Za-z０-９Ａ-Ｚａ-ｚ"


def _gone(characters: str) -> tuple[str, str]:
    return f"[{characters}]", f"^[^{characters}]*$"


_OPENING = r"(（\[【﹝〖《〈{"

REPAIRS = {
    "repair.lookalike": ("[OIZSoizsＯＩＺＳｏｉｚｓ]", "^[^OIZS]{18}$"),
    "repair.upgraded": (f"^[^{_LETTER}]*(?:[0-9０-９][^{_LETTER}]*){{15}}$", "^[0-9X]{18}$"),
    "repair.excel": _gone(f"{MARKS}＝＇＂｀"),
    "repair.wrong_x": _gone("ⅩⅹХх"),
    "repair.prefix": (
        f"^[^{_LETTER}]*(?:[0０]{{2}}[^{_LETTER}]*)?[8８][6６]|^[^{_LETTER}]*(?:[Ii][Mm][Oo]|[Mm]{{2}}[Ss][Ii])",
        "^(?:[0-79]|8[0-57-9])",
    ),
    "repair.brackets": (f"[{_OPENING}][12][90]", "〔"),
    "repair.separators": (r"[./()\[\]．／（）［］]", r"^[^./()\[\]〔]*$"),
    "repair.full_width": _gone("！-～"),
    "repair.invisible": _gone(_UNSEEN),
    "repair.blanks": _gone(_BLANKS),
    "repair.dash": _gone(_DASHES),
    "repair.hyphen": _gone("-"),
    "repair.case": _gone("a-z"),
}
"""Repair → what the text held before it, and the form of the number after it, the most consequential first (standards §5,
1–12 and 62)."""

_REPAIRS = {rule: (re.compile(had), re.compile(has)) for rule, (had, has) in REPAIRS.items()}


@dataclass(frozen=True)
class Verdict:
    """`rule` decided ("" when the text is right as it stands), or names the most consequential repair.

    `before` is the text as it came, `after` the number as it is to be kept.
    """

    status: Status
    rule: str
    before: str
    after: str

    @property
    def repairs(self) -> tuple[str, ...]:
        """Everything that was changed in the writing, the most consequential first; also of a number that is refused.

        >>> Verdict("repaired", "repair.full_width", "９1 12", "9112").repairs
        ('repair.full_width', 'repair.blanks')
        """
        if self.before == self.after or len(self.before) > LONGEST:
            return ()
        tried = _REPAIRS.items()
        changes = (rule for rule, (had, has) in tried if had.search(self.before) and has.search(self.after))
        return tuple(changes) or ("cleaned",)


def accepted(before: str, after: str) -> Verdict:
    """The verdict on a number that is right: ok as it stands, or repaired, under its most consequential repair.

    >>> accepted(" 35156027-x", "35156027X").rule
    'repair.blanks'
    """
    if before == after:
        return Verdict("ok", "", before, after)
    return Verdict("repaired", Verdict("repaired", "", before, after).repairs[0], before, after)


_COUNTED = "12345678901234567890"

PLACEHOLDERS = frozenset(
    {"", "/", "\\", "-", "--", "---", "*", ".", "..", "...", "....", "0", "N/A", "NA", "NULL", "NONE", "NIL"}
    | {"无", "暂无", "没有", "未知", "空", "不详", "无此项"}
    | {"00000000000000000X"}
    | {_COUNTED[:length] for length in range(6, 21)}
    | {character * length for character in "0123456789X" for length in range(5, 21)}
)
"""Texts that stand in the place of an identifier and are none (standards §5, defect 18)."""

LONGEST = 256
"""Characters. A longer text holds no single identifier; it is left as it is and costs no time."""


def is_placeholder(text: str) -> bool:
    """Whether an identifier's place was filled with something that is no identifier.

    >>> is_placeholder("00000000000000000X"), is_placeholder("91350100M000100Y43")
    (True, False)
    """
    if len(text) > LONGEST:
        return False
    bare = text.strip()
    return (bare.upper() if bare.isascii() else bare) in PLACEHOLDERS


FLOAT_FORM = r"^[0-9]+(?:\.[0-9]+)?E\+[0-9]+$|^[0-9]+\.[0-9]+(?:E[0-9]+)?$"
"""A number as a spreadsheet or a program writes a float: digits behind the 15th are lost, so it is never repaired."""

_FLOAT = re.compile(FLOAT_FORM)


def is_float(number: str) -> bool:
    """Whether a number in its compact form went through a float (standards §5, defects 9 and 10).

    >>> is_float("1.10105E+17"), is_float("911201160759014528.0"), is_float("911201160759014529")
    (True, True, False)
    """
    return len(number) <= LONGEST and _FLOAT.search(number) is not None


def missing(kind: str, before: str, after: str) -> Verdict | None:
    """The verdict where there is nothing or only a part to judge: a placeholder or a masked number; else None.

    A masked number is kept and marked (defect 19); it never replaces a full one.

    >>> missing("uscc", "无", "无").rule, missing("citizen_id", "1201**********0026", "1201**********0026").status
    ('uscc.placeholder', 'suspect')
    """
    if is_placeholder(after):
        return Verdict("placeholder", f"{kind}.placeholder", before, after)
    return Verdict("suspect", "id.masked", before, after) if "*" in after else None


def damage(kind: str, before: str, after: str) -> Verdict | None:
    """`missing`, and numbers that went through a float. Not for free text, where 2019.11 may be a number.

    >>> damage("uscc", "9.11201E+17", "9.11201E+17").rule
    'uscc.float'
    """
    if is_float(after):
        return Verdict("invalid", f"{kind}.float", before, after)
    return missing(kind, before, after)


def compact(text: str) -> str:
    r"""Without blanks, invisible characters and Excel's marks around it; half width; upper case (standards §1.3).

    Dashes of all kinds become hyphens; what a hyphen means is the identifier's own matter. Only letters of ASCII are
    raised: the capital of ſ would be an S that nobody wrote.

    >>> compact("\u200b９１ 350100m000100Y43 "), compact('="91350100M000100Y43"')
    ('91350100M000100Y43', '91350100M000100Y43')
    """
    if len(text) > LONGEST:
        return text
    return text.translate(_COMPACT).strip(MARKS)


def _compacting() -> dict[str, str]:
    half = {chr(code): chr(code - 0xFEE0).upper() for code in range(0xFF01, 0xFF5F)}
    small = {chr(code): chr(code - 32) for code in range(ord("a"), ord("z") + 1)}
    crosses = dict.fromkeys("ⅩⅹХх", "X")
    dropped = re.findall(f"[{_BLANKS}{_UNSEEN}]", "".join(map(chr, range(0x10000))))
    return half | small | crosses | dict.fromkeys(_DASHES, "-") | dict.fromkeys(dropped, "")


COMPACTING = _compacting()
"""Character → what stands for it in a compact form ("": nothing)."""
_COMPACT = str.maketrans(COMPACTING)
