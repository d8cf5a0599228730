"""Topic names: what agencies subscribe to, and nothing of it by chance."""

from __future__ import annotations

import re

import pytest

from exchange.core.topics import MAJOR, library_topic, position_topic
from schemas import LIBRARIES


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_library_has_a_topic_of_its_major_version(library: str) -> None:
    """hub.<library>.v<major>, in characters that Kafka takes."""
    assert library_topic(library) == f"hub.{library}.v{MAJOR[library]}"
    assert re.fullmatch(r"[a-z0-9._-]{1,249}", library_topic(library))


def test_every_library_has_a_major_version() -> None:
    """No library is published without one."""
    assert set(MAJOR) == set(LIBRARIES)
    assert all(version >= 1 for version in MAJOR.values())


def test_no_two_topics_are_one() -> None:
    """Libraries and positions stay apart, and so do two prefixes."""
    names = [
        make
        for prefix in ("hub", "bench")
        for make in (*(library_topic(one, prefix) for one in LIBRARIES), position_topic(prefix))
    ]
    assert len(set(names)) == 2 * (len(LIBRARIES) + 1)


def test_an_unknown_library_has_no_topic() -> None:
    """A name that is no library is an error, not a new topic."""
    with pytest.raises(KeyError):
        library_topic("nobody")
