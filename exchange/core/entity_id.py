"""Entity ids: 20 characters (法人唯一标识, C20), unique without asking anyone, rising with time.

45 bits of milliseconds since 1970 and 55 random bits, in Crockford's base 32. Ids made together count up from one random
start, so they stay in order in the index. A restored database can't give an old id to another entity.
"""

from __future__ import annotations

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_RANDOM_BITS = 55
_PAIRS = [a + b for a in ALPHABET for b in ALPHABET]


def new_ids(now_ms: int, random: bytes, count: int) -> list[str]:
    """`count` ids for one page; `random` is at least 7 random bytes.

    >>> new_ids(1_479_916_800_000, bytes(7), 2)
    ['1B28YMJ0000000000000', '1B28YMJ0000000000001']
    """
    start = int.from_bytes(random[:7], "big") % (1 << (_RANDOM_BITS - 1))
    first = ((now_ms % (1 << 45)) << _RANDOM_BITS) | start
    ids: list[str] = []
    # 1,024 ids in a row differ in their last two characters alone.
    for block in range(first >> 10, ((first + count) >> 10) + 1):
        beginning = "".join([_PAIRS[(block >> shift) & 1023] for shift in range(80, -10, -10)])
        ids += [beginning + pair for pair in _PAIRS]
    skipped = first & 1023
    return ids[skipped : skipped + count]
