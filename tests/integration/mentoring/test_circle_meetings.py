"""M24: a group's meetings are planned on the mentor's time, told, reminded of and written down."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core import clock, db, queue
from portal.core.clock import KST
from portal.core.errors import ConflictError, DomainError
from portal.core.roles import Role
from portal.mentoring import circle_meetings, circle_queries, circles, hours, operations, queries, slots
from portal.mentoring.circle_meetings import Planned
from portal.mentoring.circle_models import Circle, CircleMeeting, CirclePresence, MeetingState
from portal.mentoring.models import Engagement
from portal.mentoring.visit_models import VisitSlot
from portal.mentoring.vocabulary import VisitKind
from portal.messages.models import Notice
from tests import calendar_file
from tests.conftest import Browser, apart
from tests.factories import make_circle, make_engagement, make_meeting, make_mentor, make_user, make_visit
from tests.integration.mentoring.conftest import in_days

SignIn = Callable[[User], Browser]
Race = Callable[[list[Callable[[], Any]]], list[Any]]
HOME = "/mentoring/circles/"

#: A Thursday in Korea, three in the afternoon.
STARTS = datetime(2026, 11, 26, 15, tzinfo=KST)
PLANNED_AT = STARTS - timedelta(days=3)
EVENING = datetime(2026, 11, 25, 18, tzinfo=KST)
TWO_HOURS = STARTS - timedelta(hours=2)


@pytest.fixture
def circle(session: Session, mentor: User, merchant: User) -> Circle:
    return make_circle(session, mentor, merchant, make_user(session, name="오금자"))


def typed(starts_at: datetime, **changes: str) -> dict[str, str]:
    local = starts_at.astimezone(KST)
    values = {
        "day": local.date().isoformat(),
        "time": f"{local:%H:%M}",
        "minutes": "90",
        "kind": "visit",
        "place": "상인회 사무실 2층",
        "plan": "상품 사진을 세 장씩 찍어요.",
        "key": "a-form-of-this-test",
    }
    return {**values, **changes}


def planned(starts_at: datetime, **changes: Any) -> Planned:
    values: dict[str, Any] = {"kind": VisitKind.VISIT, "minutes": 90, "place": "시장", "plan": "사진 찍기"}
    return Planned(starts_at=starts_at, **{**values, **changes})


def test_m24_a_planned_meeting_takes_the_mentors_half_hours_and_is_told_once(
    session: Session, sign_in: SignIn, told: Any, circle: Circle, merchant: User, mentor: User
) -> None:
    his = sign_in(mentor)

    answers = [
        his.send(f"{HOME}{circle.id}/meetings/new", typed(in_days(3, 15))).status_code for _ in range(2)
    ]

    assert answers == [302, 302]
    meeting = session.scalars(select(CircleMeeting)).one()
    taken = session.scalars(select(VisitSlot.starts_at).order_by(VisitSlot.starts_at)).all()
    assert meeting.starts_at == in_days(3, 15)
    # An hour and a half, and the way there and back.
    assert list(taken) == [in_days(3, 15) + timedelta(minutes=at) for at in (-30, 0, 30, 60, 90)]
    (sentence,) = told(merchant)
    assert sentence.startswith("‘망원시장 사진 모임’ 모임 날이 정해졌어요.")
    assert "상인회 사무실 2층 모임이에요." in sentence
    assert told(mentor) == []
    assert "상품 사진을 세 장씩 찍어요." in sign_in(merchant).get(f"{HOME}{circle.id}/").text


def test_a_telephone_meeting_takes_no_way_and_needs_no_place(
    session: Session, sign_in: SignIn, circle: Circle, mentor: User
) -> None:
    form = typed(in_days(3), kind="phone", place="", minutes="30", link="https://meet.example/a")
    sign_in(mentor).send(f"{HOME}{circle.id}/meetings/new", form)

    meeting = session.scalars(select(CircleMeeting)).one()
    assert (meeting.place, meeting.link) == ("전화", "")
    assert session.scalar(select(func.count()).select_from(VisitSlot)) == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"place": ""}, "만날 곳을 적어 주세요."),
        ({"kind": "video", "place": ""}, "영상통화를 여는 주소를 적어 주세요."),
        ({"kind": "video", "link": "javascript:alert(1)"}, "https://로 시작하게"),
        ({"plan": ""}, "그날 함께 할 일을 한 줄 적어 주세요."),
        ({"day": "2020-01-02"}, "이미 지난 시간이에요."),
        ({"day": "2099-01-02"}, "너무 먼 날이에요."),
        ({"day": ""}, "모일 날짜를 골라 주세요."),
        ({"minutes": "45"}, "목록에 있는 것을"),
    ],
)
def test_a_meeting_that_cannot_be_is_refused_beside_its_field(
    session: Session, sign_in: SignIn, circle: Circle, mentor: User, changes: dict[str, str], words: str
) -> None:
    answer = sign_in(mentor).send(f"{HOME}{circle.id}/meetings/new", typed(in_days(3), **changes))

    assert answer.status_code == 422
    assert words in answer.text
    assert session.scalar(select(func.count()).select_from(CircleMeeting)) == 0


def test_m24_a_meeting_and_a_visit_never_share_a_half_hour(
    session: Session, circle: Circle, mentor: User, engagement: Engagement
) -> None:
    make_visit(session, engagement, starts_at=in_days(3, 14))
    meeting = make_meeting(session, circle, starts_at=in_days(4, 14))
    another = make_engagement(session, make_user(session), mentor, seat_no=2)
    asked = make_visit(session, another, times=(in_days(4, 15),))

    with pytest.raises(DomainError) as refused:
        circle_meetings.plan(
            session, circle, planned(in_days(3, 13)), form_key="x", path="/", now=clock.now()
        )
    with pytest.raises(ConflictError):
        operations.choose(session, asked, time_id=asked.times[0].id, path="/", now=clock.now())
    hours.add_hours(session, mentor, weekday=in_days(4).weekday(), starts=14 * 60, ends=16 * 60)

    assert refused.value.field == "day"
    free = hours.free_times(session, mentor.id, days=6, minutes=30, now=clock.now())
    assert in_days(4, 14) not in free
    assert set(slots.list_taken(session, mentor.id, slots.half_hours(meeting.starts_at, 90))) <= {
        in_days(4, 14) + timedelta(minutes=at) for at in (0, 30, 60)
    }


def test_m24_of_eight_meetings_and_visits_at_one_moment_one_comes_about(
    committed: Session, race: Race
) -> None:
    mentor, starts_at = make_mentor(committed, capacity=8), in_days(3)
    groups = [make_circle(committed, mentor) for _ in range(4)]
    visits = []
    for seat_no in range(1, 5):
        merchant = make_user(committed)
        shop = make_engagement(committed, merchant, mentor, seat_no=seat_no)
        visit = make_visit(committed, shop, times=(starts_at,))
        visits.append((merchant, visit.id, visit.times[0].id))
    committed.commit()

    def plan(circle_id: int) -> Callable[[], str]:
        def call() -> str:
            with db.transaction() as session:
                circle = circle_queries.get_circle(session, mentor, circle_id, lead=True)
                circle_meetings.plan(
                    session, circle, planned(starts_at), form_key="x", path="/", now=clock.now()
                )
            return "planned"

        return call

    def choose(merchant: User, visit_id: int, time_id: int) -> Callable[[], str]:
        def call() -> str:
            with db.transaction() as session:
                visit = queries.get_visit(session, merchant, visit_id, choose=True)
                operations.choose(session, visit, time_id=time_id, path="/", now=clock.now())
            return "chosen"

        return call

    results = race([*(plan(group.id) for group in groups), *(choose(*visit) for visit in visits)])

    assert len([result for result in results if isinstance(result, str)]) == 1, results
    assert all(isinstance(result, str | ConflictError | DomainError) for result in results), results
    owners = committed.execute(select(VisitSlot.visit_id, VisitSlot.meeting_id)).all()
    assert len(set(owners)) == 1


def test_the_database_refuses_half_an_hour_of_both_and_of_neither(
    session: Session, circle: Circle, mentor: User, engagement: Engagement
) -> None:
    meeting = make_meeting(session, circle, starts_at=in_days(3))
    visit = make_visit(session, engagement)

    for both in ({"visit_id": visit.id, "meeting_id": meeting.id}, {}):
        with pytest.raises(IntegrityError), session.begin_nested():
            session.add(VisitSlot(mentor_id=mentor.id, starts_at=in_days(9), **both))


def test_a_cancelled_meeting_frees_the_time_and_is_told(
    session: Session, sign_in: SignIn, told: Any, circle: Circle, merchant: User, mentor: User
) -> None:
    meeting, his = make_meeting(session, circle, starts_at=in_days(3)), sign_in(mentor)

    answers = [his.send(f"{HOME}meetings/{meeting.id}/cancel").status_code for _ in range(2)]

    assert answers == [302, 302]
    assert session.scalar(select(func.count()).select_from(VisitSlot)) == 0
    (sentence,) = told(merchant)
    assert sentence.endswith("‘망원시장 사진 모임’ 모임은 열리지 않아요. 새 날이 정해지면 알려 드려요.")
    assert his.send(f"{HOME}{circle.id}/meetings/new", typed(in_days(3))).status_code == 302


def test_a_meeting_that_has_begun_is_cancelled_no_more(
    session: Session, sign_in: SignIn, circle: Circle, mentor: User
) -> None:
    meeting = make_meeting(session, circle, starts_at=clock.now() - timedelta(hours=1))

    assert sign_in(mentor).send(f"{HOME}meetings/{meeting.id}/cancel").status_code == 409
    assert session.scalars(select(CircleMeeting.state)).one() == MeetingState.PLANNED


@pytest.fixture
def at(isolated: Flask) -> Callable[[datetime], list[int]]:
    """Return a function that lets a worker look after whatever is due at a moment."""

    def at(moment: datetime) -> list[int]:
        with apart(isolated):
            due = circle_meetings.list_due_ids(db.session(), moment)
            for meeting_id in due:
                with db.transaction() as current:
                    circle_meetings.look_after(current, meeting_id, path="/mentoring/", now=moment)
        return due

    return at


def test_m24_everybody_is_reminded_the_evening_before_and_two_hours_before(
    session: Session, at: Any, told: Any, circle: Circle, merchant: User, mentor: User
) -> None:
    circle_meetings.plan(session, circle, planned(STARTS), form_key="x", path="/", now=PLANNED_AT)
    gone = make_user(session)
    circles.join(session, gone, code=circle.code, path_of=lambda _: "/", now=PLANNED_AT)
    circles.leave(session, circle.id, gone, path="/", now=PLANNED_AT)
    session.commit()

    assert at(EVENING - timedelta(minutes=1)) == []
    for moment in (EVENING, EVENING + timedelta(minutes=5), TWO_HOURS, TWO_HOURS + timedelta(minutes=5)):
        at(moment)

    for user in (merchant, mentor):
        assert told(user)[-2:] == [
            "내일 ‘망원시장 사진 모임’에서 만나요. 11월 26일(목) 오후 3시, 시장 모임이에요.",
            "조금 뒤에 ‘망원시장 사진 모임’에서 만나요. 11월 26일(목) 오후 3시, 시장 모임이에요.",
        ]
    assert told(gone) == []
    assert at(STARTS + timedelta(days=1)) == []


def test_a_worker_that_was_down_reminds_of_nothing_that_has_begun(
    session: Session, at: Any, told: Any, circle: Circle, merchant: User
) -> None:
    circle_meetings.plan(session, circle, planned(STARTS), form_key="x", path="/", now=PLANNED_AT)
    before = told(merchant)
    session.commit()

    at(STARTS + timedelta(minutes=1))

    assert told(merchant) == before
    assert at(STARTS + timedelta(minutes=2)) == []


def test_the_sweep_finds_a_meeting_that_is_due(
    isolated: Flask, session: Session, told: Any, circle: Circle, merchant: User
) -> None:
    meeting = make_meeting(session, circle, starts_at=clock.now() + timedelta(hours=1))
    meeting.remind_at = clock.now()
    session.commit()

    with apart(isolated):
        job = queue.JOBS[circle_meetings.REMIND]
        assert list(job.due(db.session(), clock.now())) == [meeting.id]
        job.load()(meeting.id)

    (sentence,) = told(merchant)
    assert sentence.startswith("조금 뒤에 ‘망원시장 사진 모임’에서 만나요.")
    assert session.scalars(select(Notice.path).where(Notice.user_id == merchant.id)).one() == (
        f"{HOME}{circle.id}/"
    )


def test_m24_the_log_is_the_groups_and_presence_is_ticked_by_name(
    session: Session, sign_in: SignIn, told: Any, circle: Circle, merchant: User, mentor: User
) -> None:
    meeting = make_meeting(session, circle, starts_at=clock.now() - timedelta(hours=2))
    stranger, his = make_user(session, name="모르는이"), sign_in(mentor)
    form = {"present": [str(merchant.id), str(stranger.id), "x"], "log": "사진을 찍었어요.\n다음엔 올려요."}

    page = his.get(f"{HOME}meetings/{meeting.id}/log").text
    answers = [his.send(f"{HOME}meetings/{meeting.id}/log", form).status_code for _ in range(2)]

    assert "김순자 사장님 (순자네 반찬)" in page
    assert "오금자 사장님" in page
    assert answers == [302, 302]
    assert session.scalars(select(CirclePresence.user_id)).all() == [merchant.id]
    assert len(told(merchant)) == 1
    hers = sign_in(merchant).get(f"{HOME}{circle.id}/").text
    assert "다음엔 올려요." in hers
    assert "나도 함께했어요" in hers
    assert "온 분:" not in hers
    assert "온 분: 김순자 사장님" in his.get(f"{HOME}{circle.id}/").text
    assert (
        "온 분: 김순자 사장님" in sign_in(make_user(session, Role.OPERATOR)).get(f"{HOME}{circle.id}/").text
    )
    changed = his.send(f"{HOME}meetings/{meeting.id}/log", {**form, "log": "다르게"})
    assert changed.status_code == 409


def test_a_meeting_is_not_written_down_before_it_begins(
    session: Session, sign_in: SignIn, circle: Circle, mentor: User
) -> None:
    meeting, his = make_meeting(session, circle, starts_at=in_days(2)), sign_in(mentor)

    assert his.get(f"{HOME}meetings/{meeting.id}/log").status_code == 302
    assert his.send(f"{HOME}meetings/{meeting.id}/log", {"log": "벌써요."}).status_code == 409


def test_somebody_who_left_afterwards_can_still_be_ticked(
    session: Session, circle: Circle, merchant: User, mentor: User
) -> None:
    meeting = make_meeting(session, circle, starts_at=clock.now() - timedelta(hours=3))
    circles.leave(session, circle.id, merchant, path="/", now=clock.now() - timedelta(hours=1))
    session.flush()

    names = [user.name for user in circle_meetings.list_who_may_have_come(session, meeting)]

    assert names == ["김순자", "오금자"]


def test_an_operator_and_another_mentor_write_no_log_of_it(
    session: Session, sign_in: SignIn, circle: Circle
) -> None:
    meeting = make_meeting(session, circle, starts_at=clock.now() - timedelta(hours=2))
    both = make_user(session, Role.OPERATOR, Role.MENTOR)

    assert sign_in(both).get(f"{HOME}meetings/{meeting.id}/log").status_code == 403
    assert sign_in(make_mentor(session)).get(f"{HOME}meetings/{meeting.id}/log").status_code == 404


def test_m24_a_calendar_shows_the_meetings_of_ones_groups(
    isolated: Flask, session: Session, sign_in: SignIn, circle: Circle, merchant: User, engagement: Engagement
) -> None:
    meeting = make_meeting(session, circle, starts_at=in_days(3))
    make_meeting(session, circle, starts_at=in_days(4), state=MeetingState.CANCELLED)
    make_meeting(session, make_circle(session, name="남의 모임"), starts_at=in_days(3))
    make_visit(session, engagement, starts_at=in_days(2))
    hers = sign_in(merchant)
    hers.send("/mentoring/calendar/address")
    shown: str = hers.get("/mentoring/calendar/").text
    start = shown.index("http://localhost/mentoring/calendar/")
    address = shown[start : shown.index(".ics", start) + 4].removeprefix("http://localhost")

    before = calendar_file.read(Browser(isolated).get(address).data).events
    hers.send(f"{HOME}{circle.id}/leave")
    after = calendar_file.read(Browser(isolated).get(address).data).events

    assert [event.text("SUMMARY") for event in before] == [
        "박정호 멘토님 만나기 (장터배움)",
        "망원시장 사진 모임 (장터배움)",
    ]
    assert before[1].one("UID") == f"meeting-{meeting.id}@localhost"
    assert before[1].moment("DTEND") == in_days(3) + timedelta(minutes=90)
    assert len(after) == 1
