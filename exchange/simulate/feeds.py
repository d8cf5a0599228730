"""What each agency holds of the world, in its own words, and which defects its rows have.

Every function makes the rows of any range of a feed alone: `ordinal` (place in the feed), `world` (index of the
company or resident), then the agency's columns as texts (null = not given), then `defect`, `verdict`, `reason`.
`version` > 0 is the state of a later day, or `SAME_DAY` a second one of day 0: another phone and address.
"""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from exchange.simulate import addresses, identifiers
from exchange.simulate.draw import days, draw, joined, pick
from exchange.simulate.plant import Planted, plant
from exchange.simulate.world import World, firms, people

MARKET, CUSTOMS, POLICE = "market_regulation_companies", "customs_enterprises", "public_security_residents"

SAME_DAY = 10_000
"""The version of a row that an agency sent twice, changed, within day 0."""

MARKET_DEFECTS = (
    *(Planted(number, "uniscid") for number in (1, 5, 6, 7, 11, 20)),
    Planted(4, "uniscid", 2, "^.{10}.*[02]."),
    Planted(10, "uniscid", 12, "^[0-9]{18}$"),
    *(Planted(number, "cerno", 10, "X$") for number in (2, 3)),
    *(Planted(number, "cerno") for number in (8, 19)),
    Planted(12, "cerno", 2, "^.{6}19"),
    Planted(21, "uniscid"),
    Planted(18, "tel"),
    *(Planted(number, "opto", 2) for number in (28, 31)),
    Planted(30, "apprdate"),
    *(Planted(number, "regcap") for number in (33, 34)),
    Planted(35, "regcap", 3, r"^[0-9]{4}\."),
    Planted(36, "regcapcur", 4),
    *(Planted(number, "entname") for number in (37, 40, 41, 42)),
    Planted(38, "entname", 2, "有限"),
    Planted(39, "entname", 4, "天津市滨海新区"),
    *(Planted(number, "name") for number in (43, 44, 45, 46, 47, 50, 51)),
    Planted(54, "entname", 3),
    *(Planted(number, "opscope") for number in (48, 52, 57, 62)),
    Planted(64, "regorg"),
)
CUSTOMS_DEFECTS = (
    *(Planted(number, "统一社会信用代码") for number in (1, 5, 6, 7, 20)),
    Planted(4, "统一社会信用代码", 2, "^.{10}.*[02]."),
    *(Planted(number, "法人证件号", 10, "X$") for number in (2, 3)),
    *(Planted(number, "法人证件号") for number in (8, 11, 19)),
    Planted(9, "法人证件号", 2, "^[0-9]{18}$"),
    Planted(12, "法人证件号", 2, "^.{6}19"),
    Planted(14, "组织机构代码", 3),
    *(Planted(number, "统一社会信用代码") for number in (13, 17)),
    # Its tenth and eleventh digit are no month: it can't be taken for an old citizen id.
    Planted(15, "统一社会信用代码", 3, "^.{10}[2-9]"),
    Planted(16, "统一社会信用代码", 2, "^[0-9]{17}", taken="法人证件号"),
    Planted(18, "联系电话"),
    *(Planted(number, "注册日期", 1) for number in (22, 29)),
    Planted(23, "注册日期", 6),
    *(Planted(number, "注册日期", 2) for number in (24, 27)),
    Planted(28, "报关有效期", 2),
    *(Planted(number, "企业名称") for number in (37, 42)),
    Planted(38, "企业名称", 2, "有限"),
    Planted(39, "企业名称", 4, "天津市滨海新区"),
    *(Planted(number, "法定代表人") for number in (43, 44, 46, 47, 50, 51)),
    *(Planted(number, "经营类别", 2) for number in (49, 56)),
    Planted(53, "海关注册编码", 2),
    # An odd number of Han characters has an odd number of bytes in UTF-8, which no GB 18030 ends before a comma.
    Planted(55, "企业名称", 8, r"^.(?:..)*$"),
    Planted(57, "工商注册地址", 20),
    Planted(60, "海关注册编码", 5),
    Planted(63, "注销标志", 20, "^1$"),
)
POLICE_DEFECTS = (
    *(Planted(number, "GMSFHM") for number in (1, 5, 6, 7, 8, 11)),
    *(Planted(number, "GMSFHM", 10, "X$") for number in (2, 3)),
    Planted(9, "GMSFHM", 2, "^[0-9]{18}$"),
    Planted(12, "GMSFHM", 2, "^.{6}19"),
    Planted(18, "LXDH"),
    *(Planted(number, "CSRQ") for number in (22, 29)),
    Planted(23, "CSRQ", 3),
    Planted(28, "JMSFZJYXQJZRQ", 20),
    *(Planted(number, "JMSFZJYXQQSRQ") for number in (26, 30, 32)),
    Planted(31, "JMSFZJYXQJZRQ", 1, "^[0-9]{8}$"),
    Planted(39, "JZXZ", 3),
    Planted(52, "JZXZ"),
    *(Planted(number, "XM") for number in (43, 44, 45, 46, 47, 50, 51)),
    Planted(64, "XZQH"),
)


def _moved(rows: pl.DataFrame, seed: int, version: int) -> pl.DataFrame:
    """The companies with the phone and address of a later version."""
    if version == 0:
        return rows
    again = f"version.{version}"
    return rows.with_columns(
        identifiers.mobiles(draw(rows["index"], seed, again)).alias("phone"),
        addresses.offices(rows["index"], seed + version).alias("address"),
    )


def market(world: World, index: pl.Series, version: int = 0) -> pl.DataFrame:
    """Rows of the business register for companies `index`; `update_time` as text with its zone."""
    truth = _moved(firms(index, world.seed), world.seed, version)
    stand = pl.lit(world.day(version)).cast(pl.Datetime("us")) - pl.duration(minutes=30)
    seconds = pl.col("age_seconds") if version == 0 else pl.col("age_seconds") % 40_000
    rows = truth.select(
        pl.col("index").alias("ordinal"),
        pl.col("index").alias("world"),
        pl.col("register_id").alias("pripid"),
        pl.col("uscc").alias("uniscid"),
        pl.col("reg_no").alias("regno"),
        pl.col("name").alias("entname"),
        pl.col("entity_type").alias("enttype"),
        pl.col("representative").alias("name"),
        pl.lit("10").alias("certype"),
        pl.col("representative_id").alias("cerno"),
        pl.col("capital").alias("regcap"),
        pl.lit("156").alias("regcapcur"),
        pl.col("established").alias("estdate"),
        pl.col("established").alias("opfrom"),
        pl.col("term_to").alias("opto"),
        pl.col("approved").alias("apprdate"),
        pl.col("address").alias("dom"),
        pl.col("scope").alias("opscope"),
        pl.col("authority").alias("regorg"),
        pl.col("status").alias("regstate"),
        pl.col("industry").alias("industryco"),
        pl.col("phone").alias("tel"),
        pl.col("postcode").alias("postalcode"),
        (stand - pl.duration(seconds=seconds)).dt.strftime("%Y-%m-%d %H:%M:%S+00").alias("update_time"),
    )
    return plant(rows, MARKET_DEFECTS, world.seed, MARKET)


HOUSES = pl.Series(["新港海关", "东疆保税港区海关", "天津新区海关"])
TRADES = pl.Series(["进出口货物收发货人"] * 4 + ["报关企业", "保税仓库"])


def customs(world: World, trader: pl.Series, version: int = 0) -> pl.DataFrame:
    """Rows of the customs register for traders `trader`: trader k is company 3 k."""
    truth = _moved(firms(trader.cast(pl.UInt64) * 3, world.seed), world.seed, version)
    drawn = draw(trader, world.seed, "customs.row")
    rows = truth.select(
        trader.alias("ordinal"),
        pl.col("index").alias("world"),
        identifiers.customs_codes(trader, world.seed).alias("海关注册编码"),
        pl.col("uscc").alias("统一社会信用代码"),
        pl.col("org_code").alias("组织机构代码"),
        pl.col("name").alias("企业名称"),
        pl.format("BINHAI {} TRADING CO., LTD.", pl.col("register_id").str.slice(10)).alias("企业英文名称"),
        pick(drawn, HOUSES).alias("注册海关"),
        pl.col("established").alias("注册日期"),
        pick(drawn // 100, days("2026-01-01", 1_500)).alias("报关有效期"),
        pick(drawn // 1_000_000, TRADES).alias("经营类别"),
        pl.col("industry").alias("行业种类"),
        pl.col("representative").alias("法定代表人"),
        pl.col("representative_id").alias("法人证件号"),
        pl.col("phone").alias("联系电话"),
        pl.col("address").alias("工商注册地址"),
        pl.when(pl.col("status") == "4").then(pl.lit("1")).otherwise(pl.lit("0")).alias("注销标志"),
    )
    return plant(rows, CUSTOMS_DEFECTS, world.seed, CUSTOMS)


ETHNIC = pl.Series(["01"] * 40 + ["02", "03", "11", "15"])
EDUCATION = pl.Series(["10", "20", "20", "30", "40", "60", "60", "70", "80", "90"])
MARITAL = pl.Series(["10", "20", "20", "20", "30", "40", "90"])
WORK = pl.Series(["职员", "工程师", "教师", "司机", "会计", "装卸工", "船员", None])
HOUSEHOLDS = pl.Series(["10", "20", "20", "20"])
CANCELLED = pl.Series(["0"] * 48 + ["1", "2"])
RESIDENT_SPAN = timedelta(days=600)


def residents(world: World, index: pl.Series, version: int = 0) -> pl.DataFrame:
    """Rows of the resident register for residents `index`; `GXSJ` is Int64 epoch milliseconds, rising with the index.

    Two neighbours share one GXSJ, as rows of one transaction do.
    """
    truth = people(index, world.seed)
    drawn = draw(index, world.seed, "resident.row")
    moved = draw(index, world.seed, f"version.{version}")
    home = truth["home"] if version == 0 else addresses.homes(index, world.seed + version)
    phone = truth["phone"] if version == 0 else identifiers.mobiles(moved)
    since = pick(drawn // 7, days("2008-01-01", 5_000)).str.replace_all("-", "")
    until = joined((since.str.slice(0, 4).cast(pl.UInt32) + 20).cast(pl.String), since.str.slice(4, 2), "28")
    absent = pl.lit(None, dtype=pl.String)
    rows = truth.select(
        index.alias("ordinal"),
        pl.col("index").alias("world"),
        joined("120116000000", identifiers.numbers(index, 8)).alias("RKBS"),
        pl.col("id_no").alias("GMSFHM"),
        pl.col("name").alias("XM"),
        absent.alias("CYM"),
        pl.when("male").then(pl.lit("1")).otherwise(pl.lit("2")).alias("XB"),
        pick(drawn, ETHNIC).alias("MZ"),
        pl.col("born").str.replace_all("-", "").alias("CSRQ"),
        pl.col("division").alias("JGSSXQ"),
        pick(drawn // 100, EDUCATION).alias("WHCD"),
        pick(drawn // 10_000, MARITAL).alias("HYZK"),
        pick(drawn // 100_000, WORK).alias("ZY"),
        absent.alias("FWCS"),
        since.alias("JMSFZJYXQQSRQ"),
        until.alias("JMSFZJYXQJZRQ"),
        home.alias("JZXZ"),
        pl.col("home").alias("HJSZD"),
        pick(drawn // 1_000_000, HOUSEHOLDS).alias("HKXZ"),
        phone.alias("LXDH"),
        pick(drawn // 10_000_000, CANCELLED).alias("ZXZT"),
        pl.lit("120116").alias("XZQH"),
        _changed_at(world, index, version).alias("GXSJ"),
    )
    return plant(rows, POLICE_DEFECTS, world.seed, POLICE)


def _changed_at(world: World, index: pl.Series, version: int) -> pl.Series:
    """Epoch milliseconds: day 0's rows over the 600 days before its eve, rows of a later version on their own day."""
    day_ms = 86_400_000
    day = world.day(0 if version == SAME_DAY else version)
    midnight = (day - date(1970, 1, 1)).days * day_ms
    pair = index.cast(pl.Int64) // 2
    if version > 0:
        return midnight - 80_000_000 + pair % 70_000_000
    span_ms = RESIDENT_SPAN.days * day_ms
    step = span_ms // (world.residents_on(0) // 2 + 1)
    return midnight - day_ms - span_ms + pair * step
