"""The audit chain: every act leaves an entry in its own transaction, bound to the entry before (SM3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import polars as pl
from adbc_driver_postgresql import dbapi

from exchange.core.chain import BEGIN, canonical, link
from exchange.edge.store.frames import append, read

ACTOR = "hub"
"""Who acts where no person is logged in."""


def append_audit(connection: dbapi.Connection, library: int, act: str, detail: Mapping[str, object]) -> None:
    """Add an entry to a library's chain. The caller holds the library's row lock. `detail`: ids and counts only."""
    sql = "SELECT seq, digest FROM audit WHERE library_id = $1 ORDER BY seq DESC LIMIT 1"
    last = read(connection, sql, library)
    seq, before = (int(last["seq"][0]) + 1, bytes(last["digest"][0])) if last.height else (1, BEGIN)
    at = datetime.now(UTC)
    facts = {"seq": seq, "at": at.isoformat(), "actor": ACTOR, "act": act, "detail": canonical(detail)}
    entry = {
        "seq": seq,
        "at": at,
        "actor": ACTOR,
        "act": act,
        "detail": canonical(detail),
        "digest": link(before, facts),
    }
    frame = pl.DataFrame([entry]).with_columns(pl.lit(library, pl.Int16).alias("library_id"))
    append(connection, "audit", frame)
