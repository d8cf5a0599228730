"""What waits to be published: changes after a position, read in one snapshot each and encoded as events.

The next parts are taken or read, and encoded, while the one before is on its way to the broker.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event

import polars as pl
from adbc_driver_postgresql import dbapi

from exchange.core.envelope import KEY_ID_BYTES
from exchange.core.event import Stream, events
from exchange.core.tag import tag_key
from exchange.edge.handover import Beside, PageChanges
from exchange.edge.period_secrets import secret_by_id
from exchange.edge.store.database import Store
from exchange.edge.store.frames import connected, read, run
from exchange.edge.store.golden_tables import golden_name
from exchange.edge.workers import Asked
from schemas import columns as facts

CHANGES_PER_TRANSACTION = 25_000
AHEAD = 2
"""Parts that are looked for or encoded while one is sent. A worker has pages to prepare as well: one would not do."""
LOOK_SECONDS = 0.5
"""How often the database is looked at for what another run has settled."""


@dataclass(frozen=True)
class Part:
    """Changes that go out together, up to a page's end, with the digest of that page. `events`: as `core.event.events` makes
    them; changes before `last_seq` that are not there are overtaken."""

    events: pl.DataFrame
    last_seq: int
    digest: str


@dataclass(frozen=True)
class Waiting:
    """Where a library's changes are found until they are published: in the database, and in the hands of a run beside."""

    store: Store
    library_id: int
    stream: Stream
    beside: Beside


def parts(waiting: Waiting, after: int) -> Generator[Part, None, None]:
    """Everything after seq `after`, some parts ahead of the caller; once nothing waits, on until the run beside has ended."""
    stopped = Event()
    with connected(waiting.store.url) as connection, ThreadPoolExecutor(1) as thread:
        pages = _pages(waiting, connection, after, stopped)
        try:
            ahead = deque(thread.submit(next, pages, None) for _ in range(AHEAD))
            while True:
                ahead.append(thread.submit(next, pages, None))
                coming = ahead.popleft().result()
                if coming is None:
                    return
                part = _part(*coming)
                del coming  # while the part is sent, nothing else of the page is kept
                yield part
        finally:
            stopped.set()
            thread.shutdown(cancel_futures=True)


def _part(page: PageChanges, encoded: Asked[pl.DataFrame]) -> Part:
    return Part(encoded.result(), page.last_seq, page.digest.hex())


def _pages(
    waiting: Waiting, connection: dbapi.Connection, after: int, stopped: Event
) -> Iterator[tuple[PageChanges, Asked[pl.DataFrame]]]:
    """Each page after seq `after` as it comes, and its events, which are being encoded."""
    handover, workers = waiting.beside.handover, waiting.beside.workers
    while not stopped.is_set():
        # Asked before looking: what was settled by then is seen by the look that follows.
        last_look = handover.ended
        page = handover.take(after) or _read_page(waiting, connection, after)
        if page is not None:
            after = page.last_seq
            yield page, workers.ask(events, page.frame, waiting.stream, _tag_keys(waiting, page.frame))
        elif last_look:
            return
        else:
            handover.wait(LOOK_SECONDS)


def _read_page(waiting: Waiting, connection: dbapi.Connection, after: int) -> PageChanges | None:
    """The changes of the pages that still fit in one transaction (at least one page), those overtaken left out."""
    run(connection, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    try:
        end = _end_of_part(connection, waiting.library_id, after)
        if end is None:
            return None
        changes = read(connection, _changes_sql(waiting.stream.library), waiting.library_id, after, end[0])
    finally:
        connection.rollback()
    return PageChanges(after, *end, changes)


def _end_of_part(connection: dbapi.Connection, library_id: int, after: int) -> tuple[int, bytes] | None:
    """Seq and digest of the last page that still fits in one transaction (at least one page)."""
    sql = (
        "SELECT last_seq, digest FROM page WHERE library_id = $1 AND last_seq > $2 "
        "AND last_seq <= greatest($3, (SELECT min(last_seq) FROM page WHERE library_id = $1 AND last_seq > $2)) "
        "ORDER BY last_seq DESC LIMIT 1"
    )
    found = read(connection, sql, library_id, after, after + CHANGES_PER_TRANSACTION)
    return (int(found["last_seq"][0]), bytes(found["digest"][0])) if found.height else None


def _changes_sql(library: str) -> str:
    """Changes that are still their entity's version, with its golden record; the others are overtaken. A golden record has
    its entity's version, so that only entities without one are asked for."""
    public = [
        f"g.{fact.name}::text AS {fact.name}" if isinstance(fact.dtype, pl.Decimal) else f"g.{fact.name}"
        for fact in facts.facts(library)
        if fact.level == "public"
    ]
    sealed = [f"g.{group}, g.{group}_record" for group in facts.groups(library)]
    return (
        f"SELECT c.seq, c.entity_id, c.version, c.kind, g.sources, {', '.join([*public, *sealed])} "
        f"FROM change c LEFT JOIN {golden_name(library)} g ON g.entity_id = c.entity_id AND g.version = c.version "
        "WHERE c.library_id = $1 AND c.seq > $2 AND c.seq <= $3 AND coalesce(g.version, "
        "(SELECT e.version FROM entity e WHERE e.id = c.entity_id)) = c.version ORDER BY c.seq"
    )


def _tag_keys(waiting: Waiting, changes: pl.DataFrame) -> dict[bytes, bytes]:
    """The keys for the tags of the envelopes among the changes, by the key id of the period that sealed them."""
    ids: set[bytes] = set()
    for group in waiting.stream.groups:
        ids |= set(changes.select(pl.col(group).bin.slice(2, KEY_ID_BYTES)).to_series().drop_nulls().unique().to_list())
    with waiting.store.engine.begin() as connection:
        secrets = {key_id: secret_by_id(connection, waiting.store.keys, key_id).secret for key_id in sorted(ids)}
    return {key_id: tag_key(secret, key_id) for key_id, secret in secrets.items()}
