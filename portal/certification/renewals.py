"""Renewing a 자격증: from some days before its end and after it, once what its rules want is learned anew.

A certificate past its last day does not hold until it is renewed; it is not lost (효력 정지).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import awards, corrections, reminders
from portal.certification.life_models import CertificateRequest, RequestKind
from portal.certification.models import Certificate, CertificateState, Proposal
from portal.certification.qualification_models import Candidate, QualificationVersion
from portal.certification.qualifications import Version
from portal.core import db, korean, queue
from portal.core.clock import KST
from portal.core.errors import ConflictError
from portal.courses import catalogue
from portal.courses.models import CourseCompletion, PracticeTry
from portal.messages.operations import notify

REMIND_WITHIN_S = 60
LIMIT = 200


@dataclass(frozen=True)
class ToLearn:
    """A course that a renewal wants, and whether it was done since the certificate was issued."""

    course_id: str
    title: str
    is_done: bool


@dataclass(frozen=True)
class Renewable:
    """How a certificate goes on, as its holder sees it."""

    opens_on: date
    last_day: date
    today: date
    courses: tuple[ToLearn, ...]

    @property
    def is_open(self) -> bool:
        """Tell whether the days of renewing have begun."""
        return self.today >= self.opens_on

    @property
    def is_over(self) -> bool:
        """Tell whether the certificate does not hold until it is renewed."""
        return self.today > self.last_day

    @property
    def to_do(self) -> tuple[ToLearn, ...]:
        """The courses still to be done."""
        return tuple(course for course in self.courses if not course.is_done)

    @property
    def may_ask(self) -> bool:
        """Tell whether nothing is missing but asking."""
        return self.is_open and not self.to_do


def list_to_remind(session: Session, now: datetime) -> Sequence[int]:
    """Return the certificates whose holders should be reminded now."""
    return session.scalars(
        select(Certificate.id)
        .where(Certificate.remind_at <= now)
        .order_by(Certificate.remind_at, Certificate.id)
        .limit(LIMIT)
    ).all()


REMIND = queue.register(
    "certification.remind",
    run="portal.certification.life_jobs.remind",
    timeout_s=REMIND_WITHIN_S,
    due=list_to_remind,
)


def find(session: Session, certificate: Certificate, *, now: datetime) -> Renewable | None:
    """Return how a certificate goes on; None for one that holds for ever, or stands no more."""
    if certificate.valid_until is None or certificate.state is not CertificateState.ACTIVE:
        return None
    rules = session.scalar(
        select(QualificationVersion.rules)
        .join(Candidate, Candidate.version_id == QualificationVersion.id)
        .join(Proposal, Proposal.candidate_id == Candidate.id)
        .where(Proposal.id == certificate.proposal_id)
    )
    if rules is None:
        return None
    renewal = Version.of(rules).renewal
    done = _list_done(session, certificate, renewal.courses)
    return Renewable(
        opens_on=certificate.valid_until - timedelta(days=renewal.window_days),
        last_day=certificate.valid_until,
        today=now.astimezone(KST).date(),
        courses=tuple(
            ToLearn(course_id, awards.course_title(course_id), course_id in done)
            for course_id in renewal.courses
        ),
    )


def ask(session: Session, certificate: Certificate, holder: User, *, now: datetime) -> CertificateRequest:
    """Ask for a renewal; a second press returns the request under way.

    Raises ConflictError before the days of renewing, while a course is missing, and for a certificate that
    holds for ever or stands no more.
    """
    certificate = corrections.lock_own(session, certificate, holder)
    renewable = find(session, certificate, now=now)
    if renewable is None:
        raise ConflictError("이 증서는 기간이 없어서 갱신하지 않아도 돼요.")
    if not renewable.is_open:
        raise ConflictError(f"{korean.plain_day(renewable.opens_on)}부터 갱신할 수 있어요.")
    if renewable.to_do:
        raise ConflictError(
            f"‘{renewable.to_do[0].title}’ 과정을 먼저 마쳐 주세요. 그다음에 갱신할 수 있어요."
        )
    request = CertificateRequest(certificate_id=certificate.id, kind=RequestKind.RENEWAL, asked_at=now)
    return corrections.keep(session, request)


def remind(session: Session, certificate_id: int, *, path: str, now: datetime) -> None:
    """Tell the holder once that the certificate ends soon, or has ended, and set the next moment.

    The moment is kept with the certificate and only lies ahead: whoever was told is not told again when the
    days of reminding are changed. One that was taken back or renewed meanwhile is no news.
    """
    certificate = db.lock(session, Certificate, certificate_id)
    moment, ends = certificate.remind_at, certificate.valid_until
    if moment is None or moment > now:
        return
    is_standing = certificate.state is CertificateState.ACTIVE and ends is not None
    certificate.remind_at = reminders.first_at(ends, now=now) if is_standing else None
    if ends is None or not is_standing:
        return
    has_ended = ends < now.astimezone(KST).date()
    about = f"certificate-ends:{certificate.id}:{moment.astimezone(KST).date()}"
    if has_ended:
        # However late a worker comes, it is said that it ended, and only once; that it will end no more.
        certificate.remind_at, about = None, f"certificate-ended:{certificate.id}"
    notify(
        session,
        user_id=certificate.holder_id,
        cause=about,
        message="certificate-ended" if has_ended else "certificate-ends",
        values={"title": certificate.title, "day": korean.plain_day(ends)},
        path=path,
        now=now,
    )


def _list_done(session: Session, certificate: Certificate, course_ids: Sequence[str]) -> set[str]:
    """Return the courses completed since the certificate was issued, or whose exercises were all passed anew.

    A course is completed once in a life; who had completed it before does its exercises again.
    """
    since = certificate.issued_at
    done = set(
        session.scalars(
            select(CourseCompletion.course_id).where(
                CourseCompletion.learner_id == certificate.holder_id,
                CourseCompletion.course_id.in_(course_ids),
                CourseCompletion.completed_at > since,
            )
        )
    )
    passed = {
        tuple(row)
        for row in session.execute(
            select(PracticeTry.course_id, PracticeTry.lesson_id, PracticeTry.step_id)
            .where(
                PracticeTry.learner_id == certificate.holder_id,
                PracticeTry.course_id.in_(course_ids),
                PracticeTry.passed,
                PracticeTry.created_at > since,
            )
            .distinct()
        )
    }
    return done | {course_id for course_id in course_ids if _all_passed(course_id, passed)}


def _all_passed(course_id: str, passed: set[tuple[str, ...]]) -> bool:
    course = catalogue.current().find_course(course_id)
    wanted = {(course_id, *place.key) for place in course.places if place.step.practice} if course else set()
    return bool(wanted) and wanted <= passed
