"""Exam rows with believable defaults. The session is flushed, not committed."""

from dataclasses import asdict
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import qualifications
from portal.certification.exam_models import (
    AttemptState,
    Exam,
    ExamAttempt,
    ExamItem,
    ExamKind,
    ExamPaper,
    ItemKind,
    ItemLevel,
    Medium,
    PaperItem,
)
from portal.certification.qualification_models import Candidate, QualificationVersion
from portal.certification.qualifications import Blueprint, Qualification, Subject
from portal.core import clock
from portal.core.roles import Role
from portal.core.settings import ROOT
from tests.factories import make_user

_numbers = count(1)
SMALL = Blueprint(
    kind="written",
    minutes=30,
    grace_s=120,
    attempts=2,
    more_time_percent=50,
    pass_average=60,
    pass_subject=40,
    most_difference=0,
    subjects=tuple(
        Subject(key, title, {"easy": 2, "standard": 2, "hard": 1}, 20)
        for key, title in (("platform", "유통과 플랫폼"), ("law", "관련 법규"))
    ),
)
"""Two subjects of five items, 20 points each."""


def designer() -> Qualification:
    """Return the second grade as the demo shows it: registered under the made-up number."""
    return qualifications.load(ROOT / "content", is_demo=True).get("designer-2")


def make_version(session: Session, qualification: Qualification | None = None) -> QualificationVersion:
    """Return the first version of a qualification's rules, frozen."""
    qualification = qualification or designer()
    found = session.query(QualificationVersion).filter_by(qualification_id=qualification.id, number=1).first()
    if found:
        return found
    rules = qualification.versions[0]
    version = QualificationVersion(
        qualification_id=qualification.id,
        number=1,
        rules=rules.rules,
        digest=rules.digest,
        frozen_at=clock.now(),
    )
    session.add(version)
    session.flush()
    return version


def make_candidate(session: Session, user: User | None = None, **columns: Any) -> Candidate:
    """Return somebody on the way to the second grade."""
    user, version = user or make_user(session), make_version(session)
    now = clock.now()
    candidate = Candidate(
        **{
            "user_id": user.id,
            "qualification_id": version.qualification_id,
            "version_id": version.id,
            "joined_at": now - timedelta(days=30),
            "check_at": now,
            **columns,
        }
    )
    session.add(candidate)
    session.flush()
    return candidate


def make_item(
    session: Session,
    *,
    subject: str = "platform",
    level: ItemLevel = ItemLevel.EASY,
    kind: ItemKind = ItemKind.CHOICE,
    content: dict[str, Any] | None = None,
    bank: str = "designer-2",
    **columns: Any,
) -> ExamItem:
    """Return an item of the bank; unless told otherwise the choice ``a`` of four is right."""
    number = next(_numbers)
    choices = [{"key": key, "text": f"{number}번의 {key}", "feedback": ""} for key in "abcd"]
    item = ExamItem(
        **{
            "bank": bank,
            "name": f"{subject}-{number:04d}",
            "version": 1,
            "subject": subject,
            "level": level,
            "kind": kind,
            "content": content
            or {"stem": f"{number}번 문제예요.", "choices": choices, "key": ["a"], "why": "", "step": ""},
            "source": f"::{subject}-{number:04d}:: …",
            "digest": f"{number:064d}",
            "made_at": clock.now(),
            **columns,
        }
    )
    session.add(item)
    session.flush()
    return item


def make_exam(
    session: Session, *, blueprint: Blueprint = SMALL, starts: datetime | None = None, **columns: Any
) -> Exam:
    """Return a session of an exam that is open for a day from ``starts``, an hour ago by default."""
    opens_at = starts or clock.now() - timedelta(hours=1)
    exam = Exam(
        **{
            "qualification_id": "designer-2",
            "kind": ExamKind(blueprint.kind),
            "session_no": next(_numbers),
            "apply_until": opens_at,
            "opens_at": opens_at,
            "closes_at": opens_at + timedelta(days=1),
            "minutes": blueprint.minutes,
            "grace_s": blueprint.grace_s,
            "attempts_max": blueprint.attempts,
            "blueprint": asdict(blueprint),
            "is_mock": False,
            "made_by_id": make_user(session, Role.TRAINER).id,
            "made_at": opens_at - timedelta(days=7),
            "form_key": f"exam-of-a-test-{next(_numbers)}",
            **columns,
        }
    )
    session.add(exam)
    session.flush()
    return exam


def make_paper(session: Session, exam: Exam, items: list[ExamItem] | None = None) -> ExamPaper:
    """Return a paper of a session with new items for each place of its blueprint, or with ``items``."""
    paper = ExamPaper(exam_id=exam.id, number=next(_numbers), seed=7)
    session.add(paper)
    session.flush()
    blueprint = Blueprint.of(exam.blueprint)
    if items is None:
        items = [
            make_item(session, subject=subject.key, level=ItemLevel(level))
            for subject in blueprint.subjects
            for level, many in subject.items.items()
            for _ in range(many)
        ]
    points = {subject.key: subject.points for subject in blueprint.subjects}
    for place, item in enumerate(items, start=1):
        session.add(
            PaperItem(
                paper_id=paper.id,
                place=place,
                item_id=item.id,
                subject=item.subject,
                points=points[item.subject],
            )
        )
    session.flush()
    return paper


def make_attempt(
    session: Session, paper: ExamPaper, exam: Exam, user: User | None = None, **columns: Any
) -> ExamAttempt:
    """Return an attempt that is open and has its whole time before it, unless ``columns`` say otherwise."""
    now = clock.now()
    values = {
        "exam_id": exam.id,
        "paper_id": paper.id,
        "user_id": (user or make_user(session)).id,
        "attempt_no": 1,
        "medium": Medium.ONLINE,
        "seed": next(_numbers),
        "started_at": now,
        "deadline_at": now + timedelta(minutes=exam.minutes),
        "state": AttemptState.OPEN,
        **columns,
    }
    if values["state"] is not AttemptState.OPEN:
        values.setdefault("finished_at", now)
    attempt = ExamAttempt(**values)
    session.add(attempt)
    session.flush()
    return attempt
