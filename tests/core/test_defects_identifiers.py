"""Defects 1 to 21, 62 and 63 of standards §5: what happens to numbers. A test for each, named by its number.

A number repaired keeps its flag, and the value is the right one; where nothing can be repaired the row is refused.
"""

from __future__ import annotations

import polars as pl

from exchange.core import link_keys
from exchange.core.golden import fold, policy_of
from exchange.core.identifiers import document_no
from exchange.core.keyed import keyed_hash
from exchange.core.resolve import HELD, SIBLINGS, Plan, Resolution, resolve
from schemas import columns
from tests.core.judged_rows import (
    CUSTOMS,
    FIRM,
    MARKET,
    OLD_PERSON,
    PERSON,
    REGISTER,
    RESIDENTS,
    UPGRADED,
    Judged,
    column,
    judged,
)

OTHER = "9112011835156027X5"
"""A firm whose organisation code is 35156027X."""


def firms(*texts: str) -> Judged:
    """Firms with these texts as their credit codes."""
    return column(MARKET, "uniscid", *texts)


def cards(*texts: str) -> Judged:
    """Firms whose representatives have these texts as their citizen ids."""
    return column(MARKET, "cerno", *texts)


def assert_repaired(found: Judged, name: str, value: str, rule: str = "cleaned") -> None:
    """Every row is kept with this value, and marked by the rule as written differently."""
    assert found.faults == []
    assert found.values(name) == [value] * found.records.height
    assert found.flagged(name) == [[rule]] * found.records.height


def resolved(found: Judged, library: str = "legal_person") -> Resolution:
    """Who is who among the rows of one page of a new feed."""
    records = found.records
    texts = link_keys.name_key_text(library, records)
    names = [None if text is None else keyed_hash(b"k" * 32, text.encode()) for text in texts]
    rows = pl.DataFrame(
        {
            "row": records["row"],
            "id": [bytes([at]) * 16 for at in records["row"]],
            "name_key": pl.Series(names, dtype=pl.Binary),
            "known_entity": pl.Series([None] * len(records), dtype=pl.String),
        }
    )
    links = link_keys.links(library, records)
    hashes = [keyed_hash(b"k" * 32, kind.encode(), text.encode()) for kind, text in links.select("kind", "key").rows()]
    plan = Plan(columns.links(library), [f"entity-{at}" for at in range(len(records))])
    keyed = links.with_columns(pl.Series("key", hashes, dtype=pl.Binary))
    return resolve(rows, keyed, pl.DataFrame(schema=HELD), pl.DataFrame(schema=SIBLINGS), plan)


def entities(found: Judged) -> list[str]:
    """The entity of each row."""
    return resolved(found).entities["entity_id"].to_list()


def test_defect_01_full_width_digits() -> None:
    """Full-width digits and letters become narrow."""
    assert_repaired(firms("９１１２０１１６２４４９９７９５１Ｇ"), "uscc", FIRM)


def test_defect_02_lower_case_check_letter() -> None:
    """A small x is the check letter X."""
    assert_repaired(cards("11010519491231002x"), "legal_rep_id_no", PERSON)


def test_defect_03_cyrillic_or_roman_x() -> None:
    """A Cyrillic х or Х or a Roman Ⅹ or ⅹ is the check letter X."""
    found = cards(*(f"11010519491231002{letter}" for letter in "\u0445\u0425\u2169\u2179"))
    assert_repaired(found, "legal_rep_id_no", PERSON)


def test_defect_04_letters_that_look_like_digits() -> None:
    """O, I, Z and S are read as digits only where both check characters then hold; V resembles no digit."""
    assert_repaired(firms("9112O116244997951G", "9I12O1I6Z44997951G"), "uscc", FIRM, "uscc.lookalike")
    wrong = firms("9112O116244997952G", "9112V116244997951G")
    assert wrong.refused("uscc") == [["uscc.alphabet"], ["uscc.alphabet"]]
    assert wrong.values("uscc") == ["9112O116244997952G", "9112V116244997951G"]


def test_defect_05_blanks_hyphens_and_tabs_inside() -> None:
    """What typing puts between the parts of a number goes."""
    assert_repaired(
        firms("91 110000 600037341L", "91-110000-600037341L", "91\t110000600037341L"), "uscc", "91110000600037341L"
    )


def test_defect_06_invisible_characters() -> None:
    """Zero-width characters and byte order marks go."""
    assert_repaired(firms("91120116\u200b244997951G", "\ufeff91120116244997951G"), "uscc", FIRM)


def test_defect_07_a_spreadsheets_mark_in_front() -> None:
    """An apostrophe or backtick that kept a number a text goes."""
    assert_repaired(firms("'91120116244997951G", "`91120116244997951G"), "uscc", FIRM)


def test_defect_08_trailing_space() -> None:
    """A blank behind a taxpayer number does not make it another one."""
    found = firms("310229607334939 ")
    assert found.faults == []
    assert found.values("org_code") == ["607334939"]
    assert "cleaned" in found.flagged("uscc")[0]
    assert_repaired(firms(FIRM + " "), "uscc", FIRM)


def test_defect_09_citizen_id_as_a_float() -> None:
    """A citizen id that went through a float is refused, as 1.10105E+17 and with its last digits rounded."""
    found = cards("1.10105E+17", "110105194912310032", "110105194912310000")
    assert found.refused("legal_rep_id_no") == [
        ["citizen_id.length"],
        ["citizen_id.check_digit"],
        ["citizen_id.check_digit"],
    ]
    assert column(RESIDENTS, "GMSFHM", "1.10105E+17").refused("id_no") == [["citizen_id.length"]]


def test_defect_10_all_digit_credit_code_as_a_float() -> None:
    """A credit code of digits alone whose last ones a float rounded is refused."""
    found = firms("911201160759014528", "9.112011607590145E+17")
    assert found.refused("uscc") == [["uscc.check_digit"], ["uscc.length"]]


def test_defect_11_a_character_too_few_or_too_many() -> None:
    """17 and 19 characters are refused, of the register too."""
    texts = ("91120113MACQ4A17G", "911201162244997951G")
    assert firms(*texts).refused("uscc") == [["uscc.length"]] * 2
    assert column(REGISTER, "统一社会信用代码", *texts).refused("uscc") == [["uscc.length"]] * 2


def test_defect_12_citizen_id_of_15_digits() -> None:
    """15 digits become 18 characters, from which the old number can be read again."""
    assert_repaired(cards(OLD_PERSON), "legal_rep_id_no", UPGRADED, "citizen_id.upgraded")
    assert UPGRADED[:6] + UPGRADED[8:17] == OLD_PERSON


def test_defect_13_codes_in_each_others_columns() -> None:
    """Credit code and organisation code change places, and the rows of one firm are linked."""
    found = judged(
        CUSTOMS,
        {"组织机构代码": OTHER, "统一社会信用代码": None},
        {"统一社会信用代码": "35156027X"},
        {"统一社会信用代码": None, "组织机构代码": "35156027X"},
    )
    assert found.faults == []
    assert found.values("uscc") == [OTHER, None, None]
    assert found.values("org_code") == ["35156027X"] * 3
    assert (found.flagged("org_code")[0], found.flagged("uscc")[1]) == (["uscc.in_org_code"], ["uscc.org_code_in_uscc"])
    assert len(set(entities(found))) == 1


def test_defect_14_organisation_code_with_a_hyphen() -> None:
    """The printed hyphen is no part of the code."""
    found = judged(CUSTOMS, {"统一社会信用代码": None, "组织机构代码": "59642350-5"})
    assert_repaired(found, "org_code", "596423505")


def test_defect_15_taxpayer_number_for_a_credit_code() -> None:
    """Of a division and an organisation code the latter is taken, and links; a number of another kind is refused."""
    found = judged(
        CUSTOMS, {"统一社会信用代码": "310229607334939"}, {"统一社会信用代码": None, "组织机构代码": "60733493-9"}
    )
    assert found.faults == []
    assert found.values("uscc") == [None, None]
    assert found.values("org_code") == ["607334939"] * 2
    assert found.flagged("uscc")[0] == ["uscc.tax_no_in_uscc"]
    assert len(set(entities(found))) == 1
    assert firms("310229607334938", "310230001716146").refused("uscc") == [["uscc.length"]] * 2


def test_defect_16_citizen_id_as_credit_code() -> None:
    """The owner's citizen id leaves the public column for the sealed one."""
    found = judged(MARKET, {"uniscid": PERSON, "regno": "120116000000014"})
    assert found.faults == []
    assert (found.values("uscc"), found.values("legal_rep_id_no")) == ([None], [PERSON])
    assert found.flagged("uscc") == [["citizen_id.moved"]]


def test_defect_17_two_numbers_in_one_cell() -> None:
    """Each number goes to its own column; of two credit codes none is chosen, and the row is refused."""
    found = firms(f"310230001716146;{FIRM}", f"24499795-1／{FIRM}", f"{PERSON}、{FIRM}")
    assert found.faults == []
    assert found.values("uscc") == [FIRM] * 3
    assert found.values("reg_no") == ["310230001716146", None, None]
    assert found.values("legal_rep_id_no") == [None, None, PERSON]
    assert [rules[-1:] for rules in found.flagged("uscc")] == [["uscc.several"]] * 3
    assert firms(f"{FIRM}/{OTHER}").refused("uscc") == [["uscc.length"]]
    assert firms(f"{FIRM}/{OTHER}/440301104001813").refused("uscc") == [["uscc.length"]]


def test_defect_18_placeholders() -> None:
    """What stands for nothing is nothing, and never a value that two firms share."""
    texts = ("00000000000000000X", "无", "/", "-", "暂无", "NULL", "123456")
    found = judged(MARKET, *({"uniscid": text, "regno": "120116000000014"} for text in texts))
    assert found.faults == []
    assert found.values("uscc") == [None] * len(texts)
    assert found.flagged("uscc") == [["placeholder"]] * len(texts)


def test_defect_19_masked_numbers() -> None:
    """A masked number is marked and counts as missing, so that it never replaces a full one."""
    found = cards("1201**********0026")
    assert found.faults == []
    assert found.values("legal_rep_id_no") == [None]
    assert found.flagged("legal_rep_id_no") == [["id.masked"]]


def test_defect_20_well_known_wrong_number() -> None:
    """A number copied from place to place whose check character is wrong is refused."""
    assert firms("91110000100003962T").refused("uscc") == [["uscc.check_digit"]]


def test_defect_21_one_code_on_two_names() -> None:
    """Two firms of one feed with one code are not joined, and the conflict is shown by its rule."""
    found = judged(MARKET, {"entname": "天津示例贸易有限公司"}, {"entname": "天津样本仓储有限公司"})
    told = resolved(found)
    assert told.entities["entity_id"].n_unique() == 2
    assert set(told.conflicts["rule"]) == {"link.one_code_two_names"}
    assert set(told.conflicts["kind"]) == {"uscc", "org_code"}


def test_defect_21_one_citizen_id_on_two_names() -> None:
    """Two people of one feed with one citizen id, in either form of it, are not joined either; under one name they are."""
    for rule, other in (("link.one_code_two_names", "李明"), (None, "王 芳")):
        found = judged(RESIDENTS, {"GMSFHM": OLD_PERSON, "XM": "王芳"}, {"GMSFHM": UPGRADED, "XM": other})
        told = resolved(found, "person")
        assert told.conflicts["rule"].to_list() == ([rule] if rule else [])
        assert told.entities["entity_id"].n_unique() == (2 if rule else 1)


def test_defect_62_forms_of_document_numbers() -> None:
    """However year and number are written, the key is one: 〔year〕number号."""
    forms = (
        "津东保自贸审【2019】11号",
        "津东保自贸审[2019]第11号",
        "津东保自贸审(2019) 11 号",
        "津东保自贸审〔2019〕11号",
    )
    assert {document_no.compact(form) for form in forms} == {"津东保自贸审〔2019〕11号"}
    assert [document_no.check(form).status for form in forms] == ["repaired"] * 3 + ["ok"]
    short = ("[2017]10号", "〔2017〕10 号", "(2017)第10号")
    assert {document_no.compact(form) for form in short} == {"〔2017〕10号"}


def test_defect_63_status_conflicts() -> None:
    """A revoked firm that customs still calls active stays revoked; an old number given again joins no two firms."""
    register = judged(MARKET, {"regstate": "吊销，未注销"})
    customs = judged(CUSTOMS, {"注销标志": "0"})
    held = pl.concat([_held(register, "market_regulation", 1), _held(customs, "customs", 2)])
    golden = fold(held, policy_of("legal_person"))
    assert golden.select("status", "customs_cancelled").rows() == [("2", "0")]
    again = judged(
        MARKET,
        {"uniscid": FIRM, "regno": "310230001716146"},
        {"uniscid": OTHER, "regno": "310230001716146", "entname": "天津样本仓储有限公司"},
    )
    told = resolved(again)
    assert told.entities["entity_id"].n_unique() == 2
    assert told.conflicts.select("kind", "rule").rows() == [("reg_no", "link.two_strong_identifiers")]


def _held(found: Judged, agency: str, ordering: int) -> pl.DataFrame:
    """The record as the store holds it for one entity."""
    policy = policy_of("legal_person")
    return found.records.select(
        pl.lit("entity").alias("entity_id"),
        pl.lit(bytes([ordering]) * 16).alias("id"),
        pl.lit(agency).alias("agency"),
        pl.lit(agency).alias("feed"),
        pl.lit(ordering, pl.Int64).alias("ordering"),
        *policy.public,
        *(pl.lit(None, pl.Binary).alias(group) for group in policy.groups),
    )
