"""Eight at once, on both engines."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.accounts.vocabulary import Region, Topic
from portal.core import clock, db
from portal.core.errors import ConflictError
from portal.mentoring import logs, nearby, operations, queries
from portal.mentoring.models import Engagement, Need
from portal.mentoring.operations import Plan
from portal.mentoring.visit_models import Visit, VisitState, VisitTime
from portal.mentoring.vocabulary import VisitKind
from portal.messages.models import Notice
from tests.factories import make_engagement, make_mentor, make_need, make_user, make_visit
from tests.integration.mentoring.conftest import in_days

Race = Callable[[list[Callable[[], Any]]], list[Any]]


def accept(mentor: User, need_id: int) -> Callable[[], int]:
    def call() -> int:
        with db.transaction() as session:
            need = nearby.get_need_to_accept(session, mentor, need_id)
            engagement = operations.accept_need(
                session,
                need,
                mentor,
                link=lambda row_id: f"/mentoring/engagements/{row_id}/",
                now=clock.now(),
            )
        return engagement.seat_no

    return call


def refusals(results: list[Any]) -> list[str]:
    assert all(isinstance(result, int | ConflictError) for result in results), results
    return [result.message for result in results if isinstance(result, ConflictError)]


def test_a_mentor_never_takes_more_shops_than_there_is_room_for(committed: Session, race: Race) -> None:
    mentor = make_mentor(committed, capacity=3)
    needs = [make_need(committed, make_user(committed)).id for _ in range(8)]
    committed.commit()

    results = race([accept(mentor, need_id) for need_id in needs])

    assert sorted(result for result in results if isinstance(result, int)) == [1, 2, 3]
    assert set(refusals(results)) == {"맡을 수 있는 가게 3곳이 모두 찼어요. 한 곳을 마치면 맡을 수 있어요."}
    assert committed.scalar(select(func.count()).select_from(Notice)) == 3


def test_one_of_eight_mentors_gets_the_need(committed: Session, race: Race) -> None:
    mentors = [make_mentor(committed) for _ in range(8)]
    need = make_need(committed, make_user(committed))
    committed.commit()

    results = race([accept(mentor, need.id) for mentor in mentors])

    assert [result for result in results if isinstance(result, int)] == [1]
    assert refusals(results) == ["다른 멘토님이 먼저 맡으셨어요. 다른 부탁을 골라 주세요."] * 7
    assert committed.scalar(select(func.count()).select_from(Engagement)) == 1
    assert committed.scalar(select(func.count()).select_from(Notice)) == 1


def test_eight_presses_make_one_need(committed: Session, race: Race) -> None:
    merchant = make_user(committed)
    committed.commit()

    def press(key: str) -> Callable[[], int]:
        def call() -> int:
            with db.transaction() as session:
                need = operations.ask(
                    session,
                    merchant,
                    topic=Topic.PHONE,
                    detail="도와주세요.",
                    wants=VisitKind.PHONE,
                    region=Region.JEJU,
                    form_key=key,
                    now=clock.now(),
                )
            return need.id

        return call

    same = race([press("same") for _ in range(8)])
    other = race([press(f"other-{number}") for number in range(8)])

    assert len(set(same)) == 1
    assert len(refusals(other)) == 8
    assert committed.scalar(select(func.count()).select_from(Need)) == 1


def test_eight_shops_choose_the_same_slot_of_one_mentor(committed: Session, race: Race) -> None:
    mentor = make_mentor(committed, capacity=8)
    slot = in_days(3)
    choices = []
    for seat_no in range(1, 9):
        merchant = make_user(committed)
        engagement = make_engagement(committed, merchant, mentor, seat_no=seat_no)
        visit = make_visit(committed, engagement, times=(slot,))
        choices.append((merchant, visit.id, visit.times[0].id))
    committed.commit()

    def choose(merchant: User, visit_id: int, time_id: int) -> Callable[[], int]:
        def call() -> int:
            with db.transaction() as session:
                visit = queries.get_visit(session, merchant, visit_id, choose=True)
                operations.choose(session, visit, time_id=time_id, path="/", now=clock.now())
            return visit_id

        return call

    results = race([choose(*choice) for choice in choices])

    assert len(refusals(results)) == 7
    assert set(refusals(results)) == {"그 시간에는 멘토님이 다른 약속이 있어요. 다른 시간을 골라 주세요."}
    agreed = select(func.count()).select_from(Visit).where(Visit.state == VisitState.AGREED)
    assert committed.scalar(agreed) == 1


def test_eight_presses_propose_one_visit(committed: Session, race: Race) -> None:
    mentor = make_mentor(committed)
    engagement = make_engagement(committed, make_user(committed), mentor)
    committed.commit()

    def propose() -> int:
        with db.transaction() as session:
            visit = operations.propose(
                session,
                queries.get_engagement(session, mentor, engagement.id, lead=True),
                Plan(kind=VisitKind.VISIT, place="순자네 반찬(서울)"),
                times={1: in_days(2), 2: in_days(3)},
                form_key="same",
                path="/",
                now=clock.now(),
            )
        return visit.id

    results = race([propose] * 8)

    assert len(set(results)) == 1
    assert committed.scalar(select(func.count()).select_from(VisitTime)) == 2
    assert committed.scalar(select(func.count()).select_from(Notice)) == 1


def test_eight_presses_write_one_log(committed: Session, race: Race) -> None:
    mentor = make_mentor(committed)
    engagement = make_engagement(committed, make_user(committed), mentor)
    visit = make_visit(committed, engagement, starts_at=in_days(-1))
    committed.commit()

    def write() -> int:
        with db.transaction() as session:
            row = queries.get_visit(session, mentor, visit.id, lead=True)
            written = logs.Written(log="했어요.", items=[logs.Todo("하나")])
            logs.write_log(session, row, written, path="/", now=clock.now())
        return visit.id

    results = race([write] * 8)

    assert results == [visit.id] * 8
    assert committed.scalar(select(func.count()).select_from(Notice)) == 1
