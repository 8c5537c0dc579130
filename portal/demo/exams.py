"""The demo world's exams: one that was released, one that is open, one that is still to come."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import (
    answering,
    attempts,
    bank,
    candidates,
    exam_queries,
    generated,
    gift,
    proctoring,
    qualifications,
    releasing,
    scoring,
    sessions,
    twins,
)
from portal.certification.exam_models import Exam, ExamAttempt, ExamKind, ExamPaper, Medium
from portal.certification.exam_queries import Question
from portal.certification.marking_models import IncidentKind, ProctorAct
from portal.certification.sessions import Window
from portal.core import korean
from portal.core.clock import KST
from portal.core.settings import current as current_settings
from portal.demo.stories import Story

People = Mapping[str, User]
SAT_FOR = timedelta(minutes=55)
BEGAN_AGO = timedelta(minutes=20)
"""How long ago somebody began who still sits."""


def ten_before(at: datetime) -> datetime:
    """Return the last ten in the morning, in Korea, before a moment: no exam opens at night."""
    ten = at.astimezone(KST).replace(hour=10, minute=0, second=0, microsecond=0)
    return (ten if ten <= at else ten - timedelta(days=1)).astimezone(UTC)


def tell_exam(session: Session, people: People, row: dict[str, Any], *, now: datetime) -> Story:
    """Open a session, let people apply for it and sit it, and release it, as ``row`` says."""
    yield (made_at := now - timedelta(days=row["made"]))
    kind = ExamKind(row["kind"])
    _fill_bank(session, bank.bank_of(row["qualification"], kind), now=made_at)
    opens_at = ten_before(now - timedelta(days=row["opens"]))
    closes_at = opens_at + timedelta(days=row["days"])
    exam = sessions.open_session(
        session,
        people[row["by"]],
        qualification_id=row["qualification"],
        kind=kind,
        window=Window(closes_at - timedelta(days=row["apply"]), opens_at, closes_at),
        paper_count=row["papers"],
        form_key=f"demo-exam-{row['qualification']}-{kind}-{row['made']}",
        now=made_at,
    )
    yield (applied_at := made_at + timedelta(hours=20))
    for sitter in row.get("sitter", []):
        _apply(session, exam, people[sitter["who"]], sitter, now=applied_at)
    if "paper_place" in row:
        yield (placed_at := applied_at + timedelta(hours=4))
        place = f"{korean.plain_day(closes_at - timedelta(days=2))} 오전 10시, {row['paper_place']}"
        twins.set_place(session, exam, place, own_path=f"/certification/exams/{exam.id}/", now=placed_at)
    yield from _sit(session, people, exam, row, now=now)


def _sit(session: Session, people: People, exam: Exam, row: dict[str, Any], *, now: datetime) -> Story:
    """Let who sat hand in, release the session where the row says so, and let who still sits answer."""
    sitters = row.get("sitter", [])
    still_sitting = [each for each in sitters if "answered" in each]
    done = [each for each in sitters if "wrong" in each and each not in still_sitting]
    for number, sitter in enumerate(done):
        yield (began_at := exam.opens_at + timedelta(hours=number + 1))
        attempt = attempts.start(session, exam, people[sitter["who"]], now=began_at)
        _answer(session, attempt, sitter, now=began_at)
        _incidents(session, people, exam, row, sitter["who"], now=began_at + timedelta(minutes=30))
        yield (ended_at := began_at + SAT_FOR)
        attempts.submit(session, attempt, now=ended_at)
    if "released" in row:
        yield (released_at := now - timedelta(days=row["released"]))
        _release(session, exam, people[row["released_by"]], now=released_at)
    for sitter in still_sitting:
        yield (began_at := now - BEGAN_AGO)
        attempt = attempts.start(session, exam, people[sitter["who"]], now=began_at)
        _incidents(session, people, exam, row, sitter["who"], now=began_at)
        yield now - timedelta(minutes=2)
        _answer(session, attempt, sitter, now=now - timedelta(minutes=2))


def _release(session: Session, exam: Exam, by: User, *, now: datetime) -> None:
    """Release as whoever has looked over the list does it: knowing how many never began."""
    releasing.release(
        session,
        exam,
        by,
        absent=releasing.look_over(session, exam).absent,
        path=f"/desk/exams/{exam.id}/results",
        own_path=f"/certification/exams/{exam.id}/result",
        now=now,
    )


def _fill_bank(session: Session, name: str, *, now: datetime) -> None:
    """Take a bank's file over where `flask exams sync` has not: the demo's oldest exam is older than it."""
    if bank.in_use(session, name):
        return
    path = current_settings().content_dir / "questions" / f"{name}.gift"
    bank.sync(session, name, gift.parse(path.read_text(encoding="utf-8")).items, now=now)


def _apply(session: Session, exam: Exam, user: User, sitter: dict[str, Any], *, now: datetime) -> None:
    qualification = qualifications.current().get(exam.qualification_id)
    candidates.join(session, user, qualification, now=now)
    sessions.apply(
        session,
        exam,
        user,
        medium=Medium.PAPER if sitter.get("paper") else Medium.ONLINE,
        wants_more_time=sitter.get("more_time", False),
        now=now,
    )


def _answer(session: Session, attempt: ExamAttempt, sitter: dict[str, Any], *, now: datetime) -> None:
    """Answer the attempt's questions, so many of ten wrongly in each subject."""
    sheet = exam_queries.sheet_of(session, attempt)
    paper = session.get_one(ExamPaper, attempt.paper_id)
    subjects = list(dict.fromkeys(question.subject for question in sheet.questions))
    for question in sheet.questions[: sitter.get("answered", len(sheet.questions))]:
        wrong = question.number * 7 % 10 < sitter["wrong"][subjects.index(question.subject)]
        numbers = scoring.numbers_of(paper, question.item)
        response = _wrong(question) if wrong else _right(question, numbers)
        answering.save(session, attempt, question.item.id, response, client_at=None, now=now)


def _right(question: Question, numbers: Mapping[str, int]) -> dict[str, Any]:
    content = question.item.content
    match question.item.kind:
        case "numeric":
            value, _ = generated.values(content, numbers)[0]
            return {"text": f"{float(value):,.2f}".rstrip("0").rstrip(".")}
        case "short":
            return {"text": content["key"][0]}
        case "matching":
            return {"matched": {pair["row"]: pair["option"] for pair in content["key"]}}
        case _:
            return {"chosen": content["key"]}


def _wrong(question: Question) -> dict[str, Any]:
    content = question.item.content
    match question.item.kind:
        case "numeric" | "short":
            return {"text": "1"}
        case "matching":
            return {"matched": {row["key"]: content["options"][0]["key"] for row in content["rows"]}}
        case _:
            return {
                "chosen": [
                    next(each["key"] for each in content["choices"] if each["key"] not in content["key"])
                ]
            }


def _incidents(
    session: Session, people: People, exam: Exam, row: dict[str, Any], who: str, *, now: datetime
) -> None:
    """Let the proctor do what the row says about one person."""
    attempt_id = session.scalar(
        select(ExamAttempt.id).where(ExamAttempt.exam_id == exam.id, ExamAttempt.user_id == people[who].id)
    )
    for incident in row.get("incident", []):
        if incident["who"] == who:
            proctoring.act(
                session,
                exam,
                people[incident["by"]],
                attempt_id=attempt_id,
                what=ProctorAct(incident["what"]),
                why=proctoring.Why(IncidentKind(incident["kind"]), incident["cause"]),
                minutes=incident.get("minutes", 0),
                now=now,
            )
