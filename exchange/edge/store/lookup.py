"""What is settled, read for one page: whole columns by arrays of ids."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from adbc_driver_postgresql import dbapi

from exchange.core.decide import KNOWN, MET, QUARANTINED
from exchange.core.keyed import KEYED_HASH_BYTES as HASH_BYTES
from exchange.core.recall import JUDGED
from exchange.core.resolve import HELD
from exchange.edge.store.frames import cells, read

OTHERS = pl.Schema(
    {
        "id": pl.Binary,
        "entity_id": pl.String,
        "feed": pl.String,
        "agency": pl.String,
        "ordering": pl.Int64,
        "unsealed": pl.String,
        "sealed": pl.Binary,
        "name_key": pl.Binary,
    }
)
"""Live records of entities, as stored."""

REFUSALS = pl.Schema({"fingerprint": pl.Binary, "reasons": pl.String})

OPEN = pl.Schema({"id": pl.Int64, "fingerprint": pl.Binary})

VERSIONS = pl.Schema({"entity_id": pl.String, "version": pl.Int64, "live": pl.Boolean})


def known_records(connection: dbapi.Connection, ids: pl.Series, contract: str) -> pl.DataFrame:
    """What is settled under these record ids (schema KNOWN); `contract`: the one that holds."""
    if not ids.len():
        return pl.DataFrame(schema=KNOWN)
    found = read(
        connection,
        "SELECT id, content_hash AS known_hash, ordering AS known_ordering, contract = $2 AS known_current, "
        "entity_id AS known_entity, withdrawn AS known_withdrawn FROM record WHERE id = ANY($1)",
        ids,
        contract,
    )
    return found.cast(KNOWN)


def newest_change(connection: dbapi.Connection, library: str) -> int:
    """The library's newest change; every write to a record of it makes a newer one."""
    found = read(connection, "SELECT last_seq FROM library WHERE name = $1", library)
    return int(found["last_seq"][0]) if found.height else -1


def met_rows(connection: dbapi.Connection, batch: int, skip: Sequence[str]) -> tuple[pl.DataFrame, list[str]]:
    """Key and content (schema MET) of rows that pages of this batch brought, `skip` naming pages read before."""
    pages = read(
        connection,
        "SELECT partition || '/' || number AS page, record_ids, hashes, dispositions FROM page "
        "WHERE batch_id = $1 AND NOT partition || '/' || number = ANY($2::text[])",
        batch,
        pl.Series(skip, dtype=pl.String),
    )
    frames = [_met(*row) for row in pages.select("record_ids", "hashes", "dispositions").iter_rows()]
    return pl.concat([pl.DataFrame(schema=MET), *frames]), pages["page"].to_list()


def _met(record_ids: bytes, hashes: bytes, dispositions: bytes) -> pl.DataFrame:
    """Refused rows count as not met: the same row is refused again, not a duplicate."""
    return _booked(record_ids, hashes, dispositions).filter(~pl.col("refused")).select(list(MET))


def _booked(record_ids: bytes, hashes: bytes, dispositions: bytes) -> pl.DataFrame:
    """The rows of a settled page (schema JUDGED)."""
    ids, contents, found = cells(record_ids, HASH_BYTES), cells(hashes, HASH_BYTES), cells(dispositions, 1)
    told = pl.DataFrame({"id": ids, "content_hash": contents, "disposition": found})
    return told.select("id", "content_hash", refused=pl.col("disposition") == pl.lit(bytes([QUARANTINED])))


def judged_before(connection: dbapi.Connection, feed: str, contract: str, page: tuple[str, int]) -> pl.DataFrame:
    """What the same page (partition, number) of the feed's last run that brought anything under this contract held (schema
    JUDGED): of the same partition, else of the same file with another digest, else of any; nothing where there was none."""
    sql = (
        "SELECT record_ids, hashes, dispositions FROM page WHERE number = $4 AND batch_id = ("
        "SELECT max(b.id) FROM batch b JOIN feed f ON f.id = b.feed_id "
        "WHERE f.name = $1 AND b.contract = $2 AND b.state = 'closed' AND b.pulled > 0) "
        "ORDER BY partition = $3 DESC, split_part(partition, '#', 1) = split_part($3, '#', 1) DESC, partition LIMIT 1"
    )
    found = read(connection, sql, feed, contract, *page)
    return _booked(*found.row(0)) if found.height else pl.DataFrame(schema=JUDGED)


def refusals(connection: dbapi.Connection, feed: str, contract: str, fingerprints: pl.Series) -> pl.DataFrame:
    """Why these rows are in quarantine (schema REFUSALS): entries that are open and were made under this contract."""
    sql = (
        "SELECT q.fingerprint, q.reasons FROM quarantine q JOIN feed f ON f.id = q.feed_id "
        "WHERE f.name = $1 AND q.state = 'open' AND q.contract = $2 AND q.fingerprint = ANY($3)"
    )
    return read(connection, sql, feed, contract, fingerprints).cast(REFUSALS)


def held_links(connection: dbapi.Connection, keys: pl.Series) -> pl.DataFrame:
    """Which of these link keys entities already hold (schema HELD)."""
    if not keys.len():
        return pl.DataFrame(schema=HELD)
    # Not a join: on a page of unknown identifiers it would be planned as a scan of all entities.
    sql = (
        "SELECT kind, key, entity_id, (SELECT strong FROM entity e WHERE e.id = k.entity_id) AS strong "
        "FROM link_key k WHERE key = ANY($1)"
    )
    return read(connection, sql, keys.unique()).cast(HELD)


def live_records(connection: dbapi.Connection, entities: pl.Series) -> pl.DataFrame:
    """The live records of these entities (schema OTHERS)."""
    if not entities.len():
        return pl.DataFrame(schema=OTHERS)
    sql = (
        "SELECT r.id, r.entity_id, f.name AS feed, f.agency, r.ordering, r.unsealed, r.sealed, r.name_key "
        "FROM record r JOIN feed f ON f.id = r.feed_id WHERE r.entity_id = ANY($1) AND NOT r.withdrawn"
    )
    return read(connection, sql, entities).cast(OTHERS)


def versions(connection: dbapi.Connection, entities: pl.Series) -> pl.DataFrame:
    """Version and life of these entities (schema VERSIONS)."""
    if not entities.len():
        return pl.DataFrame(schema=VERSIONS)
    sql = "SELECT id AS entity_id, version, live FROM entity WHERE id = ANY($1)"
    return read(connection, sql, entities).cast(VERSIONS)


def open_refusals(connection: dbapi.Connection, feed: int, fingerprints: pl.Series) -> pl.DataFrame:
    """Those of these fingerprints that have an open quarantine entry, and its id (schema OPEN); locked, so it stays open."""
    sql = "SELECT id, fingerprint FROM quarantine WHERE feed_id = $1 AND state = 'open' AND fingerprint = ANY($2) FOR UPDATE"
    return read(connection, sql, feed, fingerprints).cast(OPEN)
