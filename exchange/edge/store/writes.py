"""What settling a page writes, table by table: COPY for rows that are new, one statement per table for the others."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from adbc_driver_postgresql import dbapi

from exchange.core.resolve import Resolution
from exchange.edge.store.frames import Value, append, read, run
from exchange.edge.store.golden_tables import golden_name
from exchange.edge.store.lookup import open_refusals
from exchange.edge.store.tables import record


@dataclass(frozen=True)
class Task:
    """Which page of which batch is settled, and under which try (`epoch`) of its partition."""

    batch: int
    feed_id: int
    feed: str
    agency: str
    library: str
    library_id: int
    partition: str
    epoch: int
    contract: str


class StaleHint(Exception):
    """A row was left unchecked for what was settled of it, and that has changed: prepare the page again without a hint."""


def write_records(connection: dbapi.Connection, task: Task, records: pl.DataFrame, replaced: pl.Series) -> None:
    """The latest version per record; what it replaces goes to the history."""
    _keep_history(connection, task, replaced)
    if replaced.len():
        run(connection, "DELETE FROM record WHERE id = ANY($1)", replaced)
    columns = ["id", "entity_id", "content_hash", "ordering", "unsealed", "sealed", "filled", "name_key", "flags"]
    rows = records.select(columns).sort("id")
    constants: dict[str, Value] = {"contract": task.contract, "withdrawn": False, "batch_id": task.batch}
    append(connection, "record", rows.with_columns(pl.lit(task.feed_id, pl.Int16).alias("feed_id")), constants)


def withdraw_records(connection: dbapi.Connection, task: Task, ids: pl.Series) -> None:
    """The agency no longer has these: they stay, marked, and the version before goes to the history."""
    _keep_history(connection, task, ids)
    if ids.len():
        run(
            connection,
            "UPDATE record SET withdrawn = true, batch_id = $2 WHERE id = ANY($1)",
            ids,
            task.batch,
        )


def _keep_history(connection: dbapi.Connection, task: Task, ids: pl.Series) -> None:
    if not ids.len():
        return
    columns = ", ".join(column.name for column in record.columns)
    sql = f"INSERT INTO record_history ({columns}, superseded_by_batch) SELECT {columns}, $2 FROM record WHERE id = ANY($1)"
    run(connection, sql, ids, task.batch)


def write_links(connection: dbapi.Connection, task: Task, resolution: Resolution) -> None:
    """Identifiers that entities hold from now on, and what was not joined."""
    library = pl.lit(task.library_id, pl.Int16).alias("library_id")
    append(connection, "link_key", resolution.links.with_columns(library))
    append(connection, "link_conflict", resolution.conflicts.with_columns(library), {"batch_id": task.batch})


def write_entities(connection: dbapi.Connection, task: Task, entities: pl.DataFrame) -> None:
    """New entities, and the next version of touched ones. `entities`: entity_id, version, live, fresh, and `strong`, the
    strongest identifier of those of which none was known."""
    fresh = entities.filter("fresh").select(pl.col("entity_id").alias("id"), "version", "live", "strong")
    append(connection, "entity", fresh.with_columns(pl.lit(task.library_id, pl.Int16).alias("library_id")))
    for live in (True, False):
        old = entities.filter(~pl.col("fresh") & (pl.col("live") == live))["entity_id"]
        if old.len():
            sql = "UPDATE entity SET version = version + 1, live = $2 WHERE id = ANY($1)"
            run(connection, sql, old, live)
    stronger = entities.filter(~pl.col("fresh") & pl.col("strong").is_not_null())
    if stronger.height:
        sql = (
            "UPDATE entity SET strong = given.strong FROM unnest($1::text[], $2::bytea[]) AS given(id, strong) "
            "WHERE entity.id = given.id AND entity.strong IS NULL"
        )
        run(connection, sql, stronger["entity_id"], stronger["strong"])


def write_golden(connection: dbapi.Connection, task: Task, golden: pl.DataFrame, entities: pl.DataFrame) -> None:
    """The golden records of touched entities; an entity without a live record has none."""
    table = golden_name(task.library)
    old = entities.filter(~pl.col("fresh"))["entity_id"]
    if old.len():
        run(connection, f"DELETE FROM {table} WHERE entity_id = ANY($1)", old)
    append(connection, table, golden)


def write_changes(connection: dbapi.Connection, task: Task, entities: pl.DataFrame, last_seq: int) -> pl.DataFrame:
    """Append one change per touched entity after `last_seq`; these: seq, entity_id, version, kind."""
    changes = entities.select(
        (pl.int_range(pl.len(), dtype=pl.Int64) + last_seq + 1).alias("seq"),
        "entity_id",
        "version",
        pl.when("live").then(pl.lit("changed")).otherwise(pl.lit("withdrawn")).alias("kind"),
    )
    append(connection, "change", changes.with_columns(pl.lit(task.library_id, pl.Int16).alias("library_id")))
    return changes


def write_refusals(connection: dbapi.Connection, task: Task, refused: pl.DataFrame, page: int) -> None:
    """Quarantine entries; a row refused again reuses its open one. `refused`: row, id, fingerprint, envelope, reasons.
    Raises StaleHint where a row that was not looked at again has no open entry any more."""
    if not refused.height:
        return
    once = refused.with_columns(times=pl.len().over("fingerprint").cast(pl.Int32)).unique(
        "fingerprint", keep="first", maintain_order=True
    )
    again = open_refusals(connection, task.feed_id, once["fingerprint"])
    first = once.join(again, on="fingerprint", how="anti", maintain_order="left")
    if first["envelope"].null_count():
        raise StaleHint
    if again.height:
        # By id: joined by fingerprint, all open entries of the feed may be read for every page.
        sql = (
            "UPDATE quarantine SET times = quarantine.times + given.times, last_batch_id = $3, "
            "last_times = given.times + CASE WHEN last_batch_id = $3 THEN last_times ELSE 0 END "
            "FROM unnest($1::bigint[], $2::bigint[]) AS given(id, times) WHERE quarantine.id = given.id"
        )
        met = again.join(once.select("fingerprint", "times"), on="fingerprint", how="inner")
        run(connection, sql, met["id"], met["times"], task.batch)
    first = first.select(
        pl.lit(task.library_id, pl.Int16).alias("library_id"),
        pl.lit(task.feed_id, pl.Int16).alias("feed_id"),
        "fingerprint",
        pl.col("id").alias("record_id"),
        "reasons",
        "envelope",
        pl.lit(page, pl.Int32).alias("page"),
        pl.col("row").cast(pl.Int32),
        "times",
        pl.col("times").alias("last_times"),
    )
    constants: dict[str, Value] = {
        "contract": task.contract,
        "batch_id": task.batch,
        "last_batch_id": task.batch,
        "partition": task.partition,
    }
    append(connection, "quarantine", first, constants)


def lock_partition(connection: dbapi.Connection, task: Task) -> tuple[int, int] | None:
    """(epoch, settled pages) of the partition, locked; None if it is not there."""
    sql = "SELECT epoch, pages FROM partition WHERE feed_id = $1 AND name = $2 AND batch_id = $3 FOR UPDATE"
    found = read(connection, sql, task.feed_id, task.partition, task.batch)
    return (int(found["epoch"][0]), int(found["pages"][0])) if found.height else None
