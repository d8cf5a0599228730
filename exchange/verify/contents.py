"""I1 within the rows: a record is what the newest page row brought, a golden record what its records hold, and links meet.

Everything is read in slices, so that memory does not grow with the hub.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import LiteralString

import polars as pl
import psycopg
from psycopg import sql

from exchange.verify.books import CHANGED, ID, NEW
from exchange.verify.bundle import members
from exchange.verify.finding import Wrong
from exchange.verify.golden import Golden, golden_table
from exchange.verify.ground import Query, count, frame, number, rows
from exchange.verify.keys import bytes_of

RECORDS_PER_SLICE = 1_000_000
ENTITIES_PER_SLICE = 10_000
BROUGHT = {"id": pl.Binary(), "hash": pl.Binary(), "withdrawn": pl.Boolean(), "batch": pl.Int64()}

# An identifier that another entity holds is nobody else's link key; what was not joined is in link_conflict.
_STRONGEST: tuple[tuple[str, str, LiteralString], ...] = (
    (
        "最强标识不是关联键的实体",
        "entities whose strongest identifier is no link key",
        (
            "SELECT count(*) FROM entity e LEFT JOIN link_key k ON k.key = e.strong AND k.library_id = e.library_id "
            "WHERE e.strong IS NOT NULL AND k.key IS NULL"
        ),
    ),
    (
        "最强标识指向另一实体",
        "strongest identifiers that lead to another entity",
        (
            "SELECT count(*) FROM entity e JOIN link_key k ON k.key = e.strong AND k.library_id = e.library_id "
            "WHERE k.entity_id <> e.id AND NOT EXISTS (SELECT FROM link_conflict c WHERE c.entity_id = e.id "
            "AND c.held_by = k.entity_id AND c.kind = k.kind)"
        ),
    ),
)


def contents(connection: psycopg.Connection, most: int = RECORDS_PER_SLICE) -> list[Wrong]:
    """What is wrong with what records, golden records and links hold; `most`: about so many records are held at a time."""
    found = [_records(connection, most)]
    found += [Wrong(count(connection, query), zh, en) for zh, en, query in _STRONGEST]
    for library, name in rows(connection, "SELECT id, name FROM library ORDER BY id"):
        table = golden_table(connection, str(name))
        found += _golden(connection, number(library), table, min(most, ENTITIES_PER_SLICE))
    return found


def _records(connection: psycopg.Connection, most: int) -> Wrong:
    """Records with another content hash, batch or state than the newest row counted new or changed has.

    A row that withdraws a record says nothing of its content. Records without any such row are counted elsewhere.
    """
    slices = min(1 + count(connection, "SELECT count(*) FROM record") // most, 256)
    odd = 0
    for place in range(slices):
        brought = pl.concat([pl.DataFrame(schema=BROUGHT), *_brought(connection, place, slices)])
        newest = brought.group_by("id", maintain_order=True).agg(
            pl.col("hash").drop_nulls().last(), pl.col("withdrawn", "batch").last()
        )
        query = "SELECT id, content_hash, withdrawn, batch_id FROM record WHERE get_byte(id, 0) %% %s = %s"
        kept = frame(connection, query, BROUGHT, slices, place)
        odd += kept.join(newest, on="id").height - kept.join(newest, on=list(BROUGHT), nulls_equal=True).height
    return Wrong(odd, "与最新来行不符的记录", "records unlike the newest row that brought them")


def _brought(connection: psycopg.Connection, place: int, slices: int) -> Iterator[pl.DataFrame]:
    """The rows counted new or changed whose record is in this slice, page by page in the order of settling."""
    query = (
        "SELECT dispositions, record_ids, hashes, withdrawn > 0, batch_id FROM page WHERE new + changed > 0 "
        "ORDER BY library_id, last_seq"
    )
    with connection.cursor("brought", binary=True) as cursor:
        cursor.itersize = 16
        for dispositions, record_ids, contents_of, withdrawn, batch in cursor.execute(query):
            ids, hashes = bytes_of(record_ids), bytes_of(contents_of)
            found = [
                (ids[at : at + ID], None if withdrawn else hashes[at : at + ID])
                for at, mark in zip(range(0, len(ids), ID), bytes_of(dispositions), strict=False)
                if mark in (NEW, CHANGED) and ids[at] % slices == place
            ]
            kept = pl.DataFrame(found, schema={name: BROUGHT[name] for name in ("id", "hash")}, orient="row")
            yield kept.with_columns(withdrawn=pl.lit(withdrawn), batch=pl.lit(number(batch), pl.Int64))


@dataclass(frozen=True)
class Held:
    """What one live record holds of its entity. `envelopes`: None where its bundle can't be read."""

    record: bytes = field(repr=False)
    source: tuple[str, str, str]
    envelopes: dict[str, bytes] | None = field(repr=False)


def _golden(connection: psycopg.Connection, library: int, table: Golden, most: int) -> list[Wrong]:
    """Golden records that hold what none of their live records has, or lack what one has."""
    tally: Counter[str] = Counter()
    names = [sql.Identifier(name) for group in table.groups for name in (group, f"{group}_record")]
    query = sql.SQL("SELECT {} FROM {} WHERE entity_id > %s ORDER BY entity_id LIMIT {}").format(
        sql.SQL(", ").join([sql.Identifier("entity_id"), sql.Identifier("sources"), *names]), table.identifier, most
    )
    after = ""
    while golden := rows(connection, query, after):
        first, after = after, str(golden[-1][0])
        held = _held(connection, library, first, after)
        tally["bundles"] += sum(each.envelopes is None for records in held.values() for each in records)
        tally["values"] += count(connection, _unlike(table), *(first, after) * 2)
        for entity, sources, *sealed in golden:
            records = held[str(entity)]
            tally["sources"] += _sources(sources) != sorted(each.source for each in records)
            tally["envelopes"] += not _sealed_alike(table.groups, sealed, records)
    name = table.name
    return [
        Wrong(tally["values"], f"{name} 主记录的值不出自其记录",
              f"golden records of {name} with values that no record of theirs has"),
        Wrong(tally["envelopes"], f"{name} 主记录的信封不出自其记录",
              f"golden records of {name} with envelopes that no record of theirs has"),
        Wrong(tally["sources"], f"{name} 主记录的来源与其记录不符",
              f"golden records of {name} with other sources than their records"),
        Wrong(tally["bundles"], f"{name} 记录的信封分不开", f"records of {name} whose envelopes can't be told apart"),
    ]  # fmt: skip


def _held(connection: psycopg.Connection, library: int, first: str, last: str) -> defaultdict[str, list[Held]]:
    """The live records of the entities after `first` up to `last`."""
    query = (
        "SELECT r.entity_id, r.id, f.agency, f.name, r.ordering, r.sealed FROM record r JOIN feed f ON f.id = r.feed_id "
        "WHERE r.entity_id > %s AND r.entity_id <= %s AND NOT r.withdrawn AND f.library_id = %s"
    )
    found: defaultdict[str, list[Held]] = defaultdict(list)
    for entity, record, agency, feed, ordering, sealed in rows(connection, query, first, last, library):
        source = (str(agency), str(feed), _time(number(ordering)))
        found[str(entity)].append(Held(bytes_of(record), source, members(bytes_of(sealed))))
    return found


def _time(micros: int) -> str:
    """Microseconds since 1970 as golden records show them; "" where there is no such time.

    >>> _time(1_709_254_800_999_999), _time(2**63 - 1)
    ('2024-03-01T01:00:00Z', '')
    """
    try:
        time = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
    except OverflowError:
        return ""
    return time.isoformat(timespec="seconds").replace("+00:00", "Z")


def _sources(text: object) -> list[tuple[object, ...]] | None:
    try:
        return sorted(tuple(map(str, each)) for each in json.loads(str(text)))
    except (ValueError, TypeError):
        return None


def _sealed_alike(groups: Sequence[str], sealed: Sequence[object], records: Sequence[Held]) -> bool:
    """Whether each group is one that the record named beside it holds, and empty only where no record has it."""
    for place, group in enumerate(groups):
        envelope, origin = sealed[2 * place : 2 * place + 2]
        given = {each.record: (each.envelopes or {}).get(group) for each in records}
        if envelope is None and origin is None:
            if any(given.values()):
                return False
        elif envelope is None or given.get(bytes_of(origin)) != bytes_of(envelope):
            return False
    return True


def _unlike(table: Golden) -> Query:
    """How many golden records have a value that no live record has, or none where one has any."""
    bad = [
        sql.SQL(
            "CASE WHEN g.{0} IS NULL THEN bool_or(r.unsealed ? {1}) "
            "ELSE coalesce(bool_and(r.unsealed ->> {1} IS DISTINCT FROM g.{0}::text), true) END"
        ).format(sql.Identifier(column), sql.Literal(column))
        for column in table.columns
    ]
    # OFFSET 0: each record's text is parsed once, not once a column.
    return sql.SQL(
        "SELECT count(*) FROM (SELECT FROM {} g LEFT JOIN (SELECT entity_id, unsealed::jsonb AS unsealed FROM record "
        "WHERE entity_id > %s AND entity_id <= %s AND NOT withdrawn OFFSET 0) r ON r.entity_id = g.entity_id "
        "WHERE g.entity_id > %s AND g.entity_id <= %s GROUP BY g.entity_id HAVING {}) AS odd"
    ).format(table.identifier, sql.SQL(" OR ").join(bad))
