"""Coded values: one and a column of them say the same, and forget nothing."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.core.codes import CodeList, Entry, code_list
from exchange.core.codes.coded import Coded, coded, coded_by, codes_by, mapped

LISTS = [code_list(name) for name in ("sex", "ethnic", "currency", "country", "yes_no", "status")]
KNOWN = st.sampled_from(sorted({word for one in LISTS for word in (*one.titles, *one.words)}))
TEXTS = st.one_of(st.none(), st.text(), KNOWN, KNOWN.map(lambda word: f" {word.lower()}\u3000"))


@pytest.mark.parametrize(
    ("name", "raw", "code"),
    [
        ("sex", "１", "1"),
        ("sex", "男", "1"),
        ("sex", "f", "2"),
        ("ethnic", "汉", "01"),
        ("ethnic", "汉族", "01"),
        ("currency", "RMB", "156"),
        ("currency", "丹麦克郎", "208"),
        ("country", "chn", "156"),
        ("country", "中国台湾", "158"),
        ("status", "存续（在营、开业、在册）", "1"),
        ("currency", "142", None),
        ("sex", "", None),
    ],
)
def test_a_text_is_known_by_code_title_or_word(name: str, raw: str, code: str | None) -> None:
    """Width, case and blanks do not matter; what the list does not know has no code, and the raw text stays."""
    listed = code_list(name)
    assert coded(name, raw) == Coded(raw, code, name, listed.edition)


def test_the_edition_follows_the_day() -> None:
    """The same text is another code in another edition."""
    assert coded("industry_division", "居民服务业", date(2015, 1, 1)) == Coded(
        "居民服务业", "79", "industry_division", "2011"
    )
    assert coded("industry_division", "居民服务业").code == "80"


@given(st.lists(TEXTS), st.sampled_from(LISTS))
def test_a_column_says_what_each_value_says(texts: list[str | None], listed: CodeList) -> None:
    """The vectorised twin is equal to the scalar form, value by value."""
    single = [None if text is None else coded_by(listed, text).code for text in texts]
    assert codes_by(listed, pl.Series(texts, dtype=pl.String)).to_list() == single


def test_a_code_outranks_a_word() -> None:
    """Where one code looks like another's title, the code is meant."""
    listed = CodeList("x", "none", "1", (Entry("1", "甲"), Entry("2", "1")))
    assert coded_by(listed, "1").code == "1"


def test_a_table_maps_a_column() -> None:
    """A table of the agency's own words is read with the same tolerance."""
    assert mapped(pl.Series(["ｙ", "N ", "?", None]), {"Y": "1", "n": "0"}).to_list() == ["1", "0", None, None]
