"""Translating pages: codes, moves, cleaning; what is repaired, flagged, refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import polars as pl
import pytest

import connectors
from exchange.core.connector import Column, Connector, FileSource, Title
from exchange.core.page import BROKEN, RawPage, Translated
from exchange.core.translate import translate

REGISTER = connectors.load("national_register_extract")
MARKET = connectors.load("market_regulation_companies")
CUSTOMS = connectors.load("customs_enterprises")
RESIDENTS = connectors.load("public_security_residents")
FIRM, OTHER_FIRM = "91120116244997951G", "91350100M000100Y43"
PERSON, OLD_PERSON, UPGRADED = "11010519491231002X", "150102880730303", "150102198807303035"


def page(connector: Connector, *rows: Mapping[str, str | None], broken: int | None = None) -> RawPage:
    """A page of these rows; columns that a row doesn't name are null."""
    names = [*connector.columns, *sorted(connector.ignore)]
    frame = pl.DataFrame(
        [{name: row.get(name) for name in names} for row in rows], schema=dict.fromkeys(names, pl.String)
    )
    lines = [] if broken is None else [(broken, "open_quote", b"x")]
    return RawPage("test", 0, frame, pl.DataFrame(lines, schema=BROKEN, orient="row"), "", 0)


def translated(connector: Connector, *rows: Mapping[str, str | None]) -> Translated:
    """These rows, translated."""
    return translate(connector, page(connector, *rows))


def rules_of(found: pl.DataFrame) -> list[tuple[str, str]]:
    """Column and rule of each fault or flag."""
    return list(zip(found["column"], found["rule"], strict=True))


def test_the_currency_is_taken_from_the_amount() -> None:
    """Where the agency has no column for it, the currency in the amount counts; where there is one, the column does."""
    records = translated(REGISTER, {"注册资金": "3,000(万美元)"}, {"注册资金": "20万元"}, {"注册资金": "N/A"}).records
    assert records["currency"].to_list() == ["840", "156", None]
    assert translated(MARKET, {"regcap": "500(万元)", "regcapcur": "840"}).records["currency"].to_list() == ["840"]


def test_two_currencies_refuse_the_amount() -> None:
    """Where amount and column name different currencies, the amount is at fault; 元 alone names none."""
    rows = (("500万美元", "人民币"), ("500万美元", "840"), ("500万元", "840"), ("500万美元", None), ("500", "840"))
    found = translated(MARKET, *({"regcap": amount, "regcapcur": currency} for amount, currency in rows))
    assert rules_of(found.faults) == [("reg_capital", "money.currency")]
    assert found.faults["row"].to_list() == [0]
    assert found.records["currency"].to_list()[1:] == ["840"] * 4


def test_unknown_codes_are_faults_and_words_are_mapped() -> None:
    """Codes and words lead to the hub's codes; one that is in no table is a fault on its column."""
    found = translated(
        MARKET, {"regstate": "存续(在营、开业、在册)"}, {"regstate": " ４ "}, {"regstate": "X"}, {"regstate": "/"}
    )
    assert found.records["status"].to_list() == ["1", "4", None, None]
    assert rules_of(found.faults) == [("status", "code.unknown")]
    assert found.faults["row"].to_list() == [2]


def test_identifiers_are_compacted_and_text_is_left_alone() -> None:
    """Identifiers lose width, case, blanks and marks; stored text keeps ㎡, №, full-width brackets and rare characters."""
    scope = "①仓储５００㎡；№3（不含䶮）"
    found = translated(
        MARKET,
        {"uniscid": "'９１ 120116-244997951\u200bｇ", "opscope": f"\ufeff{scope}\u3000", "entname": "天津（集团）公司"},
    )
    record = found.records.row(0, named=True)
    assert (record["uscc"], record["business_scope"], record["name"]) == (FIRM, scope, "天津（集团）公司")
    assert ("uscc", "cleaned") in rules_of(found.flags)


def test_blanks_between_han_characters_go() -> None:
    """Names lose the blanks between Han characters, not those between words; the change is flagged."""
    found = translated(MARKET, {"name": "王\u3000 芳 芳"}, {"name": "SMITH JOHN"})
    assert found.records["legal_rep_name"].to_list() == ["王芳芳", "SMITH JOHN"]
    assert rules_of(found.flags) == [("legal_rep_name", "name.spaces")]


@pytest.mark.parametrize("text", ["无", "/", "暂无", "NULL", "N/A", "00000000000000000X", "1" * 18, "123456", ""])
def test_placeholders_are_nothing(text: str) -> None:
    """A placeholder in an identifier's column is null, never a value that two firms share."""
    found = translated(MARKET, {"uniscid": text, "regno": text})
    assert found.records.select("uscc", "reg_no", "org_code").row(0) == (None, None, None)
    assert ("uscc", "placeholder") in rules_of(found.flags) or text == ""
    assert found.faults.height == 0


def test_numbers_go_to_the_column_they_belong_to() -> None:
    """The register's numbers in the credit code's column move to reg_no, organisation codes to org_code."""
    rows = ("310230001716146", "1201081234567", "企合津总字第001234号", "35156027-X", "第二厂名：滨海")
    found = translated(REGISTER, *({"统一社会信用代码": text} for text in rows))
    assert found.records["reg_no"].to_list() == ["310230001716146", "1201081234567", "企合津总字第001234号", None, None]
    assert found.records["org_code"].to_list() == [None, None, None, "35156027X", None]
    assert found.records["uscc"].to_list() == [None] * 4 + ["第二厂名:滨海"]
    moved = ["uscc.reg_no_in_uscc"] * 3 + ["uscc.org_code_in_uscc"]
    assert [rule for _, rule in rules_of(found.flags) if rule != "cleaned"] == moved


def test_only_the_register_may_send_its_number_there() -> None:
    """An ordinary agency's 15 digits stay in the credit code's column, for the check to refuse."""
    assert translated(MARKET, {"uniscid": "310230001716146"}).records["uscc"].to_list() == ["310230001716146"]


def test_codes_in_each_others_columns_change_places() -> None:
    """A credit code in the organisation code's column moves; the organisation code inside it is derived."""
    found = translated(CUSTOMS, {"组织机构代码": FIRM, "统一社会信用代码": ""}, {"组织机构代码": "35156027-X"})
    assert found.records["uscc"].to_list() == [FIRM, None]
    assert found.records["org_code"].to_list() == ["244997951", "35156027X"]
    assert ("org_code", "uscc.in_org_code") in rules_of(found.flags)


def test_an_organisation_code_is_derived_only_where_it_is_right() -> None:
    """A credit code whose embedded check character is wrong gives no organisation code."""
    found = translated(MARKET, {"uniscid": OTHER_FIRM}, {"uniscid": "911100007109320225"})
    assert found.records["org_code"].to_list() == ["M000100Y4", None]


def test_lookalikes_are_repaired_where_both_check_digits_agree() -> None:
    """O for 0 and Z for 2 are repaired in a code that is right afterwards, and left in one that isn't."""
    found = translated(MARKET, {"uniscid": "9112O116Z44997951G"}, {"uniscid": "9112O116244997952G"})
    assert found.records["uscc"].to_list() == [FIRM, "9112O116244997952G"]
    assert ("uscc", "uscc.lookalike") in rules_of(found.flags)


def test_industry_codes_know_their_section() -> None:
    """A letter in front is the section; without one the division tells it; a contradiction is a fault."""
    found = translated(
        MARKET, {"industryco": "I6513"}, {"industryco": "5181"}, {"industryco": "C"}, {"industryco": "A6513"}
    )
    assert found.records["industry_section"].to_list() == ["I", "F", "C", "A"]
    assert found.records["industry_code"].to_list() == ["6513", "5181", None, "6513"]
    assert rules_of(found.faults) == [("industry_section", "industry.unknown")]


def test_old_citizen_ids_are_upgraded_and_masked_ones_dropped() -> None:
    """15 digits become 18 characters; a masked number is nothing, so that it never replaces a full one."""
    found = translated(RESIDENTS, {"GMSFHM": OLD_PERSON}, {"GMSFHM": "1201**********0026"})
    assert found.records["id_no"].to_list() == [UPGRADED, None]
    assert rules_of(found.flags) == [("id_no", "citizen_id.upgraded"), ("id_no", "id.masked")]


def test_telephone_numbers_have_one_form() -> None:
    """Blanks inside a number go, a blank between two becomes a comma, wide characters and dashes become plain."""
    found = translated(MARKET, {"tel": "０２２—6620 0001"}, {"tel": "13900000000 022-66200001"}, {"tel": "00000000000"})
    assert found.records["phone"].to_list() == ["022-66200001", "13900000000,022-66200001", None]


def test_lost_characters_refuse_the_row() -> None:
    """U+FFFD from the source is a fault on its column; a rare character or a question mark is none."""
    found = translated(MARKET, {"entname": "天津\ufffd\ufffd公司"}, {"entname": "天津䶮?公司"})
    assert rules_of(found.faults) == [("name", "text.lost")]
    assert found.faults["row"].to_list() == [0]


def test_constants_fill_rows_but_not_broken_lines() -> None:
    """A line that is no row stays null in every column and has the reader's fault only."""
    found = translate(RESIDENTS, page(RESIDENTS, {"GMSFHM": PERSON}, {}, broken=1))
    assert found.records["id_type"].to_list() == ["10", None]
    assert rules_of(found.faults) == [("", "open_quote")]
    assert found.records["row"].to_list() == [0, 1]


def test_an_empty_page_is_translated() -> None:
    """No rows give no records, with the schema's columns."""
    for name in connectors.names():
        found = translate(connectors.load(name), page(connectors.load(name)))
        assert found.records.height == found.faults.height == found.flags.height == 0
        assert found.records.width > 20


def test_pages_do_not_depend_on_their_neighbours() -> None:
    """Each row translated alone gives what it gives among others (quick ways apply only where nothing changes)."""
    rows: list[Mapping[str, str | None]] = [
        {"uniscid": FIRM, "regcap": "500", "estdate": "2016-03-05", "name": "王芳", "update_time": "2024-01-01"},
        {"uniscid": " ９１120116244997951g", "regcap": "3,000(万美元)", "estdate": "2016/3/5", "name": "王 芳"},
        {"uniscid": "无", "regcap": None, "estdate": "2016-02-30", "cerno": OLD_PERSON, "tel": "022—66200001"},
    ]
    together = translated(MARKET, *rows).records.drop("row")
    alone = pl.concat([translated(MARKET, row).records.drop("row") for row in rows])
    assert together.equals(alone)


def test_a_text_column_may_be_read_as_nothing_else() -> None:
    """A connector may map one column twice into nothing: what it doesn't map is null with the schema's dtype."""
    source = FileSource("*.csv", "utf-8", ("n",))
    small = replace(
        REGISTER, name="small", source=source, columns={"n": Column("name")}, codes={}, title=Title("小", "small")
    )
    records = translated(small, {"n": "天津示例公司"}).records
    assert records["reg_capital"].dtype == pl.Decimal(24, 6)
    assert records.drop("row", "name").null_count().sum_horizontal().item() == records.width - 2
