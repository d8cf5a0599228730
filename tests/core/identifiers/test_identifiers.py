"""The identifiers by the examples that standards print, and their columns by the single values."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from types import ModuleType

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.core.identifiers import citizen_id, org_code, permanent_residence, reg_no, residence_permit, uscc

GOOD = [
    (uscc, "91350100M000100Y43"),
    (uscc, "91120116244997951G"),
    (uscc, "91120118MA05K9AD5L"),
    (org_code, "D2143569-X"),
    (org_code, "35156027X"),
    (org_code, "MA05K9AD5"),
    (reg_no, "310230001716146"),
    (reg_no, "310230001716154"),
    (reg_no, "340000000016368"),
    (reg_no, "110108020854380"),
    (citizen_id, "11010519491231002X"),
    (citizen_id, "120116201501010026"),
    (citizen_id, "150102880730303"),
    (citizen_id, "932682198501010017"),
    (uscc, "\ufeff９１１２０１１６２４４９９７９５１ｇ "),
    (uscc, "91 120116-244997951\u200bG"),
    (citizen_id, "'11010519491231002х"),
    (citizen_id, "11010519491231002Ⅹ"),
    (uscc, "9112O116244997951G"),
    (uscc, '="91120116244997951G"'),
    (reg_no, "企合津总字第000123号"),
    (reg_no, "３１０２３０００１７１６１４６"),
    (permanent_residence, "932682198501010017"),
    (permanent_residence, "XXA120080010101"),
    (residence_permit, "810000199003071237"),
    (residence_permit, "830000199003071230"),
]
BAD = [
    (uscc, "91350100M000100Y4Z", "invalid", "uscc.alphabet"),
    (uscc, "91110000100003962T", "invalid", "uscc.check_digit"),
    (uscc, "911100007109320225", "suspect", "uscc.embedded"),
    (uscc, "000000000000000000", "placeholder", "uscc.placeholder"),
    (uscc, "00000000000000000X", "placeholder", "uscc.placeholder"),
    (uscc, "91120113MACQ4A17G", "invalid", "uscc.length"),
    (uscc, "91120116244997951GG", "invalid", "uscc.length"),
    (uscc, "9.11201E+17", "invalid", "uscc.float"),
    (uscc, "911201160759014528.0", "invalid", "uscc.float"),
    (uscc, "9112V116244997951G", "invalid", "uscc.alphabet"),
    (uscc, "123456789012345678", "placeholder", "uscc.placeholder"),
    (org_code, "35156027-1", "suspect", "org_code.check_digit"),
    (org_code, "3515602", "invalid", "org_code.form"),
    (org_code, "000000000", "placeholder", "org_code.placeholder"),
    (reg_no, "440301104001818", "suspect", "reg_no.check_digit"),
    (reg_no, "无", "placeholder", "reg_no.placeholder"),
    (reg_no, "12", "invalid", "reg_no.form"),
    (reg_no, "3.1023E+14", "invalid", "reg_no.float"),
    (reg_no, "企合津总字第①号", "invalid", "reg_no.form"),
    (permanent_residence, "990426199112010074", "invalid", "citizen_id.province"),
    (permanent_residence, "11010519491231002X", "invalid", "permanent_residence.prefix"),
    (permanent_residence, "XX0120080010101", "invalid", "permanent_residence.form"),
    (residence_permit, "11010519491231002X", "invalid", "residence_permit.prefix"),
    (residence_permit, "810101199003071239", "suspect", "residence_permit.area"),
    (residence_permit, "810000199003071238", "invalid", "citizen_id.check_digit"),
    (residence_permit, "", "placeholder", "residence_permit.placeholder"),
    (citizen_id, "110105194912310021", "invalid", "citizen_id.check_digit"),
    (citizen_id, "360426199113010079", "invalid", "citizen_id.date"),
    (citizen_id, "120116199902300016", "invalid", "citizen_id.date"),
    (citizen_id, "990426199112010074", "invalid", "citizen_id.province"),
    (citizen_id, "1.10105E+17", "invalid", "citizen_id.float"),
    (citizen_id, "110105194912310032", "invalid", "citizen_id.check_digit"),
    (citizen_id, "110105194912310000.0", "invalid", "citizen_id.float"),
    (citizen_id, "1101051949123100", "invalid", "citizen_id.length"),
    (citizen_id, "11O10519491231002X", "invalid", "citizen_id.alphabet"),
    (citizen_id, "1201**********0026", "suspect", "id.masked"),
    (citizen_id, "111111111111111", "placeholder", "citizen_id.placeholder"),
    (citizen_id, "11010519491231002Q", "invalid", "citizen_id.alphabet"),
    (citizen_id, "110105187912310020", "invalid", "citizen_id.date"),
]


@pytest.mark.parametrize(("module", "text"), GOOD)
def test_printed_examples_are_right(module: ModuleType, text: str) -> None:
    """True numbers are right, however they are written; a changed writing is told as repaired."""
    verdict = module.check(text)
    assert module.is_valid(text)
    assert verdict.before == text
    assert verdict.status == ("ok" if verdict.after == text else "repaired")
    assert verdict.rule.startswith("" if verdict.after == text else "repair.")


@pytest.mark.parametrize(("module", "text", "status", "rule"), BAD)
def test_near_misses_are_told_by_rule(module: ModuleType, text: str, status: str, rule: str) -> None:
    """A near miss has the status it deserves, and the rule that decided."""
    verdict = module.check(text)
    assert (verdict.status, verdict.rule) == (status, rule)
    assert not module.is_valid(text)


def test_nobody_is_born_tomorrow() -> None:
    """A date of birth after the day that is passed in is refused; without a day nothing is."""
    assert citizen_id.check("120116201501010026", date(2014, 12, 31)).rule == "citizen_id.future"
    assert citizen_id.check("120116201501010026", date(2015, 1, 1)).status == "ok"
    assert citizen_id.is_valid("120116201501010026")


def test_letters_may_lead_a_credit_code() -> None:
    """Codes of rural collectives (N) and of others (Y1) are good; a pair nobody issues is only doubtful."""
    body = "N2120116" + "35156027X"
    assert uscc.is_valid(body + uscc.calc_check_digit(body))
    strange = "Y9120116" + "35156027X"
    assert uscc.check(strange + uscc.calc_check_digit(strange)).rule == "uscc.kind"


def test_centenarians_are_of_the_century_before() -> None:
    """Sequences 996 to 999 of old numbers were born from 1880 to 1899; nobody older ever got a number."""
    assert citizen_id.upgrade("120116800101997")[6:10] == "1880"
    assert citizen_id.upgrade("120116800101995")[6:10] == "1980"
    assert citizen_id.upgrade("120116010101997")[6:10] == "1901"


DIGITS = st.text("0123456789", min_size=17, max_size=17)
DAYS = st.dates(date(1850, 1, 1), date(2030, 1, 1)).map(lambda day: day.strftime("%Y%m%d"))
PEOPLE = st.builds("{}{}{}{}".format, st.sampled_from(["120116", "932682", "810000", "990426"]), DAYS,
                   st.text("0123456789", min_size=3, max_size=3), st.sampled_from("0123456789X"))  # fmt: skip


def column(texts: list[str | None], rule: Callable[[pl.Expr], pl.Expr]) -> list[bool | None]:
    """What the rule says of each text."""
    return pl.DataFrame({"v": texts}, schema={"v": pl.String}).select(rule(pl.col("v"))).to_series().to_list()


KINDS = {
    uscc: (uscc.ALPHABET, 17),
    org_code: (org_code.ALPHABET, 8),
    reg_no: ("0123456789", 14),
    citizen_id: ("0123456789", 17),
}


@pytest.mark.parametrize("module", KINDS)
@settings(max_examples=30, deadline=None)
@given(draw=st.data())
def test_columns_know_the_check_digit_of_single_values(module: ModuleType, draw: st.DataObject) -> None:
    """A column tells the true check character from every other, and says nothing of texts that are no such number."""
    alphabet, length = KINDS[module]
    bodies = draw.draw(st.lists(st.text(alphabet, min_size=length, max_size=length), min_size=1, max_size=20))
    right = [body + module.calc_check_digit(body) for body in bodies]
    others = [body + draw.draw(st.sampled_from("0123456789")) for body in bodies]
    no_number = [None, "", "é" * 9, bodies[0], bodies[0] + "00", "#" + right[0][1:]]
    found = column([*right, *others, *no_number], module.check_digit_holds)
    assert found == [True] * len(right) + [text in right for text in others] + [None] * len(no_number)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(PEOPLE, DIGITS), min_size=1, max_size=30))
def test_columns_refuse_the_people_single_values_refuse(texts: list[str]) -> None:
    """Province, date and check digit of a column refuse exactly what `check` refuses."""
    texts = texts + [text[:17] + citizen_id.calc_check_digit(text[:17]) for text in texts if text[:17].isdigit()]
    rules = (citizen_id.length_holds, citizen_id.alphabet_holds, citizen_id.province_holds, citizen_id.date_holds,
             citizen_id.check_digit_holds)  # fmt: skip
    told = [column(list(texts), rule) for rule in rules]
    for place, text in enumerate(texts):
        verdict = citizen_id.check(text)
        if verdict.status != "placeholder" and len(text) != 15:
            assert (verdict.status == "invalid") == any(rule[place] is False for rule in told), text


@given(st.lists(st.text("0123456789", min_size=15, max_size=15), max_size=20))
@settings(max_examples=30, deadline=None)
def test_columns_upgrade_as_single_values_do(texts: list[str]) -> None:
    """15-digit numbers of a column become what `upgrade` makes of each."""
    frame = pl.DataFrame({"v": texts}, schema={"v": pl.String})
    assert frame.select(citizen_id.upgraded(pl.col("v"))).to_series().to_list() == [
        citizen_id.upgrade(text) for text in texts
    ]


def test_the_embedded_code_is_told_apart() -> None:
    """The embedded check character is judged alone: right in a code whose 18th is wrong, wrong in one whose 18th is right."""
    assert column(["91110000100003962T", "911100007109320225", None, "9111"], uscc.embedded_holds) == [
        True,
        False,
        None,
        None,
    ]
    assert column(["91110000100003962T", "911100007109320225"], uscc.check_digit_holds) == [False, True]
