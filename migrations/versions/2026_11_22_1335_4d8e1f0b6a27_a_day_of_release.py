"""a day of release

Revision ID: 4d8e1f0b6a27
Revises: 5b7e2d90c1fa
"""

import sqlalchemy as sa
from alembic import op

revision = "4d8e1f0b6a27"
down_revision = "5b7e2d90c1fa"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("exam") as batch:
        batch.add_column(sa.Column("release_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("release_set_by_id", sa.Integer(), nullable=True))
        batch.create_index(op.f("ix_exam_release_at"), ["release_at"])
        batch.create_foreign_key(
            op.f("fk_exam_release_set_by_id"), "account", ["release_set_by_id"], ["id"]
        )
        batch.create_check_constraint(
            op.f("ck_exam_release_set"), "release_at IS NULL OR release_set_by_id IS NOT NULL"
        )


def downgrade() -> None:
    with op.batch_alter_table("exam") as batch:
        batch.drop_constraint(op.f("ck_exam_release_set"), type_="check")
        batch.drop_constraint(op.f("fk_exam_release_set_by_id"), type_="foreignkey")
        batch.drop_index(op.f("ix_exam_release_at"))
        batch.drop_column("release_set_by_id")
        batch.drop_column("release_at")
