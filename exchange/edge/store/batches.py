"""Batches and partitions: opening, claiming, closing. Each try of a partition raises its epoch (design §4.8)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ARRAY, Connection, Engine, Text, case, func, literal, select, text, update
from sqlalchemy.dialects.postgresql import insert

from exchange.core.chain import BEGIN
from exchange.core.connector import Connector
from exchange.edge.store import tables as t


@dataclass(frozen=True)
class Batch:
    """One run of one feed. `resumed`: an earlier run of it ended without closing, and this one goes on."""

    id: int
    feed_id: int
    library_id: int
    resumed: bool


@dataclass(frozen=True)
class Claim:
    """A try of one partition: its epoch, the pages already settled, and the sealed cursor to go on from."""

    name: str
    epoch: int
    pages: int
    cursor: bytes | None
    done: bool


@dataclass(frozen=True)
class Counts:
    """What a batch came to; `pulled` is the sum of the six after it."""

    pulled: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    duplicate: int = 0
    superseded: int = 0
    quarantined: int = 0
    withdrawn: int = 0

    @property
    def balanced(self) -> bool:
        """Whether every pulled row has exactly one disposition."""
        kept = self.new + self.changed + self.unchanged
        return self.pulled == kept + self.duplicate + self.superseded + self.quarantined


def open_batch(engine: Engine, connector: Connector, contract: str) -> Batch:
    """Open a batch of the feed, or go on with the one that is open. One made under another contract is stopped first."""
    with engine.begin() as connection:
        feed_id, library_id = _feed(connection, connector)
        _history_partition(connection)
        found = connection.execute(
            select(t.batch.c.id, t.batch.c.contract)
            .where(t.batch.c.feed_id == feed_id, t.batch.c.state == "open")
            .with_for_update(key_share=True)  # a page being settled names its batch, and must not wait for us
        ).one_or_none()
        if found is not None and found.contract == contract:
            return Batch(found.id, feed_id, library_id, True)
        if found is not None:
            _close(connection, found.id, "stopped", "contract_changed")
        values = {"feed_id": feed_id, "contract": contract}
        made = connection.execute(insert(t.batch).values(values).returning(t.batch.c.id)).scalar_one()
        return Batch(made, feed_id, library_id, False)


def claim(engine: Engine, batch: Batch, partitions: Sequence[str]) -> list[Claim]:
    """Take over these partitions: a higher epoch, so that no earlier try can settle any more."""
    if not partitions:
        return []
    p = t.partition.c
    # One array, however many files: a statement takes 65,535 parameters at most.
    names = func.unnest(literal(sorted(partitions), ARRAY(Text)))
    claimed = select(literal(batch.feed_id), names, literal(batch.id))
    statement = insert(t.partition).from_select(["feed_id", "name", "batch_id"], claimed)
    same = p.batch_id == statement.excluded.batch_id
    statement = statement.on_conflict_do_update(
        index_elements=[p.feed_id, p.name],
        set_={
            "epoch": p.epoch + 1,
            "batch_id": statement.excluded.batch_id,
            "pages": case((same, p.pages), else_=0),
            "done": same & p.done,
            "claimed_at": func.now(),
        },
    )
    with engine.begin() as connection:
        rows = connection.execute(statement.returning(p.name, p.epoch, p.pages, p.cursor, p.done)).all()
    claims = {row.name: Claim(row.name, row.epoch, row.pages, row.cursor, row.done) for row in rows}
    return [claims[name] for name in partitions]


def cursors(engine: Engine, batch: Batch) -> dict[str, bytes]:
    """The sealed cursor of every partition of the feed that has one."""
    p = t.partition.c
    statement = select(p.name, p.cursor).where(p.feed_id == batch.feed_id, p.cursor.is_not(None))
    with engine.begin() as connection:
        return {row.name: row.cursor for row in connection.execute(statement)}


def read_partitions(engine: Engine, batch: Batch) -> frozenset[str]:
    """Partitions that were read to the end (files are read once)."""
    p = t.partition.c
    with engine.begin() as connection:
        return frozenset(connection.execute(select(p.name).where(p.feed_id == batch.feed_id, p.done)).scalars())


def unfinished(engine: Engine, batch: Batch) -> frozenset[str]:
    """Partitions that the batch has claimed and not read to the end."""
    p = t.partition.c
    statement = select(p.name).where(p.feed_id == batch.feed_id, p.batch_id == batch.id, ~p.done)
    with engine.begin() as connection:
        return frozenset(connection.execute(statement).scalars())


def finish(engine: Engine, batch: Batch, claimed: Claim) -> None:
    """Mark a partition as read to the end, unless another try took it over."""
    p = t.partition.c
    with engine.begin() as connection:
        connection.execute(
            update(t.partition)
            .where(p.feed_id == batch.feed_id, p.name == claimed.name, p.epoch == claimed.epoch)
            .values(done=True)
        )


def close_batch(engine: Engine, batch: Batch, stopped_because: str | None = None) -> Counts:
    """Close the batch with the sums of its pages; the database refuses sums that do not balance. The batch's claims end
    with it: a try that is still under way settles nothing more."""
    with engine.begin() as connection:
        return _close(connection, batch.id, "stopped" if stopped_because else "closed", stopped_because)


def _close(connection: Connection, batch_id: int, state: str, because: str | None) -> Counts:
    # Claims are locked until the sums are written, so a page is either in the sums or refused.
    p = t.partition.c
    connection.execute(select(p.name).where(p.batch_id == batch_id).order_by(p.name).with_for_update())
    connection.execute(update(t.partition).where(p.batch_id == batch_id).values(epoch=p.epoch + 1))
    names = ("pulled", *t.DISPOSITIONS, "withdrawn")
    sums = [func.coalesce(func.sum(t.page.c[name]), 0).label(name) for name in names]
    row = connection.execute(select(*sums).where(t.page.c.batch_id == batch_id)).one()
    counts = {name: int(getattr(row, name)) for name in names}
    connection.execute(
        update(t.batch)
        .where(t.batch.c.id == batch_id, t.batch.c.state == "open")
        .values(state=state, closed_at=func.now(), stopped_because=because, **counts)
    )
    return Counts(**counts)


def _feed(connection: Connection, connector: Connector) -> tuple[int, int]:
    library_id = library_of(connection, connector.library)
    row = {"name": connector.name, "agency": connector.agency, "library_id": library_id}
    connection.execute(insert(t.feed).values(row).on_conflict_do_nothing())
    feed_id = connection.execute(select(t.feed.c.id).where(t.feed.c.name == connector.name)).scalar_one()
    return feed_id, library_id


def library_of(connection: Connection, name: str) -> int:
    """The id of a library; its row is made on first use, with an incarnation of its own."""
    row = {"name": name, "incarnation": uuid.uuid4().hex[:12], "digest": BEGIN}
    connection.execute(insert(t.library).values(row).on_conflict_do_nothing())
    found: int = connection.execute(select(t.library.c.id).where(t.library.c.name == name)).scalar_one()
    return found


def _history_partition(connection: Connection) -> None:
    """History is kept by month; this month's and the next month's parts exist before a page needs them."""
    connection.execute(text("SELECT pg_advisory_xact_lock(727001)"))
    # By the clock that dates what goes to the history, which need not be this machine's.
    day = connection.execute(text("SELECT date_trunc('month', now() AT TIME ZONE 'UTC')::date")).scalar_one()
    for _ in range(2):
        following = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
        name = f"record_history_{day:%Y_%m}"
        bounds = f"FROM ('{day} 00:00+00') TO ('{following} 00:00+00')"
        connection.execute(text(f"CREATE TABLE IF NOT EXISTS {name} PARTITION OF record_history FOR VALUES {bounds}"))
        day = following
