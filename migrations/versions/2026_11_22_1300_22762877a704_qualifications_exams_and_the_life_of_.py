"""Qualifications, exams, and the life of certificates.

Revision ID: 22762877a704
Revises: e5b0c4172d9f
"""

import hashlib
import json
from datetime import UTC

import sqlalchemy as sa
from alembic import op



revision = '22762877a704'
down_revision = 'e5b0c4172d9f'
branch_labels = None
depends_on = None

STANDING = "state IN ('waiting', 'approved')"
FIRST_STANDING = f"{STANDING} AND NOT is_replacement"
EVENTS = "'proposed', 'approved', 'declined', 'rendered', 'retried', 'revoked'"
NEW_EVENTS = ", 'superseded', 'reprinted', 'visibility', 'sent_again', 'drifted'"
CERTIFICATE_RULES = {
    "certificatestate": "state IN ('active', 'superseded', 'revoked')",
    "certificatekind": "kind IN ('completion', 'qualification')",
    "visibility": "visibility IN ('listed', 'by_code', 'off')",
    "revokeclass": "revoke_class IN ('error', 'misconduct', 'request')",
    "about_one": "(course_id IS NULL) <> (qualification_id IS NULL)",
    "registered": "kind <> 'qualification' OR length(registration_number) > 0",
    "superseded": "(state = 'superseded') = (superseded_at IS NOT NULL)",
    "revoked_has_reason": "(state = 'revoked') = (revoked_at IS NOT NULL)"
    " AND (state = 'revoked') = (revoked_by_id IS NOT NULL)"
    " AND (state = 'revoked') = (length(revoke_reason) > 0)"
    " AND (state = 'revoked') = (revoke_class IS NOT NULL)",
}


def chain_the_events() -> None:
    """Seal the events there are to each other, as portal/certification/chain.py seals the ones to come."""
    moment = sa.DateTime(timezone=True)
    events = sa.table(
        "certificate_event",
        sa.column("id", sa.Integer),
        sa.column("proposal_id", sa.Integer),
        sa.column("kind", sa.String),
        sa.column("by_id", sa.Integer),
        sa.column("at", moment),
        sa.column("note", sa.String),
        sa.column("seq", sa.Integer),
        sa.column("digest", sa.String),
    )
    bind, before, seq = op.get_bind(), "0" * 64, 0
    for row in bind.execute(sa.select(events).order_by(events.c.id)).all():
        seq += 1
        at = row.at.replace(tzinfo=UTC) if row.at.tzinfo is None else row.at.astimezone(UTC)
        line = {
            "at": at.isoformat(timespec="microseconds"),
            "before": before,
            "by": row.by_id,
            "kind": row.kind,
            "note": row.note,
            "proposal": row.proposal_id,
            "seq": seq,
        }
        written = json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        before = hashlib.sha256(written.encode()).hexdigest()
        bind.execute(sa.update(events).where(events.c.id == row.id).values(seq=seq, digest=before))
    if seq:
        bind.execute(
            sa.text("INSERT INTO certificate_chain (id, seq, digest) VALUES (1, :seq, :digest)"),
            {"seq": seq, "digest": before},
        )


def upgrade() -> None:
    op.create_table('certificate_chain',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.CheckConstraint('id = 1', name=op.f('ck_certificate_chain_only_one')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_certificate_chain'))
    )
    op.create_table('qualification_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('qualification_id', sa.String(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('rules', sa.JSON(), nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('frozen_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_qualification_version')),
    sa.UniqueConstraint('qualification_id', 'number', name=op.f('uq_qualification_version_qualification_id_number'))
    )
    op.create_table('candidate',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('qualification_id', sa.String(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('joined_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('left_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('check_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['account.id'], name=op.f('fk_candidate_user_id')),
    sa.ForeignKeyConstraint(['version_id'], ['qualification_version.id'], name=op.f('fk_candidate_version_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_candidate'))
    )
    with op.batch_alter_table('candidate', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_candidate_check_at'), ['check_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_candidate_user_id'), ['user_id'], unique=False)
        batch_op.create_index('uq_candidate_stays', ['user_id', 'qualification_id'], unique=True, sqlite_where=sa.text('left_at IS NULL'), postgresql_where=sa.text('left_at IS NULL'))

    op.create_table('certificate_batch',
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('proposed_by_id', sa.Integer(), nullable=False),
    sa.Column('proposed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('form_key', sa.String(), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('lease', sa.String(), nullable=True),
    sa.Column('last_error', sa.String(), nullable=True),
    sa.CheckConstraint('(decided_by_id IS NULL) = (decided_at IS NULL)', name=op.f('ck_certificate_batch_decided')),
    sa.CheckConstraint('decided_by_id <> proposed_by_id', name=op.f('ck_certificate_batch_second_person')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['account.id'], name=op.f('fk_certificate_batch_decided_by_id')),
    sa.ForeignKeyConstraint(['proposed_by_id'], ['account.id'], name=op.f('fk_certificate_batch_proposed_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_certificate_batch')),
    sa.UniqueConstraint('form_key', name=op.f('uq_certificate_batch_form_key'))
    )
    with op.batch_alter_table('certificate_batch', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_certificate_batch_due_at'), ['due_at'], unique=False)

    op.create_table('certificate_template',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('completion', 'qualification', name='certificatekind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('layout', sa.Integer(), nullable=False),
    sa.Column('slots', sa.JSON(), nullable=False),
    sa.Column('made_by_id', sa.Integer(), nullable=True),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('version > 0 AND layout > 0', name=op.f('ck_certificate_template_version')),
    sa.ForeignKeyConstraint(['made_by_id'], ['account.id'], name=op.f('fk_certificate_template_made_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_certificate_template')),
    sa.UniqueConstraint('kind', 'version', name=op.f('uq_certificate_template_kind_version'))
    )
    op.create_table('exam',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('qualification_id', sa.String(), nullable=False),
    sa.Column('kind', sa.Enum('written', 'practical', name='examkind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('session_no', sa.Integer(), nullable=False),
    sa.Column('apply_until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('opens_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closes_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('grace_s', sa.Integer(), nullable=False),
    sa.Column('attempts_max', sa.Integer(), nullable=False),
    sa.Column('blueprint', sa.JSON(), nullable=False),
    sa.Column('is_mock', sa.Boolean(), nullable=False),
    sa.Column('made_by_id', sa.Integer(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('form_key', sa.String(), nullable=False),
    sa.Column('released_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('released_by_id', sa.Integer(), nullable=True),
    sa.CheckConstraint('(released_at IS NULL) = (released_by_id IS NULL)', name=op.f('ck_exam_released')),
    sa.CheckConstraint('attempts_max BETWEEN 1 AND 10', name=op.f('ck_exam_attempts')),
    sa.CheckConstraint('closes_at > opens_at', name=op.f('ck_exam_window')),
    sa.CheckConstraint('minutes BETWEEN 5 AND 600 AND grace_s BETWEEN 0 AND 3600', name=op.f('ck_exam_time')),
    sa.ForeignKeyConstraint(['made_by_id'], ['account.id'], name=op.f('fk_exam_made_by_id')),
    sa.ForeignKeyConstraint(['released_by_id'], ['account.id'], name=op.f('fk_exam_released_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_exam')),
    sa.UniqueConstraint('form_key', name=op.f('uq_exam_form_key')),
    sa.UniqueConstraint('qualification_id', 'kind', 'session_no', name=op.f('uq_exam_qualification_id_kind_session_no'))
    )
    with op.batch_alter_table('exam', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_exam_closes_at'), ['closes_at'], unique=False)

    op.create_table('exam_item',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('bank', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('level', sa.Enum('easy', 'standard', 'hard', name='itemlevel', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('kind', sa.Enum('choice', 'multiple', 'true_false', 'numeric', 'short', 'matching', 'essay', name='itemkind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('content', sa.JSON(), nullable=False),
    sa.Column('source', sa.String(), nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('made_by_id', sa.Integer(), nullable=True),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('retired_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['made_by_id'], ['account.id'], name=op.f('fk_exam_item_made_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_exam_item')),
    sa.UniqueConstraint('bank', 'name', 'version', name=op.f('uq_exam_item_bank_name_version'))
    )
    with op.batch_alter_table('exam_item', schema=None) as batch_op:
        batch_op.create_index('ix_exam_item_choose', ['bank', 'subject', 'level'], unique=False)
        batch_op.create_index('uq_exam_item_in_use', ['bank', 'name'], unique=True, sqlite_where=sa.text('retired_at IS NULL'), postgresql_where=sa.text('retired_at IS NULL'))

    op.create_table('item_import',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('bank', sa.String(), nullable=False),
    sa.Column('file_name', sa.String(), nullable=False),
    sa.Column('form', sa.String(), nullable=False),
    sa.Column('text', sa.String(), nullable=False),
    sa.Column('made_by_id', sa.Integer(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('applied_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('report', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['made_by_id'], ['account.id'], name=op.f('fk_item_import_made_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_item_import'))
    )
    op.create_table('printed_name',
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('hanja', sa.String(), nullable=False),
    sa.Column('latin', sa.String(), nullable=False),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['account.id'], name=op.f('fk_printed_name_user_id')),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_printed_name'))
    )
    op.create_table('exam_allowance',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('exam_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('association_id', sa.Integer(), nullable=True),
    sa.Column('extra_percent', sa.Integer(), nullable=False),
    sa.Column('extra_attempts', sa.Integer(), nullable=False),
    sa.Column('open_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('given_by_id', sa.Integer(), nullable=False),
    sa.Column('given_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('(user_id IS NULL) <> (association_id IS NULL)', name=op.f('ck_exam_allowance_for_one')),
    sa.CheckConstraint('extra_attempts BETWEEN 0 AND 5', name=op.f('ck_exam_allowance_attempts')),
    sa.CheckConstraint('extra_percent BETWEEN 0 AND 300', name=op.f('ck_exam_allowance_percent')),
    sa.ForeignKeyConstraint(['association_id'], ['association.id'], name=op.f('fk_exam_allowance_association_id')),
    sa.ForeignKeyConstraint(['exam_id'], ['exam.id'], name=op.f('fk_exam_allowance_exam_id')),
    sa.ForeignKeyConstraint(['given_by_id'], ['account.id'], name=op.f('fk_exam_allowance_given_by_id')),
    sa.ForeignKeyConstraint(['user_id'], ['account.id'], name=op.f('fk_exam_allowance_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_exam_allowance'))
    )
    with op.batch_alter_table('exam_allowance', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_exam_allowance_exam_id'), ['exam_id'], unique=False)

    op.create_table('exam_application',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('exam_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('medium', sa.Enum('online', 'paper', name='medium', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('wants_more_time', sa.Boolean(), nullable=False),
    sa.Column('applied_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cancelled_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['exam_id'], ['exam.id'], name=op.f('fk_exam_application_exam_id')),
    sa.ForeignKeyConstraint(['user_id'], ['account.id'], name=op.f('fk_exam_application_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_exam_application'))
    )
    with op.batch_alter_table('exam_application', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_exam_application_exam_id'), ['exam_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_exam_application_user_id'), ['user_id'], unique=False)
        batch_op.create_index('uq_exam_application_stands', ['exam_id', 'user_id'], unique=True, sqlite_where=sa.text('cancelled_at IS NULL'), postgresql_where=sa.text('cancelled_at IS NULL'))

    op.create_table('exam_paper',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('exam_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('seed', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['exam_id'], ['exam.id'], name=op.f('fk_exam_paper_exam_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_exam_paper')),
    sa.UniqueConstraint('exam_id', 'number', name=op.f('uq_exam_paper_exam_id_number'))
    )
    op.create_table('exam_regrade',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('exam_id', sa.Integer(), nullable=False),
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.JSON(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('state', sa.Enum('proposed', 'applied', 'declined', name='regradestate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('proposed_by_id', sa.Integer(), nullable=False),
    sa.Column('proposed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(state = 'proposed') = (decided_by_id IS NULL)", name=op.f('ck_exam_regrade_decided')),
    sa.CheckConstraint('decided_by_id <> proposed_by_id', name=op.f('ck_exam_regrade_second_person')),
    sa.CheckConstraint('length(reason) > 0', name=op.f('ck_exam_regrade_reason')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['account.id'], name=op.f('fk_exam_regrade_decided_by_id')),
    sa.ForeignKeyConstraint(['exam_id'], ['exam.id'], name=op.f('fk_exam_regrade_exam_id')),
    sa.ForeignKeyConstraint(['item_id'], ['exam_item.id'], name=op.f('fk_exam_regrade_item_id')),
    sa.ForeignKeyConstraint(['proposed_by_id'], ['account.id'], name=op.f('fk_exam_regrade_proposed_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_exam_regrade'))
    )
    with op.batch_alter_table('exam_regrade', schema=None) as batch_op:
        batch_op.create_index('uq_exam_regrade_pending', ['exam_id', 'item_id'], unique=True, sqlite_where=sa.text("state = 'proposed'"), postgresql_where=sa.text("state = 'proposed'"))

    op.create_table('ledger_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('candidate_id', sa.Integer(), nullable=False),
    sa.Column('requirement', sa.String(), nullable=False),
    sa.Column('kind', sa.Enum('met', 'waived', 'rejected', 'reopened', 'moved', name='ledgerkind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('evidence', sa.String(), nullable=False),
    sa.Column('words', sa.String(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('note', sa.String(), nullable=False),
    sa.CheckConstraint("kind <> 'met' OR length(evidence) > 0", name=op.f('ck_ledger_entry_evidence')),
    sa.CheckConstraint("kind = 'met' OR by_id IS NOT NULL", name=op.f('ck_ledger_entry_confirmer')),
    sa.CheckConstraint("kind = 'met' OR length(note) > 0", name=op.f('ck_ledger_entry_reason')),
    sa.ForeignKeyConstraint(['by_id'], ['account.id'], name=op.f('fk_ledger_entry_by_id')),
    sa.ForeignKeyConstraint(['candidate_id'], ['candidate.id'], name=op.f('fk_ledger_entry_candidate_id')),
    sa.ForeignKeyConstraint(['version_id'], ['qualification_version.id'], name=op.f('fk_ledger_entry_version_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ledger_entry'))
    )
    with op.batch_alter_table('ledger_entry', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_ledger_entry_candidate_id'), ['candidate_id'], unique=False)
        batch_op.create_index('uq_ledger_entry_met', ['candidate_id', 'requirement', 'evidence'], unique=True, sqlite_where=sa.text("kind = 'met'"), postgresql_where=sa.text("kind = 'met'"))

    op.create_table('portfolio',
    sa.Column('candidate_id', sa.Integer(), nullable=False),
    sa.Column('content_hash', sa.String(), nullable=False),
    sa.Column('ordered_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('document_key', sa.String(), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('lease', sa.String(), nullable=True),
    sa.Column('last_error', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['candidate_id'], ['candidate.id'], name=op.f('fk_portfolio_candidate_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_portfolio')),
    sa.UniqueConstraint('candidate_id', 'content_hash', name=op.f('uq_portfolio_candidate_id_content_hash'))
    )
    with op.batch_alter_table('portfolio', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_portfolio_candidate_id'), ['candidate_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_portfolio_due_at'), ['due_at'], unique=False)

    op.create_table('training_log',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('candidate_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('visit', 'case', 'reflection', name='logkind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('shop', sa.String(), nullable=False),
    sa.Column('text', sa.String(), nullable=False),
    sa.Column('form_key', sa.String(), nullable=False),
    sa.Column('written_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('confirmed_by_id', sa.Integer(), nullable=True),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('remark', sa.String(), nullable=False),
    sa.CheckConstraint('(confirmed_by_id IS NULL) = (confirmed_at IS NULL)', name=op.f('ck_training_log_confirmed')),
    sa.CheckConstraint('minutes BETWEEN 0 AND 600', name=op.f('ck_training_log_minutes')),
    sa.ForeignKeyConstraint(['candidate_id'], ['candidate.id'], name=op.f('fk_training_log_candidate_id')),
    sa.ForeignKeyConstraint(['confirmed_by_id'], ['account.id'], name=op.f('fk_training_log_confirmed_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_training_log')),
    sa.UniqueConstraint('form_key', name=op.f('uq_training_log_form_key'))
    )
    with op.batch_alter_table('training_log', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_training_log_candidate_id'), ['candidate_id'], unique=False)

    op.create_table('certificate_batch_line',
    sa.Column('batch_id', sa.Integer(), nullable=False),
    sa.Column('proposal_id', sa.Integer(), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('error', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['batch_id'], ['certificate_batch.id'], name=op.f('fk_certificate_batch_line_batch_id')),
    sa.ForeignKeyConstraint(['proposal_id'], ['certificate_proposal.id'], name=op.f('fk_certificate_batch_line_proposal_id')),
    sa.PrimaryKeyConstraint('batch_id', 'proposal_id', name=op.f('pk_certificate_batch_line')),
    sa.UniqueConstraint('proposal_id', name=op.f('uq_certificate_batch_line_proposal_id'))
    )
    op.create_table('exam_attempt',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('exam_id', sa.Integer(), nullable=False),
    sa.Column('paper_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('attempt_no', sa.Integer(), nullable=False),
    sa.Column('medium', sa.Enum('online', 'paper', name='medium', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('seed', sa.Integer(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('deadline_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('paused_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('state', sa.Enum('open', 'submitted', 'closed', 'ended', 'void', name='attemptstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(state = 'open') = (finished_at IS NULL)", name=op.f('ck_exam_attempt_finished')),
    sa.ForeignKeyConstraint(['exam_id'], ['exam.id'], name=op.f('fk_exam_attempt_exam_id')),
    sa.ForeignKeyConstraint(['paper_id'], ['exam_paper.id'], name=op.f('fk_exam_attempt_paper_id')),
    sa.ForeignKeyConstraint(['user_id'], ['account.id'], name=op.f('fk_exam_attempt_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_exam_attempt')),
    sa.UniqueConstraint('exam_id', 'user_id', 'attempt_no', name=op.f('uq_exam_attempt_exam_id_user_id_attempt_no'))
    )
    with op.batch_alter_table('exam_attempt', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_exam_attempt_deadline_at'), ['deadline_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_exam_attempt_exam_id'), ['exam_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_exam_attempt_paper_id'), ['paper_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_exam_attempt_user_id'), ['user_id'], unique=False)
        batch_op.create_index('uq_exam_attempt_open', ['exam_id', 'user_id'], unique=True, sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"))

    op.create_table('exam_paper_item',
    sa.Column('paper_id', sa.Integer(), nullable=False),
    sa.Column('place', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('points', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['item_id'], ['exam_item.id'], name=op.f('fk_exam_paper_item_item_id')),
    sa.ForeignKeyConstraint(['paper_id'], ['exam_paper.id'], name=op.f('fk_exam_paper_item_paper_id')),
    sa.PrimaryKeyConstraint('paper_id', 'place', name=op.f('pk_exam_paper_item')),
    sa.UniqueConstraint('paper_id', 'item_id', name=op.f('uq_exam_paper_item_paper_id_item_id'))
    )
    with op.batch_alter_table('exam_paper_item', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_exam_paper_item_item_id'), ['item_id'], unique=False)

    op.create_table('exam_paper_print',
    sa.Column('paper_id', sa.Integer(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('ordered_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('document_key', sa.String(), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('lease', sa.String(), nullable=True),
    sa.Column('last_error', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['paper_id'], ['exam_paper.id'], name=op.f('fk_exam_paper_print_paper_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_exam_paper_print')),
    sa.UniqueConstraint('paper_id', 'size', name=op.f('uq_exam_paper_print_paper_id_size'))
    )
    with op.batch_alter_table('exam_paper_print', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_exam_paper_print_due_at'), ['due_at'], unique=False)

    op.create_table('certificate_artifact',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('certificate_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('pdf', 'credential', 'credential_jwt', 'badge_svg', 'badge_png', name='artifactkind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('storage_key', sa.String(), nullable=False),
    sa.Column('sha256', sa.String(), nullable=False),
    sa.Column('key_id', sa.String(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['certificate_id'], ['certificate.id'], name=op.f('fk_certificate_artifact_certificate_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_certificate_artifact')),
    sa.UniqueConstraint('certificate_id', 'kind', name=op.f('uq_certificate_artifact_certificate_id_kind'))
    )
    op.create_table('certificate_request',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('certificate_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('correction', 'renewal', name='requestkind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('hanja', sa.String(), nullable=False),
    sa.Column('latin', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('state', sa.Enum('waiting', 'proposed', 'declined', name='requeststate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decline_reason', sa.String(), nullable=False),
    sa.Column('proposal_id', sa.Integer(), nullable=True),
    sa.CheckConstraint("(state = 'waiting') = (decided_by_id IS NULL)", name=op.f('ck_certificate_request_decided')),
    sa.CheckConstraint("kind <> 'correction' OR length(name) > 0", name=op.f('ck_certificate_request_correction_has_name')),
    sa.CheckConstraint("(state = 'proposed') = (proposal_id IS NOT NULL)", name=op.f('ck_certificate_request_proposed')),
    sa.CheckConstraint("state <> 'declined' OR length(decline_reason) > 0", name=op.f('ck_certificate_request_declined_has_reason')),
    sa.ForeignKeyConstraint(['certificate_id'], ['certificate.id'], name=op.f('fk_certificate_request_certificate_id')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['account.id'], name=op.f('fk_certificate_request_decided_by_id')),
    sa.ForeignKeyConstraint(['proposal_id'], ['certificate_proposal.id'], name=op.f('fk_certificate_request_proposal_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_certificate_request')),
    sa.UniqueConstraint('proposal_id', name=op.f('uq_certificate_request_proposal_id'))
    )
    with op.batch_alter_table('certificate_request', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_certificate_request_certificate_id'), ['certificate_id'], unique=False)
        batch_op.create_index('uq_certificate_request_under_way', ['certificate_id'], unique=True, sqlite_where=sa.text("state IN ('waiting', 'proposed')"), postgresql_where=sa.text("state IN ('waiting', 'proposed')"))

    op.create_table('certification_appeal',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('candidate_id', sa.Integer(), nullable=True),
    sa.Column('requirement', sa.String(), nullable=False),
    sa.Column('attempt_id', sa.Integer(), nullable=True),
    sa.Column('text', sa.String(), nullable=False),
    sa.Column('filed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('answer_by', sa.DateTime(timezone=True), nullable=False),
    sa.Column('state', sa.Enum('open', 'upheld', 'dismissed', name='appealstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('answered_by_id', sa.Integer(), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answer', sa.String(), nullable=False),
    sa.CheckConstraint("(state = 'open') = (answered_by_id IS NULL) AND (state = 'open') = (answered_at IS NULL) AND (state = 'open' OR length(answer) > 0)", name=op.f('ck_certification_appeal_answered')),
    sa.CheckConstraint('(candidate_id IS NULL) <> (attempt_id IS NULL)', name=op.f('ck_certification_appeal_about_one')),
    sa.CheckConstraint('answered_by_id <> user_id', name=op.f('ck_certification_appeal_not_by_oneself')),
    sa.ForeignKeyConstraint(['answered_by_id'], ['account.id'], name=op.f('fk_certification_appeal_answered_by_id')),
    sa.ForeignKeyConstraint(['attempt_id'], ['exam_attempt.id'], name=op.f('fk_certification_appeal_attempt_id')),
    sa.ForeignKeyConstraint(['candidate_id'], ['candidate.id'], name=op.f('fk_certification_appeal_candidate_id')),
    sa.ForeignKeyConstraint(['user_id'], ['account.id'], name=op.f('fk_certification_appeal_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_certification_appeal'))
    )
    with op.batch_alter_table('certification_appeal', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_certification_appeal_user_id'), ['user_id'], unique=False)
        batch_op.create_index('uq_certification_appeal_attempt', ['attempt_id'], unique=True, sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"))
        batch_op.create_index('uq_certification_appeal_requirement', ['candidate_id', 'requirement'], unique=True, sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"))

    op.create_table('exam_answer',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('attempt_id', sa.Integer(), nullable=False),
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('response', sa.JSON(), nullable=False),
    sa.Column('saved_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('client_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('is_late', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['attempt_id'], ['exam_attempt.id'], name=op.f('fk_exam_answer_attempt_id')),
    sa.ForeignKeyConstraint(['item_id'], ['exam_item.id'], name=op.f('fk_exam_answer_item_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_exam_answer')),
    sa.UniqueConstraint('attempt_id', 'item_id', 'seq', name=op.f('uq_exam_answer_attempt_id_item_id_seq'))
    )
    op.create_table('exam_incident',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('exam_id', sa.Integer(), nullable=False),
    sa.Column('attempt_id', sa.Integer(), nullable=True),
    sa.Column('kind', sa.Enum('environment', 'person', 'staff', 'technical', name='incidentkind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('act', sa.Enum('noted', 'authorised', 'paused', 'resumed', 'extended', 'ended', 'voided', name='proctoract', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('cause', sa.String(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('length(cause) > 0', name=op.f('ck_exam_incident_cause')),
    sa.ForeignKeyConstraint(['attempt_id'], ['exam_attempt.id'], name=op.f('fk_exam_incident_attempt_id')),
    sa.ForeignKeyConstraint(['by_id'], ['account.id'], name=op.f('fk_exam_incident_by_id')),
    sa.ForeignKeyConstraint(['exam_id'], ['exam.id'], name=op.f('fk_exam_incident_exam_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_exam_incident'))
    )
    with op.batch_alter_table('exam_incident', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_exam_incident_attempt_id'), ['attempt_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_exam_incident_exam_id'), ['exam_id'], unique=False)

    op.create_table('exam_item_mark',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('attempt_id', sa.Integer(), nullable=False),
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('points', sa.Integer(), nullable=False),
    sa.Column('cause', sa.Enum('rules', 'regrade', 'markers', 'person', name='markcause', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("cause <> 'person' OR (by_id IS NOT NULL AND length(reason) > 0)", name=op.f('ck_exam_item_mark_person')),
    sa.CheckConstraint('points >= 0', name=op.f('ck_exam_item_mark_points')),
    sa.ForeignKeyConstraint(['attempt_id'], ['exam_attempt.id'], name=op.f('fk_exam_item_mark_attempt_id')),
    sa.ForeignKeyConstraint(['by_id'], ['account.id'], name=op.f('fk_exam_item_mark_by_id')),
    sa.ForeignKeyConstraint(['item_id'], ['exam_item.id'], name=op.f('fk_exam_item_mark_item_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_exam_item_mark'))
    )
    with op.batch_alter_table('exam_item_mark', schema=None) as batch_op:
        batch_op.create_index('ix_exam_item_mark_attempt', ['attempt_id', 'item_id'], unique=False)

    op.create_table('exam_keyed_sheet',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('attempt_id', sa.Integer(), nullable=False),
    sa.Column('slot', sa.Integer(), nullable=False),
    sa.Column('keyer_id', sa.Integer(), nullable=False),
    sa.Column('responses', sa.JSON(), nullable=False),
    sa.Column('keyed_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('slot BETWEEN 1 AND 3', name=op.f('ck_exam_keyed_sheet_slot')),
    sa.ForeignKeyConstraint(['attempt_id'], ['exam_attempt.id'], name=op.f('fk_exam_keyed_sheet_attempt_id')),
    sa.ForeignKeyConstraint(['keyer_id'], ['account.id'], name=op.f('fk_exam_keyed_sheet_keyer_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_exam_keyed_sheet')),
    sa.UniqueConstraint('attempt_id', 'keyer_id', name=op.f('uq_exam_keyed_sheet_attempt_id_keyer_id')),
    sa.UniqueConstraint('attempt_id', 'slot', name=op.f('uq_exam_keyed_sheet_attempt_id_slot'))
    )
    op.create_table('exam_result',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('attempt_id', sa.Integer(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('subjects', sa.JSON(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('passed', sa.Boolean(), nullable=False),
    sa.Column('cause', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['attempt_id'], ['exam_attempt.id'], name=op.f('fk_exam_result_attempt_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_exam_result')),
    sa.UniqueConstraint('attempt_id', 'seq', name=op.f('uq_exam_result_attempt_id_seq'))
    )
    op.create_table('marking_sheet',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('attempt_id', sa.Integer(), nullable=False),
    sa.Column('slot', sa.Integer(), nullable=False),
    sa.Column('marker_id', sa.Integer(), nullable=False),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('points', sa.JSON(), nullable=False),
    sa.Column('comment', sa.String(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('slot BETWEEN 1 AND 3', name=op.f('ck_marking_sheet_slot')),
    sa.ForeignKeyConstraint(['attempt_id'], ['exam_attempt.id'], name=op.f('fk_marking_sheet_attempt_id')),
    sa.ForeignKeyConstraint(['marker_id'], ['account.id'], name=op.f('fk_marking_sheet_marker_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_marking_sheet')),
    sa.UniqueConstraint('attempt_id', 'marker_id', name=op.f('uq_marking_sheet_attempt_id_marker_id')),
    sa.UniqueConstraint('attempt_id', 'slot', name=op.f('uq_marking_sheet_attempt_id_slot'))
    )
    with op.batch_alter_table('marking_sheet', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_marking_sheet_marker_id'), ['marker_id'], unique=False)

    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.alter_column("course_title", new_column_name="title", existing_type=sa.String())
        batch_op.alter_column("course_id", existing_type=sa.String(), nullable=True)
        batch_op.add_column(sa.Column("kind", sa.String(length=40), nullable=False, server_default="completion"))
        batch_op.add_column(sa.Column("qualification_id", sa.String(), nullable=True))
        for name in ("holder_hanja", "holder_latin", "registration_number"):
            batch_op.add_column(sa.Column(name, sa.String(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("valid_until", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("printed", sa.JSON(), nullable=False, server_default="{}"))
        batch_op.add_column(sa.Column("template_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("series", sa.String(), nullable=False, server_default="C"))
        batch_op.add_column(sa.Column("drawn_sha256", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("redrawn_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("status_index", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("credential_uuid", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("visibility", sa.String(length=40), nullable=False, server_default="by_code"))
        batch_op.add_column(sa.Column("supersedes_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("revoke_class", sa.String(length=40), nullable=True))
    op.execute("UPDATE certificate SET revoke_class = 'error' WHERE state = 'revoked'")
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        for name in ("kind", "holder_hanja", "holder_latin", "registration_number", "printed", "series", "visibility"):
            batch_op.alter_column(name, server_default=None)
        batch_op.drop_constraint(op.f("uq_certificate_year_serial"), type_="unique")
        batch_op.drop_constraint(op.f("ck_certificate_certificatestate"), type_="check")
        batch_op.drop_constraint(op.f("ck_certificate_revoked_has_reason"), type_="check")
        for name, rule in CERTIFICATE_RULES.items():
            batch_op.create_check_constraint(op.f(f"ck_certificate_{name}"), rule)
        batch_op.create_index(batch_op.f("ix_certificate_redrawn_at"), ["redrawn_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_certificate_remind_at"), ["remind_at"], unique=False)
        batch_op.create_index(
            "uq_certificate_active_qualification",
            ["holder_id", "qualification_id"],
            unique=True,
            sqlite_where=sa.text("state = 'active'"),
            postgresql_where=sa.text("state = 'active'"),
        )
        for columns in (["credential_uuid"], ["series", "year", "serial"], ["status_index"], ["supersedes_id"]):
            batch_op.create_unique_constraint(op.f(f"uq_certificate_{'_'.join(columns)}"), columns)
        batch_op.create_foreign_key(op.f("fk_certificate_supersedes_id"), "certificate", ["supersedes_id"], ["id"])
        batch_op.create_foreign_key(op.f("fk_certificate_template_id"), "certificate_template", ["template_id"], ["id"])

    with op.batch_alter_table("certificate_event", schema=None) as batch_op:
        batch_op.add_column(sa.Column("seq", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("digest", sa.String(), nullable=True))
        batch_op.drop_constraint(op.f("ck_certificate_event_eventkind"), type_="check")
        batch_op.create_check_constraint(op.f("ck_certificate_event_eventkind"), f"kind IN ({EVENTS + NEW_EVENTS})")
    chain_the_events()
    with op.batch_alter_table("certificate_event", schema=None) as batch_op:
        batch_op.alter_column("seq", existing_type=sa.Integer(), nullable=False)
        batch_op.alter_column("digest", existing_type=sa.String(), nullable=False)
        batch_op.create_unique_constraint(op.f("uq_certificate_event_seq"), ["seq"])

    with op.batch_alter_table("certificate_proposal", schema=None) as batch_op:
        batch_op.add_column(sa.Column("candidate_id", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column("is_replacement", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.alter_column("completion_id", existing_type=sa.Integer(), nullable=True)
        batch_op.alter_column("course_id", existing_type=sa.String(), nullable=True)
        batch_op.create_index(batch_op.f("ix_certificate_proposal_candidate_id"), ["candidate_id"], unique=False)
        batch_op.drop_index("uq_certificate_proposal_standing")
        for name, column, rule in (
            ("standing", "completion_id", FIRST_STANDING),
            ("candidate", "candidate_id", FIRST_STANDING),
        ):
            batch_op.create_index(
                f"uq_certificate_proposal_{name}",
                [column],
                unique=True,
                sqlite_where=sa.text(rule),
                postgresql_where=sa.text(rule),
            )
        batch_op.create_foreign_key(op.f("fk_certificate_proposal_candidate_id"), "candidate", ["candidate_id"], ["id"])
        batch_op.create_check_constraint(
            op.f("ck_certificate_proposal_for_one"), "(completion_id IS NULL) <> (candidate_id IS NULL)"
        )
        batch_op.create_check_constraint(
            op.f("ck_certificate_proposal_course"), "(completion_id IS NULL) = (course_id IS NULL)"
        )

    with op.batch_alter_table("certificate_proposal", schema=None) as batch_op:
        batch_op.alter_column("is_replacement", existing_type=sa.Boolean(), server_default=None)

    counters = op.get_bind().execute(sa.text("SELECT year, last FROM certificate_serial")).all()
    op.drop_table("certificate_serial")
    serials = op.create_table(
        "certificate_serial",
        sa.Column("series", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("series", "year", name=op.f("pk_certificate_serial")),
    )
    op.bulk_insert(serials, [{"series": "C", "year": year, "last": last} for year, last in counters])


def downgrade() -> None:
    counters = op.get_bind().execute(sa.text("SELECT year, last FROM certificate_serial WHERE series = 'C'")).all()
    op.drop_table("certificate_serial")
    serials = op.create_table(
        "certificate_serial",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_certificate_serial")),
    )
    op.bulk_insert(serials, [{"year": year, "last": last} for year, last in counters])

    with op.batch_alter_table("certificate_proposal", schema=None) as batch_op:
        for name in ("for_one", "course"):
            batch_op.drop_constraint(op.f(f"ck_certificate_proposal_{name}"), type_="check")
        batch_op.drop_constraint(op.f("fk_certificate_proposal_candidate_id"), type_="foreignkey")
        for name in ("standing", "candidate"):
            batch_op.drop_index(f"uq_certificate_proposal_{name}")
        batch_op.drop_index(batch_op.f("ix_certificate_proposal_candidate_id"))
        batch_op.create_index(
            "uq_certificate_proposal_standing",
            ["completion_id"],
            unique=True,
            sqlite_where=sa.text(STANDING),
            postgresql_where=sa.text(STANDING),
        )
        batch_op.alter_column("course_id", existing_type=sa.String(), nullable=False)
        batch_op.alter_column("completion_id", existing_type=sa.Integer(), nullable=False)
        batch_op.drop_column("is_replacement")
        batch_op.drop_column("candidate_id")

    op.execute(f"DELETE FROM certificate_event WHERE kind IN ({NEW_EVENTS.removeprefix(', ')})")
    with op.batch_alter_table("certificate_event", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("uq_certificate_event_seq"), type_="unique")
        batch_op.drop_constraint(op.f("ck_certificate_event_eventkind"), type_="check")
        batch_op.create_check_constraint(op.f("ck_certificate_event_eventkind"), f"kind IN ({EVENTS})")
        batch_op.drop_column("digest")
        batch_op.drop_column("seq")

    with op.batch_alter_table("certificate", schema=None) as batch_op:
        for name in ("template_id", "supersedes_id"):
            batch_op.drop_constraint(op.f(f"fk_certificate_{name}"), type_="foreignkey")
        for name in ("supersedes_id", "status_index", "series_year_serial", "credential_uuid"):
            batch_op.drop_constraint(op.f(f"uq_certificate_{name}"), type_="unique")
        for name in CERTIFICATE_RULES:
            batch_op.drop_constraint(op.f(f"ck_certificate_{name}"), type_="check")
        for name in ("uq_certificate_active_qualification", "ix_certificate_remind_at", "ix_certificate_redrawn_at"):
            batch_op.drop_index(name)
        batch_op.create_check_constraint(op.f("ck_certificate_certificatestate"), "state IN ('active', 'revoked')")
        batch_op.create_check_constraint(
            op.f("ck_certificate_revoked_has_reason"),
            "(state = 'revoked') = (revoked_at IS NOT NULL)"
            " AND (state = 'revoked') = (revoked_by_id IS NOT NULL)"
            " AND (state = 'revoked') = (length(revoke_reason) > 0)",
        )
        batch_op.create_unique_constraint(op.f("uq_certificate_year_serial"), ["year", "serial"])
        batch_op.alter_column("course_id", existing_type=sa.String(), nullable=False)
        batch_op.alter_column("title", new_column_name="course_title", existing_type=sa.String())
        for name in (
            *("kind", "qualification_id", "holder_hanja", "holder_latin", "registration_number", "valid_until"),
            *("printed", "template_id", "series", "drawn_sha256", "redrawn_at", "status_index"),
            *("credential_uuid", "visibility", "supersedes_id", "superseded_at", "remind_at", "revoke_class"),
        ):
            batch_op.drop_column(name)

    with op.batch_alter_table('marking_sheet', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_marking_sheet_marker_id'))

    op.drop_table('marking_sheet')
    op.drop_table('exam_result')
    op.drop_table('exam_keyed_sheet')
    with op.batch_alter_table('exam_item_mark', schema=None) as batch_op:
        batch_op.drop_index('ix_exam_item_mark_attempt')

    op.drop_table('exam_item_mark')
    with op.batch_alter_table('exam_incident', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_exam_incident_exam_id'))
        batch_op.drop_index(batch_op.f('ix_exam_incident_attempt_id'))

    op.drop_table('exam_incident')
    op.drop_table('exam_answer')
    with op.batch_alter_table('certification_appeal', schema=None) as batch_op:
        batch_op.drop_index('uq_certification_appeal_requirement', sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"))
        batch_op.drop_index('uq_certification_appeal_attempt', sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"))
        batch_op.drop_index(batch_op.f('ix_certification_appeal_user_id'))

    op.drop_table('certification_appeal')
    with op.batch_alter_table('certificate_request', schema=None) as batch_op:
        batch_op.drop_index('uq_certificate_request_under_way', sqlite_where=sa.text("state IN ('waiting', 'proposed')"), postgresql_where=sa.text("state IN ('waiting', 'proposed')"))
        batch_op.drop_index(batch_op.f('ix_certificate_request_certificate_id'))

    op.drop_table('certificate_request')
    op.drop_table('certificate_artifact')
    with op.batch_alter_table('exam_paper_print', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_exam_paper_print_due_at'))

    op.drop_table('exam_paper_print')
    with op.batch_alter_table('exam_paper_item', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_exam_paper_item_item_id'))

    op.drop_table('exam_paper_item')
    with op.batch_alter_table('exam_attempt', schema=None) as batch_op:
        batch_op.drop_index('uq_exam_attempt_open', sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"))
        batch_op.drop_index(batch_op.f('ix_exam_attempt_user_id'))
        batch_op.drop_index(batch_op.f('ix_exam_attempt_paper_id'))
        batch_op.drop_index(batch_op.f('ix_exam_attempt_exam_id'))
        batch_op.drop_index(batch_op.f('ix_exam_attempt_deadline_at'))

    op.drop_table('exam_attempt')
    op.drop_table('certificate_batch_line')
    with op.batch_alter_table('training_log', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_training_log_candidate_id'))

    op.drop_table('training_log')
    with op.batch_alter_table('portfolio', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_portfolio_due_at'))
        batch_op.drop_index(batch_op.f('ix_portfolio_candidate_id'))

    op.drop_table('portfolio')
    with op.batch_alter_table('ledger_entry', schema=None) as batch_op:
        batch_op.drop_index('uq_ledger_entry_met', sqlite_where=sa.text("kind = 'met'"), postgresql_where=sa.text("kind = 'met'"))
        batch_op.drop_index(batch_op.f('ix_ledger_entry_candidate_id'))

    op.drop_table('ledger_entry')
    with op.batch_alter_table('exam_regrade', schema=None) as batch_op:
        batch_op.drop_index('uq_exam_regrade_pending', sqlite_where=sa.text("state = 'proposed'"), postgresql_where=sa.text("state = 'proposed'"))

    op.drop_table('exam_regrade')
    op.drop_table('exam_paper')
    with op.batch_alter_table('exam_application', schema=None) as batch_op:
        batch_op.drop_index('uq_exam_application_stands', sqlite_where=sa.text('cancelled_at IS NULL'), postgresql_where=sa.text('cancelled_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_exam_application_user_id'))
        batch_op.drop_index(batch_op.f('ix_exam_application_exam_id'))

    op.drop_table('exam_application')
    with op.batch_alter_table('exam_allowance', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_exam_allowance_exam_id'))

    op.drop_table('exam_allowance')
    op.drop_table('printed_name')
    op.drop_table('item_import')
    with op.batch_alter_table('exam_item', schema=None) as batch_op:
        batch_op.drop_index('uq_exam_item_in_use', sqlite_where=sa.text('retired_at IS NULL'), postgresql_where=sa.text('retired_at IS NULL'))
        batch_op.drop_index('ix_exam_item_choose')

    op.drop_table('exam_item')
    with op.batch_alter_table('exam', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_exam_closes_at'))

    op.drop_table('exam')
    op.drop_table('certificate_template')
    with op.batch_alter_table('certificate_batch', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_certificate_batch_due_at'))

    op.drop_table('certificate_batch')
    with op.batch_alter_table('candidate', schema=None) as batch_op:
        batch_op.drop_index('uq_candidate_stays', sqlite_where=sa.text('left_at IS NULL'), postgresql_where=sa.text('left_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_candidate_user_id'))
        batch_op.drop_index(batch_op.f('ix_candidate_check_at'))

    op.drop_table('candidate')
    op.drop_table('qualification_version')
    op.drop_table('certificate_chain')
