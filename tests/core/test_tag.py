"""The tag of an event: bound to entity, version, group and envelope."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.core.tag import tag, tag_column, tag_key
from tests import independent_envelope

SECRET, KEY_ID = bytes(range(32)), b"period-7"
KEY = tag_key(SECRET, KEY_ID)
BYTES = st.binary(max_size=40)
ROW = st.tuples(BYTES, st.integers(0, 2**63 - 1), st.none() | BYTES)


@given(st.lists(ROW))
def test_bulk_tag_equals_scalar_tag(rows: list[tuple[bytes, int, bytes | None]]) -> None:
    """A page's tags are those of its events one by one; no envelope, no tag."""
    entities, versions, envelopes = ([e for e, _, _ in rows], [v for _, v, _ in rows], [e for _, _, e in rows])
    expected = [None if e is None else tag(KEY, entity, version, "contact", e) for entity, version, e in rows]
    assert tag_column(KEY, entities, versions, "contact", envelopes) == expected


@given(ROW, ROW)
def test_another_entity_version_or_envelope_has_another_tag(
    left: tuple[bytes, int, bytes | None], right: tuple[bytes, int, bytes | None]
) -> None:
    """Tags are equal exactly when everything they bind is."""
    first = tag(KEY, left[0], left[1], "contact", left[2] or b"")
    second = tag(KEY, right[0], right[1], "contact", right[2] or b"")
    assert (first == second) == ((left[0], left[1], left[2] or b"") == (right[0], right[1], right[2] or b""))


def test_tag_has_its_golden_value_and_a_second_reading() -> None:
    """The bytes are fixed, and the reader written from the page computes the same."""
    envelope = b"\x01\x01" + KEY_ID + bytes(72)
    made = tag(KEY, bytes(16), 3, "contact", envelope)
    assert made == independent_envelope.event_tag(SECRET, envelope, bytes(16), 3, "contact")
    assert made.hex() == "37920c9df7b66a91fe8c74dfa221059a"


def test_group_and_key_are_bound() -> None:
    """Another group or another period's key gives another tag."""
    made = tag(KEY, b"e", 1, "contact", b"x")
    assert made != tag(KEY, b"e", 1, "representative", b"x")
    assert made != tag(tag_key(SECRET, b"period-8"), b"e", 1, "contact", b"x")


def test_columns_of_different_length_are_refused() -> None:
    """A page's lists belong together row by row."""
    with pytest.raises(ValueError, match="shorter"):
        tag_column(KEY, [b"e", b"f"], [1], "contact", [b"x", b"y"])
