"""What a proposal would issue: 수료증 of a course, what a qualification ends with, or the same again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.certification import qualifications
from portal.certification.life_models import CertificateRequest, RequestKind
from portal.certification.models import Certificate, CertificateKind, Proposal
from portal.certification.qualification_models import Candidate, LedgerEntry, QualificationVersion
from portal.certification.qualifications import Version
from portal.core.clock import KST
from portal.core.errors import NotFoundError
from portal.courses import catalogue
from portal.courses.models import CourseCompletion

COMPLETION_SERIES = "C"


@dataclass(frozen=True)
class Award:
    """Everything a certificate takes over from what it is of."""

    kind: CertificateKind
    title: str
    completed_on: date
    series: str = COMPLETION_SERIES
    course_id: str | None = None
    qualification_id: str | None = None
    registration_number: str = ""
    valid_until: date | None = None
    printed: Mapping[str, Any] = field(default_factory=dict)


def of_proposal(session: Session, proposal: Proposal, *, now: datetime) -> Award:
    """Return what ``proposal`` would issue if it were approved now."""
    if (asked := find_request(session, proposal)) is not None:
        return _of_replaced(session, proposal, asked, now=now)
    if proposal.candidate_id is not None:
        return _of_candidate(session, session.get_one(Candidate, proposal.candidate_id), now=now)
    completion = session.get_one(CourseCompletion, proposal.completion_id)
    return Award(
        kind=CertificateKind.COMPLETION,
        title=course_title(completion.course_id),
        completed_on=completion.completed_at.astimezone(KST).date(),
        course_id=completion.course_id,
    )


def find_request(session: Session, proposal: Proposal) -> CertificateRequest | None:
    """Return the holder's request that a proposal answers, or None for a first certificate."""
    if not proposal.is_replacement:
        return None
    return session.scalars(
        select(CertificateRequest).where(CertificateRequest.proposal_id == proposal.id)
    ).one()


def title_of(course_id: str | None, qualification_id: str | None) -> str:
    """Return the title of a course, or of a qualification with its grade; the id of one there is no more."""
    if course_id is not None:
        return course_title(course_id)
    try:
        return qualifications.current().get(qualification_id or "").title
    except NotFoundError:
        return qualification_id or ""


def word_of(qualification_id: str | None) -> str:
    """Return what people get for a qualification, or for a course where it is None."""
    try:
        return qualifications.current().get(qualification_id or "").certificate_word
    except NotFoundError:
        return "수료증"


def course_title(course_id: str) -> str:
    """Return a course's title, or its id for one that is taught no more."""
    course = catalogue.current().find_course(course_id)
    return course.title if course else course_id


def last_day(first_day: date, years: int) -> date | None:
    """Return the last day of ``years`` from ``first_day``, that day included; None for ever.

    Three years from 21 November 2026 end on 20 November 2029; from 29 February they end on 28 February.
    """
    if not years:
        return None
    try:
        return first_day.replace(year=first_day.year + years) - timedelta(days=1)
    except ValueError:
        return date(first_day.year + years, 2, 28)


def _of_candidate(session: Session, candidate: Candidate, *, now: datetime) -> Award:
    qualification = qualifications.current().get(candidate.qualification_id)
    rules = session.get_one(QualificationVersion, candidate.version_id).rules
    met_at = session.scalar(select(func.max(LedgerEntry.at)).where(LedgerEntry.candidate_id == candidate.id))
    printed = {
        "grade": qualification.grade,
        "manager": qualification.manager,
        "manager_phone": qualification.manager_phone,
    }
    is_registered = qualification.is_registered
    return Award(
        kind=CertificateKind.QUALIFICATION if is_registered else CertificateKind.COMPLETION,
        title=qualification.title,
        completed_on=(met_at or now).astimezone(KST).date(),
        series=qualification.series if is_registered else COMPLETION_SERIES,
        qualification_id=qualification.id,
        registration_number=qualification.registration_number,
        valid_until=last_day(now.astimezone(KST).date(), Version.of(rules).validity_years)
        if is_registered
        else None,
        printed=printed,
    )


def _of_replaced(session: Session, proposal: Proposal, asked: CertificateRequest, *, now: datetime) -> Award:
    """Return the same again: with a new end for a renewal, with the old one for a corrected name."""
    replaced = session.get_one(Certificate, asked.certificate_id)
    valid_until = replaced.valid_until
    if asked.kind is RequestKind.RENEWAL and proposal.candidate_id is not None and valid_until is not None:
        candidate = session.get_one(Candidate, proposal.candidate_id)
        rules = session.get_one(QualificationVersion, candidate.version_id).rules
        begins = max(valid_until + timedelta(days=1), now.astimezone(KST).date())
        valid_until = last_day(begins, Version.of(rules).validity_years)
    return Award(
        kind=replaced.kind,
        title=replaced.title,
        completed_on=replaced.completed_on,
        series=replaced.series,
        course_id=replaced.course_id,
        qualification_id=replaced.qualification_id,
        registration_number=replaced.registration_number,
        valid_until=valid_until,
        printed=replaced.printed,
    )
