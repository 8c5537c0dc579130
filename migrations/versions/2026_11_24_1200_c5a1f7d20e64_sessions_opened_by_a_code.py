"""A session knows whether a one-time code opened it: then the password until now need not be known.

Revision ID: c5a1f7d20e64
Revises: 9b3e70c4d5a8
"""

import sqlalchemy as sa
from alembic import op

revision = "c5a1f7d20e64"
down_revision = "9b3e70c4d5a8"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("sign_in") as batch:
        batch.add_column(sa.Column("by_code", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("sign_in") as batch:
        batch.alter_column("by_code", existing_type=sa.Boolean(), server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("sign_in") as batch:
        batch.drop_column("by_code")
