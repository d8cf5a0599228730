"""Sealing field groups: plaintext in, envelopes out, and back only when nothing was touched.

Suite 1 is SM4-CTR with HMAC-SM3, encrypt-then-MAC (GB/T 32907, GB/T 17964, GB/T 32905); suite 2 is AES-256-GCM. Both
carry a key commitment, checked before anything else: neither GCM nor a tag of 16 bytes alone ties an envelope to one
key. benchmarks/seal_suites.py shows why suite 1 is the default. The bytes are those of docs/envelope.md.

The block cipher is SM4 as GB/T 32907 prints it, annex A:

>>> vector = bytes.fromhex("0123456789abcdeffedcba9876543210")
>>> from cryptography.hazmat.primitives.ciphers.modes import ECB
>>> Cipher(SM4(vector), ECB()).encryptor().update(vector).hex()
'681edf34d206965e86b3e94f536e4246'

Randomness comes from the caller: 16 random bytes per row, never used twice under one key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from hmac import compare_digest

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import CTR
from cryptography.hazmat.primitives.hashes import SM3
from cryptography.hazmat.primitives.hmac import HMAC

from exchange.core.data_key import SEALS_PER_KEY_MAX, DataKey, PageKeys, Place, derive
from exchange.core.envelope import (
    AES_256_GCM,
    HEAD_BYTES,
    NONCE_BYTES,
    TAG_BYTES,
    EnvelopeUnreadable,
    SealBroken,
    parse,
)
from exchange.core.keyed import joined

__all__ = [
    "RECORD_ID_BYTES",
    "ROW_NONCE_BYTES",
    "SEALS_PER_KEY_MAX",
    "DataKey",
    "EnvelopeUnreadable",
    "PageKeys",
    "Place",
    "SealBroken",
    "aad",
    "derive",
    "open_column",
    "open_envelope",
    "open_mixed",
    "seal",
    "seal_column",
]

ROW_NONCE_BYTES = 16
"""Random bytes a row needs in either suite; suite 2 uses the first 12. For suite 1 they are the initial counter block:
that two messages of 5,000,000 share a counter block has probability below 10^-19 even if each had 10 MB."""

RECORD_ID_BYTES = 16

_HINT = "检查密钥周期与记录标识是否相符。Check that the key's period and the record's id belong together."

Seal = Callable[[bytes, bytes, bytes], bytes]
"""(plaintext, end of the AAD, 16 random bytes) → envelope."""
Open = Callable[[bytes, bytes], bytes]
"""(envelope, end of the AAD) → plaintext, or SealBroken."""


def aad(place: Place, record_id: bytes, key_id: bytes) -> bytes:
    """What an envelope is bound to: key id, library, group, schema version, record id, each with its length.

    The record id stands last, so that a column's constant part is hashed once.

    >>> aad(Place("person", "identity", 1), bytes(16), b"period-7") == aad(
    ...     Place("personi", "dentity", 1), bytes(16), b"period-7")
    False
    """
    if len(record_id) != RECORD_ID_BYTES:
        raise ValueError(f"a record id has {RECORD_ID_BYTES} bytes")
    return _aad_head(place, key_id) + record_id


def seal(key: DataKey, plaintext: bytes, aad: bytes, nonce: bytes) -> bytes:
    """One envelope. `nonce`: 16 fresh random bytes.

    >>> key, bound = derive(bytes(32), b"period-7", 5), b"place"
    >>> open_envelope(key, seal(key, "张三".encode(), bound, bytes(16)), bound).decode()
    '张三'
    """
    if len(nonce) != ROW_NONCE_BYTES:
        raise ValueError(f"a nonce has {ROW_NONCE_BYTES} bytes")
    return _sealer(key, aad, 0)(plaintext, b"", nonce)


def open_envelope(key: DataKey, envelope: bytes, aad: bytes) -> bytes:
    """The plaintext, if key, place and every byte are right; else SealBroken, and nothing of the content.

    The commitment is compared first, then the tag, both in constant time; only then is anything decrypted. The key is
    the one the header names: other keys are not tried.
    """
    return _opener(key, aad, 0)(envelope, b"")


def seal_column(
    key: DataKey,
    plaintexts: Sequence[bytes | None],
    record_ids: Sequence[bytes],
    place: Place,
    nonces: bytes,
) -> list[bytes | None]:
    """One envelope per plaintext of a page's field group; None stays None.

    `nonces`: 16 fresh random bytes per row. Raises ValueError for lengths that do not fit, and for more rows than one
    data key may seal. The same bytes as `seal` with `aad`, with the contexts made once.
    """
    rows = len(plaintexts)
    _check_column(rows, record_ids)
    if len(nonces) != rows * ROW_NONCE_BYTES:
        raise ValueError(f"{rows} rows need {rows * ROW_NONCE_BYTES} random bytes, not {len(nonces)}")
    if rows > key.seals_max:
        raise ValueError(f"one data key seals at most {key.seals_max} envelopes")
    seal_row = _sealer(key, _aad_head(place, key.key_id), RECORD_ID_BYTES)
    starts = range(0, len(nonces), ROW_NONCE_BYTES)
    return [
        None if plaintext is None else seal_row(plaintext, record_id, nonces[at : at + ROW_NONCE_BYTES])
        for plaintext, record_id, at in zip(plaintexts, record_ids, starts, strict=True)
    ]


def open_column(
    key: DataKey,
    envelopes: Sequence[bytes | None],
    record_ids: Sequence[bytes],
    place: Place,
) -> list[bytes | None]:
    """The plaintexts of envelopes sealed with one data key; None stays None. SealBroken if any does not open."""
    _check_column(len(envelopes), record_ids)
    open_row = _opener(key, _aad_head(place, key.key_id), RECORD_ID_BYTES)
    return [
        None if envelope is None else open_row(envelope, record_id)
        for envelope, record_id in zip(envelopes, record_ids, strict=True)
    ]


def open_mixed(
    secrets: Mapping[bytes, bytes],
    envelopes: Sequence[bytes | None],
    record_ids: Sequence[bytes],
    place: Place,
) -> list[bytes | None]:
    """`open_column` for envelopes of several data keys; `secrets` maps key id to period secret.

    Each header names its key; one that `secrets` does not hold raises SealBroken.
    """
    _check_column(len(envelopes), record_ids)
    openers: dict[bytes, Open] = {}
    plaintexts: list[bytes | None] = []
    for envelope, record_id in zip(envelopes, record_ids, strict=True):
        if envelope is None:
            plaintexts.append(None)
            continue
        named = envelope[:18]
        if named not in openers:
            header = parse(envelope)
            if header.key_id not in secrets:
                raise _broken(f"没有密钥 {header.key_id.hex()}。The key {header.key_id.hex()} is not at hand.")
            key = derive(secrets[header.key_id], header.key_id, header.n, header.suite)
            openers[named] = _opener(key, _aad_head(place, key.key_id), RECORD_ID_BYTES)
        plaintexts.append(openers[named](envelope, record_id))
    return plaintexts


def _sealer(key: DataKey, aad_start: bytes, aad_rest: int) -> Seal:
    """Seal rows whose AAD is `aad_start` and then `aad_rest` bytes of the row's own, with contexts made once."""
    prefix = key.head
    bound = prefix + (len(aad_start) + aad_rest).to_bytes(4, "big") + aad_start
    if key.suite == AES_256_GCM:
        encrypt = AESGCM(key.encryption).encrypt

        def seal_gcm(plaintext: bytes, aad_end: bytes, nonce: bytes) -> bytes:
            short = nonce[:12]
            return prefix + short + encrypt(short, plaintext, bound + aad_end)

        return seal_gcm

    base = HMAC(key.mac, SM3())
    base.update(bound)
    counter = Cipher(SM4(key.encryption), CTR(bytes(16))).encryptor()
    restart, update, copy = counter.reset_nonce, counter.update, base.copy

    def seal_sm4(plaintext: bytes, aad_end: bytes, nonce: bytes) -> bytes:
        restart(nonce)
        body = nonce + update(plaintext)
        mac = copy()
        mac.update(aad_end + body)
        return prefix + body + mac.finalize()[:TAG_BYTES]

    return seal_sm4


def _opener(key: DataKey, aad_start: bytes, aad_rest: int) -> Open:
    """The reverse of `_sealer`: commitment, then tag, then plaintext."""
    prefix = key.head
    bound = prefix + (len(aad_start) + aad_rest).to_bytes(4, "big") + aad_start
    body = HEAD_BYTES + NONCE_BYTES[key.suite]
    if key.suite == AES_256_GCM:
        decrypt = AESGCM(key.encryption).decrypt

        def open_gcm(envelope: bytes, aad_end: bytes) -> bytes:
            _check_head(envelope, prefix, body)
            try:
                return decrypt(envelope[HEAD_BYTES:body], envelope[body:], bound + aad_end)
            except InvalidTag:
                raise _tag_broken() from None

        return open_gcm

    base = HMAC(key.mac, SM3())
    base.update(bound)
    counter = Cipher(SM4(key.encryption), CTR(bytes(16))).decryptor()
    restart, update, copy = counter.reset_nonce, counter.update, base.copy

    def open_sm4(envelope: bytes, aad_end: bytes) -> bytes:
        _check_head(envelope, prefix, body)
        mac = copy()
        mac.update(aad_end + envelope[HEAD_BYTES:-TAG_BYTES])
        if not compare_digest(mac.finalize()[:TAG_BYTES], envelope[-TAG_BYTES:]):
            raise _tag_broken()
        restart(envelope[HEAD_BYTES:body])
        return update(envelope[body:-TAG_BYTES])

    return open_sm4


def _check_head(envelope: bytes, prefix: bytes, body: int) -> None:
    """Version, suite, key id, n and commitment are those of the key, and the envelope is whole."""
    if compare_digest(envelope[:HEAD_BYTES], prefix) and len(envelope) >= body + TAG_BYTES:
        return
    parse(envelope)
    raise _broken("信封不是用这把密钥封装的。The envelope was not sealed with this key.")


def _check_column(rows: int, record_ids: Sequence[bytes]) -> None:
    if len(record_ids) != rows:
        raise ValueError(f"{rows} rows but {len(record_ids)} record ids")
    if not set(map(len, record_ids)) <= {RECORD_ID_BYTES}:
        raise ValueError(f"a record id has {RECORD_ID_BYTES} bytes")


def _aad_head(place: Place, key_id: bytes) -> bytes:
    version = place.schema_version.to_bytes(4, "big")
    constant = joined(key_id, place.library.encode(), place.group.encode(), version)
    return constant + RECORD_ID_BYTES.to_bytes(4, "big")


def _tag_broken() -> SealBroken:
    return _broken("信封内容或其位置已被改动。The envelope's bytes or its place were changed.")


def _broken(message: str) -> SealBroken:
    return SealBroken("seal_broken", message, _HINT)
