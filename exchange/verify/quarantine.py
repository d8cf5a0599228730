"""I6: every refused row has its entry, with reasons and the sealed row itself; the same row has one open entry."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import psycopg

from exchange.verify.books import ID, NO_RECORD, QUARANTINED
from exchange.verify.finding import Finding, Wrong, concluded
from exchange.verify.ground import Ground, count, number, rows, snapshot
from exchange.verify.keys import NotAnEnvelope, Secrets, aad, bytes_of, key_id_of, lp, mac, opened, read_secrets

SAMPLE = 500
"""Entries opened; where there are more, these are spread evenly over all."""
_ENTRIES = (
    "SELECT q.id, f.name, l.name, q.fingerprint, q.record_id, q.reasons, q.envelope, q.batch_id, q.partition, q.page, q.row "
    "FROM quarantine q JOIN feed f ON f.id = q.feed_id JOIN library l ON l.id = q.library_id ORDER BY q.id"
)
_TWICE_OPEN = (
    "SELECT count(*) FROM (SELECT FROM quarantine WHERE state = 'open' GROUP BY feed_id, fingerprint "
    "HAVING count(*) > 1) AS t"
)
_ADRIFT = (
    "SELECT count(*) FROM quarantine q LEFT JOIN batch b ON b.id = q.batch_id AND b.feed_id = q.feed_id "
    "LEFT JOIN batch z ON z.id = q.last_batch_id AND z.feed_id = q.feed_id WHERE b.id IS NULL OR z.id IS NULL OR q.times < 1"
)
_TIMES = "SELECT f.name, sum(q.times) FROM quarantine q JOIN feed f ON f.id = q.feed_id GROUP BY f.name"


@dataclass(frozen=True)
class Entry:
    """One entry of the quarantine."""

    feed: str
    library: str
    fingerprint: bytes = field(repr=False)
    record_id: bytes = field(repr=False)
    reasons: str = field(repr=False)
    envelope: bytes = field(repr=False)
    place: tuple[int, str, int, int]


@dataclass(frozen=True)
class Refused:
    """What the pages say: rows refused per feed, their record ids, and the record id at each place."""

    per_feed: Counter[str]
    records: set[bytes] = field(repr=False)
    places: dict[tuple[int, str, int, int], bytes] = field(repr=False)


def quarantined(ground: Ground) -> Finding:
    """I6 over all feeds."""
    with snapshot(ground.database_url) as connection:
        return quarantined_in(ground, connection)


def quarantined_in(ground: Ground, connection: psycopg.Connection) -> Finding:
    """The same as a session sees it."""
    entries = [_entry(row) for row in rows(connection, _ENTRIES)]
    refused = _refused(connection)
    secrets = read_secrets(connection, ground.settings.home)
    times = Counter({str(name): number(total) for name, total in rows(connection, _TIMES)})
    off = sum(abs(refused.per_feed[feed] - times[feed]) for feed in refused.per_feed | times)
    held = {entry.record_id for entry in entries if entry.record_id}
    misplaced = sum(refused.places.get(entry.place) != (entry.record_id or NO_RECORD) for entry in entries)
    wrongs = [
        Wrong(count(connection, _TWICE_OPEN), "同一行有多个未结条目", "rows with two open entries"),
        Wrong(count(connection, _ADRIFT), "条目没有批次", "entries without their batch"),
        Wrong(off, "拒收行数与条目次数不符", "refused rows that no entry counts"),
        Wrong(len(refused.records - held), "拒收的键没有条目", "refused keys without an entry"),
        Wrong(misplaced, "条目所指的行未被拒收", "entries that point at no refused row"),
        Wrong(sum(not reasons_hold(entry.reasons) for entry in entries), "条目没有原因", "entries without reasons"),
        *_sealed(entries, secrets),
    ]
    sample = min(len(entries), SAMPLE)
    return concluded(sum(refused.per_feed.values()), wrongs, f"打开了 {sample} 个条目", f"{sample} entries opened")


def _entry(row: Sequence[object]) -> Entry:
    _, feed, library, fingerprint, record_id, reasons, envelope, batch, partition, page, place = row
    where = (number(batch), str(partition), number(page), number(place))
    return Entry(
        str(feed), str(library), bytes_of(fingerprint), bytes_of(record_id), str(reasons), bytes_of(envelope), where
    )


def _refused(connection: psycopg.Connection) -> Refused:
    found = Refused(Counter(), set(), {})
    sql = (
        "SELECT f.name, p.batch_id, p.partition, p.number, p.dispositions, p.record_ids FROM page p "
        "JOIN feed f ON f.id = p.feed_id WHERE p.quarantined > 0 OR position('\\x05'::bytea IN p.dispositions) > 0"
    )
    with connection.cursor("refused", binary=True) as cursor:
        cursor.itersize = 16
        for feed, batch, partition, page, dispositions, ids in cursor.execute(sql):
            packed = bytes_of(ids)
            for row, mark in enumerate(bytes_of(dispositions)):
                if mark == QUARANTINED:
                    record = packed[ID * row : ID * row + ID]
                    found.per_feed[str(feed)] += 1
                    found.places[(number(batch), str(partition), number(page), row)] = record
                    found.records.add(record)
    found.records.discard(NO_RECORD)
    return found


def reasons_hold(text: str) -> bool:
    """Whether reasons are a list of at least one [column, rule], both texts, the rule not empty.

    >>> reasons_hold('[["uscc","uscc.length"]]'), reasons_hold("[]"), reasons_hold("null")
    (True, False, False)
    """
    try:
        reasons = json.loads(text)
    except ValueError:
        return False
    if not isinstance(reasons, list) or not reasons:
        return False
    return all(
        isinstance(each, list) and len(each) == 2 and all(isinstance(part, str) for part in each) and bool(each[1])
        for each in reasons
    )


def _sealed(entries: Sequence[Entry], secrets: Secrets) -> list[Wrong]:
    """All envelopes must be of their form; a sample must open to a JSON object that has the entry's fingerprint."""
    step = max(1, -(-len(entries) // SAMPLE))
    key = secrets.purpose("fingerprint")
    unopened = unlike = shapeless = 0
    for place, entry in enumerate(entries):
        try:
            secret = secrets.periods.get(key_id_of(entry.envelope), b"")
        except NotAnEnvelope:
            shapeless += 1
            continue
        if place % step:
            continue
        raw = _raw(entry, secret)
        if raw is None:
            unopened += 1
        elif mac(key, lp(entry.feed.encode(), raw)) != entry.fingerprint:
            unlike += 1
    return [
        Wrong(shapeless, "条目没有信封", "entries without an envelope"),
        Wrong(unopened, "条目打不开", "entries that do not open"),
        Wrong(unlike, "条目指纹不符", "entries with another fingerprint"),
    ]


def _raw(entry: Entry, secret: bytes) -> bytes | None:
    """The refused row as JSON; None if it does not open to an object."""
    if not secret:
        return None
    bound = aad(key_id_of(entry.envelope), entry.library, "quarantine", entry.fingerprint)
    try:
        raw = opened(secret, entry.envelope, bound)
        return raw if isinstance(json.loads(raw), dict) else None
    except (NotAnEnvelope, ValueError):
        return None
