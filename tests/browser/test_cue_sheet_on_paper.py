"""A cue sheet as a browser prints it: two sheets of A4 in letters of 18 pt, nothing on it that is no cue."""

import re

import pytest
from playwright.sync_api import Browser

from portal.courses import catalogue
from portal.courses.models import PracticeTry
from portal.practice.cue_sheet import MOST, CueSheet
from tests.browser.conftest import Portal, new_context
from tests.factories import make_user

pytestmark = pytest.mark.browser

PX_OF_18_PT = 24
SAY = "국산 깻잎을 한 장씩 씻어 간장에 담갔어요. 밥에 한 장 얹어 볼게요. 향이 아주 좋아요."
SHOW = "젓가락으로 한 장 집어 밥에 얹기"


def list_sheets() -> list[tuple[str, dict[str, str]]]:
    """Return the address of each step with a cue sheet, and its plan with full fields."""
    return [
        (
            f"{place.course.id}/{place.lesson.id}/{place.step.id}",
            {
                name: value if name.startswith("minutes") else (SAY if name.startswith("say") else SHOW)
                for name, value in place.step.practice.reference_answer("").items()
            },
        )
        for course in catalogue.current().courses
        for place in course.places
        if isinstance(place.step.practice, CueSheet)
    ]


def test_every_cue_sheet_fits_two_pages_in_letters_of_18_pt(portal: Portal, chromium: Browser) -> None:
    with portal.transaction() as session:
        sheets = list_sheets()
        user = make_user(session)
        for address, answer in sheets:
            course_id, lesson_id, step_id = address.split("/")
            session.add(
                PracticeTry(
                    learner_id=user.id,
                    course_id=course_id,
                    lesson_id=lesson_id,
                    step_id=step_id,
                    number=1,
                    seed="test",
                    answer=answer,
                    passed=True,
                    remarks=[],
                    content_hash="test",
                    created_at=user.created_at,
                )
            )
    context = new_context(chromium, portal.url)
    portal.let_in(context, user)
    page = context.new_page()

    assert sheets
    for address, _ in sheets:
        page.goto(f"/courses/{address}/rehearse")
        pages = count_pages(page.pdf(prefer_css_page_size=True))
        assert pages <= 2, address
        # As many parts as an author may ask for, each as full.
        page.evaluate(
            """(most) => {
                const list = document.querySelector("main ol.rows");
                while (list.children.length < most) list.append(list.lastElementChild.cloneNode(true));
            }""",
            MOST,
        )
        assert count_pages(page.pdf(prefer_css_page_size=True)) <= 2, address
        page.emulate_media(media="print")
        sizes = page.evaluate(
            """() => [...document.querySelectorAll("main ol.rows :is(p, strong, .badge)")]
                .map((each) => parseFloat(getComputedStyle(each).fontSize))"""
        )
        assert sizes
        assert min(sizes) >= PX_OF_18_PT
        assert not page.get_by_role("button", name="지금 시작").is_visible()
        page.emulate_media(media="null")
    context.close()


def count_pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type ?/Page\b", pdf))
