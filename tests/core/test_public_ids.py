"""No citizen id stays in a column that isn't sealed: moved where it can be, refused where it can't."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import connectors
from exchange.core import public_ids
from exchange.core.check import check
from exchange.core.identifiers import reg_no
from exchange.core.page import Translated
from exchange.core.translate import translate
from schemas.columns import unsealed
from tests.core.test_translate import (
    CUSTOMS,
    FIRM,
    MARKET,
    OLD_PERSON,
    PERSON,
    REGISTER,
    RESIDENTS,
    UPGRADED,
    page,
    rules_of,
)
from tests.test_connectors import accepted

HIDDEN = [
    f"经营者：{PERSON}",
    f"{PERSON}张某",
    f"身份证{PERSON.lower()}，电话13900000000",
    "证件１１０１０５１９４９１２３１００２Ｘ。",
    "编号110105 19491231 002X号",
    "编号110105-19491231-002X号",
    f"税号{PERSON[:17]}X01",
    f"旧证{OLD_PERSON}（已换发）",
    f"税号{OLD_PERSON}01",
    f"123456789012345678,{PERSON}",
    f"身份证{PERSON[:17]}Х",
    f"身份证{PERSON[:17]}Ⅹ",
    "编号110105.19491231.002X号",
    "编号110105—19491231—002X号",
    "编号110105/19491231/002X号",
    "编号１１０１０５·19491231·００２ｘ号",
    "编号1101\xad0519\xad4912\u200b31002X号",
    "第5 1101 0519 4912 3100 2X 6号",
    f"编号{' '.join(PERSON)}号",
]
HIDDEN_AMONG_CODES = [
    f"440301104001819/{PERSON}",
    f"440301104001813/{PERSON}",
    f"{PERSON}、{FIRM}",
    f"证{PERSON}",
    f"证{PERSON[:6]}-{PERSON[6:14]}-{PERSON[14:]}",
]
MARKED = ["1101051949-1231002X", f"({PERSON})", f"[{PERSON}]", "110105.19491231.002X"]
HARMLESS = [
    "注册号310230001716146X1",
    f"信用代码{FIRM}",
    "电话022-66200001、13900000000",
    "110105194912310021",
    "合同号20160305000123456789",
    "911201160759014529",
    "面积123456平方米",
]


@pytest.mark.parametrize("text", HIDDEN)
def test_a_citizen_id_in_a_text_is_found(text: str) -> None:
    """Whatever stands around it, in full width, in groups or with a tax number's last digits, it is found."""
    found = public_ids.find(pl.Series(["天津", text, None]), codes=False)
    assert found is not None
    assert found.inside.to_list() == [False, True, False]
    assert not found.whole.any()


@pytest.mark.parametrize("text", HIDDEN_AMONG_CODES)
def test_a_citizen_id_beside_another_number_is_found(text: str) -> None:
    """A cell of a code's column that holds a citizen id and more is found, whatever the other number is."""
    found = public_ids.find(pl.Series([FIRM, text, None]), codes=True)
    assert found is not None
    assert found.inside.to_list() == [False, True, False]
    assert not found.whole.any()


@pytest.mark.parametrize("text", MARKED)
@pytest.mark.parametrize("codes", [True, False])
def test_marks_do_not_hide_a_whole_cell(text: str, codes: bool) -> None:
    """A cell that is a citizen id but for hyphens, dots and brackets is one as a whole."""
    found = public_ids.find(pl.Series([text]), codes=codes)
    assert found is not None
    assert found.whole.to_list() == [True]
    assert found.number.to_list() == [PERSON]


def test_no_registration_number_hides_a_citizen_id() -> None:
    """The row is refused where the register's number has a citizen id beside it or behind a word."""
    found = translate(MARKET, page(MARKET, {"regno": f"440301104001819/{PERSON}"}, {"regno": f"证{PERSON}"}))
    assert rules_of(found.faults) == [("reg_no", "citizen_id.in_public")] * 2


@given(st.lists(st.integers(0, 10**14 - 1), min_size=1, max_size=3), st.sampled_from("/;、-"))
def test_right_codes_side_by_side_are_no_citizen_ids(bodies: list[int], mark: str) -> None:
    """Registration numbers with right check digits are never taken for a person's, one by one or in one cell."""
    numbers = [f"{body:014d}{reg_no.calc_check_digit(f'{body:014d}')}" for body in bodies]
    assert public_ids.find(pl.Series([*numbers, mark.join(numbers)]), codes=True) is None


@pytest.mark.parametrize("text", HARMLESS)
def test_other_numbers_are_left_alone(text: str) -> None:
    """Numbers without a possible date and a right check character are no citizen ids."""
    assert public_ids.find(pl.Series([text]), codes=False) is None


def test_numbers_of_other_kinds_are_what_their_check_digits_say() -> None:
    """In a column of codes a number whose own check digits are right is no citizen id, even if it could be one."""
    number = "310105900101018"
    assert public_ids.find(pl.Series(["110108020854380", FIRM, "310230001716146"]), codes=True) is None
    assert public_ids.find(pl.Series([number]), codes=False) is not None


OPEN_TEXTS = sorted(
    (column.to, feed.name, source)
    for feed in (MARKET, CUSTOMS, REGISTER)
    for source, column in feed.columns.items()
    if column.to in unsealed("legal_person") and column.parse == "text" and source not in feed.codes
)
"""Every column of a feed that can bring a text into a column that isn't sealed (coded ones pass only their table)."""


@pytest.mark.parametrize(("name", "feed_name", "source"), OPEN_TEXTS)
def test_no_public_column_keeps_a_citizen_id(name: str, feed_name: str, source: str) -> None:
    """From every text column that isn't sealed, a whole cell moves to the sealed one, or its row is refused."""
    feed = connectors.load(feed_name)
    found = translate(feed, page(feed, {source: PERSON}, {source: f"{PERSON}、{PERSON}"}))
    kept = found.records.select(unsealed("legal_person")).cast(pl.String)
    faults = faulty_rows(found, feed.library)
    assert found.records["legal_rep_id_no"].to_list()[0] == PERSON
    assert found.records["legal_rep_id_type"].to_list()[0] == "10"
    assert PERSON not in kept.row(0)
    assert (name, "citizen_id.moved") in rules_of(found.flags)
    assert 1 in faults or PERSON not in "".join(text or "" for text in kept.row(1))


def faulty_rows(found: Translated, library: str) -> set[int]:
    """Rows with a fault."""
    faults, _ = check(library, found, registering=False, today=date(2026, 1, 1))
    return set(faults["row"])


def test_an_owner_who_is_already_known_is_not_written_twice() -> None:
    """A citizen id equal to the representative's is dropped from the public column; another one refuses the row."""
    found = translate(
        MARKET,
        page(
            MARKET,
            {"uniscid": PERSON, "cerno": PERSON, "certype": "10"},
            {"uniscid": PERSON, "cerno": UPGRADED, "certype": "10"},
            {"uniscid": OLD_PERSON},
        ),
    )
    assert found.records["uscc"].to_list()[0] is None
    assert found.records["legal_rep_id_no"].to_list() == [PERSON, UPGRADED, UPGRADED]
    assert rules_of(found.faults) == [("uscc", "citizen_id.in_public")]
    assert found.faults["row"].to_list() == [1]


def test_the_registers_own_number_is_no_citizen_id() -> None:
    """15 digits in the register's reg_no are a registration number, whatever they look like."""
    found = translate(REGISTER, page(REGISTER, {"统一社会信用代码": OLD_PERSON}))
    assert found.records["reg_no"].to_list() == [OLD_PERSON]
    assert found.records["legal_rep_id_no"].to_list() == [None]


def test_persons_have_two_columns_to_watch() -> None:
    """The internal number and the division of a resident may hold a citizen id no more than a firm's name."""
    found = translate(
        RESIDENTS, page(RESIDENTS, {"RKBS": PERSON, "GMSFHM": PERSON}, {"RKBS": PERSON, "GMSFHM": UPGRADED})
    )
    assert found.records["person_id"].to_list()[0] is None
    assert rules_of(found.faults) == [("person_id", "citizen_id.in_public")]


def test_every_sample_is_free_of_them() -> None:
    """No accepted record of any sample holds a citizen id in the open."""
    for name in connectors.names():
        library = connectors.load(name).library
        records = accepted(name)
        for column in unsealed(library):
            if records[column].dtype == pl.String:
                assert public_ids.find(records[column], codes=False) is None
