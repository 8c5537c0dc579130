"""Questions become threads on boards; what the forum needs beside them.

Revision ID: c2d4cc3a7d06
Revises: 639c5cd03b87
"""

import sqlalchemy as sa
from alembic import op

revision = "c2d4cc3a7d06"
down_revision = "639c5cd03b87"
branch_labels = None
depends_on = None

TOPICS = ["onboarding", "product_page", "delivery", "settlement", "phone", "other"]
NEW_TOPICS = ["live", "review", "fraud"]


def upgrade() -> None:
    """Carry every question and answer over with its number, so that addresses and notices stay right."""
    op.create_table('association',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('region', sa.Enum('seoul', 'busan', 'daegu', 'incheon', 'gwangju', 'daejeon', 'ulsan', 'sejong', 'gyeonggi', 'gangwon', 'chungbuk', 'chungnam', 'jeonbuk', 'jeonnam', 'gyeongbuk', 'gyeongnam', 'jeju', name='region', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('join_code', sa.String(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_association')),
    sa.UniqueConstraint('join_code', name=op.f('uq_association_join_code'))
    )
    op.create_table('all_read',
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['account.id'], name=op.f('fk_all_read_user_id')),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_all_read'))
    )
    op.create_table('association_member',
    sa.Column('association_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('is_manager', sa.Boolean(), nullable=False),
    sa.Column('joined_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('left_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['association_id'], ['association.id'], name=op.f('fk_association_member_association_id')),
    sa.ForeignKeyConstraint(['user_id'], ['account.id'], name=op.f('fk_association_member_user_id')),
    sa.PrimaryKeyConstraint('association_id', 'user_id', name=op.f('pk_association_member'))
    )
    with op.batch_alter_table('association_member', schema=None) as batch_op:
        batch_op.create_index('ix_association_member_user_id', ['user_id'], unique=False)

    op.create_table('mentor_away',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('mentor_id', sa.Integer(), nullable=False),
    sa.Column('first_day', sa.Date(), nullable=False),
    sa.Column('last_day', sa.Date(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cancelled_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('last_day >= first_day', name=op.f('ck_mentor_away_in_order')),
    sa.ForeignKeyConstraint(['mentor_id'], ['account.id'], name=op.f('fk_mentor_away_mentor_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mentor_away'))
    )
    with op.batch_alter_table('mentor_away', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_mentor_away_mentor_id'), ['mentor_id'], unique=False)

    op.create_table('step_answer',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('course_id', sa.String(), nullable=False),
    sa.Column('lesson_id', sa.String(), nullable=False),
    sa.Column('step_id', sa.String(), nullable=False),
    sa.Column('post_id', sa.Integer(), nullable=False),
    sa.Column('path', sa.String(), nullable=False),
    sa.Column('question', sa.String(), nullable=False),
    sa.Column('answer_html', sa.String(), nullable=False),
    sa.Column('asker_name', sa.String(), nullable=False),
    sa.Column('answerer_name', sa.String(), nullable=False),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.Column('lifted_by_id', sa.Integer(), nullable=False),
    sa.Column('lifted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('checked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('check_by', sa.Date(), nullable=False),
    sa.Column('removed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['lifted_by_id'], ['account.id'], name=op.f('fk_step_answer_lifted_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_step_answer'))
    )
    with op.batch_alter_table('step_answer', schema=None) as batch_op:
        batch_op.create_index('ix_step_answer_place', ['course_id', 'lesson_id', 'step_id'], unique=False)
        batch_op.create_index('uq_step_answer_post', ['post_id'], unique=True, sqlite_where=sa.text('removed_at IS NULL'), postgresql_where=sa.text('removed_at IS NULL'))

    op.create_table('thread',
    sa.Column('board', sa.Enum('questions', 'talk', 'promotion', 'stories', 'group', name='board', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('association_id', sa.Integer(), nullable=True),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('is_private', sa.Boolean(), nullable=False),
    sa.Column('moved_to_id', sa.Integer(), nullable=True),
    sa.Column('last_post_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('posts_count', sa.Integer(), nullable=False),
    sa.Column('same_count', sa.Integer(), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('form_key', sa.String(), nullable=False),
    sa.Column('text_markdown', sa.String(), nullable=False),
    sa.Column('text_html', sa.String(), nullable=False),
    sa.Column('picture_key', sa.String(), nullable=True),
    sa.Column('picture_opened_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('edited_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('hidden_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('held_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('author_id', sa.Integer(), nullable=False),
    sa.Column('topic', sa.Enum('onboarding', 'product_page', 'delivery', 'settlement', 'live', 'review', 'fraud', 'phone', 'other', name='topic', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('state', sa.Enum('waiting', 'answered', 'accepted', name='questionstate', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('owner_id', sa.Integer(), nullable=True),
    sa.Column('promised_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('remind_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('first_answer_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(board = 'group') = (association_id IS NOT NULL)", name=op.f('ck_thread_groups_have_an_association')),
    sa.CheckConstraint("(board = 'questions' AND owner_id IS NOT NULL AND promised_at IS NOT NULL AND state IS NOT NULL AND topic IS NOT NULL) OR (board <> 'questions' AND owner_id IS NULL AND promised_at IS NULL AND state IS NULL)", name=op.f('ck_thread_questions_are_promised')),
    sa.CheckConstraint("board = 'questions' OR NOT is_private", name=op.f('ck_thread_only_questions_are_private')),
    sa.CheckConstraint('moved_to_id <> id', name=op.f('ck_thread_moved_elsewhere')),
    sa.CheckConstraint('owner_id <> author_id', name=op.f('ck_thread_owner_is_another')),
    sa.CheckConstraint('promised_at > created_at', name=op.f('ck_thread_promised_after_asking')),
    sa.ForeignKeyConstraint(['association_id'], ['association.id'], name=op.f('fk_thread_association_id')),
    sa.ForeignKeyConstraint(['author_id'], ['account.id'], name=op.f('fk_thread_author_id')),
    sa.ForeignKeyConstraint(['moved_to_id'], ['thread.id'], name=op.f('fk_thread_moved_to_id')),
    sa.ForeignKeyConstraint(['owner_id'], ['account.id'], name=op.f('fk_thread_owner_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_thread')),
    sa.UniqueConstraint('author_id', 'form_key', name=op.f('uq_thread_author_id_form_key'))
    )
    with op.batch_alter_table('thread', schema=None) as batch_op:
        batch_op.create_index('ix_thread_association_id_last_post_at_id', ['association_id', 'last_post_at', 'id'], unique=False)
        batch_op.create_index('ix_thread_author_id_id', ['author_id', 'id'], unique=False)
        batch_op.create_index('ix_thread_board_id', ['board', 'id'], unique=False)
        batch_op.create_index('ix_thread_board_last_post_at_id', ['board', 'last_post_at', 'id'], unique=False)
        batch_op.create_index('ix_thread_state_id', ['state', 'id'], unique=False)
        batch_op.create_index('ix_thread_topic_id', ['topic', 'id'], unique=False)
        batch_op.create_index('ix_thread_waiting_owner', ['owner_id', 'promised_at'], unique=False, sqlite_where=sa.text("state = 'waiting'"), postgresql_where=sa.text("state = 'waiting'"))
        batch_op.create_index('ix_thread_waiting_promise', ['promised_at'], unique=False, sqlite_where=sa.text("state = 'waiting'"), postgresql_where=sa.text("state = 'waiting'"))
        batch_op.create_index('ix_thread_waiting_remind_at', ['remind_at'], unique=False, sqlite_where=sa.text("state = 'waiting'"), postgresql_where=sa.text("state = 'waiting'"))

    op.create_table('follow',
    sa.Column('thread_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('is_same_question', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['thread_id'], ['thread.id'], name=op.f('fk_follow_thread_id')),
    sa.ForeignKeyConstraint(['user_id'], ['account.id'], name=op.f('fk_follow_user_id')),
    sa.PrimaryKeyConstraint('thread_id', 'user_id', name=op.f('pk_follow'))
    )
    with op.batch_alter_table('follow', schema=None) as batch_op:
        batch_op.create_index('ix_follow_user_id', ['user_id'], unique=False)

    op.create_table('post',
    sa.Column('thread_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('answer', 'follow_up', 'comment', name='postkind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('accepted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('accepted_by_id', sa.Integer(), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('form_key', sa.String(), nullable=False),
    sa.Column('text_markdown', sa.String(), nullable=False),
    sa.Column('text_html', sa.String(), nullable=False),
    sa.Column('picture_key', sa.String(), nullable=True),
    sa.Column('picture_opened_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('edited_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('hidden_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('held_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('author_id', sa.Integer(), nullable=False),
    sa.CheckConstraint("kind = 'answer' OR accepted_at IS NULL", name=op.f('ck_post_only_answers_are_accepted')),
    sa.CheckConstraint('(accepted_at IS NULL) = (accepted_by_id IS NULL)', name=op.f('ck_post_accepted_by_somebody')),
    sa.ForeignKeyConstraint(['accepted_by_id'], ['account.id'], name=op.f('fk_post_accepted_by_id')),
    sa.ForeignKeyConstraint(['author_id'], ['account.id'], name=op.f('fk_post_author_id')),
    sa.ForeignKeyConstraint(['thread_id'], ['thread.id'], name=op.f('fk_post_thread_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_post')),
    sa.UniqueConstraint('author_id', 'form_key', name=op.f('uq_post_author_id_form_key'))
    )
    with op.batch_alter_table('post', schema=None) as batch_op:
        batch_op.create_index('ix_post_author_id_id', ['author_id', 'id'], unique=False)
        batch_op.create_index('ix_post_thread_id_id', ['thread_id', 'id'], unique=False)
        batch_op.create_index('uq_post_accepted', ['thread_id'], unique=True, sqlite_where=sa.text('accepted_at IS NOT NULL'), postgresql_where=sa.text('accepted_at IS NOT NULL'))

    op.create_table('routing',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('thread_id', sa.Integer(), nullable=False),
    sa.Column('cause', sa.Enum('asked', 'asked_on', 'late', 'handed', 'taken', 'owner_away', 'escalated', name='routingcause', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('owner_id', sa.Integer(), nullable=False),
    sa.Column('former_id', sa.Integer(), nullable=True),
    sa.Column('former_promise', sa.DateTime(timezone=True), nullable=True),
    sa.Column('promised_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['account.id'], name=op.f('fk_routing_by_id')),
    sa.ForeignKeyConstraint(['former_id'], ['account.id'], name=op.f('fk_routing_former_id')),
    sa.ForeignKeyConstraint(['owner_id'], ['account.id'], name=op.f('fk_routing_owner_id')),
    sa.ForeignKeyConstraint(['thread_id'], ['thread.id'], name=op.f('fk_routing_thread_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_routing')),
    sa.UniqueConstraint('thread_id', 'cause', 'former_promise', name=op.f('uq_routing_thread_id_cause_former_promise'))
    )
    with op.batch_alter_table('routing', schema=None) as batch_op:
        batch_op.create_index('ix_routing_former_id_at', ['former_id', 'at'], unique=False)
        batch_op.create_index('ix_routing_thread_id_id', ['thread_id', 'id'], unique=False)

    op.create_table('step_answer_vote',
    sa.Column('step_answer_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('is_right', sa.Boolean(), nullable=False),
    sa.Column('voted_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['step_answer_id'], ['step_answer.id'], name=op.f('fk_step_answer_vote_step_answer_id')),
    sa.ForeignKeyConstraint(['user_id'], ['account.id'], name=op.f('fk_step_answer_vote_user_id')),
    sa.PrimaryKeyConstraint('step_answer_id', 'user_id', name=op.f('pk_step_answer_vote'))
    )
    op.create_table('story_facts',
    sa.Column('thread_id', sa.Integer(), nullable=False),
    sa.Column('business_type', sa.String(), nullable=False),
    sa.Column('channel', sa.String(), nullable=False),
    sa.Column('months', sa.Integer(), nullable=False),
    sa.Column('rung', sa.String(), nullable=False),
    sa.Column('consent_version', sa.String(), nullable=False),
    sa.Column('consented_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('first_seen_by_id', sa.Integer(), nullable=True),
    sa.Column('second_seen_by_id', sa.Integer(), nullable=True),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('first_seen_by_id <> second_seen_by_id', name=op.f('ck_story_facts_seen_by_two')),
    sa.CheckConstraint('months > 0', name=op.f('ck_story_facts_months')),
    sa.CheckConstraint('published_at IS NULL OR (first_seen_by_id IS NOT NULL AND second_seen_by_id IS NOT NULL)', name=op.f('ck_story_facts_published_once_seen')),
    sa.ForeignKeyConstraint(['first_seen_by_id'], ['account.id'], name=op.f('fk_story_facts_first_seen_by_id')),
    sa.ForeignKeyConstraint(['second_seen_by_id'], ['account.id'], name=op.f('fk_story_facts_second_seen_by_id')),
    sa.ForeignKeyConstraint(['thread_id'], ['thread.id'], name=op.f('fk_story_facts_thread_id')),
    sa.PrimaryKeyConstraint('thread_id', name=op.f('pk_story_facts'))
    )
    op.create_table('thread_read',
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('thread_id', sa.Integer(), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['thread_id'], ['thread.id'], name=op.f('fk_thread_read_thread_id')),
    sa.ForeignKeyConstraint(['user_id'], ['account.id'], name=op.f('fk_thread_read_user_id')),
    sa.PrimaryKeyConstraint('user_id', 'thread_id', name=op.f('pk_thread_read'))
    )
    op.create_table('moderation_line',
    sa.Column('moderator_id', sa.Integer(), nullable=False),
    sa.Column('action', sa.Enum('hid', 'showed', 'released', 'moved', 'merged', 'split', name='moderationaction', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('detail', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('thread_id', sa.Integer(), nullable=True),
    sa.Column('post_id', sa.Integer(), nullable=True),
    sa.CheckConstraint('(thread_id IS NULL) <> (post_id IS NULL)', name=op.f('ck_moderation_line_about_one')),
    sa.ForeignKeyConstraint(['moderator_id'], ['account.id'], name=op.f('fk_moderation_line_moderator_id')),
    sa.ForeignKeyConstraint(['post_id'], ['post.id'], name=op.f('fk_moderation_line_post_id')),
    sa.ForeignKeyConstraint(['thread_id'], ['thread.id'], name=op.f('fk_moderation_line_thread_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_moderation_line'))
    )
    with op.batch_alter_table('moderation_line', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_moderation_line_post_id'), ['post_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_moderation_line_thread_id'), ['thread_id'], unique=False)

    op.create_table('report',
    sa.Column('reporter_id', sa.Integer(), nullable=False),
    sa.Column('reason', sa.Enum('personal_data', 'fraud', 'insult', 'advertising', 'wrong', 'other', name='reportreason', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('words', sa.String(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('thread_id', sa.Integer(), nullable=True),
    sa.Column('post_id', sa.Integer(), nullable=True),
    sa.CheckConstraint('(thread_id IS NULL) <> (post_id IS NULL)', name=op.f('ck_report_about_one')),
    sa.ForeignKeyConstraint(['post_id'], ['post.id'], name=op.f('fk_report_post_id')),
    sa.ForeignKeyConstraint(['reporter_id'], ['account.id'], name=op.f('fk_report_reporter_id')),
    sa.ForeignKeyConstraint(['thread_id'], ['thread.id'], name=op.f('fk_report_thread_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_report')),
    sa.UniqueConstraint('reporter_id', 'post_id', name=op.f('uq_report_reporter_id_post_id')),
    sa.UniqueConstraint('reporter_id', 'thread_id', name=op.f('uq_report_reporter_id_thread_id'))
    )
    with op.batch_alter_table('report', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_report_post_id'), ['post_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_report_thread_id'), ['thread_id'], unique=False)

    op.create_table('review_item',
    sa.Column('cause', sa.Enum('reported', 'first_post', name='reviewcause', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('state', sa.Enum('pending', 'approved', 'hidden', 'ignored', name='reviewstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.Column('decision_reason', sa.String(), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('thread_id', sa.Integer(), nullable=True),
    sa.Column('post_id', sa.Integer(), nullable=True),
    sa.CheckConstraint("(state = 'pending') = (decided_at IS NULL)", name=op.f('ck_review_item_decided')),
    sa.CheckConstraint('(thread_id IS NULL) <> (post_id IS NULL)', name=op.f('ck_review_item_about_one')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['account.id'], name=op.f('fk_review_item_decided_by_id')),
    sa.ForeignKeyConstraint(['post_id'], ['post.id'], name=op.f('fk_review_item_post_id')),
    sa.ForeignKeyConstraint(['thread_id'], ['thread.id'], name=op.f('fk_review_item_thread_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_review_item'))
    )
    with op.batch_alter_table('review_item', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_review_item_post_id'), ['post_id'], unique=False)
        batch_op.create_index('ix_review_item_state_id', ['state', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_review_item_thread_id'), ['thread_id'], unique=False)
        batch_op.create_index('uq_review_item_post_pending', ['post_id'], unique=True, sqlite_where=sa.text("state = 'pending'"), postgresql_where=sa.text("state = 'pending'"))
        batch_op.create_index('uq_review_item_thread_pending', ['thread_id'], unique=True, sqlite_where=sa.text("state = 'pending'"), postgresql_where=sa.text("state = 'pending'"))

    op.create_table('revision',
    sa.Column('editor_id', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('text_markdown', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('thread_id', sa.Integer(), nullable=True),
    sa.Column('post_id', sa.Integer(), nullable=True),
    sa.CheckConstraint('(thread_id IS NULL) <> (post_id IS NULL)', name=op.f('ck_revision_about_one')),
    sa.ForeignKeyConstraint(['editor_id'], ['account.id'], name=op.f('fk_revision_editor_id')),
    sa.ForeignKeyConstraint(['post_id'], ['post.id'], name=op.f('fk_revision_post_id')),
    sa.ForeignKeyConstraint(['thread_id'], ['thread.id'], name=op.f('fk_revision_thread_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_revision'))
    )
    with op.batch_alter_table('revision', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_revision_post_id'), ['post_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_revision_thread_id'), ['thread_id'], unique=False)

    _change_topics([*TOPICS, *NEW_TOPICS])
    op.execute(
        "INSERT INTO thread (id, board, author_id, form_key, topic, title, text_markdown, text_html, picture_key,"
        " is_private, state, owner_id, promised_at, created_at, last_post_at, posts_count, same_count, first_answer_at)"
        " SELECT id, 'questions', asker_id, form_key, topic, title, detail_markdown, detail_html, picture_key,"
        " false, state, owner_id, promised_at, created_at,"
        " coalesce((SELECT max(answer.created_at) FROM answer WHERE question_id = question.id), created_at),"
        " (SELECT count(*) FROM answer WHERE question_id = question.id), 0,"
        " (SELECT min(answer.created_at) FROM answer WHERE question_id = question.id AND kind = 'answer')"
        " FROM question"
    )
    # Until now only the asker could accept.
    op.execute(
        "INSERT INTO post (id, thread_id, author_id, form_key, kind, text_markdown, text_html, created_at, accepted_at,"
        " accepted_by_id) SELECT answer.id, question_id, author_id, answer.form_key, kind, text_markdown, text_html,"
        " answer.created_at, accepted_at, CASE WHEN accepted_at IS NULL THEN NULL ELSE asker_id END"
        " FROM answer JOIN question ON question.id = question_id"
    )
    op.drop_table("answer")
    op.drop_table("question")
    _number_on("thread", "post")


def downgrade() -> None:
    """Keep what the older tables had room for: questions with answers; talks and comments are lost."""
    op.create_table('question',
    sa.Column('id', sa.INTEGER(), nullable=False),
    sa.Column('asker_id', sa.INTEGER(), nullable=False),
    sa.Column('form_key', sa.VARCHAR(), nullable=False),
    sa.Column('topic', sa.VARCHAR(length=40), nullable=False),
    sa.Column('title', sa.VARCHAR(), nullable=False),
    sa.Column('detail_markdown', sa.VARCHAR(), nullable=False),
    sa.Column('detail_html', sa.VARCHAR(), nullable=False),
    sa.Column('picture_key', sa.VARCHAR(), nullable=True),
    sa.Column('owner_id', sa.INTEGER(), nullable=False),
    sa.Column('promised_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('state', sa.VARCHAR(length=40), nullable=False),
    sa.CheckConstraint("state IN ('waiting', 'answered', 'accepted')", name=op.f('ck_question_questionstate')),
    sa.CheckConstraint("topic IN ('onboarding', 'product_page', 'delivery', 'settlement', 'phone', 'other')", name=op.f('ck_question_topic')),
    sa.CheckConstraint('owner_id <> asker_id', name=op.f('ck_question_owner_is_another')),
    sa.CheckConstraint('promised_at > created_at', name=op.f('ck_question_promised_after_asking')),
    sa.ForeignKeyConstraint(['asker_id'], ['account.id'], name=op.f('fk_question_asker_id')),
    sa.ForeignKeyConstraint(['owner_id'], ['account.id'], name=op.f('fk_question_owner_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_question')),
    sa.UniqueConstraint('asker_id', 'form_key', name=op.f('uq_question_asker_id_form_key'))
    )
    with op.batch_alter_table('question', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_question_waiting_promise'), ['promised_at'], unique=False, sqlite_where=sa.text("state = 'waiting'"), postgresql_where=sa.text("state = 'waiting'"))
        batch_op.create_index(batch_op.f('ix_question_waiting_owner'), ['owner_id', 'promised_at'], unique=False, sqlite_where=sa.text("state = 'waiting'"), postgresql_where=sa.text("state = 'waiting'"))
        batch_op.create_index(batch_op.f('ix_question_topic_id'), ['topic', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_question_state_id'), ['state', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_question_asker_id_id'), ['asker_id', 'id'], unique=False)

    op.create_table('answer',
    sa.Column('id', sa.INTEGER(), nullable=False),
    sa.Column('question_id', sa.INTEGER(), nullable=False),
    sa.Column('author_id', sa.INTEGER(), nullable=False),
    sa.Column('form_key', sa.VARCHAR(), nullable=False),
    sa.Column('kind', sa.VARCHAR(length=40), nullable=False),
    sa.Column('text_markdown', sa.VARCHAR(), nullable=False),
    sa.Column('text_html', sa.VARCHAR(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('accepted_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("kind = 'answer' OR accepted_at IS NULL", name=op.f('ck_answer_only_answers_are_accepted')),
    sa.CheckConstraint("kind IN ('answer', 'follow_up')", name=op.f('ck_answer_answerkind')),
    sa.ForeignKeyConstraint(['author_id'], ['account.id'], name=op.f('fk_answer_author_id')),
    sa.ForeignKeyConstraint(['question_id'], ['question.id'], name=op.f('fk_answer_question_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_answer')),
    sa.UniqueConstraint('author_id', 'form_key', name=op.f('uq_answer_author_id_form_key'))
    )
    with op.batch_alter_table('answer', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('uq_answer_accepted'), ['question_id'], unique=True, sqlite_where=sa.text('accepted_at IS NOT NULL'), postgresql_where=sa.text('accepted_at IS NOT NULL'))
        batch_op.create_index(batch_op.f('ix_answer_question_id_id'), ['question_id', 'id'], unique=False)

    old = ", ".join(f"'{topic}'" for topic in TOPICS)
    op.execute(
        "INSERT INTO question (id, asker_id, form_key, topic, title, detail_markdown, detail_html, picture_key, owner_id,"
        " promised_at, created_at, state) SELECT id, author_id, form_key,"
        f" CASE WHEN topic IN ({old}) THEN topic ELSE 'other' END,"
        " title, text_markdown, text_html, picture_key, owner_id, promised_at, created_at, state"
        " FROM thread WHERE board = 'questions'"
    )
    op.execute(
        "INSERT INTO answer (id, question_id, author_id, form_key, kind, text_markdown, text_html, created_at, accepted_at)"
        " SELECT post.id, thread_id, post.author_id, post.form_key, kind, post.text_markdown, post.text_html,"
        " post.created_at, accepted_at FROM post JOIN thread ON thread.id = thread_id"
        " WHERE board = 'questions' AND kind <> 'comment'"
    )
    _number_on("question", "answer")
    op.drop_table('revision')
    op.drop_table('review_item')
    op.drop_table('report')
    op.drop_table('moderation_line')
    op.drop_table('thread_read')
    op.drop_table('story_facts')
    op.drop_table('step_answer_vote')
    op.drop_table('routing')
    op.drop_table('post')
    op.drop_table('follow')
    op.drop_table('thread')
    op.drop_table('step_answer')
    op.drop_table('mentor_away')
    op.drop_table('association_member')
    op.drop_table('all_read')
    op.drop_table('association')
    op.execute(f"DELETE FROM mentor_topic WHERE topic NOT IN ({old})")
    op.execute(f"UPDATE need SET topic = 'other' WHERE topic NOT IN ({old})")
    _change_topics(TOPICS)


def _change_topics(topics: list[str]) -> None:
    allowed = ", ".join(f"'{topic}'" for topic in topics)
    for table in ("mentor_topic", "need"):
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(op.f(f"ck_{table}_topic"), type_="check")
            batch.create_check_constraint(op.f(f"ck_{table}_topic"), f"topic IN ({allowed})")


def _number_on(*tables: str) -> None:
    """Let PostgreSQL count on from the rows that were carried over with their numbers."""
    if op.get_bind().dialect.name == "postgresql":
        for table in tables:
            op.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), coalesce((SELECT max(id) FROM {table}), 0) + 1, false)"
            )
