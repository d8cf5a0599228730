"""GB/T 4754 in two editions, and from one to the other."""

from __future__ import annotations

import polars as pl
import pytest

from exchange.core.codes import code_list
from exchange.core.codes.crosswalk import crosswalk
from exchange.core.codes.industry import EDITIONS, MOVED, section_of
from exchange.core.derive import derive
from schemas.columns import polars_schema
from schemas.rules import rules


@pytest.mark.parametrize(("edition", "divisions"), [("2011", 96), ("2017", 97)])
def test_divisions_fill_the_sections(edition: str, divisions: int) -> None:
    """Divisions are numbered without a gap, each in one of 20 sections, in the sections' order."""
    sections = section_of(edition)
    assert list(sections) == [f"{number:02d}" for number in range(1, divisions + 1)]
    assert list(dict.fromkeys(sections.values())) == list(code_list("industry_section", edition).titles)
    assert list(sections.values()) == sorted(sections.values())


def test_an_unknown_edition_is_a_key_error() -> None:
    """An edition that isn't there is not guessed."""
    with pytest.raises(KeyError):
        section_of("1994")


def test_every_division_of_2011_has_its_place_in_2017() -> None:
    """Most of an old division stays in its section; every new one is reached, land management (79) from real estate (70)."""
    walk = crosswalk("industry_division_2011").pairs
    assert set(walk) == set(section_of("2011"))
    for old, new in walk.items():
        assert section_of("2017")[new[0]] == section_of("2011")[old]
    assert {code for new in walk.values() for code in new} == set(section_of("2017"))
    assert [code for code, new in walk.items() if "79" in new] == ["70"]
    split = "03 05 31 32 34 35 38 40 41 44 45 58 65 70 72 74"
    assert [code for code, new in walk.items() if len(new) > 1] == split.split(" ")


def test_a_division_that_did_not_move_kept_its_title_or_was_renamed() -> None:
    """Titles differ where the standard renamed a division, and nowhere else."""
    old, new = (code_list("industry_division", edition).titles for edition in EDITIONS)
    renamed = {code for code, to in crosswalk("industry_division_2011").single.items() if old[code][0] != new[to][0]}
    assert renamed == {"11", "25", "50", "59", "86", "95"}


@pytest.mark.parametrize("name", ["id_type_police", "currency_customs", "country_customs", "industry_division_2011"])
def test_a_crosswalk_joins_two_lists(name: str) -> None:
    """Both ends of a crosswalk are codes of the lists it names."""
    walk = crosswalk(name)
    source, target = (_ends(end) for end in (walk.source, walk.target))
    assert set(walk.pairs) == source
    assert {code for new in walk.pairs.values() for code in new} <= target


def _ends(end: str) -> frozenset[str]:
    name, _, edition = end.rpartition("-")
    return code_list(name, edition).codes()


def test_an_unknown_crosswalk_is_a_key_error() -> None:
    """A crosswalk that isn't there is not guessed."""
    with pytest.raises(KeyError):
        crosswalk("moon")


def frame(**values: list[str | None]) -> pl.DataFrame:
    """Records of firms with these columns, the others empty."""
    return pl.DataFrame(values, schema_overrides={}).select(
        (pl.col(name) if name in values else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in polars_schema("legal_person").items()
    )


def test_the_section_follows_from_the_edition() -> None:
    """Division 79 is of section O in 2011, of N in 2017, and of N where no edition is said."""
    records = frame(industry_code=["7910"] * 3, industry_edition=["2011", "2017", None])
    derived = derive("legal_person", records, registering=False)
    assert derived.records["industry_section"].to_list() == ["O", "N", "N"]


def test_a_section_of_any_edition_is_right_where_none_is_said() -> None:
    """O7911 is of 2011 and N7911 of 2017; without an edition both are right, and B7911 is wrong in each."""
    codes: list[str | None] = ["O7911", "N7911", "B7911", "O7911", "O7911"]
    records = frame(industry_code=codes, industry_edition=[None, None, None, "2011", "2017"])
    derived = derive("legal_person", records, registering=False)
    [fault] = (one for one in derived.faults if one.rule == "industry.unknown")
    assert fault.where.to_list() == [False, False, True, False, True]
    assert derived.records["industry_section"].to_list() == ["O", "N", "B", "O", "O"]


@pytest.mark.parametrize(
    ("code", "edition", "holds"),
    [
        ("6513", None, True),
        ("7910", None, False),
        ("7910", "2011", True),
        ("9700", "2011", False),
        ("9700", "2017", True),
        ("6513", "2002", False),
        (None, None, None),
        (None, "2017", None),
    ],
)
def test_a_code_without_a_clear_edition_is_marked(code: str | None, edition: str | None, holds: bool | None) -> None:
    """A code must be of the edition it names; where it names none, its division must mean the same in all."""
    [rule] = (one for one in rules("legal_person") if one.name == "industry.edition")
    assert MOVED[0] == "79"
    assert frame(industry_code=[code], industry_edition=[edition]).select(rule.holds).item() is holds
