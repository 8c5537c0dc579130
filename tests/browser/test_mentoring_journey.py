"""박정호 takes 김순자's shop from the list, offers times of his own, and both read the same words."""

from datetime import datetime, time, timedelta

import pytest

from portal.core import clock, korean
from portal.core.clock import KST
from tests import factories
from tests.browser.conftest import OpenPhone, Phone, Portal

pytestmark = pytest.mark.browser


def in_days(days: int, hour: int) -> datetime:
    return datetime.combine(clock.now().astimezone(KST).date() + timedelta(days=days), time(hour), KST)


def test_a_shop_is_taken_from_the_list_and_a_time_chosen_on_the_page(
    portal: Portal, open_phone: OpenPhone
) -> None:
    with portal.transaction() as session:
        mentor = factories.make_mentor(session, name="박정호")
        merchant = factories.make_user(session, name="김순자", shop_name="순자네 반찬")
        factories.make_need(session, merchant, detail="사진이 옆으로 누워요.")
    hers, his = open_phone(merchant).go("/"), open_phone(mentor)

    accept(his)
    first, second = in_days(3, 15), in_days(4, 10)
    offer(his, first, second)
    agree(hers, his, second)


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
