"""What waits for a member of staff around certificates and exams, to be counted on their desk."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Select, and_, select

from portal.accounts.models import User
from portal.certification import (
    appealing,
    batches,
    calibrations,
    candidates,
    corrections,
    exam_appeals,
    marking_queue,
    queries,
    regrades,
    releasing,
    training_log,
    twins,
)
from portal.certification.exam_models import Exam, ExamAttempt
from portal.certification.life_models import Batch, CertificateRequest
from portal.certification.marking_models import Calibration, MarkingSheet, PaperPrint, Regrade
from portal.certification.models import Certificate, Proposal
from portal.certification.policy import ISSUERS
from portal.certification.qualification_models import Appeal, Candidate, Portfolio, TrainingLog
from portal.certification.statement_models import Statement
from portal.core import work
from portal.core.pending import Counted, counted
from portal.core.roles import Role
from portal.courses.models import CourseCompletion


def of_certificates(user: User, *, now: datetime) -> Iterator[Counted]:
    """Yield what counts each kind of work this person has with certificates and the ways to them."""
    if not user.roles.isdisjoint(training_log.READERS):
        logs = training_log.select_to_read(user).order_by(TrainingLog.id)
        yield counted("training-logs", logs, TrainingLog.written_at)
    if user.roles.isdisjoint(ISSUERS):
        return
    appeals = select(Appeal).where(appealing.waits_for(user), Appeal.attempt_id.is_(None))
    yield counted("appeals", appeals.order_by(Appeal.id), Appeal.filed_at, is_late=Appeal.answer_by < now)
    approvals = select(Proposal).where(queries.is_to_approve(user)).order_by(Proposal.id)
    yield counted("approvals", approvals, Proposal.proposed_at)
    if user.has_role(Role.TRAINER):
        yield from _to_propose(user)
    batch = select(Batch).where(batches.waits_for(user)).order_by(Batch.id)
    yield counted("batches", batch, Batch.proposed_at)
    yield requests(user)


def requests(user: User) -> Counted:
    """Return what counts the requests of holders that this person could take up."""
    return counted("requests", corrections.select_waiting(user), CertificateRequest.asked_at)


def of_exams(user: User, *, now: datetime) -> Iterator[Counted]:
    """Yield what counts each kind of work this person has around exams."""
    if user.roles.isdisjoint(ISSUERS):
        return
    if user.has_role(Role.OPERATOR):
        late = marking_queue.select_late(now)
        yield counted("late-scripts", late, ExamAttempt.finished_at, is_late=ExamAttempt.id.is_not(None))
        stranded = marking_queue.select_stranded()
        yield counted("stranded-scripts", stranded, ExamAttempt.finished_at)
        yield counted("calibrations", calibrations.select_waiting(user), Calibration.opened_at)
    if user.has_role(Role.TRAINER):
        drafts, waiting = marking_queue.select_drafts(user), marking_queue.select_waiting(user, now)
        is_late = ExamAttempt.finished_at < marking_queue.late_before(now)
        yield counted("drafts", drafts, MarkingSheet.started_at, is_late=MarkingSheet.lease_until < now)
        yield counted("scripts", waiting, ExamAttempt.finished_at, is_late=is_late)
    open_appeals = exam_appeals.select_open(user)
    yield counted("exam-appeals", open_appeals, Appeal.filed_at, is_late=Appeal.answer_by < now)
    yield counted("to-release", releasing.select_to_release(user, now), Exam.closes_at)
    yield counted("regrades", regrades.select_waiting(user), Regrade.proposed_at)
    yield counted("on-paper", twins.select_exams_on_paper(user, now), Exam.apply_until)


def of_jobs() -> Iterator[Counted]:
    """Yield what counts the work of workers that is not done, for operators."""
    undrawn = select(Certificate).where(Certificate.due_at.is_not(None))
    yield counted("job:certificates", undrawn, None)
    for name, model in (
        ("job:statements", Statement),
        ("job:portfolios", Portfolio),
        ("job:prints", PaperPrint),
    ):
        yield counted(name, select(model).where(work.has_failed(model)), None)


def _to_propose(user: User) -> Iterator[Counted]:
    done = select(CourseCompletion).where(queries.is_to_propose(user)).order_by(CourseCompletion.id)
    yield counted("to-propose", done, CourseCompletion.completed_at)
    ready: Select[Candidate] = (
        select(Candidate)
        .where(and_(candidates.is_listed(user), candidates.is_ready()))
        .order_by(Candidate.id)
    )
    yield counted("ready", ready, Candidate.joined_at)
