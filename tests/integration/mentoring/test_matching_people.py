"""M03, M04, M25, M27: what a mentor tells, what a shop owner asks for, and what she is told."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.accounts.vocabulary import Region
from portal.core import clock, db
from portal.core.roles import Role
from portal.mentoring import match_profile, match_runs
from portal.mentoring.match_models import MatchRun
from portal.mentoring.models import MatchProfile, Need, NeedTime, Offer
from portal.mentoring.vocabulary import Channel, DayPart, Manner, VisitKind
from tests.factories import make_mentor, make_need, make_user
from tests.integration.mentoring.test_matching_runs import matched_mentor

PROFILE = {"sells": "no", "regions": ["seoul", "incheon"], "channels": ["coupang"], "manner": "essentials"}
NEED = {"topic": "phone", "detail": "도와주세요.", "wants": "visit", "key": "a key of one form"}


@pytest.fixture
def offered(session: Session, merchant: User, run_jobs: Callable[[], None]) -> Offer:
    """Match and publish for the merchant, with two other mentors she did not get."""
    matched_mentor(session, name="박정호", sells_services=True, services="사진을 장당 5천 원에 찍어요.")
    matched_mentor(session, name="먼데분", region=Region.JEJU)
    operator = make_user(session, Role.OPERATOR)
    make_need(session, merchant, wants=VisitKind.PHONE)
    with db.transaction() as writing:
        run = match_runs.start(writing, operator, seed=1, form_key="a key", now=clock.now())
    run_jobs()
    with db.transaction() as writing:
        match_runs.review(writing, writing.get_one(MatchRun, run.id), operator, now=clock.now())
    with db.transaction() as writing:
        match_runs.publish(writing, writing.get_one(MatchRun, run.id), operator, now=clock.now())
    return session.scalars(select(Offer)).one()


def test_m25_a_mentor_says_whether_they_sell_and_what(
    session: Session, mentor: User, sign_in: Callable[[User], Any]
) -> None:
    browser = sign_in(mentor)

    silent = browser.send("/mentoring/me/profile", {**PROFILE, "sells": ""})
    unnamed = browser.send("/mentoring/me/profile", {**PROFILE, "sells": "yes"})
    told = browser.send(
        "/mentoring/me/profile",
        {**PROFILE, "sells": "yes", "services": "사진을 찍어요.", "speaks_english": "y"},
    )

    assert (silent.status_code, unnamed.status_code, told.status_code) == (422, 422, 302)
    assert "있는지 없는지 골라 주세요." in silent.text
    assert "어떤 서비스인지 한 줄 적어 주세요." in unnamed.text
    profile = match_profile.find_profile(session, mentor)
    assert profile is not None
    assert (profile.sells_services, profile.services) == (True, "사진을 찍어요.")
    assert (profile.manner, profile.speaks_english) == (Manner.ESSENTIALS, True)
    assert {row.region for row in profile.regions} == {Region.SEOUL, Region.INCHEON}
    assert {row.channel for row in profile.channels} == {Channel.COUPANG}


def test_a_mentor_changes_what_was_told(
    session: Session, mentor: User, sign_in: Callable[[User], Any]
) -> None:
    browser = sign_in(mentor)
    assert re.search(r'value="seoul"\s+checked', browser.get("/mentoring/me/profile").text)

    browser.send("/mentoring/me/profile", {**PROFILE, "sells": "yes", "services": "사진을 찍어요."})
    browser.send(
        "/mentoring/me/profile", {**PROFILE, "regions": ["incheon", "jeju"], "services": "사진을 찍어요."}
    )

    profile = session.scalars(select(MatchProfile)).one()
    session.refresh(profile, ["regions", "channels", "services", "sells_services"])
    assert (profile.sells_services, profile.services) == (False, "")
    assert {row.region for row in profile.regions} == {Region.INCHEON, Region.JEJU}


def test_only_mentors_tell(session: Session, merchant: User, sign_in: Callable[[User], Any]) -> None:
    assert sign_in(merchant).get("/mentoring/me/profile").status_code == 403


def test_m27_a_shop_owner_adds_what_she_wishes_to_her_need(
    session: Session, merchant: User, mentor: User, sign_in: Callable[[User], Any]
) -> None:
    browser = sign_in(merchant)
    page = browser.get(f"/mentoring/needs/new?mentor={mentor.id}").text

    browser.send(
        "/mentoring/needs/new",
        {
            **NEED,
            "channel": "map",
            "manner": "step_by_step",
            "market": "망원 시장",
            "wants_english": "y",
            "times": ["0-morning", "4-evening"],
            "preferred": str(mentor.id),
        },
    )

    assert "박정호 멘토님" in page
    assert "다른 멘토님일 수 있어요" in page
    need = session.scalars(select(Need)).one()
    assert (need.channel, need.manner, need.market) == (Channel.MAP, Manner.STEP_BY_STEP, "망원 시장")
    assert (need.wants_english, need.preferred_mentor_id) == (True, mentor.id)
    rows = session.execute(select(NeedTime.weekday, NeedTime.part).order_by(NeedTime.weekday)).all()
    assert [(row.weekday, row.part) for row in rows] == [(0, DayPart.MORNING), (4, DayPart.EVENING)]


def test_nothing_of_it_must_be_said(session: Session, merchant: User, sign_in: Callable[[User], Any]) -> None:
    answer = sign_in(merchant).send("/mentoring/needs/new", NEED)

    assert answer.status_code == 302
    need = session.scalars(select(Need)).one()
    assert (need.channel, need.manner, need.market, need.preferred_mentor_id) == (None, None, "", None)


@pytest.mark.parametrize(
    ("field", "value"),
    [("channel", "tmon"), ("manner", "fast"), ("times", "7-morning"), ("market", "가" * 41)],
)
def test_what_no_form_offers_is_refused(
    session: Session, merchant: User, sign_in: Callable[[User], Any], field: str, value: str
) -> None:
    assert sign_in(merchant).send("/mentoring/needs/new", {**NEED, field: value}).status_code == 422


@pytest.mark.parametrize("preferred", ["0", "999999", "somebody", "9" * 30, "merchant"])
def test_whoever_is_no_mentor_is_not_wished_for(
    session: Session, merchant: User, sign_in: Callable[[User], Any], preferred: str
) -> None:
    wished = str(merchant.id) if preferred == "merchant" else preferred

    assert sign_in(merchant).send("/mentoring/needs/new", {**NEED, "preferred": wished}).status_code == 302
    assert session.scalars(select(Need)).one().preferred_mentor_id is None


def test_m03_a_shop_owner_reads_why_in_words_without_points(
    session: Session, merchant: User, offered: Offer, sign_in: Callable[[User], Any]
) -> None:
    page = sign_in(merchant).get("/mentoring/").text

    assert "왜 박정호 멘토님인가요" in page
    assert "‘휴대전화 다루기’ 일을 돕는 멘토님이에요." in page
    assert "점</" not in page
    assert "돈을 받고 파는 서비스가 있는 멘토님이에요." in page
    assert "사진을 장당 5천 원에 찍어요." in page


def test_m04_she_asks_why_it_is_not_another(
    session: Session, merchant: User, offered: Offer, sign_in: Callable[[User], Any]
) -> None:
    far = session.scalars(select(User).where(User.name == "먼데분")).one()
    silent = make_mentor(session, name="말없는")
    browser = sign_in(merchant)

    mentors = browser.get("/mentoring/mentors/").text
    answer = browser.get(f"/mentoring/why?mentor={far.id}").text
    undisclosed = browser.get(f"/mentoring/why?mentor={silent.id}").text

    assert f"/mentoring/why?mentor={far.id}" in mentors
    assert f"/mentoring/why?mentor={offered.mentor_id}" not in mentors
    assert "이어진 멘토님이 더 잘 맞아요. 가게에서 더 가까운 분이에요." in answer
    assert "아직 적지 않은 멘토님이에요." in undisclosed
    assert browser.get("/mentoring/why").status_code == 200


@pytest.mark.parametrize("query", ["", "?mentor=999999", "?mentor=1"])
def test_who_was_not_matched_has_nothing_to_ask(
    session: Session, offered: Offer, sign_in: Callable[[User], Any], query: str
) -> None:
    assert sign_in(make_user(session)).get(f"/mentoring/why{query}").status_code == 404


def test_m06_before_publishing_the_shop_owner_sees_nothing(
    session: Session, merchant: User, sign_in: Callable[[User], Any], run_jobs: Callable[[], None]
) -> None:
    matched_mentor(session, name="박정호")
    make_need(session, merchant)
    with db.transaction() as writing:
        match_runs.start(
            writing, make_user(writing, Role.OPERATOR), seed=1, form_key="a key", now=clock.now()
        )
    run_jobs()

    assert "왜 박정호" not in sign_in(merchant).get("/mentoring/").text
