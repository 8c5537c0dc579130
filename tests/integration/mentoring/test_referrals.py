"""A hard question goes to a specialist and its answer comes back (issue 5.5, user story of hand-overs)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import MentorProfile, User
from portal.core import clock, db, pending
from portal.core.clock import KST
from portal.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from portal.core.roles import Role
from portal.mentoring import pending as waiting
from portal.mentoring import referral_queries, referrals, specialists
from portal.mentoring.models import Engagement, EngagementState, MatchProfile, Referral
from portal.mentoring.vocabulary import Field
from portal.messages.models import Notice
from tests.factories import make_engagement, make_mentor, make_user

Race = Callable[[list[Callable[[], Any]]], list[Any]]
QUESTION = "반찬 가게예요. 간이과세자인데 부가세를 언제 신고하나요?"
TAX, LEGAL = Field.TAX, Field.LEGAL
LIST, DESK = "/mentoring/referrals/", "/desk/referrals/"


@pytest.fixture
def specialist(session: Session) -> User:
    return make_specialist(session, "오세무")


@pytest.fixture
def operator(session: Session) -> User:
    return make_user(session, Role.OPERATOR, name="정하늘")


def make_specialist(session: Session, name: str, field: Field = TAX) -> User:
    user = make_mentor(session, name=name)
    specialists.appoint(session, user.id, field)
    session.flush()
    return user


def ask(
    session: Session,
    engagement: Engagement,
    question: str = QUESTION,
    *,
    key: str = "key",
    field: Field = TAX,
) -> Referral:
    return referrals.ask(
        session,
        engagement,
        referrals.Asked(field, question, key),
        path=LIST,
        desk=DESK,
        now=clock.now(),
    )


def test_a_question_goes_from_the_mentor_to_a_specialist_and_its_answer_to_both(
    session: Session,
    sign_in: Callable[[User], Any],
    engagement: Engagement,
    specialist: User,
    mentor: User,
    merchant: User,
    told: Callable[[User], list[str]],
) -> None:
    page = f"/mentoring/engagements/{engagement.id}/"
    browser = sign_in(mentor)

    assert "전문가에게 물어보기" in browser.get(page).text
    sent = browser.send(f"{page}specialist", {"field": "tax", "question": QUESTION, "key": "k" * 16})
    assert sent.status_code == 302
    assert "전문가를 기다리고 있어요" in browser.get(page).text
    assert told(specialist) == ["세금(세무사) 질문이 전문가를 기다려요. 읽어 보고 맡아 주세요."]

    expert, asked = sign_in(specialist), session.scalars(select(Referral)).one()
    assert QUESTION in expert.get(LIST).text
    assert expert.send(f"{LIST}{asked.id}/take", {}).status_code == 302
    assert expert.send(f"{LIST}{asked.id}/", {"answer": "1월 25일까지 신고해요."}).status_code == 302

    for user in (mentor, merchant):
        shared = sign_in(user).get(page).text
        assert "1월 25일까지 신고해요." in shared
        assert "공식 답이 아니라 한 전문가의 생각이에요" in shared
        assert "국세상담센터(국번 없이 126)" in shared
        assert told(user) == ["세금(세무사) 질문에 전문가가 답했어요."]


def test_a_specialist_never_sees_whose_shop_it_is(
    session: Session,
    sign_in: Callable[[User], Any],
    engagement: Engagement,
    specialist: User,
    mentor: User,
    merchant: User,
) -> None:
    asked, expert = ask(session, engagement), sign_in(specialist)

    assert expert.get(f"/mentoring/engagements/{engagement.id}/").status_code == 404
    expert.send(f"{LIST}{asked.id}/take", {})
    answered = expert.send(f"{LIST}{asked.id}/", {"answer": "그렇게 하세요."})
    pages = [
        expert.get(LIST).text,
        expert.get(f"{LIST}?state=mine").text,
        expert.get(f"{LIST}{asked.id}/").text,
    ]
    notices = session.execute(select(Notice.path, Notice.about).where(Notice.user_id == specialist.id)).all()

    for name in (merchant.name, merchant.shop_name, mentor.name, "/engagements/"):
        assert all(name not in page for page in pages), name
        assert name not in answered.headers["Location"]
    assert [tuple(row) for row in notices] == [(LIST, "")]


@pytest.mark.parametrize(
    "question",
    [
        "순자네 반찬 부가세는 언제 내나요?",
        "순자네반찬 부가세는 언제 내나요?",
        "김순자 사장님 부가세는 언제 내나요?",
        "순자 씨 부가세는 언제 내나요?",
        "010-1234-5678로 답해 주세요.",
        "사업자번호 123-45-67891의 부가세는 언제 내나요?",
    ],
)
def test_a_question_with_a_name_or_a_number_is_kept_back_and_what_was_typed_stays(
    session: Session, sign_in: Callable[[User], Any], engagement: Engagement, mentor: User, question: str
) -> None:
    page = sign_in(mentor).send(
        f"/mentoring/engagements/{engagement.id}/specialist", {"field": "tax", "question": question}
    )

    assert page.status_code == 422
    assert question in page.text
    assert session.scalar(select(func.count()).select_from(Referral)) == 0


def test_only_the_mentor_of_the_shop_asks(
    session: Session, sign_in: Callable[[User], Any], engagement: Engagement, merchant: User
) -> None:
    path = f"/mentoring/engagements/{engagement.id}/specialist"

    assert sign_in(merchant).get(path).status_code == 403
    assert sign_in(make_mentor(session)).get(path).status_code == 404


def test_the_same_form_twice_asks_once_and_three_may_wait(
    session: Session, engagement: Engagement, specialist: User, told: Callable[[User], list[str]]
) -> None:
    first = ask(session, engagement, key="one")

    assert ask(session, engagement, key="one") is first
    assert len(told(specialist)) == 1
    ask(session, engagement, key="two")
    ask(session, engagement, key="three")
    with pytest.raises(ConflictError, match="이미 세 개"):
        ask(session, engagement, key="four")


def test_nothing_is_asked_once_the_two_have_parted(session: Session, merchant: User, mentor: User) -> None:
    ended = make_engagement(session, merchant, mentor, state=EngagementState.ENDED)

    with pytest.raises(ConflictError, match="끝난"):
        ask(session, ended)


def test_another_field_a_mentor_without_one_and_the_two_themselves_see_nothing(
    session: Session, engagement: Engagement, mentor: User
) -> None:
    specialists.appoint(session, mentor.id, TAX)
    asked = ask(session, engagement)

    for user in (make_specialist(session, "한변호", LEGAL), make_mentor(session), mentor):
        assert referral_queries.list_questions(session, user, is_mine=False) == []
        with pytest.raises(NotFoundError):
            referral_queries.get_referral(session, user, asked.id)


def test_a_resting_specialist_is_not_asked(
    session: Session, engagement: Engagement, specialist: User
) -> None:
    session.get_one(MentorProfile, specialist.id).paused_at = clock.now()
    session.flush()

    ask(session, engagement)

    assert session.scalar(select(func.count()).where(Notice.user_id == specialist.id)) == 0
    assert referral_queries.list_questions(session, specialist, is_mine=False) == []


def test_without_a_specialist_operators_are_told_and_see_it_at_once(
    session: Session,
    sign_in: Callable[[User], Any],
    engagement: Engagement,
    operator: User,
    mentor: User,
    told: Callable[[User], list[str]],
) -> None:
    ask(session, engagement)

    assert told(operator) == ["세금(세무사) 질문에 답할 전문가가 없어요. 전문가를 정해 주세요."]
    desk = sign_in(operator)
    assert "전문가를 기다리는 질문 1건" in desk.get("/desk/").text
    assert "1건이 오래 기다리거나" in desk.get("/desk/work/mentoring").text
    assert QUESTION in desk.get(DESK).text
    assert sign_in(mentor).get(DESK).status_code == 403


def test_operators_see_what_waits_longer_than_three_working_days(
    session: Session, engagement: Engagement, specialist: User
) -> None:
    asked = ask(session, engagement)
    asked.made_at = datetime(2026, 11, 20, 10, tzinfo=KST)  # a Friday
    session.flush()

    def seen(day: int, hour: int, minute: int) -> int:
        now = datetime(2026, 11, day, hour, minute, tzinfo=KST)
        rows = referral_queries.list_waiting(session, now=now)
        assert pending.read(session, [waiting.referrals(now)])["referrals"].count == len(rows)
        return len(rows)

    assert seen(25, 23, 59) == 0  # Monday, Tuesday and Wednesday were the three
    assert seen(26, 0, 1) == 1
    referrals.take(session, asked, specialist, now=clock.now())
    session.flush()
    assert seen(26, 0, 1) == 1
    referrals.answer(session, asked, specialist, text="네.", path="/", now=clock.now())
    session.flush()
    assert seen(26, 0, 1) == 0


def test_a_taken_question_is_given_back_by_its_taker_or_an_operator(
    session: Session, sign_in: Callable[[User], Any], engagement: Engagement, specialist: User, operator: User
) -> None:
    other, asked = make_specialist(session, "나세무"), ask(session, engagement)
    path = f"{LIST}{asked.id}/give-back"
    for by in (specialist, operator):
        referrals.take(session, asked, specialist, now=clock.now())
        session.flush()
        with pytest.raises(ForbiddenError):
            referrals.give_back(session, asked, other, path=LIST, desk="/desk/referrals/", now=clock.now())

        assert sign_in(by).send(path, {}).status_code == 302

        session.refresh(asked)
        assert asked.specialist_id is None
        assert len(referral_queries.list_questions(session, other, is_mine=False)) == 1
        told = select(Notice.id).where(Notice.user_id == other.id, Notice.read_at.is_(None))
        assert session.scalars(told).all()  # and hears that it waits again


def test_operators_see_at_once_what_only_the_shops_own_mentor_could_answer(
    session: Session, sign_in: Callable[[User], Any], engagement: Engagement, mentor: User, operator: User
) -> None:
    session.add(MatchProfile(mentor_id=mentor.id, sells_services=False, field=TAX))
    session.flush()
    ask(session, engagement)

    assert "오래 기다리는 질문이 없어요" not in sign_in(operator).get("/desk/referrals/").text


def test_taking_ends_what_the_others_were_asked(
    session: Session, engagement: Engagement, specialist: User
) -> None:
    other, asked = make_specialist(session, "나세무"), ask(session, engagement)

    referrals.take(session, asked, specialist, now=clock.now())

    unread = select(func.count()).where(Notice.user_id == other.id, Notice.read_at.is_(None))
    assert session.scalar(unread) == 0
    with pytest.raises(ConflictError, match="먼저"):
        referrals.take(session, asked, other, now=clock.now())


def test_only_the_taker_answers_and_once(session: Session, engagement: Engagement, specialist: User) -> None:
    asked, now = ask(session, engagement), clock.now()

    with pytest.raises(ForbiddenError):
        referrals.answer(session, asked, specialist, text="네.", path="/", now=now)
    referrals.take(session, asked, specialist, now=now)
    session.flush()
    for _ in range(2):
        referrals.answer(session, asked, specialist, text="네.", path="/", now=now)
        session.flush()
    with pytest.raises(ConflictError):
        referrals.answer(session, asked, specialist, text="아니요.", path="/", now=now)


def test_the_list_turns_its_pages_oldest_first(session: Session, specialist: User, mentor: User) -> None:
    for number in range(21):
        shop = make_engagement(session, make_user(session), mentor, state=EngagementState.ENDED)
        session.add(
            Referral(
                engagement_id=shop.id,
                field=TAX,
                question=f"질문 {number}",
                form_key="k",
                made_at=clock.now() - timedelta(days=1),
            )
        )
    session.flush()

    first = referral_queries.list_questions(session, specialist, is_mine=False)
    rest = referral_queries.list_questions(session, specialist, is_mine=False, beyond_id=first[19].id)

    assert [row.question for row in first[:20]] == [f"질문 {number}" for number in range(20)]
    assert [row.question for row in rest] == ["질문 20"]


def test_operators_say_who_is_a_specialist(
    session: Session, sign_in: Callable[[User], Any], operator: User, mentor: User
) -> None:
    desk, path = sign_in(operator), f"/desk/specialists/{mentor.id}"

    assert mentor.name in desk.get("/desk/specialists/").text
    assert desk.send(path, {"field": "labour"}).status_code == 302
    assert specialists.find_field(session, mentor) == Field.LABOUR
    assert "직원·노무(노무사)" in desk.get("/desk/specialists/").text
    assert desk.send(path, {"field": "none"}).status_code == 302
    assert specialists.find_field(session, mentor) is None
    assert desk.send(path, {"field": "everything"}).status_code == 422
    assert desk.get(f"/desk/specialists/{operator.id}").status_code == 404
    assert sign_in(mentor).get(path).status_code == 403


def test_every_field_says_where_official_advice_is_found(session: Session) -> None:
    for field in Field:
        assert referral_queries.advice_on(field, now=clock.now()).fact.value


def test_a_name_of_one_letter_names_nobody() -> None:
    referrals.refuse_names(User(name="김", shop_name=""), "김치를 팔아요.")
    with pytest.raises(DomainError):
        referrals.refuse_names(User(name="김", shop_name="김치나라"), "김치 나라예요.")


def test_one_of_eight_specialists_gets_the_question(committed: Session, race: Race) -> None:
    experts = [make_specialist(committed, f"전문{number}") for number in range(8)]
    shop = make_engagement(committed, make_user(committed), make_mentor(committed))
    asked_id = ask(committed, shop).id
    committed.commit()

    def take(expert: User) -> Callable[[], int]:
        def call() -> int:
            with db.transaction() as session:
                row = referral_queries.get_referral(session, expert, asked_id)
                referrals.take(session, row, expert, now=clock.now())
            return expert.id

        return call

    results = race([take(expert) for expert in experts])

    winners = [result for result in results if isinstance(result, int)]
    assert len(winners) == 1
    assert sum(isinstance(result, ConflictError) for result in results) == 7
    committed.expire_all()
    assert committed.scalars(select(Referral.specialist_id)).one() == winners[0]


def test_eight_forms_at_once_leave_three_questions(committed: Session, race: Race) -> None:
    make_specialist(committed, "오세무")
    shop = make_engagement(committed, make_user(committed), make_mentor(committed))
    committed.commit()

    def press(key: str) -> Callable[[], int]:
        def call() -> int:
            with db.transaction() as session:
                return ask(session, session.get_one(Engagement, shop.id), key=key).id

        return call

    results = race([press(f"key-{number}") for number in range(8)])

    assert sum(isinstance(result, ConflictError) for result in results) == 5
    assert committed.scalar(select(func.count()).select_from(Referral)) == 3
