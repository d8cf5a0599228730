"""Rows that were judged in the last run: which of them need not be judged again."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.core.identify import NO_RECORD
from exchange.core.page import STATUS
from exchange.core.recall import JUDGED, PASSING, lasting, recall, with_status
from schemas import LIBRARIES
from schemas.messages import MESSAGES, is_fault
from schemas.rules import rules_on

ROWS = pl.Schema(
    {"row": pl.UInt32, "id": pl.Binary, "content_hash": pl.Binary, "ordering": pl.Int64, "status": pl.UInt8}
)
SETTLED = pl.Schema(
    {"id": pl.Binary, "known_hash": pl.Binary, "known_ordering": pl.Int64, "known_withdrawn": pl.Boolean}
)
ids, contents = st.sampled_from([b"a", b"b", None]), st.sampled_from([b"1", b"2"])
pages = st.lists(st.tuples(ids, contents, st.integers(0, 3), st.sampled_from([0, 1, 2])), max_size=8)
books = st.lists(st.tuples(st.sampled_from([b"a", b"b", NO_RECORD]), contents, st.booleans()), max_size=8)
settled = st.dictionaries(st.sampled_from([b"a", b"b"]), st.tuples(contents, st.integers(0, 3), st.booleans()))

Page = list[tuple[bytes | None, bytes, int, int]]


def frame(page: Page) -> pl.DataFrame:
    """A page of (id, content, ordering, status)."""
    return pl.DataFrame([(at, *one) for at, one in enumerate(page)], schema=ROWS, orient="row")


@given(pages, settled, books)
def test_it_is_as_if_told_row_by_row(
    page: Page, known: dict[bytes, tuple[bytes, int, bool]], book: list[tuple[bytes, bytes, bool]]
) -> None:
    """Only a row that waits, was met and never refused, and is not newer than another live version settled, is passed over;
    each that waits and was refused is named."""
    told, refused = recall(
        frame(page),
        pl.DataFrame([(key, *one) for key, one in known.items()], schema=SETTLED, orient="row"),
        pl.DataFrame(book, schema=JUDGED, orient="row"),
    )
    before = {pair: any(bad for *other, bad in book if tuple(other) == pair) for pair in {one[:2] for one in book}}
    statuses, again = [], []
    for at, (key, content, ordering, status) in enumerate(page):
        bad = before.get((key or NO_RECORD, content)) if status == STATUS["accepted"] else None
        settled_as, newest, gone = known.get(key or b"", (b"", -1, True))
        passed = bad is False and not gone and content != settled_as and ordering <= newest
        statuses.append(STATUS["checked"] if passed else status)
        again += [at] if bad else []
    assert told["status"].to_list() == statuses
    assert refused["row"].to_list() == again
    assert told.drop("status").equals(frame(page).drop("status"))


def test_rows_get_another_status_by_their_number() -> None:
    """Those named and no others."""
    told = with_status(frame([(b"a", b"1", 0, 0), (b"b", b"2", 0, 2)]), pl.DataFrame({"row": [1]}), "refused")
    assert told["status"].to_list() == [STATUS["accepted"], STATUS["refused"]]


@pytest.mark.parametrize("library", LIBRARIES)
def test_no_rule_that_asks_for_the_day_refuses_for_ever(library: str) -> None:
    """What refuses a row only until a day comes is among the reasons that may pass."""
    asked = {rule.name for rule in rules_on(library, date(2026, 1, 1))}
    assert {name for name in asked if is_fault(name, registering=False)} <= PASSING
    assert MESSAGES.keys() >= PASSING


def test_one_lasting_reason_is_enough() -> None:
    """A row refused for several reasons stays refused while one of them can't pass."""
    both = '[["established_on","date.unreadable"],["name","required"]]'
    assert lasting(pl.Series(['[["established_on","date.unreadable"]]', both])).to_list() == [False, True]
    assert lasting(pl.Series([], dtype=pl.String)).to_list() == []
