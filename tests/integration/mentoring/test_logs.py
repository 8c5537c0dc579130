"""What came of a visit: three notes for three readers, and small things to do (M16, M26)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core import clock
from portal.core.clock import KST
from portal.core.roles import Role
from portal.mentoring import queries
from portal.mentoring.models import Engagement
from portal.mentoring.visit_models import ActionItem, ItemReturn, Visit
from portal.mentoring.vocabulary import VisitStep
from portal.messages.models import Delivery, Notice
from portal.messages.vocabulary import Channel
from tests.factories import make_mentor, make_user, make_visit
from tests.integration.mentoring.conftest import in_days

NOTES = {
    "log": "사진을 함께 돌렸어요.",
    "mentor_note": "다음에는 삼각대를 가져가기",
    "operator_note": "가게 문턱이 높아 휠체어가 못 들어가요",
    "step": "make",
    "minutes": "90",
}


@pytest.fixture
def visit(session: Session, engagement: Engagement) -> Visit:
    return make_visit(session, engagement, starts_at=in_days(-1))


@pytest.fixture
def written(session: Session, visit: Visit, mentor: User, sign_in: Callable[[User], Any]) -> Visit:
    assert sign_in(mentor).send(f"/mentoring/visits/{visit.id}/log", NOTES).status_code == 302
    session.refresh(visit)
    return visit


def shown_to(user: User, visit: Visit, sign_in: Callable[[User], Any]) -> set[str]:
    page = sign_in(user).get(f"/mentoring/engagements/{visit.engagement_id}/").text
    return {name for name in ("log", "mentor_note", "operator_note") if NOTES[name] in page}


def test_m26_the_merchant_reads_the_log_alone(
    written: Visit, merchant: User, sign_in: Callable[[User], Any]
) -> None:
    assert shown_to(merchant, written, sign_in) == {"log"}


def test_m26_the_mentors_own_note_is_read_by_the_mentor_alone(
    session: Session, written: Visit, mentor: User, sign_in: Callable[[User], Any]
) -> None:
    assert "mentor_note" in shown_to(mentor, written, sign_in)
    assert "mentor_note" not in shown_to(make_user(session, Role.OPERATOR), written, sign_in)


def test_m26_the_operators_note_is_read_by_them_and_its_writer(
    session: Session, written: Visit, mentor: User, sign_in: Callable[[User], Any]
) -> None:
    assert shown_to(make_user(session, Role.OPERATOR), written, sign_in) == {"log", "operator_note"}
    assert shown_to(mentor, written, sign_in) == {"log", "mentor_note", "operator_note"}


def test_m26_the_three_notes_are_three_columns(written: Visit) -> None:
    assert (written.log, written.mentor_note, written.operator_note) == (
        NOTES["log"],
        NOTES["mentor_note"],
        NOTES["operator_note"],
    )
    assert (written.step, written.minutes) == (VisitStep.MAKE, 90)


def test_m16_things_to_do_have_an_owner_and_a_day_and_reach_her_home_and_her_telephone(
    session: Session, visit: Visit, merchant: User, mentor: User, sign_in: Callable[[User], Any]
) -> None:
    day = clock.now().astimezone(KST).date() + timedelta(days=7)
    hers, his = sign_in(merchant), sign_in(mentor)
    log = {
        "log": "사진을 돌렸어요.",
        "item_1": "김치 사진 찍기",
        "due_1": day.isoformat(),
        "item_2": "상자 값 알아보기",
        "who_2": "mentor",
    }

    assert his.send(f"/mentoring/visits/{visit.id}/log", log).status_code == 302

    home = hers.get("/").text
    assert "김치 사진 찍기" in home
    assert "상자 값 알아보기" not in home
    notice = session.scalars(select(Notice).where(Notice.user_id == merchant.id)).one()
    thing = f"김치 사진 찍기({day.month}월 {day.day}일까지)"
    assert notice.sentence == f"박정호 멘토님과 정한 ‘{thing}’, 하나씩 해 보세요."
    delivered = select(Delivery.channel).where(Delivery.notice_id == notice.id)
    assert Channel.SMS in session.scalars(delivered).all()
    mine, theirs = (
        session.scalars(select(ActionItem.id).where(ActionItem.is_mentors.is_(is_mentors))).one()
        for is_mentors in (False, True)
    )
    statuses = [
        browser.send(f"/mentoring/items/{item}/done").status_code
        for browser, item in ((hers, mine), (hers, theirs), (his, theirs), (his, mine))
    ]
    assert statuses == [302, 403, 302, 403]
    assert [item.text for item in queries.list_open_items(session, mentor)] == []


def test_m16_a_fourth_thing_cannot_even_be_typed(
    visit: Visit, mentor: User, sign_in: Callable[[User], Any]
) -> None:
    form = sign_in(mentor).get(f"/mentoring/visits/{visit.id}/log").text

    assert 'name="item_3"' in form
    assert 'name="item_4"' not in form


@pytest.mark.parametrize("days", [-1, 93])
def test_a_day_that_cannot_be_is_refused_beside_its_field(
    visit: Visit, mentor: User, sign_in: Callable[[User], Any], days: int
) -> None:
    day = clock.now().astimezone(KST).date() + timedelta(days=days)
    log = {"log": "했어요.", "item_1": "하나", "due_1": day.isoformat()}

    answer = sign_in(mentor).send(f"/mentoring/visits/{visit.id}/log", log)

    assert answer.status_code == 422
    assert 'id="due_1-error"' in answer.text


def test_a_little_more_is_asked_in_a_sentence_and_what_was_stays(
    session: Session,
    engagement: Engagement,
    merchant: User,
    mentor: User,
    sign_in: Callable[[User], Any],
    told: Callable[[User], list[str]],
) -> None:
    visit = make_visit(session, engagement, starts_at=in_days(-1), log="했어요.", items=("김치 사진 찍기",))
    item = visit.items[0]
    hers, his, address = sign_in(merchant), sign_in(mentor), f"/mentoring/items/{item.id}/return"
    words = {"words": "창가에서 한 장만 더 찍어 주세요"}
    early = his.send(address, words).status_code
    hers.send(f"/mentoring/items/{item.id}/done")

    answers = [his.send(address, words).status_code for _ in range(2)]

    session.refresh(item)
    assert (early, answers, item.done_at) == (409, [302, 302], None)
    assert told(merchant) == [
        "‘김치 사진 찍기’ 거의 다 됐어요. 멘토님이 ‘창가에서 한 장만 더 찍어 주세요’ 하고 부탁해요."
    ]
    hers.send(f"/mentoring/items/{item.id}/done")
    assert his.send(address, {"words": "이름도 붙여 주세요"}).status_code == 302
    kept = session.scalars(select(ItemReturn.words).order_by(ItemReturn.id)).all()
    assert kept == ["창가에서 한 장만 더 찍어 주세요", "이름도 붙여 주세요"]
    page = hers.get(f"/mentoring/engagements/{engagement.id}/").text
    assert all(words in page for words in kept)
    assert "불합격" not in page


def test_a_stranger_asks_nothing_more(
    session: Session, engagement: Engagement, sign_in: Callable[[User], Any]
) -> None:
    visit = make_visit(session, engagement, starts_at=in_days(-1), log="했어요.", items=("하나",))
    stranger = sign_in(make_mentor(session))

    assert stranger.send(f"/mentoring/items/{visit.items[0].id}/return", {"words": "더"}).status_code == 404


def test_a_draft_keeps_every_field_as_it_was_typed(
    session: Session, visit: Visit, mentor: User, sign_in: Callable[[User], Any]
) -> None:
    his, typed = sign_in(mentor), {**NOTES, "item_1": "하나", "who_1": "mentor", "due_1": "2027-01-"}

    assert his.send(f"/mentoring/visits/{visit.id}/draft", typed).status_code == 204

    form = his.get(f"/mentoring/visits/{visit.id}/log").text
    assert all(words in form for words in (NOTES["log"], NOTES["mentor_note"], NOTES["operator_note"]))
    assert 'value="2027-01-"' in form
    assert '<option value="mentor" selected' in form
    assert f'data-owner="{mentor.id}"' in form
    assert "고쳐 주세요" not in form
