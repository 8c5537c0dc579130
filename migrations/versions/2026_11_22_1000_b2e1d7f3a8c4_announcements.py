"""announcements

Revision ID: b2e1d7f3a8c4
Revises: a1f0c6d2e7b3
"""

import sqlalchemy as sa
from alembic import op

revision = "b2e1d7f3a8c4"
down_revision = "a1f0c6d2e7b3"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "announcement",
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("user_ids", sa.JSON(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease", sa.String(), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement")),
        sa.UniqueConstraint("cause", name=op.f("uq_announcement_cause")),
    )
    with op.batch_alter_table("announcement") as batch:
        batch.create_index(batch.f("ix_announcement_due_at"), ["due_at"], unique=False)


def downgrade() -> None:
    op.drop_table("announcement")
