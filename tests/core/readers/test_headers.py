"""Headers, titles, totals and lines in another encoding: what a delivery has around and among its rows."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from exchange.core.errors import Refuse
from exchange.core.readers.csv import CsvPage, read_csv
from exchange.core.readers.headers import Promised, resolved
from exchange.core.readers.lines import BOM

COLUMNS = ("代码_1", "名称", "金额")
PROMISED = Promised(COLUMNS, {"shxydc": "代码_1"})
ROW = "1,天津示例贸易有限公司,5\n"


def read(body: bytes, encoding: str = "utf-8") -> CsvPage:
    """The one page of a delivery."""
    [page] = read_csv([body], connector="x", encoding=encoding, columns=PROMISED, page_rows=100)
    return page


def broken(page: CsvPage) -> list[tuple[int, str]]:
    """Row and rule of what is no row."""
    return page.broken.select("row", "rule").rows()


HEADERS = [
    "代码＿1,名称,金额",
    "\ufeff代码_1, 名 称 ,金额",
    '代码-1（统一社会信用代码）,名称,"金\n额"',
    "shxydc,名称：,*金额",
    "金额,代码_1,名称",
]


@pytest.mark.parametrize("header", HEADERS)
def test_variants_of_a_header_name_the_promised_columns(header: str) -> None:
    """Width, blanks, line ends, dashes, remarks and declared aliases make no other column."""
    line = "5,1,天津示例贸易有限公司\n" if header.startswith("金额") else ROW
    page = read(f"{header}\n{line}".encode())
    assert page.rows.rows() == [("1", "天津示例贸易有限公司", "5")]


def test_an_unknown_name_is_still_refused_by_name() -> None:
    """A typo that no alias declares stops the delivery."""
    with pytest.raises(Refuse, match="shxyd"):
        read(f"shxyd,名称,金额\n{ROW}".encode())


def test_two_columns_never_come_to_one_name() -> None:
    """A variant beside its promised name stays another column, and is refused."""
    with pytest.raises(Refuse, match="代码＿1"):
        read(f"代码_1,代码＿1,名称,金额\n1,{ROW}".encode())


def test_titles_and_totals_are_counted_and_are_no_rows() -> None:
    """Lines above the header and lines of totals and notes are broken rows; a firm named so is a row."""
    body = f"天津市滨海新区企业名单,,\n单位：万元,,\n代码_1,名称,金额\n{ROW}2,合计五金厂,6\n合计,,11\n,制表人：甲,\n"
    page = read(body.encode())
    assert broken(page) == [(0, "title_row"), (1, "title_row"), (4, "footer_row"), (5, "footer_row")]
    assert page.rows.filter(pl.any_horizontal(pl.all().is_not_null())).height == 2
    assert page.broken["raw"][2] == "合计,,11".encode()


def test_a_line_in_the_other_encoding_is_a_marked_row() -> None:
    """Whole rows of GBK in UTF-8 and of UTF-8 in GB18030 are read and marked; what is not sure is broken."""
    head = "代码_1,名称,金额\n"
    page = read(head.encode() + ROW.encode() + ROW.encode("gb18030") + "2,涓".encode("gb18030") + b",5\n")
    assert page.rows["名称"].to_list() == ["天津示例贸易有限公司"] * 2 + [None]
    assert (page.marked.rows(), broken(page)) == ([(1, "encoding.other")], [(2, "encoding")])
    odd = "1,天津示例厂,5\n"
    page = read(head.encode("gb18030") + odd.encode() + b"2,\x80uro,5\n" + odd.encode("gb18030"), "gb18030")
    assert page.rows["名称"].to_list() == ["天津示例厂", "€uro", "天津示例厂"]
    assert page.marked.rows() == [(0, "encoding.other"), (1, "encoding.euro")]


def test_dots_and_dashes_of_gb2312_have_one_reading() -> None:
    """A1A4 is the middle dot and A1AA the dash, whatever the connector calls the encoding."""
    body = "代码_1,名称,金额\n".encode("gb18030") + b"1,\xb0\xa2\xa1\xa4\xb0\xa2\xa1\xaa,5\n"
    assert [read(body, encoding).rows["名称"][0] for encoding in ("gb2312", "gbk", "gb18030")] == ["阿·阿—"] * 3


def test_short_text_is_never_guessed() -> None:
    """联通 in GBK is also good UTF-8; what the connector declares decides."""
    body = "代码_1,名称,金额\n1,联通,5\n".encode("gbk")
    assert read(body, "gb18030").rows["名称"].to_list() == ["联通"]


@pytest.mark.parametrize(
    ("found", "promised", "name"),
    [
        ("注册资金(元)", "注册资金", "注册资金(元)"),
        ("注册资本(元)", "注册资本(万元)", "注册资本(元)"),
        ("注册资本", "注册资本(万元)", "注册资本"),
        ("证件号码(经办人)", "证件号码(法定代表人)", "证件号码(经办人)"),
        ("代码-1（统一社会信用代码）", "代码_1", "代码_1"),
        ("注册资本（万元）", "注册资本(万元)", "注册资本(万元)"),
    ],
)
def test_a_remark_that_tells_the_unit_or_the_person_is_part_of_the_name(found: str, promised: str, name: str) -> None:
    """A column in 元 is not the promised one in 万元, and nobody's number stands for another's."""
    assert resolved([found], Promised((promised,))) == [name]


def test_a_huge_first_field_and_many_blank_lines_stop_nothing() -> None:
    """A field beyond the limit of Python's csv in the first row, and millions of blank lines above the header, are read."""
    long = b"x" * 200_000
    page = read("代码_1,名称,金额\n1,".encode() + long + b",5\n")
    assert page.rows["名称"].to_list() == [long.decode()]
    blank = [b"\n" * 1_000_000 for _ in range(8)]
    body = ["代码_1,名称,金额\n".encode(), ROW.encode()]
    [after] = read_csv([*blank, *body], connector="x", encoding="utf-8", columns=PROMISED, page_rows=100)
    assert after.rows.height == 1


SEPARATORS = ["\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"]
"""Characters at which str.splitlines cuts and no line of a delivery ends."""


def counted(body: bytes, encoding: str = "utf-8") -> int | None:
    """All rows of a delivery, broken ones too; None if it is refused."""
    try:
        pages = list(read_csv([body], connector="x", encoding=encoding, columns=PROMISED, page_rows=100))
    except Refuse:
        return None
    return sum(page.rows.height for page in pages)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("separator", SEPARATORS)
def test_no_row_goes_under_behind_a_separator_that_ends_no_line(separator: str, encoding: str) -> None:
    """Rows that stand in the header's line, behind any character that is no line end, are never passed over in silence."""
    header = "代码_1,名称,金额"
    assert counted((header + separator + separator.join([ROW.strip()] * 5)).encode(encoding), encoding) is None
    assert counted((header + separator + ROW * 2).encode(encoding), encoding) is None
    assert counted((header + separator + "\n" + ROW * 2).encode(encoding), encoding) == 2
    assert counted((separator + header + "\n" + ROW * 2).encode(encoding), encoding) == 2


HEADER_TEXTS = st.lists(
    st.sampled_from(
        [*SEPARATORS, "代码_1", "名称", "金额", ",", ",", "代码_1,名称,金额", " ", "\ufeff", "\r", "\n", "x"]
    ),
    max_size=12,
).map("".join)


@settings(deadline=None, max_examples=400)
@given(text=HEADER_TEXTS, encoding=st.sampled_from(["utf-8", "gb18030"]))
@example(text="代码_1,名称,金额\r\ufeff", encoding="utf-8")
def test_every_line_but_the_header_is_a_row(text: str, encoding: str) -> None:
    """Whatever stands in the first lines, a delivery is refused, or has one row for each of its lines but one."""
    body = f"{text}\n{ROW}{ROW}".encode(encoding)
    filled = [line for line in body.splitlines() if line not in (b"", BOM)]
    assert counted(body, encoding) in (None, len(filled) - 1)


@pytest.mark.parametrize(
    "header", ['代码_1,名称,"金额', '代码_1,名称,金额"', '代码_1,名称,"金"额', '代码_1,"名称",金额"']
)
def test_a_stray_quote_in_the_header_takes_no_row(header: str) -> None:
    """A quote that nothing closes ends with the header's line; the rows below it are all there."""
    page = read(f"{header}\n{ROW}{ROW}2,甲厂,6\n".encode())
    assert page.rows.rows() == [("1", "天津示例贸易有限公司", "5")] * 2 + [("2", "甲厂", "6")]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-be"])
def test_nuls_in_the_header_are_another_encoding(encoding: str) -> None:
    """A delivery of two or four bytes a character is refused as such, also where its header is ASCII and has no mark."""
    with pytest.raises(Refuse) as refused:
        list(
            read_csv(
                ["code,name\n1,甲\n".encode(encoding)],
                connector="x",
                encoding="utf-8",
                columns=("code", "name"),
                page_rows=9,
            )
        )
    assert refused.value.code == "wrong_header"
    assert "encoding" in refused.value.hint
