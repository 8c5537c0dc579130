"""That a drift was accepted is an event.

Revision ID: e7a1b0c95d34
Revises: 5e7c0a94d2b1
"""

from alembic import op

revision = "e7a1b0c95d34"
down_revision = "5e7c0a94d2b1"
branch_labels = None
depends_on = None

BEFORE = "'proposed', 'approved', 'declined', 'rendered', 'retried', 'revoked'"
BEFORE += ", 'superseded', 'reprinted', 'visibility', 'sent_again', 'drifted'"


def allow(kinds: str) -> None:
    with op.batch_alter_table("certificate_event") as batch:
        batch.drop_constraint(op.f("ck_certificate_event_eventkind"), type_="check")
        batch.create_check_constraint(op.f("ck_certificate_event_eventkind"), f"kind IN ({kinds})")


def upgrade() -> None:
    allow(f"{BEFORE}, 'accepted'")


def downgrade() -> None:
    # The chain is sealed: a link taken out would be found missing, so what was accepted says drifted again.
    op.execute("UPDATE certificate_event SET kind = 'drifted' WHERE kind = 'accepted'")
    allow(BEFORE)
