"""Addresses: the key by which they are compared, and the parts by which they are blocked (standards §5, defect 39).

The stored address stays as it came. Both functions are for keys: they give the best reading, not a certain one.
"""

from __future__ import annotations

import polars as pl

from exchange.core.numerals import in_digits

PARTS = ("province", "city", "district", "town", "road", "number", "estate", "building", "unit", "room")
"""Columns of `parts`, all String, null where an address does not say; frozen, keys depend on them."""

_BINHAI = (
    r"^(?:中国)?(?:(?:(?:天津市?|津)(?:市辖区)?)?(?:滨海新区)?(塘沽|汉沽|大港)区"
    r"|(?:(?:天津市?|津)(?:市辖区)?(?:滨海新区)?|滨海新区)(?:天津)?(?:经济技术)?(开发区|东疆|中新)"
    r"|(?:(?:天津市?|津)(?:市辖区)?)?滨海新区)"
)
"""Every way to begin an address in Binhai; before November 2009 its three districts stood in the place of it."""
_TIANJIN = r"^(?:中国)?天津市?(?:市辖区)?"
_PUNCTUATION = r"[\s,，、。;；:：\-—#\u200b-\u200f\u2060\ufeff]+"
_BETWEEN_DIGITS, _KEPT = r"([0-9])[\-—]([0-9])", "\x01"
"""3-1号 is not 31号: a dash between digits stays."""

_SHAPE = (
    r"^(?P<province>北京市|天津市?|上海市|重庆市|\p{Han}{2,3}省|\p{Han}{2,8}?自治区)?(?:市辖区)?"
    r"(?P<city>\p{Han}{2,6}?(?:市|自治州|地区))?"
    r"(?P<district>滨海新区|\p{Han}{1,5}?(?:区|县|旗))?"
    r"(?P<town>\p{Han}{2,8}?(?:街道|镇|乡))?"
    r"(?P<road>[\p{Han}0-9]{1,12}?(?:大街|大道|公路|马路|支路|路|街|道|胡同|巷|线))?"
    r"(?P<number>[0-9]+(?:-[0-9]+)?号)?"
    r"(?P<estate>[\p{Han}0-9A-Z]{1,15}?(?:小区|新村|花园|公寓|家园|大厦|广场|中心|写字楼|产业园|工业园|园区|苑|里|园|城|村))?"
    r"(?P<building>(?:[0-9A-Z]+|[东西南北主附]|[\p{Han}]{1,2})(?:栋|座|幢|楼|厂房))?"
    r"(?P<unit>[0-9A-Z]+(?:单元|门))?(?:[0-9]+(?:层|楼))?"
    r"(?P<room>[0-9A-Z]+(?:-[0-9A-Z]+)*)?(?:室|号房|房间|房|户|号)?(?:[(（].*)?$"
)


def _narrow(text: pl.Series) -> pl.Series:
    """NFKC, upper case, no blanks, numerals in digits."""
    plain = text.str.normalize("NFKC").str.to_uppercase().str.replace_all(r"[\s\u200b-\u200f\u2060\ufeff]+", "")
    return plain.to_frame("t").select(in_digits(pl.col("t"))).to_series()


def key(text: pl.Series) -> pl.Series:
    """One text for an address however its beginning, width, numerals and punctuation are written; null if empty.

    >>> texts = ["天津市滨海新区第三大街10号", "天津滨海新区第3大街10号", "滨海新区第三大街１０号", "津滨海新区第三大街10号"]
    >>> key(pl.Series(texts)).unique().to_list(), key(pl.Series(["塘沽区上海道1号"])).item()
    (['天津滨海新区第3大街10号'], '天津滨海新区塘沽上海道1号')
    """
    # A digit between two dashes belongs to two matches, which one pass can't both see.
    dashed = (
        _narrow(text).str.replace_all(_BETWEEN_DIGITS, f"$1{_KEPT}$2").str.replace_all(_BETWEEN_DIGITS, f"$1{_KEPT}$2")
    )
    bare = dashed.str.replace_all(_PUNCTUATION, "").str.replace_all(_KEPT, "-", literal=True)
    bare = bare.str.replace(_BINHAI, "天津滨海新区$1$2").str.replace(_TIANJIN, "天津")
    return bare.set(bare == "", None)


def parts(text: pl.Series) -> pl.DataFrame:
    """The parts of addresses, a column each (`PARTS`). An address that has another order leaves its parts null.

    >>> parts(pl.Series(["天津市滨海新区新港二号路3号滨海大厦B座2门1001室"])).row(0)
    ('天津', None, '滨海新区', None, '新港2号路', '3号', '滨海大厦', 'B座', '2门', '1001')
    >>> parts(pl.Series(["滨海新区塘沽街道示例里3号楼2单元501"])).row(0)
    (None, None, '滨海新区', '塘沽街道', None, None, '示例里', '3栋', '2单元', '501')
    """
    bare = _narrow(text).str.replace_all("[,，、。;；:：]", "").str.replace_all("号(?:住宅)?楼", "栋")
    bare = bare.str.replace("([0-9]+)-([0-9]+)-([0-9]{3,4})室?$", "${1}栋${2}门${3}")
    found = bare.str.extract_groups(_SHAPE).struct.unnest().select(PARTS)
    return found.with_columns(pl.col("province").str.replace("^(北京|天津|上海|重庆)市$", "$1"))
