"""김순자 reads, chooses, counts and lists, and goes on tomorrow on another phone where she stopped."""

import re

import pytest
from playwright.sync_api import expect

from portal.accounts.models import User
from portal.courses import catalogue
from portal.practice import number
from portal.practice.choice import Choice
from portal.practice.field import Field
from portal.practice.listing import Listing
from portal.practice.number import Number
from tests import factories
from tests.browser.conftest import COURSE, OpenPhone, Phone, Portal, complete_steps

pytestmark = pytest.mark.browser


def make_learner(portal: Portal, *, next_step: str) -> User:
    """Return a shop owner who has completed everything before a step."""
    with portal.transaction() as session:
        learner = factories.make_user(session, name="김순자")
        places = catalogue.current().course(COURSE).places
        at = next(at for at, place in enumerate(places) if place.step.id == next_step)
        complete_steps(session, learner, places[:at])
    return learner


def read_numbers(phone: Phone, practice: Number) -> dict[str, int]:
    """Return the numbers of the question to be answered; the one before may stand above it."""
    asked = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[\\d,]+)", re.escape(practice.question))
    *_, newest = re.finditer(asked, phone.page.get_by_role("main").inner_text())
    return {name: int(shown.replace(",", "")) for name, shown in newest.groupdict().items()}


def test_she_starts_reads_and_chooses(portal: Portal, open_phone: OpenPhone) -> None:
    with portal.transaction() as session:
        learner = factories.make_user(session, name="김순자")
        course = catalogue.current().course(COURSE)
    place = next(place for place in course.places if place.step.practice is not None)
    practice = place.step.practice
    assert isinstance(practice, Choice)
    right = next(option for option in practice.options if option.right)
    wrong = next(option for option in practice.options if not option.right)
    phone = open_phone(learner).go("/")

    phone.open_place("배우기").press(f"‘{course.title}’ 보기").press("시작하기")
    for reading in course.places[: course.places.index(place)]:
        assert phone.sees(f"{reading.number}단계 · {reading.step.title}")
        phone.press("다 읽었어요")

    assert phone.sees(practice.question)
    phone.choose(wrong.text).press("답 보내기")
    assert phone.sees(wrong.because)
    assert phone.page.url.endswith(f"?step={place.step.id}#result")
    phone.choose(right.text).press("답 보내기")
    assert phone.sees("이 단계를 완료했어요")
    assert phone.sees(right.because)

    following = place.neighbour(1)
    assert following is not None
    phone.press("다음 단계로")
    assert phone.sees(f"{following.number}단계 · {following.step.title}")


def test_she_counts_until_it_is_right(portal: Portal, open_phone: OpenPhone) -> None:
    learner = make_learner(portal, next_step="practice-search")
    practice = portal.place("settlement", "practice-search").step.practice
    assert isinstance(practice, Number)
    phone = open_phone(learner).go("/").press("이어서 하기")
    asked = [read_numbers(phone, practice)]

    for tries in (1, 2, 3):
        phone.fill("통장에 들어오는 돈", f"{asked[-1]['goods'] * 2:,}원").press("답 보내기")
        assert phone.sees("답보다 많아요.")
        assert phone.sees("앞 문제는 이렇게 계산해요") == (tries == 3)
        asked.append(read_numbers(phone, practice))
    assert len({tuple(numbers.values()) for numbers in asked}) == len(asked)
    for line in number.lines(practice, asked[2]):
        assert phone.sees(line.sum_shown)

    right = number.reference_answer(practice, asked[3])["amount"]
    phone.fill("통장에 들어오는 돈", right).press("답 보내기")
    assert phone.sees("이 단계를 완료했어요")
    assert phone.sees("맞아요!")


def test_a_listing_with_mistakes_says_which_and_why(portal: Portal, open_phone: OpenPhone) -> None:
    learner = make_learner(portal, next_step="practice-anchovy")
    practice = portal.place("first-listing", "practice-anchovy").step.practice
    assert isinstance(practice, Listing)
    typed = {"상품명": "우리 집 최고 멸치볶음", "판매가": "80000", "재고수량": "100", "반품배송비": "3000"}
    phone = open_phone(learner).go("/").press("이어서 하기")

    phone.select("카테고리", "건어물").choose("배송비 따로 받기")
    for label, text in typed.items():
        phone.fill(label, text, exact=True)
    phone.press("답 보내기")

    assert phone.sees("다섯 군데만 고쳐 주세요")
    answer = {
        "category": "dried-fish",
        "delivery": "paid",
        **dict(zip(("name", "price", "stock", "return_fee"), typed.values(), strict=True)),
    }
    labels = {field.name: field.label for field in practice.form_fields("", answer)}
    wrong = {remark.field: remark for remark in practice.check(answer, "").remarks if not remark.good}
    assert set(wrong) == {"category", "name", "price", "stock", "delivery_fee"}
    for field, remark in wrong.items():
        control = phone.page.get_by_label(labels[field], exact=True)
        expect(control).to_have_accessible_description(re.compile(re.escape(remark.sentence)))
        assert phone.sees(f"{labels[field]}: {remark.sentence}")
    assert {label: phone.holds(label) for label in typed} == typed
    assert phone.holds("카테고리") == "dried-fish"
    assert phone.page.get_by_label("배송비 따로 받기").is_checked()

    phone.select("카테고리", "반찬").fill("기본배송비", "3,000원")
    for field in ("name", "price", "stock"):
        phone.fill(labels[field], practice.reference[field])
    phone.press("답 보내기")
    assert phone.sees("이 단계를 완료했어요")


def test_a_whole_product_page_warns_shows_itself_and_passes(portal: Portal, open_phone: OpenPhone) -> None:
    with portal.transaction() as session:
        learner = factories.make_user(session, name="김순자")
        place = catalogue.current().place("opening-online", "whole-listing", "practice-perilla")
    practice = place.step.practice
    assert isinstance(practice, Listing)
    right = practice.reference_answer("")
    phone = open_phone(learner).go(f"/courses/opening-online/whole-listing/?step={place.step.id}")

    phone.select("카테고리", "수건").press("답 보내기")
    assert phone.sees("큰 분류는 등록한 뒤에 바꿀 수 없어요.")
    for field in practice.form_fields("", right):
        fill_in(phone, field, right.get(field.name, ""))

    phone.press("미리 보기")
    preview = phone.page.get_by_role("region", name="이렇게 보여요")
    assert all(words in preview.inner_text() for words in (right["name"], f"{int(right['price']):,}원"))
    assert phone.holds("상품명") == right["name"]
    phone.press("답 보내기")
    assert phone.sees("이 단계를 완료했어요")
    assert preview.is_visible()


def fill_in(phone: Phone, field: Field, value: str) -> None:
    """Write or choose an answer in the field of this name; labels stand more than once on the whole page."""
    control = phone.page.locator(f"[name={field.name}]")
    if field.kind == "radio":
        phone.page.locator(f"[name={field.name}][value={value}]").check()
    elif field.kind == "select":
        control.select_option(value)
    else:
        control.fill(value)


def test_she_stops_half_way_and_goes_on_on_another_phone(
    portal: Portal, open_phone: OpenPhone, scripts: bool
) -> None:
    learner = make_learner(portal, next_step="practice-kimchi")
    step = portal.place("first-listing", "practice-kimchi").step
    typed = {"상품명": "국산 배추 포기김", "판매가": "12"}
    phone = open_phone(learner).go("/").press("이어서 하기")
    for label, text in typed.items():
        phone.fill(label, text, exact=True)
    if scripts:
        phone.page.get_by_text("여기까지 저장했어요", exact=True).wait_for()
        phone.look()
    else:
        phone.press("여기까지 저장하고 나가기")
        assert phone.sees("여기까지 저장했어요. 다음에 오시면 이 자리에서 이어서 할 수 있어요.")
    phone.page.close()

    other = open_phone().go("/account/sign-in")
    other.fill("휴대전화 번호", learner.phone or "").press("숫자 받기")
    other.fill("숫자 여섯 개", portal.newest_code()).press("들어가기")
    assert other.sees(f"단계 ‘{step.title}’")
    other.press("이어서 하기")

    assert other.page.url.endswith("/courses/first-sale/first-listing/?step=practice-kimchi")
    assert {label: other.holds(label) for label in typed} == typed
    assert other.sees("적던 답이 그대로 있어요")


def test_an_old_page_does_not_write_over_what_was_typed_on_another_phone(
    portal: Portal, open_phone: OpenPhone, scripts: bool
) -> None:
    learner = make_learner(portal, next_step="practice-kimchi")
    old, new = (open_phone(learner).go("/").press("이어서 하기") for _ in range(2))
    if scripts:
        for typed in ("국산 배추", "국산 배추 포기김치"):  # the second save knows of the first
            new.fill("상품명", typed, exact=True)
            with new.page.expect_response("**/draft") as saved:
                pass
            assert saved.value.status == 204
        old.fill("상품명", "김치", exact=True)
        old.page.get_by_text("다른 기기에서 더 적으셨어요. 새로 열어 주세요.", exact=True).wait_for()
    else:
        new.fill("상품명", "국산 배추 포기김치", exact=True).press("여기까지 저장하고 나가기")
        old.fill("상품명", "김치", exact=True).press("여기까지 저장하고 나가기")
        assert old.sees("다른 기기에서 더 적으셨어요.")
        assert old.holds("상품명") == "김치"

    assert new.go("/").press("이어서 하기").holds("상품명") == "국산 배추 포기김치"
    if not scripts:
        old.press("여기까지 저장하고 나가기")
        assert new.go("/").press("이어서 하기").holds("상품명") == "김치"
