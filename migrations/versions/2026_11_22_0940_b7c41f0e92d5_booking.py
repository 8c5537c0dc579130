"""booking: who chose for whom, when to remind, holidays with hours, notices with an end and an appointment

Revision ID: b7c41f0e92d5
Revises: a7a71e89a2ea
"""

import sqlalchemy as sa
from alembic import op


revision = 'b7c41f0e92d5'
down_revision = 'a7a71e89a2ea'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('open_holiday',
    sa.Column('mentor_id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.ForeignKeyConstraint(['mentor_id'], ['mentor_profile.user_id'], name=op.f('fk_open_holiday_mentor_id')),
    sa.PrimaryKeyConstraint('mentor_id', 'day', name=op.f('pk_open_holiday'))
    )
    with op.batch_alter_table('visit', schema=None) as batch_op:
        batch_op.add_column(sa.Column('agreed_by_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('remind_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.create_foreign_key(op.f('fk_visit_agreed_by_id'), 'account', ['agreed_by_id'], ['id'])
        batch_op.create_index(op.f('ix_visit_remind_at'), ['remind_at'], unique=False)
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.add_column(sa.Column('until', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('calendar', sa.String(), server_default='', nullable=False))


def downgrade() -> None:
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.drop_column('calendar')
        batch_op.drop_column('until')
    with op.batch_alter_table('visit', schema=None) as batch_op:
        batch_op.drop_index(op.f('ix_visit_remind_at'))
        batch_op.drop_constraint(op.f('fk_visit_agreed_by_id'), type_='foreignkey')
        batch_op.drop_column('remind_at')
        batch_op.drop_column('agreed_by_id')
    op.drop_table('open_holiday')
