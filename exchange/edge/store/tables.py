"""The hub's tables, as SQLAlchemy Core. The one place where their columns are written; migrations are checked against it.

Words: a *batch* is one run of one feed; a *partition* a part of it known at opening, with its own cursor; a *page* what
one transaction settles. `record` holds the latest version per feed and source key, `record_history` the superseded
ones. `change` is a library's change log: gapless, in commit order. No column here holds plaintext of a sealed column.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
    func,
    text,
)

from exchange.edge.store.code_tables import define as define_codes
from exchange.edge.store.key_tables import define as define_period_secret

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

DISPOSITIONS = ("new", "changed", "unchanged", "duplicate", "superseded", "quarantined")
"""Each pulled row has exactly one (design §3); `page.dispositions` holds its index here, one byte a row."""

_SUM = " + ".join(DISPOSITIONS)


def _counts(nullable: bool = False) -> list[Column[int]]:
    return [Column(name, BigInteger, nullable=nullable) for name in ("pulled", *DISPOSITIONS, "withdrawn")]


library = Table(
    "library",
    metadata,
    Column("id", SmallInteger, Identity(), primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("incarnation", Text, nullable=False, comment="new after a restore; part of ce_source and ce_id"),
    Column("last_seq", BigInteger, nullable=False, server_default="0", comment="seq of the newest change"),
    Column("digest", LargeBinary, nullable=False, comment="digest of the newest settled page: the chain's head"),
    Column("entities", BigInteger, nullable=False, server_default="0", comment="live entities"),
)

feed = Table(
    "feed",
    metadata,
    Column("id", SmallInteger, Identity(), primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("agency", Text, nullable=False),
    Column("library_id", SmallInteger, ForeignKey("library.id"), nullable=False),
)

batch = Table(
    "batch",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("feed_id", SmallInteger, ForeignKey("feed.id"), nullable=False),
    Column("state", String(8), nullable=False, server_default="open"),
    Column("contract", Text, nullable=False, comment="digest of connector and schema"),
    Column("opened_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("closed_at", DateTime(timezone=True)),
    Column("stopped_because", Text, comment="code of the error that stopped it; never a value"),
    *_counts(nullable=True),
    CheckConstraint("state IN ('open', 'closed', 'stopped')", name="state"),
    CheckConstraint(f"state = 'open' OR (pulled = {_SUM}) IS TRUE", name="conservation"),
    Index("uq_batch_open_feed", "feed_id", unique=True, postgresql_where=text("state = 'open'")),
)

partition = Table(
    "partition",
    metadata,
    Column("feed_id", SmallInteger, ForeignKey("feed.id")),
    Column("name", Text, comment="file and its digest, or the key range"),
    Column(
        "batch_id", BigInteger, ForeignKey("batch.id"), nullable=False, comment="the batch that works or worked on it"
    ),
    Column("epoch", BigInteger, nullable=False, server_default="1", comment="each try raises it; settle needs its own"),
    Column("cursor", LargeBinary, comment="envelope: where the next page begins"),
    Column("pages", Integer, nullable=False, server_default="0", comment="pages of this batch settled"),
    Column("done", Boolean, nullable=False, server_default=text("false")),
    Column("claimed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    PrimaryKeyConstraint("feed_id", "name"),
)

page = Table(
    "page",
    metadata,
    Column("batch_id", BigInteger, ForeignKey("batch.id")),
    Column("partition", Text),
    Column("number", Integer),
    Column("feed_id", SmallInteger, nullable=False),
    Column("library_id", SmallInteger, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("settled_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    *_counts(),
    Column("dispositions", LargeBinary, nullable=False, comment="one byte a row: index into DISPOSITIONS"),
    Column(
        "record_ids",
        LargeBinary,
        nullable=False,
        comment="16 bytes a row: the record's id; zeros for a row without key",
    ),
    Column("hashes", LargeBinary, nullable=False, comment="16 bytes a row: keyed hash of the row's content"),
    Column("last_seq", BigInteger, nullable=False, comment="the library's newest change after this page"),
    Column("digest", LargeBinary, nullable=False, comment="SM3 over the digest before and this page's facts"),
    PrimaryKeyConstraint("batch_id", "partition", "number"),
    CheckConstraint(f"pulled = {_SUM}", name="conservation"),
    CheckConstraint("pulled = octet_length(dispositions)", name="one_byte_a_row"),
    Index("ix_page_library_id_last_seq", "library_id", "last_seq"),
)

_RECORD = (
    ("feed_id", SmallInteger, False),
    ("entity_id", String(20), False),
    ("content_hash", LargeBinary, False),
    ("ordering", BigInteger, False),
    ("contract", Text, False),
    ("unsealed", Text, False),
    ("sealed", LargeBinary, True),
    ("filled", BigInteger, False),
    ("name_key", LargeBinary, True),
    ("withdrawn", Boolean, False),
    ("flags", Text, True),
    ("batch_id", BigInteger, False),
)


def _record_columns() -> list[Column[object]]:
    return [Column(name, kind, nullable=nullable) for name, kind, nullable in _RECORD]


record = Table(
    "record",
    metadata,
    Column("id", LargeBinary, primary_key=True, comment="HMAC-SM3(feed, source key), 16 bytes"),
    *_record_columns(),
    Index("ix_record_entity_id", "entity_id"),
)

record_history = Table(
    "record_history",
    metadata,
    Column("id", LargeBinary, nullable=False),
    *_record_columns(),
    Column("superseded_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("superseded_by_batch", BigInteger, nullable=False),
    Index("ix_record_history_id", "id"),
    postgresql_partition_by="RANGE (superseded_at)",
)

entity = Table(
    "entity",
    metadata,
    Column("id", String(20), primary_key=True),
    Column("library_id", SmallInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("live", Boolean, nullable=False),
    Column("strong", LargeBinary, comment="link key of a strongest identifier of it; null while none was known"),
)

link_key = Table(
    "link_key",
    metadata,
    # Library and kind are in the hash, so it alone is the key: half as much index for each identifier.
    Column("key", LargeBinary, primary_key=True, comment="HMAC-SM3(library, kind, normalised identifier), 16 bytes"),
    Column("library_id", SmallInteger, nullable=False),
    Column("kind", String(12), nullable=False),
    Column("entity_id", String(20), nullable=False),
)

link_conflict = Table(
    "link_conflict",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("library_id", SmallInteger, nullable=False),
    Column("kind", String(12), nullable=False),
    Column("record_id", LargeBinary, nullable=False, comment="the record that was not joined"),
    Column("entity_id", String(20), nullable=False, comment="its own entity"),
    Column("held_by", String(20), nullable=False, comment="the entity that holds the identifier"),
    Column("rule", Text, nullable=False),
    Column("batch_id", BigInteger, nullable=False),
    Column("found_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

change = Table(
    "change",
    metadata,
    Column("library_id", SmallInteger),
    Column("seq", BigInteger),
    Column("entity_id", String(20), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("kind", String(10), nullable=False),
    PrimaryKeyConstraint("library_id", "seq"),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("library_id", SmallInteger, nullable=False),
    Column("feed_id", SmallInteger, nullable=False),
    Column(
        "fingerprint", LargeBinary, nullable=False, comment="keyed hash of the raw row: the same row reuses its entry"
    ),
    Column("record_id", LargeBinary, comment="null where the row had no readable key"),
    Column("reasons", Text, nullable=False, comment="JSON [[column, rule], …]; never a value"),
    Column("envelope", LargeBinary, nullable=False, comment="the sealed raw row"),
    Column("contract", Text, nullable=False),
    Column("state", String(10), nullable=False, server_default="open"),
    Column("batch_id", BigInteger, nullable=False, comment="first refused in"),
    Column("partition", Text, nullable=False),
    Column("page", Integer, nullable=False),
    Column("row", Integer, nullable=False),
    Column("last_batch_id", BigInteger, nullable=False),
    Column("times", Integer, nullable=False, server_default="1"),
    Column("last_times", Integer, nullable=False, server_default="1", comment="how often it came in last_batch_id"),
    Column("opened_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Index("uq_quarantine_open", "feed_id", "fingerprint", unique=True, postgresql_where=text("state = 'open'")),
)

audit = Table(
    "audit",
    metadata,
    Column("library_id", SmallInteger),
    Column("seq", BigInteger),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("actor", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("detail", Text, nullable=False, comment="canonical JSON: ids and counts only"),
    Column("digest", LargeBinary, nullable=False, comment="SM3(digest before, at, actor, act, detail)"),
    PrimaryKeyConstraint("library_id", "seq"),
)

period_secret = define_period_secret(metadata)
code_list, code = define_codes(metadata)
