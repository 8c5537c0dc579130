"""김순자 asks, 박정호 takes it, they agree, they meet, and she has three small things to do."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core import clock, korean
from portal.mentoring import queries
from portal.mentoring.models import Engagement, Need, NeedState
from portal.mentoring.visit_models import ActionItem, Visit, VisitState, VisitTime
from portal.messages.queries import count_unread
from tests.integration.mentoring.conftest import in_days

NEED = {
    "topic": "phone",
    "detail": "사진이 옆으로 누워요.\n어떻게 돌려요?",
    "wants": "visit",
    "key": "a1-of-a-test-form",
}


def proposal(*days: int, **more: str) -> dict[str, str]:
    dates = {f"date_{n}": f"{in_days(day):%Y-%m-%d}" for n, day in enumerate(days, start=1)}
    return {"kind": "visit", "key": "b1-of-a-test-form", **dates, **more}


def test_from_a_need_to_what_to_do_next(  # noqa: PLR0915 - one story, told once
    session: Session,
    sign_in: Callable[[User], Any],
    told: Callable[[User], list[str]],
    merchant: User,
    mentor: User,
) -> None:
    hers, his = sign_in(merchant), sign_in(mentor)

    assert "멘토 부탁하기" in hers.get("/mentoring/").text
    assert hers.send("/mentoring/needs/new", NEED).status_code == 302
    assert "멘토님을 찾고 있어요" in hers.get("/mentoring/").text

    need = session.scalars(select(Need)).one()
    assert "김*자 사장님, 반찬, 서울" in his.get("/mentoring/needs/").text
    page = his.send(f"/mentoring/needs/{need.id}/accept").location
    assert told(merchant) == ["박정호 멘토님이 부탁을 맡았어요. 만날 시간을 곧 보내 드려요."]

    answer = his.send(f"{page}propose", proposal(2, 3, 4, time_2="10:00", time_3="12:00"))
    assert answer.location == page
    shown = hers.get(page).text
    times = session.scalars(select(VisitTime).order_by(VisitTime.position)).all()
    assert [korean.dated_time(row.starts_at, now=clock.now()) in shown for row in times] == [True] * 3
    assert "낮 12시" in shown

    visit = session.scalars(select(Visit)).one()
    hers.send(f"/mentoring/visits/{visit.id}/choose", {"time": times[1].id})
    words = f"{korean.dated_time(in_days(3, 10), now=clock.now())}, 순자네 반찬(서울)"
    for browser in (hers, his):
        assert words in browser.get(page).text
        # The page keeps a date and an hour on one line.
        assert words in browser.get("/mentoring/").text.replace("\N{NO-BREAK SPACE}", " ").replace(
            "\N{WORD JOINER}", ""
        )
    assert told(merchant)[-1] == told(mentor)[-1] == f"{words}: 약속을 정했어요."
    assert (count_unread(session, merchant), count_unread(session, mentor)) == (0, 1)

    session.refresh(visit)
    visit.starts_at = clock.now() - timedelta(minutes=1)
    session.commit()
    log = {"log": "사진을 돌렸어요.", "item_1": "김치 사진 다시 찍기", "item_3": "값 정하기"}
    assert his.send(f"/mentoring/visits/{visit.id}/log", log).location == page
    things = "김치 사진 다시 찍기, 값 정하기"
    assert told(merchant)[-1] == f"박정호 멘토님과 정한 ‘{things}’, 하나씩 해 보세요."

    items = queries.list_open_items(session, merchant)
    assert [item.text for item in items] == ["김치 사진 다시 찍기", "값 정하기"]
    done = hers.send(f"/mentoring/items/{items[0].id}/done", {"next": "/"})
    assert done.location == "/"
    assert [item.text for item in queries.list_open_items(session, merchant)] == ["값 정하기"]
    assert "했어요" in his.get(page).text
    hers.send(f"/mentoring/items/{items[0].id}/undone")
    assert len(queries.list_open_items(session, merchant)) == 2


def test_she_asks_for_another_time_and_gets_one(
    session: Session,
    sign_in: Callable[[User], Any],
    told: Callable[[User], list[str]],
    merchant: User,
    mentor: User,
    engagement: Engagement,
) -> None:
    hers, his = sign_in(merchant), sign_in(mentor)
    page = f"/mentoring/engagements/{engagement.id}/"
    his.send(f"{page}propose", proposal(2))
    visit = session.scalars(select(Visit)).one()

    hers.send(f"/mentoring/visits/{visit.id}/other-time", {"wish": "목요일 3시가 좋아요."})

    assert told(mentor) == ["김순자 사장님은 다른 시간이 좋대요. 시간을 다시 보내 주세요."]
    assert "목요일 3시가 좋아요." in his.get(page).text
    his.send(f"{page}propose", proposal(5, key="b2-of-a-test-form"))
    states = session.scalars(select(Visit.state).order_by(Visit.id)).all()
    assert states == [VisitState.CANCELLED, VisitState.PROPOSED]
    assert "목요일 3시가 좋아요." not in his.get(page).text


def test_either_may_move_an_appointment_and_end_it_all(
    session: Session,
    sign_in: Callable[[User], Any],
    told: Callable[[User], list[str]],
    merchant: User,
    mentor: User,
    engagement: Engagement,
) -> None:
    hers, his = sign_in(merchant), sign_in(mentor)
    page = f"/mentoring/engagements/{engagement.id}/"
    for number, mover in ((1, hers), (2, his)):
        his.send(f"{page}propose", proposal(2, key=f"c{number}-of-a-test-form"))
        visit = session.scalars(select(Visit).order_by(Visit.id.desc()).limit(1)).one()
        time_id = session.scalars(select(VisitTime.id).where(VisitTime.visit_id == visit.id)).one()
        hers.send(f"/mentoring/visits/{visit.id}/choose", {"time": time_id})
        assert mover.send(f"/mentoring/visits/{visit.id}/move").status_code == 302
        assert mover.send(f"/mentoring/visits/{visit.id}/move").status_code == 302

    when = korean.dated_time(in_days(2), now=clock.now())
    assert f"김순자 사장님이 {when} 약속을 바꾸려고 해요. 새 시간을 보내 주세요." in told(mentor)
    assert f"박정호 멘토님이 {when} 약속을 바꾸려고 해요. 새 시간을 곧 보내 드려요." in told(merchant)

    assert hers.send(f"{page}end", {"reason": "이제 혼자 할 수 있어요."}).status_code == 302
    session.refresh(engagement)
    assert engagement.ended_reason == "이제 혼자 할 수 있어요."
    assert "이제 혼자" not in his.get(page).text
    assert told(mentor)[-1] == "김순자 사장님과 함께하는 일이 끝났어요. 고맙습니다."
    assert hers.send("/mentoring/needs/new", NEED).status_code == 302


def test_a_need_is_taken_back(session: Session, sign_in: Callable[[User], Any], merchant: User) -> None:
    hers = sign_in(merchant)
    hers.send("/mentoring/needs/new", NEED)
    need = session.scalars(select(Need)).one()

    for _ in range(2):
        assert hers.send(f"/mentoring/needs/{need.id}/withdraw").status_code == 302

    session.refresh(need)
    assert need.state == NeedState.WITHDRAWN
    assert hers.send("/mentoring/needs/new", {**NEED, "key": "a2-of-a-test-form"}).status_code == 302


def test_sent_twice_everything_happens_once(
    session: Session,
    sign_in: Callable[[User], Any],
    told: Callable[[User], list[str]],
    merchant: User,
    mentor: User,
) -> None:
    hers, his = sign_in(merchant), sign_in(mentor)

    def twice(browser: Any, path: str, data: dict[str, Any] | None = None) -> None:
        assert [browser.send(path, data).status_code for _ in range(2)] == [302, 302]

    twice(hers, "/mentoring/needs/new", NEED)
    need = session.scalars(select(Need)).one()
    twice(his, f"/mentoring/needs/{need.id}/accept")
    engagement = session.scalars(select(Engagement)).one()
    twice(his, f"/mentoring/engagements/{engagement.id}/propose", proposal(2, 3))
    visit = session.scalars(select(Visit)).one()
    time_id = session.scalars(select(VisitTime.id).limit(1)).one()
    twice(hers, f"/mentoring/visits/{visit.id}/choose", {"time": time_id})
    visit.starts_at = clock.now() - timedelta(minutes=1)
    session.commit()
    twice(his, f"/mentoring/visits/{visit.id}/log", {"log": "함께 했어요.", "item_1": "해 보기"})
    item = session.scalars(select(ActionItem)).one()
    twice(hers, f"/mentoring/items/{item.id}/done")
    twice(hers, f"/mentoring/engagements/{engagement.id}/end")

    assert len(told(merchant)) == 4
    assert len(told(mentor)) == 2


def test_two_who_did_not_meet_make_another_appointment(
    session: Session, sign_in: Callable[[User], Any], merchant: User, mentor: User, engagement: Engagement
) -> None:
    his = sign_in(mentor)
    page = f"/mentoring/engagements/{engagement.id}/"
    his.send(f"{page}propose", proposal(2))
    visit = session.scalars(select(Visit)).one()
    sign_in(merchant).send(
        f"/mentoring/visits/{visit.id}/choose", {"time": session.scalars(select(VisitTime.id)).one()}
    )
    early = his.send(f"/mentoring/visits/{visit.id}/missed")
    session.refresh(visit)
    visit.starts_at = clock.now() - timedelta(minutes=1)
    session.commit()

    assert his.send(f"/mentoring/visits/{visit.id}/missed", {"who": "nobody"}).status_code == 302

    assert early.status_code == 409
    session.refresh(visit)
    assert visit.state == VisitState.MISSED
    assert "만날 시간 보내기" in his.get(page).text


def test_the_calendar_file_is_for_the_two(
    session: Session, sign_in: Callable[[User], Any], merchant: User, mentor: User, engagement: Engagement
) -> None:
    his, hers = sign_in(mentor), sign_in(merchant)
    his.send(f"/mentoring/engagements/{engagement.id}/propose", proposal(2))
    visit = session.scalars(select(Visit)).one()
    address = f"/mentoring/visits/{visit.id}/calendar.ics"
    before = hers.get(address)
    hers.send(f"/mentoring/visits/{visit.id}/choose", {"time": session.scalars(select(VisitTime.id)).one()})

    answer = hers.get(address)

    assert before.status_code == 404
    assert answer.content_type == "text/calendar; charset=utf-8"
    assert "박정호 멘토님 만나기" in answer.text
    assert f"DTSTART:{in_days(2, 6):%Y%m%d}T060000Z" in answer.text
    assert "김순자 사장님 만나기" in his.get(address).text
