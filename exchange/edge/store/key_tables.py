"""The table of period secrets: only wrapped secrets rest in the database."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)


def define(metadata: MetaData) -> Table:
    """Add the table `period_secret` to `metadata`.

    One row per (library, field group, audience, period); the open one (`closed_at` null) seals. `wrapped` is the secret
    sealed by the key provider, `next_n` the number of the next data key that nobody has yet. A place has one
    open period at most: callers who find none at the same time can't open two.
    """
    table = Table(
        "period_secret",
        metadata,
        Column("key_id", LargeBinary, CheckConstraint("octet_length(key_id) = 8"), primary_key=True),
        Column("library", Text, nullable=False),
        Column("field_group", Text, nullable=False),
        Column("audience", Text, nullable=False, server_default=text("'hub'")),
        Column("period", Integer, CheckConstraint("period >= 1"), nullable=False),
        Column("suite", SmallInteger, nullable=False),
        Column("wrapped", LargeBinary, nullable=False),
        Column("next_n", BigInteger, CheckConstraint("next_n >= 1"), nullable=False, server_default=text("1")),
        Column("opened_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        Column("closed_at", DateTime(timezone=True)),
        UniqueConstraint("library", "field_group", "audience", "period", name="period_secret_place"),
    )
    Index(
        "period_secret_open",
        table.c.library,
        table.c.field_group,
        table.c.audience,
        unique=True,
        postgresql_where=table.c.closed_at.is_(None),
    )
    return table
