"""The scripts that write the lists: what they make of a source, on small ones; the real ones are unpacked by hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from zipfile import ZipFile

import pytest

from exchange.core.codes import NAMES, CodeList, Entry, editions
from exchange.core.errors import Misuse
from scripts.codes import industries, typed
from scripts.codes.currencies import last_day

TYPED = [one for name in NAMES for one in editions(name) if one.source.endswith(typed.MARK)]
TEXT = "<w:p><w:r><w:t>{}</w:t></w:r></w:p>"


def cells(*texts: str) -> list[list[str]]:
    """A row of a table; blanks part the paragraphs of one cell."""
    return [text.split() for text in texts]


@pytest.mark.parametrize("listed", TYPED, ids=lambda one: f"{one.name}-{one.edition}")
def test_a_typed_list_is_as_its_script_writes_it(listed: CodeList) -> None:
    """Each passes the checks of a supplied list and comes out as it is."""
    assert typed.checked(listed) == listed


def test_a_typed_list_with_a_code_twice_is_refused() -> None:
    """The script writes nothing where the typed file is wrong."""
    with pytest.raises(Misuse):
        typed.checked(CodeList("x", "none", "1", (Entry("1", "甲"), Entry("1", "乙"))))


def test_a_copy_is_laid_beside_a_typed_list() -> None:
    """What only one of them has and what is titled otherwise is a line; what is the same is none."""
    ours, theirs = (
        CodeList("x", "none", "1", tuple(Entry(*each) for each in found))
        for found in ([("1", "甲"), ("2", "乙"), ("3", "丙")], [("1", "甲"), ("2", "丁"), ("4", "戊")])
    )
    assert typed.differences(ours, theirs) == ["2\t乙\t丁", "3\t丙\t-", "4\t-\t戊"]


def test_a_table_of_the_standard_becomes_entries() -> None:
    """A group of one class shares its title, two classes of one row have two, and a heading has none."""
    rows = [
        cells("门类", "大类", "中类", "小类", "", ""),
        cells("A", "", "", "", "农业", "remark"),
        cells("", "01", "", "", "谷物", ""),
        cells("", "", "011", "0110", "稻谷", ""),
        cells("", "", "012", "0121", "豆类 大豆", ""),
        cells("", "", "", "0122 0129", "绿豆 其他", ""),
    ]
    assert [(one.code, one.zh, one.parent) for one in industries.entries(rows)] == [
        ("A", "农业", ""),
        ("01", "谷物", "A"),
        ("011", "稻谷", "01"),
        ("0110", "稻谷", "011"),
        ("012", "豆类", "01"),
        ("0121", "大豆", "012"),
        ("0122", "绿豆", "012"),
        ("0129", "其他", "012"),
    ]


def test_the_division_that_took_most_stands_first() -> None:
    """Old classes stand one under the other or run together in a cell; as many old as new ones are pairs."""
    classes = industries.became(
        [
            cells("02", "林业", "", "", ""),
            cells("0211", "甲", "0110", "乙", ""),
            cells("0212", "丙", "01200130", "丁", ""),
            cells("0101 0102", "戊", "0141 0142", "己", ""),
            cells("0301", "庚", "0150 0151", "辛", ""),
            cells("0302", "壬", "0151", "癸", ""),
        ]
    )
    assert classes["0130"] == {"0212"}
    assert (classes["0141"], classes["0142"]) == ({"0101"}, {"0102"})
    assert industries.walk(classes).splitlines()[-1] == "01\t02 03 01"


def test_the_tables_of_a_word_file(tmp_path: Path) -> None:
    """Cells keep their paragraphs; blanks inside a text are no part of it."""
    row = "".join(f"<w:tc>{TEXT.format(one)}{TEXT.format(two)}</w:tc>" for one, two in (("01", ""), ("农 业", "林业")))
    xml = f'<w:document xmlns:w="{industries.WORD.strip("{}")}"><w:tbl><w:tr>{row}</w:tr></w:tbl></w:document>'
    path = tmp_path / "standard.docx"
    with ZipFile(path, "w") as file:
        file.writestr("word/document.xml", xml)
    assert industries.tables(path) == [[[["01"], ["农业", "林业"]]]]


def test_a_currency_ends_in_its_own_country() -> None:
    """Another country may have used the mark longer; a currency of the country that came earlier is not meant."""
    used = {
        "DE": [{"DEM": {"_to": "2002-02-28"}}, {"EUR": {"_from": "1999-01-01"}}],
        "ME": [{"DEM": {"_to": "2002-05-15"}}],
    }
    assert last_day("DEM", {"supplemental": {"currencyData": {"region": used}}}) == date(2002, 2, 28)
