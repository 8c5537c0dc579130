"""meetings of circles

Revision ID: e5b0c4172d9f
Revises: 0d8316c5d93a
"""

import sqlalchemy as sa
from alembic import op

revision = "e5b0c4172d9f"
down_revision = "0d8316c5d93a"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("circle") as batch:
        batch.add_column(sa.Column("form_key", sa.String(), nullable=True))
    op.execute("UPDATE circle SET form_key = 'circle-' || id")
    with op.batch_alter_table("circle") as batch:
        batch.alter_column("form_key", existing_type=sa.String(), nullable=False)
        batch.create_unique_constraint(op.f("uq_circle_made_by_id_form_key"), ["made_by_id", "form_key"])
    with op.batch_alter_table("circle_meeting") as batch:
        batch.add_column(sa.Column("link", sa.String(), nullable=False, server_default=""))
        batch.alter_column("link", server_default=None)
        batch.add_column(sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True))
        batch.create_index(op.f("ix_circle_meeting_remind_at"), ["remind_at"])
    with op.batch_alter_table("visit_slot") as batch:
        batch.alter_column("visit_id", existing_type=sa.Integer(), nullable=True)
        batch.add_column(sa.Column("meeting_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_visit_slot_meeting_id"), "circle_meeting", ["meeting_id"], ["id"]
        )
        batch.create_index(op.f("ix_visit_slot_meeting_id"), ["meeting_id"])
        batch.create_check_constraint(
            op.f("ck_visit_slot_one_of_two"), "(visit_id IS NULL) <> (meeting_id IS NULL)"
        )


def downgrade() -> None:
    op.execute("DELETE FROM visit_slot WHERE visit_id IS NULL")
    with op.batch_alter_table("visit_slot") as batch:
        batch.drop_constraint(op.f("ck_visit_slot_one_of_two"), type_="check")
        batch.drop_index(op.f("ix_visit_slot_meeting_id"))
        batch.drop_constraint(op.f("fk_visit_slot_meeting_id"), type_="foreignkey")
        batch.drop_column("meeting_id")
        batch.alter_column("visit_id", existing_type=sa.Integer(), nullable=False)
    with op.batch_alter_table("circle_meeting") as batch:
        batch.drop_index(op.f("ix_circle_meeting_remind_at"))
        batch.drop_column("remind_at")
        batch.drop_column("link")
    with op.batch_alter_table("circle") as batch:
        batch.drop_constraint(op.f("uq_circle_made_by_id_form_key"), type_="unique")
        batch.drop_column("form_key")
