"""The first visit: three pages that whoever joins lands on once, open to all and easy to leave."""

import re

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.conftest import Browser
from tests.integration.accounts.test_sign_in import sent_code

JOINING = {"name": "김순자", "identifier": "010-2222-3333", "terms": "y", "privacy": "y"}


@pytest.fixture
def browser(app: Flask, session: Session) -> Browser:
    return Browser(app)


def links(page: str) -> dict[str, str]:
    """Return the addresses inside the main part by their words."""
    main = page[page.index("<main") : page.index("</main>")]
    found = re.findall(r'<a\s[^>]*?href="([^"]*)"[^>]*>([^<]*)</a>', main)
    return {words.strip(): address for address, words in found}


def test_who_joins_lands_on_it_and_ends_where_they_wanted_to_go(browser: Browser, app: Flask) -> None:
    browser.send("/account/sign-up", JOINING)
    first = browser.send(
        "/account/code", {"code": sent_code(app), "next": "/courses/"}, follow_redirects=True
    )

    second = browser.get(links(first.text)["다음"])
    third = browser.get(links(second.text)["다음"])

    assert "글자부터 편하게 맞춰요" in first.text
    assert "짧게 읽고 바로 해 봐요" in second.text
    assert "막히면 물어보세요" in third.text
    assert links(first.text)["그만 보기"] == links(third.text)["이제 시작하기"] == "/courses/"


def test_who_comes_back_is_not_shown_it_again(browser: Browser, app: Flask) -> None:
    browser.send("/account/sign-up", JOINING)
    browser.send("/account/code", {"code": sent_code(app)})
    other = Browser(app)

    other.send("/account/sign-in", {"identifier": "010-2222-3333"})
    answer = other.send("/account/code", {"code": sent_code(app)})

    assert answer.headers["Location"] == "/"


@pytest.mark.parametrize("number", [1, 2, 3])
def test_each_page_is_open_says_where_one_is_and_has_one_main_button(browser: Browser, number: int) -> None:
    page = browser.get(f"/tour/{number}").text

    assert page.count("button--main") == 1
    assert page.count('aria-current="step"') == 1
    assert "<meta" in page
    assert "tabindex" not in re.sub(r'tabindex="-1"', "", page)


@pytest.mark.parametrize("path", ["/", "/courses/", "/account/sign-in", "/tour/1", "/nothing"])
def test_every_page_leads_back_to_it(browser: Browser, path: str) -> None:
    assert '<a href="/tour/1">처음 안내 다시 보기</a>' in browser.get(path).text


@pytest.mark.parametrize("path", ["/tour/0", "/tour/4", "/tour/one"])
def test_there_are_three_pages_and_no_other(browser: Browser, path: str) -> None:
    assert browser.get(path).status_code == 404


@pytest.mark.parametrize("number", [1, 2, 3])
def test_it_leads_to_no_other_site(browser: Browser, number: int) -> None:
    page = browser.get(f"/tour/{number}?next=https://evil.example/").text

    assert links(page)
    assert not [address for address in links(page).values() if "evil.example" in address]
    assert 'name="next" value="https' not in page


def test_the_letters_change_from_its_own_buttons_without_a_script(browser: Browser) -> None:
    page = browser.get("/tour/1?next=/courses/").text
    main = page[page.index("<main") : page.index("</main>")]
    back = re.search(r'name="next" value="([^"]*)"', main)
    assert back

    answer = browser.send("/account/display", {"text": "5", "next": back[1]}, follow_redirects=True)

    assert answer.request.path == "/tour/1"
    assert 'data-text="5"' in answer.text
    assert links(answer.text)["그만 보기"] == "/courses/"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("answer=window", "맞아요"),
        ("answer=lamp", "아직은 아니에요. 괜찮아요"),
        ("", "하나를 골라 주세요"),
        ("answer=%3Cb%3E", "하나를 골라 주세요"),
    ],
)
def test_the_little_practice_answers_without_blame_and_keeps_the_way_out(
    browser: Browser, query: str, said: str
) -> None:
    page = browser.get(f"/tour/2?next=/courses/&sent=1&{query}").text

    assert said in page
    assert 'name="next" value="/courses/"' in page
    assert "하나를 골라 주세요" not in browser.get("/tour/2").text
