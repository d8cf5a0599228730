"""The machine's own legs: what reading, sealing, storing and sending the same rows costs with nothing of the hub around.

Each leg does one thing the first load can't do without, in the plainest fast way, one after the other; their sum is the
`limit` that the first load is held against. Only the thing itself is under the clock, not what gets its input ready.
More than `ROWS_MAX` rows are measured on the first `ROWS_MAX` of them and multiplied up, so memory stays bounded.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

import polars as pl
from confluent_kafka import Producer

from exchange.core.seal import Place, derive, seal_column
from exchange.edge.broker.address import Broker, client_options
from exchange.edge.broker.topics import ensure_topics
from exchange.edge.store.frames import append, connect, run

ROWS_MAX = 1_000_000
PAGE_ROWS = 25_000
"""Rows sealed under one data key, and rows in one COPY: a page of the hub."""
TRANSACTION_ROWS = 50_000
MESSAGE_BYTES = 600
SEALED = ("legal_rep", "legal_rep_id", "phone", "address")
PLACE = Place("legal_person", "bench", 1)
_SECONDS = 60.0


@dataclass(frozen=True)
class Course:
    """What the legs run over: the first `rows` rows of the file, the scratch database (its URL holds a password) and
    the scratch topics."""

    file: Path
    rows: int
    database_url: str = field(repr=False)
    broker: Broker


def read(course: Course) -> float:
    """Seconds in which polars reads the CSV as text."""
    begun = perf_counter()
    _rows(course)
    return perf_counter() - begun


def seal(course: Course) -> float:
    """Seconds in which one core seals the sealed values of each row, about 170 bytes, by SM4-CTR with HMAC-SM3."""
    seconds, secret = 0.0, os.urandom(32)
    for number, page in enumerate(_pages(_rows(course), PAGE_ROWS), 1):
        blobs = page.select(pl.struct(SEALED).struct.json_encode().cast(pl.Binary)).to_series().to_list()
        ids, nonces = [os.urandom(16) for _ in blobs], os.urandom(16 * len(blobs))
        begun = perf_counter()
        seal_column(derive(secret, b"bench---", number), blobs, ids, PLACE, nonces)
        seconds += perf_counter() - begun
    return seconds


def copy(course: Course) -> float:
    """Seconds in which binary COPY brings the rows, sorted by their key, into a plain table with a primary key."""
    rows = _rows(course).with_row_index("line").with_columns(pl.col("line").cast(pl.Int64)).sort("uscc", "line")
    columns = ", ".join(f"{name} {'bigint' if name == 'line' else 'text'}" for name in rows.columns)
    with closing(connect(course.database_url)) as connection:
        run(connection, f"CREATE TABLE bench_leg ({columns}, PRIMARY KEY (uscc, line))")
        connection.commit()
        begun = perf_counter()
        for page in _pages(rows, PAGE_ROWS):
            append(connection, "bench_leg", page)
        connection.commit()
        seconds = perf_counter() - begun
        run(connection, "DROP TABLE bench_leg")
        connection.commit()
    return seconds


def kafka(course: Course) -> float:
    """Seconds in which a message of 600 bytes a row is produced in transactions, lz4, with the publisher's settings."""
    topic = f"{course.broker.prefix}.leg"
    ensure_topics(course.broker, [topic])
    options = {"transactional.id": topic, "acks": "all", "compression.type": "lz4", "linger.ms": 20, "log_level": 3}
    queue = {"batch.num.messages": 50_000, "queue.buffering.max.messages": 200_000, "partitioner": "murmur2_random"}
    producer = Producer({**client_options(course.broker), **options, **queue})
    producer.init_transactions(_SECONDS)
    seconds = 0.0
    for page in _pages(_rows(course), TRANSACTION_ROWS):
        messages = _messages(page)
        begun = perf_counter()
        producer.begin_transaction()
        for key, value in messages:
            producer.produce(topic, value, key)
        producer.flush(_SECONDS)
        producer.commit_transaction(_SECONDS)
        seconds += perf_counter() - begun
    return seconds


LEGS: Mapping[str, Callable[[Course], float]] = {"read": read, "seal": seal, "copy": copy, "kafka": kafka}


def _rows(course: Course) -> pl.DataFrame:
    return pl.read_csv(course.file, n_rows=course.rows, infer_schema=False)


def _pages(rows: pl.DataFrame, height: int) -> Iterator[pl.DataFrame]:
    return (rows.slice(start, height) for start in range(0, rows.height, height))


def _messages(page: pl.DataFrame) -> list[tuple[str, bytes]]:
    """Key and value a row: its public columns as JSON, and random text in the place of envelopes up to 600 bytes."""
    values = page.select(pl.struct(pl.exclude(SEALED)).struct.json_encode()).to_series().to_list()
    sealed = base64.b64encode(os.urandom(MESSAGE_BYTES * len(values)))
    fillers = (sealed[start : start + MESSAGE_BYTES] for start in range(0, len(sealed), MESSAGE_BYTES))
    messages = ((value.encode() + filler)[:MESSAGE_BYTES] for value, filler in zip(values, fillers, strict=False))
    return list(zip(page["uscc"], messages, strict=True))
