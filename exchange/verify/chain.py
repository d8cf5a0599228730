"""The chain of a library's pages, recomputed from its beginning.

A page's digest is SM3 (GB/T 32905) over the digest before, the page's facts as JSON (sorted keys, no spaces) and its three
byte strings, each part after its length in eight bytes. The chain begins with 32 zero bytes and ends at `library.digest`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
from cryptography.hazmat.primitives.hashes import SM3, Hash

from exchange.verify.books import DISPOSITIONS
from exchange.verify.finding import Wrong
from exchange.verify.ground import number, rows
from exchange.verify.keys import bytes_of

COUNTED = ("pulled", *DISPOSITIONS, "withdrawn")
_SAME_SEQ = (
    "SELECT p.ctid::text, p.batch_id, f.name, p.partition, p.number, p.digest, p.last_seq, p.pulled, p.new, p.changed, "
    "p.unchanged, p.duplicate, p.superseded, p.quarantined, p.withdrawn FROM page p JOIN feed f ON f.id = p.feed_id "
    "WHERE p.library_id = %s ORDER BY p.last_seq, p.settled_at, p.batch_id, p.partition, p.number"
)


@dataclass(frozen=True)
class Link:
    """One page as the chain sees it; `place` finds its bytes."""

    place: str
    last_seq: int
    facts: bytes
    digest: bytes


def chains(connection: psycopg.Connection) -> list[Wrong]:
    """Libraries whose chain does not hold, with the number of pages that are not on it."""
    found = []
    for library, name, digest in rows(connection, "SELECT id, name, digest FROM library ORDER BY id"):
        loose, end = _follow(connection, number(library))
        found.append(Wrong(loose, f"{name} 链外的页", f"pages of {name} off the chain"))
        ends_elsewhere = int(not loose and end != bytes_of(digest))
        found.append(Wrong(ends_elsewhere, f"{name} 链尾不符", f"chain of {name} ends elsewhere"))
    return found


def _follow(connection: psycopg.Connection, library: int) -> tuple[int, bytes]:
    """How many pages are off the chain, and the digest at its end.

    Pages that brought no change share their `last_seq`; among those the one that fits is next.
    """
    waiting = [_link(row) for row in rows(connection, _SAME_SEQ, library)]
    end = bytes(32)
    while waiting:
        group = [link for link in waiting if link.last_seq == waiting[0].last_seq]
        following = next((link for link in group if _digest(connection, end, link) == link.digest), None)
        if following is None:
            return len(waiting), end
        waiting.remove(following)
        end = following.digest
    return 0, end


def _link(row: Sequence[object]) -> Link:
    place, batch, feed, partition, page, digest, last_seq, *counts = row
    facts: dict[str, object] = {
        "batch": batch,
        "feed": feed,
        "partition": partition,
        "page": page,
        "last_seq": last_seq,
    }
    facts |= {name: number(value) for name, value in zip(COUNTED, counts, strict=True)}
    text = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return Link(str(place), number(last_seq), text.encode(), bytes_of(digest))


def _digest(connection: psycopg.Connection, before: bytes, link: Link) -> bytes:
    sql = "SELECT dispositions, record_ids, hashes FROM page WHERE ctid = %s::tid"
    [blobs] = rows(connection, sql, link.place)
    made = Hash(SM3())
    for part in (before, link.facts, *map(bytes_of, blobs)):
        made.update(len(part).to_bytes(8, "big") + part)
    return made.finalize()
