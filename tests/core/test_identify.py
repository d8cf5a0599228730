"""Who a row is: one id for one key however it was typed, another id for another key or feed."""

from __future__ import annotations

import re
from dataclasses import replace
from unicodedata import normalize

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import connectors
from exchange.core.connector import Column, Connector, FileSource, Title
from exchange.core.identify import IDENTIFIED, identify, record_ids
from exchange.core.keyed import keyed_hash
from exchange.core.page import BROKEN, RawPage
from tests.core.invented_keys import page_keys
from tests.test_connectors import sample_page

KEYS = page_keys("legal_person").index
FEED = Connector(
    name="invented_feed",
    agency="invented",
    library="legal_person",
    title=Title("虚构", "invented"),
    source=FileSource("*.csv", "utf-8", ("code", "name", "note")),
    key=("code",),
    columns={"code": Column("uscc"), "name": Column("name")},
    ignore=frozenset({"note"}),
)
TWO_PARTS = replace(FEED, key=("code", "name"))
FULL_WIDTH = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})


def page(rows: list[tuple[str | None, str | None]], **columns: list[str]) -> RawPage:
    """A page of codes and names, with a column of notes."""
    frame = pl.DataFrame(rows, schema={"code": pl.String, "name": pl.String}, orient="row")
    notes = columns.get("note", [""] * len(rows))
    return RawPage(
        "p", 0, frame.with_columns(note=pl.Series(notes, dtype=pl.String)), pl.DataFrame(schema=BROKEN), "", 77
    )


def ids(rows: list[tuple[str | None, str | None]], connector: Connector = FEED) -> list[bytes | None]:
    """The record ids of rows."""
    return record_ids(connector, page(rows).rows, KEYS)


@pytest.mark.parametrize(
    "typed",
    [
        "91120116ma07x0011p",
        " 91120116MA07X0011P\t",
        "91120116 MA07X0011P",
        "91120116\u3000MA07X0011P",
        "91120116\u2003MA07X0011P\n",
        "\ufeff91120116MA07X0011P\u200b",
        "91120116MA07X0011P".translate(FULL_WIDTH),
        "91120116ma07x0011p".translate(FULL_WIDTH),
    ],
)
def test_typing_makes_no_other_record(typed: str) -> None:
    """Case, width and blanks of any kind give the same id."""
    assert ids([(typed, None)]) == ids([("91120116MA07X0011P", None)])


@given(st.lists(st.none() | st.text("aZ1-~ `\t\u3000\u200b\uff08\uff21\u00e5\u0327\u5929", max_size=4), max_size=6))
@settings(deadline=None)
def test_a_key_is_read_the_same_whatever_stands_beside_it(keys: list[str | None]) -> None:
    """A key is compared in NFKC, upper case and without blanks, also where the others of its page need nothing of that."""
    read = [None if key is None else normalize("NFKC", key) for key in keys]
    bare = [None if key is None else re.sub("[\\s\u200b]", "", key).upper() for key in read]
    assert ids([(key, None) for key in keys]) == ids([(key or None, None) for key in bare])


@given(st.lists(st.tuples(st.text("AB1", max_size=3), st.text("AB1", max_size=3)), min_size=2, max_size=2))
@settings(deadline=None, max_examples=80)
def test_keys_of_two_parts_are_equal_only_part_by_part(rows: list[tuple[str | None, str | None]]) -> None:
    """("ab", "c") is another record than ("a", "bc"); a part that is missing leaves no id."""
    left, right = ids(rows, TWO_PARTS)
    for row, found in zip(rows, (left, right), strict=True):
        assert (found is None) == (not all(row))
    if left is not None and right is not None:
        assert (left == right) == (rows[0] == rows[1])


def test_moving_the_border_between_two_parts_is_another_record() -> None:
    """The parts of a key are hashed with their lengths."""
    assert len(set(ids([("AB", "C"), ("A", "BC"), ("ABC", "D")], TWO_PARTS))) == 3


def test_another_feed_has_other_ids() -> None:
    """One code in two feeds is two records."""
    other = replace(FEED, name="another_feed")
    assert ids([("A", "x")]) != ids([("A", "x")], other)
    assert ids([("A", "x")]) == ids([("A", "y")])


def test_another_hub_has_other_ids() -> None:
    """Ids are keyed: who has not the index secret can't compute them."""
    rows = page([("A", "x")]).rows
    assert record_ids(FEED, rows, KEYS) != record_ids(FEED, rows, page_keys("legal_person", index=b"other").index)


@pytest.mark.parametrize("empty", [None, "", "  ", "\u3000", "\ufeff"])
def test_a_row_without_its_key_has_no_id(empty: str | None) -> None:
    """An empty key, or an empty part of one, identifies nothing."""
    assert ids([(empty, "x")]) == [None]
    assert ids([(empty, "x"), ("A", empty), ("A", "x")], TWO_PARTS)[:2] == [None, None]
    assert ids([("A", "x")], TWO_PARTS) != [None]


def test_an_id_is_the_keyed_hash_of_feed_and_parts() -> None:
    """The bytes are HMAC-SM3 over the feed's name and the parts, each with its length."""
    assert ids([("a", "b")], TWO_PARTS) == [keyed_hash(KEYS.record, b"invented_feed", b"A", b"B")]


@given(
    st.lists(
        st.tuples(st.none() | st.text("AB\"',\u6d25", max_size=3), st.none() | st.text("AB\"',\u6d25", max_size=3)),
        min_size=2,
        max_size=4,
    )
)
@settings(deadline=None, max_examples=80)
def test_content_hashes_are_equal_only_for_equal_rows(rows: list[tuple[str | None, str | None]]) -> None:
    """Two rows have one content hash exactly if all their columns are equal; nothing is not the empty text."""
    hashes = identify(FEED, page(rows), KEYS)["content_hash"].to_list()
    for at, row in enumerate(rows):
        assert [one == hashes[at] for one in hashes] == [other == row for other in rows]


def test_ignored_columns_are_no_content() -> None:
    """What the connector ignores may change without a new version."""
    quiet, noisy = page([("A", "x")]), page([("A", "x")], note=["seen today"])
    assert identify(FEED, quiet, KEYS).equals(identify(FEED, noisy, KEYS))


def test_rows_that_are_no_rows_are_told_apart_by_their_bytes() -> None:
    """Two broken lines, both null in every column, have the hashes of what they held."""
    broken = pl.DataFrame(
        [(0, "encoding", b"\xff1"), (1, "encoding", b"\xff2"), (2, "open_quote", b"\xff1")], schema=BROKEN, orient="row"
    )
    hashes = identify(FEED, replace(page([(None, None)] * 3), broken=broken), KEYS)["content_hash"].to_list()
    assert hashes[0] != hashes[1]
    assert hashes[0] == hashes[2]


def test_without_a_version_the_delivery_orders() -> None:
    """Rows of a feed without timestamps are ordered by when their file was delivered."""
    assert identify(FEED, page([("A", "x"), ("B", "y")]), KEYS)["ordering"].to_list() == [77, 77]


def test_a_version_is_read_and_an_unreadable_one_is_null() -> None:
    """The agency's timestamp, in China's time, orders the versions of a record."""
    connector = replace(FEED, version="note")
    notes = ["1970-01-01 08:00:01", "１９７０-01-01 08:00:02", "yesterday", ""]
    found = identify(connector, page([("A", "x")] * 4, note=notes), KEYS)
    assert found["ordering"].to_list() == [1_000_000, 2_000_000, None, None]


@pytest.mark.parametrize("name", connectors.names())
def test_samples_are_identified(name: str) -> None:
    """Every whole row of a sample with a key has an id of 16 bytes, every row a hash, in the order of the page."""
    raw = sample_page(name)
    found = identify(connectors.load(name), raw, KEYS)
    assert found.schema == IDENTIFIED
    assert found["row"].to_list() == list(range(raw.rows.height))
    assert set(found["content_hash"].bin.size().to_list()) == {16}
    assert set(found["id"].drop_nulls().bin.size().to_list()) == {16}
    assert found["id"].null_count() < raw.rows.height / 2


def test_an_empty_page_identifies_nothing() -> None:
    """No rows, no lines."""
    assert identify(FEED, page([]), KEYS).is_empty()
