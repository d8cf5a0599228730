"""The envelope: the bytes in which one sealed field group of one record travels and rests.

    offset  bytes  part
         0      1  version      1
         1      1  suite        1 = SM4-CTR with HMAC-SM3 (encrypt-then-MAC), 2 = AES-256-GCM
         2      8  key id       which period secret
        10      8  n            which data key of that secret; unsigned, big endian
        18     32  commitment   HKDF of the same secret: the key this was sealed with, and no other
        50  16|12  nonce        suite 1: initial counter block of 16 bytes; suite 2: 12 bytes
         …      …  ciphertext   as long as the plaintext
       end     16  tag

docs/envelope.md says how each part is computed and holds a worked example. Nothing of this may change under version 1:
envelopes live for years in topics, backups and the copies of agencies.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from exchange.core.errors import Broken

VERSION = 1
SM4_CTR_HMAC_SM3 = 1
AES_256_GCM = 2
NONCE_BYTES = {SM4_CTR_HMAC_SM3: 16, AES_256_GCM: 12}
KEY_ID_BYTES = 8
COMMITMENT_BYTES = 32
TAG_BYTES = 16
"""HMAC-SM3 cut to 128 bits (RFC 2104 section 5: not below half the hash); GCM's tag has that length anyway. A forger
without the key succeeds once in 2^128 tries. Finding two keys for one envelope is a matter of collisions, where 128
bits would be weak: that is what the 32 bytes of the commitment are for."""

_HEAD = struct.Struct(">BB8sQ32s")
HEAD_BYTES = _HEAD.size
"""50: everything before the nonce; equal for all envelopes of one data key."""

_HINT = "从来源重新接收该记录。Receive the record again from where it came."


class SealBroken(Broken):
    """An envelope does not open: another key, another place, or changed bytes. Carries nothing of the content."""


class EnvelopeUnreadable(SealBroken, ValueError):
    """Bytes that are no envelope of a known version and suite."""


@dataclass(frozen=True)
class Header:
    """What an envelope says in clear: which key opens it, and its nonce."""

    version: int
    suite: int
    key_id: bytes
    n: int
    commitment: bytes
    nonce: bytes


def head(suite: int, key_id: bytes, n: int, commitment: bytes) -> bytes:
    """The 50 bytes before the nonce.

    >>> head(1, b"period-7", 5, bytes(32))[:18].hex()
    '0101706572696f642d370000000000000005'
    """
    if suite not in NONCE_BYTES or len(key_id) != KEY_ID_BYTES or len(commitment) != COMMITMENT_BYTES:
        raise ValueError("unknown suite, or key id or commitment of the wrong length")
    return _HEAD.pack(VERSION, suite, key_id, n, commitment)


def parse(envelope: bytes) -> Header:
    """Read the header; raises EnvelopeUnreadable for a wrong version, an unknown suite or too few bytes.

    >>> parse(head(2, b"period-7", 5, bytes(32)) + bytes(28)).n
    5
    >>> parse(b"")
    Traceback (most recent call last):
        ...
    exchange.core.envelope.EnvelopeUnreadable: 信封过短(0 字节)。The envelope is too short (0 bytes).
    """
    length = len(envelope)
    if length < HEAD_BYTES:
        raise _too_short(length)
    version, suite, key_id, n, commitment = _HEAD.unpack_from(envelope)
    if version != VERSION:
        raise EnvelopeUnreadable(
            "envelope_version_unknown",
            f"未知信封版本 {version}。Unknown envelope version {version}.",
            _HINT,
        )
    if suite not in NONCE_BYTES:
        raise EnvelopeUnreadable(
            "envelope_suite_unknown",
            f"未知密码套件 {suite}。Unknown cipher suite {suite}.",
            _HINT,
        )
    end = HEAD_BYTES + NONCE_BYTES[suite]
    if length < end + TAG_BYTES:
        raise _too_short(length)
    return Header(version, suite, key_id, n, commitment, bytes(envelope[HEAD_BYTES:end]))


def _too_short(length: int) -> EnvelopeUnreadable:
    return EnvelopeUnreadable(
        "envelope_too_short",
        f"信封过短({length} 字节)。The envelope is too short ({length} bytes).",
        _HINT,
    )
