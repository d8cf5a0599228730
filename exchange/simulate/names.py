"""Names put together at random: people from surnames and given characters, companies from invented syllables."""

from __future__ import annotations

import polars as pl

from exchange.simulate.draw import draw, joined, pick

SURNAMES = pl.Series(
    list("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎")
    + list("王李张刘陈杨赵黄周吴孙马胡郭于")
    + ["欧阳", "司马", "上官", "诸葛"]
)
MALE = pl.Series(list("建国志强伟军磊涛明超勇杰鹏辉浩宇轩泽博文凯波刚毅峰海山川林森昊天翔龙飞成安康平和"))
FEMALE = pl.Series(list("芳娜秀英敏静丽艳娟霞玲桂兰雪梅洁琳颖慧佳怡欣婷雨萌思彤月晴岚瑶琪璐珊薇蓉菲妍清"))

PLACES = pl.Series(["天津滨海新区", "天津市滨海新区", "天津", "天津市", "天津经济技术开发区", "天津东疆", "滨海新区"])
FIRST = pl.Series(list("泓澜骏瑞翊晟昱铄恺煜沐禾麟珞璟钧鋆垚翎霖澄韵骥瀚昕朗砺屹崧淳"))
SECOND = pl.Series(list("泰邦腾通达恒信源利辰隆盛祥和茂合嘉畅捷凌越途洲港舟航锐科智域"))
THIRD = pl.Series(["", "", *list("尔诺德森兴元一方联卓唯拓创鼎维安迪纳特")])

TRADES = pl.DataFrame(
    [
        ("国际贸易", "F", "5181"),
        ("商贸", "F", "5211"),
        ("金属材料", "F", "5164"),
        ("粮油", "F", "5111"),
        ("货物运输", "G", "5431"),
        ("远洋航运", "G", "5521"),
        ("港口服务", "G", "5532"),
        ("国际货运代理", "G", "5821"),
        ("仓储", "G", "5920"),
        ("软件科技", "I", "6513"),
        ("系统集成", "I", "6531"),
        ("融资租赁", "J", "6631"),
        ("房地产开发", "K", "7010"),
        ("投资管理", "L", "7212"),
        ("工程技术", "M", "7320"),
        ("医药", "C", "2710"),
        ("矿山机械", "C", "3511"),
        ("电子设备", "C", "3912"),
        ("食品加工", "C", "1311"),
        ("建筑工程", "E", "4710"),
        ("热力发电", "D", "4411"),
        ("餐饮管理", "H", "6210"),
    ],
    schema=["trade", "section", "industry"],
    orient="row",
)
"""Words for a trade with their section and class in GB/T 4754-2017."""

FORMS = pl.DataFrame(
    [
        ("有限公司", "1100"),
        ("有限公司", "1130"),
        ("有限公司", "1151"),
        ("有限责任公司", "1100"),
        ("股份有限公司", "1200"),
    ],
    schema=["form", "entity_type"],
    orient="row",
)
"""Forms of organisation with their market entity type (standards §2, GS14 CA16)."""


def people(index: pl.Series, male: pl.Series, seed: int) -> pl.Series:
    """A surname and one or two given characters for each index, of the sex given."""
    drawn = draw(index, seed, "person.name")
    given = pick(drawn // 1_000, MALE).zip_with(male, pick(drawn // 1_000, FEMALE))
    more = pick(drawn // 1_000_000, MALE).zip_with(male, pick(drawn // 1_000_000, FEMALE))
    single = drawn // 1_000_000_000 % 4 == 0
    return joined(pick(drawn, SURNAMES), given, pl.Series([""]).new_from_index(0, len(more)).zip_with(single, more))


def trades(index: pl.Series, seed: int) -> pl.DataFrame:
    """`trade`, `section`, `industry` of each company."""
    return TRADES[(draw(index, seed, "company.trade") % len(TRADES)).cast(pl.UInt32)]


def forms(index: pl.Series, seed: int) -> pl.DataFrame:
    """`form` and `entity_type` of each company."""
    return FORMS[(draw(index, seed, "company.form") % len(FORMS)).cast(pl.UInt32)]


def companies(index: pl.Series, trade: pl.Series, form: pl.Series, seed: int) -> pl.Series:
    """Place, invented word, trade and form of organisation."""
    drawn = draw(index, seed, "company.name")
    word = joined(
        pick(drawn // 10, FIRST),
        pick(drawn // 1_000, SECOND),
        pick(drawn // 100_000, FIRST),
        pick(drawn // 10_000_000, THIRD),
    )
    return joined(pick(drawn, PLACES), word, trade, form)
