"""Amounts of money in every form that agencies write (standards §5, defects 33 to 36).

Amounts are in 万 (10,000 units) with six decimals, so that one 分 is exact. Nothing passes through a float: units shift
the decimal point in the text, and what lies beyond the sixth decimal is rounded half to even.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

import polars as pl

from exchange.core.codes import code_list
from exchange.core.codes.currency import WORDS
from exchange.core.numerals import NUMERAL, PHRASE, amount
from exchange.core.reading import Reading

AMOUNT = pl.Decimal(24, 6)
CNY = "156"

_BARE = r"^[0-9]+(?:\.[0-9]+)?$"
_SIGNS = {"US$": "美元", "HK$": "港元", "¥": "人民币", "￥": "人民币", "€": "欧元", "£": "英镑", "圆": "元"}
_AMOUNT = r"^([^0-9.+-]*)([+-]?[0-9]*\.?[0-9]+(?:E[+-]?[0-9]+)?)(.*)$"
_UNIT = r"^(亿|万)?(元?)(.*)$"
_ONLY_UNIT = r"^[万亿]?元?(?:人民币)?元?$"
_NUMERALS = "0-9.〇零一二三四五六七八九十百千两壹贰叁肆伍陆柒捌玖拾佰仟万亿"
_NAMED = rf"[{_NUMERALS}][{_NUMERALS},，]*[元圆](?:[{_NUMERALS}]角)?(?:[{_NUMERALS}]分)?"
_TORN = "|".join(
    (
        r"[0-9.]\s+[0-9.]",
        r"[0-9.],[0-9]{1,2}(?:[^0-9]|$)|,[0-9]{5}",
        r",[0-9]{3},[0-9]{4}|[0-9]{4},[0-9]{3}(?:[^0-9]|$)|[0-9]{5},[0-9]",
        r"\.[0-9]*,[0-9]|(?:^|[^0-9,])0[0-9]*,[0-9]",
        f"{NUMERAL},{NUMERAL}",
    )
)
"""Digits that are no single number: blanks between them, or commas that don't part groups of three or of four."""
_ROUNDED = r"\.[0-9]{6}[0-9]*[1-9]"

_PLAIN = rf"^[+-]?[0-9]*\.?[0-9]+(?:万(?:{'|'.join(zh for zh, _ in code_list('currency').titles.values())}))?$"
"""A number, or one in 万 with the currency's title behind it: amount and currency say all that was written."""


def amounts(text: pl.Series, *, bare_is_wan: bool) -> Reading:
    """A column of amounts in 万; `bare_is_wan`: what a number without any unit counts. The currency goes beside."""
    if bare_is_wan and text.str.contains(_BARE).fill_null(True).all():
        values = text.cast(AMOUNT, strict=False)
        return Reading(
            values,
            faults={"money.unreadable": values.is_null() & text.is_not_null()},
            flags={"cleaned": text.str.contains(_ROUNDED) & values.is_not_null()},
        )
    bare = _bare(text)
    parts = bare.str.replace_all(r"[()\[\]]", "").str.extract_groups(_AMOUNT).struct.unnest()
    unit = parts.to_series(2).str.extract_groups(_UNIT).struct.unnest()
    power, yuan, behind = (unit.to_series(place) for place in range(3))
    currency, strange = _currency(parts.to_series(0), behind)
    united = (power.fill_null("") != "") | (yuan.fill_null("") != "")
    in_yuan = (power.fill_null("") == "") & (united | currency.is_not_null() | (not bare_is_wan))
    number = parts.to_series(1)
    values = in_wan(number, hundred_million=power == "亿", in_yuan=in_yuan)
    no_amount = bare.str.contains(_ONLY_UNIT).fill_null(False)
    values = values.set(strange, None)
    # ￥5,000,000.00 is in 元: its 分 are written.
    assumed = currency.is_not_null() & ~united & bare_is_wan & ~number.str.contains(r"\.[0-9]{2}$")
    return Reading(
        values,
        faults={
            "money.currency": strange,
            "money.unreadable": values.is_null() & text.is_not_null() & ~no_amount & ~strange,
        },
        flags={
            "money.no_amount": no_amount,
            "money.unit_assumed": bare.str.contains(r"^[0-9.]+\(\)$").fill_null(False) | assumed,
            "cleaned": (~text.str.contains(_PLAIN) | text.str.contains(_ROUNDED)) & values.is_not_null(),
        },
        beside={"currency": currency},
        usual={"currency": pl.repeat(CNY, len(text), eager=True).set(~united | strange, None)},
    )


def _currency(before: pl.Series, behind: pl.Series) -> tuple[pl.Series, pl.Series]:
    """The currency named before or behind a number, and where a word there is none or both name different ones."""
    words = [word.set(word == "", None) for word in (before, behind)]
    first, last = (word.replace_strict(WORDS, default=None, return_dtype=pl.String) for word in words)
    unknown = (words[0].is_not_null() & first.is_null()) | (words[1].is_not_null() & last.is_null())
    return last.zip_with(last.is_not_null(), first), unknown | (first != last).fill_null(False)


def _bare(text: pl.Series) -> pl.Series:
    """Upper case without blanks, separators of thousands and 整; signs of currencies as words, numerals as digits;
    null where the digits are no single number."""
    bare = text.str.replace_all(r"\s*[,，]\s*", ",")
    bare = bare.set(bare.str.contains(_TORN).fill_null(False), None)
    bare = bare.str.replace_all(r"[,\s]", "").str.to_uppercase().str.replace("[整正]([)]*)$", "$1")
    bare = bare.str.replace_many(list(_SIGNS), list(_SIGNS.values()))
    spelt = bare.filter(bare.str.contains(PHRASE.pattern).fill_null(False)).unique().to_list()
    return bare.replace(spelt, [_spelt_out(one) for one in spelt]) if spelt else bare


def _spelt_out(text: str) -> str:
    """The phrase of numerals in the text as digits, in 元 where it had a unit; as it is where it can't be read.

    >>> _spelt_out("人民币伍佰万元"), _spelt_out("三(万美元)"), _spelt_out("500(万美元)")
    ('人民币5000000元', '3(万美元)', '500(万美元)')
    """
    found = PHRASE.search(text)
    value = amount(found[0]) if found else None
    if found is None or value is None or found[0].strip("0123456789.") in ("万", "亿", "万元", "亿元"):
        return text
    unit = "元" if any(one in found[0] for one in "万亿元角分") else ""
    return f"{text[: found.start()]}{value:f}{unit}{text[found.end() :]}"


def in_wan(number: pl.Series, *, hundred_million: pl.Series, in_yuan: pl.Series) -> pl.Series:
    """Numbers as texts, in 万: the decimal point moves four places to the right (亿) or to the left (元).

    >>> yes, no = pl.Series([True]), pl.Series([False])
    >>> in_wan(pl.Series(["123456789012345678.99"]), hundred_million=no, in_yuan=yes)[0]
    Decimal('12345678901234.567899')
    """
    power = number.str.contains("E")
    if power.any():
        texts = number.filter(power.fill_null(False)).unique().to_list()
        number = number.replace(texts, [_without_exponent(text) for text in texts])
    hundred_million, in_yuan = hundred_million.fill_null(False), in_yuan.fill_null(False)
    if not (hundred_million | in_yuan).any():
        return number.cast(AMOUNT, strict=False)
    parts = number.str.extract_groups(r"^([+-]?)([0-9]*)\.?([0-9]*)$").struct.unnest()
    sign, whole, part = (parts.to_series(place) for place in range(3))
    left, right = whole.str.zfill(5), part.str.pad_end(4, "0")
    yuan = sign + left.str.head(-4) + "." + left.str.tail(4) + part
    yi = sign + whole + right.str.head(4) + "." + right.str.slice(4)
    moved = yuan.zip_with(in_yuan, yi).zip_with(in_yuan | hundred_million, number)
    return moved.cast(AMOUNT, strict=False)


def _without_exponent(text: str) -> str | None:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return f"{value:f}" if abs(value.adjusted()) <= 24 else None


def disagrees(text: pl.Series, amount_in_wan: pl.Series) -> pl.Series:
    """Where a text names amounts and the number beside it, in 万, is none of them nor their sum (defect 33).

    `罚款2000元` beside 0.2 agrees; beside 2000 the number was meant in 元. Null where the text names no amount.

    >>> disagrees(pl.Series(["罚款2000元", "罚款2000元", "警告"]), pl.Series(["0.2", "2000", "1"]).cast(AMOUNT)).to_list()
    [False, True, None]
    """
    rows = pl.DataFrame({"named": text.str.extract_all(_NAMED), "given": amount_in_wan}).with_row_index("row")
    named = rows.select("row", "given", "named").explode("named").drop_nulls()
    named = named.with_columns(amounts(named["named"], bare_is_wan=False).values.alias("value")).drop_nulls()
    found = named.group_by("row", "given").agg(
        one=(pl.col("value") == pl.col("given")).any(), total=pl.col("value").sum()
    )
    judged = found.select("row", differs=~(pl.col("one") | (pl.col("total") == pl.col("given"))))
    return rows.join(judged, on="row", how="left", maintain_order="left")["differs"].alias(text.name)
