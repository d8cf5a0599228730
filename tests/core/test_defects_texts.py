"""Defects 37 to 52 of standards §5: names, addresses, characters. A test for each, named by its number.

Stored text is changed only where the table says so (A); everything else is a flag, or is done in a key.
"""

from __future__ import annotations

from exchange.core import addresses, names
from exchange.core.link_keys import name_key_text
from tests.core.judged_rows import CUSTOMS, HEADER, MARKET, RESIDENTS, Judged, column, judged_page, line, marked, read


def firms(*texts: str) -> Judged:
    """Firms with these names."""
    return column(MARKET, "entname", *texts)


def people(*texts: str) -> Judged:
    """Representatives with these names."""
    return column(MARKET, "name", *texts)


def kept(found: Judged, name: str, *texts: str) -> list[list[str]]:
    """The flags of a column whose texts are all kept as they came."""
    assert found.faults == []
    assert found.values(name) == list(texts)
    return found.flagged(name)


def repaired(found: Judged, name: str, *values: str) -> list[list[str]]:
    """The flags of a column that is stored with these values."""
    assert found.faults == []
    assert found.values(name) == list(values)
    return found.flagged(name)


def candidates(*texts: str) -> int:
    """How many firms these names may be, as far as the wider key tells them apart."""
    return names.candidate_key(firms(*texts).records["name"]).n_unique()


def test_defect_37_forms_of_brackets() -> None:
    """A name keeps its brackets, and is compared without their form."""
    texts = ("天津（集团）公司", "天津(集团)公司", "天津〔集团〕公司")
    found = firms(*texts)
    assert kept(found, "name", *texts) == [[], [], []]
    assert name_key_text("legal_person", found.records).unique().to_list() == ["天津(集团)公司"]


def test_defect_38_limited_company_in_two_forms() -> None:
    """有限公司 and 有限责任公司 are candidates for one firm, and not the same name."""
    texts = ("天津示例贸易有限公司", "天津示例贸易有限责任公司")
    found = firms(*texts)
    assert kept(found, "name", *texts) == [[], []]
    assert name_key_text("legal_person", found.records).n_unique() == 2
    assert candidates(*texts) == 1


def test_defect_39_ways_to_write_binhai() -> None:
    """Addresses and names that begin with Binhai in different ways have one key; the texts stay."""
    places = ("天津滨海新区", "天津市滨海新区", "滨海新区")
    homes = [f"{place}洞庭路1号" for place in (*places, "津滨海新区")]
    found = column(MARKET, "dom", *homes)
    assert kept(found, "domicile", *homes) == [[]] * 4
    assert addresses.key(found.records["domicile"]).n_unique() == 1
    assert candidates(*(f"{place}示例贸易有限公司" for place in (*places, "津"))) == 1


def test_defect_40_former_names() -> None:
    """A former name behind the name is marked, and the candidates share a key without it."""
    text = "天津示例贸易有限公司（原示例贸易部）"
    assert kept(firms(text), "name", text) == [["name.former"]]
    assert candidates(text, "天津示例贸易有限公司") == 1
    assert candidates("中国铁建重工集团有限公司", "中国铁建重工集团股份有限公司") == 2


def test_defect_41_branch_and_parent() -> None:
    """A branch is marked and never compares as its parent."""
    texts = ("中国铁建股份有限公司西安分公司", "中国铁建股份有限公司")
    assert kept(firms(*texts), "name", *texts) == [["name.branch"], []]
    assert candidates(*texts) == 2


def test_defect_42_truncated_names() -> None:
    """A name that ends in half a word, or in an open bracket, is marked."""
    texts = ("中铁建南方建设投", "天津示例贸易有限", "天津示例（集", "中铁建南方建设投资有限公司")
    assert kept(firms(*texts), "name", *texts) == [["name.truncated"]] * 3 + [[]]


def test_defect_43_blanks_inside_chinese() -> None:
    """Blanks between Han characters go, those between words stay."""
    found = people("王 芳", "王\u3000芳", "王    芳", "SMITH JOHN")
    assert repaired(found, "legal_rep_name", "王芳", "王芳", "王芳", "SMITH JOHN") == [["name.spaces"]] * 3 + [[]]


def test_defect_44_characters_beyond_gbk() -> None:
    """Characters beyond GBK and beyond the basic plane are read from GB 18030, and count as one each."""
    rows = [{"法定代表人": f"王{rare}"} for rare in ("䶮", "𬱖", "㛃")]
    body = HEADER + "\r\n".join(line(row) for row in rows).encode("gb18030")
    assert b"\xfe\x9f" in body
    assert b"\x99\x33\xc3\x36" in body
    found = judged_page(CUSTOMS, read(CUSTOMS, body))
    assert kept(found, "legal_rep_name", "王䶮", "王𬱖", "王㛃") == [[], [], []]
    assert column(RESIDENTS, "XM", "𬱖" * 70).faults == []


def test_defect_45_private_use_characters() -> None:
    """Characters of old fonts become those that GB 18030 gives for them; one without a meaning is marked."""
    found = people("王\ue863", "王\ue81e", "王\uf8f0")
    flags = repaired(found, "legal_rep_name", "王\u4dae", "王\u9fb4", "王\uf8f0")
    assert flags == [["text.character"], ["text.character"], ["text.private_use"]]
    body = HEADER + line({"法定代表人": "王@"}).encode("gb18030").replace(b"@", b"\xfe\x59")
    assert judged_page(CUSTOMS, read(CUSTOMS, body)).values("legal_rep_name") == ["王\u9fb4"]


def test_defect_46_signs_for_rare_characters() -> None:
    """A sign, a pinyin syllable or a description in the place of a character is marked and stays."""
    texts = ("王?", "王□", "王﹖", "王*", "李y̌n", "张(火旁)")
    assert kept(people(*texts), "legal_rep_name", *texts) == [["name.unreadable"]] * 6


def test_defect_47_middle_dots() -> None:
    """Every dot inside a name of another people is U+00B7; bytes A1A4 of a GB file are that already."""
    texts = [f"阿依古丽{dot}买买提" for dot in "•・‧．."]
    assert repaired(people(*texts), "legal_rep_name", *["阿依古丽·买买提"] * 5) == [["name.dot"]] * 5
    body = HEADER + line({"法定代表人": "阿依古丽@买买提"}).encode("gb18030").replace(b"@", b"\xa1\xa4")
    found = judged_page(CUSTOMS, read(CUSTOMS, body))
    assert kept(found, "legal_rep_name", "阿依古丽\u00b7买买提") == [[]]


def test_defect_48_dashes() -> None:
    """The dash of another code table is U+2014; bytes A1AA of a GB file are that already."""
    found = column(MARKET, "opscope", "仓储\u2015\u2015不含危险品")
    assert repaired(found, "business_scope", "仓储\u2014\u2014不含危险品") == [["text.character"]]
    body = HEADER + line({"工商注册地址": "洞庭路1号@东区"}).encode("gb18030").replace(b"@", b"\xa1\xaa")
    assert kept(judged_page(CUSTOMS, read(CUSTOMS, body)), "domicile", "洞庭路1号\u2014东区") == [[]]


def test_defect_49_euro_as_byte_80() -> None:
    """Byte 80 of Windows-936 is the euro sign, and its row is marked."""
    body = HEADER + line({"经营类别": "进出口@"}).encode("gb18030").replace(b"@", b"\x80")
    page = read(CUSTOMS, body)
    assert marked(page) == [(0, "encoding.euro")]
    found = judged_page(CUSTOMS, page)
    assert kept(found, "customs_category", "进出口€") == [[]]
    assert found.flagged("") == [["encoding.euro"]]


def test_defect_50_traditional_characters() -> None:
    """A traditional or variant character is marked and stays; only the wider key converts it."""
    texts = ("呂芳", "王雲峯")
    assert kept(people(*texts), "legal_rep_name", *texts) == [["name.traditional"]] * 2
    assert candidates("天津雲海貿易有限公司", "天津云海贸易有限公司") == 1


def test_defect_51_radicals_and_compatibility_ideographs() -> None:
    """What only looks like a character becomes it."""
    found = people("\u2fa6\u2f00\u2f45", "\uf90a芳", "\uf9ea芳")
    flags = repaired(found, "legal_rep_name", "金一方", "金芳", "\u96e2芳")
    assert flags == [["text.character"], ["text.character"], ["text.character", "name.traditional"]]


def test_defect_52_stored_text_is_not_normalised() -> None:
    """What NFKC would spoil stays as it came: ㎡, ①, №, ½, …, full-width punctuation."""
    text = "①仓储５００㎡；№3：½…（不含䶮）"
    assert kept(column(MARKET, "opscope", text), "business_scope", text) == [[]]
    name = "天津①（集团）公司"
    assert kept(firms(name), "name", name) == [[]]
