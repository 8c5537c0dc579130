"""A mentor writes a log in a shop without a network, and nothing of it is lost."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from portal.accounts.models import User
from portal.core import clock, db
from portal.mentoring.visit_models import Visit
from tests import factories
from tests.browser.conftest import PHONE, Portal

pytestmark = pytest.mark.browser


@pytest.fixture
def mentor(portal: Portal) -> User:
    with portal.transaction() as session:
        return factories.make_mentor(session, name="박정호")


@pytest.fixture
def visit_id(portal: Portal, mentor: User) -> int:
    with portal.transaction() as session:
        engagement = factories.make_engagement(session, factories.make_user(session), mentor)
        return factories.make_visit(session, engagement, starts_at=clock.now() - timedelta(hours=2)).id


@pytest.fixture
def phone(chromium: Browser, portal: Portal, mentor: User) -> Iterator[Page]:
    context = chromium.new_context(
        base_url=portal.url,
        viewport=PHONE,
        locale="ko-KR",
        reduced_motion="reduce",
    )
    portal.let_in(context, mentor)
    page = context.new_page()
    yield page
    context.close()


def test_a_log_typed_without_a_network_is_sent_when_it_is_back(
    phone: Page, portal: Portal, visit_id: int
) -> None:
    address = f"/mentoring/visits/{visit_id}/log"
    phone.goto(address)
    phone.context.set_offline(True)
    phone.get_by_label("함께 한 일").fill("사진을 세워서 올렸어요.")
    phone.get_by_label("나만 보는 메모").fill("삼각대 가져가기")
    expect(phone.get_by_text("인터넷이 끊겨서 이 기기에만 두었어요")).to_be_visible()
    phone.get_by_role("button", name="적고 사장님께 알리기").click()
    expect(phone.get_by_label("함께 한 일")).to_have_value("사진을 세워서 올렸어요.")

    phone.context.set_offline(False)
    expect(phone.get_by_text("여기까지 저장했어요")).to_be_visible()

    with portal.app.app_context():
        visit = db.session().get_one(Visit, visit_id)
        assert "삼각대 가져가기" in visit.draft
        assert visit.log == ""
    phone.goto(address)
    expect(phone.get_by_label("함께 한 일")).to_have_value("사진을 세워서 올렸어요.")
    expect(phone.get_by_label("나만 보는 메모")).to_have_value("삼각대 가져가기")


def test_any_page_sends_a_log_that_waits_on_the_phone(
    phone: Page, portal: Portal, mentor: User, visit_id: int
) -> None:
    phone.goto("/mentoring/")
    phone.evaluate(
        """([owner, url]) => localStorage.setItem(`jangteo-unsent:${owner}:${url}`,
             JSON.stringify({ at: Date.now(), url, fields: [['log', '사진을 세워서 올렸어요.']] }))""",
        [str(mentor.id), f"/mentoring/visits/{visit_id}/draft"],
    )
    phone.goto("/")
    expect(phone.get_by_text("인터넷이 끊겼을 때 적은 답을 저장했어요.", exact=False)).to_be_visible()

    phone.goto(f"/mentoring/visits/{visit_id}/log")
    expect(phone.get_by_label("함께 한 일")).to_have_value("사진을 세워서 올렸어요.")
