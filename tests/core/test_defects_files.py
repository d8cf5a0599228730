"""Defects 53 to 61 and 64 of standards §5: files, headers, deliveries, codes. A test for each, named by its number."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from exchange.core.connector import Column, Connector, FileSource, Title
from exchange.core.decide import CHANGED, DUPLICATE, KNOWN, MET, NEW, UNCHANGED, decide
from exchange.core.errors import Refuse
from exchange.core.identify import identify
from exchange.core.keyed import index_keys
from exchange.core.page import BROKEN, RawPage
from exchange.core.prepare import hint
from tests.core.judged_rows import (
    COLUMNS,
    CUSTOMS,
    FIRM,
    HEADER,
    MARKET,
    RESIDENTS,
    broken,
    column,
    judged_page,
    line,
    marked,
    read,
)

NAME = "天津示例贸易有限公司"


def feed(*columns: str, encoding: str = "utf-8", **aliases: str) -> Connector:
    """A small feed of penalties' columns about firms: code and name, and others that nobody needs."""
    return Connector(
        name="small",
        agency="small",
        library="legal_person",
        title=Title("小", "small"),
        source=FileSource("*.csv", encoding, columns, aliases=aliases),
        key=("行政相对人代码_1",),
        columns={"行政相对人代码_1": Column("uscc"), "行政相对人名称": Column("name")},
        ignore=frozenset(columns[2:]),
    )


PENALTIES = feed("行政相对人代码_1", "行政相对人名称", "行政相对人代码_3", "文号", "立案时间")


def test_defect_53_byte_order_marks() -> None:
    """A mark at the start is none of the header; one in the middle, where files were joined, costs at most its line."""
    row = f"{FIRM},{NAME},,,\r\n".encode()
    header = "行政相对人代码_1,行政相对人名称,行政相对人代码_3,文号,立案时间\r\n".encode()
    bom = b"\xef\xbb\xbf"
    page = read(PENALTIES, bom + header + row + bom + header + row + bom + row)
    assert broken(page) == [(1, "header_repeated")]
    found = judged_page(PENALTIES, page)
    assert found.faults == [(1, "", "header_repeated")]
    assert found.values("uscc") == [FIRM, None, FIRM, FIRM]
    assert found.flagged("uscc") == [[], [], [], ["cleaned"]]


def test_defect_54_wrong_charset() -> None:
    """UTF-8 that was read as GBK is turned back; what was lost on the way refuses the row."""
    found = column(MARKET, "entname", "澶╂触婊ㄦ捣鏂板尯", "锟斤拷锟斤拷公司", "天津\ufffd公司")
    assert found.values("name")[0] == "天津滨海新区"
    assert found.flagged("name")[0] == ["text.garbled"]
    assert found.refused("name") == [[], ["text.lost"], ["text.lost"]]


def test_defect_55_mixed_encodings() -> None:
    """A line of the other encoding is a marked row; the lines around it are read as declared."""
    texts = [line({"企业名称": name}) for name in ("天津甲公司", "天津乙公司", "天津丙公司")]
    body = HEADER + b"\r\n".join(text.encode("utf-8" if at == 1 else "gb18030") for at, text in enumerate(texts))
    page = read(CUSTOMS, body)
    assert marked(page) == [(1, "encoding.other")]
    found = judged_page(CUSTOMS, page)
    assert found.faults == []
    assert found.values("name") == ["天津甲公司", "天津乙公司", "天津丙公司"]
    assert found.flagged("") == [[], ["encoding.other"], []]


def test_defect_56_short_texts_are_never_guessed() -> None:
    """联通 in GBK looks like UTF-8: the declared encoding decides; four bytes of another one stay a fault."""
    page = read(CUSTOMS, HEADER + line({"企业名称": "联通"}).encode("gb18030"))
    assert judged_page(CUSTOMS, page).values("name") == ["联通"]
    assert marked(page) == []
    header = "行政相对人代码_1,行政相对人名称,行政相对人代码_3,文号,立案时间\n".encode()
    short = read(PENALTIES, header + f"{FIRM},".encode() + "联通".encode("gb18030") + b",,,\n")
    assert broken(short) == [(0, "encoding")]


def test_defect_57_commas_quotes_and_line_ends_inside() -> None:
    """A value keeps its commas, quotes, line ends and bars; the lines around it are rows."""
    scope = '一、仓储，"东区",\r\n二、运输││三、销售'
    body = "\r\n".join([line({"工商注册地址": scope}), line({}), ""]).encode("gb18030")
    page = read(CUSTOMS, HEADER + body)
    assert broken(page) == []
    found = judged_page(CUSTOMS, page)
    assert found.faults == []
    assert found.values("domicile") == [scope, None]


def test_defect_58_headers() -> None:
    """Names in another writing name their columns; titles, a second header, notes and totals are counted and no rows."""
    header = '行政相对人代码-1（统一社会信用代码）,行政相对人 名称,行政相对人代码＿3,"文,号","立案\n时间"\n'
    lines = f"企业信息,,,处罚信息,\n表格说明：每月报送,,,,\n{header}{FIRM},{NAME},,,\n合计,,,,1\n填表人：甲,,,,\n"
    page = read(PENALTIES, lines.encode())
    assert broken(page) == [(0, "title_row"), (1, "title_row"), (3, "footer_row"), (4, "footer_row")]
    assert page.rows.height == 5
    found = judged_page(PENALTIES, page)
    assert (found.values("uscc")[2], found.values("name")[2]) == (FIRM, NAME)
    assert {row for row, _, _ in found.faults} == {0, 1, 3, 4}


def test_defect_59_typed_headers() -> None:
    """What a header says instead stands in the connector's aliases; a name in none of them is refused by name."""
    aliases = {"shxydc": "行政相对人代码_1", "wfxwnx": "行政相对人名称", "FileName": "立案时间", "xzcfjdwsh": "文号"}
    small = feed(*PENALTIES.columns, "文号", "立案时间", **aliases)
    page = read(small, f"shxydc,WFXWNX,xzcfjdwsh,FileName\n{FIRM},{NAME},,\n".encode())
    assert judged_page(small, page).values("uscc") == [FIRM]
    with pytest.raises(Refuse, match="zjjjdm"):
        read(small, f"shxydc,行政相对人名称,文号,立案时间,zjjjdm\n{FIRM},{NAME},,,\n".encode())


def test_defect_60_column_shift() -> None:
    """A comma without quotes moves the columns behind it: the line is refused as a whole."""
    shifted = line({}).replace(NAME, f"{NAME},东区")
    page = read(CUSTOMS, HEADER + "\r\n".join([shifted, line({})]).encode("gb18030"))
    assert broken(page) == [(0, "too_many_fields")]
    found = judged_page(CUSTOMS, page)
    assert found.faults == [(0, "", "too_many_fields")]
    assert found.values("name") == [None, NAME]


def test_defect_61_repeated_rows_and_months() -> None:
    """The same row again is a duplicate in its batch and unchanged in the next; another content of its key is a change."""
    nothing = pl.DataFrame(schema=KNOWN)
    month = settled(nothing, "022-66200001", "022-66200001")
    assert month["disposition"].to_list() == [DUPLICATE, NEW]
    known = month[1:].select(
        "id",
        known_hash="content_hash",
        known_ordering=pl.lit(0, pl.Int64),
        known_current=True,
        known_entity=pl.lit("e"),
        known_withdrawn=False,
    )
    assert settled(known, "022-66200001")["disposition"].to_list() == [UNCHANGED]
    assert settled(known, "022-66200002")["disposition"].to_list() == [CHANGED]


def settled(known: pl.DataFrame, *phones: str) -> pl.DataFrame:
    """What becomes of the rows of one firm with these telephones, delivered after what is known."""
    rows = [{"海关注册编码": "1207260001", "企业名称": NAME, "联系电话": phone} for phone in phones]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS, pl.String))
    page = RawPage("month", 0, frame, pl.DataFrame(schema=BROKEN), "", 1)
    identified = hint(identify(CUSTOMS, page, index_keys(b"#" * 32)), known)
    return decide(identified, known, pl.DataFrame(schema=MET))


def test_defect_64_marks_of_deletion_and_old_codes() -> None:
    """A column that says a row is deleted is refused by name, never loaded; codes that no longer or never existed and a
    telephone in the place of a name are marked and kept."""
    with pytest.raises(Refuse, match="SJBJ"):
        read(CUSTOMS, ",".join([*COLUMNS, "SJBJ"]).encode("gb18030") + b"\r\n" + line({}).encode("gb18030") + b",3\r\n")
    found = column(RESIDENTS, "XZQH", "120107", "121134", "-1")
    assert found.faults == []
    assert found.values("division") == ["120107", "121134", "-1"]
    assert found.flagged("division") == [["division.abolished"], ["division.unknown"], ["division.form"]]
    undated = column(replace(MARKET, constants={}), "industryco", "7910", "5181")
    assert undated.faults == []
    assert undated.flagged("industry_code") == [["industry.edition"], []]
    contact = column(MARKET, "name", "13900000000", "王芳13900000000")
    assert contact.faults == []
    assert contact.flagged("legal_rep_name") == [["name.number"]] * 2
