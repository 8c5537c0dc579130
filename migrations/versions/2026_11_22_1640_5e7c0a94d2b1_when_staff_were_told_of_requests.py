"""When staff were told of what holders ask for.

Revision ID: 5e7c0a94d2b1
Revises: 9b3f6c1de805
"""

import sqlalchemy as sa
from alembic import op

revision = "5e7c0a94d2b1"
down_revision = "9b3f6c1de805"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("certificate_request") as batch:
        batch.add_column(sa.Column("told_at", sa.DateTime(timezone=True), nullable=True))
        batch.create_index(batch.f("ix_certificate_request_told_at"), ["told_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("certificate_request") as batch:
        batch.drop_index(batch.f("ix_certificate_request_told_at"))
        batch.drop_column("told_at")
