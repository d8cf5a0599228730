"""Addresses on streets of Binhai, with invented door and room numbers."""

from __future__ import annotations

import polars as pl

from exchange.simulate.draw import draw, joined, pick

STREETS = pl.Series(
    [
        "塘沽街道上海道",
        "大沽街道永太路",
        "新港街道新港二号路",
        "杭州道街道杭州道",
        "新河街道春风路",
        "胡家园街道津塘公路",
        "汉沽街道新开中路",
        "寨上街道四经路",
        "大港街道世纪大道",
        "古林街道海滨大道",
        "新北街道洞庭路",
        "泰达街道黄海路",
        "泰达街道第三大街",
        "空港经济区西三道",
        "东疆保税港区亚洲路",
        "中新生态城中天大道",
        "高新区华苑产业区海泰大道",
        "临港经济区渤海十路",
    ]
)
BUILDINGS = pl.Series(
    ["商务楼", "创业园", "科技园", "综合楼", "金融街", "物流园", "联检楼", "产业园", "办公楼", "孵化器"]
)
ESTATES = pl.Series(
    ["海晏里", "云帆苑", "渔阳里", "观潮园", "听涛苑", "晨港里", "槐荫里", "月牙园", "芦花里", "归帆苑"]
)
UNITS = pl.Series([str(at) for at in range(1, 2001)])


def offices(index: pl.Series, seed: int) -> pl.Series:
    """Business addresses of about thirty characters."""
    drawn = draw(index, seed, "address.office")
    return joined(
        "天津市滨海新区",
        pick(drawn, STREETS),
        pick(drawn // 100, UNITS.head(400)),
        "号",
        pick(drawn // 100_000, BUILDINGS),
        pick(drawn // 10_000_000, UNITS.head(30)),
        "号楼",
        pick(drawn // 1_000_000_000, UNITS),
        "室",
    )


def homes(index: pl.Series, seed: int) -> pl.Series:
    """Residential addresses."""
    drawn = draw(index, seed, "address.home")
    return joined(
        "天津市滨海新区",
        pick(drawn, STREETS),
        pick(drawn // 100, ESTATES),
        pick(drawn // 100_000, UNITS.head(40)),
        "号楼",
        pick(drawn // 10_000_000, UNITS.head(6)),
        "门",
        pick(drawn // 1_000_000_000, UNITS.slice(100, 1500)),
        "号",
    )
