"""What would change: the pairs of a run against those of the run before, each with the sentence why."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import and_, func, null, select
from sqlalchemy.orm import Session, aliased, joinedload

from portal.accounts.models import User
from portal.mentoring.match_answers import Stand, read_stand
from portal.mentoring.match_models import MatchPair, MatchRun
from portal.mentoring.match_queries import mentor_name, who_of
from portal.mentoring.models import Need, NeedState
from portal.mentoring.queries import PAGE_SIZE

_NO_MENTOR = "전에 이어진 분은 이제 멘토가 아니에요."

_now, _before = aliased(MatchPair), aliased(MatchPair)


class Change(StrEnum):
    """What became of a need between two runs."""

    NEW = "new"
    CHANGED = "changed"
    GONE = "gone"


CHANGE_NAMES = {Change.NEW: "새 짝", Change.CHANGED: "바뀐 짝", Change.GONE: "없어진 짝"}


@dataclass(frozen=True)
class ChangeLine:
    """A need whose mentor is not the one of the run before."""

    need_id: int
    who: str
    before: str
    after: str
    words: str


def count_changes(session: Session, run: MatchRun) -> dict[Change, int]:
    """Return how many pairs are new, changed and gone against the run before."""
    return {
        change: session.scalar(select(func.count()).select_from(_changes(run, change).subquery())) or 0
        for change in Change
    }


def list_changes(
    session: Session, run: MatchRun, change: Change, *, after_id: int | None = None
) -> list[ChangeLine]:
    """Return the needs of one kind of change in the order of their keys, with why; one more than a page."""
    side = _before if change == Change.GONE else _now
    statement = _changes(run, change).order_by(side.need_id).limit(PAGE_SIZE + 1)
    if after_id is not None:
        statement = statement.where(side.need_id > after_id)
    rows = session.execute(statement).all()
    ids = [row.need_id for row in rows]
    if not ids:
        return []
    needs = {
        need.id: need
        for need in session.scalars(select(Need).where(Need.id.in_(ids)).options(joinedload(Need.merchant)))
    }
    names = _names(session, {row.mentor_id for row in rows} | {row.former_id for row in rows})
    stand = read_stand(session, run, ids)
    return [
        ChangeLine(
            need_id=row.need_id,
            who=who_of(needs[row.need_id]),
            before=names.get(row.former_id, ""),
            after=names.get(row.mentor_id, ""),
            words=_why(change, row, needs[row.need_id], stand),
        )
        for row in rows
    ]


def _changes(run: MatchRun, change: Change) -> Any:
    """Return the rows of one kind of change: need, both mentors, both locks, and what would help."""
    if change == Change.GONE:
        columns = select(
            _before.need_id,
            null().label("mentor_id"),
            _before.mentor_id.label("former_id"),
            _before.is_locked.label("was_locked"),
            null().label("is_locked"),
            _now.fix,
        )
        joined = columns.select_from(_before).outerjoin(
            _now, and_(_now.run_id == run.id, _now.need_id == _before.need_id)
        )
        return joined.where(
            _before.run_id == run.before_id, _before.mentor_id.is_not(None), _now.mentor_id.is_(None)
        )
    columns = select(
        _now.need_id,
        _now.mentor_id,
        _before.mentor_id.label("former_id"),
        _before.is_locked.label("was_locked"),
        _now.is_locked,
        _before.fix,
    )
    joined = columns.select_from(_now).outerjoin(
        _before, and_(_before.run_id == run.before_id, _before.need_id == _now.need_id)
    )
    is_other = _before.mentor_id.is_(None) if change == Change.NEW else _before.mentor_id != _now.mentor_id
    return joined.where(_now.run_id == run.id, _now.mentor_id.is_not(None), is_other)


def _why(change: Change, row: Any, need: Need, stand: Stand) -> str:
    if change == Change.GONE:
        return row.fix or _why_gone(need)
    if row.is_locked:
        return "운영자가 이 멘토님으로 고정했어요."
    if change == Change.NEW:
        return "지난번에는 남았는데 이번에는 이어졌어요." if row.fix else "그사이에 새로 부탁한 사장님이에요."
    why = stand.why_not(row.need_id, row.former_id)
    words = why.words if why else _NO_MENTOR
    return f"고정을 풀었어요. {words}" if row.was_locked else words


def _why_gone(need: Need) -> str:
    if need.state == NeedState.WITHDRAWN:
        return "그사이에 사장님이 부탁을 거두었어요."
    if need.state == NeedState.MATCHED:
        return "그사이에 멘토님이 맡았어요."
    return "이미 멘토님께 부탁이 가 있어요."


def _names(session: Session, ids: Collection[int | None]) -> dict[int | None, str]:
    people = session.scalars(select(User).where(User.id.in_([each for each in ids if each is not None])))
    return {user.id: mentor_name(user) for user in people}
