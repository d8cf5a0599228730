"""What is stored of texts and names, what is marked, and the keys by which they are compared."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.core import addresses, characters, garbled, money, names, texts

HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=12)


def stored(text: str, *, person: bool = False) -> tuple[object, list[str]]:
    """A single name as it is stored, and the rules that refused or marked it."""
    found = texts.read(pl.Series("x", [text, None]), name=True, person=person)
    told = {**found.faults, **found.flags}
    return found.values[0], [rule for rule, where in told.items() if where[0]]


PEOPLE = [
    ("王 芳", "王芳", ["name.spaces"]),
    ("王\u3000 芳 芳", "王芳芳", ["name.spaces"]),
    ("SMITH JOHN", "SMITH JOHN", []),
    ("阿依古丽・买买提", "阿依古丽·买买提", ["name.dot"]),
    ("阿依古丽 . 买买提", "阿依古丽·买买提", ["name.dot"]),
    ("阿依古丽·买买提", "阿依古丽·买买提", []),
    ("王\ue863", "王䶮", ["text.character"]),
    ("王䶮", "王䶮", []),
    ("𬱖芳", "𬱖芳", []),
    ("⾦芳", "金芳", ["text.character"]),
    ("王\uf8f0", "王\uf8f0", ["text.private_use"]),
    ("王?", "王?", ["name.unreadable"]),
    ("王□", "王□", ["name.unreadable"]),
    ("张(火旁)", "张(火旁)", ["name.unreadable"]),
    ("李yn", "李yn", ["name.unreadable"]),
    ("呂芳", "呂芳", ["name.traditional"]),
    ("澶╂触", "天津", ["text.garbled"]),
    ("澶╂触婊ㄦ捣鏂?", "澶╂触婊ㄦ捣鏂?", ["text.lost", "name.unreadable"]),
    ("\u200b王芳", "王芳", ["cleaned"]),
    ("无", None, ["placeholder"]),
]
FIRMS = [
    ("天津（集团）公司", []),
    ("天津示例贸易有限公司", []),
    ("天津示例贸易有限公司（原示例贸易部）", ["name.former"]),
    ("天津示例有限公司塘沽分公司", ["name.branch"]),
    ("天津示例贸易有限", ["name.truncated"]),
    ("天津示例（集团", ["name.truncated"]),
    ("天津雲示例公司", ["name.traditional"]),
]


@pytest.mark.parametrize(("text", "value", "rules"), PEOPLE)
def test_names_of_people_are_stored_as_little_changed_as_can_be(text: str, value: str | None, rules: list[str]) -> None:
    """Each repair and each doubt has its rule; what is right has none."""
    assert stored(text, person=True) == (value, rules)


@pytest.mark.parametrize(("text", "rules"), FIRMS)
def test_names_of_firms_are_marked_and_kept(text: str, rules: list[str]) -> None:
    """Former names, branches, cut and traditional names are flags; the name stays."""
    assert stored(text) == (text, rules)


def test_stored_text_is_not_nfkc() -> None:
    """Signs that a compatibility normalisation would spoil stay; only the dash of another code table is replaced."""
    text = "①仓储５００㎡；№3…½（不含䶮）：\u2014"
    found = texts.read(pl.Series([text, text[:-1] + "\u2015"]), name=False)
    assert found.values.to_list() == [text, text]
    assert found.flags["text.character"].to_list() == [False, True]


def test_private_characters_are_the_published_ones() -> None:
    """Eighty of GBK's rows FE50–FEA0, ten vertical forms, two pinyin letters, thirteen of ideographic description."""
    table = characters.private_use()
    assert len([one for one in table if "\ue815" <= one <= "\ue864"]) == 80
    assert len(table) == 105
    assert len(set(table.values())) == 105
    assert not [new for new in table.values() if "\ue000" <= new <= "\uf8ff"]
    assert (table["\ue81e"], table["\ue863"], table["\ue816"]) == ("\u9fb4", "\u4dae", "\U00020087")


@given(HAN)
def test_ordinary_chinese_is_left_alone(text: str) -> None:
    """No text of unified Han characters is taken for garbled, spoiled or dotted."""
    found = texts.read(pl.Series([text]), name=False)
    assert found.values.to_list() == [None if text in ("无", "空") else text] or found.values[0] is None
    assert not any(where.any() for rule, where in found.flags.items() if rule != "placeholder")


@given(
    st.lists(st.sampled_from("天津市滨海新区示例贸易有限公司第一大街路号楼室张王李"), min_size=2, max_size=20).map(
        "".join
    )
)
def test_utf8_read_as_gbk_comes_back(text: str) -> None:
    """What was read in the wrong encoding without loss is turned back; with a byte lost, it is never turned into more."""
    try:
        wrong = text.encode().decode("gb18030")
    except UnicodeDecodeError:
        wrong = text.encode().decode("gb18030", "replace")
        assert garbled.turned_back(wrong) is None
        return
    assert garbled.turned_back(wrong) in (text, None)


def test_candidates_share_a_wider_key() -> None:
    """有限公司 and 有限责任公司, places in front, former names and traditional characters lead to one key."""
    same = ["天津市滨海新区雲海有限责任公司", "滨海新区云海有限公司（原云海厂）", "津云海有限公司"]
    assert names.candidate_key(pl.Series(same)).n_unique() == 1
    assert names.key(pl.Series(same)).n_unique() == 3
    branch = ["天津云海有限公司", "天津云海有限公司塘沽分公司"]
    assert names.candidate_key(pl.Series(branch)).n_unique() == 2


def test_addresses_of_binhai_begin_alike() -> None:
    """However Binhai is written in front, one key; another district has another."""
    fronts = ["天津市滨海新区", "天津滨海新区", "滨海新区", "津滨海新区 ", "天津市市辖区滨海新区"]
    same = [f"{front}洞庭路{number}号" for front in fronts for number in ("1", "１", "一")]
    assert addresses.key(pl.Series(same)).unique().to_list() == ["天津滨海新区洞庭路1号"]
    assert addresses.key(pl.Series(["天津市河西区洞庭路1号", " "])).to_list() == ["天津河西区洞庭路1号", None]


def test_addresses_that_differ_have_keys_that_differ() -> None:
    """A dash between numbers counts, an old district is found behind the new one, and another city's street is not Binhai."""
    keys = addresses.key(
        pl.Series(["天津市滨海新区第三大街3-1号", "天津市滨海新区第三大街31号", "1栋1-101", "1栋11-01"])
    )
    assert keys.n_unique() == 4
    old = addresses.key(pl.Series(["天津市滨海新区塘沽区上海道1号", "塘沽区上海道1号", "天津市塘沽区上海道1号"]))
    assert old.n_unique() == 1
    assert addresses.key(pl.Series(["中新街5号"])).item() == "中新街5号"


@pytest.mark.parametrize("name", ["鐘翠华", "鐘锋安", "鐘峰华"])
def test_a_short_real_name_is_never_turned_back(name: str) -> None:
    """Three characters that happen to be bytes of UTF-8 are not taken for garbled text unless they say the commonest ones."""
    assert texts.read(pl.Series([name]), name=True, person=True).values.to_list() == [name]
    assert garbled.turned_back("澶╂触") == "天津"


def test_addresses_have_parts() -> None:
    """Parts are columns that never change, and null where an address is not read."""
    found = addresses.parts(pl.Series(["天津市滨海新区示例路1号1门101室", "滨海新区样本里3-2-501", "火星", None]))
    assert tuple(found.columns) == addresses.PARTS
    assert found.select("road", "number", "unit", "room").row(0) == ("示例路", "1号", "1门", "101")
    assert found.select("district", "estate", "building", "unit", "room").row(1) == (
        "滨海新区",
        "样本里",
        "3栋",
        "2门",
        "501",
    )
    assert found.row(3) == (None,) * len(addresses.PARTS)


def test_amounts_in_words_are_compared_with_the_number_beside_them() -> None:
    """A fine of 2,000元 is 0.2 in 万; several amounts may stand for their sum; no amount says nothing."""
    text = pl.Series(["罚款2000元", "罚款2000元", "罚款1000元，没收500元", "罚款人民币贰万元", "警告", None])
    number = pl.Series(["0.2", "2000", "0.15", "2", "1", "1"]).cast(money.AMOUNT)
    assert money.disagrees(text, number).to_list() == [False, True, False, False, None, None]
