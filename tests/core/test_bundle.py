"""Bundles: several envelopes in one value, whole or refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.core.bundle import pack, unpack

GROUPS = st.dictionaries(st.text("abc_", min_size=1, max_size=9), st.none() | st.binary(max_size=40), max_size=4)


def packed(filled: list[tuple[str, bytes]]) -> bytes:
    """The bundle of one row with these groups; nothing for a row without any."""
    return b"".join(pack({group: [envelope] for group, envelope in filled}))


@given(GROUPS)
@settings(deadline=None)
def test_what_is_packed_is_unpacked(groups: dict[str, bytes | None]) -> None:
    """Groups that have an envelope come back with it, in their order; empty groups take no room."""
    filled = [(group, envelope) for group, envelope in groups.items() if envelope is not None]
    bundle = b"".join(pack({group: [envelope] for group, envelope in groups.items()}))
    assert list(unpack(bundle).items()) == filled
    assert len(bundle) == sum(5 + len(group.encode()) + len(envelope) for group, envelope in filled)


@given(st.lists(st.tuples(*[st.none() | st.binary(max_size=40)] * 3), max_size=5))
@settings(deadline=None)
def test_a_page_is_packed_row_by_row(rows: list[tuple[bytes | None, ...]]) -> None:
    """The bundles of a page are those of its rows, each by itself."""
    names = ("contact", "originals", "representative")
    columns = {name: [row[place] for row in rows] for place, name in enumerate(names)}
    alone = [pack({name: [one] for name, one in zip(names, row, strict=True)})[0] for row in rows]
    assert pack(columns) == alone


@given(GROUPS.filter(lambda groups: any(one is not None for one in groups.values())), st.data())
@settings(deadline=None)
def test_a_bundle_cut_short_is_refused(groups: dict[str, bytes | None], data: st.DataObject) -> None:
    """Only between two groups can a bundle be cut unnoticed; any other cut is refused as a whole."""
    filled = [(group, envelope) for group, envelope in groups.items() if envelope is not None]
    whole = {len(packed(filled[:count])): filled[:count] for count in range(len(filled))}
    cut = packed(filled)[: data.draw(st.integers(0, len(packed(filled)) - 1))]
    if len(cut) in whole:
        assert list(unpack(cut).items()) == whole[len(cut)]
    else:
        with pytest.raises(ValueError, match="cut short"):
            unpack(cut)


@pytest.mark.parametrize("bundle", [b"\x00", b"\x01\x00\x00\x00\x05a", b"\x07\x00\x00\x00\x01contact"])
def test_a_cut_in_head_name_or_envelope_is_named(bundle: bytes) -> None:
    """Whatever is missing, the bundle is refused as a whole."""
    with pytest.raises(ValueError, match="cut short"):
        unpack(bundle)


def test_a_bundle_has_its_golden_bytes() -> None:
    """One byte for the name's length, four for the envelope's, big endian, then both."""
    assert pack({"contact": [b"xyz"], "empty": [None]}) == [b"\x07\x00\x00\x00\x03contactxyz"]
    assert pack({"contact": [None]}) == [b""]
    assert unpack(b"") == {}
