"""What every kind of identifier has in common, whichever files lie in the folder."""

from __future__ import annotations

from inspect import getdoc, signature
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.core import identifiers
from exchange.core.identifiers import uscc
from exchange.core.identifiers.verdict import REPAIRS, SOUND
from schemas.messages import message

VERBS = ("compact", "check", "is_valid", "format")
DIRT = st.text("0123456789XxOIZS-－ 　'=\"Ⅹх９１Ａ*.+E\u200b\ufeff\t\n/無无第号()〔〕", max_size=24)
TEXTS = st.one_of(st.text(max_size=40), DIRT, st.text(max_size=3).map(lambda piece: piece * 100_000))
LISTED = Path(__file__).with_name("stdnum_uscc.txt").read_text("utf-8").splitlines()[1:]


def test_kinds_are_found_by_their_files() -> None:
    """Every kind that lies in the folder is named; what kinds share is not."""
    assert {"uscc", "org_code", "reg_no", "citizen_id", "residence_permit", "permanent_residence"} <= set(
        identifiers.names()
    )
    assert not {"verdict", "columns", "judging", "pairs"} & set(identifiers.names())
    with pytest.raises(KeyError):
        identifiers.load("verdict")


def test_the_documentation_has_every_kind_and_repair() -> None:
    """docs/identifiers.md names each type that the command takes, and each repair."""
    told = (Path(__file__).parents[3] / "docs" / "identifiers.md").read_text("utf-8")
    assert [name for name in identifiers.names() if f"`{name}`" not in told] == []
    assert [rule for rule in REPAIRS if rule.removeprefix("repair") not in told] == []


@pytest.mark.parametrize("name", identifiers.names())
def test_every_kind_has_the_same_verbs(name: str) -> None:
    """The verbs take one text first, and the module says in its first lines what the number is."""
    kind = identifiers.load(name)
    for verb in VERBS:
        first, *others = signature(getattr(kind, verb)).parameters.values()
        assert first.name == "text"
        assert all(other.default is not other.empty for other in others), verb
    checks = [verb for verb in ("calc_check_digit", "calc_check_digits") if hasattr(kind, verb)]
    assert all(callable(getattr(kind, verb)) for verb in checks)
    assert len(getdoc(kind) or "") > 80


@pytest.mark.parametrize("name", identifiers.names())
@settings(max_examples=60, deadline=None)
@given(text=TEXTS)
def test_any_text_gets_a_verdict_with_a_message(name: str, text: str) -> None:
    """No text makes a verb raise; the rule that decided has a message; the original is kept."""
    kind = identifiers.load(name)
    verdict = kind.check(text)
    assert verdict.before == text
    assert kind.is_valid(text) == (verdict.status in SOUND)
    assert (verdict.rule == "") == (verdict.status == "ok")
    assert verdict.status == "ok" or message(verdict.rule).zh
    assert all(message(repair).severity == "flag" for repair in verdict.repairs)
    assert (verdict.status == "ok") <= (verdict.after == text)
    kind.format(text)


@pytest.mark.parametrize("name", identifiers.names())
@settings(max_examples=40, deadline=None)
@given(text=TEXTS)
def test_what_is_kept_needs_no_more_repair(name: str, text: str) -> None:
    """The number that a sound verdict keeps is judged ok as it stands."""
    kind = identifiers.load(name)
    verdict = kind.check(text)
    if verdict.status in SOUND:
        assert kind.check(verdict.after).status == "ok"


@pytest.mark.parametrize("name", identifiers.names())
@pytest.mark.parametrize(
    ("piece", "length"), [("9", 10_000_000), *((piece, 1_000_000) for piece in ("'", "9.", " ", "\u200b9", "第"))]
)
def test_a_huge_value_is_judged(name: str, piece: str, length: int) -> None:
    """A huge value is no number, and nothing is looked for in it."""
    text = piece * (length // len(piece))
    verdict = identifiers.load(name).check(text)
    assert verdict.status in ("invalid", "suspect")
    assert verdict.repairs == ()


@pytest.mark.parametrize("code", LISTED)
def test_public_codes_are_right(code: str) -> None:
    """The two hundred codes of a public test list hold every rule."""
    assert uscc.check(code).status == "ok"


def test_the_public_list_is_whole() -> None:
    """The list has its two hundred different codes."""
    assert len(set(LISTED)) == len(LISTED) == 200
