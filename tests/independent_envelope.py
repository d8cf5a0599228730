"""A second reader of envelopes, written from docs/envelope.md alone; it imports nothing of the project.

HMAC, HKDF and counter mode are spelled out; the hash is the standard library's SM3 where its OpenSSL has one.
"""

from __future__ import annotations

import hashlib

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import ECB
from cryptography.hazmat.primitives.hashes import SM3, Hash


def sm3(message: bytes) -> bytes:
    """SM3 of the standard library, or of `cryptography` where OpenSSL has none."""
    try:
        return hashlib.new("sm3", message).digest()
    except ValueError:
        digest = Hash(SM3())
        digest.update(message)
        return digest.finalize()


def hmac_sm3(key: bytes, message: bytes) -> bytes:
    """RFC 2104 with blocks of 64 bytes."""
    key = (sm3(key) if len(key) > 64 else key).ljust(64, b"\0")
    inner = sm3(bytes(byte ^ 0x36 for byte in key) + message)
    return sm3(bytes(byte ^ 0x5C for byte in key) + inner)


def parts(*values: bytes) -> bytes:
    """Each value after its length."""
    return b"".join(len(value).to_bytes(4, "big") + value for value in values)


def hkdf_sm3(secret: bytes, length: int, *info: bytes) -> bytes:
    """RFC 5869 without salt."""
    pseudorandom, output, block = hmac_sm3(bytes(32), secret), b"", b""
    for counter in range(1, 256):
        if len(output) >= length:
            break
        block = hmac_sm3(pseudorandom, block + parts(b"binhai-exchange-hub", *info) + bytes([counter]))
        output += block
    return output[:length]


def sm4_ctr(key: bytes, start: bytes, text: bytes) -> bytes:
    """Counter mode: the 16-byte block counts up as one big-endian number."""
    encryptor = Cipher(SM4(key), ECB()).encryptor()
    counters = (int.from_bytes(start, "big") + at for at in range(-(-len(text) // 16)))
    stream = encryptor.update(b"".join((counter % 2**128).to_bytes(16, "big") for counter in counters))
    return bytes(a ^ b for a, b in zip(text, stream, strict=False))


def read(secret: bytes, envelope: bytes, place: tuple[str, str, int], record_id: bytes) -> bytes:
    """The plaintext; AssertionError if anything does not fit. `place`: library, group, schema version."""
    suite, key_id, n = envelope[1:2], envelope[2:10], envelope[10:18]
    assert envelope[0] == 1
    assert envelope[18:50] == hkdf_sm3(secret, 32, b"commitment", suite, key_id, n)
    bound = parts(key_id, place[0].encode(), place[1].encode(), place[2].to_bytes(4, "big"), record_id)
    signed = envelope[:50] + len(bound).to_bytes(4, "big") + bound
    if suite == b"\x02":
        key = hkdf_sm3(secret, 32, b"encryption", suite, key_id, n)
        return AESGCM(key).decrypt(envelope[50:62], envelope[62:], signed)
    assert suite == b"\x01"
    mac = hkdf_sm3(secret, 32, b"mac", suite, key_id, n)
    assert envelope[-16:] == hmac_sm3(mac, signed + envelope[50:-16])[:16]
    return sm4_ctr(hkdf_sm3(secret, 16, b"encryption", suite, key_id, n), envelope[50:66], envelope[66:-16])


def event_tag(secret: bytes, envelope: bytes, entity: bytes, version: int, group: str) -> bytes:
    """The tag beside the envelope in an event."""
    key = hkdf_sm3(secret, 32, b"event tag", envelope[2:10])
    return hmac_sm3(key, parts(group.encode(), version.to_bytes(8, "big"), entity, envelope))[:16]
