"""Several envelopes of one record in one value: (length of name, name, length of envelope, envelope) after each other.

`record.sealed` holds it: one column whatever groups a library has.

>>> unpack(pack([("contact", b"xyz"), ("representative", None)]))
{'contact': b'xyz'}
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

_HEAD = struct.Struct(">BI")


def pack(envelopes: Iterable[tuple[str, bytes | None]]) -> bytes:
    """Join the envelopes that exist; empty groups take no room."""
    parts: list[bytes] = []
    for group, envelope in envelopes:
        if envelope is not None:
            name = group.encode()
            parts += (_HEAD.pack(len(name), len(envelope)), name, envelope)
    return b"".join(parts)


def unpack(bundle: bytes) -> dict[str, bytes]:
    """Group → envelope. Raises ValueError on a bundle cut short."""
    envelopes: dict[str, bytes] = {}
    place = 0
    while place < len(bundle):
        if place + _HEAD.size > len(bundle):
            raise ValueError("bundle cut short")
        name_length, length = _HEAD.unpack_from(bundle, place)
        start = place + _HEAD.size
        place = start + name_length + length
        if place > len(bundle):
            raise ValueError("bundle cut short")
        envelopes[bundle[start : start + name_length].decode()] = bundle[start + name_length : place]
    return envelopes
