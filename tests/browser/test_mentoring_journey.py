"""김순자 asks for help, 박정호 comes to her shop, and three things to do are on her first screen."""

from datetime import datetime, time, timedelta

import pytest
from sqlalchemy import select

from portal.accounts.models import User
from portal.core import clock, korean
from portal.core.clock import KST
from portal.mentoring.models import Engagement
from portal.mentoring.visit_models import Visit
from tests import factories
from tests.browser.conftest import OpenPhone, Phone, Portal

pytestmark = pytest.mark.browser
THINGS = ("김치 사진 다시 찍기", "상품 이름에 무게 적기", "택배 상자 열 개 사기")


@pytest.fixture
def mentor(portal: Portal) -> User:
    with portal.transaction() as session:
        return factories.make_mentor(session, name="박정호")


def in_days(days: int, hour: int) -> datetime:
    return datetime.combine(clock.now().astimezone(KST).date() + timedelta(days=days), time(hour), KST)


def let_the_visit_pass(portal: Portal, merchant: User) -> None:
    """Move the agreed visit two hours into the past."""
    with portal.transaction() as session:
        visit = session.scalars(
            select(Visit)
            .join(Engagement, Engagement.id == Visit.engagement_id)
            .where(Engagement.merchant_id == merchant.id)
        ).one()
        visit.starts_at = clock.now() - timedelta(hours=2)


def test_a_need_becomes_a_visit_and_three_things_to_do(
    portal: Portal, open_phone: OpenPhone, mentor: User
) -> None:
    with portal.transaction() as session:
        merchant = factories.make_user(session, name="김순자", shop_name="순자네 반찬")
    hers, his = open_phone(merchant), open_phone(mentor)

    ask_for_a_mentor(hers)
    accept(his)
    first, second = in_days(3, 15), in_days(4, 10)
    offer(his, first, second)
    agree(hers, his, second)

    let_the_visit_pass(portal, merchant)
    write_log(his)
    hers.go("/")
    assert all(hers.sees(thing) for thing in THINGS)

    hers.press("했어요")
    assert hers.sees("잘하셨어요! 멘토님도 볼 수 있어요.")
    assert [hers.sees(thing) for thing in THINGS] == [False, True, True]
    his.page.reload()
    assert "했어요" in his.page.get_by_role("listitem").filter(has_text=THINGS[0]).inner_text()


def ask_for_a_mentor(phone: Phone) -> None:
    phone.go("/").open_place("멘토").press("멘토 부탁하기")
    phone.choose("휴대전화 다루기").fill("어떤 점이 어려우세요", "사진이 옆으로 누워요.")
    phone.choose("가게에서 만나기").select("가게가 있는 곳", "서울").press("부탁 올리기")
    assert phone.sees("부탁을 올렸어요. 멘토님이 맡으면 알려 드려요.")


def accept(phone: Phone) -> None:
    phone.go("/").press("가게 보기")
    assert phone.sees("사진이 옆으로 누워요.")
    assert not phone.sees("김순자")
    phone.press("이 가게 맡기")
    assert phone.heading == "김순자 사장님"


def offer(phone: Phone, first: datetime, second: datetime) -> None:
    phone.press("만날 시간 보내기")
    phone.fill("첫째 날짜", f"{first:%Y-%m-%d}").select("첫째 시각", korean.clock_time(first))
    phone.fill("둘째 날짜", f"{second:%Y-%m-%d}").select("둘째 시각", korean.clock_time(second))
    phone.press("이 시간 보내기")
    assert phone.sees("만날 시간을 보냈어요. 사장님이 고르면 알려 드려요.")


def agree(hers: Phone, his: Phone, chosen: datetime) -> None:
    """Let her choose; both read the same words, on the page they share and on their first screens."""
    hers.open_newest_notice("박정호 멘토님이 만날 시간을 보냈어요. 하나를 골라 주세요.")
    words = korean.dated_time(chosen, now=clock.now())
    hers.press(words)
    assert hers.sees("약속을 정했어요. 멘토님께도 알렸어요.")
    agreed = hers.page.get_by_text(words).first.inner_text()
    his.open_newest_notice("약속을 정했어요.")
    assert his.sees(agreed)
    for phone in (hers, his):
        assert phone.go("/").sees(agreed)


def write_log(phone: Phone) -> None:
    assert phone.go("/").sees("일지를 써 주세요")
    phone.page.get_by_role("listitem").filter(has_text="일지를 써 주세요").get_by_role("link").click()
    phone.press("만난 이야기 쓰기")
    phone.fill("함께 한 일", "사진을 세워서 올리는 법을 해 봤어요.")
    phone.page.get_by_text("해 볼 일 더 적기").click()
    for label, thing in zip(("하나", "둘", "셋"), THINGS, strict=True):
        phone.fill(f"해 볼 일 {label}", thing)
    phone.press("적고 사장님께 알리기")
    assert phone.sees("적어 주셔서 고맙습니다. 사장님께도 알렸어요.")
