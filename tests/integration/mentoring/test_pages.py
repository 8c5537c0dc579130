"""Who may open and press what, what is refused, and how much each page asks of the database."""

import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.accounts.vocabulary import Region, Topic
from portal.core import clock
from portal.core.roles import Role
from portal.mentoring import offers, queries
from portal.mentoring.models import Engagement, EngagementState, Need, NeedState, NeedTime
from portal.mentoring.visit_models import ActionItem, Visit, VisitState, VisitTime
from portal.mentoring.vocabulary import DayPart
from tests.factories import make_engagement, make_mentor, make_need, make_user, make_visit
from tests.integration.mentoring.conftest import in_days

QUERIES_MAX = 15
WHO = ("merchant", "mentor", "other_merchant", "other_mentor", "trainer", "operator")


@pytest.fixture
def people(session: Session, merchant: User, mentor: User) -> dict[str, User]:
    return {
        "merchant": merchant,
        "mentor": mentor,
        "other_merchant": make_user(session),
        "other_mentor": make_mentor(session),
        "trainer": make_user(session, Role.TRAINER),
        "operator": make_user(session, Role.OPERATOR),
    }


@pytest.fixture
def proposed(session: Session, engagement: Engagement) -> Visit:
    return make_visit(session, engagement, times=(in_days(2), in_days(3)))


GETS = [
    ("/mentoring/", "200 200 200 200 200 200"),
    ("/mentoring/mentors/", "200 200 200 200 200 200"),
    ("/mentoring/needs/", "403 200 403 200 403 200"),
    ("/mentoring/needs/new", "302 403 200 403 403 403"),
    ("/mentoring/engagements/", "200 200 200 200 200 200"),
    ("/mentoring/engagements/{e}/", "200 200 404 404 404 200"),
    ("/mentoring/engagements/{e}/propose", "403 200 403 404 403 403"),
    ("/mentoring/engagements/{e}/end", "200 200 404 404 403 200"),
    ("/mentoring/visits/{v}/other-time", "200 403 404 403 403 403"),
    ("/mentoring/visits/{v}/log", "403 302 403 404 403 403"),
    ("/mentoring/visits/{o}/log", "403 200 403 404 403 403"),
    ("/mentoring/visits/{v}/move", "200 200 404 404 403 403"),
    ("/mentoring/visits/{v}/missed", "302 302 404 404 403 403"),
    ("/mentoring/visits/{o}/missed", "200 200 404 404 403 403"),
    ("/mentoring/visits/{o}/move", "302 302 404 404 403 403"),
    ("/mentoring/needs/{n}/withdraw", "404 403 200 403 403 403"),
    ("/mentoring/visits/{v}/calendar.ics", "404 404 404 404 403 403"),
    ("/mentoring/engagements/999999/", "404 404 404 404 404 404"),
    ("/mentoring/engagements/{e}/another", "200 200 404 404 403 403"),
    ("/mentoring/engagements/{e}/pause", "200 200 404 404 403 403"),
    ("/mentoring/engagements/{e}/agreement", "200 200 404 404 404 200"),
    ("/mentoring/engagements/{e}/agreement/write", "403 200 403 404 403 403"),
    ("/mentoring/visits/{v}/agenda", "200 200 404 404 403 403"),
    ("/mentoring/visits/{v}/agenda/choose", "403 200 403 404 403 403"),
    ("/mentoring/me/", "403 200 403 200 403 403"),
]
POSTS = [
    ("/mentoring/needs/{n}/accept", "403 302 403 302 403 403"),
    ("/mentoring/needs/{n}/withdraw", "404 403 302 403 403 403"),
    ("/mentoring/visits/{v}/choose", "422 403 404 403 403 403"),
    ("/mentoring/visits/{v}/move", "302 302 404 404 403 403"),
    ("/mentoring/visits/{v}/missed", "409 409 404 404 403 403"),
    ("/mentoring/visits/{v}/draft", "403 204 403 404 403 403"),
    ("/mentoring/items/{i}/return", "403 422 403 404 403 403"),
    ("/mentoring/items/{i}/done", "302 403 404 404 403 403"),
    ("/mentoring/items/{i}/undone", "302 403 404 404 403 403"),
]


@pytest.mark.parametrize(("path", "expected"), GETS)
def test_each_page_opens_for_those_it_is_for(
    session: Session,
    sign_in: Callable[[User], Any],
    client: Any,
    people: dict[str, User],
    engagement: Engagement,
    path: str,
    expected: str,
) -> None:
    address = path.format(
        e=engagement.id,
        v=make_visit(session, engagement, times=(in_days(2),)).id if "{v}" in path else 0,
        o=make_visit(session, engagement, starts_at=in_days(-1)).id if "{o}" in path else 0,
        n=make_need(session, people["other_merchant"]).id if "{n}" in path else 0,
    )

    statuses = [str(sign_in(people[who]).get(address).status_code) for who in WHO]

    assert " ".join(statuses) == expected
    assert client.get(address).status_code == (200 if path == "/mentoring/" else 302)


@pytest.mark.parametrize("index", range(len(WHO)))
@pytest.mark.parametrize(("path", "expected"), POSTS)
def test_each_button_works_for_those_it_is_for(
    session: Session,
    sign_in: Callable[[User], Any],
    client: Any,
    people: dict[str, User],
    engagement: Engagement,
    proposed: Visit,
    path: str,
    expected: str,
    index: int,
) -> None:
    need = make_need(session, people["other_merchant"])
    held = make_visit(session, engagement, starts_at=in_days(-9), log="했어요.", items=("하나",))
    address = path.format(n=need.id, v=proposed.id, i=held.items[0].id)

    status = sign_in(people[WHO[index]]).send(address).status_code

    assert str(status) == expected.split()[index]
    assert "/account/sign-in" in client.send(address).location


def test_a_trainer_or_a_mentor_without_profile_takes_nothing(
    session: Session, sign_in: Callable[[User], Any], merchant: User
) -> None:
    need = make_need(session, merchant)
    nobody = make_user(session, Role.MENTOR)

    answer = sign_in(nobody).send(f"/mentoring/needs/{need.id}/accept")

    assert answer.status_code == 403
    assert "멘토로 등록된 분만" in answer.text
    assert session.scalar(select(func.count()).select_from(Engagement)) == 0


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (NeedState.MATCHED, "다른 멘토님이 먼저 맡으셨어요."),
        (NeedState.WITHDRAWN, "사장님이 부탁을 거두셨어요."),
    ],
)
def test_a_need_that_is_gone_says_why(
    session: Session,
    sign_in: Callable[[User], Any],
    merchant: User,
    mentor: User,
    state: NeedState,
    words: str,
) -> None:
    need = make_need(session, merchant, state=state)

    answer = sign_in(mentor).send(f"/mentoring/needs/{need.id}/accept")

    assert answer.status_code == 409
    assert words in answer.text


def test_a_mentor_who_is_full_or_rests_takes_no_more(
    session: Session, sign_in: Callable[[User], Any], merchant: User
) -> None:
    need = make_need(session, merchant)
    full = make_mentor(session, capacity=1)
    make_engagement(session, make_user(session), full)
    resting = make_mentor(session, paused_at=clock.now())

    answers = [sign_in(mentor).send(f"/mentoring/needs/{need.id}/accept") for mentor in (full, resting)]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert "맡을 수 있는 가게 1곳이 모두 찼어요." in answers[0].text
    assert "지금은 쉬는 중이라" in answers[1].text
    assert "이 가게 맡기" not in sign_in(full).get("/mentoring/needs/").text


def test_after_the_capacity_was_lowered_a_free_low_seat_is_not_given(
    session: Session, sign_in: Callable[[User], Any], merchant: User
) -> None:
    need = make_need(session, merchant)
    mentor = make_mentor(session, capacity=2)
    for seat_no in (2, 3):
        make_engagement(session, make_user(session), mentor, seat_no=seat_no)

    assert sign_in(mentor).send(f"/mentoring/needs/{need.id}/accept").status_code == 409


def test_the_lowest_seat_left_free_is_taken_again(
    session: Session, sign_in: Callable[[User], Any], merchant: User, mentor: User
) -> None:
    need = make_need(session, merchant)
    make_engagement(session, make_user(session), mentor, seat_no=1, state=EngagementState.ENDED)
    make_engagement(session, make_user(session), mentor, seat_no=2)

    sign_in(mentor).send(f"/mentoring/needs/{need.id}/accept")

    assert session.scalar(select(Engagement.seat_no).where(Engagement.need_id == need.id)) == 1


NEED = {
    "topic": "phone",
    "detail": "사진이 옆으로 누워요.",
    "wants": "visit",
    "region": "seoul",
    "key": "k-of-a-test-form",
}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"topic": ""}, "도움받고 싶은 것을 하나 골라 주세요."),
        ({"topic": "'; --"}, "도움받고 싶은 것을 하나 골라 주세요."),
        ({"detail": "  \n "}, "어려운 점을 한두 줄 적어 주세요."),
        ({"detail": "가" * 501}, "500자까지 적어 주세요."),
        ({"wants": "teleport"}, "만나는 방법을 골라 주세요."),
        ({"region": ""}, "가게가 있는 곳을 골라 주세요."),
        ({"region": "mars"}, "가게가 있는 곳을 골라 주세요."),
    ],
)
def test_a_refused_need_keeps_what_was_typed(
    session: Session, sign_in: Callable[[User], Any], changes: dict[str, str], words: str
) -> None:
    answer = sign_in(make_user(session)).send("/mentoring/needs/new", {**NEED, **changes})

    assert answer.status_code == 422
    assert words in answer.text
    assert (changes.get("detail") or NEED["detail"]).strip() in answer.text
    assert session.scalar(select(func.count()).select_from(Need)) == 0


def test_a_second_need_waits_for_the_first(
    session: Session, sign_in: Callable[[User], Any], merchant: User, mentor: User
) -> None:
    hers = sign_in(merchant)
    hers.send("/mentoring/needs/new", NEED)
    again = {**NEED, "key": "other-of-a-test-form", "detail": "배송비도 궁금해요."}

    while_open = hers.send("/mentoring/needs/new", again)
    sign_in(mentor).send(f"/mentoring/needs/{session.scalars(select(Need.id)).one()}/accept")
    while_helped = hers.send("/mentoring/needs/new", again)

    assert (while_open.status_code, while_helped.status_code) == (409, 409)
    assert "이미 부탁하셨어요." in while_open.text
    assert "이미 함께하는 멘토님이 있어요." in while_helped.text
    assert "배송비도 궁금해요." in while_helped.text


def days(*offsets: int, **more: str) -> dict[str, str]:
    dates = {f"date_{n}": f"{in_days(offset):%Y-%m-%d}" for n, offset in enumerate(offsets, start=1)}
    return {"kind": "visit", "remark": "장부를 준비해 주세요.", "key": "p-of-a-test-form", **dates, **more}


@pytest.mark.parametrize(
    ("proposal", "words"),
    [
        (days, "만날 날짜를 하나는 골라 주세요."),
        (partial(days, 2, date_1="모레"), "날짜를 2026-11-26처럼 적어 주세요."),
        (partial(days, 2, date_1="2026-02-30"), "날짜를 2026-11-26처럼 적어 주세요."),
        (partial(days, -1), "이미 지난 시간이에요."),
        (partial(days, 2, 91), "너무 먼 날이에요."),
        (partial(days, 2, 2), "같은 시간이 두 번 있어요."),
        (partial(days, 2, 5), "그 시간에는 다른 약속이 있어요."),
        (partial(days, 2, time_1="03:10"), "목록에 있는 시각을 골라 주세요."),
        (partial(days, 2, kind=""), "만나는 방법을 골라 주세요."),
        (partial(days, 2, place="가" * 61), "60자까지 적어 주세요."),
        (partial(days, 2, remark="장부를 준비해 주세요." * 50), "500자까지 적어 주세요."),
    ],
)
def test_a_refused_proposal_keeps_what_was_typed(
    session: Session,
    sign_in: Callable[[User], Any],
    mentor: User,
    engagement: Engagement,
    proposal: Callable[[], dict[str, str]],
    words: str,
) -> None:
    data = proposal()
    elsewhere = make_engagement(session, make_user(session), mentor, seat_no=2)
    make_visit(session, elsewhere, starts_at=in_days(5))

    answer = sign_in(mentor).send(f"/mentoring/engagements/{engagement.id}/propose", data)

    assert answer.status_code == 422
    assert words in answer.text
    assert "장부를 준비해 주세요." in answer.text
    assert session.scalar(select(func.count()).select_from(VisitTime)) == 0


def test_who_has_a_mentor_or_has_asked_is_led_to_where_it_stands(
    session: Session, sign_in: Callable[[User], Any], merchant: User, engagement: Engagement
) -> None:
    asked = make_user(session)
    make_need(session, asked)
    session.commit()
    for user in (merchant, asked):
        browser = sign_in(user)
        answer = browser.get("/mentoring/needs/new")
        assert answer.status_code == 302
        assert answer.headers["Location"] == "/mentoring/"
        assert "이 화면에서 이어 가세요." in browser.get("/mentoring/").text
    assert "부탁" in sign_in(make_user(session)).get("/mentoring/needs/new").text


def test_a_mentor_reads_when_the_owner_has_time(
    session: Session, sign_in: Callable[[User], Any], mentor: User, engagement: Engagement
) -> None:
    browser, page = sign_in(mentor), f"/mentoring/engagements/{engagement.id}/propose"
    assert "<strong>언제든</strong>" in browser.get(page).text
    session.add(NeedTime(need_id=engagement.need_id, weekday=2, part=DayPart.MORNING))
    asked = make_need(session, make_user(session))
    session.add(NeedTime(need_id=asked.id, weekday=4, part=DayPart.EVENING))
    paths = offers.Paths(str, str, home="/", needs="/", own_state="/")
    offer = offers.make(
        session, need=asked, mentor_id=mentor.id, next_mentor_ids=[], paths=paths, now=clock.now()
    )
    session.commit()
    assert offer is not None

    assert "<strong>수요일 오전</strong>" in browser.get(page).text
    assert "금요일 저녁" in browser.get(f"/mentoring/offers/{offer.id}/").text


@pytest.mark.parametrize("typed", ["%Y-%m-%d", "%Y. %m. %d.", "%Y.%m.%d", " %Y%m%d "])
def test_a_date_may_be_typed_by_hand(
    session: Session, sign_in: Callable[[User], Any], mentor: User, engagement: Engagement, typed: str
) -> None:
    data = days(2, date_1=in_days(2).strftime(typed), kind="phone", place="어디든")

    answer = sign_in(mentor).send(f"/mentoring/engagements/{engagement.id}/propose", data)

    assert answer.status_code == 302
    assert session.scalars(select(VisitTime.starts_at)).one() == in_days(2)
    assert session.scalars(select(Visit.place)).one() == "전화"


def test_a_holiday_is_allowed_with_a_word(
    session: Session, sign_in: Callable[[User], Any], mentor: User, engagement: Engagement
) -> None:
    his = sign_in(mentor)
    sunday = next(offset for offset in range(2, 9) if in_days(offset).weekday() == 6)

    his.send(f"/mentoring/engagements/{engagement.id}/propose", days(sunday))

    assert "쉬는 날이 들어 있어요." in his.get(f"/mentoring/engagements/{engagement.id}/").text


def test_a_second_proposal_waits_for_the_first(
    sign_in: Callable[[User], Any], mentor: User, engagement: Engagement, proposed: Visit
) -> None:
    answer = sign_in(mentor).send(f"/mentoring/engagements/{engagement.id}/propose", days(4))

    assert answer.status_code == 409
    assert "이미 정하고 있는 약속이 있어요." in answer.text
    assert "장부를 준비해 주세요." in answer.text


def test_a_time_that_is_past_or_not_offered_or_taken_is_not_agreed(
    session: Session, sign_in: Callable[[User], Any], merchant: User, mentor: User, engagement: Engagement
) -> None:
    past, taken = clock.now() - timedelta(minutes=1), in_days(3)
    visit = make_visit(session, engagement, times=(past, taken))
    other = make_visit(
        session, make_engagement(session, make_user(session), mentor, seat_no=2), starts_at=taken
    )
    ids = {row.starts_at: row.id for row in visit.times}
    hers = sign_in(merchant)
    address = f"/mentoring/visits/{visit.id}/choose"

    answers = [hers.send(address, {"time": time}) for time in (ids[past], ids[taken], other.id + 999, "x")]

    assert [answer.status_code for answer in answers] == [409, 409, 422, 422]
    assert "이미 지난 시간이에요." in answers[0].text
    assert "그 시간에는 멘토님이 다른 약속이 있어요." in answers[1].text
    session.refresh(visit)
    assert visit.state == VisitState.PROPOSED


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"log": " "}, "함께 한 일을 한 줄이라도 적어 주세요."),
        ({"log": "가" * 2001}, "2000자까지 적을 수 있어요."),
        ({"item_2": "가" * 61}, "60자까지 짧게 적어 주세요."),
    ],
)
def test_a_refused_log_keeps_what_was_typed(
    session: Session,
    sign_in: Callable[[User], Any],
    mentor: User,
    engagement: Engagement,
    changes: dict[str, str],
    words: str,
) -> None:
    visit = make_visit(session, engagement, starts_at=in_days(-1))
    log = {"log": "사진을 돌렸어요.", "item_1": "김치 사진 찍기", **changes}

    answer = sign_in(mentor).send(f"/mentoring/visits/{visit.id}/log", log)

    assert answer.status_code == 422
    assert words in answer.text
    assert all(text.strip() in answer.text for text in log.values())


def test_a_long_log_with_line_ends_of_a_browser_fits(
    session: Session, sign_in: Callable[[User], Any], mentor: User, engagement: Engagement
) -> None:
    visit = make_visit(session, engagement, starts_at=in_days(-1))
    log = "\r\n".join(["가" * 99] * 20)

    assert sign_in(mentor).send(f"/mentoring/visits/{visit.id}/log", {"log": log}).status_code == 302
    page = sign_in(mentor).get(f"/mentoring/engagements/{engagement.id}/").text
    assert page.count("가" * 59 + "…") == 3


@pytest.mark.parametrize(
    ("visit_columns", "words"),
    [
        ({"starts_at": in_days(1)}, "아직 만나기 전이에요."),
        ({"times": (in_days(1),)}, "그사이에 약속이 바뀌었어요."),
        ({"starts_at": in_days(-1), "log": "먼저 적은 것"}, "만난 이야기를 이미 적었어요."),
    ],
)
def test_a_log_at_the_wrong_time_is_refused_and_kept(
    session: Session,
    sign_in: Callable[[User], Any],
    mentor: User,
    engagement: Engagement,
    visit_columns: dict[str, Any],
    words: str,
) -> None:
    visit = make_visit(session, engagement, **visit_columns)

    answer = sign_in(mentor).send(f"/mentoring/visits/{visit.id}/log", {"log": "길게 적은 이야기"})

    assert answer.status_code == 409
    assert words in answer.text
    assert "길게 적은 이야기" in answer.text


def test_a_half_written_log_is_there_again(
    session: Session, sign_in: Callable[[User], Any], mentor: User, engagement: Engagement
) -> None:
    visit = make_visit(session, engagement, starts_at=in_days(-1))
    his = sign_in(mentor)
    his.send(f"/mentoring/visits/{visit.id}/draft", {"log": "절반만 적은", "item_2": "둘째 일"})

    shown = his.get(f"/mentoring/visits/{visit.id}/log").text

    assert "절반만 적은" in shown
    assert "둘째 일" in shown
    his.send(f"/mentoring/visits/{visit.id}/log", {"log": "다 적은"})
    his.send(f"/mentoring/visits/{visit.id}/draft", {"log": "늦게 온"})
    session.refresh(visit)
    assert (visit.log, visit.draft) == ("다 적은", "")


def test_telephones_are_shown_to_the_two_while_it_lasts(
    session: Session,
    sign_in: Callable[[User], Any],
    people: dict[str, User],
    merchant: User,
    mentor: User,
    engagement: Engagement,
) -> None:
    page = f"/mentoring/engagements/{engagement.id}/"
    phones = {merchant.phone_shown, mentor.phone_shown}

    def shown(who: str) -> set[str]:
        return {phone for phone in phones if phone in sign_in(people[who]).get(page).text}

    assert shown("merchant") == {mentor.phone_shown}
    assert shown("mentor") == {merchant.phone_shown}
    assert shown("operator") == set()
    sign_in(merchant).send(f"{page}end")
    assert shown("merchant") == shown("mentor") == set()


def test_an_open_need_names_nobody_and_hides_numbers(
    session: Session, sign_in: Callable[[User], Any], merchant: User, mentor: User
) -> None:
    make_need(session, merchant, detail="010-1234-5678로 전화 주세요.")

    shown = sign_in(mentor).get("/mentoring/needs/").text

    assert "김*자 사장님, 반찬, 서울" in shown
    assert "김순자" not in shown
    assert "순자네" not in shown
    assert "로 전화 주세요." in shown
    assert "1234-5678" not in shown
    assert merchant.phone_shown not in shown


def test_needs_near_and_fitting_come_first_and_turn_pages(
    session: Session, sign_in: Callable[[User], Any]
) -> None:
    mentor = make_mentor(session, region=Region.JEJU, topics=(Topic.PHONE,))
    kinds = ((Region.BUSAN, Topic.DELIVERY), (Region.JEJU, Topic.DELIVERY), (Region.JEJU, Topic.PHONE))
    for number in range(24):
        region, topic = kinds[number % 3]
        make_need(session, make_user(session), region=region, topic=topic, detail=f"부탁{number:02}번")
    browser = sign_in(mentor)

    first = browser.get("/mentoring/needs/").text
    more = re.search(r'href="(/mentoring/needs/\?after=[\d-]+)"', first)
    second = browser.get(more.group(1)).text if more else ""

    order = [int(number) for number in re.findall(r"부탁(\d\d)번", first + second)]
    assert order == [*range(2, 24, 3), *range(1, 24, 3), *range(0, 24, 3)]
    assert browser.get("/mentoring/needs/?after=x-9999999999999999999999").status_code == 200


def test_mentors_are_listed_with_the_room_left(
    session: Session, sign_in: Callable[[User], Any], merchant: User
) -> None:
    make_mentor(session, name="나멀리", region=Region.JEJU)
    near = make_mentor(session, name="가까이", capacity=2)
    full = make_mentor(session, name="다찬분", capacity=1)
    make_mentor(session, name="쉬는분", paused_at=clock.now())
    for mentor in (near, full):
        make_engagement(session, make_user(session), mentor)

    shown = sign_in(merchant).get("/mentoring/mentors/").text

    assert "한 곳 더 맡을 수 있어요" in shown
    assert "지금은 자리가 없어요" in shown
    assert "쉬는분" not in shown
    assert shown.index("가까이") < shown.index("나멀리")
    assert near.phone_shown not in shown


def test_what_other_packages_ask(
    session: Session, merchant: User, mentor: User, engagement: Engagement
) -> None:
    make_need(session, make_user(session))
    make_visit(session, engagement, starts_at=in_days(-7), log="하나\n\n둘\n셋\n넷", items=("가", "나", "다"))
    make_visit(session, engagement, starts_at=in_days(2))
    now = clock.now()

    hers, his = queries.find_next_visit(session, merchant), queries.find_next_visit(session, mentor)
    day = queries.list_mentor_day(session, mentor, now)

    assert hers is not None
    assert his is not None
    assert (hers.starts_at, hers.place) == (his.starts_at, his.place) == (day[0].starts_at, day[0].place)
    assert (hers.other, his.other) == ("박정호 멘토님", "김순자 사장님")
    assert (day[0].history, day[0].open_items, day[0].has_begun) == (("하나", "둘", "셋"), 3, False)
    assert queries.count_open_needs(session, mentor) == 1
    assert queries.count_open_needs(session, merchant) == 0
    assert queries.list_mentor_day(session, merchant, now) == []
    assert queries.list_open_items(session, mentor) == []


def test_her_home_never_shows_more_than_three_things(
    session: Session, merchant: User, engagement: Engagement
) -> None:
    for week, items in enumerate((("가", "나", "다"), ("라", "마"))):
        make_visit(session, engagement, starts_at=in_days(week - 9), log="했어요.", items=items)

    assert [item.text for item in queries.list_open_items(session, merchant)] == ["라", "마", "가"]


def fill(session: Session, mentor: User, merchant: User, engagement: Engagement, count: int) -> None:
    for number in range(count):
        make_need(session, make_user(session))
        other = make_mentor(session)
        ended = make_user(session)
        for state in (EngagementState.ENDED, EngagementState.ACTIVE):
            row = make_engagement(session, ended, other, state=state)
            make_visit(session, row, starts_at=in_days(number + 20, 9 + len(state)))
        make_engagement(session, merchant, mentor, state=EngagementState.ENDED)
        make_visit(session, engagement, starts_at=in_days(-number - 1), log="하나\n둘", items=("가", "나"))


@pytest.mark.parametrize("who", ["merchant", "mentor", "operator"])
def test_pages_ask_the_same_of_the_database_for_few_and_many(
    session: Session,
    sign_in: Callable[[User], Any],
    count_queries: Callable[[], int],
    people: dict[str, User],
    merchant: User,
    mentor: User,
    engagement: Engagement,
    who: str,
) -> None:
    paths = ["/mentoring/", "/mentoring/mentors/", "/mentoring/engagements/"]
    paths += ["/mentoring/engagements/?state=ended", f"/mentoring/engagements/{engagement.id}/"]
    paths += [] if who == "merchant" else ["/mentoring/needs/"]
    make_visit(session, engagement, times=(in_days(2),))
    browser = sign_in(people[who])

    def asked() -> list[int]:
        counts = []
        for path in paths:
            count_queries()
            assert browser.get(path).status_code == 200
            counts.append(count_queries())
        return counts

    fill(session, mentor, merchant, engagement, 2)
    few = asked()
    fill(session, mentor, merchant, engagement, 23)
    many = asked()

    assert few == many
    assert max(many) <= QUERIES_MAX


def test_long_lists_turn_pages(
    session: Session, sign_in: Callable[[User], Any], people: dict[str, User], engagement: Engagement
) -> None:
    for number in range(25):
        make_visit(session, engagement, starts_at=in_days(-number - 1), log=f"이야기{number:02}")
        make_engagement(session, make_user(session), make_mentor(session))
    browser = sign_in(people["operator"])
    page = f"/mentoring/engagements/{engagement.id}/"

    seen: list[str] = []
    address: str | None = page
    while address:
        text = browser.get(address).text
        seen += re.findall(r"이야기(\d\d)", text)
        more = re.search(rf'href="({page}\?before=\d+)"', text)
        address = more.group(1) if more else None

    assert seen == [f"{number:02}" for number in range(24, -1, -1)]
    assert "before=" in browser.get("/mentoring/engagements/").text
    assert browser.get("/mentoring/engagements/?before=99999999999999999999").status_code == 200


@pytest.mark.parametrize(
    "make",
    [
        lambda visit: ActionItem(visit_id=visit.id, position=4, text="넷째"),
        lambda visit: ActionItem(visit_id=visit.id, position=1, text="또 첫째"),
        lambda visit: VisitTime(visit_id=visit.id, position=4, starts_at=in_days(9)),
        lambda visit: VisitTime(visit_id=visit.id, position=3, starts_at=in_days(2)),
    ],
)
def test_the_database_itself_refuses_a_fourth_or_a_twin(
    session: Session, engagement: Engagement, make: Callable[[Visit], Any]
) -> None:
    visit = make_visit(session, engagement, times=(in_days(2), in_days(3)), items=("하나", "둘", "셋"))
    session.add(make(visit))

    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()


def test_the_database_itself_refuses_what_the_rules_refuse(
    session: Session, merchant: User, mentor: User, engagement: Engagement
) -> None:
    other = make_engagement(session, make_user(session), mentor, seat_no=2)
    make_visit(session, other, starts_at=in_days(3))
    make_need(session, merchant)
    session.commit()
    breaks: list[Callable[[], Any]] = [
        lambda: make_need(session, merchant),
        lambda: make_engagement(session, make_user(session), mentor, seat_no=1),
        lambda: make_engagement(session, make_user(session), mentor, seat_no=21),
        lambda: make_engagement(session, merchant, make_mentor(session)),
        lambda: make_engagement(session, mentor, mentor, seat_no=9),
        lambda: make_visit(session, engagement, starts_at=in_days(3)),
        lambda: make_visit(session, other, times=(in_days(4),)),
        lambda: make_visit(session, engagement, state=VisitState.AGREED),
    ]

    for broken in breaks:
        with pytest.raises(IntegrityError), session.begin_nested():
            broken()


def test_changing_an_appointment_asks_first_and_tells_the_mentor_when_suits_her(
    session: Session, sign_in: Callable[[User], Any], merchant: User, mentor: User, engagement: Engagement
) -> None:
    visit = make_visit(session, engagement, starts_at=in_days(2))
    hers, his, page = sign_in(merchant), sign_in(mentor), f"/mentoring/engagements/{engagement.id}/"
    address = f"/mentoring/visits/{visit.id}/move"

    asked = hers.get(address).text
    before = session.scalars(select(Visit.state)).one()
    hers.send(address, {"wish": "화요일이 좋아요."})

    assert queries.when_and_where(visit, now=clock.now()) in asked
    assert "언제가 좋으세요" in asked
    assert "그대로 두기" in asked
    assert before == VisitState.AGREED
    assert "사장님이 바라는 때: <strong>화요일이 좋아요." in his.get(page).text
    assert "내가 바라는 때: <strong>화요일이 좋아요." in hers.get(page).text


def test_the_mentor_changes_without_a_wish(
    session: Session, sign_in: Callable[[User], Any], mentor: User, engagement: Engagement, proposed: Visit
) -> None:
    his, address = sign_in(mentor), f"/mentoring/visits/{proposed.id}/move"

    asked = his.get(address).text
    his.send(address, {"wish": "내가 적은 것"})

    session.refresh(proposed)
    assert "시간 다시 정하기" in asked
    assert "언제가 좋으세요" not in asked
    assert (proposed.state, proposed.wish) == (VisitState.CANCELLED, "")


def test_a_wish_too_long_is_kept_and_nothing_is_changed(
    session: Session, sign_in: Callable[[User], Any], merchant: User, proposed: Visit
) -> None:
    answer = sign_in(merchant).send(f"/mentoring/visits/{proposed.id}/move", {"wish": "가" * 201})

    session.refresh(proposed)
    assert answer.status_code == 422
    assert "가" * 201 in answer.text
    assert proposed.state == VisitState.PROPOSED


@pytest.mark.parametrize(
    ("visit_columns", "act", "words"),
    [
        ({"starts_at": in_days(1)}, "log", "아직 만나기 전이에요."),
        ({"starts_at": in_days(-1), "log": "적은 것"}, "log", "만난 이야기를 이미 적었어요."),
        ({"times": (in_days(1),), "state": VisitState.CANCELLED}, "log", "그사이에 약속이 바뀌었어요."),
        ({"starts_at": in_days(1)}, "missed", "아직 만나기 전이에요."),
        ({"starts_at": in_days(-1)}, "move", "이미 지난 약속이라 바꿀 수 없어요."),
        ({"times": (in_days(1),), "state": VisitState.CANCELLED}, "move", "그사이에 약속이 바뀌었어요."),
    ],
)
def test_a_page_opened_at_the_wrong_stage_leads_back_with_a_sentence(
    session: Session,
    sign_in: Callable[[User], Any],
    mentor: User,
    engagement: Engagement,
    visit_columns: dict[str, Any],
    act: str,
    words: str,
) -> None:
    visit, his = make_visit(session, engagement, **visit_columns), sign_in(mentor)

    answer = his.get(f"/mentoring/visits/{visit.id}/{act}")

    assert (answer.status_code, answer.location) == (302, f"/mentoring/engagements/{engagement.id}/")
    assert words in his.get(answer.location).text


def test_taking_a_need_back_asks_first(
    session: Session, sign_in: Callable[[User], Any], merchant: User
) -> None:
    need, hers = make_need(session, merchant), sign_in(merchant)
    address = f"/mentoring/needs/{need.id}/withdraw"

    asked = hers.get(address).text
    hers.send(address)
    again = hers.get(address)

    assert need.detail in asked
    assert "그대로 두기" in asked
    assert (again.status_code, again.location) == (302, "/mentoring/")


@pytest.mark.parametrize(
    ("who", "words"),
    [("trainer", "여기에서 할 수 있는 일"), ("operator", "지금 하는 멘토링 모두 보기")],
)
def test_staff_without_a_shop_are_told_what_they_can_do(
    sign_in: Callable[[User], Any], people: dict[str, User], who: str, words: str
) -> None:
    page = sign_in(people[who]).get("/mentoring/").text

    assert words in page
    assert "멘토에게 부탁하기" not in page


def test_the_list_of_mentors_offers_to_ask_while_she_may(
    session: Session, sign_in: Callable[[User], Any], people: dict[str, User], engagement: Engagement
) -> None:
    waiting = make_user(session)
    make_need(session, waiting)

    def offered(user: User) -> bool:
        return 'href="/mentoring/needs/new"' in sign_in(user).get("/mentoring/mentors/").text

    assert offered(people["other_merchant"])
    assert not any(
        offered(user) for user in (waiting, people["merchant"], people["mentor"], people["trainer"])
    )


def test_while_she_waits_nothing_is_her_main_button(
    session: Session, sign_in: Callable[[User], Any], merchant: User, engagement: Engagement
) -> None:
    hers = sign_in(merchant)

    waits = hers.get("/mentoring/").text
    make_visit(session, engagement, times=(in_days(2),))
    session.commit()
    chooses = hers.get("/mentoring/").text

    assert "멘토님과 함께 보기" in waits
    assert "button--main" not in waits.split("<main")[1].split("</main")[0]
    assert "button--main" in chooses.split("<main")[1].split("</main")[0]
