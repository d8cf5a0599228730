"""The world is a function of seed and index, and its identifiers satisfy their standards."""

from __future__ import annotations

from datetime import date

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from exchange.simulate import feeds
from exchange.simulate.identifiers import citizens, customs_codes, reg_numbers, usccs
from exchange.simulate.world import World, companies, residents, span

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
LAST = 14_999_999


def uscc_holds(code: str) -> bool:
    """GB 32100-2015 and the GB 11714-1997 digit inside, written from the standards' tables."""
    weights = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
    total = sum(ALPHABET.index(character) * weight for character, weight in zip(code, weights, strict=False))
    body = sum(int(c, 36) * w for c, w in zip(code[8:16], (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    inner = {10: "X", 11: "0"}.get(11 - body % 11, str(11 - body % 11))
    return len(code) == 18 and ALPHABET[(31 - total % 31) % 31] == code[17] and inner == code[16]


def citizen_holds(number: str) -> bool:
    """GB 11643-1999: a real birth date and the ISO 7064 MOD 11-2 check."""
    date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    total = sum(int(c) * 2 ** (17 - at) for at, c in enumerate(number[:17]))
    return len(number) == 18 and "10X98765432"[total % 11] == number[17]


def reg_no_holds(number: str) -> bool:
    """ISO 7064 MOD 11,10 over 15 digits."""
    state = 10
    for digit in number[:14]:
        state = ((state + int(digit)) % 10 or 10) * 2 % 11
    return len(number) == 15 and (state + int(number[14])) % 10 == 1


starts = st.integers(0, LAST - 300)
sizes = st.integers(1, 200)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**40), first=starts, size=sizes)
def test_identifiers_hold(seed: int, first: int, size: int) -> None:
    """Every company code and citizen id satisfies its check digits, wherever in the world."""
    index = span(first, first + size)
    assert all(map(uscc_holds, usccs(index, seed).code))
    assert all(map(citizen_holds, citizens(index, seed).number))
    assert all(map(reg_no_holds, reg_numbers(index, seed)))


def test_independent_checks_can_fail() -> None:
    """The checks of this test refuse the near misses that standards prints."""
    assert uscc_holds("91120116244997951G")
    assert not uscc_holds("91110000100003962T")
    assert not uscc_holds("911100007109320225")
    assert citizen_holds("11010519491231002X")
    assert not citizen_holds("110105194912310021")
    assert reg_no_holds("310230001716146")
    assert not reg_no_holds("440301104001819")


def test_no_identifier_twice() -> None:
    """300,000 things have 300,000 codes of each kind."""
    index = span(0, 300_000)
    series = (usccs(index, 5).code, citizens(index, 5).number, reg_numbers(index, 5), customs_codes(index, 5))
    assert [each.n_unique() for each in series[:2] + series[3:]] == [300_000] * 3
    assert series[2].str.slice(6, 8).n_unique() == 300_000


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**40), first=starts, size=sizes, cut=st.integers(0, 200))
def test_any_range_alone(seed: int, first: int, size: int, cut: int) -> None:
    """A range made in two parts equals the same range made at once, for the world and for every feed's rows."""
    middle, last = first + min(cut, size), first + size
    for make in (companies, residents):
        parts = pl.concat([make(first, middle, seed), make(middle, last, seed)])
        assert_frame_equal(parts, make(first, last, seed))
    world = World(seed, 1_000)
    for rows in (feeds.market, feeds.customs, feeds.residents):
        parts = pl.concat([rows(world, span(first, middle)), rows(world, span(middle, last))])
        assert_frame_equal(parts, rows(world, span(first, last)))


def test_another_seed_is_another_world() -> None:
    """Two seeds share no company code among the first thousand."""
    one, two = companies(0, 1_000, 1), companies(0, 1_000, 2)
    assert set(one["uscc"]).isdisjoint(two["uscc"])


def test_representatives_are_residents() -> None:
    """Name and id of a company's representative are those of the resident it names."""
    firms, everyone = companies(0, 2_000, 9), residents(0, 3_000, 9)
    joined = firms.join(everyone, left_on="resident", right_on="index", how="left", suffix="_resident")
    assert joined["id_no"].to_list() == firms["representative_id"].to_list()
    assert joined["name_resident"].to_list() == firms["representative"].to_list()


def test_dates_agree() -> None:
    """A company is approved after it was founded and ends after that; a resident's birth stands in the id."""
    firms, everyone = companies(0, 5_000, 3), residents(0, 5_000, 3)
    assert firms.filter(pl.col("approved") < pl.col("established")).is_empty()
    assert firms.filter(pl.col("term_to") <= pl.col("established")).is_empty()
    assert everyone["born"].str.replace_all("-", "").to_list() == everyone["id_no"].str.slice(6, 8).to_list()
    assert (everyone["id_no"].str.slice(16, 1).cast(pl.UInt8) % 2 == 1).to_list() == everyone["male"].to_list()
