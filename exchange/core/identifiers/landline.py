"""Land line: area code with its 0, seven or eight digits, perhaps an extension; also 400, 800 and service numbers.

Area codes: 010 and 02x with three digits, the others with four. Tianjin is 022 with eight digits; an old number of seven
is doubtful. 400 and 800 have seven digits after them; service numbers begin with 95 or 96 and have five to eight.
No check digit.

>>> [check(number).after for number in ("(022)66200001", "+86-22-66200001", "022—66200001转8", "400-1234-567")]
['02266200001', '02266200001', '02266200001-8', '4001234567']
>>> check("022-6620000").rule, check("022-662").rule
('landline.tianjin', 'landline.form')
"""

from __future__ import annotations

import re

import polars as pl

from exchange.core.identifiers.mobile import COUNTRY
from exchange.core.identifiers.verdict import SOUND, Verdict, accepted, damage
from exchange.core.identifiers.verdict import compact as bare

AREA = r"(?:10|2[0-9]|[3-9][0-9]{2})"
"""An area code without its 0."""
_LOCAL = r"[2-9][0-9]{6,7}"
_EXTENSION = r"(?:(?:-|转|\*)[0-9]{1,6})?"
_SERVICE = r"(?:[48]00(?:-?[0-9]){7}|9[56][0-9]{3,6})"
WRITTEN = (
    rf"(?:(?:(?:{COUNTRY})?(?:\(?0{AREA}\)?-?)?|{COUNTRY}\(?{AREA}\)?-?){_LOCAL}{_EXTENSION}|(?:{COUNTRY})?{_SERVICE})"
)
"""A land line or service number within a text, as people write it."""
FORM = rf"^{WRITTEN}$"
TIANJIN_OLD = r"^\(?022\)?-?[2-9][0-9]{6}(?:$|[-转*])"

_LINE = re.compile(
    rf"(?P<country>{COUNTRY})?(?:\(?(?P<zero>0?)(?P<area>{AREA})\)?-?)?(?P<local>{_LOCAL})"
    r"(?:(?:-|转|\*)(?P<extension>[0-9]{1,6}))?"
)
_PLAIN_SERVICE = re.compile(rf"(?:{COUNTRY})?(?P<number>{_SERVICE})")


def compact(text: str) -> str:
    """Digits with the area code's 0, and `-` before an extension; a text of another form only without blanks.

    >>> compact("（022）6620 0001 - 123"), compact("(0086)400-123-4567")
    ('02266200001-123', '4001234567')
    """
    written = bare(text)
    line, service = _LINE.fullmatch(written), _PLAIN_SERVICE.fullmatch(written)
    if line and (line["zero"] or line["country"] or not line["area"]):
        area = f"0{line['area']}" if line["area"] else ""
        extension = f"-{line['extension']}" if line["extension"] else ""
        return f"{area}{line['local']}{extension}"
    return service["number"].replace("-", "") if service else written


def check(text: str) -> Verdict:
    """Form; then whether a number of Tianjin has its eight digits."""
    number = compact(text)
    lost = damage("landline", text, number)
    if lost is not None:
        return lost
    if not re.fullmatch(FORM, number):
        return Verdict("invalid", "landline.form", text, number)
    if re.match(TIANJIN_OLD, number):
        return Verdict("suspect", "landline.tianjin", text, number)
    return accepted(text, number)


def is_valid(text: str) -> bool:
    """Whether nothing is wrong or doubtful, after `compact`."""
    return check(text).status in SOUND


def format(text: str) -> str:
    """With hyphens after the area code and within a 400 or 800 number.

    >>> format("02266200001转8"), format("4001234567"), format("95588")
    ('022-66200001-8', '400-123-4567', '95588')
    """
    number = re.sub(r"^([48]00)([0-9]{3})([0-9]{4})$", r"\1-\2-\3", compact(text))
    return re.sub(rf"^(0{AREA})({_LOCAL})", r"\1-\2", number)


def form_holds(number: pl.Expr) -> pl.Expr:
    """A land line or service number, compact or as people write it."""
    return number.str.contains(FORM)


def tianjin_holds(number: pl.Expr) -> pl.Expr:
    """After 022 there are eight digits; null where the form is wrong."""
    return pl.when(form_holds(number)).then(~number.str.contains(TIANJIN_OLD))
