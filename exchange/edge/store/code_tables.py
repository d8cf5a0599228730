"""The tables of code lists that were loaded: public facts, not sealed."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    func,
)


def define(metadata: MetaData) -> tuple[Table, Table]:
    """Add the tables `code_list` (one row per edition of a list) and `code` (its entries in their order) to `metadata`."""
    lists = Table(
        "code_list",
        metadata,
        Column("name", Text, nullable=False),
        Column("edition", Text, nullable=False),
        Column("standard", Text, nullable=False),
        Column("valid_from", Date),
        Column("valid_to", Date),
        Column("source", Text, nullable=False),
        Column("licence", Text, nullable=False),
        Column("note", Text, nullable=False),
        Column("complete", Boolean, nullable=False),
        Column("entries", Integer, nullable=False),
        Column("digest", LargeBinary, nullable=False, comment="SHA-256 of the list's text form"),
        Column("loaded_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        PrimaryKeyConstraint("name", "edition"),
    )
    entries = Table(
        "code",
        metadata,
        Column("list", Text, nullable=False),
        Column("edition", Text, nullable=False),
        Column("place", Integer, nullable=False),
        Column("code", Text, nullable=False),
        Column("zh", Text, nullable=False),
        Column("en", Text, nullable=False),
        Column("valid_from", Date),
        Column("valid_to", Date),
        Column("parent", Text, nullable=False),
        Column("also", Text, nullable=False, comment="other words for it, | between them"),
        PrimaryKeyConstraint("list", "edition", "place"),
        ForeignKeyConstraint(["list", "edition"], ["code_list.name", "code_list.edition"], ondelete="CASCADE"),
        Index("ix_code_code", "list", "edition", "code"),
    )
    return lists, entries
