"""Calibrations of markers, and when a sheet was looked at for them.

Revision ID: c19d4f07ab52
Revises: e7a1b0c95d34
"""

import sqlalchemy as sa
from alembic import op

revision = "c19d4f07ab52"
down_revision = "e7a1b0c95d34"
branch_labels = None
depends_on = None

UNSEEN = sa.text("finished_at IS NOT NULL AND looked_at IS NULL")
OPEN = sa.text("closed_at IS NULL")


def upgrade() -> None:
    with op.batch_alter_table("marking_sheet") as batch:
        batch.add_column(sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True))
        batch.create_index(
            "ix_marking_sheet_unseen", ["marker_id"], sqlite_where=UNSEEN, postgresql_where=UNSEEN
        )
    op.create_table(
        "calibration",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("marker_id", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scripts", sa.Integer(), nullable=False),
        sa.Column("halves", sa.Integer(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.CheckConstraint("scripts > 0 AND most > 0", name=op.f("ck_calibration_measured")),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (closed_by_id IS NULL)", name=op.f("ck_calibration_closed")
        ),
        sa.CheckConstraint("(closed_at IS NULL) = (length(note) = 0)", name=op.f("ck_calibration_note")),
        sa.CheckConstraint("closed_by_id <> marker_id", name=op.f("ck_calibration_second_person")),
        sa.ForeignKeyConstraint(["marker_id"], ["account.id"], name=op.f("fk_calibration_marker_id")),
        sa.ForeignKeyConstraint(["closed_by_id"], ["account.id"], name=op.f("fk_calibration_closed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calibration")),
    )
    with op.batch_alter_table("calibration") as batch:
        batch.create_index(batch.f("ix_calibration_marker_id"), ["marker_id"], unique=False)
        batch.create_index(batch.f("ix_calibration_closed_at"), ["closed_at"], unique=False)
        batch.create_index(
            "uq_calibration_open", ["marker_id"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN
        )


def downgrade() -> None:
    op.drop_table("calibration")
    with op.batch_alter_table("marking_sheet") as batch:
        batch.drop_index("ix_marking_sheet_unseen")
        batch.drop_column("looked_at")
