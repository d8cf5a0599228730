"""Sealing what a page brings: the field groups of its records, the raw rows it refused, the cursor it ends at."""

from __future__ import annotations

import base64

import polars as pl

from exchange.core.bundle import pack
from exchange.core.connector import Connector
from exchange.core.jsontext import object_texts
from exchange.core.keyed import IndexKeys, keyed_column, keyed_hash
from exchange.core.page import RawPage
from exchange.core.seal import PageKeys, Place, aad, seal, seal_column
from exchange.core.topics import MAJOR
from schemas import columns as facts

NONCE = 16
REFUSED = pl.Schema({"row": pl.UInt32, "fingerprint": pl.Binary, "envelope": pl.Binary})


def seal_groups(records: pl.DataFrame, library: str, keys: PageKeys, random: bytes) -> pl.DataFrame:
    """The records without their sealed columns: an envelope per group instead, `unsealed` (JSON of the other columns),
    `sealed` (bundle of the envelopes) and `filled` (bitmap of filled columns, first column = lowest bit)."""
    columns = facts.facts(library)
    ids = records["id"].to_list()
    envelopes: dict[str, list[bytes | None]] = {}
    for place, group in enumerate(facts.groups(library)):
        names = [fact.name for fact in columns if fact.group == group]
        texts = object_texts(records, names)
        plain = texts.to_frame("t").select(pl.when(pl.col("t") != "{}").then(pl.col("t").cast(pl.Binary))).to_series()
        start = place * records.height * NONCE
        nonces = random[start : start + records.height * NONCE]
        envelopes[group] = seal_column(
            keys.groups[group], plain.to_list(), ids, Place(library, group, MAJOR[library]), nonces
        )
    # A column without any value says nothing and is left out: pages cross process boundaries.
    public = [name for name in facts.public(library) if records[name].null_count() < records.height]
    bits = (pl.col(fact.name).is_not_null().cast(pl.Int64) * (1 << place) for place, fact in enumerate(columns))
    return records.select(
        "row",
        "id",
        *public,
        object_texts(records, facts.unsealed(library)).alias("unsealed"),
        *(pl.Series(group, column, dtype=pl.Binary) for group, column in envelopes.items()),
        pl.Series(
            "sealed",
            [pack(zip(envelopes, row, strict=True)) for row in zip(*envelopes.values(), strict=True)],
            dtype=pl.Binary,
        ),
        pl.sum_horizontal(bits).alias("filled"),
    )


def seal_refused(
    page: RawPage, refused: pl.DataFrame, connector: Connector, keys: PageKeys, random: bytes
) -> pl.DataFrame:
    """Raw rows that were refused (schema REFUSED): a fingerprint that is the same when the same row comes again, and
    the row itself, sealed. `refused`: row."""
    chosen = page.rows.with_row_index("row").join(refused.select("row"), on="row", how="semi")
    texts = (
        chosen.select("row", text=pl.struct(page.rows.columns).struct.json_encode())
        if page.rows.width
        else chosen.select("row", text=pl.lit("{}"))
    )
    broken = page.broken.select("row", raw="raw").unique("row", keep="first")
    texts = texts.join(broken, on="row", how="left", maintain_order="left")
    plain = [
        text.encode() if raw is None else b'{"raw":"' + base64.b64encode(raw) + b'"}'
        for text, raw in texts.select("text", "raw").iter_rows()
    ]
    fingerprints = [
        mark for mark in keyed_column(keys.index.fingerprint, [connector.name.encode()], plain) if mark is not None
    ]
    nonces = random[: len(plain) * NONCE]
    envelopes = seal_column(
        keys.quarantine, plain, fingerprints, Place(connector.library, "quarantine", MAJOR[connector.library]), nonces
    )
    return pl.DataFrame({"row": texts["row"], "fingerprint": fingerprints, "envelope": envelopes}, schema=REFUSED)


def cursor_id(index: IndexKeys, feed: str, partition: str) -> bytes:
    """What a cursor's envelope is bound to."""
    return keyed_hash(index.record, b"cursor", feed.encode(), partition.encode())


def seal_cursor(cursor: str, library: str, record_id: bytes, keys: PageKeys, random: bytes) -> bytes:
    """A cursor may hold a citizen id, so it is stored as an envelope."""
    place = Place(library, "cursor", MAJOR[library])
    return seal(keys.cursor, cursor.encode(), aad(place, record_id, keys.cursor.key_id), random[:NONCE])
