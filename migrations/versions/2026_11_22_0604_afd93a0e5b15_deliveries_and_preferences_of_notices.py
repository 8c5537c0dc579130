"""deliveries and preferences of notices

What had not left the house leaves as before; from now on a notice itself is due only to be told again.

Revision ID: afd93a0e5b15
Revises: c2d4cc3a7d06
"""

import sqlalchemy as sa
from alembic import op



revision = 'afd93a0e5b15'
down_revision = 'c2d4cc3a7d06'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('notice_hours',
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('quiet_from', sa.Integer(), nullable=False),
    sa.Column('quiet_until', sa.Integer(), nullable=False),
    sa.Column('market_days', sa.Enum('none', '1-6', '2-7', '3-8', '4-9', '5-10', name='marketdays', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.CheckConstraint('quiet_from BETWEEN 18 AND 24', name=op.f('ck_notice_hours_quiet_from')),
    sa.CheckConstraint('quiet_until BETWEEN 0 AND 12', name=op.f('ck_notice_hours_quiet_until')),
    sa.ForeignKeyConstraint(['user_id'], ['account.id'], name=op.f('fk_notice_hours_user_id')),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_notice_hours'))
    )
    op.create_table('notice_preference',
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('answers', 'visits', 'learning', 'certificates', 'work', 'news', name='kind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('channel', sa.Enum('sms', 'email', name='channel', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('pace', sa.Enum('now', 'daily', 'weekly', 'never', name='pace', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('before', sa.Enum('now', 'daily', 'weekly', 'never', name='before', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['account.id'], name=op.f('fk_notice_preference_user_id')),
    sa.PrimaryKeyConstraint('user_id', 'kind', 'channel', name=op.f('pk_notice_preference'))
    )
    op.create_table('stopped_conversation',
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('about', sa.String(), nullable=False, server_default=''),
    sa.Column('stopped_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['account.id'], name=op.f('fk_stopped_conversation_user_id')),
    sa.PrimaryKeyConstraint('user_id', 'about', name=op.f('pk_stopped_conversation'))
    )
    op.create_table('delivery',
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('channel', sa.Enum('sms', 'email', name='channel', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('notice_id', sa.Integer(), nullable=True),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('digest_day', sa.Date(), nullable=True),
    sa.Column('digest_id', sa.Integer(), nullable=True),
    sa.Column('state', sa.Enum('waiting', 'sending', 'failed', 'unsure', 'held', 'sent', 'dropped', name='deliverystate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('message_id', sa.String(), nullable=False),
    sa.Column('form', sa.Enum('sms', 'lms', name='smsform', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('result', sa.String(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('tried_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('lease', sa.String(), nullable=True),
    sa.Column('last_error', sa.String(), nullable=True),
    sa.CheckConstraint("state <> 'held' OR digest_id IS NOT NULL", name=op.f('ck_delivery_held')),
    sa.CheckConstraint("state <> 'sent' OR sent_at IS NOT NULL", name=op.f('ck_delivery_sent')),
    sa.CheckConstraint('(notice_id IS NULL) = (digest_day IS NOT NULL)', name=op.f('ck_delivery_subject')),
    sa.ForeignKeyConstraint(['digest_id'], ['delivery.id'], name=op.f('fk_delivery_digest_id')),
    sa.ForeignKeyConstraint(['notice_id'], ['notice.id'], name=op.f('fk_delivery_notice_id')),
    sa.ForeignKeyConstraint(['user_id'], ['account.id'], name=op.f('fk_delivery_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_delivery')),
    sa.UniqueConstraint('message_id', name=op.f('uq_delivery_message_id')),
    sa.UniqueConstraint('notice_id', 'channel', 'number', name=op.f('uq_delivery_notice_id_channel_number'))
    )
    with op.batch_alter_table('delivery', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_delivery_digest_id'), ['digest_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_delivery_due_at'), ['due_at'], unique=False)
        batch_op.create_index('ix_delivery_user_id_tried_at', ['user_id', 'tried_at'], unique=False)
        batch_op.create_index('uq_delivery_digest', ['user_id', 'channel', 'digest_day'], unique=True, sqlite_where=sa.text('notice_id IS NULL'), postgresql_where=sa.text('notice_id IS NULL'))

    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.add_column(sa.Column('about', sa.String(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('kind', sa.Enum('answers', 'visits', 'learning', 'certificates', 'work', 'news', name='kind', native_enum=False, create_constraint=True, length=40), nullable=False, server_default='answers'))
        batch_op.add_column(sa.Column('message', sa.String(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('version', sa.String(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('asks', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column('reminded', sa.Integer(), nullable=False, server_default='0'))
        batch_op.create_check_constraint(op.f('ck_notice_reminded'), 'reminded BETWEEN 0 AND 2')

    op.execute("""
        INSERT INTO delivery (user_id, channel, notice_id, number, state, message_id, result, created_at,
                              due_at, attempts, last_error)
        SELECT account.id, CASE WHEN account.phone IS NULL THEN 'email' ELSE 'sms' END, notice.id, 0,
               'waiting', 'notice-' || notice.id, '', notice.created_at,
               notice.due_at, notice.attempts, notice.last_error
        FROM notice JOIN account ON account.id = notice.user_id
        WHERE notice.due_at IS NOT NULL
    """)
    op.execute("UPDATE notice SET due_at = NULL, lease = NULL, last_error = NULL, attempts = 0")


def downgrade() -> None:
    op.execute("""
        UPDATE notice SET lease = NULL, due_at = (
            SELECT min(delivery.due_at) FROM delivery
            WHERE delivery.notice_id = notice.id AND delivery.number = 0
        )
    """)
    with op.batch_alter_table('delivery', schema=None) as batch_op:
        batch_op.drop_index('uq_delivery_digest', sqlite_where=sa.text('notice_id IS NULL'), postgresql_where=sa.text('notice_id IS NULL'))
        batch_op.drop_index('ix_delivery_user_id_tried_at')
        batch_op.drop_index(batch_op.f('ix_delivery_due_at'))
        batch_op.drop_index(batch_op.f('ix_delivery_digest_id'))

    op.drop_table('delivery')

    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_notice_reminded'), type_='check')
        batch_op.drop_constraint(op.f('ck_notice_kind'), type_='check')
        batch_op.drop_column('reminded')
        batch_op.drop_column('asks')
        batch_op.drop_column('version')
        batch_op.drop_column('message')
        batch_op.drop_column('kind')
        batch_op.drop_column('about')

    op.drop_table('stopped_conversation')
    op.drop_table('notice_preference')
    op.drop_table('notice_hours')
