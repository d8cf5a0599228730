"""Names that are not as promised: shown where they are names, told by their place where they may be a row's values."""

from __future__ import annotations

import pytest

from exchange.core.errors import Refuse
from exchange.core.readers.csv import read_csv


def read(header: str) -> None:
    """Read a delivery with this header and one row."""
    body = f"{header}\n1,a,b\n".encode()
    list(read_csv([body], connector="bench_x", encoding="utf-8", columns=("code", "name", "city"), page_rows=10))


@pytest.mark.parametrize(
    ("header", "places"),
    [
        ("code,name,city1,张三,天津", "3、4、5"),
        ("code,name,city张三", "3"),
        ("张三city,code,name", "1"),
        ("code,name,city,120116201501010026", "4"),
        ("code,name,city,A12345", "4"),
        ("code,name,city,张三,天津", "4、5"),
        ("code,张三,天津", "2、3"),
        ('code,name,city,"曾用名\n张三"', "4"),
        ('code,name,city,"曾用名，张三"', "4"),
        ("code,name,city," + "x" * 40, "4"),
        ("code,name,city,,,", "4、5、6"),
    ],
)
def test_what_may_be_a_value_is_told_by_its_place(header: str, places: str) -> None:
    """A name that does not look like one, or stands among too many unknown ones, is not shown."""
    with pytest.raises(Refuse, match=f"第 {places} 列") as refused:
        read(header)
    assert refused.value.code == "wrong_header"
    assert "connectors/bench_x.py" in refused.value.hint
    for value in ("张三", "120116201501010026", "A12345", "天津", "曾用名"):
        assert value not in refused.value.message + refused.value.hint


@pytest.mark.parametrize(
    "name", ["曾用名", "town", "name_en", "代码_2", "备注(旧)", "unified_social_credit_code", "产值2024"]
)
def test_a_plain_unknown_name_is_shown(name: str) -> None:
    """One more column, or one of another name, is told by its name."""
    for header in (f"code,name,city,{name}", f"code,name,{name}"):
        with pytest.raises(Refuse) as refused:
            read(header)
        assert (refused.value.code, name in refused.value.message) == ("unknown_column", True)
