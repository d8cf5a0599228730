"""The keys of sealing, and the place they seal for: values only, made from a period secret.

A period secret is one per (library, field group, audience, period). Data key number n is HKDF-SM3 (RFC 5869) of it;
n is leased from the database, so that no two pages seal under the same key (design 4.7, SP 800-38D).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from exchange.core.envelope import AES_256_GCM, NONCE_BYTES, SM4_CTR_HMAC_SM3, head
from exchange.core.keyed import KEY_BYTES, IndexKeys, expand

SEALS_PER_KEY_MAX = 5_000_000
"""Envelopes per data key. SP 800-38D allows 2^32 random 96-bit nonces; a thousandth of that leaves room for a data key
leased twice (a restored database) and for a task that ran twice. `seal_column` refuses more in one call; a page's key serves
one, that of the quarantine two (rows refused, and originals of rows accepted), so that it seals at most 2 x `PAGE_ROWS_MAX`."""

_CIPHER_KEY_BYTES = {SM4_CTR_HMAC_SM3: 16, AES_256_GCM: 32}


@dataclass(frozen=True)
class DataKey:
    """The keys of one (period secret, n): what one page and field group is sealed with. Made by `derive`."""

    key_id: bytes
    n: int
    suite: int
    encryption: bytes = field(repr=False)
    mac: bytes = field(repr=False)
    commitment: bytes = field(repr=False)
    seals_max: int = SEALS_PER_KEY_MAX

    @property
    def head(self) -> bytes:
        """The first 50 bytes of every envelope of this key."""
        return head(self.suite, self.key_id, self.n, self.commitment)


@dataclass(frozen=True)
class Place:
    """Where a sealed group belongs, besides its record: an envelope opens nowhere else."""

    library: str
    group: str
    schema_version: int


@dataclass(frozen=True)
class PageKeys:
    """Everything `prepare` needs to seal and to key one page; picklable. `groups` is by field group name."""

    groups: Mapping[str, DataKey]
    quarantine: DataKey
    cursor: DataKey
    index: IndexKeys


def derive(secret: bytes, key_id: bytes, n: int, suite: int = SM4_CTR_HMAC_SM3) -> DataKey:
    """Data key number `n` of a period secret: three HKDF-SM3 outputs with infos of their own.

    >>> derive(bytes(32), b"period-7", 5)
    DataKey(key_id=b'period-7', n=5, suite=1, seals_max=5000000)
    """
    if suite not in NONCE_BYTES:
        raise ValueError(f"unknown suite {suite}")
    place = (bytes([suite]), key_id, n.to_bytes(8, "big"))
    return DataKey(
        key_id=key_id,
        n=n,
        suite=suite,
        encryption=expand(secret, _CIPHER_KEY_BYTES[suite], b"encryption", *place),
        mac=expand(secret, KEY_BYTES, b"mac", *place) if suite == SM4_CTR_HMAC_SM3 else b"",
        commitment=expand(secret, 32, b"commitment", *place),
    )
