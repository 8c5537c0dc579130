"""Choosing a language: where it is kept, what it changes, and what stays Korean and says so."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.community.models import QuestionState
from portal.core import clock
from portal.core.roles import Role
from tests.conftest import Browser
from tests.exam_factories import make_candidate
from tests.factories import (
    make_engagement,
    make_mentor,
    make_question,
    make_step_completion,
    make_user,
    make_visit,
)
from tests.korean_marks import unmarked_korean

SignIn = Callable[[User], Browser]
KOREAN_ONLY = "This page is in Korean only so far."
PAGES = [
    "/",
    "/tour/1",
    "/tour/2?sent=1&answer=lamp",
    "/tour/3",
    "/account/sign-in",
    "/account/sign-up",
    "/account/",
    "/account/password",
    "/courses/",
    "/nowhere",
]


def choose(browser: Browser, language: str) -> None:
    browser.send("/account/display", {"language": language, "next": "/courses/"})


def test_a_browser_that_asks_for_english_gets_korean_until_somebody_chooses(client: Browser) -> None:
    page = client.get("/courses/", headers={"Accept-Language": "en-US,en;q=0.9"}).text

    assert '<html lang="ko"' in page
    assert "하나씩 읽고" in page
    assert re.search(r'name="language"\s+value="en"\s+lang="en"\s+aria-pressed="false">English<', page)
    assert re.search(r'name="language"\s+value="ko"\s+lang="ko"\s+aria-pressed="true">한국어<', page)


@pytest.mark.parametrize("path", [path for path in PAGES if path not in {"/account/", "/account/password"}])
def test_a_visitors_choice_holds_on_every_page(client: Browser, path: str) -> None:
    choose(client, "en")
    page = client.get(path).text

    assert '<html lang="en"' in page
    assert unmarked_korean(page) == []
    choose(client, "ko")
    assert '<html lang="ko"' in client.get(path).text


@pytest.mark.parametrize("path", PAGES)
def test_the_account_speaks_on_every_device(session: Session, sign_in: SignIn, path: str) -> None:
    maria = make_user(session, name="Maria Santos")
    phone, computer = sign_in(maria), sign_in(maria)
    choose(phone, "en")
    page = computer.get(path).text

    assert maria.language == "en"
    assert '<html lang="en"' in page
    assert unmarked_korean(page) == []


def test_the_first_screen_of_a_learner_is_english_whatever_stands_on_it(
    session: Session, sign_in: SignIn
) -> None:
    maria, mentor = make_user(session, name="Maria Santos", language="en"), make_mentor(session)
    engagement = make_engagement(session, maria, mentor)
    yesterday, soon = clock.now() - timedelta(days=1), clock.now() + timedelta(days=2)
    held = make_visit(session, engagement, starts_at=yesterday, log="함께 했어요.", items=("찍어 보기",))
    held.items[0].due_on = soon.date()
    make_visit(session, engagement, starts_at=soon)
    for state in QuestionState:
        make_question(session, asker=maria, owner=mentor, state=state)
    make_candidate(session, maria)
    make_step_completion(session, maria, "why-online", "how-it-works")
    session.commit()

    page = sign_in(maria).get("/").text

    assert unmarked_korean(page) == []
    assert "Hello, Maria Santos" in page
    for words in ("What is left until your", "Go on", "Next appointment", "Things to do", "answers by"):
        assert words in page


@pytest.mark.parametrize("role", [Role.MENTOR, Role.TRAINER, Role.OPERATOR])
def test_the_work_of_mentors_and_staff_stays_korean_and_says_so(
    session: Session, sign_in: SignIn, role: Role
) -> None:
    page = sign_in(make_user(session, role, language="en")).get("/").text

    assert KOREAN_ONLY in page
    assert "안녕하세요" in page


@pytest.mark.parametrize("language", ["fr", "", "en-US", "ko; drop"])
def test_a_language_we_do_not_have_changes_nothing(client: Browser, language: str) -> None:
    choose(client, "en")
    choose(client, language)

    assert '<html lang="en"' in client.get("/courses/").text


def test_the_letters_stay_when_the_language_is_chosen(session: Session, sign_in: SignIn) -> None:
    maria = make_user(session, text_size="5", contrast="high")
    choose(sign_in(maria), "en")

    assert (maria.text_size, maria.contrast, maria.language) == ("5", "high", "en")


def test_the_language_is_kept_when_somebody_goes_out(session: Session, sign_in: SignIn) -> None:
    browser = sign_in(make_user(session, language="en"))
    choose(browser, "en")
    browser.send("/account/sign-out")

    assert '<html lang="en"' in browser.get("/courses/").text


def test_who_joins_in_english_has_an_account_in_english(
    isolated: Flask, session: Session, client: Browser
) -> None:
    choose(client, "en")
    joining = {"name": "Maria Santos", "identifier": "010-7777-1234", "terms": "y", "privacy": "y"}
    asked = client.send("/account/sign-up", joining, follow_redirects=True)
    outbox = isolated.extensions["portal_settings"].data_dir / "outbox"
    newest = max(outbox.iterdir(), key=lambda path: path.stat().st_mtime_ns)
    sent = newest.read_text(encoding="utf-8")
    client.send("/account/code", {"code": sent.partition("to sign in: ")[2][:6]})
    maria = session.scalars(select(User).where(User.phone == "01077771234")).one()

    assert unmarked_korean(asked.text) == []
    assert "Do not tell them to anybody." in sent
    assert maria.language == "en"
    assert '<html lang="en"' in client.get("/account/").text


def test_a_refused_sign_up_says_so_in_english(client: Browser) -> None:
    choose(client, "en")
    refused = client.send("/account/sign-up", {"name": "M4ria", "identifier": "x", "password": "1"})

    assert refused.status_code == 422
    assert unmarked_korean(refused.text) == []
    assert "To join, please agree to the terms of use." in refused.text
    assert "Please write your name in letters only." in refused.text


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"identifier": "nobody"}, "Please look at the mobile number or e-mail address again."),
        ({"identifier": "010-1234-5678", "password": "no"}, "The number or the password does not match."),
        ({}, "Please write your mobile number or e-mail address."),
    ],
)
def test_a_refused_sign_in_says_so_in_english(client: Browser, data: dict[str, str], said: str) -> None:
    choose(client, "en")
    page = client.send("/account/sign-in", data).text

    assert said in page
    assert unmarked_korean(page) == []


@pytest.mark.parametrize("path", ["/community/", "/mentoring/", "/account/terms", "/glossary/"])
def test_a_page_without_english_is_korean_whole_and_says_so(client: Browser, path: str) -> None:
    korean = client.get(path).text
    choose(client, "en")
    page = client.get(path).text

    assert KOREAN_ONLY in page
    assert KOREAN_ONLY not in korean
    assert unmarked_korean(page) == []
    assert re.search(r'<main id="main"[^>]* lang="ko"', page)
    assert _main(korean) == _main(page)


def _main(page: str) -> list[str]:
    """Return the words inside of main, without the line that says what language it is."""
    inside = page.partition("<main")[2].partition(">")[2].partition("</main>")[0]
    words = re.sub(r'<p class="note" lang="en">.*?</p>', "", inside, flags=re.DOTALL)
    return unescape(re.sub(r'value="[^"]{20,}"|<[^>]*>', "", words)).split()


def test_a_course_without_english_is_korean_whole_and_says_so(client: Browser) -> None:
    choose(client, "en")
    listed, course = client.get("/courses/").text, client.get("/courses/first-sale/").text
    lesson = client.get("/courses/first-sale/why-online/").text

    assert "This course is in Korean only so far" in listed
    for page in (course, lesson):
        assert KOREAN_ONLY in page
        assert "You can" not in page.partition("<main")[2].partition("</main>")[0]
        assert unmarked_korean(page) == []


def test_an_error_speaks_the_language_of_whoever_meets_it(session: Session, sign_in: SignIn) -> None:
    browser = sign_in(make_user(session, language="en"))
    missing = browser.get("/courses/phone-first-steps/nowhere/")
    refused = browser.get("/desk/jobs")
    as_json = browser.get("/courses/nowhere/", headers={"Accept": "application/json"})

    assert (missing.status_code, refused.status_code) == (404, 403)
    assert "There is no such lesson." in missing.text
    assert "Only people with another role can see this page." in refused.text
    assert unmarked_korean(missing.text) == unmarked_korean(refused.text) == []
    assert as_json.json is not None
    assert as_json.json["error"]["message"].startswith("There is no such course.")


def test_a_name_is_never_taken_for_markup_in_english(session: Session, sign_in: SignIn) -> None:
    browser = sign_in(make_user(session, name="<b>김순자</b> & Co", language="en"))
    page = browser.get("/courses/").text

    assert '&lt;b&gt;<span lang="ko">김순자</span>&lt;/b&gt; &amp; Co' in page


def test_a_page_in_english_asks_the_database_no_more_often(
    session: Session, sign_in: SignIn, count_queries: Callable[[], int]
) -> None:
    browser = sign_in(make_user(session))
    session.commit()
    browser.get("/courses/")
    count_queries()
    browser.get("/courses/")
    in_korean = count_queries()
    choose(browser, "en")
    count_queries()
    browser.get("/courses/")

    assert count_queries() == in_korean


def test_what_is_the_same_for_everybody_carries_no_language(session: Session, sign_in: SignIn) -> None:
    browser = sign_in(make_user(session, language="en"))

    assert '<html lang="ko"' in browser.get("/offline").text
    assert browser.get("/healthz").status_code == 200
    with browser.get("/static/portal.css") as sheet:
        assert "Set-Cookie" not in sheet.headers
