"""The tag beside each envelope in an event: this envelope belongs to this version of this entity.

An envelope is bound to its record, not to the entity, since merges and splits must never touch it. So that nobody on
the way to a subscriber can swap envelopes between entities or versions, the event carries an HMAC-SM3 under a key of
the same period secret: whoever may open the group can check it, the broker can't make one.
"""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.hazmat.primitives.hashes import SM3
from cryptography.hazmat.primitives.hmac import HMAC

from exchange.core.keyed import KEY_BYTES, expand, joined

EVENT_TAG_BYTES = 16
"""128 bits: without the key a forgery succeeds once in 2^128 tries, and who holds the key has no need to forge."""


def tag_key(secret: bytes, key_id: bytes) -> bytes:
    """The period's key for tags; `secret` and `key_id` are those the envelope's header names.

    >>> len(tag_key(bytes(32), b"period-7"))
    32
    """
    return expand(secret, KEY_BYTES, b"event tag", key_id)


def tag(period_key: bytes, entity: bytes, version: int, group: str, envelope: bytes) -> bytes:
    """HMAC-SM3 over group, version (8 bytes, big endian), entity and envelope, each with its length; 16 bytes.

    >>> tag(bytes(32), b"e", 1, "contact", b"x") == tag(bytes(32), b"e", 2, "contact", b"x")
    False
    """
    mac = HMAC(period_key, SM3())
    mac.update(joined(group.encode(), version.to_bytes(8, "big"), entity, envelope))
    return mac.finalize()[:EVENT_TAG_BYTES]


def tag_column(
    period_key: bytes,
    entities: Sequence[bytes],
    versions: Sequence[int],
    group: str,
    envelopes: Sequence[bytes | None],
) -> list[bytes | None]:
    """`tag` for each row of a page of events; None where there is no envelope.

    >>> tag_column(bytes(32), [b"e", b"f"], [1, 2], "contact", [b"x", None]) == [
    ...     tag(bytes(32), b"e", 1, "contact", b"x"), None]
    True
    """
    base = HMAC(period_key, SM3())
    base.update(joined(group.encode()) + (8).to_bytes(4, "big"))
    tags: list[bytes | None] = []
    for entity, version, envelope in zip(entities, versions, envelopes, strict=True):
        if envelope is None:
            tags.append(None)
            continue
        mac = base.copy()
        # `joined`, written out: a generator costs more here than the hash.
        parts = (len(entity).to_bytes(4, "big"), entity, len(envelope).to_bytes(4, "big"), envelope)
        mac.update(b"".join((version.to_bytes(8, "big"), *parts)))
        tags.append(mac.finalize()[:EVENT_TAG_BYTES])
    return tags
