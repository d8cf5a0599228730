"""Code lists that a steward or an agency supplies."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "code_list",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("standard", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("licence", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="SHA-256 of the list's text form"),
        sa.Column("loaded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("name", "edition", name=op.f("pk_code_list")),
    )
    op.create_table(
        "code",
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("parent", sa.Text(), nullable=False),
        sa.Column("also", sa.Text(), nullable=False, comment="other words for it, | between them"),
        sa.ForeignKeyConstraint(
            ["list", "edition"], ["code_list.name", "code_list.edition"], name=op.f("fk_code_list"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("list", "edition", "place", name=op.f("pk_code")),
    )
    op.create_index("ix_code_code", "code", ["list", "edition", "code"], unique=False)


def downgrade() -> None:
    """Take back."""
    op.drop_index("ix_code_code", table_name="code")
    op.drop_table("code")
    op.drop_table("code_list")
