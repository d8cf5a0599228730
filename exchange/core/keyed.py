"""Keyed hashes: HMAC-SM3 over length-prefixed parts, and the keys they are made with.

A bare hash of a citizen id is no protection: about 18 guessable digits, so every value can be tried. Each identifier
the hub derives (source key, record id, content hash, link key, fingerprint) is therefore an HMAC (RFC 2104) with SM3
(GB/T 32905-2016), under a key that never leaves the hub and that is derived per purpose from one index secret.

Every part is preceded by its length (four bytes, big endian), so ("ab", "c") and ("a", "bc") can't meet.

The hash is SM3 as GB/T 32905 prints it, annex A:

>>> from cryptography.hazmat.primitives.hashes import Hash
>>> h = Hash(SM3()); h.update(b"abc"); h.finalize().hex()
'66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0'

>>> keyed_hash(bytes(32), b"ab", b"c") == keyed_hash(bytes(32), b"a", b"bc")
False
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields

from cryptography.hazmat.primitives.hashes import SM3
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEYED_HASH_BYTES = 16
"""128 of SM3's 256 bits. Nobody outside holds the key, so only accidents count: among 10^10 values two meet by chance
with probability 10^20 / 2^129, about 10^-19; and half the bytes are half the index."""

KEY_BYTES = 32
"""Length of secrets and of derived HMAC keys: SM3's output, so that no key is the weakest part (RFC 2104 section 3)."""

_LABEL = b"binhai-exchange-hub"
_LENGTHS = tuple(length.to_bytes(4, "big") for length in range(512))


def joined(*parts: bytes) -> bytes:
    """Parts in one byte string, each after its length in four bytes; no two sequences of parts give the same string.

    >>> joined(b"ab", b"", b"c").hex(" ", 1)
    '00 00 00 02 61 62 00 00 00 00 00 00 00 01 63'
    """
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def expand(secret: bytes, length: int, *info: bytes) -> bytes:
    """`length` bytes from HKDF-SM3 (RFC 5869, no salt), told apart by the parts of `info`.

    >>> expand(bytes(32), 8, b"one") == expand(bytes(32), 8, b"two")
    False
    """
    if len(secret) < KEY_BYTES:
        raise ValueError(f"a secret has at least {KEY_BYTES} bytes")
    return HKDF(algorithm=SM3(), length=length, salt=None, info=joined(_LABEL, *info)).derive(secret)


def purpose_key(secret: bytes, purpose: str) -> bytes:
    """The 32-byte key for one purpose, derived from the hub's index secret.

    >>> purpose_key(bytes(32), "link") == purpose_key(bytes(32), "content_hash")
    False
    """
    return expand(secret, KEY_BYTES, b"index", purpose.encode())


@dataclass(frozen=True)
class IndexKeys:
    """One key per purpose; all stay inside the hub (no subscriber and no topic ever sees a value made with them).

    `source_key`: the agency's key of a row. `record`: the record id, from feed and source key. `content_hash`: the
    whole row. `link`: identifiers that join records into entities. `name`: names as they are compared. `fingerprint`:
    refused rows.
    """

    source_key: bytes = field(repr=False)
    record: bytes = field(repr=False)
    content_hash: bytes = field(repr=False)
    link: bytes = field(repr=False)
    name: bytes = field(repr=False)
    fingerprint: bytes = field(repr=False)


def index_keys(secret: bytes) -> IndexKeys:
    """All purpose keys of one index secret.

    >>> index_keys(bytes(32)).link == purpose_key(bytes(32), "link")
    True
    >>> index_keys(bytes(32))
    IndexKeys()
    """
    return IndexKeys(**{each.name: purpose_key(secret, each.name) for each in fields(IndexKeys)})


def keyed_hash(key: bytes, *parts: bytes) -> bytes:
    """HMAC-SM3 over the length-prefixed parts, its first 16 bytes.

    >>> len(keyed_hash(bytes(32), b"customs_enterprises", b"1207910001"))
    16
    """
    mac = HMAC(key, SM3())
    mac.update(joined(*parts))
    return mac.finalize()[:KEYED_HASH_BYTES]


def keyed_column(key: bytes, prefix: Sequence[bytes], column: Sequence[bytes | None]) -> list[bytes | None]:
    """`keyed_hash(key, *prefix, value)` for each value of a column; None stays None.

    The key's two blocks and the prefix are absorbed once and the state copied per row.

    >>> keyed_column(bytes(32), [b"feed"], [b"a", None]) == [keyed_hash(bytes(32), b"feed", b"a"), None]
    True
    """
    base = HMAC(key, SM3())
    base.update(joined(*prefix))
    copy, lengths, short = base.copy, _LENGTHS, len(_LENGTHS)
    hashes: list[bytes | None] = []
    append = hashes.append
    for value in column:
        if value is None:
            append(None)
            continue
        size = len(value)
        mac = copy()
        mac.update((lengths[size] if size < short else size.to_bytes(4, "big")) + value)
        append(mac.finalize()[:KEYED_HASH_BYTES])
    return hashes


def keyed_rows(key: bytes, prefix: Sequence[bytes], rows: Sequence[Sequence[bytes]]) -> list[bytes]:
    """`keyed_hash(key, *prefix, *row)` for each row of several parts (a source key of two columns).

    >>> keyed_rows(bytes(32), [b"feed"], [(b"a", b"b")]) == [keyed_hash(bytes(32), b"feed", b"a", b"b")]
    True
    """
    base = HMAC(key, SM3())
    base.update(joined(*prefix))
    hashes: list[bytes] = []
    for row in rows:
        mac = base.copy()
        mac.update(joined(*row))
        hashes.append(mac.finalize()[:KEYED_HASH_BYTES])
    return hashes
