"""Staff are told of what waits by the day: no request notes it, and what waits is found by its state.

Revision ID: a3f58c1e7d90
Revises: c19d4f07ab52
"""

import sqlalchemy as sa
from alembic import op

revision = "a3f58c1e7d90"
down_revision = "c19d4f07ab52"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("certificate_request") as batch:
        batch.drop_index(batch.f("ix_certificate_request_told_at"))
        batch.drop_column("told_at")
        batch.create_index(batch.f("ix_certificate_request_state"), ["state"], unique=False)
    with op.batch_alter_table("certificate_proposal") as batch:
        batch.create_index(batch.f("ix_certificate_proposal_state"), ["state"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("certificate_proposal") as batch:
        batch.drop_index(batch.f("ix_certificate_proposal_state"))
    with op.batch_alter_table("certificate_request") as batch:
        batch.drop_index(batch.f("ix_certificate_request_state"))
        batch.add_column(sa.Column("told_at", sa.DateTime(timezone=True), nullable=True))
        batch.create_index(batch.f("ix_certificate_request_told_at"), ["told_at"], unique=False)
