"""Which entity each accepted record belongs to, by exact identifiers alone.

An identifier joins; a name never does, but a name may forbid: two rows of one feed with one code and two names are kept
apart and shown (standards §5 defect 21), because unsure is not merged. Two different strong identifiers (USCC) are never
joined through a weaker one (the organisation code inside both). Scored linking enters later as judgements.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

ROWS = pl.Schema({"row": pl.UInt32, "id": pl.Binary, "name_key": pl.Binary, "known_entity": pl.String})
LINKS = pl.Schema({"row": pl.UInt32, "kind": pl.String, "key": pl.Binary})
HELD = pl.Schema({"kind": pl.String, "key": pl.Binary, "entity_id": pl.String, "strong": pl.Binary})
"""Identifiers that entities hold. `strong`: the strongest identifier of the record that brought a weaker one."""
SIBLINGS = pl.Schema({"entity_id": pl.String, "id": pl.Binary, "name_key": pl.Binary})
"""Live records of this feed that already belong to the entities in question."""
CONFLICTS = pl.Schema(
    {"kind": pl.String, "record_id": pl.Binary, "entity_id": pl.String, "held_by": pl.String, "rule": pl.String}
)


@dataclass(frozen=True)
class Resolution:
    """`entities`: row, entity_id, fresh (a new entity begins). `links`: identifiers to add (schema HELD); `strengthened`:
    held ones that learn their strongest identifier. `conflicts`: what was not joined, and why (schema CONFLICTS)."""

    entities: pl.DataFrame
    links: pl.DataFrame
    strengthened: pl.DataFrame
    conflicts: pl.DataFrame


_Key = tuple[str, bytes]
_Holder = tuple[str, bytes | None]


def resolve(
    rows: pl.DataFrame, links: pl.DataFrame, held: pl.DataFrame, siblings: pl.DataFrame, plan: Plan
) -> Resolution:
    """Place each row of `rows` (one per record). Whole columns for rows that nobody knows; one by one for the rest."""
    busy = _busy_rows(rows, links, held)
    plain = rows.join(busy, on="row", how="anti", maintain_order="left")
    ids = pl.Series("entity_id", plan.new_ids[: plain.height], dtype=pl.String)
    fresh = plain.select("row").with_columns(ids, fresh=pl.lit(True))
    kinds = {kind: rank for rank, kind in enumerate(plan.kinds)}
    own = links.join(fresh, on="row", how="inner", maintain_order="left")
    strongest = (
        own.filter(pl.col("kind") == plan.kinds[0]).select("row", strong=pl.col("key")).unique("row", keep="first")
    )
    plain_links = own.join(strongest, on="row", how="left", maintain_order="left").select(list(HELD))
    plain_links = plain_links.unique(["kind", "key"], keep="first", maintain_order=True)
    slow = _one_by_one(
        rows.join(busy, on="row", how="semi", maintain_order="left"), links, held, siblings, plan, plain.height
    )
    return Resolution(
        pl.concat([fresh, slow.entities]).sort("row"),
        pl.concat([plain_links, slow.links]).sort(pl.col("kind").replace_strict(kinds, return_dtype=pl.Int32), "key"),
        slow.strengthened,
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


def _one_by_one(
    rows: pl.DataFrame, links: pl.DataFrame, held: pl.DataFrame, siblings: pl.DataFrame, plan: Plan, used: int
) -> Resolution:
    keys = _keys_of(rows, links, plan.kinds)
    holders: dict[_Key, _Holder] = {(k, v): (e, s) for k, v, e, s in held.select(list(HELD)).iter_rows()}
    names = _names_of(siblings)
    ids = iter(plan.new_ids[used:])
    placed: list[tuple[int, str, bool]] = []
    added: list[tuple[str, bytes, str, bytes | None]] = []
    stronger: list[tuple[str, bytes, str, bytes | None]] = []
    conflicts: list[tuple[str, bytes, str, str, str]] = []
    for row, record, name, known in rows.select(list(ROWS)).iter_rows():
        own = keys.get(row, [])
        strong = next((key for kind, key in own if kind == plan.kinds[0]), None)
        entity, refusals = _place(own, strong, name, record, known, holders, names)
        fresh = entity is None
        home = next(ids) if entity is None else entity
        placed.append((row, home, fresh))
        names.setdefault(home, {})[record] = name
        conflicts += [(kind, record, home, other, rule) for kind, other, rule in refusals if other != home]
        for kind, key in own:
            holder = holders.get((kind, key))
            if holder is None or (holder == (home, None) and strong is not None):
                holders[kind, key] = (home, strong)
                (added if holder is None else stronger).append((kind, key, home, strong))
    return Resolution(
        pl.DataFrame(placed, schema={"row": pl.UInt32, "entity_id": pl.String, "fresh": pl.Boolean}, orient="row"),
        pl.DataFrame(added, schema=HELD, orient="row"),
        pl.DataFrame(stronger, schema=HELD, orient="row").unique(["kind", "key"], keep="last", maintain_order=True),
        pl.DataFrame(conflicts, schema=CONFLICTS, orient="row"),
    )


def _place(
    own: list[_Key],
    strong: bytes | None,
    name: bytes | None,
    record: bytes,
    known: str | None,
    holders: Mapping[_Key, _Holder],
    names: Mapping[str, Mapping[bytes, bytes | None]],
) -> tuple[str | None, list[tuple[str, str, str]]]:
    """The entity to join (None: a new one), and (kind, entity, rule) for each identifier held elsewhere."""
    refusals: list[tuple[str, str, str]] = []
    if known is not None:
        return known, [
            (kind, holder[0], "link.held_elsewhere") for kind, holder in _held(own, holders) if holder[0] != known
        ]
    home: str | None = None
    for kind, (entity, other_strong) in _held(own, holders):
        if home is not None:
            if entity != home:
                refusals.append((kind, entity, "link.held_elsewhere"))
        elif strong is not None and other_strong is not None and strong != other_strong:
            refusals.append((kind, entity, "link.two_strong_identifiers"))
        elif _other_name(names.get(entity, {}), record, name):
            refusals.append((kind, entity, "link.one_code_two_names"))
        else:
            home = entity
    return home, refusals


def _held(own: list[_Key], holders: Mapping[_Key, _Holder]) -> Iterator[tuple[str, _Holder]]:
    for kind, key in own:
        holder = holders.get((kind, key))
        if holder is not None:
            yield kind, holder


def _other_name(siblings: Mapping[bytes, bytes | None], record: bytes, name: bytes | None) -> bool:
    """Whether another record of the same feed in that entity bears another name."""
    return name is not None and any(s is not None and s != name for r, s in siblings.items() if r != record)


def _keys_of(rows: pl.DataFrame, links: pl.DataFrame, kinds: Sequence[str]) -> dict[int, list[_Key]]:
    """Identifiers per row, the strongest kind first."""
    rank = {kind: number for number, kind in enumerate(kinds)}
    found: dict[int, list[_Key]] = {}
    for row, kind, key in links.join(rows.select("row"), on="row", how="semi").select(list(LINKS)).iter_rows():
        found.setdefault(row, []).append((kind, key))
    return {row: sorted(own, key=lambda pair: (rank[pair[0]], pair[1])) for row, own in found.items()}


def _names_of(siblings: pl.DataFrame) -> dict[str, dict[bytes, bytes | None]]:
    names: dict[str, dict[bytes, bytes | None]] = {}
    for entity, record, name in siblings.select(list(SIBLINGS)).iter_rows():
        names.setdefault(entity, {})[record] = name
    return names
