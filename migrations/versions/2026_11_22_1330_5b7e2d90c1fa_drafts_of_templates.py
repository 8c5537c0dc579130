"""Drafts of certificate templates.

Revision ID: 5b7e2d90c1fa
Revises: 7c1e5d0a94b3
"""

import sqlalchemy as sa
from alembic import op


revision = "5b7e2d90c1fa"
down_revision = "7c1e5d0a94b3"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "certificate_template_draft",
        sa.Column(
            "kind",
            sa.Enum(
                "completion",
                "qualification",
                name="certificatekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("slots", sa.JSON(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("form_key", sa.String(), nullable=False),
        sa.Column("preview_key", sa.String(), nullable=True),
        sa.Column("template_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease", sa.String(), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["account.id"], name=op.f("fk_certificate_template_draft_made_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["template_id"],
            ["certificate_template.id"],
            name=op.f("fk_certificate_template_draft_template_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_template_draft")),
        sa.UniqueConstraint("form_key", name=op.f("uq_certificate_template_draft_form_key")),
        sa.UniqueConstraint("template_id", name=op.f("uq_certificate_template_draft_template_id")),
    )
    with op.batch_alter_table("certificate_template_draft") as batch:
        batch.create_index(op.f("ix_certificate_template_draft_due_at"), ["due_at"])


def downgrade() -> None:
    op.drop_table("certificate_template_draft")
