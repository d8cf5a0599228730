"""Settle: one PostgreSQL transaction per page holds everything the page brings (reliability rule 1).

Locks are taken in a fixed order: the partition's claim, the library's row (its change log and its audit chain follow
that lock). Under them the page is decided against what is settled; either all of it is committed or none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import polars as pl
from adbc_driver_postgresql import dbapi

from exchange.core.chain import link
from exchange.core.decide import CHANGED, MET, NEW, QUARANTINED, counts, decide, decide_withdrawals
from exchange.core.errors import Broken
from exchange.core.findings import pairs
from exchange.core.golden import Policy
from exchange.core.page import STATUS, Prepared
from exchange.edge.handover import PageChanges
from exchange.edge.store import writes
from exchange.edge.store.audit import append_audit
from exchange.edge.store.frames import append, read, run
from exchange.edge.store.lookup import known_records, met_rows
from exchange.edge.store.writes import StaleHint, Task
from exchange.edge.take import NOTHING, take


@dataclass(frozen=True)
class Met:
    """What earlier pages of the batch brought; grows from page to page, and is rebuilt from the pages after a restart.

    `ours`: every change of the library after the first number, up to the second, was made by pages in here.
    """

    rows: pl.DataFrame
    pages: tuple[str, ...] = ()
    ours: tuple[int, int] = (-1, -1)


@dataclass(frozen=True)
class Settled:
    """What settling one page came to. `counts`: new, changed, unchanged, duplicate, superseded, quarantined. `changes`:
    None where nothing changed."""

    counts: tuple[int, int, int, int, int, int]
    changes: PageChanges | None
    met: Met


def settle(connection: dbapi.Connection, task: Task, page: Prepared, met: Met, policy: Policy) -> Settled:
    """Commit the page, or raise and leave nothing: Broken `fenced` if another try took over the partition, StaleHint if
    the page must be prepared again."""
    try:
        settled = _settle(connection, task, page, met, policy)
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
    return settled


def _settle(connection: dbapi.Connection, task: Task, page: Prepared, met: Met, policy: Policy) -> Settled:
    _claim(connection, task, page.number)
    library = read(connection, "SELECT last_seq, digest FROM library WHERE id = $1 FOR UPDATE", task.library_id)
    first = int(library["last_seq"][0])
    look_up = partial(known_records, connection, contract=task.contract)
    if page.withdraws:
        decided = decide_withdrawals(page.rows, look_up(page.rows["id"].unique()))
    else:
        met = _grown(connection, task, met)
        # The page is the small side of the join: its rows are looked up by, not in, all that the batch has brought.
        again = met.rows.join(page.rows.select("id"), on="id", how="semi")
        decided = decide(page.rows, _known(look_up, page, met.ours, again["id"], first), again)
    taken = decided.filter(pl.col("disposition").is_in([NEW, CHANGED]))
    if not page.withdraws and (taken["status"] != STATUS["accepted"]).any():
        raise StaleHint
    touched = take(connection, task, page, taken, policy) if taken.height else NOTHING
    changes = writes.write_changes(connection, task, touched.entities, first)
    last = first + changes.height
    writes.write_refusals(connection, task, _refusals(page, decided), page.number)
    found = counts(decided["disposition"])
    withdrawn = taken.height if page.withdraws else 0
    digest = _close_page(connection, task, page, decided, (found, withdrawn, last, bytes(library["digest"][0])))
    _count_entities(connection, task, touched.entities)
    met = _with_page(met, task, page, decided)
    met = replace(met, ours=(met.ours[0] if met.ours[1] == first else first, last))
    if not changes.height:
        return Settled(found, None, met)
    frame = changes.join(touched.golden.drop("version"), on="entity_id", how="left", maintain_order="left")
    return Settled(found, PageChanges(first, last, digest, frame), met)


def _count_entities(connection: dbapi.Connection, task: Task, touched: pl.DataFrame) -> None:
    """The library's number of live entities after the page."""
    born = touched.filter(pl.col("live") & ~pl.col("was_live")).height
    died = touched.filter(~pl.col("live") & pl.col("was_live")).height
    if born != died:
        sql = "UPDATE library SET entities = entities + $2 WHERE id = $1"
        run(connection, sql, task.library_id, born - died)


def _known(
    look_up: Callable[[pl.Series], pl.DataFrame],
    page: Prepared,
    ours: tuple[int, int],
    again: pl.Series,
    newest: int,
) -> pl.DataFrame:
    """What is settled for the page's rows, under the lock. What the page knew still holds while nothing has changed since;
    where all that has changed was this run's own, it holds but for the records that the run has met (`again`)."""
    if page.known is not None and page.known_as_of == newest:
        return page.known
    if page.known is None or not (ours[0] <= page.known_as_of and ours[1] == newest):
        return look_up(page.rows["id"].unique())
    again = again.unique()
    return pl.concat([page.known.join(again.to_frame(), on="id", how="anti"), look_up(again)])


def _claim(connection: dbapi.Connection, task: Task, number: int) -> None:
    claim = writes.lock_partition(connection, task)
    if claim is None or claim[0] != task.epoch:
        raise Broken(
            "fenced",
            f"{task.feed} 的分区已由另一次运行接管。Another run of {task.feed} has taken over its partition.",
            "等待那次运行结束。Wait for that run to end; nothing was lost.",
        )
    if claim[1] != number:
        raise Broken("page_out_of_order", f"{task.feed}: page {number} comes where page {claim[1]} is due.")


def _with_page(met: Met, task: Task, page: Prepared, decided: pl.DataFrame) -> Met:
    """What this page brought, so that it need not be read back; refused rows count as not met."""
    brought = decided.filter(pl.col("disposition") != QUARANTINED).select(list(MET))
    return replace(met, rows=pl.concat([met.rows, brought]), pages=(*met.pages, f"{task.partition}/{page.number}"))


def _grown(connection: dbapi.Connection, task: Task, met: Met) -> Met:
    rows, pages = met_rows(connection, task.batch, met.pages)
    return replace(met, rows=pl.concat([met.rows, rows]), pages=(*met.pages, *pages)) if pages else met


def _refusals(page: Prepared, decided: pl.DataFrame) -> pl.DataFrame:
    reasons = page.faults.group_by("row").agg(reasons=pairs())
    ids = decided.select("row", pl.when(pl.col("id") != bytes(16)).then("id").alias("id"))
    return page.refused.join(reasons, on="row", how="left").join(ids, on="row", how="left").sort("row")


def _close_page(
    connection: dbapi.Connection,
    task: Task,
    page: Prepared,
    decided: pl.DataFrame,
    outcome: tuple[tuple[int, ...], int, int, bytes],
) -> bytes:
    """The page's own row, the partition's cursor, the library's head and the audit entry; the page's digest."""
    found, withdrawn, last, before = outcome
    named = dict(zip(("new", "changed", "unchanged", "duplicate", "superseded", "quarantined"), found, strict=True))
    tallies = {"pulled": decided.height, **named, "withdrawn": withdrawn}
    place = {"batch": task.batch, "feed": task.feed, "partition": task.partition, "page": page.number}
    dispositions = bytes(decided["disposition"].to_list())
    record_ids, hashes = (b"".join(decided[name].to_list()) for name in ("id", "content_hash"))
    digest = link(before, {**place, **tallies, "last_seq": last}, dispositions, record_ids, hashes)
    row = {
        "batch_id": task.batch,
        "partition": task.partition,
        "number": page.number,
        "feed_id": task.feed_id,
        "library_id": task.library_id,
        "epoch": task.epoch,
        **tallies,
        "dispositions": dispositions,
        "record_ids": record_ids,
        "hashes": hashes,
        "last_seq": last,
        "digest": digest,
    }
    narrow = {"number": pl.Int32, "feed_id": pl.Int16, "library_id": pl.Int16}
    append(connection, "page", pl.DataFrame([row], schema_overrides=narrow))
    sql = "UPDATE partition SET cursor = $3, pages = pages + 1 WHERE feed_id = $1 AND name = $2"
    run(connection, sql, task.feed_id, task.partition, page.sealed_cursor)
    run(connection, "UPDATE library SET last_seq = $2, digest = $3 WHERE id = $1", task.library_id, last, digest)
    append_audit(connection, task.library_id, "settled", {**place, **tallies, "digest": digest.hex()})
    return digest
