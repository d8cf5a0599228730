"""A library's golden table, generated from its schema: typed public columns, one envelope per sealed group."""

from __future__ import annotations

from typing import Any

import polars as pl
from sqlalchemy import BigInteger, Boolean, Column, Date, LargeBinary, MetaData, Numeric, String, Table, Text
from sqlalchemy.types import TypeEngine

from schemas import LIBRARIES
from schemas import columns as facts


def golden_name(library: str) -> str:
    """The name of a library's golden table."""
    return f"golden_{library}"


def define_golden(metadata: MetaData) -> dict[str, Table]:
    """The golden tables of all libraries."""
    return {library: _golden(library, metadata) for library in LIBRARIES}


def _golden(library: str, metadata: MetaData) -> Table:
    public = [
        Column(fact.name, _sql_type(fact.dtype), comment=fact.zh)
        for fact in facts.facts(library)
        if fact.level == "public"
    ]
    sealed: list[Column[bytes]] = []
    for group in facts.groups(library):
        sealed.append(Column(group, LargeBinary, comment="envelope"))
        sealed.append(Column(f"{group}_record", LargeBinary, comment="id of the record the envelope came from"))
    return Table(
        golden_name(library),
        metadata,
        Column("entity_id", String(20), primary_key=True),
        Column("version", BigInteger, nullable=False),
        *public,
        *sealed,
        Column("sources", Text, nullable=False, comment="JSON [[agency, feed, time], …]"),
    )


def _sql_type(dtype: pl.DataType) -> TypeEngine[Any]:
    if isinstance(dtype, pl.Decimal):
        return Numeric(dtype.precision, dtype.scale)
    kinds: dict[type[pl.DataType], TypeEngine[Any]] = {
        pl.String: Text(),
        pl.Date: Date(),
        pl.Boolean: Boolean(),
        pl.Int64: BigInteger(),
    }
    return kinds[dtype.base_type()]
