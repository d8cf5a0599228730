"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "audit",
        sa.Column("library_id", sa.SmallInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False, comment="canonical JSON: ids and counts only"),
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="SM3(digest before, at, actor, act, detail)"),
        sa.PrimaryKeyConstraint("library_id", "seq", name=op.f("pk_audit")),
    )
    op.create_table(
        "change",
        sa.Column("library_id", sa.SmallInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("entity_id", sa.String(length=20), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("library_id", "seq", name=op.f("pk_change")),
    )
    op.create_table(
        "entity",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("library_id", sa.SmallInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entity")),
    )
    op.create_table(
        "golden_legal_person",
        sa.Column("entity_id", sa.String(length=20), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("uscc", sa.Text(), nullable=True, comment="统一社会信用代码"),
        sa.Column("org_code", sa.Text(), nullable=True, comment="组织机构代码"),
        sa.Column("reg_no", sa.Text(), nullable=True, comment="登记注册号"),
        sa.Column("customs_code", sa.Text(), nullable=True, comment="海关注册编码"),
        sa.Column("name", sa.Text(), nullable=True, comment="名称"),
        sa.Column("name_en", sa.Text(), nullable=True, comment="英文名称"),
        sa.Column("short_name", sa.Text(), nullable=True, comment="简称"),
        sa.Column("entity_type", sa.Text(), nullable=True, comment="主体类型"),
        sa.Column("market_entity_type", sa.Text(), nullable=True, comment="市场主体类型"),
        sa.Column("status", sa.Text(), nullable=True, comment="存续状态"),
        sa.Column("established_on", sa.Date(), nullable=True, comment="成立日期"),
        sa.Column("approved_on", sa.Date(), nullable=True, comment="核准日期"),
        sa.Column("term_from", sa.Date(), nullable=True, comment="经营期限自"),
        sa.Column("term_to", sa.Date(), nullable=True, comment="经营期限至"),
        sa.Column("domicile", sa.Text(), nullable=True, comment="住所"),
        sa.Column("domicile_province", sa.Text(), nullable=True, comment="住所省份"),
        sa.Column("domicile_city", sa.Text(), nullable=True, comment="住所地市"),
        sa.Column("postal_code", sa.Text(), nullable=True, comment="邮政编码"),
        sa.Column("reg_authority", sa.Text(), nullable=True, comment="登记管理机关"),
        sa.Column("competent_authority", sa.Text(), nullable=True, comment="业务主管机关"),
        sa.Column("business_scope", sa.Text(), nullable=True, comment="经营范围"),
        sa.Column("reg_capital", sa.Numeric(precision=24, scale=6), nullable=True, comment="注册资本（万元）"),
        sa.Column("currency", sa.Text(), nullable=True, comment="币种"),
        sa.Column("industry_section", sa.Text(), nullable=True, comment="行业门类"),
        sa.Column("industry_code", sa.Text(), nullable=True, comment="行业代码"),
        sa.Column("industry_edition", sa.Text(), nullable=True, comment="行业分类版本"),
        sa.Column("customs_office", sa.Text(), nullable=True, comment="注册海关"),
        sa.Column("customs_registered_on", sa.Date(), nullable=True, comment="海关注册日期"),
        sa.Column("customs_valid_to", sa.Date(), nullable=True, comment="报关有效期"),
        sa.Column("customs_category", sa.Text(), nullable=True, comment="海关经营类别"),
        sa.Column("customs_cancelled", sa.Text(), nullable=True, comment="海关注销标志"),
        sa.Column("representative", sa.LargeBinary(), nullable=True, comment="envelope"),
        sa.Column(
            "representative_record", sa.LargeBinary(), nullable=True, comment="id of the record the envelope came from"
        ),
        sa.Column("contact", sa.LargeBinary(), nullable=True, comment="envelope"),
        sa.Column("contact_record", sa.LargeBinary(), nullable=True, comment="id of the record the envelope came from"),
        sa.Column("sources", sa.Text(), nullable=False, comment="JSON [[agency, feed, time], …]"),
        sa.PrimaryKeyConstraint("entity_id", name=op.f("pk_golden_legal_person")),
    )
    op.create_table(
        "golden_person",
        sa.Column("entity_id", sa.String(length=20), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("division", sa.Text(), nullable=True, comment="登记地行政区划"),
        sa.Column("identity", sa.LargeBinary(), nullable=True, comment="envelope"),
        sa.Column(
            "identity_record", sa.LargeBinary(), nullable=True, comment="id of the record the envelope came from"
        ),
        sa.Column("residence", sa.LargeBinary(), nullable=True, comment="envelope"),
        sa.Column(
            "residence_record", sa.LargeBinary(), nullable=True, comment="id of the record the envelope came from"
        ),
        sa.Column("status", sa.LargeBinary(), nullable=True, comment="envelope"),
        sa.Column("status_record", sa.LargeBinary(), nullable=True, comment="id of the record the envelope came from"),
        sa.Column("sources", sa.Text(), nullable=False, comment="JSON [[agency, feed, time], …]"),
        sa.PrimaryKeyConstraint("entity_id", name=op.f("pk_golden_person")),
    )
    op.create_table(
        "library",
        sa.Column("id", sa.SmallInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("incarnation", sa.Text(), nullable=False, comment="new after a restore; part of ce_source and ce_id"),
        sa.Column("last_seq", sa.BigInteger(), server_default="0", nullable=False, comment="seq of the newest change"),
        sa.Column(
            "digest", sa.LargeBinary(), nullable=False, comment="digest of the newest settled page: the chain's head"
        ),
        sa.Column("entities", sa.BigInteger(), server_default="0", nullable=False, comment="live entities"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_library")),
        sa.UniqueConstraint("name", name=op.f("uq_library_name")),
    )
    op.create_table(
        "link_conflict",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("library_id", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("record_id", sa.LargeBinary(), nullable=False, comment="the record that was not joined"),
        sa.Column("entity_id", sa.String(length=20), nullable=False, comment="its own entity"),
        sa.Column("held_by", sa.String(length=20), nullable=False, comment="the entity that holds the identifier"),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_conflict")),
    )
    op.create_table(
        "link_key",
        sa.Column("library_id", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column(
            "key", sa.LargeBinary(), nullable=False, comment="HMAC-SM3(library, kind, normalised identifier), 16 bytes"
        ),
        sa.Column("entity_id", sa.String(length=20), nullable=False),
        sa.Column(
            "strong",
            sa.LargeBinary(),
            nullable=True,
            comment="a strongest identifier of that entity; null while none was known",
        ),
        sa.PrimaryKeyConstraint("library_id", "kind", "key", name=op.f("pk_link_key")),
    )
    op.create_index("ix_link_key_entity_id", "link_key", ["entity_id"], unique=False)
    op.create_table(
        "period_secret",
        sa.Column("key_id", sa.LargeBinary(), nullable=False),
        sa.Column("library", sa.Text(), nullable=False),
        sa.Column("field_group", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), server_default=sa.text("'hub'"), nullable=False),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.Column("suite", sa.SmallInteger(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("next_n", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_period_secret")),
        sa.UniqueConstraint("library", "field_group", "audience", "period", name="period_secret_place"),
    )
    op.create_index(
        "period_secret_open",
        "period_secret",
        ["library", "field_group", "audience"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "quarantine",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("library_id", sa.SmallInteger(), nullable=False),
        sa.Column("feed_id", sa.SmallInteger(), nullable=False),
        sa.Column(
            "fingerprint",
            sa.LargeBinary(),
            nullable=False,
            comment="keyed hash of the raw row: the same row reuses its entry",
        ),
        sa.Column("record_id", sa.LargeBinary(), nullable=True, comment="null where the row had no readable key"),
        sa.Column("reasons", sa.Text(), nullable=False, comment="JSON [[column, rule], …]; never a value"),
        sa.Column("envelope", sa.LargeBinary(), nullable=False, comment="the sealed raw row"),
        sa.Column("contract", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), server_default="open", nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False, comment="first refused in"),
        sa.Column("partition", sa.Text(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("last_batch_id", sa.BigInteger(), nullable=False),
        sa.Column("times", sa.Integer(), server_default="1", nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantine")),
    )
    op.create_index(
        "uq_quarantine_open",
        "quarantine",
        ["feed_id", "fingerprint"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "record",
        sa.Column("id", sa.LargeBinary(), nullable=False, comment="HMAC-SM3(feed, source key), 16 bytes"),
        sa.Column("feed_id", sa.SmallInteger(), nullable=False),
        sa.Column("entity_id", sa.String(length=20), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("ordering", sa.BigInteger(), nullable=False),
        sa.Column("contract", sa.Text(), nullable=False),
        sa.Column("unsealed", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("filled", sa.BigInteger(), nullable=False),
        sa.Column("name_key", sa.LargeBinary(), nullable=True),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("flags", sa.Text(), nullable=True),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record")),
    )
    op.create_index("ix_record_entity_id", "record", ["entity_id"], unique=False)
    op.create_table(
        "record_history",
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("feed_id", sa.SmallInteger(), nullable=False),
        sa.Column("entity_id", sa.String(length=20), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("ordering", sa.BigInteger(), nullable=False),
        sa.Column("contract", sa.Text(), nullable=False),
        sa.Column("unsealed", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("filled", sa.BigInteger(), nullable=False),
        sa.Column("name_key", sa.LargeBinary(), nullable=True),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("flags", sa.Text(), nullable=True),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("superseded_by_batch", sa.BigInteger(), nullable=False),
        postgresql_partition_by="RANGE (superseded_at)",
    )
    op.create_index("ix_record_history_id", "record_history", ["id"], unique=False)
    op.create_table(
        "feed",
        sa.Column("id", sa.SmallInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("library_id", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["library_id"], ["library.id"], name=op.f("fk_feed_library_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed")),
        sa.UniqueConstraint("name", name=op.f("uq_feed_name")),
    )
    op.create_table(
        "batch",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("feed_id", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.String(length=8), server_default="open", nullable=False),
        sa.Column("contract", sa.Text(), nullable=False, comment="digest of connector and schema"),
        sa.Column("opened_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "stopped_because", sa.Text(), nullable=True, comment="code of the error that stopped it; never a value"
        ),
        sa.Column("pulled", sa.BigInteger(), nullable=True),
        sa.Column("new", sa.BigInteger(), nullable=True),
        sa.Column("changed", sa.BigInteger(), nullable=True),
        sa.Column("unchanged", sa.BigInteger(), nullable=True),
        sa.Column("duplicate", sa.BigInteger(), nullable=True),
        sa.Column("superseded", sa.BigInteger(), nullable=True),
        sa.Column("quarantined", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state = 'open' OR (pulled = new + changed + unchanged + duplicate + superseded + quarantined) IS TRUE",
            name="conservation",
        ),
        sa.CheckConstraint("state IN ('open', 'closed', 'stopped')", name="state"),
        sa.ForeignKeyConstraint(["feed_id"], ["feed.id"], name=op.f("fk_batch_feed_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
    )
    op.create_index("uq_batch_open_feed", "batch", ["feed_id"], unique=True, postgresql_where=sa.text("state = 'open'"))
    op.create_table(
        "page",
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("partition", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("feed_id", sa.SmallInteger(), nullable=False),
        sa.Column("library_id", sa.SmallInteger(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("pulled", sa.BigInteger(), nullable=False),
        sa.Column("new", sa.BigInteger(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("unchanged", sa.BigInteger(), nullable=False),
        sa.Column("duplicate", sa.BigInteger(), nullable=False),
        sa.Column("superseded", sa.BigInteger(), nullable=False),
        sa.Column("quarantined", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn", sa.BigInteger(), nullable=False),
        sa.Column("dispositions", sa.LargeBinary(), nullable=False, comment="one byte a row: index into DISPOSITIONS"),
        sa.Column(
            "record_ids",
            sa.LargeBinary(),
            nullable=False,
            comment="16 bytes a row: the record's id; zeros for a row without key",
        ),
        sa.Column(
            "hashes", sa.LargeBinary(), nullable=False, comment="16 bytes a row: keyed hash of the row's content"
        ),
        sa.Column("last_seq", sa.BigInteger(), nullable=False, comment="the library's newest change after this page"),
        sa.Column(
            "digest", sa.LargeBinary(), nullable=False, comment="SM3 over the digest before and this page's facts"
        ),
        sa.CheckConstraint(
            "pulled = new + changed + unchanged + duplicate + superseded + quarantined", name="conservation"
        ),
        sa.CheckConstraint("pulled = octet_length(dispositions)", name="one_byte_a_row"),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_page_batch_id")),
        sa.PrimaryKeyConstraint("batch_id", "partition", "number", name=op.f("pk_page")),
    )
    op.create_index("ix_page_library_id_last_seq", "page", ["library_id", "last_seq"], unique=False)
    op.create_table(
        "partition",
        sa.Column("feed_id", sa.SmallInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False, comment="file and its digest, or the key range"),
        sa.Column("batch_id", sa.BigInteger(), nullable=False, comment="the batch that works or worked on it"),
        sa.Column(
            "epoch",
            sa.BigInteger(),
            server_default="1",
            nullable=False,
            comment="each try raises it; settle needs its own",
        ),
        sa.Column("cursor", sa.LargeBinary(), nullable=True, comment="envelope: where the next page begins"),
        sa.Column("pages", sa.Integer(), server_default="0", nullable=False, comment="pages of this batch settled"),
        sa.Column("done", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_partition_batch_id")),
        sa.ForeignKeyConstraint(["feed_id"], ["feed.id"], name=op.f("fk_partition_feed_id")),
        sa.PrimaryKeyConstraint("feed_id", "name", name=op.f("pk_partition")),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("partition")
    op.drop_index("ix_page_library_id_last_seq", table_name="page")
    op.drop_table("page")
    op.drop_index("uq_batch_open_feed", table_name="batch", postgresql_where=sa.text("state = 'open'"))
    op.drop_table("batch")
    op.drop_table("feed")
    op.drop_index("ix_record_history_id", table_name="record_history")
    op.drop_table("record_history")
    op.drop_index("ix_record_entity_id", table_name="record")
    op.drop_table("record")
    op.drop_index("uq_quarantine_open", table_name="quarantine", postgresql_where=sa.text("state = 'open'"))
    op.drop_table("quarantine")
    op.drop_index("period_secret_open", table_name="period_secret", postgresql_where=sa.text("closed_at IS NULL"))
    op.drop_table("period_secret")
    op.drop_index("ix_link_key_entity_id", table_name="link_key")
    op.drop_table("link_key")
    op.drop_table("link_conflict")
    op.drop_table("library")
    op.drop_table("golden_person")
    op.drop_table("golden_legal_person")
    op.drop_table("entity")
    op.drop_table("change")
    op.drop_table("audit")
