"""What each role sees first, put together from the other domains' queries."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import (
    appealing,
    candidates,
    exam_queries,
    marking_queue,
    portfolios,
    qualifications,
    scripts,
    standings,
    statements,
    twin_prints,
)
from portal.certification import pending as certification_pending
from portal.certification import queries as certification
from portal.certification.marking_models import PaperPrint
from portal.certification.models import Certificate
from portal.certification.queries import CompletionToPropose, ProposalToApprove, Unrendered, Waiting
from portal.certification.statement_models import Statement
from portal.community import queries as community
from portal.community.queries import QuestionLine
from portal.community.waiting import Breach, list_breaches
from portal.core import pending
from portal.core.errors import NotFoundError
from portal.core.korean import with_hyphens
from portal.core.roles import Role
from portal.courses import catalogue
from portal.courses import pending as course_pending
from portal.courses import queries as courses
from portal.courses.models import Handout, PracticeTry, ProofReview, ReviewState, StepCompletion
from portal.courses.queries import Resume
from portal.desk import policy
from portal.mentoring import offered, plan
from portal.mentoring import pending as mentoring_pending
from portal.mentoring import queries as mentoring
from portal.mentoring.offered import OfferCard
from portal.mentoring.plan_models import PlanPaper
from portal.mentoring.queries import DayVisit, EngagementCard, NextVisit, OpenItem
from portal.messages import pending as message_pending
from portal.messages import queries as messages
from portal.messages.queries import Unsent

QUESTIONS_ON_HOME = 3
STUCK_AFTER_TRIES = 3
STUCK_WITHIN = timedelta(days=14)
LIMIT = 20


@dataclass(frozen=True)
class Way:
    """How far somebody is on the way to a qualification."""

    candidate_id: int
    title: str
    #: What is at its end: 자격 or 수료증.
    goal: str
    left: int
    total: int
    #: What to do next; empty while somebody else is at it.
    following: str


@dataclass(frozen=True)
class LearnerHome:
    """Where to go on, what is left until a qualification, this week's promises, and answers."""

    #: The exam they are sitting at this moment.
    running: exam_queries.Running | None
    resume: Resume | None
    way: Way | None
    #: With nothing left to resume: the newest certificate that stands, or a completion that waits for one.
    certificate: Certificate | None
    waiting: Waiting | None
    next_visit: NextVisit | None
    #: With no visit agreed: where it stands with their mentor, or that a mentor is looked for.
    mentor: EngagementCard | None
    seeks_mentor: bool
    items: Sequence[OpenItem]
    questions: Sequence[QuestionLine]


@dataclass(frozen=True)
class MentorHome:
    """Questions by their promise, visits, what one is asked and promised to do, and shops that wait."""

    questions: Sequence[QuestionLine]
    #: Shops without a day agreed or proposed: the mentor sends times.
    without_time: Sequence[EngagementCard]
    visits: Sequence[DayVisit]
    offers: Sequence[OfferCard]
    items: Sequence[OpenItem]
    open_needs: int


@dataclass(frozen=True)
class Stuck:
    """Somebody who tried a practice several times and has not passed it."""

    #: Of the last try.
    try_id: int
    learner_name: str
    #: With hyphens, empty for those who have none.
    phone: str
    step_title: str
    tries: int
    last_at: datetime


@dataclass(frozen=True)
class ProofLine:
    """A task somebody did outside the portal, as they told it."""

    id: int
    state: ReviewState
    learner_name: str
    course_id: str
    lesson_id: str
    step_id: str
    step_title: str
    sent_at: datetime
    ticked: Sequence[str]
    told: str
    comment: str


@dataclass(frozen=True)
class TrainerHome:
    """Whom to propose, what to approve, who is stuck, what to mark."""

    to_propose: Sequence[CompletionToPropose]
    ready: Sequence[candidates.OnTheWay]
    to_approve: Sequence[ProposalToApprove]
    stuck: Sequence[Stuck]
    #: Scripts this person has taken, and those that wait for somebody.
    drafts: int
    to_mark: int


@dataclass(frozen=True)
class OperatorHome:
    """Broken promises, what waits for approval, and how much of the workers' work is unfinished."""

    broken: Sequence[Breach]
    to_approve: Sequence[ProposalToApprove]
    unfinished: int
    late_scripts: int
    #: Scripts that too few may still mark.
    stranded_scripts: int
    #: Appeals about requirements and exams that nobody answered by the promised day.
    late_appeals: Sequence[appealing.AppealLine]


@dataclass(frozen=True)
class Jobs:
    """The unfinished work of workers, each kind a page at most."""

    unrendered: Sequence[Unrendered]
    unsent: Sequence[Unsent]
    unmade: Sequence[Handout]
    unmade_plans: Sequence[PlanPaper]
    undrawn: Sequence[Statement]
    unmade_portfolios: Sequence[portfolios.Unmade]
    unprinted: Sequence[PaperPrint]


Home = LearnerHome | MentorHome | TrainerHome | OperatorHome


def get_home(session: Session, user: User, *, now: datetime) -> Home:
    """Return the first screen of the role that carries the most duty."""
    if user.has_role(Role.OPERATOR):
        return get_operator_home(session, user, now=now)
    if user.has_role(Role.TRAINER):
        return get_trainer_home(session, user, now=now)
    if user.has_role(Role.MENTOR):
        return get_mentor_home(session, user, now=now)
    return get_learner_home(session, user, now=now)


def get_learner_home(session: Session, user: User, *, now: datetime) -> LearnerHome:
    """Return a merchant's or trainee's day."""
    resume = courses.find_resume(session, user)
    certificates = [] if resume else certification.list_certificates(session, user, limit=5)
    waiting = [] if resume else certification.list_waiting(session, user, limit=1)
    next_visit = mentoring.find_next_visit(session, user)
    cards = [] if next_visit else mentoring.list_engagements(session, user, is_active=True, now=now)
    return LearnerHome(
        running=exam_queries.find_running(session, user, now=now),
        resume=resume,
        way=find_way(session, user),
        certificate=next((row for row in certificates if not row.is_revoked), None),
        waiting=next(iter(waiting), None),
        next_visit=next_visit,
        mentor=next(iter(cards), None),
        seeks_mentor=not next_visit and not cards and mentoring.find_open_need(session, user) is not None,
        items=mentoring.list_open_items(session, user),
        questions=community.list_my_questions(session, user, now=now, limit=QUESTIONS_ON_HOME),
    )


def find_way(session: Session, user: User) -> Way | None:
    """Return how far the person is on the way begun last that still has something left, or None."""
    for candidate in candidates.list_own(session, user):
        if candidates.find_proposal(session, candidate) is not None:
            continue
        qualification = qualifications.current().get(candidate.qualification_id)
        lines = standings.status(session, candidate)
        return Way(
            candidate_id=candidate.id,
            title=qualification.title,
            goal=qualification.goal_word,
            left=sum(not line.is_settled for line in lines),
            total=len(lines),
            following=next((line.requirement.title for line in lines if line.next is not None), ""),
        )
    return None


def get_mentor_home(session: Session, user: User, *, now: datetime) -> MentorHome:
    """Return a mentor's day."""
    return MentorHome(
        questions=community.list_owned_questions(session, user, now=now, limit=LIMIT),
        without_time=mentoring.list_without_time(session, user, now=now),
        visits=mentoring.list_mentor_day(session, user, now),
        offers=offered.list_open(session, user, now=now),
        items=mentoring.list_open_items(session, user),
        open_needs=mentoring.count_open_needs(session, user),
    )


def get_trainer_home(session: Session, user: User, *, now: datetime) -> TrainerHome:
    """Return a trainer's work."""
    return TrainerHome(
        to_propose=certification.list_completions_to_propose(session, user),
        ready=candidates.list_ready(session, user),
        to_approve=certification.list_proposals_to_approve(session, user),
        stuck=list_stuck(session, now=now),
        drafts=len(scripts.list_mine(session, user)),
        to_mark=marking_queue.count_waiting(session, user, now=now),
    )


def get_operator_home(session: Session, user: User, *, now: datetime) -> OperatorHome:
    """Return an operator's work."""
    return OperatorHome(
        broken=list_breaches(session, user, now=now),
        to_approve=certification.list_proposals_to_approve(session, user),
        unfinished=sum(each.count for each in pending.read(session, select_jobs(now)).values()),
        late_scripts=len(marking_queue.list_late(session, now=now)),
        stranded_scripts=len(marking_queue.list_stranded(session)),
        late_appeals=appealing.list_open(session, user, now=now, overdue_only=True),
    )


def select_jobs(now: datetime) -> Iterator[pending.Counted]:
    """Yield what counts each kind of the workers' work that is not done."""
    yield from message_pending.of_jobs(now)
    yield from course_pending.of_jobs()
    yield from mentoring_pending.of_jobs()
    yield from certification_pending.of_jobs()


def list_jobs(session: Session, *, now: datetime) -> Jobs:
    """Return the unfinished work of workers with its causes, for the page of jobs."""
    return Jobs(
        unrendered=certification.list_unrendered(session),
        unsent=messages.list_unsent(session, now=now),
        unmade=courses.list_failed_handouts(session),
        unmade_plans=plan.list_failed(session),
        undrawn=statements.list_failed(session),
        unmade_portfolios=portfolios.list_failed(session),
        unprinted=twin_prints.list_failed(session),
    )


def list_proofs(session: Session, user: User, *, after_id: int = 0) -> list[ProofLine]:
    """Return what waits to be confirmed, the oldest first, ``LIMIT`` from after an id.

    A mentor sees what their own shops did.
    """
    rows = session.execute(select_proofs(user).where(ProofReview.id > after_id).limit(LIMIT))
    return [_proof_line(*row) for row in rows]


def select_proofs(user: User) -> Select[ProofReview, PracticeTry, str]:
    """Return the statement of what waits to be confirmed by this person, the oldest first."""
    return _proofs(user).where(ProofReview.state == ReviewState.WAITING).order_by(ProofReview.id)


def get_proof(session: Session, user: User, review_id: int) -> ProofLine:
    """Return one proof this person may look at; raises NotFoundError."""
    found = session.execute(_proofs(user).where(ProofReview.id == review_id)).first()
    if found is None:
        raise NotFoundError("찾는 것이 없어요. 목록에서 다시 골라 주세요.")
    return _proof_line(*found)


def _proofs(user: User) -> Select[ProofReview, PracticeTry, str]:
    """Return the proofs this person may look at."""
    return (
        select(ProofReview, PracticeTry, User.name)
        .join(PracticeTry, PracticeTry.id == ProofReview.try_id)
        .join(User, User.id == PracticeTry.learner_id)
        .where(policy.may_check(user, PracticeTry.learner_id))
    )


def _proof_line(review: ProofReview, tried: PracticeTry, name: str) -> ProofLine:
    try:
        place = catalogue.current().place(tried.course_id, tried.lesson_id, tried.step_id)
    except NotFoundError:
        place = None
    practice = place.step.practice if place else None
    labels = {field.name: field.label for field in practice.form_fields("", {})} if practice else {}
    return ProofLine(
        id=review.id,
        state=review.state,
        learner_name=name,
        course_id=tried.course_id,
        lesson_id=tried.lesson_id,
        step_id=tried.step_id,
        step_title=step_title(tried.course_id, tried.lesson_id, tried.step_id),
        sent_at=review.sent_at,
        ticked=[labels.get(name, name) for name, value in tried.answer.items() if value == "yes"],
        told=tried.answer.get("proof", ""),
        comment=review.comment,
    )


def list_stuck(session: Session, *, now: datetime, after_id: int = 0) -> list[Stuck]:
    """Return who tried a practice STUCK_AFTER_TRIES times lately without passing it, the latest first.

    ``LIMIT`` from those whose last try came before ``after_id``.
    """
    statement = select_stuck(now).limit(LIMIT)
    if after_id:
        statement = statement.having(func.max(PracticeTry.id) < after_id)
    return [
        Stuck(
            last_id,
            name,
            with_hyphens(phone) if phone else "",
            step_title(course_id, lesson_id, step_id),
            count,
            at,
        )
        for last_id, name, phone, course_id, lesson_id, step_id, count, at in session.execute(statement)
    ]


def select_stuck(now: datetime) -> Select[int, str, str | None, str, str, str, int, datetime]:
    """Return the statement of `list_stuck`."""
    place = (PracticeTry.learner_id, PracticeTry.course_id, PracticeTry.lesson_id, PracticeTry.step_id)
    last_id, tries, last_at = func.max(PracticeTry.id), func.count(), func.max(PracticeTry.created_at)
    is_passed = exists().where(
        StepCompletion.learner_id == PracticeTry.learner_id,
        StepCompletion.course_id == PracticeTry.course_id,
        StepCompletion.lesson_id == PracticeTry.lesson_id,
        StepCompletion.step_id == PracticeTry.step_id,
    )
    return (
        select(last_id, User.name, User.phone, *place[1:], tries, last_at)
        .join(User, User.id == PracticeTry.learner_id)
        .where(~is_passed, PracticeTry.created_at > now - STUCK_WITHIN)
        .group_by(User.name, User.phone, *place)
        .having(tries >= STUCK_AFTER_TRIES)
        .order_by(last_id.desc())
    )


def step_title(course_id: str, lesson_id: str, step_id: str) -> str:
    """Return the step's title, or its id when today's course no longer has it."""
    try:
        place = catalogue.current().place(course_id, lesson_id, step_id)
    except NotFoundError:
        return step_id
    return f"{place.lesson.title} · {place.step.title}"
