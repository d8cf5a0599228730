"""GB/T 2260 with its history: what Binhai was made of, what only looks like a division, and that none refuses a row."""

from __future__ import annotations

from collections import Counter
from datetime import date

import polars as pl
import pytest

from exchange.core.codes import code_list
from exchange.core.codes.divisions import BINHAI, SUCCESSORS, at, existed, in_force, successor
from schemas.messages import is_fault

CUT = date(2023, 6, 30)


def test_divisions_in_force_have_their_counts() -> None:
    """34 provinces (31, Taiwan, Hong Kong, Macao), 342 prefectures, 2,852 counties, 290 市辖区 of prefectures."""
    now = code_list("division").codes(date(2023, 7, 1))
    levels = Counter("0000" if code.endswith("0000") else "00" if code.endswith("00") else "" for code in now)
    shared = sum(code_list("division").titles[code][0] == "市辖区" for code in now if not code.endswith("00"))
    assert (levels["0000"], levels["00"], levels[""] - shared, shared) == (34, 342, 2_852, 290)
    assert {"710000", "810000", "820000"} <= now
    assert "830000" not in code_list("division").titles


@pytest.mark.parametrize(
    ("code", "day", "name"),
    [
        ("120107", date(2008, 12, 31), "塘沽区"),
        ("120107", date(2010, 1, 1), None),
        ("120116", date(2008, 12, 31), None),
        ("120116", date(2010, 1, 1), "滨海新区"),
        ("120110", date(1985, 1, 1), "东郊区"),
        ("120110", date(1995, 1, 1), "东丽区"),
        ("120221", date(2014, 12, 31), "宁河县"),
        ("120117", date(2015, 12, 31), "宁河区"),
        ("120225", date(2016, 1, 1), None),
        ("120119", date(2016, 7, 31), "蓟州区"),
        ("540422", date(2022, 1, 1), "米林县"),
        ("540422", date(2023, 7, 1), None),
        ("540481", date(2023, 7, 1), "米林市"),
        ("121134", date(2020, 1, 1), None),
        ("120199", date(2020, 1, 1), None),
    ],
)
def test_a_division_on_a_day(code: str, day: date, name: str | None) -> None:
    """A code is a division from the edition that first holds it to the last that does."""
    found = at(code, day)
    assert (found.zh if found else None) == name


def test_what_tianjin_abolished_has_a_successor_in_force() -> None:
    """Every abolished district and county of Tianjin leads to one that is in force."""
    now = code_list("division").codes(CUT)
    for old, new in SUCCESSORS.items():
        assert old not in now
        assert at(old) is not None
        assert successor(old) == new in now
    assert [successor(code) for code in ("120107", "120108", "120109")] == [BINHAI] * 3


def test_binhai_has_26_statistical_units() -> None:
    """The functional zones have statistical codes below Binhai and are no divisions."""
    units = {one.code: one.zh for one in code_list("statistical_unit").entries if one.parent == BINHAI}
    assert len(units) == 26
    assert {"120116400", "120116401", "120116402", "120116403", "120116406"} <= set(units)
    assert not set(units) & set(code_list("division").titles)


def test_a_registration_authority_is_not_the_division_of_the_same_digits() -> None:
    """120118 is the authority of the free-trade zone inside a credit code and 静海区 in GB/T 2260."""
    assert code_list("registration_authority").titles["120118"][0] == "天津自由贸易试验区登记机关"
    assert code_list("division").titles["120118"][0] == "静海区"
    assert at("120191") is None


def test_columns_tell_what_never_existed_from_what_was_abolished() -> None:
    """Both rules pass what has another form; an abolished code existed; neither ever refuses a row."""
    codes = pl.DataFrame({"code": ["120116", "120107", "121134", "130171", "12011", None]})
    found = codes.select(existed(pl.col("code")).alias("existed"), in_force(pl.col("code")).alias("in_force"))
    assert found["existed"].to_list() == [True, True, False, True, None, None]
    assert found["in_force"].to_list() == [True, False, True, True, None, None]
    assert not is_fault("division.unknown", registering=False)
    assert not is_fault("division.abolished", registering=False)
