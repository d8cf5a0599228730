"""A batch as tasks of several processes see it: found by its id, its partitions in order, ended once for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

from sqlalchemy import ARRAY, Engine, Text, any_, func, literal, select

from exchange.core.connector import Connector
from exchange.core.errors import Broken
from exchange.edge.store import tables as t
from exchange.edge.store.batches import Batch, Counts

_COUNTS = tuple(each.name for each in fields(Counts))


def partitions(engine: Engine, batch: Batch) -> list[str]:
    """Every partition that the batch has claimed, in the order of their names (the same in every process)."""
    p = t.partition.c
    with engine.begin() as connection:
        return list(connection.execute(select(p.name).where(p.batch_id == batch.id).order_by(p.name)).scalars())


def open_batch_of(engine: Engine, connector: Connector, batch_id: int, contract: str) -> Batch:
    """The batch of that id, still open. Waits for whoever is ending it. Raises Broken `batch_ended` if it is not open
    any more or not of this feed, `contract_changed` if it was opened under another contract."""
    b, f = t.batch.c, t.feed.c
    found = select(b.feed_id, b.state, b.contract, f.library_id).join(t.feed, f.id == b.feed_id)
    with engine.begin() as connection:
        row = connection.execute(
            found.where(b.id == batch_id, f.name == connector.name).with_for_update(read=True, of=t.batch)
        ).one_or_none()
    if row is None or row.state != "open":
        raise _ended(connector, batch_id)
    if row.contract != contract:
        raise Broken(
            "contract_changed",
            f"{connector.name}：批次 {batch_id} 打开之后契约变了。The contract changed after batch {batch_id} was opened.",
            "重新运行该来源。Run the feed again; what is settled stays.",
        )
    return Batch(batch_id, row.feed_id, row.library_id, True)


def closed_counts(engine: Engine, connector: Connector, batch_id: int) -> Counts | None:
    """The counts of a batch that is closed; None while it is open. Raises Broken `batch_ended` if it was stopped."""
    b, f = t.batch.c, t.feed.c
    columns = [b.state, *(b[name] for name in _COUNTS)]
    with engine.begin() as connection:
        row = connection.execute(
            select(*columns).join(t.feed, f.id == b.feed_id).where(b.id == batch_id, f.name == connector.name)
        ).one_or_none()
    if row is None or row.state == "stopped":
        raise _ended(connector, batch_id)
    return None if row.state == "open" else Counts(*(int(getattr(row, name)) for name in _COUNTS))


def settled(engine: Engine, batch: Batch, names: Sequence[str]) -> tuple[int, int]:
    """Pages and rows that the batch has settled of these partitions."""
    g = t.page.c
    sums = select(func.count().label("pages"), func.coalesce(func.sum(g.pulled), 0).label("rows"))
    ours = g.partition == any_(literal(list(names), ARRAY(Text)))
    with engine.begin() as connection:
        row = connection.execute(sums.where(g.batch_id == batch.id, ours)).one()
    return int(row.pages), int(row.rows)


def _ended(connector: Connector, batch_id: int) -> Broken:
    return Broken(
        "batch_ended",
        f"{connector.name}：批次 {batch_id} 已结束。Batch {batch_id} of {connector.name} is over.",
        "重新运行该来源。Run the feed again; what is settled stays.",
    )
