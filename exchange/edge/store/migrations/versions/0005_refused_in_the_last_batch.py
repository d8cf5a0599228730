"""How often a refused row came in the last batch that refused it."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TOLD = "how often it came in last_batch_id"
_STILL_OPEN = """
UPDATE quarantine SET last_times = times
WHERE batch_id = last_batch_id AND batch_id IN (SELECT id FROM batch WHERE state = 'open')
"""


def upgrade() -> None:
    """Apply."""
    op.add_column(
        "quarantine", sa.Column("last_times", sa.Integer(), server_default="1", nullable=False, comment=_TOLD)
    )
    op.execute(_STILL_OPEN)


def downgrade() -> None:
    """Take back."""
    op.drop_column("quarantine", "last_times")
