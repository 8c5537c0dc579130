"""The demo world's practical exam with its markers, a key put right, and an appeal about a result."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.accounts.queries import get_user
from portal.certification import (
    answering,
    attempts,
    bank,
    calibrations,
    candidates,
    exam_appeals,
    exam_queries,
    gift,
    marking,
    qualifications,
    regrades,
    regrading,
    result_page,
    scripts,
    sessions,
)
from portal.certification.exam_models import Exam, ExamAttempt, ExamKind, Medium
from portal.certification.qualifications import Blueprint
from portal.certification.sessions import Window
from portal.certification.supervision import Measured
from portal.core.settings import current as current_settings
from portal.demo.exams import ten_before
from portal.demo.stories import Story

People = Mapping[str, User]
SAT_FOR = timedelta(minutes=95)
OPEN_FOR = timedelta(hours=9)
APPLIED_BEFORE = timedelta(days=2)
"""How long before it opens people apply: by then the written exam they passed is released."""


def tell_practical(session: Session, people: People, row: dict[str, Any], *, now: datetime) -> Story:
    """Hold a practical exam and let it be marked, some sheets only half."""
    opens_at = ten_before(now - timedelta(days=row["ago"]))
    yield (made_at := opens_at - timedelta(days=10))
    exam = _open(session, people, row, opens_at, now=made_at)
    yield (applied_at := opens_at - APPLIED_BEFORE)
    for script in row["script"]:
        _apply(session, exam, people[script["by"]], now=applied_at)
    handed_in: list[int] = []
    for number, script in enumerate(row["script"]):
        yield (began_at := opens_at + timedelta(minutes=10 * number))
        attempt = attempts.start(session, exam, people[script["by"]], now=began_at)
        _answer(session, attempt, script["answers"], now=began_at + timedelta(minutes=90))
        handed_in.append(attempt.id)
    for number, attempt_id in enumerate(handed_in):
        yield (ended_at := opens_at + SAT_FOR + timedelta(minutes=10 * number))
        attempts.submit(session, session.get_one(ExamAttempt, attempt_id), now=ended_at)
    for sheet in row["sheet"]:
        yield (marked_at := now - timedelta(hours=sheet["ago"]))
        _mark(session, get_user(session, people[sheet["by"]].id), sheet, now=marked_at)


def tell_regrade(session: Session, people: People, row: dict[str, Any], *, now: datetime) -> Story:
    """Propose a second right answer for the first item of a session that is chosen from."""
    yield (proposed_at := now - timedelta(days=row["ago"]))
    exam = _exam(session, row)
    item = next(each for each in regrades.list_items(session, exam) if each.kind == "choice")
    other = next(each["key"] for each in item.content["choices"] if each["key"] not in item.content["key"])
    regrading.propose(
        session,
        exam,
        item,
        get_user(session, people[row["by"]].id),
        key={"key": sorted([*item.content["key"], other])},
        reason=row["reason"],
        path=f"/desk/exams/{exam.id}/regrade",
        now=proposed_at,
    )


def tell_exam_appeal(session: Session, people: People, row: dict[str, Any], *, now: datetime) -> Story:
    """Ask to look again at one's own result."""
    yield (asked_at := now - timedelta(days=row["ago"]))
    user = people[row["by"]]
    shown = result_page.get_own(session, user, result_page.find_last(session, user, _exam(session, row).id))
    exam_appeals.file(session, user, shown, text=row["text"], path="/desk/exam-appeals/", now=asked_at)


def tell_calibration(
    session: Session, find: Callable[[str], User], row: dict[str, Any], *, now: datetime
) -> None:
    """Open a calibration with a marker now, or one that was closed long ago."""
    marker = find(row["with"])
    measured = Measured(row["scripts"], row["halves"], row["most"])
    if "note" in row:
        opened_at = now - timedelta(days=row["ago"])
        opened = calibrations.open_one(session, marker.id, measured, now=opened_at)
        closed_at = opened_at + timedelta(days=3)
        calibrations.close(session, opened.id, find(row["by"]), note=row["note"], now=closed_at)
        return
    opened = calibrations.open_one(session, marker.id, measured, now=now)
    own_path, path = "/desk/marking/", f"/desk/markers/{opened.id}"
    calibrations.tell(session, opened, own_path=own_path, path=path, now=now)


def _open(
    session: Session, people: People, row: dict[str, Any], opens_at: datetime, *, now: datetime
) -> Exam:
    name = bank.bank_of(row["qualification"], ExamKind.PRACTICAL)
    if not bank.in_use(session, name):
        path = current_settings().content_dir / "questions" / f"{name}.gift"
        bank.sync(session, name, gift.parse(path.read_text(encoding="utf-8")).items, now=now)
    return sessions.open_session(
        session,
        people[row["made_by"]],
        qualification_id=row["qualification"],
        kind=ExamKind.PRACTICAL,
        window=Window(opens_at - timedelta(days=1), opens_at, opens_at + OPEN_FOR),
        paper_count=1,
        form_key=f"demo-practical-{row['ago']}",
        now=now,
    )


def _apply(session: Session, exam: Exam, user: User, *, now: datetime) -> None:
    candidates.join(session, user, qualifications.current().get(exam.qualification_id), now=now)
    sessions.apply(session, exam, user, medium=Medium.ONLINE, wants_more_time=False, now=now)


def _answer(session: Session, attempt: ExamAttempt, texts: list[str], *, now: datetime) -> None:
    """Write an answer to each task, as they come in the order of the subjects."""
    sheet = exam_queries.sheet_of(session, attempt)
    for question, text in zip(sheet.questions, texts, strict=True):
        answering.save(session, attempt, question.item.id, {"text": text}, client_at=None, now=now)


def _mark(session: Session, marker: User, row: dict[str, Any], *, now: datetime) -> None:
    """Take the script that waits longest and give points by subject; all of them, or as many as there are."""
    sheet = scripts.take(session, marker, now=now)
    script = scripts.get_script(session, marker, sheet.id)
    points = _spread(script.blueprint, row["points"])
    is_finished = len(row["points"]) == len(script.blueprint.subjects)
    scripts.save(session, script, points=points, comment=row.get("comment", ""), finish=is_finished, now=now)


def _spread(blueprint: Blueprint, totals: list[int]) -> dict[str, int]:
    """Return points for each line of the rubric that come to so many in each subject."""
    left = dict(zip((subject.key for subject in blueprint.subjects), totals, strict=False))
    points = {}
    for place in marking.places(blueprint):
        if place.subject in left:
            share = left[place.subject] * place.criterion.most // 100
            points[place.key] = share
    for subject, total in left.items():
        last = next(place for place in marking.places(blueprint) if place.subject == subject)
        given = sum(each for key, each in points.items() if key.startswith(f"{subject}."))
        points[last.key] += min(total - given, last.criterion.most - points[last.key])
    return points


def _exam(session: Session, row: dict[str, Any]) -> Exam:
    """Return the oldest session of a kind that was released."""
    return session.scalars(
        select(Exam)
        .where(
            Exam.qualification_id == row["qualification"],
            Exam.kind == ExamKind.WRITTEN,
            Exam.released_at.is_not(None),
        )
        .order_by(Exam.id)
        .limit(1)
    ).one()
