"""Text half typed in the forms of the forum, and public copies of private questions.

Both are new tables: a draft outlives its browser, and a copy must wait somewhere for the asker's yes.

Revision ID: e0997120dd50
Revises: afd93a0e5b15
"""

import sqlalchemy as sa
from alembic import op

revision = 'e0997120dd50'
down_revision = "afd93a0e5b15"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('writing_draft',
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('form', sa.String(), nullable=False),
    sa.Column('fields', sa.JSON(), nullable=False),
    sa.Column('saved_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['account.id'], name=op.f('fk_writing_draft_user_id')),
    sa.PrimaryKeyConstraint('user_id', 'form', name=op.f('pk_writing_draft'))
    )
    op.create_table('public_copy',
    sa.Column('thread_id', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('text_markdown', sa.String(), nullable=False),
    sa.Column('answer_markdown', sa.String(), nullable=False),
    sa.Column('made_by_id', sa.Integer(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('agreed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('declined_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('public_id', sa.Integer(), nullable=True),
    sa.CheckConstraint('(agreed_at IS NULL) = (public_id IS NULL)', name=op.f('ck_public_copy_public_once_agreed')),
    sa.CheckConstraint('agreed_at IS NULL OR declined_at IS NULL', name=op.f('ck_public_copy_one_answer')),
    sa.ForeignKeyConstraint(['made_by_id'], ['account.id'], name=op.f('fk_public_copy_made_by_id')),
    sa.ForeignKeyConstraint(['public_id'], ['thread.id'], name=op.f('fk_public_copy_public_id')),
    sa.ForeignKeyConstraint(['thread_id'], ['thread.id'], name=op.f('fk_public_copy_thread_id')),
    sa.PrimaryKeyConstraint('thread_id', name=op.f('pk_public_copy')),
    sa.UniqueConstraint('public_id', name=op.f('uq_public_copy_public_id'))
    )


def downgrade() -> None:
    op.drop_table('public_copy')
    op.drop_table('writing_draft')
