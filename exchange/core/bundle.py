"""Several envelopes of one record in one value: (length of name, name, length of envelope, envelope) after each other.

`record.sealed` holds it: one column whatever groups a library has.

>>> [unpack(bundle) for bundle in pack({"contact": [b"xyz", None], "representative": [None, None]})]
[{'contact': b'xyz'}, {}]
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence

_HEAD = struct.Struct(">BI")


def pack(envelopes: Mapping[str, Sequence[bytes | None]]) -> list[bytes]:
    """One bundle a row from the columns of envelopes; empty groups take no room."""
    members = (_members(group.encode(), column) for group, column in envelopes.items())
    return [b"".join(row) for row in zip(*members, strict=True)]


def _members(name: bytes, envelopes: Sequence[bytes | None]) -> Iterator[bytes]:
    heads = {size: _HEAD.pack(len(name), size) + name for size in {len(one) for one in envelopes if one is not None}}
    return (b"" if one is None else heads[len(one)] + one for one in envelopes)


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
