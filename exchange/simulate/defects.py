"""The planted defects: numbers and classes of the project's list of 64, each with its distortion.

`bad`: the row must be quarantined; `repaired`: mended by the hub, its original kept as evidence; `good`: kept as it is
(at most flagged). What an agency's row holds where is said by `feeds`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from exchange.simulate import distorted_values as v
from exchange.simulate import distortions as d

Verdict = Literal["good", "repaired", "bad"]


@dataclass(frozen=True)
class Defect:
    """One of the 64: what it does to a text, what the hub must make of it, and why where it must refuse."""

    title: str
    verdict: Verdict
    change: Callable[[str, int], str]
    reason: str = ""


def as_it_is(text: str, _: int) -> str:
    """The text itself."""
    return text


DEFECTS: dict[int, Defect] = {
    1: Defect("full-width digits and letters", "repaired", d.full_width),
    2: Defect("lower-case letters in an identifier", "repaired", lambda text, _: text.lower()),
    3: Defect("a Cyrillic or Roman letter as X", "repaired", d.wrong_x),
    4: Defect("O for 0 or Z for 2", "repaired", d.lookalike),
    5: Defect("spaces, hyphens or tabs in an identifier", "repaired", d.spaced),
    6: Defect("invisible characters in an identifier", "repaired", d.invisible),
    7: Defect("an apostrophe from a spreadsheet", "repaired", lambda text, _: "'" + text),
    8: Defect("a trailing space", "repaired", lambda text, _: text + " "),
    9: Defect("a citizen id as a float", "bad", d.scientific, "citizen_id_form"),
    10: Defect("an all-digit USCC rounded by a float", "bad", d.rounded, "uscc_check"),
    11: Defect("a character too many or too few", "bad", d.one_off, "length"),
    12: Defect("a citizen id of 15 digits", "repaired", d.fifteen),
    13: Defect("an organisation code in the credit code's column", "repaired", d.org_code_alone),
    14: Defect("an organisation code with a hyphen", "repaired", lambda text, _: text[:8] + "-" + text[8:]),
    15: Defect("a taxpayer number of 15 for a credit code", "repaired", d.taxpayer),
    16: Defect("a citizen id for a credit code", "repaired", as_it_is),
    17: Defect("two numbers in one cell", "good", d.two_numbers),
    18: Defect("a placeholder", "repaired", d.placeholder),
    19: Defect("a masked identifier", "good", d.masked),
    20: Defect("a well-known wrong number", "bad", lambda _, __: "91110000100003962T", "uscc_check"),
    21: Defect("one code on several names", "good", lambda _, __: "91350100M000100Y43"),
    22: Defect("a day that no calendar has", "bad", v.impossible, "date"),
    23: Defect("slash, dot or Chinese dates", "repaired", v.other_form),
    24: Defect("a year of two digits", "good", v.two_digit_year),
    25: Defect("a column of a spreadsheet's day numbers", "repaired", as_it_is),
    26: Defect("milliseconds since 1970", "repaired", v.milliseconds),
    27: Defect("a date as Oracle or Java writes it", "repaired", v.by_machine),
    28: Defect("a sentinel for an open end", "repaired", v.open_end),
    29: Defect("29 February of a common year", "bad", v.not_leap, "date"),
    30: Defect("a date in the future", "good", v.future),
    31: Defect("an end before the beginning", "good", v.before_everything),
    32: Defect("midnight in China as UTC", "repaired", v.in_utc),
    33: Defect("yuan where ten thousand yuan are due", "good", v.in_yuan),
    34: Defect("unit and currency in the amount", "repaired", v.with_unit),
    35: Defect("separators of thousands", "repaired", v.with_commas),
    36: Defect("another list of currencies", "repaired", v.currency_word),
    37: Defect("brackets of another form", "good", d.bracketed),
    38: Defect("有限公司 and 有限责任公司", "good", d.other_form_of_firm),
    39: Defect("another way to write Binhai", "good", d.other_place),
    40: Defect("the former name behind the name", "good", d.former_name),
    41: Defect("a branch named after its parent", "good", d.branch),
    42: Defect("a truncated name", "good", d.truncated),
    43: Defect("spaces in a Chinese word", "repaired", d.gapped),
    44: Defect("characters beyond GBK", "good", d.rare),
    45: Defect("a private-use character of an old font", "repaired", d.private_use),
    46: Defect("a question mark for a rare character", "good", d.lost),
    47: Defect("the wrong middle dot", "repaired", d.dotted),
    48: Defect("a dash of another code table", "repaired", d.other_dash),
    49: Defect("the euro sign as byte 80", "repaired", d.euro),
    50: Defect("a traditional character in a name", "good", d.traditional),
    51: Defect("a Kangxi radical", "repaired", d.radical),
    52: Defect("signs that must not be normalised", "good", d.symbols),
    53: Defect("a byte order mark in the middle", "repaired", lambda text, _: "\ufeff" + text),
    54: Defect("UTF-8 read as GBK", "repaired", d.garbled),
    55: Defect("a line in another encoding", "good", as_it_is),
    56: Defect("a short text that looks like another encoding", "good", lambda _, __: "联通"),
    57: Defect("commas, quotes and line breaks inside", "good", d.broken_lines),
    58: Defect("a line of title or of totals", "bad", as_it_is, "broken_line"),
    59: Defect("typed names in the header", "repaired", as_it_is),
    60: Defect("a structurally broken line", "bad", as_it_is, "broken_line"),
    61: Defect("the same row twice", "good", as_it_is),
    62: Defect("a document number in one of its forms", "good", d.document_number),
    63: Defect("cancelled elsewhere, still active here", "good", lambda _, __: "0"),
    64: Defect("an abolished division code", "good", lambda _, __: "120107"),
}
"""Number in the list of 64 → the defect. Those that leave the text as it is are made where lines are written, but for 16,
whose text comes from another column."""
