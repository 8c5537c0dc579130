"""Drafts of the training log.

Revision ID: 9b3f6c1de805
Revises: 4d8e1f0b6a27
"""

import sqlalchemy as sa
from alembic import op

revision = "9b3f6c1de805"
down_revision = "4d8e1f0b6a27"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("candidate") as batch:
        batch.add_column(sa.Column("log_draft", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("candidate") as batch:
        batch.drop_column("log_draft")
