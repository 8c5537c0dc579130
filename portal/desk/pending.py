"""How much waits for one member of staff, of every kind there is: one question to the database."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from sqlalchemy import func
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.calculators import fee_tables
from portal.certification import pending as certification
from portal.community import pending as community
from portal.core.clock import KST
from portal.core.pending import Counted, Pending, counted, read
from portal.core.roles import Role
from portal.courses import catalogue
from portal.courses import pending as courses
from portal.courses.facts import FactNote
from portal.courses.models import PracticeTry, ProofReview
from portal.courses.rehearsal_models import RehearsalLog
from portal.courses.reply_models import ReplyReview
from portal.desk import checks, queries
from portal.mentoring import pending as mentoring
from portal.mentoring import referral_queries

JOB = "job:"
"""What the kinds of unfinished jobs begin with, which stand on the desk as one."""


def list_pending(session: Session, user: User, *, now: datetime) -> Mapping[str, Pending]:
    """Return how much waits of each kind of work this person may do, of some nothing."""
    found = read(session, _statements(user, now))
    works = {kind: each for kind, each in found.items() if not kind.startswith(JOB)}
    if user.has_role(Role.OPERATOR):
        jobs = sum(each.count for kind, each in found.items() if kind.startswith(JOB))
        works["jobs"] = Pending("jobs", jobs, since=None, late=0)
    if not user.roles.isdisjoint(courses.CARETAKERS):
        works["facts"] = Pending("facts", len(list_doubtful_facts(now)), since=None, late=0)
    return works


def list_doubtful_facts(now: datetime) -> tuple[FactNote, ...]:
    """Return the facts of lessons, calculators and advice that must be looked up again today."""
    also = (*fee_tables.current().facts, *referral_queries.list_advice().values())
    return catalogue.current().doubtful_facts(now.astimezone(KST).date(), also=also)


def _statements(user: User, now: datetime) -> Iterator[Counted]:
    yield from community.of(user, now=now)
    yield from mentoring.of(user, now=now)
    yield from courses.of(user)
    yield from _of_learning(user, now)
    yield from certification.of_certificates(user, now=now)
    yield from certification.of_exams(user, now=now)
    if user.has_role(Role.OPERATOR):
        yield from queries.select_jobs(now)


def _of_learning(user: User, now: datetime) -> Iterator[Counted]:
    yield counted("proofs", queries.select_proofs(user), ProofReview.sent_at)
    yield counted("replies", checks.select_replies(user), ReplyReview.sent_at)
    yield counted("rehearsals", checks.select_rehearsals(user), func.max(RehearsalLog.logged_at))
    if user.has_role(Role.TRAINER):
        yield counted("stuck", queries.select_stuck(now), func.max(PracticeTry.created_at))
