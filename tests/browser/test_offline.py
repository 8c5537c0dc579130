"""The network goes away in the middle of a lesson, and comes back."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

from portal.accounts.models import User
from portal.core import db
from portal.courses.models import Draft, PracticeTry
from tests import factories
from tests.browser.conftest import COURSE, PHONE, Eye, Portal, measure_overflow, run_axe

pytestmark = pytest.mark.browser
LISTING = f"/courses/{COURSE}/first-listing/?step=practice-anchovy"


@pytest.fixture
def learner(portal: Portal) -> User:
    with portal.transaction() as session:
        return factories.make_user(session, name="김순자")


@pytest.fixture
def phone(chromium: Browser, portal: Portal, learner: User) -> Iterator[Page]:
    context: BrowserContext = chromium.new_context(
        base_url=portal.url,
        viewport=PHONE,
        locale="ko-KR",
        service_workers="allow",
        reduced_motion="reduce",
    )
    portal.let_in(context, learner)
    page = context.new_page()
    yield page
    context.close()


def keep_course(page: Page) -> None:
    """Open a lesson and wait until the whole course is on the phone."""
    page.goto(f"/courses/{COURSE}/why-online/")
    page.evaluate(
        """async () => {
          const until = Date.now() + 15000;
          while ((await (await caches.open('lessons')).keys()).length < 6) {
            if (Date.now() > until) throw new Error('the course was not kept');
            await new Promise((resolve) => setTimeout(resolve, 50));
          }
        }"""
    )


def drafts(portal: Portal) -> list[dict[str, str]]:
    with portal.app.app_context():
        return [draft.answer for draft in db.session().scalars(select(Draft))]


def test_who_reads_a_page_stays_signed_in_for_two_weeks_more(phone: Page) -> None:
    """Pages come through the service worker, once it is there, and are pages all the same."""
    keep_course(phone)
    (before,) = (cookie for cookie in phone.context.cookies() if cookie["name"] == "portal")
    soon = time.time() + 3600
    phone.context.add_cookies(
        [
            {
                "name": "portal",
                "value": before["value"],
                "domain": before["domain"],
                "path": "/",
                "expires": soon,
            }
        ]
    )

    phone.goto("/courses/")
    assert phone.evaluate("navigator.serviceWorker.controller !== null")
    (after,) = (cookie for cookie in phone.context.cookies() if cookie["name"] == "portal")

    assert after["expires"] > time.time() + 13 * 24 * 3600


def test_lessons_of_the_course_are_read_without_a_network(phone: Page, eye: Eye) -> None:
    keep_course(phone)
    phone.context.set_offline(True)

    phone.goto(f"/courses/{COURSE}/settlement/")
    expect(phone.get_by_role("heading", level=1)).to_have_text("통장에 얼마가 들어올까요")
    expect(phone.get_by_text("손님은 상품값과 배송비를 함께 내요.", exact=False)).to_be_visible()
    assert run_axe(phone, eye.axe_source) == []
    assert measure_overflow(phone) <= 0

    phone.goto("/mentoring/")
    expect(phone.get_by_role("heading", level=1)).to_have_text("인터넷이 끊겼어요")
    expect(phone.get_by_role("link", name="통장에 얼마가 들어올까요")).to_be_visible()
    assert run_axe(phone, eye.axe_source) == []
    assert "김순자" not in phone.content()


def test_what_was_typed_without_a_network_is_sent_when_it_is_back(phone: Page, portal: Portal) -> None:
    keep_course(phone)
    phone.goto(LISTING)
    phone.context.set_offline(True)
    phone.get_by_label("상품명").fill("국산 멸치볶음 200g")
    expect(phone.get_by_text("인터넷이 끊겨서 이 기기에만 두었어요")).to_be_visible()
    phone.get_by_role("button", name="답 보내기").click()
    expect(phone.get_by_label("상품명")).to_have_value("국산 멸치볶음 200g")
    phone.goto("/")
    expect(phone.get_by_text("이 기기에만 있는 답이 1개 있어요.", exact=False)).to_be_visible()

    phone.context.set_offline(False)
    phone.goto("/courses/")
    expect(phone.get_by_text("인터넷이 끊겼을 때 적은 답을 저장했어요.", exact=False)).to_be_visible()

    assert drafts(portal)[-1]["name"] == "국산 멸치볶음 200g"
    phone.goto(LISTING)
    expect(phone.get_by_label("상품명")).to_have_value("국산 멸치볶음 200g")
    with portal.app.app_context():
        assert db.session().scalars(select(PracticeTry)).all() == []


def test_a_form_gets_back_what_was_typed_in_it_without_a_network(phone: Page, learner: User) -> None:
    phone.goto(f"/courses/{COURSE}/why-online/")
    phone.evaluate(
        """([owner, url]) => localStorage.setItem(`jangteo-unsent:${owner}:${url}`,
             JSON.stringify({ at: Date.now(), url,
               fields: [['number', '1'], ['seen', ''], ['name', '멸치볶음 300g']] }))""",
        [str(learner.id), f"/courses/{COURSE}/first-listing/practice-anchovy/draft"],
    )
    phone.goto(LISTING)

    expect(phone.get_by_label("상품명")).to_have_value("멸치볶음 300g")
    expect(phone.get_by_text("여기까지 저장했어요")).to_be_visible()
    assert phone.evaluate("Object.keys(localStorage)") == []


def test_what_somebody_else_typed_is_not_sent_in_my_name(phone: Page, portal: Portal, learner: User) -> None:
    phone.goto(LISTING)
    phone.evaluate(
        """([owner, url]) => localStorage.setItem(`jangteo-unsent:${owner}:${url}`,
             JSON.stringify({ at: Date.now(), url,
               fields: [['number', '1'], ['seen', ''], ['name', '남의 답']] }))""",
        [str(learner.id + 1), f"/courses/{COURSE}/first-listing/practice-anchovy/draft"],
    )
    before = drafts(portal)
    phone.goto("/courses/")
    phone.wait_for_load_state("networkidle")

    assert drafts(portal) == before
    assert phone.evaluate("Object.keys(localStorage).length") == 1  # it waits for its owner


def test_signing_out_leaves_nothing_on_the_phone(phone: Page) -> None:
    keep_course(phone)
    phone.goto("/account/")
    phone.get_by_role("contentinfo").get_by_role("button", name="나가기").click()
    phone.wait_for_load_state("load")

    assert phone.evaluate("async () => (await caches.keys()).includes('lessons')") is False


def test_a_step_is_read_aloud_a_sentence_at_a_time(phone: Page) -> None:
    phone.add_init_script(
        """window.said = [];
        Object.defineProperty(window, 'speechSynthesis', { value: {
          getVoices: () => window.voices ?? [], cancel: () => {},
          speak: (piece) => window.said.push([piece.text, piece.rate]) } });
        window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };"""
    )
    phone.goto(f"/courses/{COURSE}/why-online/")
    phone.get_by_role("button", name="소리로 듣기").click()
    expect(phone.get_by_text("이 기기에 한국어 목소리가 없어요.", exact=False)).to_be_visible()

    phone.evaluate("window.voices = [{ lang: 'ko-KR' }]")
    phone.get_by_role("button", name="천천히 듣기").click()

    said = phone.evaluate("window.said")
    assert said[0] == ["이 단계를 읽으면 온라인에서 반찬이 팔리는 순서를 말할 수 있어요.", 0.75]
    assert len(said) > 8
