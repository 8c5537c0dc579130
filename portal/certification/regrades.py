"""Reading the items of a session and what was proposed about their keys."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, and_, exists, select, true
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import grading
from portal.certification.exam_models import (
    Exam,
    ExamAttempt,
    ExamItem,
    ExamPaper,
    ExamResult,
    PaperItem,
)
from portal.certification.marking_models import Regrade, RegradeState
from portal.certification.policy import ISSUERS
from portal.core.errors import NotFoundError

PAGE_SIZE = 20
NO_REGRADE = "찾는 재채점이 없어요. 목록에서 다시 골라 주세요."


def list_items(session: Session, exam: Exam) -> Sequence[ExamItem]:
    """Return the items of a session that rules mark, in the order of its papers."""
    rows = session.scalars(
        select(ExamItem)
        .join(PaperItem, PaperItem.item_id == ExamItem.id)
        .join(ExamPaper, ExamPaper.id == PaperItem.paper_id)
        .where(ExamPaper.exam_id == exam.id, ExamItem.kind.in_(grading.BY_RULES))
        .order_by(ExamPaper.number, PaperItem.place)
    )
    return list(dict.fromkeys(rows))


def get_item(session: Session, exam: Exam, item_id: int) -> ExamItem:
    """Return an item of a session. Raises NotFoundError for one that no paper of it asks."""
    for item in list_items(session, exam):
        if item.id == item_id:
            return item
    raise NotFoundError("이 시험에 없는 문제예요. 목록에서 다시 골라 주세요.")


def list_of_exam(session: Session, exam_id: int) -> Sequence[tuple[Regrade, str]]:
    """Return what was proposed for a session with the names of its items, the newest first."""
    rows = session.execute(
        select(Regrade, ExamItem.name)
        .join(ExamItem, ExamItem.id == Regrade.item_id)
        .where(Regrade.exam_id == exam_id)
        .order_by(Regrade.id.desc())
    )
    return [(row[0], row[1]) for row in rows]


def list_waiting(session: Session, user: User, *, after_id: int = 0) -> Sequence[tuple[Regrade, Exam]]:
    """Return the proposals this person may decide on, the oldest first, a page from after an id."""
    rows = session.execute(select_waiting(user).where(Regrade.id > after_id).limit(PAGE_SIZE))
    return [(row[0], row[1]) for row in rows]


def select_waiting(user: User) -> Select[Regrade, Exam]:
    """Return the statement of the proposals this person may decide on, the oldest first."""
    return (
        select(Regrade, Exam)
        .join(Exam, Exam.id == Regrade.exam_id)
        .where(Regrade.state == RegradeState.PROPOSED, Regrade.proposed_by_id != user.id, _may_see(user))
        .order_by(Regrade.id)
    )


def get(session: Session, user: User, regrade_id: int) -> tuple[Regrade, Exam, ExamItem]:
    """Return a proposal with its session and item, to staff who did not sit it. Raises NotFoundError else."""
    row = session.execute(
        select(Regrade, Exam, ExamItem)
        .join(Exam, Exam.id == Regrade.exam_id)
        .join(ExamItem, ExamItem.id == Regrade.item_id)
        .where(Regrade.id == regrade_id, _may_see(user))
    ).one_or_none()
    if row is None:
        raise NotFoundError(NO_REGRADE)
    return row[0], row[1], row[2]


def list_changed(session: Session, regrade: Regrade) -> Sequence[tuple[str, ExamResult]]:
    """Return whose result an applied regrade changed, with the result it made."""
    rows = session.execute(
        select(User.name, ExamResult)
        .join(ExamAttempt, ExamAttempt.id == ExamResult.attempt_id)
        .join(User, User.id == ExamAttempt.user_id)
        .where(ExamResult.cause == f"regrade:{regrade.id}")
        .order_by(User.name, ExamResult.id)
    )
    return [(row[0], row[1]) for row in rows]


def key_in_words(item: ExamItem, regrade: Regrade) -> str:
    """Return the key put right as people say it."""
    if regrade.key.get("everyone"):
        return "모두에게 점수를 줘요"
    texts = {choice["key"]: choice["text"] for choice in item.content.get("choices", [])}
    return ", ".join(
        each["value"] if isinstance(each, dict) else texts.get(each, each) for each in regrade.key["key"]
    )


def _may_see(user: User) -> ColumnElement[bool]:
    """Return the condition under which ``user`` may see a regrade joined to its session."""
    sat = exists().where(ExamAttempt.exam_id == Exam.id, ExamAttempt.user_id == user.id)
    return and_(true() if not user.roles.isdisjoint(ISSUERS) else Exam.id.is_(None), ~sat)
