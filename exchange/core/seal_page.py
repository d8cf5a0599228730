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
ORIGINALS = "originals"
"""Place of what the hub keeps of an agency's own words, beside the field groups; under the key of the quarantine."""
REFUSED = pl.Schema({"row": pl.UInt32, "fingerprint": pl.Binary, "envelope": pl.Binary})
_FINGERPRINTS = pl.Schema({"row": pl.UInt32, "fingerprint": pl.Binary})


def seal_groups(
    records: pl.DataFrame, library: str, keys: PageKeys, random: bytes, random_originals: bytes
) -> pl.DataFrame:
    """The records without their sealed columns: an envelope per group instead, `unsealed` (JSON of the other columns, with
    `written`), `sealed` (bundle of the envelopes, that of the originals among them) and `filled` (bitmap of filled columns,
    first column = lowest bit). `records` has the columns of `originals.KEPT`."""
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
    bundled = {**envelopes, ORIGINALS: _seal_originals(records, library, keys, random_originals)}
    # A column without any value says nothing and is left out: pages cross process boundaries.
    public = [name for name in facts.public(library) if records[name].null_count() < records.height]
    bits = (pl.col(fact.name).is_not_null().cast(pl.Int64) * (1 << place) for place, fact in enumerate(columns))
    return records.select(
        "row",
        "id",
        *public,
        _with_words(object_texts(records, facts.unsealed(library)), records["written"]).alias("unsealed"),
        *(pl.Series(group, column, dtype=pl.Binary) for group, column in envelopes.items()),
        pl.Series("sealed", pack(bundled), dtype=pl.Binary),
        pl.sum_horizontal(bits).alias("filled"),
    )


def _with_words(texts: pl.Series, written: pl.Series) -> pl.Series:
    """The JSON objects with a last member `written`, where there is one (no column has that name)."""
    if written.null_count() == len(written):
        return texts
    comma = pl.when(pl.col("texts") == "{}").then(pl.lit("")).otherwise(pl.lit(","))
    words = pl.concat_str(pl.col("texts").str.head(-1), comma, pl.lit('"written":'), "written", pl.lit("}"))
    both = pl.DataFrame({"texts": texts, "written": written})
    return both.select(pl.coalesce(words, "texts")).to_series()


def _seal_originals(records: pl.DataFrame, library: str, keys: PageKeys, random: bytes) -> list[bytes | None]:
    """An envelope for each record with originals; `random`: 16 bytes for each of these."""
    some = records.select("id", pl.col("originals").cast(pl.Binary)).with_row_index("at").drop_nulls("originals")
    envelopes: list[bytes | None] = [None] * records.height
    place = Place(library, ORIGINALS, MAJOR[library])
    sealed = seal_column(
        keys.quarantine, some["originals"].to_list(), some["id"].to_list(), place, random[: some.height * NONCE]
    )
    for at, envelope in zip(some["at"], sealed, strict=True):
        envelopes[at] = envelope
    return envelopes


def fingerprints(page: RawPage, some: pl.DataFrame, connector: Connector, keys: IndexKeys) -> pl.DataFrame:
    """What is the same when the same raw row comes again: row, fingerprint, of the rows that `some` names."""
    rows, plain = _raw(page, some)
    return pl.DataFrame({"row": rows, "fingerprint": _marks(plain, connector, keys)}, schema=_FINGERPRINTS)


def seal_refused(
    page: RawPage, refused: pl.DataFrame, connector: Connector, keys: PageKeys, random: bytes
) -> pl.DataFrame:
    """Raw rows that were refused (schema REFUSED): their fingerprint, and the row itself, sealed. `refused`: row."""
    rows, plain = _raw(page, refused)
    marks = _marks(plain, connector, keys.index)
    nonces = random[: len(plain) * NONCE]
    envelopes = seal_column(
        keys.quarantine, plain, marks, Place(connector.library, "quarantine", MAJOR[connector.library]), nonces
    )
    return pl.DataFrame({"row": rows, "fingerprint": marks, "envelope": envelopes}, schema=REFUSED)


def _raw(page: RawPage, some: pl.DataFrame) -> tuple[pl.Series, list[bytes]]:
    """Numbers and texts of the rows that `some` names: JSON in the agency's words, or the raw bytes of what is no row."""
    chosen = page.rows.with_row_index("row").join(some.select("row"), on="row", how="semi")
    texts = (
        chosen.select("row", text=pl.struct(page.rows.columns).struct.json_encode())
        if page.rows.width
        else chosen.select("row", text=pl.lit("{}"))
    )
    broken = page.broken.select("row", raw="raw").unique("row", keep="first")
    texts = texts.join(broken, on="row", how="left", maintain_order="left")
    return texts["row"], [
        text.encode() if raw is None else b'{"raw":"' + base64.b64encode(raw) + b'"}'
        for text, raw in texts.select("text", "raw").iter_rows()
    ]


def _marks(plain: list[bytes], connector: Connector, keys: IndexKeys) -> list[bytes]:
    return [mark for mark in keyed_column(keys.fingerprint, [connector.name.encode()], plain) if mark is not None]


def cursor_id(index: IndexKeys, feed: str, partition: str) -> bytes:
    """What a cursor's envelope is bound to."""
    return keyed_hash(index.record, b"cursor", feed.encode(), partition.encode())


def seal_cursor(cursor: str, library: str, record_id: bytes, keys: PageKeys, random: bytes) -> bytes:
    """A cursor may hold a citizen id, so it is stored as an envelope."""
    place = Place(library, "cursor", MAJOR[library])
    return seal(keys.cursor, cursor.encode(), aad(place, record_id, keys.cursor.key_id), random[:NONCE])
