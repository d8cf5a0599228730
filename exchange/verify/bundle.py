"""The envelopes of one record, as `record.sealed` holds them: (length of name, 1 byte; length of envelope, 4 bytes, big
endian; name; envelope) after each other."""

from __future__ import annotations


def members(bundle: bytes) -> dict[str, bytes] | None:
    r"""Group → envelope; None where the bytes are no bundle.

    >>> members(b"\x01\0\0\0\2axy"), members(b"\x01\0\0\0\2ax")
    ({'a': b'xy'}, None)
    """
    found: dict[str, bytes] = {}
    place = 0
    while place < len(bundle):
        start = place + 5
        name_end = start + bundle[place]
        place = name_end + int.from_bytes(bundle[place + 1 : start], "big")
        if max(start, place) > len(bundle):
            return None
        try:
            found[bundle[start:name_end].decode()] = bundle[name_end:place]
        except UnicodeDecodeError:
            return None
    return found
