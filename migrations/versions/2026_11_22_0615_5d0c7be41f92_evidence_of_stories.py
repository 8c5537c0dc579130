"""What was looked at before a story became public, and when the first look was.

Revision ID: 5d0c7be41f92
Revises: e0997120dd50
"""

import sqlalchemy as sa
from alembic import op

revision = "5d0c7be41f92"
down_revision = "e0997120dd50"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add three columns; there are no stories yet."""
    with op.batch_alter_table("story_facts") as batch_op:
        batch_op.add_column(sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("first_evidence", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("second_evidence", sa.String(), nullable=True))


def downgrade() -> None:
    """Drop the columns with what they say."""
    with op.batch_alter_table("story_facts") as batch_op:
        batch_op.drop_column("second_evidence")
        batch_op.drop_column("first_evidence")
        batch_op.drop_column("first_seen_at")
