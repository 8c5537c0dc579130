"""M17 what became of a visit is written by a person, M18 a humane way back, and how a visit is moved."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core import clock, db, queue
from portal.core.errors import ConflictError
from portal.core.roles import Role
from portal.mentoring import appeals, changing, queries
from portal.mentoring.models import Engagement
from portal.mentoring.visit_models import Appeal, MissedBy, Visit, VisitState
from portal.messages.models import Notice
from tests.factories import make_engagement, make_mentor, make_user, make_visit
from tests.integration.mentoring.conftest import in_days

SignIn = Callable[[User], Any]
Told = Callable[[User], list[str]]


@pytest.fixture
def operator(session: Session) -> User:
    return make_user(session, Role.OPERATOR, name="정하늘")


def missed_by(session: Session, engagement: Engagement, who: MissedBy, writer_id: int) -> Visit:
    made = make_visit(
        session,
        engagement,
        starts_at=in_days(-1),
        state=VisitState.MISSED,
        missed_by=who,
        closed_by_id=writer_id,
    )
    session.commit()
    return made


def test_k17_either_side_moves_an_agreed_visit_once_without_a_reason_and_then_with_one(
    session: Session, sign_in: SignIn, merchant: User, mentor: User, engagement: Engagement
) -> None:
    for user, other in ((merchant, mentor), (mentor, merchant)):
        browser, page = sign_in(user), f"/mentoring/engagements/{engagement.id}/"
        first = make_visit(session, engagement, starts_at=in_days(5))
        session.commit()
        assert "바꾸는 까닭" not in browser.get(f"/mentoring/visits/{first.id}/move").text
        assert browser.send(f"/mentoring/visits/{first.id}/move").status_code == 302
        second = make_visit(session, engagement, starts_at=in_days(6))
        session.commit()
        address = f"/mentoring/visits/{second.id}/move"

        asked, without = browser.get(address), browser.send(address)

        assert "바꾸는 까닭" in asked.text
        assert without.status_code == 422
        assert "까닭을 한 줄 적어 주세요." in without.text
        assert browser.send(address, {"reason": "물건이 갑자기 들어와서요."}).status_code == 302
        assert "물건이 갑자기 들어와서요." in sign_in(other).get(page).text


def test_after_they_have_met_the_next_visit_may_be_moved_freely_again(
    session: Session, merchant: User, engagement: Engagement
) -> None:
    make_visit(
        session, engagement, starts_at=in_days(3), state=VisitState.CANCELLED, closed_by_id=merchant.id
    )
    second = make_visit(session, engagement, starts_at=in_days(4))
    before = changing.price_of(session, second, merchant, now=clock.now())
    second.state = VisitState.HELD
    session.flush()
    third = make_visit(session, engagement, starts_at=in_days(9))

    after = changing.price_of(session, third, merchant, now=clock.now())

    assert (before.needs_reason, after.needs_reason) == (True, False)


def test_m17_a_late_change_is_said_before_it_is_pressed_and_kept(
    session: Session, sign_in: SignIn, merchant: User, engagement: Engagement
) -> None:
    soon = make_visit(session, engagement, starts_at=clock.now() + timedelta(hours=23))
    session.commit()
    hers = sign_in(merchant)

    assert "만나기까지 하루가 안 남았어요" in hers.get(f"/mentoring/visits/{soon.id}/move").text
    hers.send(f"/mentoring/visits/{soon.id}/move")

    session.refresh(soon)
    assert (soon.state, soon.is_late_cancel) == (VisitState.CANCELLED, True)
    later = make_visit(session, engagement, starts_at=clock.now() + timedelta(hours=25))
    session.commit()
    data = {"reason": "장날이라서요."}
    assert "하루가 안 남았어요" not in hers.get(f"/mentoring/visits/{later.id}/move").text
    hers.send(f"/mentoring/visits/{later.id}/move", data)
    session.refresh(later)
    assert later.is_late_cancel is False


@pytest.mark.parametrize(
    ("who", "kept"), [("merchant", MissedBy.MERCHANT), ("mentor", MissedBy.MENTOR), ("nobody", None)]
)
def test_m17_who_did_not_come_is_written_by_a_person(
    session: Session,
    sign_in: SignIn,
    told: Told,
    merchant: User,
    mentor: User,
    engagement: Engagement,
    who: str,
    kept: MissedBy | None,
) -> None:
    visit = make_visit(session, engagement, starts_at=in_days(-1))
    session.commit()
    his, address = sign_in(mentor), f"/mentoring/visits/{visit.id}/missed"

    without = his.send(address)
    answers = [his.send(address, {"who": who}) for _ in range(2)]

    assert without.status_code == 422
    assert [answer.status_code for answer in answers] == [302, 302]
    session.refresh(visit)
    assert (visit.state, visit.missed_by, visit.closed_by_id) == (VisitState.MISSED, kept, mentor.id)
    (sentence,) = told(merchant)
    assert ("사정이 있으셨다면" in sentence) == (who == "merchant")


def test_m17_time_alone_writes_nothing(
    session: Session,
    sign_in: SignIn,
    run_jobs: Callable[[], None],
    merchant: User,
    mentor: User,
    engagement: Engagement,
) -> None:
    """After 48 hours without a log the visit is on the mentor's list to write, and nothing else happens."""
    visit = make_visit(session, engagement, starts_at=clock.now() - timedelta(hours=49))
    visit.remind_at = visit.starts_at
    session.commit()

    queue.sweep(now=clock.now())
    run_jobs()

    session.refresh(visit)
    assert (visit.state, visit.missed_by) == (VisitState.AGREED, None)
    assert session.scalar(select(func.count()).select_from(Notice)) == 0
    (waiting,) = queries.list_mentor_day(session, mentor, clock.now())
    assert (waiting.visit_id, waiting.has_begun) == (visit.id, True)
    assert "만난 이야기를 적어 주세요" in sign_in(mentor).get("/").text


def test_m18_the_one_who_is_meant_explains_and_operators_hear_of_it(
    session: Session,
    sign_in: SignIn,
    told: Told,
    merchant: User,
    mentor: User,
    engagement: Engagement,
    operator: User,
) -> None:
    visit = missed_by(session, engagement, MissedBy.MERCHANT, mentor.id)
    hers, theirs = sign_in(merchant), sign_in(operator)
    page = f"/mentoring/engagements/{engagement.id}/"

    assert "사정 알리기" in hers.get(page).text
    assert "사정 알리기" not in sign_in(mentor).get(page).text
    hers.send(f"/mentoring/visits/{visit.id}/appeal", {"words": "장날이라 손님이 많았어요."})
    hers.send(f"/mentoring/visits/{visit.id}/appeal", {"words": "다른 말"})

    case = session.scalars(select(Appeal)).one()
    assert case.words == "장날이라 손님이 많았어요."
    assert told(operator) == ["김순자 님이 만나지 못한 사정을 알려 왔어요. 살펴봐 주세요."]
    assert "만나지 못한 사정 1건" in theirs.get("/desk/").text
    listed = theirs.get("/desk/appeals/").text
    assert "김순자 사장님" in listed
    assert "약속에 오지 않음 (박정호 멘토님이 적음)" in listed
    assert "장날이라 손님이 많았어요." in theirs.get(f"/desk/appeals/{case.id}").text


def test_m18_what_is_upheld_counts_no_more_and_has_its_sentence(
    session: Session,
    sign_in: SignIn,
    told: Told,
    merchant: User,
    mentor: User,
    engagement: Engagement,
    operator: User,
) -> None:
    visit = missed_by(session, engagement, MissedBy.MERCHANT, mentor.id)
    hers, theirs, now = sign_in(merchant), sign_in(operator), clock.now()
    hers.send(f"/mentoring/visits/{visit.id}/appeal", {"words": "장날이라 손님이 많았어요."})
    assert appeals.count_against(session, merchant, now=now) == 1

    address = f"/desk/appeals/{session.scalars(select(Appeal.id)).one()}"
    no_sentence = theirs.send(address, {"verdict": "upheld"})
    theirs.send(address, {"verdict": "upheld", "decision": "장날은 어쩔 수 없어요."})

    assert no_sentence.status_code == 422
    assert appeals.count_against(session, merchant, now=now) == 0
    session.refresh(visit)
    assert (visit.state, visit.missed_by) == (VisitState.MISSED, MissedBy.MERCHANT)
    assert told(merchant)[-1] == "알려 주신 사정을 받아들였어요. 그 약속은 세지 않아요."
    assert "장날은 어쩔 수 없어요." in hers.get(f"/mentoring/engagements/{engagement.id}/").text
    assert "김순자 사장님" not in theirs.get("/desk/appeals/").text
    assert "김순자 사장님" in theirs.get("/desk/appeals/?state=decided").text


def test_m18_what_is_left_standing_still_counts_and_has_its_sentence(
    session: Session, sign_in: SignIn, merchant: User, mentor: User, engagement: Engagement, operator: User
) -> None:
    visit = missed_by(session, engagement, MissedBy.MENTOR, merchant.id)
    sign_in(mentor).send(f"/mentoring/visits/{visit.id}/appeal", {"words": "길이 막혔어요."})
    address = f"/desk/appeals/{session.scalars(select(Appeal.id)).one()}"
    theirs = sign_in(operator)

    theirs.send(address, {"verdict": "kept", "decision": "다음에는 미리 전화해 주세요."})
    again = theirs.send(address, {"verdict": "upheld", "decision": "다시 봤어요."})

    assert again.status_code == 409
    assert appeals.count_against(session, mentor, now=clock.now()) == 1
    assert (
        "다음에는 미리 전화해 주세요." in sign_in(mentor).get(f"/mentoring/engagements/{engagement.id}/").text
    )


def test_m18_a_late_change_can_be_explained_too(
    session: Session, sign_in: SignIn, merchant: User, engagement: Engagement
) -> None:
    visit = make_visit(session, engagement, starts_at=clock.now() + timedelta(hours=3))
    session.commit()
    hers = sign_in(merchant)
    hers.send(f"/mentoring/visits/{visit.id}/move")

    assert hers.send(f"/mentoring/visits/{visit.id}/appeal", {"words": "몸이 아팠어요."}).status_code == 302
    assert session.scalar(select(func.count()).select_from(Appeal)) == 1


def test_m18_who_is_not_meant_has_nothing_to_explain_and_strangers_neither(
    session: Session, sign_in: SignIn, merchant: User, mentor: User, engagement: Engagement, operator: User
) -> None:
    visit = missed_by(session, engagement, MissedBy.MERCHANT, mentor.id)
    address, data = f"/mentoring/visits/{visit.id}/appeal", {"words": "아니에요."}
    people = (mentor, make_user(session), make_mentor(session), operator)

    assert [sign_in(user).send(address, data).status_code for user in people] == [403, 404, 404, 403]
    assert [sign_in(user).get("/desk/appeals/").status_code for user in (merchant, mentor)] == [403, 403]
    assert session.scalar(select(func.count()).select_from(Appeal)) == 0


def test_m18_an_operator_does_not_decide_on_their_own_visit(
    session: Session, sign_in: SignIn, merchant: User
) -> None:
    mentor = make_mentor(session)
    operator = make_user(session, Role.OPERATOR, Role.MERCHANT)
    engagement = make_engagement(session, operator, mentor)
    visit = missed_by(session, engagement, MissedBy.MERCHANT, mentor.id)
    own = sign_in(operator)
    own.send(f"/mentoring/visits/{visit.id}/appeal", {"words": "장날이었어요."})
    case = session.scalars(select(Appeal)).one()

    answer = own.send(f"/desk/appeals/{case.id}", {"verdict": "upheld", "decision": "맞아요."})

    assert answer.status_code == 403
    session.refresh(case)
    assert case.decided_at is None


def test_m18_eight_operators_decide_once(
    committed: Session, race: Callable[[list[Callable[[], Any]]], list[Any]]
) -> None:
    merchant, mentor = make_user(committed), make_mentor(committed)
    visit = missed_by(committed, make_engagement(committed, merchant, mentor), MissedBy.MERCHANT, mentor.id)
    case = appeals.appeal(committed, visit, merchant, words="장날", path="/", now=clock.now())
    operators = [make_user(committed, Role.OPERATOR) for _ in range(8)]
    committed.commit()

    def decide(operator: User, is_upheld: bool) -> Callable[[], bool]:
        def call() -> bool:
            with db.transaction() as session:
                row = appeals.get_appeal(session, case.id)
                appeals.decide(
                    session, row, operator, is_upheld=is_upheld, decision="네.", path="/", now=clock.now()
                )
            return is_upheld

        return call

    results = race([decide(operator, number % 2 == 0) for number, operator in enumerate(operators)])

    assert len({result for result in results if isinstance(result, bool)}) == 1, results
    assert sum(isinstance(result, ConflictError) for result in results) == 4, results
    told = select(func.count()).where(Notice.user_id == merchant.id)
    assert committed.scalar(told) == 1


def test_the_list_of_appeals_asks_as_often_for_many_as_for_one_page(
    session: Session, sign_in: SignIn, operator: User, count_queries: Callable[[], int]
) -> None:
    theirs, mentor = sign_in(operator), make_mentor(session, capacity=20)
    for seat_no in range(1, 4):
        merchant = make_user(session)
        visit = missed_by(
            session, make_engagement(session, merchant, mentor, seat_no=seat_no), MissedBy.MERCHANT, mentor.id
        )
        appeals.appeal(session, visit, merchant, words="장날", path="/", now=clock.now())
    session.commit()
    count_queries()

    theirs.get("/desk/appeals/")

    assert count_queries() <= 10
