"""E29, E07: an exam at 200 % with the largest letters, and without a network for a while."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from portal.accounts.models import User
from portal.certification import attempts, exam_queries, sessions
from portal.certification.exam_models import Exam, Medium
from portal.core import clock, db
from tests import factories
from tests.browser.conftest import Portal
from tests.exam_factories import make_candidate, make_exam, make_paper

pytestmark = pytest.mark.browser
ZOOMED: ViewportSize = {"width": 640, "height": 400}
"""What a screen of 1280 by 800 shows at 200 %, two of its dots for one."""


@pytest.fixture
def sitter(portal: Portal) -> User:
    with portal.transaction() as session:
        return factories.make_user(session, name="최은영", text_size="5")


@pytest.fixture
def exam(portal: Portal, sitter: User) -> Exam:
    """Give a session that the sitter has begun."""
    with portal.transaction() as session:
        now = clock.now()
        make_candidate(session, sitter)
        exam = make_exam(session, apply_until=now + timedelta(hours=5))
        make_paper(session, exam)
        sessions.apply(session, exam, sitter, medium=Medium.ONLINE, wants_more_time=False, now=now)
        attempts.start(session, exam, sitter, now=now)
        return exam


@pytest.fixture
def context(chromium: Browser, portal: Portal, sitter: User) -> Iterator[BrowserContext]:
    context = chromium.new_context(
        base_url=portal.url,
        viewport=ZOOMED,
        device_scale_factor=2,
        locale="ko-KR",
        reduced_motion="reduce",
    )
    portal.let_in(context, sitter)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    page = context.new_page()
    page.set_default_timeout(15_000)
    return page


def require_whole(page: Page) -> None:
    """Fail where the page is wider than the window, or something of it is cut off."""
    cut = page.evaluate(
        """() => {
          const width = document.documentElement.clientWidth;
          return [...document.querySelectorAll("main *")].filter((each) => {
            const box = each.getBoundingClientRect();
            const style = getComputedStyle(each);
            const hides = each.scrollWidth > each.clientWidth + 1 && style.overflowX === "hidden";
            const isSeen = box.width > 1 && box.height > 1;
            return isSeen && (box.left < -1 || box.right > width + 1 || hides);
          }).map((each) => each.outerHTML.slice(0, 80));
        }"""
    )
    assert cut == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_e29_at_200_percent_with_the_largest_letters_nothing_is_cut(page: Page, exam: Exam) -> None:
    for path in ("", "attempt/?q=1", "attempt/review"):
        page.goto(f"/certification/exams/{exam.id}/{path}")
        assert page.locator("html").get_attribute("data-text") == "5"
        require_whole(page)

    page.goto(f"/certification/exams/{exam.id}/attempt/?q=1")
    timer, button = page.locator("[data-seconds-left]"), page.get_by_role("button", name="다음", exact=True)
    for each in (timer, button):
        each.scroll_into_view_if_needed()
        expect(each).to_be_in_viewport(ratio=1)
    page.get_by_role("radio").first.focus()
    page.keyboard.press("Space")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="2번 문제")).to_be_visible()


def answered(portal: Portal, sitter: User, exam: Exam) -> list[int]:
    with portal.app.app_context():
        sheet = exam_queries.get_open_sheet(db.session(), sitter, exam.id)
        return [question.number for question in sheet.questions if question.is_answered]


def test_e07_an_answer_given_without_a_network_is_kept_and_sent_when_it_is_back(
    page: Page, portal: Portal, sitter: User, exam: Exam
) -> None:
    page.goto(f"/certification/exams/{exam.id}/attempt/?q=3")
    page.context.set_offline(True)
    page.get_by_role("radio").nth(1).check()
    expect(page.get_by_text("인터넷이 끊겨서 이 기기에만 두었어요")).to_be_visible()
    page.get_by_role("button", name="다음", exact=True).click()
    expect(page.get_by_role("radio").nth(1)).to_be_checked()
    expect(page.get_by_role("alert")).to_have_text(re.compile("보내지 못했어요.* 다시 눌러 주세요."))
    expect(page.get_by_role("alert")).to_be_in_viewport()
    assert answered(portal, sitter, exam) == []

    page.context.set_offline(False)
    expect(page.get_by_text("여기까지 저장했어요")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_text("인터넷이 이어졌어요. 이제 다시 눌러 주세요.")

    assert answered(portal, sitter, exam) == [3]
    page.goto(f"/certification/exams/{exam.id}/attempt/?q=3")
    expect(page.get_by_role("radio").nth(1)).to_be_checked()
