"""life of an engagement

Revision ID: 3d9a51c7e604
Revises: b7c41f0e92d5
"""

import sqlalchemy as sa
from alembic import op

revision = "3d9a51c7e604"
down_revision = 'b7c41f0e92d5'
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
STATES = ("trial", "active", "paused", "ended")


def upgrade() -> None:
    with op.batch_alter_table("engagement") as batch:
        batch.add_column(sa.Column("merchant_goes_on_at", MOMENT, nullable=True))
        batch.add_column(sa.Column("mentor_goes_on_at", MOMENT, nullable=True))
        batch.add_column(sa.Column("paused_from", sa.String(length=40), nullable=True))
        batch.add_column(sa.Column("look_again_on", sa.Date(), nullable=True))
        batch.add_column(sa.Column("due_at", MOMENT, nullable=True))
        batch.create_check_constraint(
            op.f("ck_engagement_paused_from"), f"paused_from IN {STATES!r}"
        )
        batch.create_index(op.f("ix_engagement_due_at"), ["due_at"])
    with op.batch_alter_table("visit") as batch:
        batch.add_column(sa.Column("agenda", sa.String(), nullable=False, server_default=""))
        batch.alter_column("agenda", server_default=None)
    op.create_table(
        "item_return",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("returned_at", MOMENT, nullable=False),
        sa.Column("done_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["action_item.id"], name=op.f("fk_item_return_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_return")),
    )
    op.create_index(op.f("ix_item_return_item_id"), "item_return", ["item_id"])


def downgrade() -> None:
    op.drop_table("item_return")
    with op.batch_alter_table("visit") as batch:
        batch.drop_column("agenda")
    with op.batch_alter_table("engagement") as batch:
        batch.drop_index(op.f("ix_engagement_due_at"))
        batch.drop_constraint(op.f("ck_engagement_paused_from"), type_="check")
        for column in ("due_at", "look_again_on", "paused_from", "mentor_goes_on_at", "merchant_goes_on_at"):
            batch.drop_column(column)
