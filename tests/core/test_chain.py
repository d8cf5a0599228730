"""Chained digests: every fact, every byte and the link before are bound."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.core.chain import BEGIN, canonical, link
from tests.independent_envelope import sm3

Page = tuple[dict[str, object], bytes]
FACTS = st.dictionaries(
    st.text(max_size=4), st.none() | st.booleans() | st.integers() | st.text(max_size=4), max_size=4
)


def test_a_link_has_its_golden_value() -> None:
    """SM3 over digest, facts and blobs, each after its length in eight bytes."""
    made = link(BEGIN, {"page": 1, "feed": "customs"}, b"ab", b"")
    parts = (BEGIN, b'{"feed":"customs","page":1}', b"ab", b"")
    assert made == sm3(b"".join(len(part).to_bytes(8, "big") + part for part in parts))
    assert made.hex() == "faa1862b1f24134db95437a152c0dd447f23c99b2e8830dfb15ced590866d6dd"


@given(FACTS)
@settings(deadline=None)
def test_the_same_facts_have_one_text(facts: dict[str, object]) -> None:
    """Whatever order they come in, and the text reads back as they were."""
    backwards = dict(reversed(facts.items()))
    assert canonical(facts) == canonical(backwards)
    assert json.loads(canonical(facts)) == facts


@given(st.lists(st.binary(max_size=4), max_size=3), st.lists(st.binary(max_size=4), max_size=3))
@settings(deadline=None)
def test_blobs_keep_their_borders(left: list[bytes], right: list[bytes]) -> None:
    """The same bytes cut elsewhere are another link."""
    assert (link(BEGIN, {}, *left) == link(BEGIN, {}, *right)) == (left == right)


def test_changing_any_link_changes_all_after_it() -> None:
    """Three pages: another fact, blob or order in an early one shows in the last digest."""

    def last(pages: list[Page]) -> bytes:
        digest = BEGIN
        for facts, blob in pages:
            digest = link(digest, facts, blob)
        return digest

    pages: list[Page] = [({"page": 0}, b"a"), ({"page": 1}, b"b"), ({"page": 2}, b"c")]
    changed: list[list[Page]] = [
        [({"page": 9}, b"a"), *pages[1:]],
        [({"page": 0}, b"x"), *pages[1:]],
        [pages[1], pages[0], pages[2]],
        pages[1:],
    ]
    assert len({last(one) for one in [pages, *changed]}) == 5
