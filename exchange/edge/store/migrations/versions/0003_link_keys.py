"""A link key is found by its hash alone; the strongest identifier is its entity's."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_STRONG = "link key of a strongest identifier of it; null while none was known"
_WEAK = "a strongest identifier of that entity; null while none was known"
_LEARNED = """
UPDATE entity SET strong = known.key
FROM (SELECT entity_id, min(key) AS key FROM link_key WHERE kind IN ('uscc', 'id_no') GROUP BY entity_id) AS known
WHERE entity.id = known.entity_id
"""


def upgrade() -> None:
    """Apply."""
    op.add_column("entity", sa.Column("strong", sa.LargeBinary(), nullable=True, comment=_STRONG))
    op.execute(_LEARNED)
    op.drop_index("ix_link_key_entity_id", table_name="link_key")
    op.drop_constraint("pk_link_key", "link_key")
    op.create_primary_key("pk_link_key", "link_key", ["key"])
    op.drop_column("link_key", "strong")


def downgrade() -> None:
    """Take back."""
    op.add_column("link_key", sa.Column("strong", sa.LargeBinary(), nullable=True, comment=_WEAK))
    op.execute("UPDATE link_key SET strong = entity.strong FROM entity WHERE entity.id = link_key.entity_id")
    op.drop_constraint("pk_link_key", "link_key")
    op.create_primary_key("pk_link_key", "link_key", ["library_id", "kind", "key"])
    op.create_index("ix_link_key_entity_id", "link_key", ["entity_id"])
    op.drop_column("entity", "strong")
