"""Whole columns are judged as single values are."""

from __future__ import annotations

from datetime import date
from itertools import product
from types import ModuleType

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.core.clean import cleaned
from exchange.core.identifiers import citizen_id, org_code, reg_no, uscc
from exchange.core.identifiers.judging import VERDICTS, compacted
from exchange.core.identifiers.verdict import PLACEHOLDERS, compact

KINDS = (uscc, org_code, reg_no, citizen_id)
TODAY = date(2010, 1, 1)
PRINTED = (
    *("91350100M000100Y43", "91120116244997951G", "91110000100003962T", "911100007109320225", "9112O116244997951G"),
    *("D2143569-X", "35156027X", "310230001716146", "340000000016368", "企合津总字第000123号", "932682198501010017"),
    *("11010519491231002X", "120116201501010026", "150102880730303", "150102880730997", "120116199902300016"),
    *("1.10105E+17", "911201160759014528.0", "1201**********0026", "3.1023E14"),
)
NASTY = "0123456789ABXYOIZSVabxz-－—– 　\u00a0\u2003'`=\"‘”９０ＯｘⅩⅹХх*.+E/()〔〕第号李𬱖é\u200b\u2060\ufeff\x00\x1f\t\n\rſıß"


@st.composite
def spoiled(draw: st.DrawFn) -> str:
    """A printed number with up to three places replaced, put in or left out, and perhaps a true check character again."""
    text = list(draw(st.sampled_from(PRINTED)))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(text)))
        text[at : at + draw(st.integers(0, 1))] = draw(st.text(NASTY, max_size=2))
    whole = "".join(text)
    body = whole[:17]
    if draw(st.booleans()) and len(whole) == 18 and set(body) <= set(uscc.ALPHABET):
        inner = body[:16] + org_code.calc_check_digit(body[8:16]) if draw(st.booleans()) else body
        return inner + uscc.calc_check_digit(inner)
    if draw(st.booleans()) and len(whole) == 18 and body.isascii() and body.isdigit():
        return body + citizen_id.calc_check_digit(body)
    return whole


LONG = st.sampled_from(["9", " ", "1.", "'", "\u200b"]).map(lambda piece: piece * 300)
TEXTS = st.one_of(
    spoiled(), st.text(NASTY, max_size=20), st.text(max_size=20), st.sampled_from(sorted(PLACEHOLDERS)), LONG
)
COLUMNS = st.lists(st.one_of(st.none(), TEXTS), max_size=30)


def series(texts: list[str | None]) -> pl.Series:
    """The texts as a column."""
    return pl.Series("v", texts, dtype=pl.String)


@given(COLUMNS)
@settings(max_examples=200, deadline=None)
def test_columns_are_compacted_as_single_values_are(texts: list[str | None]) -> None:
    """Every text of a column takes the compact form that it has alone."""
    assert compacted(series(texts)).to_list() == [None if text is None else compact(text) for text in texts]


@given(COLUMNS)
@settings(max_examples=50, deadline=None)
def test_identifiers_of_feeds_take_the_same_form(texts: list[str | None]) -> None:
    """A feed's column of identifiers is cleaned as single values are; a clean column is the very same."""
    assert cleaned("id", series(texts)).to_list() == [None if text is None else compact(text) for text in texts]
    right = series(["91350100M000100Y43", None])
    assert cleaned("id", right) is right


@pytest.mark.parametrize("kind", KINDS)
@given(texts=COLUMNS)
@settings(max_examples=200, deadline=None)
def test_columns_are_judged_as_single_values_are(kind: ModuleType, texts: list[str | None]) -> None:
    """Status, rule and kept number of each text are those of `check`; null has none."""
    found = kind.judged(series(texts))
    single = [None if text is None else kind.check(text) for text in texts]
    assert found.schema == VERDICTS
    assert found.rows() == [(None,) * 3 if one is None else (one.status, one.rule, one.after) for one in single]


@given(COLUMNS)
@settings(max_examples=100, deadline=None)
def test_what_the_caller_knows_counts_in_columns_too(texts: list[str | None]) -> None:
    """The register's own codes and the day of today are taken into account as `check` takes them."""
    register = uscc.judged(series(texts), registering=True)["status"].to_list()
    assert register == [None if text is None else uscc.check(text, registering=True).status for text in texts]
    today = citizen_id.judged(series(texts), today=TODAY)["rule"].to_list()
    assert today == [None if text is None else citizen_id.check(text, TODAY).rule for text in texts]


def test_the_register_is_never_contradicted() -> None:
    """No code of eighteen characters that the register holds is invalid, whatever arithmetic says."""
    for code in ("91110000100003962T", "91350100M000100Y4Z", "9112V116244997951G"):
        assert uscc.check(code).status == "invalid"
        assert uscc.check(code, registering=True).status == "suspect"


def test_every_date_is_judged_as_the_calendar_does() -> None:
    """Month 00 to 13 and day 00 to 32 of years around every turn are dates exactly where the calendar has them."""
    years = [
        "1799",
        "1800",
        "1879",
        "1880",
        "1896",
        "1899",
        "1900",
        "1904",
        "1999",
        "2000",
        "2004",
        "2100",
        "9999",
        "0000",
    ]
    bodies = [f"120116{year}{month:02}{day:02}001" for year, month, day in product(years, range(14), range(33))]
    numbers = [body + citizen_id.calc_check_digit(body) for body in bodies]
    single = [citizen_id.check(number).rule for number in numbers]
    assert citizen_id.judged(series(list(numbers)))["rule"].to_list() == single
    assert single.count("") == 5 * 365 + 5 * 366


def test_every_beginning_is_judged_alike() -> None:
    """The first three digits of a citizen id are right in a column exactly where they are alone."""
    bodies = [f"{first:03}11619900101001" for first in range(1000)]
    numbers: list[str | None] = [body + citizen_id.calc_check_digit(body) for body in bodies]
    single = [citizen_id.check(number or "").rule for number in numbers]
    assert citizen_id.judged(series(numbers))["rule"].to_list() == single


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_column_has_no_verdicts(kind: ModuleType) -> None:
    """No texts, no verdicts; nulls alone have null verdicts."""
    assert kind.judged(series([])).rows() == []
    assert kind.judged(series([None, None])).rows() == [(None,) * 3] * 2
