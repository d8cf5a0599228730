"""Chained digests (SM3, GB/T 32905): each settled page and each audit entry is bound to the one before.

>>> link(bytes(32), {"page": 1}) == link(bytes(32), {"page": 2})
False
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from cryptography.hazmat.primitives.hashes import SM3, Hash

BEGIN = bytes(32)
"""What the first link of a chain is bound to."""


def canonical(facts: Mapping[str, object]) -> str:
    """JSON with sorted keys and no spaces: the same facts give the same text.

    >>> canonical({"b": 1, "a": "x"})
    '{"a":"x","b":1}'
    """
    return json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def link(before: bytes, facts: Mapping[str, object], *blobs: bytes) -> bytes:
    """SM3 over the digest before, the facts and some byte strings, each with its length."""
    digest = Hash(SM3())
    for part in (before, canonical(facts).encode(), *blobs):
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.finalize()
