"""What a page brings of new or changed records: linked to entities, folded into golden records, and written.

All of it happens inside the transaction of `settle`, under its locks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from os import urandom

import polars as pl
from adbc_driver_postgresql import dbapi

from exchange.core.bundle import unpack
from exchange.core.decide import CHANGED
from exchange.core.entity_id import new_ids
from exchange.core.findings import pairs
from exchange.core.golden import Policy, fold
from exchange.core.jsontext import object_columns
from exchange.core.page import Prepared
from exchange.core.resolve import LINKS, SIBLINGS, STRONGS, Plan, resolve
from exchange.edge.store import writes
from exchange.edge.store.lookup import held_links, live_records, versions
from exchange.edge.store.writes import Task
from schemas import columns as facts

TOUCHED = pl.Schema(
    {
        "entity_id": pl.String,
        "fresh": pl.Boolean,
        "version": pl.Int64,
        "was_live": pl.Boolean,
        "strong": pl.Binary,
        "live": pl.Boolean,
    }
)
"""Entities that a page touches: their next version, whether they are new, were live and are, and the strongest identifier
that they have learned."""


@dataclass(frozen=True)
class Taken:
    """What a page touched: `entities` (schema TOUCHED), and the golden records of those that are live."""

    entities: pl.DataFrame
    golden: pl.DataFrame


NOTHING = Taken(pl.DataFrame(schema=TOUCHED), pl.DataFrame())
"""Of a page that changes nothing."""


def take(connection: dbapi.Connection, task: Task, page: Prepared, taken: pl.DataFrame, policy: Policy) -> Taken:
    """Write what the page changes. `taken`: the rows of it that are new or changed, as `decide` gives them."""
    if page.withdraws:
        return _withdraw(connection, task, taken, policy)
    return _accept(connection, task, page, taken, policy)


def _accept(connection: dbapi.Connection, task: Task, page: Prepared, taken: pl.DataFrame, policy: Policy) -> Taken:
    """Link, fold and write records."""
    records = page.records.join(taken.drop("id", "status"), on="row", how="inner", maintain_order="left")
    links = page.links.join(records.select("row"), on="row", how="semi").select(list(LINKS))
    held = held_links(connection, links["key"])
    around = pl.concat([held["entity_id"], records["known_entity"].drop_nulls()]).unique()
    others = live_records(connection, around).join(records.select("id"), on="id", how="anti")
    siblings = others.filter(pl.col("feed") == task.feed).select(list(SIBLINGS))
    now_ms = int(datetime.now(UTC).timestamp() * 1000)
    plan = Plan(facts.links(task.library), new_ids(now_ms, urandom(7), records.height))
    placed = resolve(records, links, held, siblings, plan)
    records = records.join(placed.entities, on="row", how="left", maintain_order="left")
    records = records.join(_flag_texts(page), on="row", how="left", maintain_order="left")
    replaced = records.filter(pl.col("disposition") == CHANGED)["id"]
    writes.write_records(connection, task, records, replaced)
    writes.write_links(connection, task, placed)
    touched = _touched(connection, records.select("entity_id", "fresh"), placed.strongs)
    return Taken(touched, _fold(connection, task, _live(task, records, others, policy), touched, policy))


def _withdraw(connection: dbapi.Connection, task: Task, taken: pl.DataFrame, policy: Policy) -> Taken:
    """Mark the records that their agency no longer has, and fold what is left of their entities."""
    writes.withdraw_records(connection, task, taken["id"])
    gone = taken.select(entity_id="known_entity", fresh=pl.lit(False)).unique()
    others = live_records(connection, gone["entity_id"])
    touched = _touched(connection, gone, pl.DataFrame(schema=STRONGS)).with_columns(
        live=pl.col("entity_id").is_in(others["entity_id"].implode())
    )
    return Taken(touched, _fold(connection, task, _opened(others, task.library, policy), touched, policy))


def _touched(connection: dbapi.Connection, entities: pl.DataFrame, strongs: pl.DataFrame) -> pl.DataFrame:
    """One line per touched entity, in the order in which the page touches them (schema TOUCHED)."""
    once = entities.group_by("entity_id", maintain_order=True).agg(pl.col("fresh").any())
    before = versions(connection, once.filter(~pl.col("fresh"))["entity_id"]).rename({"live": "was_live"})
    known = once.join(before, on="entity_id", how="left", maintain_order="left")
    return known.join(strongs, on="entity_id", how="left", maintain_order="left").with_columns(
        version=pl.col("version").fill_null(0) + 1, live=pl.lit(True), was_live=pl.col("was_live").fill_null(False)
    )


def _fold(
    connection: dbapi.Connection, task: Task, live: pl.DataFrame, touched: pl.DataFrame, policy: Policy
) -> pl.DataFrame:
    """Write the touched entities, and their golden records from all their live records; these."""
    golden = fold(live, policy).join(
        touched.select("entity_id", "version"), on="entity_id", how="left", maintain_order="left"
    )
    writes.write_entities(connection, task, touched)
    writes.write_golden(connection, task, golden, touched)
    return golden


def _live(task: Task, records: pl.DataFrame, others: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """What `fold` folds: the page's records, and the stored ones of the entities that they touch."""
    wanted = ["entity_id", "id", "agency", "feed", "ordering", *policy.public, *policy.groups]
    schema = facts.polars_schema(task.library)
    empty = [pl.lit(None, schema[name]).alias(name) for name in policy.public if name not in records.columns]
    mine = records.with_columns(*empty, agency=pl.lit(task.agency), feed=pl.lit(task.feed)).select(wanted)
    rest = others.join(records.select("entity_id"), on="entity_id", how="semi")
    return pl.concat([mine, _opened(rest, task.library, policy).select(wanted)])


def _opened(others: pl.DataFrame, library: str, policy: Policy) -> pl.DataFrame:
    """Stored records as typed public columns and one envelope column per group (nothing is decrypted)."""
    schema = pl.Schema({fact.name: fact.dtype for fact in facts.facts(library) if fact.level == "public"})
    bundles = [unpack(sealed or b"") for sealed in others["sealed"].to_list()]
    groups = [pl.Series(group, [bundle.get(group) for bundle in bundles], dtype=pl.Binary) for group in policy.groups]
    return others.drop("unsealed", "sealed").hstack(object_columns(others["unsealed"], schema)).hstack(groups)


def _flag_texts(page: Prepared) -> pl.DataFrame:
    return page.flags.group_by("row").agg(flags=pairs()).select("row", "flags")
