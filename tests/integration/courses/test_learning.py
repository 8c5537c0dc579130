"""A learner's way through the small course, on both engines."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core import clock
from portal.core.errors import DomainError
from portal.core.roles import Role
from portal.courses import operations, queries
from portal.courses.catalogue import Catalogue
from portal.courses.models import CourseCompletion, Draft, Enrolment, PracticeTry, StepCompletion
from tests.conftest import Browser
from tests.factories import make_step_completion, make_user

FIRST, SECOND = "/courses/small/first/", "/courses/small/second/"
PICK, SUM = FIRST + "?step=practice-pick", FIRST + "?step=practice-sum"
LISTING = SECOND + "?step=practice-listing"
GOOD_LISTING = {
    "category": "kimchi",
    "name": "국산 배추 포기김치 1kg",
    "price": "12000",
    "stock": "20",
    "delivery": "paid",
    "delivery_fee": "3000",
    "return_fee": "3000",
}
SignIn = Callable[[User], Browser]


@pytest.fixture
def learner(session: Session) -> User:
    return make_user(session, name="김순자")


@pytest.fixture
def browser(sign_in: SignIn, learner: User) -> Browser:
    return sign_in(learner)


def count(session: Session, model: Any) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def right_sum(small: Catalogue, learner: User, number: int) -> str:
    place = small.place("small", "first", "practice-sum")
    seed = operations.seed_of(learner, place, number)
    return operations.required_practice(place).reference_answer(seed)["amount"]


def title_of_result(page: str) -> str:
    found = re.search(r'id="result".*?notice__title">\s*(.*?)\s*</', page, re.DOTALL)
    assert found
    return found[1]


def seen_on(page: str) -> str:
    found = re.search(r'name="seen"\s+value="([^"]*)"', page)
    assert found
    return found[1]


def question_of(page: str) -> str:
    found = re.search(r'<p class="field__label">상품값이 ([\d,]+)원', page)
    assert found
    return found[1]


@pytest.mark.parametrize(
    "path",
    ["/courses/", "/courses/small/", FIRST, SECOND, FIRST + "?step=fee", PICK, SUM, LISTING],
)
def test_everybody_may_read(client: Browser, browser: Browser, path: str) -> None:
    assert client.get(path).status_code == browser.get(path).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/courses/none/", "/courses/small/none/", FIRST + "?step=none", SECOND + "?step=fee"],
)
def test_what_is_not_taught_is_not_found(client: Browser, path: str) -> None:
    page = client.get(path)

    assert page.status_code == 404
    assert "찾는" in page.text


@pytest.mark.parametrize(
    "path", ["/courses/small/start", PICK, FIRST + "fee/finish", FIRST + "practice-pick/draft"]
)
def test_a_visitor_who_wants_to_learn_is_asked_to_sign_in(client: Browser, path: str) -> None:
    answer = client.send(path, {"number": "1", "choice": "fee"})

    assert answer.status_code == 302
    assert "/account/sign-in" in answer.headers["Location"]


def test_a_visitor_sees_how_to_practise(client: Browser) -> None:
    page = client.get(PICK).text

    assert "들어가서 해 보기" in page
    assert 'name="choice"' not in page


def test_beginning_opens_the_first_step_and_twice_is_once(session: Session, browser: Browser) -> None:
    for _ in range(2):
        answer = browser.send("/courses/small/start")
        assert answer.headers["Location"] == FIRST + "?step=fee"

    assert count(session, Enrolment) == 1


def test_reading_completes_a_step_and_leads_to_the_next(session: Session, browser: Browser) -> None:
    for _ in range(2):
        answer = browser.send(FIRST + "fee/finish")
        assert answer.headers["Location"] == PICK + "#here"

    assert count(session, StepCompletion) == 1
    assert "완료한 단계예요" in browser.get(FIRST + "?step=fee").text


def test_a_practice_is_not_completed_by_reading(session: Session, browser: Browser) -> None:
    assert browser.send(FIRST + "practice-pick/finish").status_code == 422
    assert browser.send(FIRST + "?step=fee", {"number": "1", "choice": "fee"}).status_code == 422
    assert count(session, StepCompletion) == 0


def test_a_wrong_answer_is_kept_with_what_to_fix(session: Session, browser: Browser) -> None:
    page = browser.send(LISTING, {**GOOD_LISTING, "number": "1", "price": "1200", "stock": "999"})

    assert page.status_code == 422
    assert "두 군데만 고쳐 주세요" in page.text
    assert 'value="1200"' in page.text
    assert 'href="#answer-price"' in page.text
    assert 'aria-describedby="answer-price-hint answer-price-error"' in page.text
    assert 'id="answer-name-good"' in page.text
    assert re.search(r'value="paid"\s+checked', page.text)
    assert count(session, PracticeTry) == 1
    assert count(session, StepCompletion) == 0


def test_it_is_still_there_on_another_day_with_what_to_fix(
    browser: Browser, sign_in: SignIn, learner: User
) -> None:
    browser.send(LISTING, {**GOOD_LISTING, "number": "1", "price": "1200"})

    page = sign_in(learner).get(SECOND)

    assert page.status_code == 200
    assert 'value="1200"' in page.text
    assert 'id="answer-price-error"' in page.text


def test_a_right_answer_completes_the_step(session: Session, browser: Browser) -> None:
    answer = browser.send(PICK, {"number": "1", "choice": "fee"})

    assert answer.status_code == 302
    assert answer.headers["Location"] == PICK + "#result"
    page = browser.get(PICK).text
    assert title_of_result(page) == "이 단계를 완료했어요"
    assert "맞아요. 수수료부터 알아봐요." in page
    assert session.scalars(select(StepCompletion.step_id)).all() == ["practice-pick"]


def test_the_same_answer_sent_twice_is_one_try(session: Session, browser: Browser) -> None:
    wrong = {"number": "1", "choice": "weather"}
    pages = [browser.send(PICK, wrong) for _ in range(2)]

    assert [page.status_code for page in pages] == [422, 422]
    assert count(session, PracticeTry) == 1
    right = {"number": "2", "choice": "fee"}
    assert [browser.send(PICK, right).status_code for _ in range(2)] == [302, 302]
    assert count(session, PracticeTry) == 2


def test_another_answer_to_a_try_already_sent_is_not_lost(session: Session, browser: Browser) -> None:
    browser.send(PICK, {"number": "1", "choice": "weather"})

    page = browser.send(PICK, {"number": "1", "choice": "fee"})

    assert page.status_code == 409
    assert "다른 화면에서 먼저 보낸 답이 있어요" in page.text
    assert re.search(r'value="fee"\s+checked', page.text)
    assert 'name="number" value="2"' in page.text
    assert count(session, PracticeTry) == 1


def test_an_empty_sheet_is_no_try(session: Session, browser: Browser) -> None:
    page = browser.send(SUM, {"number": "1", "amount": " "})

    assert page.status_code == 422
    assert "빈칸이에요" in page.text
    assert count(session, PracticeTry) == 0


@pytest.mark.parametrize("written", ["abc", "-58212", "123.5", "3,1447", "9" * 21])
def test_an_unreadable_number_is_no_try(session: Session, browser: Browser, written: str) -> None:
    question = question_of(browser.get(SUM).text)

    for _ in range(4):
        page = browser.send(SUM, {"number": "1", "amount": written})

        assert page.status_code == 422
        assert title_of_result(page.text) == "한 군데만 고쳐 주세요"
        assert f'value="{written}"' in page.text
        assert question_of(page.text) == question
        assert "이렇게 계산해요" not in page.text
    assert count(session, PracticeTry) == 0
    assert f'value="{written}"' in browser.get(SUM).text


def test_an_operation_takes_no_unreadable_number(session: Session, learner: User, small: Catalogue) -> None:
    place = small.place("small", "first", "practice-sum")

    with pytest.raises(DomainError, match="숫자로 적어 주세요"):
        operations.answer(session, learner, place, number=1, answer={"amount": "abc"}, now=clock.now())


def test_an_unfinished_listing_is_no_try_and_is_kept(
    session: Session, browser: Browser, sign_in: SignIn, learner: User
) -> None:
    page = browser.send(LISTING, {**GOOD_LISTING, "number": "1", "price": "비싸게", "delivery": ""})

    assert page.status_code == 422
    assert title_of_result(page.text) == "두 군데만 고쳐 주세요"
    assert count(session, PracticeTry) == 0
    assert 'value="비싸게"' in sign_in(learner).get(LISTING).text


def test_a_wrong_choice_says_to_choose_again(browser: Browser) -> None:
    page = browser.send(PICK, {"number": "1", "choice": "weather"})

    assert title_of_result(page.text) == "다시 골라 봐요"


def test_the_praise_for_a_long_form_is_folded_away(browser: Browser) -> None:
    browser.send(LISTING, {**GOOD_LISTING, "number": "1"})

    page = browser.get(LISTING).text
    assert title_of_result(page) == "이 단계를 완료했어요"
    assert page.index("내가 적은 답 다시 보기") < page.index("손님이 찾기 쉬운 카테고리예요.")


def test_a_practice_that_ends_the_course_leads_to_the_certificate(
    session: Session, browser: Browser, learner: User, small: Catalogue
) -> None:
    for place in small.courses[0].places:
        if place.step.id != "practice-pick":
            make_step_completion(session, learner, *place.key, course_id="small")

    browser.send(PICK, {"number": "1", "choice": "fee"})

    page = browser.get(PICK).text
    assert title_of_result(page) == "모든 단계를 완료했어요"
    assert re.search(r'href="/certification/"[^>]*>수료증 안내 보기', page)


def test_a_step_added_to_a_completed_course_is_said(
    session: Session, browser: Browser, learner: User, small: Catalogue
) -> None:
    complete_all(browser, small, learner)
    session.execute(delete(StepCompletion).where(StepCompletion.step_id == "back"))
    session.commit()

    page = browser.get("/courses/small/").text
    assert "새 단계가 생겼어요" in page
    assert "모든 단계를 완료했어요" not in page + browser.get("/courses/").text


def test_each_try_has_other_numbers_that_stay_until_answered(browser: Browser) -> None:
    questions = []
    for number in (1, 2, 3):
        question = question_of(browser.get(SUM).text)
        assert question_of(browser.get(SUM).text) == question
        questions.append(question)
        browser.send(SUM, {"number": str(number), "amount": "7"})

    assert len(set(questions)) == 3


def test_what_was_typed_for_other_numbers_stands_beside_its_own_question(browser: Browser) -> None:
    question = question_of(browser.get(SUM).text)

    page = browser.send(SUM, {"number": "1", "amount": "777"}).text

    assert f"앞 문제: 상품값이 {question}원" in page
    assert "777원" in page
    assert question_of(page) != question


def test_the_solution_comes_with_the_third_try(
    session: Session, browser: Browser, learner: User, small: Catalogue
) -> None:
    pages = [browser.send(SUM, {"number": str(number), "amount": "7"}).text for number in (1, 2, 3)]

    assert ["이렇게 계산해요" in page for page in pages] == [False, False, True]
    assert f"= {int(right_sum(small, learner, 3)):,}원" in pages[2]
    assert right_sum(small, learner, 4) != right_sum(small, learner, 3)
    assert browser.send(SUM, {"number": "4", "amount": right_sum(small, learner, 3)}).status_code == 422
    assert browser.send(SUM, {"number": "5", "amount": right_sum(small, learner, 5)}).status_code == 302
    assert count(session, PracticeTry) == 5
    assert "이렇게 계산해요" in browser.get(SUM).text


def test_a_later_wrong_try_takes_nothing_away(session: Session, browser: Browser) -> None:
    browser.send(PICK, {"number": "1", "choice": "fee"})
    assert 'name="choice"' in browser.get(PICK + "&again=1").text

    assert browser.send(PICK, {"number": "2", "choice": "weather"}).status_code == 422
    assert count(session, StepCompletion) == 1


def test_hints_open_one_at_a_time_and_keep_what_was_typed(session: Session, browser: Browser) -> None:
    answer = browser.send(PICK, {"number": "1", "hints": "0", "do": "hint", "choice": "weather"})

    assert answer.headers["Location"] == PICK + "#hints"
    page = browser.get(PICK).text
    assert "돈과 닿는 것이에요." in page
    assert "판매처가 떼는 값이에요." not in page
    assert re.search(r'value="weather"\s+checked', page)
    browser.send(PICK, {"number": "1", "hints": "99", "do": "hint", "choice": "weather"})
    last = browser.get(PICK).text
    assert "판매처가 떼는 값이에요." in last
    assert "힌트 보기" not in last
    assert count(session, PracticeTry) == 0


def test_open_hints_are_kept_with_the_try_and_stay_open_until_it_passes(
    session: Session, browser: Browser, sign_in: SignIn, learner: User
) -> None:
    browser.send(PICK, {"number": "1", "hints": "0", "do": "hint"})
    browser.send(PICK, {"number": "1", "hints": "0", "do": "hint"})  # pressed twice: still one hint
    browser.send(PICK, {"number": "1", "choice": "weather"})

    assert session.scalars(select(PracticeTry.hints)).one() == 1
    assert "돈과 닿는 것이에요." in sign_in(learner).get(PICK).text

    browser.send(PICK, {"number": "2", "choice": "fee"})
    assert "돈과 닿는 것이에요." not in browser.get(PICK + "&again=1").text


def test_a_half_typed_answer_waits_on_another_device(
    session: Session, browser: Browser, sign_in: SignIn, learner: User
) -> None:
    answer = browser.send(
        SECOND + "practice-listing/draft", {"number": "1", "name": "국산 깻잎", "price": ""}
    )
    assert answer.status_code == 204

    page = sign_in(learner).get(SECOND)

    assert 'value="국산 깻잎"' in page.text
    assert "?step=practice-listing#here" in page.text
    resume = queries.find_resume(session, learner)
    assert resume is not None
    assert (resume.lesson_id, resume.step_id, resume.step_number) == ("second", "practice-listing", 2)
    assert (resume.done, resume.total, resume.minutes) == (0, 6, 8)


def test_leaving_keeps_the_answer_without_a_script(browser: Browser) -> None:
    answer = browser.send(SUM, {"number": "1", "do": "leave", "amount": "12"})

    assert answer.headers["Location"] == "/courses/small/"
    assert "여기까지 저장했어요" in browser.get("/courses/small/").text
    assert 'value="12"' in browser.get(SUM).text


DRAFT = FIRST + "practice-sum/draft"


def test_a_draft_from_an_old_page_does_not_overwrite_a_newer_one(
    browser: Browser, sign_in: SignIn, learner: User
) -> None:
    phone = sign_in(learner)
    browser.send(DRAFT, {"number": "1", "amount": "1", "seen": ""})
    old = seen_on(browser.get(SUM).text)
    newer = phone.send(DRAFT, {"number": "1", "amount": "12", "seen": old})

    late = browser.send(DRAFT, {"number": "1", "amount": "9", "seen": old})

    assert (newer.status_code, late.status_code) == (204, 409)
    assert newer.headers["X-Draft-Seen"] == seen_on(phone.get(SUM).text)
    assert 'value="12"' in phone.get(SUM).text
    seen = newer.headers["X-Draft-Seen"]
    assert phone.send(DRAFT, {"number": "1", "amount": "123", "seen": seen}).status_code == 204


@pytest.mark.parametrize("do", ["leave", "hint"])
@pytest.mark.parametrize("seen", ["", "yesterday", "2026-01-01T00:00:00", "2999-01-01T00:00:00+00:00"])
def test_leaving_an_old_page_asks_first_and_then_overwrites(browser: Browser, do: str, seen: str) -> None:
    browser.send(DRAFT, {"number": "1", "amount": "12"})

    page = browser.send(SUM, {"number": "1", "do": do, "amount": "9", "seen": seen})

    assert page.status_code == 409
    assert "다른 기기에서 더 적으셨어요." in page.text
    assert "다른 기기에서 적은 것 보기" in page.text
    assert 'value="9"' in page.text
    assert 'value="12"' in browser.get(SUM).text
    again = {"number": "1", "do": do, "amount": "9", "seen": seen_on(page.text)}
    assert browser.send(SUM, again).status_code == 302
    assert 'value="9"' in browser.get(SUM).text


def test_the_same_draft_twice_is_no_conflict(browser: Browser) -> None:
    answers = [browser.send(DRAFT, {"number": "1", "amount": "12"}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [204, 204]
    assert answers[0].headers["X-Draft-Seen"] == answers[1].headers["X-Draft-Seen"]


def test_sending_clears_the_draft_and_a_late_one_is_dropped(session: Session, browser: Browser) -> None:
    browser.send(FIRST + "practice-sum/draft", {"number": "1", "amount": "12"})
    browser.send(SUM, {"number": "1", "amount": "123"})
    browser.send(FIRST + "practice-sum/draft", {"number": "1", "amount": "1234"})

    assert count(session, Draft) == 0


def test_text_longer_than_a_field_is_cut_and_refused(session: Session, browser: Browser) -> None:
    page = browser.send(LISTING, {**GOOD_LISTING, "number": "1", "name": "김" * 20_000 + "\x00"})

    assert page.status_code == 422
    kept = session.scalars(select(PracticeTry.answer)).one()
    assert len(kept["name"]) == 1001
    assert set(kept) == {*GOOD_LISTING, "free_over"}


@pytest.mark.parametrize("number", ["", "none", "-1", "0", "99999999999999999999"])
@pytest.mark.parametrize("do", ["answer", "hint", "leave"])
def test_an_odd_try_number_is_no_failure(session: Session, browser: Browser, number: str, do: str) -> None:
    answer = browser.send(PICK, {"number": number, "hints": number, "do": do, "choice": "weather"})

    assert answer.status_code == (409 if do == "answer" else 302)
    assert count(session, PracticeTry) == 0


def complete_all(browser: Browser, small: Catalogue, learner: User) -> Any:
    browser.send(FIRST + "fee/finish")
    browser.send(PICK, {"number": "1", "choice": "fee"})
    browser.send(SUM, {"number": "1", "amount": right_sum(small, learner, 1)})
    browser.send(SECOND + "look/finish")
    browser.send(LISTING, {**GOOD_LISTING, "number": "1"})
    return browser.send(SECOND + "back/finish")


def test_the_last_step_completes_the_course_once(
    session: Session, browser: Browser, learner: User, small: Catalogue
) -> None:
    assert complete_all(browser, small, learner).headers["Location"] == "/courses/small/#result"
    browser.send(SECOND + "back/finish")

    page = browser.get("/courses/small/").text
    assert "모든 단계를 완료했어요" in page
    assert "수료할 수 있어요" not in page
    assert "수료증 안내 보기" in page
    assert "모든 단계를 완료했어요" in browser.get("/courses/").text
    completion = session.scalars(select(CourseCompletion)).one()
    assert (completion.course_id, completion.version) == ("small", small.courses[0].version)
    assert queries.find_resume(session, learner) is None
    assert queries.get_progress(session, learner, small.courses[0]).done == 6


def test_a_skipped_step_keeps_the_course_open(session: Session, browser: Browser) -> None:
    browser.send(SECOND + "back/finish")

    assert count(session, CourseCompletion) == 0
    assert "이어서 하기" in browser.get("/courses/small/").text


def test_doubtful_facts_say_so_under_the_step(client: Browser) -> None:
    page = client.get(FIRST + "?step=fee").text

    assert '<span class="fact">2%</span>' in page
    assert "확인이 필요해요" in page
    assert "돈이 들어오는 날 → " in page
    assert "아직 확실한 곳에서 확인하지 못한 내용이에요." in page
    assert 'href="https://example.com/fees"' in page
    assert re.search(r"2026년\s1월\s5일", page)


def test_nobody_sees_somebody_elses_progress(
    session: Session, browser: Browser, sign_in: SignIn, small: Catalogue
) -> None:
    browser.send(FIRST + "fee/finish")
    browser.send(FIRST + "practice-sum/draft", {"number": "1", "amount": "4321"})
    browser.send(PICK, {"number": "1", "choice": "weather"})
    other = make_user(session, Role.TRAINER)

    stranger = sign_in(other)

    assert "4321" not in stranger.get(SUM).text
    assert "날씨는 나중에" not in stranger.get(PICK).text
    assert "완료한 단계예요" not in stranger.get(FIRST + "?step=fee").text
    assert queries.find_resume(session, other) is None
    assert queries.get_progress(session, other, small.courses[0]).done == 0


def test_resume_is_the_course_last_learned_in(session: Session, learner: User) -> None:
    assert queries.find_resume(session, learner) is None
    make_step_completion(session, learner, "first", "fee", course_id="small")
    make_step_completion(session, learner, "gone", "gone", course_id="taught-no-more")

    resume = queries.find_resume(session, learner)

    assert resume is not None
    assert (resume.course_id, resume.step_id, resume.done) == ("small", "practice-pick", 1)


@pytest.mark.parametrize("path", ["/courses/", "/courses/small/", SUM])
def test_a_page_asks_the_database_as_often_for_many_tries(
    browser: Browser, count_queries: Callable[[], int], path: str
) -> None:
    browser.send(SUM, {"number": "1", "amount": "7"})
    count_queries()
    browser.get(path)
    few = count_queries()
    for number in range(2, 30):
        browser.send(SUM, {"number": str(number), "amount": "7"})
    count_queries()
    browser.get(path)

    assert count_queries() == few <= 15


def test_words_are_explained_under_the_step_and_in_the_glossary(browser: Browser) -> None:
    glossary = browser.get("/glossary/").text

    assert "물건을 집까지 가져다주는 일이에요." in glossary
    assert 'href="/courses/small/second/"' in glossary
    assert "낱말이 어려우면 눌러 보세요" not in browser.get(FIRST + "?step=fee").text
    assert "낱말이 어려우면 눌러 보세요" in browser.get(SECOND + "?step=back").text


def test_what_somebody_else_typed_on_this_device_is_not_taken(session: Session, browser: Browser) -> None:
    answer = browser.send(FIRST + "practice-pick/draft", {"number": "1", "choice": "fee", "owner": "0"})

    assert answer.status_code == 403
    assert count(session, Draft) == 0
