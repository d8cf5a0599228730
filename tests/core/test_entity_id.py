"""Entity ids: 20 characters that never meet and rise with time."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.core.entity_id import ALPHABET, new_ids

MILLISECONDS = st.integers(0, (1 << 45) - 1)
RANDOM = st.binary(min_size=7, max_size=9)


@given(MILLISECONDS, RANDOM, st.integers(0, 200))
@settings(deadline=None)
def test_ids_of_a_page_are_sorted_and_unlike(now_ms: int, random: bytes, count: int) -> None:
    """As many as asked for, each 20 characters of Crockford's base 32, sorted, none twice."""
    ids = new_ids(now_ms, random, count)
    assert len(set(ids)) == count
    assert ids == sorted(ids)
    assert all(len(one) == 20 and set(one) <= set(ALPHABET) for one in ids)


@given(MILLISECONDS, MILLISECONDS, RANDOM, RANDOM)
@settings(deadline=None)
def test_later_ids_sort_later(first: int, second: int, one: bytes, two: bytes) -> None:
    """Ids of a later millisecond follow those of an earlier one, however many and however random."""
    early, late = sorted((first, second))
    if early < late:
        assert new_ids(early, one, 50)[-1] < new_ids(late, two, 50)[0]


@given(MILLISECONDS, RANDOM)
@settings(deadline=None)
def test_an_id_holds_its_millisecond(now_ms: int, random: bytes) -> None:
    """The time can be read back from the first nine characters (45 bits)."""
    number = 0
    for character in new_ids(now_ms, random, 1)[0]:
        number = number * 32 + ALPHABET.index(character)
    assert number >> 55 == now_ms


def test_the_alphabet_leaves_out_what_is_misread() -> None:
    """Crockford's base 32 in ascending order, without I, L, O and U."""
    assert len(ALPHABET) == 32
    assert list(ALPHABET) == sorted(set(ALPHABET))
    assert not set("ILOU") & set(ALPHABET)


def test_ids_of_one_millisecond_differ_by_their_random_start() -> None:
    """Two pages prepared in the same millisecond don't meet: 54 random bits tell them apart."""
    assert not set(new_ids(5, b"\x00" * 7, 1000)) & set(new_ids(5, b"\x00\x00\x00\x00\x01\x00\x00", 1000))
    assert new_ids(5, b"\xff" * 7, 3)[-1] < new_ids(6, b"\x00" * 7, 1)[0]
