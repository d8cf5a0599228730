"""Identifiers of taxpayers, traders, permits, travellers, telephones, ships and goods: true numbers and near misses."""

from __future__ import annotations

import re
from types import ModuleType

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.core.identifiers import (
    bank_card,
    chemicals_permit,
    ciq_no,
    container,
    customs_code,
    device_permit,
    document_no,
    drug_permit,
    food_permit,
    hk_macao_permit,
    hs_code,
    imo,
    landline,
    mmsi,
    mobile,
    passport,
    pollutant_permit,
    safety_permit,
    ship_no,
    taiwan_permit,
    tax_no,
)
from exchange.core.identifiers.verdict import SOUND
from exchange.core.identifiers.verdict import compact as bare
from schemas.messages import MESSAGES, message
from schemas.rules import PHONE_FORM

GOOD = {
    tax_no: ["310229607334939", "310115717859912", "110105795123679", "91350100M000100Y43", "11010519491231002X",
             "11010519491231002X01", "15010288073030301"],
    customs_code: ["1207260001", "12072600A1"],
    ciq_no: ["1200600001"],
    food_permit: ["JY11201160000016", "SC10112011600018"],
    pollutant_permit: ["91130200699229617X001P", "91130200699229617X002P", "H9120116000000000X001U"],
    drug_permit: ["津AA0220001", "津BA0220002", "津CB0220003", "津DA0220004"],
    device_permit: ["津滨食药监械经营备20160012号", "津滨食药监械经营许20160012号"],
    chemicals_permit: ["津滨危化经字〔2015〕000123"],
    safety_permit: ["(津)WH安许证字〔2016〕000123"],
    document_no: ["津东保自贸审〔2019〕11号", "〔2017〕10号", "津滨审批二室准〔2016〕3-2号", "〔2019〕津0116民初123号"],
    hk_macao_permit: ["H1234567801", "M12345678"],
    taiwan_permit: ["01234567"],
    passport: ["E12345678", "G12345678", "EA1234567", "AB123", "A1234567890123456"],
    mobile: ["13800000000", "19900000000"],
    landline: ["02266200001", "66200001", "01066200001", "03166200001", "03716620001", "02266200001-123", "4001234567",
               "8001234567", "95588", "96123456"],
    imo: ["9074729", "9319466"],
    mmsi: ["412000001", "477123456", "001234567"],
    ship_no: ["CN20150000017"],
    container: ["CSQU3054383"],
    bank_card: ["6222020000000000018", "6222020000000001"[:15] + bank_card.calc_check_digit("622202000000000")],
    hs_code: ["847130", "84713000", "8471300000", "8471300000101"],
}  # fmt: skip
"""Per module numbers that are right as they stand: invented, or printed in the standards."""

REPAIRED = [
    (tax_no, " 310229607334939\t", "310229607334939", "repair.blanks"),
    (customs_code, "１２０７２６００ａ１", "12072600A1", "repair.full_width"),
    (document_no, "津东保自贸审【2019】11号", "津东保自贸审〔2019〕11号", "repair.brackets"),
    (document_no, "[2017]10号", "〔2017〕10号", "repair.brackets"),
    (document_no, "〔2017〕10 号", "〔2017〕10号", "repair.blanks"),
    (document_no, "(2017)第10号", "〔2017〕10号", "repair.brackets"),
    (document_no, "（2017年）年第10", "〔2017〕10号", "repair.brackets"),
    (container, "csqu 305438 3", "CSQU3054383", "repair.blanks"),
    (imo, "IMO9319466", "9319466", "repair.prefix"),
    (mobile, "86 138 0000 0000", "13800000000", "repair.prefix"),
    (mobile, "＋86－13800000000", "13800000000", "repair.prefix"),
    (landline, "86-22-66200001", "02266200001", "repair.prefix"),
    (landline, "86620000*12", "86620000-12", "cleaned"),
    (bank_card, "6222 0200 0000 0000 018", "6222020000000000018", "repair.blanks"),
    (hs_code, "8471.30", "847130", "repair.separators"),
    (chemicals_permit, "津滨危化经字(2015)000123号", "津滨危化经字〔2015〕000123", "repair.brackets"),
]

BAD = [
    (bank_card, "6222****0000018", "suspect", "id.masked"),
    (mobile, "138****0000", "suspect", "id.masked"),
    (document_no, "津东保自贸审〔2019〕*号", "suspect", "id.masked"),
    (bank_card, "6.22202E+18", "invalid", "bank_card.float"),
    (tax_no, "310229607334939.0", "invalid", "tax_no.float"),
    (hs_code, "8.4713E+09", "invalid", "hs_code.float"),
    (document_no, "2019.11", "suspect", "document_no.form"),
    (tax_no, "310229607334938", "suspect", "tax_no.embedded"),
    (tax_no, "ABCDEF607334939", "suspect", "tax_no.embedded"),
    (tax_no, "911100007109320225", "suspect", "tax_no.embedded"),
    (tax_no, "91110000100003962T", "invalid", "tax_no.uscc"),
    (tax_no, "1101051949123100AX01", "suspect", "tax_no.person"),
    (tax_no, "31022960733493", "invalid", "tax_no.form"),
    (tax_no, "000000000000000", "placeholder", "tax_no.placeholder"),
    (customs_code, "120726000", "invalid", "customs_code.form"),
    (customs_code, "1207860001", "suspect", "customs_code.zone"),
    (customs_code, "1207200001", "suspect", "customs_code.kind"),
    (ciq_no, "12006000011", "invalid", "ciq_no.form"),
    (food_permit, "JY11201160000017", "suspect", "food_permit.check_digit"),
    (food_permit, "11201160000016", "invalid", "food_permit.form"),
    (pollutant_permit, "91130200699229617X001", "invalid", "pollutant_permit.form"),
    (pollutant_permit, "91130200699229618X001P", "suspect", "pollutant_permit.uscc"),
    (pollutant_permit, "911100007109320225001P", "suspect", "pollutant_permit.uscc"),
    (pollutant_permit, "000000000000000000001P", "suspect", "pollutant_permit.uscc"),
    (hk_macao_permit, "H1234567", "invalid", "hk_macao_permit.form"),
    (taiwan_permit, "0123456701B", "suspect", "taiwan_permit.card"),
    (taiwan_permit, "012345678", "invalid", "taiwan_permit.form"),
    (passport, "E123", "invalid", "passport.form"),
    (passport, "无", "placeholder", "passport.placeholder"),
    (mobile, "12800000000", "invalid", "mobile.form"),
    (mobile, "1380000000", "invalid", "mobile.form"),
    (landline, "022-6620000", "suspect", "landline.tianjin"),
    (landline, "022-16620000", "invalid", "landline.form"),
    (landline, "22-66200001", "invalid", "landline.form"),
    (imo, "9319467", "invalid", "imo.check_digit"),
    (imo, "931946", "invalid", "imo.form"),
    (imo, "1234567", "placeholder", "imo.placeholder"),
    (mmsi, "41200000", "invalid", "mmsi.form"),
    (ship_no, "CN2015000001", "invalid", "ship_no.form"),
    (ship_no, "CN01500000171", "suspect", "ship_no.year"),
    (container, "CSQU3054384", "invalid", "container.check_digit"),
    (container, "CSQA3054383", "invalid", "container.form"),
    (bank_card, "6222020000000000019", "suspect", "bank_card.check_digit"),
    (bank_card, "622202000000001", "invalid", "bank_card.form"),
    (hs_code, "8471300", "invalid", "hs_code.form"),
    (document_no, "津东保自贸审2019年11号", "suspect", "document_no.form"),
    (drug_permit, "津AC0220001", "suspect", "drug_permit.form"),
    (device_permit, "津滨食药监械经营20160012号", "suspect", "device_permit.form"),
    (chemicals_permit, "津滨危化经字000123", "suspect", "chemicals_permit.form"),
    (safety_permit, "津WH安许证字〔2016〕000123", "suspect", "safety_permit.form"),
]

CASES = [(module, text) for module, texts in GOOD.items() for text in texts]


def rules(module: ModuleType) -> dict[str, str]:
    """The module's rules by the names of its expressions: `tax_no.form` is `form_holds`."""
    kind = module.__name__.rpartition(".")[2]
    return {f"{kind}.{name.removesuffix('_holds')}": name for name in vars(module) if name.endswith("_holds")}


@pytest.mark.parametrize(("module", "text"), CASES)
def test_true_numbers_are_right(module: ModuleType, text: str) -> None:
    """A true number is right as it stands, and still right after printing it."""
    verdict = module.check(text)
    assert (verdict.status, verdict.rule, verdict.after) == ("ok", "", text)
    assert module.is_valid(text)
    assert module.compact(module.format(text)) == text
    if hasattr(module, "calc_check_digit") and module is not food_permit:
        assert text.endswith(module.calc_check_digit(text[:-1]))


@pytest.mark.parametrize(("module", "text", "after", "rule"), REPAIRED)
def test_other_writings_are_repaired(module: ModuleType, text: str, after: str, rule: str) -> None:
    """A true number in another writing is told as repaired by what was changed, the text as it came beside it."""
    verdict = module.check(text)
    assert (verdict.status, verdict.rule, verdict.before, verdict.after) == ("repaired", rule, text, after)
    assert message(rule).severity == "flag"


@pytest.mark.parametrize(("module", "text", "status", "rule"), BAD)
def test_near_misses_are_told_by_rule(module: ModuleType, text: str, status: str, rule: str) -> None:
    """A near miss has the status it deserves, and the rule that decided."""
    verdict = module.check(text)
    assert (verdict.status, verdict.rule) == (status, rule)
    assert not module.is_valid(text)
    assert message(rule).zh


def near(module: ModuleType) -> st.SearchStrategy[str]:
    """Texts of the module's form, true numbers with some characters changed, and anything at all."""
    changed = st.builds(
        lambda text, place, character: text[: place % len(text)] + character + text[place % len(text) + 1 :],
        st.sampled_from(GOOD[module] + [text for kind, text, *_ in BAD if kind is module]),
        st.integers(0, 30),
        st.sampled_from([*"0123456789AXHZ-", "号", "〕", ""]),
    )
    return st.one_of(st.from_regex(module.FORM), changed, changed, st.text())


@pytest.mark.parametrize("module", GOOD)
@settings(max_examples=30, deadline=None)
@given(draw=st.data())
def test_columns_say_what_single_values_say(module: ModuleType, draw: st.DataObject) -> None:
    """A column breaks a rule exactly where `check` names one, and the rule that `check` names is among the broken."""
    verdicts = [module.check(text) for text in draw.draw(st.lists(near(module), min_size=1, max_size=15))]
    frame = pl.DataFrame({"number": [verdict.after for verdict in verdicts]}, schema={"number": pl.String})
    told = frame.select(getattr(module, name)(pl.col("number")).alias(rule) for rule, name in rules(module).items())
    for verdict, row in zip(verdicts, told.iter_rows(named=True), strict=True):
        broken = {rule for rule, holds in row.items() if holds is False}
        if verdict.rule != "id.masked" and not verdict.rule.endswith((".placeholder", ".float")):
            assert verdict.rule in broken if broken else verdict.status in SOUND, verdict


@pytest.mark.parametrize("module", GOOD)
def test_columns_say_nothing_of_what_is_missing(module: ModuleType) -> None:
    """A null breaks no rule."""
    frame = pl.DataFrame({"number": [None]}, schema={"number": pl.String})
    for name in rules(module).values():
        assert frame.select(getattr(module, name)(pl.col("number"))).item() is None, name


@pytest.mark.parametrize("module", GOOD)
@settings(max_examples=100, deadline=None)
@given(text=st.text(st.characters()))
def test_no_text_raises(module: ModuleType, text: str) -> None:
    """Whatever the text, there is a verdict and a printed form; only right numbers are valid."""
    verdict = module.check(text)
    assert verdict.before == text
    assert (verdict.rule == "") == (verdict.status == "ok")
    assert (verdict.status in SOUND) == module.is_valid(text)
    assert isinstance(module.format(text), str)


@pytest.mark.parametrize("module", GOOD)
def test_each_rule_has_its_message_and_consequence(module: ModuleType) -> None:
    """What makes a number suspect only marks a row; what makes it invalid may refuse one."""
    assert set(rules(module)) <= set(MESSAGES)
    for kind, _, status, rule in BAD:
        if kind is module and status != "placeholder":
            assert (status == "suspect") == (message(rule).severity == "flag"), rule


@settings(max_examples=30, deadline=None)
@given(st.lists(near(document_no), max_size=20))
def test_columns_of_document_numbers_become_the_same_keys(texts: list[str]) -> None:
    """Cleaned texts of a column become the key that `compact` makes of each."""
    cleaned = [bare(text) for text in texts]
    frame = pl.DataFrame({"number": cleaned}, schema={"number": pl.String})
    keys = frame.select(document_no.compacted(pl.col("number"))).to_series().to_list()
    assert keys == [document_no.compact(text) for text in cleaned]


@settings(max_examples=30, deadline=None)
@given(st.lists(near(hk_macao_permit), max_size=20))
def test_columns_of_permits_know_the_person(texts: list[str]) -> None:
    """A permit issued again is the same person's, in a column too."""
    numbers = [hk_macao_permit.compact(text) for text in texts]
    frame = pl.DataFrame({"number": numbers}, schema={"number": pl.String})
    keys = frame.select(hk_macao_permit.person_keys(pl.col("number"))).to_series().to_list()
    assert [key or "" for key in keys] == [hk_macao_permit.person_key(number) for number in numbers]


@pytest.mark.parametrize("module", [bank_card, food_permit])
@settings(max_examples=60, deadline=None)
@given(draw=st.data())
def test_one_wrong_digit_is_noticed(module: ModuleType, draw: st.DataObject) -> None:
    """Luhn and MOD 11,10 notice every digit replaced by another (IMO and ISO 6346 can't: their sums repeat)."""
    text = draw.draw(st.sampled_from(GOOD[module]))
    place = draw.draw(st.integers(len(text) - 6, len(text) - 1))
    digit = draw.draw(st.sampled_from([digit for digit in "0123456789" if digit != text[place]]))
    assert module.check(text[:place] + digit + text[place + 1 :]).rule.endswith(".check_digit")


@pytest.mark.parametrize(
    "phone",
    [*GOOD[mobile], *GOOD[landline], "+86-22-66200001", "022-66200001,13800000000", "(022)66200001转8", "400-1234-567",
     "138-0000-0000;66200001", "0086-13800000000"],
)  # fmt: skip
def test_a_telephone_is_a_mobile_or_a_land_line(phone: str) -> None:
    """A telephone column takes every writing of either, one or several."""
    assert pl.select(pl.lit(phone).str.contains(PHONE_FORM)).item()
    parts = re.split("[;,]", phone)
    assert all(mobile.is_valid(part) or landline.is_valid(part) for part in parts)
