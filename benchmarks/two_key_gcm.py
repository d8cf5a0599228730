"""A GCM ciphertext that opens under two keys: why an envelope carries a key commitment.

GCM's tag is a polynomial in a key-dependent point, plus a key-dependent mask. Whoever chooses both keys can solve for
one ciphertext block so that both keys give the same tag (Dodis, Grubbs, Ristenpart, Woodage: "Fast message franking",
CRYPTO 2018). HMAC-SM3 leaves no such equation to solve.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.ciphers import BlockCipherAlgorithm, Cipher
from cryptography.hazmat.primitives.ciphers.modes import ECB

_REDUCTION = 0xE1 << 120


def times(x: int, y: int) -> int:
    """Product in GCM's field of 2^128 elements (SP 800-38D section 6.3; the first bit is the lowest power)."""
    product = 0
    for bit in range(127, -1, -1):
        product ^= x if y >> bit & 1 else 0
        x = x >> 1 ^ (_REDUCTION if x & 1 else 0)
    return product


def inverse(x: int) -> int:
    """X to the power 2^128 − 2."""
    result, square = 1 << 127, x
    for _ in range(127):
        square = times(square, square)
        result = times(result, square)
    return result


def craft(first: BlockCipherAlgorithm, second: BlockCipherAlgorithm, nonce: bytes, aad: bytes) -> bytes:
    """Two blocks of ciphertext and their tag, valid under both keys for this nonce of 12 bytes and this AAD."""
    length = 32
    sizes = (8 * len(aad)).to_bytes(8, "big") + (8 * length).to_bytes(8, "big")
    fixed = aad + bytes(-len(aad) % 16) + bytes(16)

    def point_and_mask(algorithm: BlockCipherAlgorithm) -> tuple[int, int]:
        blocks = Cipher(algorithm, ECB()).encryptor().update(bytes(16) + nonce + b"\x00\x00\x00\x01")
        return int.from_bytes(blocks[:16], "big"), int.from_bytes(blocks[16:], "big")

    def tag(point: int, mask: int, free: int) -> int:
        value = 0
        message = fixed + free.to_bytes(16, "big") + sizes
        for at in range(0, len(message), 16):
            value = times(value ^ int.from_bytes(message[at : at + 16], "big"), point)
        return value ^ mask

    (point1, mask1), (point2, mask2) = point_and_mask(first), point_and_mask(second)
    gap = tag(point1, mask1, 0) ^ tag(point2, mask2, 0)
    free = times(gap, inverse(times(point1, point1) ^ times(point2, point2)))
    return bytes(16) + free.to_bytes(16, "big") + tag(point1, mask1, free).to_bytes(16, "big")
