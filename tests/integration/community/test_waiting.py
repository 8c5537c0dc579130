"""What staff see of the promises: what waits, when a mentor rests, and how promises were kept."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import MentorProfile, User
from portal.community import promises
from portal.community.models import MentorAway, QuestionState
from portal.core import clock
from portal.core.roles import Role
from tests.conftest import NOW, Browser
from tests.factories import make_answer, make_away, make_mentor, make_question, make_user

SignIn = Callable[[User], Browser]
PATHS = promises.Paths(question="/q", rest="/rest")


def test_ones_own_questions_stand_first_and_the_oldest_promise_above(
    session: Session, sign_in: SignIn
) -> None:
    mentor, now = make_mentor(session), clock.now()
    make_question(session, owner=mentor, title="내 질문이에요", promised_at=now + timedelta(hours=9))
    make_question(session, title="나중 질문이에요", promised_at=now + timedelta(hours=5))
    make_question(session, title="먼저 질문이에요", promised_at=now + timedelta(hours=2))
    make_question(session, title="답이 온 질문이에요", state=QuestionState.ANSWERED)
    make_question(session, title="가려진 질문이에요", hidden_at=now)

    page = sign_in(mentor).get("/community/waiting").text

    titles = ["내 질문이에요", "먼저 질문이에요", "나중 질문이에요"]
    assert sorted(titles, key=page.index) == titles
    assert "답이 온 질문이에요" not in page
    assert "가려진 질문이에요" not in page
    assert page.count("제가 맡을게요") == 2


def test_one_press_takes_a_question_with_the_promise_it_has(session: Session, sign_in: SignIn) -> None:
    owner, mentor = make_mentor(session), make_mentor(session)
    question = make_question(session, owner=owner)
    promised, browser = question.promised_at, sign_in(mentor)

    answers = [browser.send(f"/community/questions/{question.id}/take") for _ in range(2)]

    session.refresh(question)
    assert [answer.headers["Location"] for answer in answers] == [f"/community/questions/{question.id}/"] * 2
    assert (question.owner_id, question.promised_at) == (mentor.id, promised)
    page = browser.get(answers[0].headers["Location"]).text
    assert "이 질문을 맡았어요." in page
    assert "직접 맡았어요" in page


def test_what_somebody_took_is_theirs_and_the_next_hears_whose(session: Session, sign_in: SignIn) -> None:
    first, second = make_mentor(session, name="박정호"), make_mentor(session)
    question = make_question(session)
    sign_in(first).send(f"/community/questions/{question.id}/take")
    browser = sign_in(second)

    refused = browser.send(f"/community/questions/{question.id}/take")

    assert refused.status_code == 409
    assert "박정호 멘토님이 먼저 맡으셨어요. 다른 질문을 골라 주세요." in refused.text
    assert "제가 맡을게요" not in browser.get("/community/waiting").text


def test_a_late_question_that_is_taken_has_a_new_promise_and_counts_as_missed(
    session: Session, sign_in: SignIn
) -> None:
    mentor = make_mentor(session)
    question = make_question(session, at=clock.now() - timedelta(days=9))

    sign_in(mentor).send(f"/community/questions/{question.id}/take")

    session.refresh(question)
    assert question.owner_id == mentor.id
    assert question.promised_at > clock.now()
    assert promises.list_due_ids(session, clock.now()) == []


@pytest.mark.parametrize("why", ["answered", "paused", "own", "private"])
def test_what_cannot_be_taken_says_so(session: Session, sign_in: SignIn, why: str) -> None:
    mentor = make_mentor(session, paused_at=NOW if why == "paused" else None)
    question = make_question(
        session,
        asker=mentor if why == "own" else None,
        state=QuestionState.ANSWERED if why == "answered" else QuestionState.WAITING,
        hidden_at=NOW if why == "private" else None,
    )
    owner_id = question.owner_id

    refused = sign_in(mentor).send(f"/community/questions/{question.id}/take")

    session.refresh(question)
    assert refused.status_code == {"answered": 409, "paused": 409, "own": 403, "private": 404}[why]
    assert question.owner_id == owner_id


@pytest.mark.parametrize("count", [10, 60])
@pytest.mark.parametrize(
    "path", ["/community/waiting", "/community/promises/", "/desk/", "/desk/work/questions"]
)
def test_pages_ask_the_same_few_things_however_much_waits(
    session: Session, sign_in: SignIn, count_queries: Callable[[], int], path: str, count: int
) -> None:
    operator = make_user(session, Role.OPERATOR)
    asker, owner, now = make_user(session), make_mentor(session, paused_at=NOW), clock.now()
    for number in range(count):
        at = now - timedelta(days=2, minutes=number)
        make_question(session, asker=asker, owner=owner, at=at, promised_at=at + timedelta(hours=1))
    browser = sign_in(operator)
    browser.get(path)
    count_queries()

    page = browser.get(path)

    assert page.status_code == 200
    assert count_queries() <= 14
    if path.endswith("waiting") and count > 20:
        further = browser.get(page.text.split('class="button button--line" href="')[-1].split('"')[0])
        assert further.text.count("제가 맡을게요") == 20


def test_days_away_are_noted_shown_and_taken_back(session: Session, sign_in: SignIn) -> None:
    browser, today = sign_in(make_mentor(session)), clock.now().astimezone(clock.KST).date()
    days = {"first_day": str(today + timedelta(days=3)), "last_day": str(today + timedelta(days=4))}

    sent = [browser.send("/community/rest", days).status_code for _ in range(2)]
    away = session.scalars(select(MentorAway)).one()
    page = browser.get("/community/rest").text
    taken_back = browser.send(f"/community/rest/{away.id}/cancel")

    assert sent == [302, 302]
    assert "부터" in page
    assert "지우기" in page
    assert taken_back.status_code == 302
    assert "적어 둔 날이 없어요" in browser.get("/community/rest").text


@pytest.mark.parametrize(
    ("first", "last", "sentence"),
    [
        (3, 2, "마지막 날이 첫날보다 빨라요."),
        (-3, -2, "지난 날이에요."),
        (400, 401, "1년 안의 날을 적어 주세요."),
        (1, 100, "한 번에 석 달까지"),
        (None, 1, "쉬기 시작하는 날을 골라 주세요."),
    ],
)
def test_days_that_cannot_be_are_refused(
    session: Session, sign_in: SignIn, first: int | None, last: int, sentence: str
) -> None:
    today = clock.now().astimezone(clock.KST).date()
    typed = {
        "first_day": "" if first is None else str(today + timedelta(days=first)),
        "last_day": str(today + timedelta(days=last)),
    }

    page = sign_in(make_mentor(session)).send("/community/rest", typed)

    assert page.status_code == 422
    assert sentence in page.text
    assert session.scalars(select(MentorAway)).all() == []


def test_a_paused_mentor_is_told_why_and_comes_back_with_one_press(session: Session, sign_in: SignIn) -> None:
    mentor, now = make_mentor(session), clock.now()
    make_mentor(session)
    for hour in (1, 2, 3):
        late = now - timedelta(hours=hour)
        make_question(session, owner=mentor, at=now - timedelta(days=9), promised_at=late)
    for question_id in promises.list_due_ids(session, now):
        promises.look_after(session, question_id, paths=PATHS, now=now)
    browser = sign_in(mentor)
    operator = sign_in(make_user(session, Role.OPERATOR))

    page = browser.get("/community/rest").text
    seen = operator.get("/community/promises/").text
    back = browser.send("/community/rest/end")

    assert "4주 사이에 약속한 시간을 세 번 넘겼어요." in " ".join(page.split())
    assert "약속을 3번 넘김" in seen
    assert back.status_code == 302
    assert session.scalars(
        select(MentorProfile.paused_at).where(MentorProfile.user_id == mentor.id)
    ).all() == [None]
    assert "다시 시작하기" not in browser.get("/community/rest").text


def test_operators_see_who_is_away(session: Session, sign_in: SignIn) -> None:
    today = clock.now().astimezone(clock.KST).date()
    make_away(session, make_mentor(session, name="오미자"), first_day=today)
    make_away(session, make_mentor(session, name="나중이"), first_day=today + timedelta(days=2))

    page = sign_in(make_user(session, Role.OPERATOR)).get("/community/promises/").text

    assert "오미자 멘토님" in page
    assert "나중이" not in page


def test_each_number_leads_to_its_questions(session: Session, sign_in: SignIn) -> None:
    now = clock.now()
    begun: dict[str, Any] = {"at": now - timedelta(days=9), "promised_at": now - timedelta(days=5)}
    answered: dict[str, Any] = {"state": QuestionState.ANSWERED}
    make_question(
        session, title="제때 답했어요", first_answer_at=now - timedelta(days=8), **begun, **answered
    )
    make_question(
        session, title="늦게 답했어요", first_answer_at=now - timedelta(days=2), **begun, **answered
    )
    make_question(session, title="늦었어요", **begun)
    make_question(session, title="아직 기다려요", at=now, promised_at=now + timedelta(hours=8))
    make_question(
        session, title="오래전이에요", at=now - timedelta(days=40), promised_at=now - timedelta(days=39)
    )
    browser = sign_in(make_user(session, Role.OPERATOR))

    page = browser.get("/community/promises/").text
    shown = {
        which: [
            title
            for title in ("제때 답했어요", "늦게 답했어요", "늦었어요", "아직 기다려요", "오래전이에요")
            if title in text
        ]
        for which in ("kept", "late", "waiting", "overdue", "answered")
        for text in [browser.get(f"/community/promises/{which}").text]
    }

    assert "질문 4개 가운데 <strong>1개</strong>" in page
    assert shown == {
        "kept": ["제때 답했어요"],
        "late": ["늦게 답했어요"],
        "waiting": ["아직 기다려요"],
        "overdue": ["늦었어요"],
        "answered": ["제때 답했어요", "늦게 답했어요"],
    }
    assert browser.get("/community/promises/nothing").status_code == 404


def test_the_asker_s_own_words_are_no_answer(session: Session, sign_in: SignIn) -> None:
    asker, mentor = make_user(session), make_mentor(session)
    question = make_question(session, asker=asker, owner=mentor)
    form = {"form_key": "a-key-of-this-form", "do": "send", "text": "덧붙여요."}

    sign_in(asker).send(f"/community/questions/{question.id}/", form)
    session.refresh(question)
    before = question.first_answer_at
    sign_in(mentor).send(f"/community/questions/{question.id}/", form)

    session.refresh(question)
    assert (before, question.first_answer_at is None) == (None, False)


def test_a_broken_promise_stays_with_its_way_in_the_operators_list_until_it_is_answered(
    session: Session, sign_in: SignIn
) -> None:
    first, now = make_mentor(session, name="박정호"), clock.now()
    make_mentor(session, name="오미자")
    question = make_question(session, owner=first, title="늦었던 질문", at=now - timedelta(days=9))
    promises.look_after(session, question.id, paths=PATHS, now=now)
    browser = sign_in(make_user(session, Role.OPERATOR))

    page = browser.get("/desk/work/questions").text
    make_answer(session, question)
    session.commit()

    assert "늦었던 질문" in page
    assert "박정호 멘토님이 약속한 시간까지 답이 없어 오미자 멘토님께 넘어갔어요." in " ".join(page.split())
    assert "늦었던 질문" not in browser.get("/desk/work/questions").text


def test_an_operator_hands_on_what_came_for_want_of_mentors(session: Session, sign_in: SignIn) -> None:
    operator = make_user(session, Role.OPERATOR)
    question = make_question(session, owner=operator)
    mentor = make_mentor(session)
    browser = sign_in(operator)

    assert question.title in browser.get("/desk/work/questions").text
    browser.send(f"/community/questions/{question.id}/hand-over")

    session.refresh(question)
    assert question.owner_id == mentor.id


@pytest.mark.parametrize(
    ("role", "statuses"),
    [
        (Role.MERCHANT, (403, 403, 403)),
        (Role.MENTOR, (200, 404, 403)),
        (Role.TRAINER, (200, 403, 403)),
        (Role.OPERATOR, (200, 403, 200)),
    ],
)
def test_who_sees_which_page(
    session: Session, sign_in: SignIn, role: Role, statuses: tuple[int, ...]
) -> None:
    browser = sign_in(make_user(session, role))
    question = make_question(session)

    paths = ("/community/waiting", "/community/rest", "/community/promises/")
    assert tuple(browser.get(path).status_code for path in paths) == statuses
    promises.begin(session, question, path="/q", now=clock.now())
    session.commit()
    page = browser.get(f"/community/questions/{question.id}/").text
    assert ("이 질문이 온 길" in page) is (role != Role.MERCHANT)
