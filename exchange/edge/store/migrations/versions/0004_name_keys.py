"""No keyed name of a person stands alone: how often each comes would tell which it is."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply. A record has a key again when it is next prepared; until then its name is not compared."""
    for table in ("record", "record_history"):
        op.execute(
            f"UPDATE {table} SET name_key = NULL FROM feed JOIN library ON library.id = feed.library_id "
            f"WHERE feed.id = {table}.feed_id AND library.name = 'person' AND name_key IS NOT NULL"
        )


def downgrade() -> None:
    """Take back: nothing, since null was always allowed."""
