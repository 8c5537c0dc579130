"""M24: a mentor teaches the shops of a market together."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.models import MentorProfile, User
from portal.accounts.vocabulary import Region
from portal.core import clock, db
from portal.core.errors import ConflictError
from portal.core.roles import Role
from portal.mentoring import circles, nearby
from portal.mentoring.circle_models import Circle, CircleMeeting, CircleMember, MeetingState
from portal.mentoring.visit_models import VisitSlot
from portal.messages.models import Notice
from tests.conftest import Browser
from tests.factories import make_circle, make_meeting, make_mentor, make_user
from tests.integration.mentoring.conftest import in_days

SignIn = Callable[[User], Browser]
Race = Callable[[list[Callable[[], Any]]], list[Any]]
HOME = "/mentoring/circles/"
TYPED = {
    "name": "망원시장 사진 모임",
    "region": "seoul",
    "topic": "product_page",
    "goal": "상품 사진 세 장을 혼자 올려요.",
    "places": "12",
    "key": "a-form-of-this-test",
}


def test_m24_a_mentor_opens_a_group_and_the_poster_carries_its_number(
    session: Session, sign_in: SignIn, mentor: User
) -> None:
    his = sign_in(mentor)

    answers = [his.send(f"{HOME}new", TYPED) for _ in range(2)]

    circle = session.scalars(select(Circle)).one()
    assert {answer.headers["Location"] for answer in answers} == {f"{HOME}{circle.id}/"}
    assert (circle.mentor_id, circle.places, circle.region) == (mentor.id, 12, Region.SEOUL)
    assert len(circle.code) == circles.CODE_DIGITS
    poster = his.get(f"{HOME}{circle.id}/poster").text
    assert circles.spaced(circle.code) in poster
    assert "http://localhost/mentoring/circles/join" in poster
    drawn = his.get(f"{HOME}{circle.id}/code.svg")
    assert drawn.mimetype == "image/svg+xml"
    assert b"<svg" in drawn.data


def test_an_operator_opens_a_group_for_a_mentor_and_for_nobody_else(
    session: Session, sign_in: SignIn, mentor: User, merchant: User
) -> None:
    gone = make_mentor(session)
    session.get_one(MentorProfile, gone.id).left_at = clock.now()
    browser = sign_in(make_user(session, Role.OPERATOR))

    refused, left = (
        browser.send(f"{HOME}new", {**TYPED, "mentor": str(user.id)}) for user in (merchant, gone)
    )
    empty = browser.send(f"{HOME}new", TYPED)
    opened = browser.send(f"{HOME}new", {**TYPED, "mentor": str(mentor.id)})

    assert refused.status_code == left.status_code == empty.status_code == 422
    assert "지금 멘토로 활동하는 분을 골라 주세요." in refused.text
    assert "지금 멘토로 활동하는 분을 골라 주세요." in left.text
    assert "모임을 이끌 멘토님을 골라 주세요." in empty.text
    assert opened.status_code == 302
    assert session.scalars(select(Circle.mentor_id)).one() == mentor.id


@pytest.mark.parametrize("places", ["1", "31", "많이", ""])
def test_a_group_has_two_to_thirty_places(
    session: Session, sign_in: SignIn, mentor: User, places: str
) -> None:
    answer = sign_in(mentor).send(f"{HOME}new", {**TYPED, "places": places})

    assert answer.status_code == 422
    assert session.scalar(select(func.count()).select_from(Circle)) == 0


def test_a_shop_owner_opens_no_group(sign_in: SignIn, merchant: User) -> None:
    assert sign_in(merchant).send(f"{HOME}new", TYPED).status_code == 403


@pytest.mark.parametrize("write", ["{0}{1}", "{0} {1}", " {0}-{1} ", "번호 {0} {1}"])
def test_m24_a_member_joins_by_the_number_however_it_is_typed(
    session: Session, sign_in: SignIn, told: Any, mentor: User, merchant: User, write: str
) -> None:
    circle = make_circle(session, mentor)
    typed = write.format(circle.code[:4], circle.code[4:])
    hers = sign_in(merchant)

    answers = [hers.send(f"{HOME}join", {"code": typed}) for _ in range(2)]

    assert {answer.headers["Location"] for answer in answers} == {f"{HOME}{circle.id}/"}
    assert circles.list_member_ids(session, circle.id) == [merchant.id]
    assert told(mentor) == ["김순자 사장님이 ‘망원시장 사진 모임’에 들어왔어요."]
    page = hers.get(f"{HOME}{circle.id}/").text
    assert "김순자 사장님" in page
    assert circles.spaced(circle.code) not in page


def test_full_width_digits_are_digits(session: Session, sign_in: SignIn, merchant: User) -> None:
    circle = make_circle(session)
    wide = circle.code.translate({ord("0") + digit: ord("0") + digit for digit in range(10)})

    assert sign_in(merchant).send(f"{HOME}join", {"code": wide}).status_code == 302


def test_a_wrong_number_an_ended_group_and_its_own_mentor_are_refused(
    session: Session, sign_in: SignIn, merchant: User
) -> None:
    both = make_user(session, Role.MERCHANT, Role.MENTOR)
    led, ended = make_circle(session, both), make_circle(session, ended_at=clock.now())

    wrong, over = (sign_in(merchant).send(f"{HOME}join", {"code": code}) for code in ("99999999", ended.code))
    own = sign_in(both).send(f"{HOME}join", {"code": led.code})

    assert {wrong.status_code, over.status_code, own.status_code} == {422}
    assert circles.WRONG_CODE in wrong.text
    assert "이미 마친 모임이에요." in over.text
    assert "사장님이 이끄는 모임이에요." in own.text
    assert session.scalar(select(func.count()).select_from(CircleMember)) == 0


def test_the_square_of_a_poster_fills_the_number_in(
    session: Session, sign_in: SignIn, merchant: User
) -> None:
    assert 'value="48210937"' in sign_in(merchant).get(f"{HOME}join?code=48210937").text


def test_m24_eight_join_a_group_with_three_places(committed: Session, race: Race) -> None:
    circle = make_circle(committed, places=3)
    people = [make_user(committed) for _ in range(8)]
    committed.commit()

    def join(user: User) -> Callable[[], int]:
        def call() -> int:
            with db.transaction() as session:
                return circles.join(
                    session, user, code=circle.code, path_of=lambda row_id: f"/{row_id}/", now=clock.now()
                ).id

        return call

    results = race([join(user) for user in people])

    assert len([result for result in results if result == circle.id]) == 3
    assert [result.message for result in results if isinstance(result, ConflictError)] == [
        "이 모임은 3자리가 모두 찼어요. 멘토님이나 도움 전화로 말씀해 주세요."
    ] * 5
    assert sorted(committed.scalars(select(CircleMember.place_no))) == [1, 2, 3]
    assert committed.scalar(select(func.count()).select_from(Notice)) == 3


def test_the_database_itself_refuses_one_place_to_two(session: Session, merchant: User) -> None:
    circle = make_circle(session, None, merchant)

    with pytest.raises(IntegrityError), session.begin_nested():
        session.add(
            CircleMember(
                circle_id=circle.id, user_id=make_user(session).id, place_no=1, joined_at=clock.now()
            )
        )


def test_m24_a_member_leaves_by_one_press_and_the_place_is_free_again(
    session: Session, sign_in: SignIn, merchant: User
) -> None:
    circle = make_circle(session, None, merchant, make_user(session), places=2)
    hers, another = sign_in(merchant), sign_in(make_user(session))
    assert another.send(f"{HOME}join", {"code": circle.code}).status_code == 409

    answers = [hers.send(f"{HOME}{circle.id}/leave").status_code for _ in range(2)]

    assert answers == [302, 302]
    assert hers.get(f"{HOME}{circle.id}/").status_code == 404
    assert another.send(f"{HOME}join", {"code": circle.code}).status_code == 302
    assert hers.send(f"{HOME}join", {"code": circle.code}).status_code == 409


def test_m24_only_its_people_and_operators_see_a_group(
    session: Session, sign_in: SignIn, mentor: User, merchant: User
) -> None:
    circle = make_circle(session, mentor, merchant)
    page = f"{HOME}{circle.id}/"

    seen = {
        user.id: sign_in(user).get(page).status_code
        for user in (
            mentor,
            merchant,
            make_user(session, Role.OPERATOR),
            make_user(session),
            make_mentor(session),
            make_user(session, Role.TRAINER),
        )
    }

    assert list(seen.values()) == [200, 200, 200, 404, 404, 404]


def test_a_member_has_neither_the_number_nor_the_end(
    session: Session, sign_in: SignIn, merchant: User, mentor: User
) -> None:
    both = make_user(session, Role.MERCHANT, Role.MENTOR)
    circle = make_circle(session, mentor, merchant, both)

    assert sign_in(merchant).get(f"{HOME}{circle.id}/poster").status_code == 403
    assert sign_in(both).get(f"{HOME}{circle.id}/poster").status_code == 403
    assert sign_in(both).send(f"{HOME}{circle.id}/end").status_code == 403
    assert sign_in(both).get(f"{HOME}{circle.id}/meetings/new").status_code == 403


def test_m24_the_open_list_shows_groups_of_ones_region_with_free_places_and_no_number(
    session: Session, sign_in: SignIn, merchant: User
) -> None:
    near = make_circle(session, None, make_user(session), name="가까운 모임", places=3)
    make_circle(session, name="먼 모임", region=Region.JEJU)
    make_circle(session, name="마친 모임들", ended_at=clock.now())
    own = make_circle(session, None, merchant, name="내가 든 모임")
    make_meeting(session, near, starts_at=in_days(2), place="아무도 모르는 곳")

    page = sign_in(merchant).get(HOME).text

    assert "가까운 모임" in page
    assert "두 자리 남았어요" in page
    assert near.code not in page
    assert "아무도 모르는 곳" not in page
    assert "먼 모임" not in page
    assert "마친 모임들" not in page
    assert page.count(own.name) == 1


def test_somebody_without_a_region_sees_every_open_group(session: Session, sign_in: SignIn) -> None:
    make_circle(session, name="먼 모임", region=Region.JEJU)

    assert "먼 모임" in sign_in(make_user(session)).get(HOME).text


def test_operators_see_all_groups_page_by_page_with_few_queries(
    session: Session, sign_in: SignIn, count_queries: Any
) -> None:
    browser = sign_in(make_user(session, Role.OPERATOR))
    made = [make_circle(session, name=f"모임 {number:02d}") for number in range(3)]
    count_queries()
    browser.get(HOME)
    few = count_queries()
    for number in range(3, 22):
        made.append(make_circle(session, name=f"모임 {number:02d}"))
    make_meeting(session, made[-1], starts_at=in_days(2))

    count_queries()
    first = browser.get(HOME).text
    many = count_queries()
    second = browser.get(f"{HOME}?before={made[2].id}").text

    assert few == many
    assert "모임 21" in first
    assert "모임 01" not in first
    assert f"?before={made[2].id}" in first
    assert "모임 01" in second


def test_m24_a_group_takes_none_of_the_seats_for_single_shops(
    session: Session, mentor: User, merchant: User
) -> None:
    before = nearby.find_room(session, mentor)

    make_circle(session, mentor, merchant, make_user(session))

    assert nearby.find_room(session, mentor) == before


def test_ending_lets_go_of_what_is_to_come_and_tells_once(
    isolated: Flask, session: Session, sign_in: SignIn, told: Any, mentor: User, merchant: User
) -> None:
    circle = make_circle(session, mentor, merchant)
    coming = make_meeting(session, circle, starts_at=in_days(2))
    begun = make_meeting(session, circle, starts_at=clock.now() - timedelta(hours=30))
    his = sign_in(mentor)

    for _ in range(2):
        assert his.send(f"{HOME}{circle.id}/end").status_code == 302

    states = {row.id: row.state for row in session.scalars(select(CircleMeeting))}
    assert states == {coming.id: MeetingState.CANCELLED, begun.id: MeetingState.PLANNED}
    assert set(session.scalars(select(VisitSlot.meeting_id))) == {begun.id}
    assert told(merchant) == ["함께한 ‘망원시장 사진 모임’ 모임을 마쳤어요. 함께해 주셔서 고맙습니다."]
    assert his.get(f"{HOME}{circle.id}/meetings/new").status_code == 200
    refused = his.send(f"{HOME}{circle.id}/meetings/new", meeting_of(in_days(5).date().isoformat()))
    assert refused.status_code == 409
    assert his.send(f"{HOME}meetings/{begun.id}/log", {"log": "찍어 봤어요."}).status_code == 302


def meeting_of(day: str) -> dict[str, str]:
    return {
        "day": day,
        "time": "15:00",
        "minutes": "90",
        "kind": "visit",
        "place": "시장",
        "plan": "사진 찍기",
    }


def test_a_mentor_who_teaches_a_group_ends_it_before_saying_goodbye(
    session: Session, sign_in: SignIn, mentor: User
) -> None:
    circle = make_circle(session, mentor)
    his = sign_in(mentor)

    refused = his.send("/mentoring/me/goodbye")
    his.send(f"{HOME}{circle.id}/end")
    gone = his.send("/mentoring/me/goodbye")
    reopened = his.send(f"{HOME}new", TYPED)

    assert refused.status_code == 409
    assert "아직 이끄는 모임이 있어요." in refused.text
    assert gone.status_code == 302
    assert reopened.status_code == 422


def test_a_stranger_is_put_out_and_the_number_they_know_opens_nothing(
    session: Session, sign_in: SignIn, mentor: User, merchant: User
) -> None:
    circle, other = make_circle(session, mentor), make_mentor(session)
    known = circle.code
    hers, address = sign_in(merchant), f"{HOME}{circle.id}/put-out"
    hers.send(f"{HOME}join", {"code": known})

    refused = [sign_in(other).send(address, {"member": str(merchant.id)}), hers.send(address, {})]
    assert [answer.status_code for answer in refused] == [404, 403]
    for _ in range(2):
        sign_in(mentor).send(address, {"member": str(merchant.id)})

    session.refresh(circle)
    assert circles.list_member_ids(session, circle.id) == []
    assert hers.get(f"{HOME}{circle.id}/").status_code == 404
    assert circle.code != known
    assert hers.send(f"{HOME}join", {"code": known}).status_code == 422


def test_numbers_cannot_be_tried_out(session: Session, sign_in: SignIn, merchant: User) -> None:
    hers = sign_in(merchant)

    answers = [hers.send(f"{HOME}join", {"code": f"1234567{last}"}).status_code for last in range(6)]

    assert answers == [422, 422, 422, 422, 422, 429]
