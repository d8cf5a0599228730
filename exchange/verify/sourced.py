"""I1 against the sources: what an agency holds was pulled, each row once, and nothing else is live in the hub."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import psycopg

from exchange.edge.settings import Address
from exchange.verify.books import ID, QUARANTINED
from exchange.verify.counting import count_records
from exchange.verify.finding import Wrong
from exchange.verify.forms import key_text
from exchange.verify.ground import Ground, number, rows
from exchange.verify.keys import Secrets, bytes_of, lp, mac, read_secrets
from exchange.verify.sources import SOURCES, Source, deliveries, source_rows, unlisted

_FILES = (
    "SELECT t.name, (SELECT coalesce(sum(pulled), 0) FROM page p WHERE p.batch_id = t.batch_id AND p.partition = t.name) "
    "FROM partition t WHERE t.feed_id = %s AND t.done AND t.name LIKE '%%#%%'"
)


@dataclass(frozen=True)
class Compared:
    """How many feeds and source rows were compared, rows that no run has reached yet, and what is wrong."""

    feeds: int = 0
    unknown: int = 0
    rows: int = 0
    waiting: int = 0
    wrongs: list[Wrong] = field(default_factory=list)


def compare(ground: Ground, connection: psycopg.Connection) -> Compared:
    """Compare each feed whose address is known; one whose form is not is wrong. Raises Unreached if one can't be read."""
    feeds = [(number(row[0]), str(row[1])) for row in rows(connection, "SELECT id, name FROM feed ORDER BY id")]
    done: list[Compared] = []
    for feed_id, name in feeds:
        source, address = SOURCES.get(name), ground.addresses.get(name)
        if source is None or address is None:
            done.append(Compared(unknown=int(address is None)))
            continue
        ground.note(f"核对来源 {name}。Comparing with the source of {name}.")
        if source.kind == "files":
            done.append(_files(connection, (feed_id, name), source, address))
        else:
            secrets = read_secrets(connection, ground.settings.home)
            done.append(_keys(connection, (feed_id, name), _source_ids(name, source, address, secrets)))
    return Compared(
        sum(each.feeds for each in done),
        sum(each.unknown for each in done),
        sum(each.rows for each in done),
        sum(each.waiting for each in done),
        [unlisted((name for _, name in feeds), ground.addresses), *(wrong for each in done for wrong in each.wrongs)],
    )


def _files(connection: psycopg.Connection, feed: tuple[int, str], source: Source, address: Address) -> Compared:
    """Recount every file that was read to its end. A file is found by its bytes, whatever it is called now."""
    there = {delivery.partition.rpartition("#")[2]: delivery for delivery in deliveries(source, address)}
    counted = unlike = gone = 0
    for partition, pulled in rows(connection, _FILES, feed[0]):
        delivery = there.get(str(partition).rpartition("#")[2])
        if delivery is None:
            gone += 1
            continue
        found = count_records(delivery.path.read_bytes(), source.encoding, source.columns)
        counted += found
        unlike += abs(found - number(pulled))
    name = feed[1]
    wrongs = [
        Wrong(unlike, f"{name} 文件行数不符", f"rows of {name} between its files and its pages"),
        Wrong(gone, f"{name} 已读文件不在", f"files of {name} that are not there any more"),
    ]
    return Compared(feeds=1, rows=counted, wrongs=wrongs)


@dataclass(frozen=True)
class Held:
    """What a source holds: record id → newest version there (microseconds; None where it can't be read)."""

    versions: dict[bytes, int | None] = field(repr=False)
    rows: int
    keyless: int


def _source_ids(name: str, source: Source, address: Address, secrets: Secrets) -> Held:
    key = secrets.purpose("record")
    versions: dict[bytes, int | None] = {}
    total = keyless = 0
    for row in source_rows(source, address):
        total += 1
        parts = [key_text(row.get(column, "")) for column in source.key]
        if not all(parts):
            keyless += 1
            continue
        record = mac(key, lp(name.encode(), *(part.encode() for part in parts)))
        text = row.get("version_micros", "")
        version = int(text) if text.isdigit() else None
        # A row without a readable version, or the oldest of several, decides: it must have been met.
        before = versions.get(record, version)
        versions[record] = None if version is None or before is None else min(version, before)
    return Held(versions, total, keyless)


def _keys(connection: psycopg.Connection, feed: tuple[int, str], held: Held) -> Compared:
    """Each key of the source has a record or was refused; each live record's key is in the source."""
    feed_id, name = feed
    ours = {
        bytes_of(row[0]): row[1]
        for row in rows(connection, "SELECT id, withdrawn FROM record WHERE feed_id = %s", feed_id)
    }
    reached = rows(connection, "SELECT max(ordering) FROM record WHERE feed_id = %s", feed_id)[0][0]
    refused = set(_refused_ids(connection, feed_id))
    missing = [record for record in held.versions if record not in refused and ours.get(record, True)]
    newest = number(reached)
    waiting = [record for record in missing if (held.versions[record] or 0) > newest]
    left = sum(1 for record, withdrawn in ours.items() if not withdrawn and record not in held.versions)
    wrongs = [
        Wrong(len(missing) - len(waiting), f"{name} 来源有而枢纽无", f"keys of {name} that the hub lacks"),
        Wrong(left, f"{name} 枢纽有而来源无", f"live records of {name} that the source lacks"),
    ]
    return Compared(feeds=1, rows=held.rows, waiting=len(waiting), wrongs=wrongs)


def _refused_ids(connection: psycopg.Connection, feed_id: int) -> Iterable[bytes]:
    sql = "SELECT dispositions, record_ids FROM page WHERE feed_id = %s AND quarantined > 0"
    for dispositions, ids in rows(connection, sql, feed_id):
        packed = bytes_of(ids)
        for row, mark in enumerate(bytes_of(dispositions)):
            if mark == QUARANTINED:
                yield packed[ID * row : ID * row + ID]
