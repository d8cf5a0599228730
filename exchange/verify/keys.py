"""The hub's secrets, read as docs/envelope.md describes them: master key file → period secrets → keys.

All numbers big endian. `lp` precedes each part with its length; HKDF (RFC 5869) and HMAC (RFC 2104) are over SM3
(GB/T 32905).
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import CTR
from cryptography.hazmat.primitives.hashes import SM3
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from exchange.verify.finding import Unreached
from exchange.verify.ground import rows

HEAD = 50
TAG = 16
NONCE = {1: 16, 2: 12}
LABEL = b"binhai-exchange-hub"


class NotAnEnvelope(ValueError):
    """Bytes that are no envelope, or one that does not open."""


@dataclass(frozen=True)
class Secrets:
    """Period secrets by key id, and the index secret behind all keyed hashes."""

    periods: Mapping[bytes, bytes] = field(repr=False)
    index: bytes = field(repr=False)

    def purpose(self, name: str) -> bytes:
        """The key of one kind of keyed hash: `record`, `fingerprint` …"""
        return hkdf(self.index, 32, b"index", name.encode())


def lp(*parts: bytes) -> bytes:
    """Parts, each after its length in four bytes.

    >>> lp(b"ab", b"").hex()
    '00000002616200000000'
    """
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def hkdf(secret: bytes, length: int, *info: bytes) -> bytes:
    """HKDF-SM3 without salt, for one use that `info` names."""
    return HKDF(SM3(), length, None, lp(LABEL, *info)).derive(secret)


def mac(key: bytes, text: bytes) -> bytes:
    """The first 16 bytes of HMAC-SM3."""
    made = HMAC(key, SM3())
    made.update(text)
    return made.finalize()[:TAG]


def key_id_of(envelope: bytes) -> bytes:
    """Which secret an envelope names. Raises NotAnEnvelope for bytes of no known version and suite, or too short."""
    suite = envelope[1] if len(envelope) > 1 and envelope[0] == 1 else 0
    if suite not in NONCE or len(envelope) < HEAD + NONCE[suite] + TAG:
        raise NotAnEnvelope
    return envelope[2:10]


def aad(key_id: bytes, library: str, group: str, record_id: bytes, schema: int = 1) -> bytes:
    """What an envelope of the hub is bound to."""
    return lp(key_id, library.encode(), group.encode(), schema.to_bytes(4, "big"), record_id)


def opened(secret: bytes, envelope: bytes, bound: bytes) -> bytes:
    """The plaintext of an envelope. Raises NotAnEnvelope if anything does not fit; nothing is decrypted before."""
    key_id_of(envelope)
    head, suite, place = envelope[:HEAD], envelope[1], envelope[1:18]
    parts = (place[:1], place[1:9], place[9:17])
    if not hmac.compare_digest(head[18:], hkdf(secret, 32, b"commitment", *parts)):
        raise NotAnEnvelope
    signed = head + len(bound).to_bytes(4, "big") + bound
    nonce, sealed = envelope[HEAD : HEAD + NONCE[suite]], envelope[HEAD + NONCE[suite] :]
    if suite == 2:
        try:
            return AESGCM(hkdf(secret, 32, b"encryption", *parts)).decrypt(nonce, sealed, signed)
        except InvalidTag:
            raise NotAnEnvelope from None
    ciphertext, tag = sealed[:-TAG], sealed[-TAG:]
    if not hmac.compare_digest(tag, mac(hkdf(secret, 32, b"mac", *parts), signed + nonce + ciphertext)):
        raise NotAnEnvelope
    reading = Cipher(SM4(hkdf(secret, 16, b"encryption", *parts)), CTR(nonce)).decryptor()
    return reading.update(ciphertext) + reading.finalize()


def read_secrets(connection: psycopg.Connection, home: Path) -> Secrets:
    """Unwrap every period secret with the master key file below `home`. Raises Unreached if the file does not serve."""
    master = _master(home)
    sql = "SELECT key_id, library, field_group, audience, period, suite, wrapped FROM period_secret"
    periods: dict[bytes, bytes] = {}
    index = b""
    for key_id, library, group, audience, period, suite, wrapped in rows(connection, sql):
        key, texts = bytes_of(key_id), [str(part).encode() for part in (library, group, audience)]
        bound = lp(key, *texts, int(str(period)).to_bytes(4, "big"), bytes([int(str(suite))]))
        try:
            periods[key] = opened(master, bytes_of(wrapped), bound)
        except NotAnEnvelope:
            raise Unreached("有密钥不能用主密钥打开", "a secret does not open with the master key") from None
        if texts[:2] == [b"*", b"index"]:
            index = periods[key]
    if not index:
        raise Unreached("数据库中没有索引密钥", "the database holds no index secret")
    return Secrets(periods, index)


def bytes_of(value: object) -> bytes:
    """Bytes from the database.

    >>> bytes_of(memoryview(b"a")), bytes_of(None)
    (b'a', b'')
    """
    return bytes(value) if isinstance(value, bytes | bytearray | memoryview) else b""


def _master(home: Path) -> bytes:
    try:
        master = bytes.fromhex((home / "keys" / "master.key").read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        raise Unreached("主密钥文件读不出", "the master key file can't be read") from None
    if len(master) != 32:
        raise Unreached("主密钥文件已损坏", "the master key file is damaged")
    return master
