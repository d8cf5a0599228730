"""The golden record: a pure fold over an entity's live records and the survivorship of the columns (design §4.3).

A column's value comes from the most authoritative agency that gives one, then from the newest version, then from the
lower record id, so that the order in which feeds arrive changes nothing. A sealed group survives whole: it is opened by
nobody here, and its envelope is never touched.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from schemas import columns as facts

_LAST = 1_000_000
AUTHORITY = {
    "legal_person": ("market_regulation", "national_register", "customs"),
    "person": ("public_security",),
}
"""Whose value is believed first where a column says nothing of its own (一数一源)."""


@dataclass(frozen=True)
class Policy:
    """Survivorship of one library: which agency outranks which, per column (agencies not named come last)."""

    public: tuple[str, ...]
    groups: tuple[str, ...]
    default: tuple[str, ...]
    special: Mapping[str, tuple[str, ...]]


def policy_of(library: str) -> Policy:
    """The survivorship that the library's schema declares."""
    special = {fact.name: fact.survivorship for fact in facts.facts(library) if fact.survivorship}
    return Policy(facts.public(library), facts.groups(library), AUTHORITY.get(library, ()), special)


def fold(records: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """One line per entity: entity_id, the public columns, each group's envelope (`<group>`) and the record it came from
    (`<group>_record`), and `sources` (JSON: [[agency, feed, time], …], newest rule first).

    `records`: entity_id, id, agency, feed, ordering (microseconds since 1970), the public columns, `<group>` per group;
    live ones only.
    """
    ordered = _ranked(records, policy.default).sort("entity_id", "_rank", "_age", "id")
    alone = ordered.filter(~pl.col("entity_id").is_duplicated())
    several = ordered.join(alone.select("entity_id"), on="entity_id", how="anti", maintain_order="left")
    folded = pl.concat([_single(alone, policy), _several(several, policy)])
    return folded.sort("entity_id")


def _ranked(records: pl.DataFrame, agencies: Sequence[str]) -> pl.DataFrame:
    return records.with_columns(_rank=_rank(agencies), _age=-pl.col("ordering"))


def _rank(agencies: Sequence[str]) -> pl.Expr:
    places = {agency: place for place, agency in enumerate(agencies)}
    return pl.col("agency").replace_strict(places, default=_LAST, return_dtype=pl.Int32)


def _source() -> pl.Expr:
    time = pl.from_epoch("ordering", time_unit="us").dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    return pl.format('["{}","{}","{}"]', "agency", "feed", time)


def _single(records: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    held = [pl.when(pl.col(group).is_not_null()).then(pl.col("id")).alias(f"{group}_record") for group in policy.groups]
    return records.select(
        "entity_id", *policy.public, *policy.groups, *held, pl.format("[{}]", _source()).alias("sources")
    )


def _several(records: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    columns = [_survivor(name, policy) for name in policy.public]
    for group in policy.groups:
        given = pl.col(group).is_not_null()
        columns.append(pl.col(group).filter(given).first())
        columns.append(pl.col("id").filter(given).first().alias(f"{group}_record"))
    sources = pl.format("[{}]", _source().implode().list.join(","))
    order = ["entity_id", *policy.public, *policy.groups, *(f"{group}_record" for group in policy.groups), "sources"]
    return (
        records.group_by("entity_id", maintain_order=True).agg(*columns, sources.first().alias("sources")).select(order)
    )


def _survivor(name: str, policy: Policy) -> pl.Expr:
    column = pl.col(name)
    if name in policy.special:
        column = column.sort_by(_rank(policy.special[name]), "_age", "id")
    return column.drop_nulls().first()
