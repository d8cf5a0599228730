"""Which entity each accepted record belongs to, by exact identifiers alone.

An identifier joins; a name never does, but a name may forbid: two rows of one feed with one code and two names are kept
apart and shown (standards §5 defect 21), because unsure is not merged. Two different strong identifiers (USCC) are never
joined through a weaker one (the organisation code inside both). Scored linking enters later as judgements.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

ROWS = pl.Schema({"row": pl.UInt32, "id": pl.Binary, "name_key": pl.Binary, "known_entity": pl.String})
LINKS = pl.Schema({"row": pl.UInt32, "kind": pl.String, "key": pl.Binary})
HELD = pl.Schema({"kind": pl.String, "key": pl.Binary, "entity_id": pl.String, "strong": pl.Binary})
"""Identifiers that entities hold. `strong`: a strongest identifier of that entity; null while none is known."""
BROUGHT = pl.Schema({"kind": pl.String, "key": pl.Binary, "entity_id": pl.String})
STRONGS = pl.Schema({"entity_id": pl.String, "strong": pl.Binary})
SIBLINGS = pl.Schema({"entity_id": pl.String, "id": pl.Binary, "name_key": pl.Binary})
"""Live records of this feed that already belong to the entities in question."""
CONFLICTS = pl.Schema(
    {"kind": pl.String, "record_id": pl.Binary, "entity_id": pl.String, "held_by": pl.String, "rule": pl.String}
)


@dataclass(frozen=True)
class Resolution:
    """`entities`: row, entity_id, fresh (a new entity begins). `links`: identifiers to add (schema BROUGHT). `strongs`: the
    strongest identifier of entities of which none was known before. `conflicts`: what was not joined, and why (schema
    CONFLICTS)."""

    entities: pl.DataFrame
    links: pl.DataFrame
    strongs: pl.DataFrame
    conflicts: pl.DataFrame


_Key = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class _Row:
    """One record to place: its identifiers, the strongest kind first, and that kind's own if it has one."""

    row: int
    id: bytes
    name: bytes | None
    entity: str | None
    keys: tuple[_Key, ...]
    strong: bytes | None


@dataclass(frozen=True)
class _Around:
    """What is known while rows are placed one by one, and grows with each: who holds an identifier, and per entity its
    strong identifiers and its names in this feed."""

    holders: dict[_Key, str]
    strongs: defaultdict[str, set[bytes]]
    names: defaultdict[str, set[bytes]]


def resolve(
    rows: pl.DataFrame, links: pl.DataFrame, held: pl.DataFrame, siblings: pl.DataFrame, plan: Plan
) -> Resolution:
    """Place each row of `rows` (one per record). Whole columns for rows that nobody knows; one by one for the rest."""
    busy = _busy_rows(rows, links, held)
    plain = rows.join(busy, on="row", how="anti", maintain_order="left")
    ids = pl.Series("entity_id", plan.new_ids[: plain.height], dtype=pl.String)
    fresh = plain.select("row").with_columns(ids, fresh=pl.lit(True))
    own = links.join(fresh, on="row", how="inner", maintain_order="left").select(list(BROUGHT))
    strongest = own.filter(pl.col("kind") == plan.kinds[0]).select("entity_id", strong="key")
    rest = _rows(rows.join(busy, on="row", how="semi", maintain_order="left"), links, plan.kinds)
    others = siblings.join(rows.select("id"), on="id", how="anti")
    slow = _one_by_one(rest, _around(held, others, plan.kinds), iter(plan.new_ids[plain.height :]))
    return Resolution(
        pl.concat([fresh, slow.entities]).sort("row"),
        pl.concat([own, slow.links]).sort("key"),
        pl.concat([strongest, slow.strongs]),
        slow.conflicts,
    )


@dataclass(frozen=True)
class Plan:
    """What resolving needs beside frames: link kinds (strongest first) and as many new ids as there are rows."""

    kinds: Sequence[str]
    new_ids: Sequence[str]


def _busy_rows(rows: pl.DataFrame, links: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """Rows that already have an entity, or share an identifier with a held one or with another row of the page."""
    present = links.join(rows.select("row"), on="row", how="semi")
    shared = present.unique(["row", "kind", "key"]).filter(pl.struct("kind", "key").is_duplicated()).select("row")
    taken = present.join(held, on=["kind", "key"], how="semi").select("row")
    old = rows.filter(pl.col("known_entity").is_not_null()).select("row")
    return pl.concat([shared, taken, old]).unique()


def _one_by_one(rows: Sequence[_Row], around: _Around, new_ids: Iterator[str]) -> Resolution:
    """Rows that have an entity come first: they stay where they are, and the others are measured against them."""
    placed: list[tuple[int, str, bool]] = []
    known = {entity for entity, own in around.strongs.items() if own}
    brought: dict[_Key, str] = {}
    conflicts: list[tuple[str, bytes, str, str, str]] = []
    for row in sorted(rows, key=lambda row: row.entity is None):
        entity, refusals = _place(row, around)
        home = next(new_ids) if entity is None else entity
        placed.append((row.row, home, entity is None))
        conflicts += [(kind, row.id, home, other, rule) for kind, other, rule in refusals]
        _learn(row, home, around)
        for key in row.keys:
            if key not in around.holders:
                around.holders[key] = home
                brought[key] = home
    strongs = [(entity, min(own)) for entity, own in around.strongs.items() if own and entity not in known]
    return Resolution(
        pl.DataFrame(placed, schema={"row": pl.UInt32, "entity_id": pl.String, "fresh": pl.Boolean}, orient="row"),
        pl.DataFrame([(*key, home) for key, home in brought.items()], schema=BROUGHT, orient="row"),
        pl.DataFrame(strongs, schema=STRONGS, orient="row"),
        pl.DataFrame(conflicts, schema=CONFLICTS, orient="row"),
    )


def _learn(row: _Row, home: str, around: _Around) -> None:
    if row.name is not None:
        around.names[home].add(row.name)
    if row.strong is not None:
        around.strongs[home].add(row.strong)


def _place(row: _Row, around: _Around) -> tuple[str | None, list[tuple[str, str, str]]]:
    """The entity to join (None: a new one), and (kind, entity, rule) for each identifier held elsewhere."""
    refusals: list[tuple[str, str, str]] = []
    home = row.entity
    for key in row.keys:
        kind, entity = key[0], around.holders.get(key)
        if entity is None:
            continue
        if home is None:
            rule = _forbidden(row, entity, around)
            if rule is None:
                home = entity
            else:
                refusals.append((kind, entity, rule))
        elif entity != home:
            refusals.append((kind, entity, "link.held_elsewhere"))
    return home, refusals


def _forbidden(row: _Row, entity: str, around: _Around) -> str | None:
    """The rule that keeps the row out of the entity: it has another strong identifier, or this feed names it otherwise."""
    strongs = around.strongs[entity]
    if row.strong is not None and strongs and row.strong not in strongs:
        return "link.two_strong_identifiers"
    if row.name is not None and around.names[entity] - {row.name}:
        return "link.one_code_two_names"
    return None


def _rows(rows: pl.DataFrame, links: pl.DataFrame, kinds: Sequence[str]) -> list[_Row]:
    rank = pl.col("kind").replace_strict(list(kinds), range(len(kinds)), return_dtype=pl.Int32)
    found: defaultdict[int, list[_Key]] = defaultdict(list)
    own = links.join(rows.select("row"), on="row", how="semi").unique().sort(rank, "key")
    for row, kind, key in own.select(list(LINKS)).iter_rows():
        found[row].append((kind, key))
    strong = {row: keys[0][1] for row, keys in found.items() if keys[0][0] == kinds[0]}
    return [
        _Row(row, record, name, known, tuple(found[row]), strong.get(row))
        for row, record, name, known in rows.select(list(ROWS)).iter_rows()
    ]


def _around(held: pl.DataFrame, siblings: pl.DataFrame, kinds: Sequence[str]) -> _Around:
    keys = held.select("kind", "key").rows()
    around = _Around(dict(zip(keys, held["entity_id"], strict=True)), defaultdict(set), defaultdict(set))
    strongest = held.filter(pl.col("kind") == kinds[0]).select("entity_id", strong="key")
    for entity, strong in pl.concat([strongest, held.select("entity_id", "strong")]).drop_nulls().unique().iter_rows():
        around.strongs[entity].add(strong)
    for entity, name in siblings.select("entity_id", "name_key").drop_nulls().unique().iter_rows():
        around.names[entity].add(name)
    return around
