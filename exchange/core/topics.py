"""Names of topics (design, Topics and events), and the major version of what they carry."""

from __future__ import annotations

PREFIX = "hub"
"""First part of every topic's name; a benchmark or a test takes another."""

MAJOR = {"legal_person": 1, "person": 1}
"""Major version per library. It names the topic, the event's schema and the place an envelope is bound to, so additive
changes of a schema leave old envelopes readable; a breaking one begins a new topic."""


def library_topic(library: str, prefix: str = PREFIX) -> str:
    """The topic of a library's golden records, compacted by entity.

    >>> library_topic("legal_person")
    'hub.legal_person.v1'
    """
    return f"{prefix}.{library}.v{MAJOR[library]}"


def position_topic(prefix: str = PREFIX) -> str:
    """Compacted; one key per published topic: how far its library's change log has been published.

    >>> position_topic()
    'hub.position'
    """
    return f"{prefix}.position"
