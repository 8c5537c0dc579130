"""Scripts of practical exams and sheets of their markers. The session is flushed, not committed."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import marking, scripts
from portal.certification.exam_models import (
    AttemptState,
    Exam,
    ExamAnswer,
    ExamAttempt,
    ExamKind,
    ExamPaper,
    ItemKind,
    ItemLevel,
    PaperItem,
)
from portal.certification.marking_models import Calibration, MarkingSheet, PaperPrint, Regrade
from portal.certification.qualifications import Blueprint
from portal.core import clock
from portal.core.roles import Role
from tests.exam_factories import designer, make_attempt, make_exam, make_item, make_paper
from tests.factories import make_user

PRACTICAL: Blueprint = designer().versions[0].blueprint(ExamKind.PRACTICAL)
"""Four subjects of 100 points, three criteria each; a third marker from 16 points apart on."""


def make_practical(session: Session, **columns: Any) -> tuple[Exam, ExamPaper]:
    """Return a practical session that is over, and its one paper."""
    exam = make_exam(session, blueprint=PRACTICAL, starts=clock.now() - timedelta(days=2), **columns)
    items = [
        make_item(
            session,
            subject=subject.key,
            level=ItemLevel.STANDARD,
            kind=ItemKind.ESSAY,
            bank="designer-2-practical",
            content={"stem": f"{subject.title} 써 주세요.", "key": [], "why": "", "step": ""},
        )
        for subject in PRACTICAL.subjects
    ]
    return exam, make_paper(session, exam, items)


def make_answer(session: Session, attempt: ExamAttempt, item_id: int, **response: Any) -> ExamAnswer:
    """Return the first saving of an answer."""
    answer = ExamAnswer(
        attempt_id=attempt.id,
        item_id=item_id,
        seq=1,
        response=response,
        saved_at=attempt.started_at,
        is_late=False,
    )
    session.add(answer)
    session.flush()
    return answer


def make_script(
    session: Session,
    exam: Exam,
    paper: ExamPaper,
    user: User | None = None,
    *,
    finished_at: datetime | None = None,
) -> ExamAttempt:
    """Return a practical attempt that was handed in."""
    return make_attempt(
        session,
        paper,
        exam,
        user,
        state=AttemptState.SUBMITTED,
        finished_at=finished_at or clock.now() - timedelta(days=1),
    )


def points_of(**subjects: int) -> dict[str, int]:
    """Return a full sheet whose subjects add up to what is given, 60 where nothing is."""
    sheet = {}
    for place in marking.places(PRACTICAL):
        left = subjects.setdefault(place.subject, 60)
        sheet[place.key] = min(left, place.criterion.most)
        subjects[place.subject] -= sheet[place.key]
    return sheet


def mark(
    session: Session,
    attempt: ExamAttempt,
    marker: User,
    points: Mapping[str, int],
    *,
    now: datetime,
    comment: str = "",
) -> MarkingSheet:
    """Take and finish a sheet of the script that waits longest, which must be this one."""
    sheet = scripts.take(session, marker, now=now)
    assert sheet.attempt_id == attempt.id
    script = scripts.get_script(session, marker, sheet.id)
    scripts.save(session, script, points=points, comment=comment, finish=True, now=now)
    return sheet


def make_one_of_each(session: Session, user: User, *, words: str) -> dict[str, int]:
    """Return ids of everything around marking that belongs to ``user`` or to their marker, by its name."""
    exam, paper = make_practical(session)
    attempt = make_script(session, exam, paper, user)
    (item_id, *_others) = session.scalars(
        select(PaperItem.item_id).where(PaperItem.paper_id == paper.id).order_by(PaperItem.place)
    ).all()
    make_answer(session, attempt, item_id, text=words)
    sheet = scripts.take(session, make_user(session, Role.TRAINER), now=clock.now())
    regrade = Regrade(
        exam_id=exam.id,
        item_id=item_id,
        key={"everyone": True},
        reason=words,
        proposed_by_id=exam.made_by_id,
        proposed_at=clock.now(),
    )
    printed = PaperPrint(paper_id=paper.id, size=16, ordered_at=clock.now(), due_at=clock.now())
    now = clock.now()
    calibration = Calibration(
        marker_id=sheet.marker_id,
        opened_at=now,
        scripts=5,
        halves=480,
        most=2000,
        closed_at=now,
        closed_by_id=exam.made_by_id,
        note=words,
    )
    session.add_all([regrade, printed, calibration])
    session.flush()
    return {
        "exam_id": exam.id,
        "attempt_id": attempt.id,
        "sheet_id": sheet.id,
        "regrade_id": regrade.id,
        "calibration_id": calibration.id,
        "paper_id": paper.id,
        "print_id": printed.id,
    }
