"""What waits to be published: changes after a position, read in one snapshot each and encoded as events.

The next parts are taken or read, and encoded, while the one before is on its way to the broker.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial

import polars as pl
from adbc_driver_postgresql import dbapi

from exchange.core.envelope import KEY_ID_BYTES
from exchange.core.event import Stream, events
from exchange.edge.handover import Handover, PageChanges
from exchange.edge.period_secrets import secret_by_id
from exchange.edge.store.database import Store
from exchange.edge.store.frames import connected, read, run
from exchange.edge.store.golden_tables import golden_name
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
    handover: Handover


def parts(waiting: Waiting, after: int) -> Generator[Part, None, None]:
    """Everything after seq `after`, some parts ahead of the caller; once nothing waits, on until the handover has ended."""
    with connected(waiting.store.url) as connection, ThreadPoolExecutor(1) as thread:
        pages = _pages(waiting, connection, after)
        try:
            coming = deque(thread.submit(next, pages, None) for _ in range(AHEAD))
            while (found := coming.popleft().result()) is not None:
                coming.append(thread.submit(next, pages, None))
                yield found()
        finally:
            thread.shutdown(cancel_futures=True)


def _pages(waiting: Waiting, connection: dbapi.Connection, after: int) -> Iterator[Callable[[], Part]]:
    """Each page after seq `after`, as it comes; its events are being encoded, and whoever calls it waits for them."""
    handover = waiting.handover
    while True:
        # Asked before looking: what was settled by then is seen by the look that follows.
        last_look = handover.ended
        page = handover.take(after) or _read_page(waiting, connection, after)
        if page is not None:
            after = page.last_seq
            yield _encoding(waiting, page)
        elif last_look:
            return
        else:
            handover.wait(LOOK_SECONDS)


def _encoding(waiting: Waiting, page: PageChanges) -> Callable[[], Part]:
    """Encode the page's events in a worker or, without one, here."""
    encode = partial(events, page.frame, waiting.stream, _secrets(waiting, page.frame))
    part = partial(Part, last_seq=page.last_seq, digest=page.digest.hex())
    if not waiting.handover.workers.up:
        return partial(part, encode())
    encoded = waiting.handover.workers.submit(encode)

    def wait() -> Part:
        try:
            return part(encoded.result())
        except BrokenProcessPool:
            return part(encode())

    return wait


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


def _secrets(waiting: Waiting, events: pl.DataFrame) -> dict[bytes, bytes]:
    """The period secrets that the events' envelopes name."""
    ids: set[bytes] = set()
    for group in waiting.stream.groups:
        ids |= set(events.select(pl.col(group).bin.slice(2, KEY_ID_BYTES)).to_series().drop_nulls().unique().to_list())
    with waiting.store.engine.begin() as connection:
        return {key_id: secret_by_id(connection, waiting.store.keys, key_id).secret for key_id in sorted(ids)}
