"""Repairs change how a number is written, never which number it is, and say what they did."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.core.identifiers import citizen_id, org_code, uscc
from exchange.core.identifiers.verdict import REPAIRS

CODE = "91120116244997951G"
CARD = "11010519491231002X"


@pytest.mark.parametrize(
    ("text", "repairs"),
    [
        ("９１１２０１１６２４４９９７９５１Ｇ", ("repair.full_width",)),
        ("91120116244997951g", ("repair.case",)),
        ("9112O1I624499795IG", ("repair.lookalike",)),
        ("9112o116244997951G", ("repair.lookalike", "repair.case")),
        ("91 120116 244997951G\t", ("repair.blanks",)),
        ("91120116-24499795-1-G", ("repair.hyphen",)),
        ("91120116—244997951G", ("repair.dash",)),
        ("91120116\u200b244997951\ufeffG", ("repair.invisible",)),
        ("'91120116244997951G", ("repair.excel",)),
        ('="91120116244997951G"', ("repair.excel",)),
        (" ＇９1120116244997951G", ("repair.excel", "repair.full_width", "repair.blanks")),
    ],
)
def test_every_repair_of_a_code_is_told(text: str, repairs: tuple[str, ...]) -> None:
    """Defects 1, 2, 4, 5, 6 and 7 are repaired; the rule names the most consequential repair."""
    verdict = uscc.check(text)
    assert (verdict.status, verdict.after, verdict.repairs, verdict.rule) == ("repaired", CODE, repairs, repairs[0])


@pytest.mark.parametrize(
    ("text", "number", "rule"),
    [
        ("11010519491231002х", CARD, "repair.wrong_x"),
        ("11010519491231002Ⅹ", CARD, "repair.wrong_x"),
        ("11010519491231002x", CARD, "repair.case"),
        ("150102880730303", "150102198807303035", "repair.upgraded"),
        ("１５０１０２ 880730 303", "150102198807303035", "repair.upgraded"),
    ],
)
def test_every_repair_of_a_card_is_told(text: str, number: str, rule: str) -> None:
    """Defects 2, 3 and 12 are repaired; what came is kept beside what is made of it."""
    verdict = citizen_id.check(text)
    assert (verdict.status, verdict.rule, verdict.before, verdict.after) == ("repaired", rule, text, number)


def test_a_repair_needs_all_the_evidence() -> None:
    """A look-alike is left as it is where a check character or the pair of kinds does not bear it out."""
    body = "9912011624499795"
    strange = body + uscc.calc_check_digits(body)
    for text in ("9112O116244997952G", "9112O11624499795HG", "O1120116244997951G", "Z" * 18):
        assert uscc.check(text).rule == "uscc.alphabet"
    assert uscc.check(strange).status == "ok"
    body = "4212011624499795"
    assert uscc.check((body + uscc.calc_check_digits(body)).replace("0", "O")).rule == "uscc.alphabet"


def test_an_organisation_code_may_hold_any_letter() -> None:
    """O, I, Z and S belong to GB 11714 and are never read as digits there."""
    text = "OISZ1234" + org_code.calc_check_digit("OISZ1234")
    assert org_code.check(text).status == "ok"


BODIES = st.tuples(
    st.sampled_from(uscc.PAIRS), st.text("0125", min_size=6, max_size=6), st.text(uscc.ALPHABET, min_size=8, max_size=8)
).map("".join)
LETTERS = {digit: letter for letter, digit in uscc.LOOKALIKES.items()}


@given(st.lists(BODIES, min_size=1, max_size=20), st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_look_alikes_are_read_alike_in_columns(bodies: list[str], chance: object) -> None:
    """A column reads the letters of a code exactly as `read_lookalikes` does, right codes and wrong ones."""
    codes = [body + uscc.calc_check_digits(body) for body in bodies]
    assert hasattr(chance, "random")
    texts = ["".join(LETTERS.get(one, one) if chance.random() < 0.3 else one for one in code) for code in codes]
    wrong = [text[:8] + text[9] + text[8] + text[10:] for text in texts]
    frame = pl.DataFrame({"v": [*texts, *wrong, *codes, None, "", "OIZS"]}, schema={"v": pl.String})
    found = frame.select(uscc.lookalikes_read(pl.col("v"))).to_series().to_list()
    assert found[: len(texts)] == codes
    assert found == [None if text is None else uscc.read_lookalikes(text) for text in frame["v"]]


def test_repairs_are_named_by_what_is_gone() -> None:
    """A verdict whose number is the text itself names no repair; every name is one that has a pattern."""
    assert uscc.check(CODE).repairs == ()
    assert set(uscc.check(" '９1120116-24499795lＧ").repairs) <= set(REPAIRS)
