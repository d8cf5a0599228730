"""Which suite seals field groups: SM4-GCM against SM4-CTR with HMAC-SM3, AES-256-GCM beside them.

    python -m benchmarks.seal_suites [rows]

Each suite seals the same rows of 100, 150 and 200 bytes with the same header and AAD, in one run on one core: the best
of five passes, in microseconds a row. SM4-GCM goes through `Cipher`, since `cryptography` has no one-shot form for it,
and GCM contexts can't be restarted: object set-up is most of its cost. SM4-CTR restarts its context (`reset_nonce`) and
copies the HMAC state that has already absorbed key, header and AAD. The last line tries a ciphertext crafted for two
keys on each.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM

from benchmarks.two_key_gcm import craft
from exchange.core.envelope import AES_256_GCM, SM4_CTR_HMAC_SM3
from exchange.core.seal import Place, aad, derive, open_column, seal_column

PLACE = Place("legal_person", "contact", 1)
PASSES = 5


def best(work: Callable[[], object], rows: int) -> float:
    """Microseconds a row in the best of the passes."""
    seconds = []
    for _ in range(PASSES):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return min(seconds) / rows * 1e6


def sm4_gcm_column(key: bytes, head: bytes, plaintexts: list[bytes], bound: bytes, nonces: bytes) -> list[bytes]:
    """The suite that was not chosen, in its fastest form."""
    algorithm = SM4(key)
    envelopes = []
    for row, plaintext in enumerate(plaintexts):
        nonce = nonces[16 * row : 16 * row + 12]
        encryptor = Cipher(algorithm, GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(bound)
        ciphertext = encryptor.update(plaintext)
        encryptor.finalize()
        envelopes.append(head + nonce + ciphertext + encryptor.tag)
    return envelopes


def opens_under_two_keys() -> bool:
    """Whether a crafted SM4-GCM ciphertext opens under both of its keys (it does)."""
    nonce, bound = os.urandom(12), os.urandom(40)
    keys = [SM4(os.urandom(16)), SM4(os.urandom(16))]
    crafted = craft(keys[0], keys[1], nonce, bound)
    try:
        for key in keys:
            decryptor = Cipher(key, GCM(nonce, crafted[32:])).decryptor()
            decryptor.authenticate_additional_data(bound)
            decryptor.update(crafted[:32])
            decryptor.finalize()
    except InvalidTag:
        return False
    return True


def line(size: int, rows: int) -> str:
    """One line of the table: rows of `size` bytes."""
    secret, ids, nonces = os.urandom(32), [os.urandom(16) for _ in range(rows)], os.urandom(16 * rows)
    plaintexts = [os.urandom(size) for _ in range(rows)]
    sm4 = derive(secret, b"period-7", 1, SM4_CTR_HMAC_SM3)
    aes = derive(secret, b"period-7", 1, AES_256_GCM)
    bound = sm4.head + aad(PLACE, ids[0], sm4.key_id)
    envelopes = seal_column(sm4, plaintexts, ids, PLACE, nonces)
    gcm_us = best(lambda: sm4_gcm_column(sm4.encryption, sm4.head, plaintexts, bound, nonces), rows)
    sm4_us = best(lambda: seal_column(sm4, plaintexts, ids, PLACE, nonces), rows)
    open_us = best(lambda: open_column(sm4, envelopes, ids, PLACE), rows)
    aes_us = best(lambda: seal_column(aes, plaintexts, ids, PLACE, nonces), rows)
    return f"{size:5}  {gcm_us:7.2f}  {sm4_us:16.2f}  {open_us:6.2f}  {aes_us:11.2f}  {gcm_us / sm4_us:.2f} : 1"


def main(rows: int) -> None:
    """Print the table."""
    out = sys.stdout.write
    out(f"{rows} rows, microseconds a row, best of {PASSES}\n")
    out("bytes  SM4-GCM  SM4-CTR-HMAC-SM3  (open)  AES-256-GCM  SM4-GCM : SM4-CTR-HMAC-SM3\n")
    for size in (100, 150, 200):
        out(line(size, rows) + "\n")
    out(f"crafted ciphertext opens under two keys: SM4-GCM {'yes' if opens_under_two_keys() else 'no'}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)
