"""Keyed hashes: the standards' vectors, the scalar and bulk forms, and that no two inputs share a string."""

from __future__ import annotations

from multiprocessing import Pipe

import pytest
from cryptography.hazmat.primitives.hashes import SM3, Hash
from cryptography.hazmat.primitives.hmac import HMAC
from hypothesis import given
from hypothesis import strategies as st

from exchange.core.keyed import (
    IndexKeys,
    expand,
    index_keys,
    joined,
    keyed_column,
    keyed_hash,
    keyed_rows,
    purpose_key,
)
from tests import independent_envelope

KEY = bytes(range(32))
PARTS = st.lists(st.binary(max_size=40), max_size=4)


def test_sm3_gives_the_two_digests_printed_in_the_standard() -> None:
    """GB/T 32905-2016 annex A: "abc", and "abcd" sixteen times."""
    printed = {
        b"abc": "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
        b"abcd" * 16: "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732",
    }
    for message, expected in printed.items():
        digest = Hash(SM3())
        digest.update(message)
        assert digest.finalize().hex() == expected
        assert independent_envelope.sm3(message).hex() == expected


def test_hmac_sm3_gives_the_published_value() -> None:
    """The HMAC-SM3 vector of GM/T 0042-2015 annex D.3, as OpenSSL's own tests carry it."""
    key = bytes(range(1, 33))
    message = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq" * 2
    mac = HMAC(key, SM3())
    mac.update(message)
    assert mac.finalize().hex() == "ca05e144ed05d1857840d1f318a4a8669e559fc8391f414485bfdf7bb408963a"


@given(PARTS, PARTS)
def test_joined_strings_are_equal_only_for_equal_parts(left: list[bytes], right: list[bytes]) -> None:
    """Length prefixes keep ("ab", "c") and ("a", "bc") apart, and any other two sequences."""
    assert (joined(*left) == joined(*right)) == (left == right)


@given(st.binary(max_size=30), st.integers(0, 30))
def test_moving_the_border_between_two_parts_changes_the_hash(text: bytes, border: int) -> None:
    """The same bytes cut elsewhere are other parts."""
    cut, other = text[:border], text[: border // 2]
    same = keyed_hash(KEY, cut, text[len(cut) :]) == keyed_hash(KEY, other, text[len(other) :])
    assert same == (cut == other)


@given(PARTS, st.lists(st.none() | st.binary(max_size=700)))
def test_bulk_hash_equals_scalar_hash(prefix: list[bytes], column: list[bytes | None]) -> None:
    """A column is hashed as its values one by one, and None stays None."""
    expected = [None if value is None else keyed_hash(KEY, *prefix, value) for value in column]
    assert keyed_column(KEY, prefix, column) == expected


@given(st.lists(st.tuples(st.binary(max_size=20), st.binary(max_size=20))))
def test_rows_of_parts_equal_scalar_hash(rows: list[tuple[bytes, bytes]]) -> None:
    """Several parts a row give the scalar hash of all parts."""
    assert keyed_rows(KEY, [b"feed"], rows) == [keyed_hash(KEY, b"feed", *row) for row in rows]


@given(PARTS)
def test_hash_agrees_with_the_definition(parts: list[bytes]) -> None:
    """RFC 2104 spelled out over another SM3 gives the same 16 bytes."""
    assert keyed_hash(KEY, *parts) == independent_envelope.hmac_sm3(KEY, independent_envelope.parts(*parts))[:16]


def test_expand_agrees_with_the_definition() -> None:
    """RFC 5869 spelled out gives the same bytes, also past one block of SM3."""
    for length in (8, 32, 33, 80):
        assert expand(KEY, length, b"x", b"y") == independent_envelope.hkdf_sm3(KEY, length, b"x", b"y")


def test_purposes_have_keys_of_their_own() -> None:
    """No purpose shares a key with another or with the secret, and another secret changes all."""
    keys, others = index_keys(KEY), index_keys(bytes(32))
    values = [getattr(keys, name) for name in keys.__dataclass_fields__]
    assert len({KEY, *values, *(getattr(others, name) for name in others.__dataclass_fields__)}) == 2 * len(values) + 1
    assert keys.link == purpose_key(KEY, "link")


def test_index_keys_show_nothing_and_cross_processes() -> None:
    """No key is in repr, and a worker process gets them whole."""
    keys = index_keys(KEY)
    assert repr(keys) == "IndexKeys()"
    near, far = Pipe()
    with near, far:
        near.send(keys)
        assert far.recv() == keys
    assert isinstance(keys, IndexKeys)


def test_short_secret_is_refused() -> None:
    """Nothing is derived from less than 256 bits."""
    with pytest.raises(ValueError, match="32 bytes"):
        purpose_key(bytes(31), "link")
