"""Chinese numerals: 二〇一六, 三十一, 伍佰, 壹仟贰佰叁拾肆万伍仟元整.

Days and house numbers are rewritten over whole columns; amounts, whose places add up, are read one text at a time.
"""

from __future__ import annotations

import re
from decimal import Decimal

import polars as pl

_FORMAL = dict(
    zip("壹贰叁肆伍陆柒捌玖拾佰仟圆两貳參陸廿卅○零", "一二三四五六七八九十百千元二二三六二三〇〇", strict=True)
)
_FORMAL |= {"廿": "二十", "卅": "三十"}
_DIGITS = dict(zip("〇一二三四五六七八九", "0123456789", strict=True))
_PLACES = {"十": 10, "百": 100, "千": 1_000}

NUMERAL = "[〇○零一二三四五六七八九十廿卅两壹贰叁肆伍陆柒捌玖拾貳參陸]"
"""A character of a number below 100, ordinary or formal."""
PHRASE = re.compile(
    "[0-9.]*[〇○零一二三四五六七八九十百千廿卅两壹贰叁肆伍陆柒捌玖拾佰仟貳參陸万亿][0-9.〇○零一二三四五六七八九十百千"
    "廿卅两壹贰叁肆伍陆柒捌玖拾佰仟貳參陸万亿元圆角分]*|[0-9.]+[元圆][0-9.]+角(?:[0-9.]+分)?"
)
"""An amount that is more than digits and one unit."""
_AMOUNT = re.compile(
    r"(?:(?P<yi>[^万亿元角分]+)亿)?(?:(?P<wan>[^万亿元角分]+)万)?(?P<rest>[^万亿元角分]*?)(?P<yuan>元?)"
    r"(?:〇?(?P<jiao>[^万亿元角分])角)?(?:〇?(?P<fen>[^万亿元角分])分)?"
)
_SIZES = {"yi": "1e8", "wan": "1e4", "rest": "1", "jiao": "0.1", "fen": "0.01"}

_PLACED = re.compile(r"(?:〇*([0-9]*\.?[0-9]+|[一二三四五六七八九]))?([十百千])")
_SPELT = re.compile(rf"(?P<placed>(?:{_PLACED.pattern})+)(?:(?P<gap>〇*)(?P<below>[0-9]+|[一二三四五六七八九]))?")


def in_digits(text: pl.Expr) -> pl.Expr:
    """Numbers below 100 and runs of single numerals in digits; every other character as it is.

    >>> pl.select(in_digits(pl.lit("二〇一六年十二月三十一日"))).item(), pl.select(in_digits(pl.lit("第十大街"))).item()
    ('2016年12月31日', '第10大街')
    """
    plain = text.str.replace_many(list(_FORMAL), list(_FORMAL.values()))
    plain = plain.str.replace_all("([一二三四五六七八九])十([一二三四五六七八九])", "$1$2")
    plain = plain.str.replace_all("([一二三四五六七八九])十", "${1}0").str.replace_all(
        "十([一二三四五六七八九])", "1$1"
    )
    return plain.str.replace_many(["十", *_DIGITS], ["10", *_DIGITS.values()])


def _section(text: str) -> Decimal | None:
    """A number below 10,000: digits, single numerals in a row, or numerals with their places (一千二百三十四, 5百).

    What follows the last place fills every place below it or stands after 〇; 三千五 may be 3,005 or 3,500: None.
    """
    if re.fullmatch(r"[0-9]+(?:\.[0-9]+)?", text):
        return Decimal(text)
    if re.fullmatch("[〇一二三四五六七八九]+", text):
        return Decimal("".join(_DIGITS[one] for one in text))
    spelt = _SPELT.fullmatch(text)
    if spelt is None:
        return None
    total, last = Decimal(0), 10_000
    for number, place in _PLACED.findall(spelt["placed"]):
        size = _PLACES[place]
        if size >= last or (not number and size > 10):
            return None
        total += Decimal(_DIGITS.get(number, number) or "1") * size
        last = size
    below, places = spelt["below"], len(str(last)) - 1
    if below is None:
        return total
    fits = len(below) == places or (spelt["gap"] and len(below) < places)
    return total + Decimal(_DIGITS.get(below, below)) if fits else None


def amount(phrase: str) -> Decimal | None:
    """What a phrase of numerals, 万, 亿, 元, 角 and 分 counts; None where it can't be read, or in two ways (3万5元).

    >>> amount("伍佰万元"), amount("壹仟贰佰叁拾肆万伍仟元"), amount("3元5角"), amount("壹仟元零伍分"), amount("3万5元")
    (Decimal('5000000'), Decimal('12345000'), Decimal('3.5'), Decimal('1000.05'), None)
    """
    parts = _AMOUNT.fullmatch("".join(_FORMAL.get(one, one) for one in phrase))
    if parts is None or not any(parts[name] for name in _SIZES):
        return None
    scaled = bool(parts["yi"] or parts["wan"])
    if scaled and re.fullmatch("[1-9一二三四五六七八九]", parts["rest"]):
        return None
    total = Decimal(0)
    for name, size in _SIZES.items():
        value = _section(parts[name]) if parts[name] else Decimal(0)
        if value is None:
            return None
        total += value * Decimal(size)
    return Decimal(f"{total:f}").normalize() + 0
