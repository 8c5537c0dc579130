"""the language of an account

Revision ID: 5e1f0c7a9b24
Revises: 5d0c7be41f92
"""

import sqlalchemy as sa
from alembic import op



revision = '5e1f0c7a9b24'
down_revision = '5d0c7be41f92'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('account', schema=None) as batch_op:
        batch_op.add_column(sa.Column('language', sa.String(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('account', schema=None) as batch_op:
        batch_op.drop_column('language')
