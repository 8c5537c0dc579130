"""when those who confirm were told of a proof

Revision ID: a1f0c6d2e7b3
Revises: 075706072ba8
"""

import sqlalchemy as sa
from alembic import op

revision = "a1f0c6d2e7b3"
down_revision = "075706072ba8"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("proof_review") as batch:
        batch.add_column(sa.Column("told_at", sa.DateTime(timezone=True), nullable=True))
    # Those that wait already were seen on the lists.
    op.execute("UPDATE proof_review SET told_at = sent_at")


def downgrade() -> None:
    with op.batch_alter_table("proof_review") as batch:
        batch.drop_column("told_at")
