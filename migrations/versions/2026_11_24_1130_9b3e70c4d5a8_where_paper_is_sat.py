"""A session of an exam says when and where those who chose paper sit it.

Revision ID: 9b3e70c4d5a8
Revises: 4d81f2c6b9e0
"""

import sqlalchemy as sa
from alembic import op

revision = "9b3e70c4d5a8"
down_revision = "4d81f2c6b9e0"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Only who runs a session knows where those on paper come to: the rows there are say nothing.
    with op.batch_alter_table("exam") as batch:
        batch.add_column(sa.Column("paper_place", sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("exam") as batch:
        batch.alter_column("paper_place", existing_type=sa.String(), server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("exam") as batch:
        batch.drop_column("paper_place")
