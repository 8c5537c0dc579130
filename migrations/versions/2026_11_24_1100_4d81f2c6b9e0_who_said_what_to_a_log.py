"""What is said to a line of the training log stays beside it, with who said it and when.

Revision ID: 4d81f2c6b9e0
Revises: a3f58c1e7d90
"""

import sqlalchemy as sa
from alembic import op

revision = "4d81f2c6b9e0"
down_revision = "a3f58c1e7d90"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("training_log") as batch:
        batch.add_column(sa.Column("remarked_by_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("remarked_at", sa.DateTime(timezone=True), nullable=True))
        batch.create_foreign_key(
            batch.f("fk_training_log_remarked_by_id"), "account", ["remarked_by_id"], ["id"]
        )
    # Until now a remark stood only while its line waited to be mended.
    op.execute("UPDATE training_log SET remarked_at = written_at WHERE remark <> ''")
    with op.batch_alter_table("training_log") as batch:
        batch.create_check_constraint(
            batch.f("ck_training_log_remarked"), "(length(remark) = 0) = (remarked_at IS NULL)"
        )


def downgrade() -> None:
    # What was said with a confirmation, or before a line was mended, had no place then.
    op.execute(
        "UPDATE training_log SET remark = '' WHERE confirmed_at IS NOT NULL OR remarked_at < written_at"
    )
    with op.batch_alter_table("training_log") as batch:
        batch.drop_constraint(batch.f("ck_training_log_remarked"), type_="check")
        batch.drop_constraint(batch.f("fk_training_log_remarked_by_id"), type_="foreignkey")
        batch.drop_column("remarked_at")
        batch.drop_column("remarked_by_id")
