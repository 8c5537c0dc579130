"""M10 a mentor's week, M11 no half hour twice, M12 how two people meet, and eight at once on both engines."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core import clock, db
from portal.core.clock import KST
from portal.core.errors import ConflictError
from portal.mentoring import hours, operations, queries, slots
from portal.mentoring.models import Engagement, NeedTime
from portal.mentoring.visit_models import Availability, DayOff, Visit, VisitSlot, VisitState
from portal.mentoring.vocabulary import DayPart, VisitKind
from tests.factories import make_engagement, make_mentor, make_user, make_visit
from tests.integration.mentoring.conftest import in_days

Race = Callable[[list[Callable[[], Any]]], list[Any]]
PAGE = "/mentoring/me/hours"
#: A Monday, ten in the morning in Korea, with no holiday in the four weeks after it.
NOW = datetime(2026, 11, 23, 10, tzinfo=KST)


def korean(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), KST)


def add(session: Session, mentor: User, weekday: int, starts: int, ends: int) -> None:
    hours.add_hours(session, mentor, weekday=weekday, starts=starts * 60, ends=ends * 60)
    session.flush()


def free(session: Session, mentor: User, **more: Any) -> list[str]:
    values = {"days": 8, "minutes": 60, "now": NOW, **more}
    found = hours.free_times(session, mentor.id, **values)
    return [f"{moment.astimezone(KST):%m-%d %H:%M}" for moment in found]


def test_m10_a_week_is_written_row_by_row_and_read_in_words(
    session: Session, sign_in: Callable[[User], Any], mentor: User
) -> None:
    his = sign_in(mentor)

    his.send(PAGE, {"weekday": "0", "starts": "600", "ends": "960"})
    his.send(PAGE, {"weekday": "0", "starts": "960", "ends": "1020"})
    his.send(PAGE, {"weekday": "2", "starts": "1110", "ends": "1200"})
    his.send(PAGE, {"weekday": "2", "starts": "1110", "ends": "1200"})

    shown = his.get(PAGE).text
    assert "월요일 오전 10시부터 오후 5시까지" in shown
    assert "수요일 오후 6시 30분부터 오후 8시까지" in shown
    assert session.scalar(select(func.count()).select_from(Availability)) == 2
    his.send(f"{PAGE}/remove", {"weekday": "0", "starts": "600"})
    his.send(f"{PAGE}/remove", {"weekday": "0", "starts": "600"})
    assert "월요일 오전" not in his.get(PAGE).text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"weekday": "0", "starts": "960", "ends": "600"}, "끝나는 시각이 시작보다 빨라요."),
        ({"weekday": "7", "starts": "600", "ends": "960"}, "목록에 있는 것을 골라 주세요."),
        ({"weekday": "0", "starts": "615", "ends": "960"}, "목록에 있는 것을 골라 주세요."),
        ({"weekday": "0", "starts": "300", "ends": "960"}, "목록에 있는 것을 골라 주세요."),
    ],
)
def test_m10_hours_off_the_grid_are_refused(
    session: Session, sign_in: Callable[[User], Any], mentor: User, data: dict[str, str], words: str
) -> None:
    answer = sign_in(mentor).send(PAGE, data)

    assert answer.status_code == 422
    assert words in answer.text
    assert session.scalar(select(func.count()).select_from(Availability)) == 0


def test_m10_free_times_leave_out_days_off_holidays_and_what_is_taken(
    session: Session, mentor: User, engagement: Engagement
) -> None:
    add(session, mentor, 0, 10, 12)
    add(session, mentor, 2, 14, 16)
    make_visit(session, engagement, starts_at=korean(date(2026, 11, 25), 15))

    assert free(session, mentor) == [
        "11-23 10:30",
        "11-23 11:00",
        "11-25 14:00",
        "11-30 10:00",
        "11-30 10:30",
        "11-30 11:00",
    ]

    day_off = date(2026, 11, 30)
    hours.take_days_off(session, mentor, starts_on=day_off, ends_on=day_off, now=NOW)
    assert free(session, mentor, minutes=90) == ["11-23 10:30"]
    christmas = date(2026, 12, 25)
    add(session, mentor, 4, 10, 11)
    in_december = {"now": datetime(2026, 12, 24, 12, tzinfo=KST), "days": 3}
    assert free(session, mentor, **in_december) == []
    hours.open_holiday(session, mentor, christmas, is_open=True)
    session.flush()
    assert free(session, mentor, **in_december) == ["12-25 10:00"]
    hours.open_holiday(session, mentor, christmas, is_open=False)
    session.flush()
    assert free(session, mentor, **in_december) == []


def test_m10_days_off_and_holidays_are_written_on_the_page(
    session: Session, sign_in: Callable[[User], Any], mentor: User
) -> None:
    his, first = sign_in(mentor), in_days(3)
    his.send(f"{PAGE}/days-off", {"starts_on": f"{first:%Y-%m-%d}"})
    backwards = his.send(
        f"{PAGE}/days-off", {"starts_on": f"{first:%Y-%m-%d}", "ends_on": f"{in_days(2):%Y-%m-%d}"}
    )
    off = session.scalars(select(DayOff)).one()
    another = sign_in(make_mentor(session)).send(f"{PAGE}/days-off/{off.id}/cancel")
    week = hours.get_week(session, mentor, now=clock.now())
    holiday = week.holidays[0].day.isoformat()
    his.send(f"{PAGE}/holidays", {"day": holiday, "open": "1"})
    no_holiday = his.send(f"{PAGE}/holidays", {"day": "2026-11-24", "open": "1"})

    assert (off.starts_on, off.ends_on) == (first.date(), first.date())
    assert (backwards.status_code, another.status_code, no_holiday.status_code) == (422, 404, 422)
    assert "이날은 쉴래요" in his.get(PAGE).text
    assert his.send(f"{PAGE}/days-off/{off.id}/cancel").status_code == 302
    assert session.scalar(select(func.count()).select_from(DayOff)) == 0


def test_m10_the_form_offers_the_next_free_times_of_three_days_when_she_has_time(
    session: Session, sign_in: Callable[[User], Any], mentor: User, engagement: Engagement
) -> None:
    for weekday in range(7):
        add(session, mentor, weekday, 10, 16)
    session.add(NeedTime(need_id=engagement.need_id, weekday=in_days(3).weekday(), part=DayPart.AFTERNOON))
    session.flush()

    shared = queries.get_engagement(session, mentor, engagement.id, lead=True)
    found = hours.suggest(session, shared, minutes=60, now=clock.now())

    times = [moment.astimezone(KST) for moment in found]
    assert {moment.weekday() for moment in times} == {in_days(3).weekday()}
    assert {f"{moment:%H:%M}" for moment in times} == {"12:00"}
    page = sign_in(mentor).get(f"/mentoring/engagements/{engagement.id}/propose").text
    assert all(f'value="{moment:%Y-%m-%d}"' in page for moment in times)
    assert "가까운 빈 시간을 미리 적어 두었어요." in page


def test_m10_what_another_shop_may_still_choose_is_not_offered_twice(
    session: Session, mentor: User, engagement: Engagement
) -> None:
    for weekday in range(7):
        add(session, mentor, weekday, 10, 13)
    shared = queries.get_engagement(session, mentor, engagement.id, lead=True)
    first = hours.suggest(session, shared, minutes=60, now=clock.now())[0]
    elsewhere = make_engagement(session, make_user(session), mentor, seat_no=2)
    make_visit(session, elsewhere, times=(first,))

    assert first not in hours.suggest(session, shared, minutes=60, now=clock.now())


def test_m10_without_hours_the_form_says_where_they_are_written(
    sign_in: Callable[[User], Any], mentor: User, engagement: Engagement
) -> None:
    page = sign_in(mentor).get(f"/mentoring/engagements/{engagement.id}/propose").text

    assert "만날 수 있는 시간을 적어 두면" in page
    assert PAGE in page


def test_m11_a_visit_at_the_shop_keeps_the_way_free_where_it_is(
    session: Session, mentor: User, engagement: Engagement
) -> None:
    elsewhere = make_engagement(session, make_user(session), mentor, seat_no=2)
    make_visit(session, elsewhere, starts_at=in_days(2, 11), kind=VisitKind.PHONE)
    visit = make_visit(session, engagement, times=(in_days(2, 10),))

    operations.choose(session, visit, time_id=visit.times[0].id, path="/", now=clock.now())

    mine = select(VisitSlot.starts_at).where(VisitSlot.visit_id == visit.id).order_by(VisitSlot.starts_at)
    half = timedelta(minutes=30)
    assert session.scalars(mine).all() == [in_days(2, 10) - half, in_days(2, 10), in_days(2, 10) + half]


def test_m11_an_overlap_is_refused_where_times_are_offered_and_where_one_is_chosen(
    session: Session, sign_in: Callable[[User], Any], merchant: User, mentor: User, engagement: Engagement
) -> None:
    visit = make_visit(session, engagement, times=(in_days(3, 15),), minutes=90)
    elsewhere = make_engagement(session, make_user(session), mentor, seat_no=2)
    make_visit(session, elsewhere, starts_at=in_days(3, 16))
    third = make_engagement(session, make_user(session), mentor, seat_no=3)
    form = {"kind": "phone", "key": "o-of-a-test-form", "date_1": f"{in_days(3):%Y-%m-%d}", "time_1": "16:30"}

    chosen = sign_in(merchant).send(f"/mentoring/visits/{visit.id}/choose", {"time": visit.times[0].id})
    offered = sign_in(mentor).send(f"/mentoring/engagements/{third.id}/propose", form)

    assert (chosen.status_code, offered.status_code) == (409, 422)
    assert "다른 약속이 있어요." in chosen.text
    assert "그 시간에는 다른 약속이 있어요." in offered.text


def test_m11_what_is_let_go_of_is_free_again(
    session: Session, sign_in: Callable[[User], Any], merchant: User, mentor: User, engagement: Engagement
) -> None:
    visit = make_visit(session, engagement, starts_at=in_days(3))
    session.commit()

    sign_in(merchant).send(f"/mentoring/visits/{visit.id}/move")

    assert slots.is_free(session, mentor.id, in_days(3), 60)


def test_m11_eight_shops_choose_times_that_overlap_and_one_gets_it(committed: Session, race: Race) -> None:
    mentor = make_mentor(committed, capacity=8)
    choices = []
    for seat_no in range(1, 9):
        merchant = make_user(committed)
        engagement = make_engagement(committed, merchant, mentor, seat_no=seat_no)
        starts_at = in_days(3) + timedelta(minutes=30 * (seat_no % 2))
        visit = make_visit(committed, engagement, times=(starts_at,), kind=VisitKind.PHONE)
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

    assert sum(isinstance(result, int) for result in results) == 1, results
    assert {result.message for result in results if isinstance(result, ConflictError)} == {slots.TAKEN}
    assert committed.scalar(select(func.count()).select_from(VisitSlot)) == 2


def test_m11_eight_take_one_half_hour_without_holding_the_mentor(committed: Session, race: Race) -> None:
    """The primary key itself refuses the second; the lock only makes the refusal kind."""
    mentor = make_mentor(committed, capacity=8)
    visits = [
        make_visit(committed, make_engagement(committed, make_user(committed), mentor, seat_no=seat_no)).id
        for seat_no in range(1, 9)
    ]
    committed.commit()

    def take(visit_id: int) -> Callable[[], int]:
        def call() -> int:
            with db.transaction() as session:
                slots.take(session, mentor_id=mentor.id, visit_id=visit_id, needed=[in_days(3)])
            return visit_id

        return call

    results = race([take(visit_id) for visit_id in visits])

    assert sum(isinstance(result, int) for result in results) == 1, results
    assert sum(isinstance(result, ConflictError) for result in results) == 7, results


def test_m11_eight_presses_write_the_same_hours_once(committed: Session, race: Race) -> None:
    mentor = make_mentor(committed)
    committed.commit()

    def write() -> int:
        with db.transaction() as session:
            hours.add_hours(session, mentor, weekday=0, starts=600, ends=960)
        return 1

    assert race([write] * 8) == [1] * 8
    assert committed.scalar(select(func.count()).select_from(Availability)) == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"kind": "video"}, "영상통화를 여는 주소를 적어 주세요."),
        ({"kind": "video", "link": "http://call.example/a"}, "주소는 https://로 시작하게 적어 주세요."),
        ({"kind": "video", "link": "javascript:alert(1)"}, "주소는 https://로 시작하게 적어 주세요."),
        ({"kind": "video", "link": "https://call.example/a b"}, "주소는 https://로 시작하게 적어 주세요."),
        ({"kind": "phone", "minutes": "45"}, "목록에 있는 것을 골라 주세요."),
    ],
)
def test_m12_a_video_call_needs_a_safe_address(
    session: Session,
    sign_in: Callable[[User], Any],
    mentor: User,
    engagement: Engagement,
    data: dict[str, str],
    words: str,
) -> None:
    form = {"key": "v-of-a-test-form", "date_1": f"{in_days(2):%Y-%m-%d}", **data}

    answer = sign_in(mentor).send(f"/mentoring/engagements/{engagement.id}/propose", form)

    assert answer.status_code == 422
    assert words in answer.text


def test_m12_a_video_call_shows_its_address_once_agreed_and_only_to_those_who_may(
    session: Session, sign_in: Callable[[User], Any], merchant: User, mentor: User, engagement: Engagement
) -> None:
    link = "https://call.example/room-1"
    form = {
        "kind": "video",
        "link": link,
        "minutes": "30",
        "key": "v-of-a-test-form",
        "date_1": f"{in_days(2):%Y-%m-%d}",
    }
    sign_in(mentor).send(f"/mentoring/engagements/{engagement.id}/propose", form)
    visit = session.scalars(select(Visit)).one()
    hers, page = sign_in(merchant), f"/mentoring/engagements/{engagement.id}/"

    before = hers.get(page).text
    hers.send(f"/mentoring/visits/{visit.id}/choose", {"time": visit_time(session, visit)})

    assert link not in before
    assert f'<a href="{link}" rel="noopener noreferrer">{link}</a>' in hers.get(page).text
    session.refresh(visit)
    assert (visit.place, visit.minutes, visit.state) == ("영상통화", 30, VisitState.AGREED)


def visit_time(session: Session, visit: Visit) -> int:
    session.refresh(visit, ["times"])
    return visit.times[0].id


def test_m12_the_telephone_stands_first_and_is_chosen_until_somebody_says_otherwise(
    sign_in: Callable[[User], Any], session: Session
) -> None:
    page = sign_in(make_user(session)).get("/mentoring/needs/new").text

    assert page.index("전화로 이야기하기") < page.index("가게에서 만나기") < page.index("영상통화로 만나기")
    assert 'value="phone" checked' in page


def test_m28_every_page_of_booking_works_by_forms_alone(
    session: Session, sign_in: Callable[[User], Any], mentor: User, engagement: Engagement
) -> None:
    """M28: no page of booking needs a script: each act is a form with a button."""
    past = make_visit(session, engagement, starts_at=in_days(-1))
    session.commit()
    his = sign_in(mentor)
    paths = (PAGE, f"/mentoring/engagements/{engagement.id}/propose", f"/mentoring/visits/{past.id}/missed")

    pages = [his.get(path).text for path in (*paths, "/mentoring/calendar/")]

    assert all('type="submit"' in page for page in pages)
