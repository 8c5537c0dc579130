"""김순자 joins with her telephone, makes the letters bigger, and comes back on another phone."""

from itertools import count

import pytest

from tests.browser.conftest import OpenPhone, Phone, Portal

pytestmark = pytest.mark.browser
_numbers = count(1)


def join(phone: Phone, portal: Portal, number: str) -> None:
    phone.go("/").press("시작하기")
    phone.fill("이름", "김순자").fill("휴대전화 번호", number)
    phone.choose("(필수) 이용 약속에 동의해요").choose("(필수) 개인정보를 모으고 쓰는 데 동의해요")
    phone.press("숫자 받고 가입하기")
    phone.fill("숫자 여섯 개", portal.newest_code()).press("들어가기")
    assert phone.sees("글자부터 편하게 맞춰요")
    phone.press("다음").press("다음").press("이제 시작하기")


def test_she_joins_and_comes_back_on_another_phone(portal: Portal, open_phone: OpenPhone) -> None:
    number = f"010-1234-{next(_numbers):04d}"
    phone = open_phone()
    join(phone, portal, number)
    assert phone.sees("김순자 사장님")

    phone.page.get_by_role("button", name="가 아주 크게").click()
    phone.page.wait_for_load_state("networkidle")
    phone.look()
    assert phone.page.locator("html").get_attribute("data-text") == "5"

    other = open_phone()
    other.go("/account/sign-in").fill("휴대전화 번호", number).press("숫자 받기")
    other.fill("숫자 여섯 개", "000 00").press("들어가기")
    assert other.sees("숫자가 맞지 않아요")
    other.fill("숫자 여섯 개", portal.newest_code()).press("들어가기")
    assert other.sees("김순자 사장님")
    assert other.page.locator("html").get_attribute("data-text") == "5"

    other.page.get_by_role("button", name="나가기").first.click()
    other.go("/account/")
    assert other.sees("들어가기")


def test_what_is_missing_is_named_and_the_rest_is_kept(open_phone: OpenPhone) -> None:
    phone = open_phone().go("/account/sign-up")

    phone.fill("이름", "김순자").fill("휴대전화 번호", "1234").press("숫자 받고 가입하기")

    assert phone.sees("세 군데만 고쳐 주세요")
    assert phone.page.get_by_label("이름").input_value() == "김순자"
    assert phone.page.evaluate("() => document.activeElement.id") == "result"
