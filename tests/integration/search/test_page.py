"""The page of results, for whoever reads it."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.community.models import QuestionState
from portal.core import pace
from portal.core.errors import TooManyError
from portal.search import views
from tests.conftest import Browser
from tests.factories import make_answer, make_question, make_user

SignIn = Callable[[User], Browser]


def main_of(browser: Browser, typed: str, **more: str) -> str:
    """Return what the page says beneath its header."""
    answer = browser.get("/search", query_string={"q": typed, **more})
    assert answer.status_code == 200
    return str(answer.text.split("<main")[1].split("</main>")[0])


def test_lessons_questions_words_and_boards_are_found_together(session: Session, client: Browser) -> None:
    make_question(session, title="정산이 언제 되나요", state=QuestionState.ACCEPTED)
    session.commit()

    page = main_of(client, "정산이")

    places = [page.index(f">{name}</span>") for name in ("수업", "질문과 이야기", "낱말", "게시판")]
    assert places == sorted(places)
    assert "<mark>정산</mark>이 언제 되나요" in page
    assert (
        "<span>팔고 <mark>정산</mark>하기</span>" in page
    )  # one piece: beside each other they lose the blank
    assert "해결됨" in page
    assert "/glossary/#settlement" in page
    assert 'href="/community/settlement/"' in page


def test_every_page_has_the_box_and_it_needs_no_script(client: Browser) -> None:
    for path in ("/", "/community/", "/courses/", "/nowhere"):
        assert 'action="/search"' in client.get(path).text
    assert "<h1" in main_of(client, "")


@pytest.mark.parametrize(("typed", "meant"), [("wjdtks", "정산"), ("WJDTKS", "정산")])
def test_a_wrong_keyboard_is_noticed(client: Browser, typed: str, meant: str) -> None:
    page = main_of(client, typed)

    assert f"‘{meant}’" in page
    assert "을 찾으셨나요?" in " ".join(page.split())
    assert "찾으셨나요" not in main_of(client, "hello")
    assert "찾으셨나요" not in main_of(client, meant)


def test_initials_find_courses_lessons_and_words(client: Browser) -> None:
    assert "온라인 판매 첫걸음" in main_of(client, "ㅇㄹㅇㅍㅁ")
    assert "수수료" in main_of(client, "ㅅㅅㄹ")


def test_nothing_found_offers_to_ask_with_the_words_and_to_telephone(
    session: Session, client: Browser, sign_in: SignIn
) -> None:
    page = main_of(client, "쀍뷁")

    assert "쀍뷁" in page
    assert "02-000-0000" in page
    assert "/community/ask?title=" in page
    assert page.count("tabs__link") == views.TOPICS_SHOWN
    form = sign_in(make_user(session)).get("/community/ask", query_string={"title": "쀍뷁 정산"}).text
    assert 'value="쀍뷁 정산"' in form


def test_what_was_typed_and_written_is_escaped(session: Session, client: Browser) -> None:
    make_question(session, title="<script>정산</script>", text='<img src=x onerror="정산">')
    session.commit()

    page = main_of(client, '<script>정산</script>"')

    assert "<script>" not in page
    assert "<img" not in page
    assert "&lt;<mark>script</mark>&gt;<mark>정산</mark>" in page


def test_private_questions_are_on_nobody_elses_page(
    session: Session, client: Browser, sign_in: SignIn
) -> None:
    asker = make_user(session)
    make_question(session, asker=asker, title="매출이 줄었어요", is_private=True)
    session.commit()

    for browser in (client, sign_in(make_user(session))):
        assert "줄었어요" not in main_of(browser, "매출이 줄었어요").split("</form>")[1]
        assert "줄었어요" not in main_of(browser, "매출이 줄었어요", group="questions").split("</form>")[1]
    assert "줄었어요" in main_of(sign_in(asker), "매출").split("</form>")[1]


def test_strangers_do_not_read_the_askers_name(session: Session, client: Browser, sign_in: SignIn) -> None:
    make_question(session, asker=make_user(session, name="김순자"), title="송장이 없어요")
    session.commit()

    assert "김*자\N{NO-BREAK SPACE}님" in main_of(client, "송장")
    assert "김순자\N{NO-BREAK SPACE}님" in main_of(sign_in(make_user(session)), "송장")


def test_more_questions_stand_on_further_pages(session: Session, client: Browser) -> None:
    for number in range(23):
        make_question(session, title=f"송장 {number:02d}번이 없어요")
    session.commit()
    assert "질문과 이야기에서 더 보기" in main_of(client, "송장")

    first = main_of(client, "송장", group="questions")
    after = first.split("after=")[1].split('"')[0]
    second = main_of(client, "송장", group="questions", after=after)

    assert all(f"{number:02d}번이" in first for number in range(3, 23))
    assert all(f"{number:02d}번이" in second for number in range(3))
    assert "after=" not in second


@pytest.mark.parametrize(
    "query",
    [
        {"group": "nothing"},
        {"group": "questions", "after": "x"},
        {"after": "99.999999999"},
        {"group": "words"},
    ],
)
def test_odd_addresses_show_a_page(client: Browser, query: dict[str, str]) -> None:
    main_of(client, "정산", **query)
    main_of(client, "정산", group="questions", after="99.999999999")


@pytest.mark.parametrize(
    "typed", ["' OR 1=1 --", "\x00", "정" * 10_000, "a\u0301" * 5000, '"*()^:&|!<->\\', "\u202e"]
)
def test_hostile_words_show_a_page(session: Session, client: Browser, typed: str) -> None:
    make_question(session)
    session.commit()

    main_of(client, typed)


def test_a_page_asks_the_database_as_often_for_many_questions_as_for_few_and_stays_light(
    session: Session, client: Browser, sign_in: SignIn, count_queries: Callable[[], int]
) -> None:
    browser, counted = sign_in(make_user(session)), []
    for count in (6, 30):
        for _ in range(count):
            make_answer(session, make_question(session, title="정산이 언제 되나요"))
        session.commit()
        for more in ({}, {"group": "questions"}):
            count_queries()
            page = browser.get("/search", query_string={"q": "정산", **more})
            counted.append(count_queries())
            assert len(page.data) < 40_000

    assert counted[:2] == counted[2:]
    assert max(counted) <= 8


def test_too_many_searches_are_slowed_for_a_person_and_not_for_a_class(
    session: Session, client: Browser, sign_in: SignIn
) -> None:
    user = make_user(session)
    hasty, calm = sign_in(user), sign_in(make_user(session))
    for _ in range(views.PER_PERSON):
        pace.check("search by person", str(user.id), most=views.PER_PERSON, within_s=views.WITHIN_S)

    refused = hasty.get("/search?q=쀍")

    assert refused.status_code == 429
    assert "1분만" in refused.text
    main_of(calm, "쀍")
    main_of(client, "쀍")


def test_an_address_has_a_limit_of_its_own(session: Session) -> None:
    for _ in range(3):
        pace.check("a test", "10.0.0.1", most=3, within_s=60)
    pace.check("a test", "10.0.0.2", most=3, within_s=60)

    with pytest.raises(TooManyError):
        pace.check("a test", "10.0.0.1", most=3, within_s=60)
