"""Certificates and statements found by their file.

Revision ID: 7c1e5d0a94b3
Revises: 22762877a704
"""

from alembic import op

revision = '7c1e5d0a94b3'
down_revision = '22762877a704'
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("certificate", "activity_statement"):
        op.create_index(f"ix_{table}_pdf_sha256", table, ["pdf_sha256"])


def downgrade() -> None:
    for table in ("activity_statement", "certificate"):
        op.drop_index(f"ix_{table}_pdf_sha256", table)
