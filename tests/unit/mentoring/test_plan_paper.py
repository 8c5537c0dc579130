"""The paper of what was agreed, as it is printed: nothing lost or cut in the largest letters."""

from collections.abc import Iterator

import pytest
from flask import Flask
from fontTools.ttLib import TTFont

from portal.core import fonts
from portal.core.qr import draw_qr
from portal.courses.handout_pdf import Press
from portal.courses.paper import SIZES
from portal.mentoring import plan
from portal.mentoring.plan import Agreed, Plan, PlannedItem
from tests.conftest import make_app, make_settings
from tests.paper import Layout, list_words
from tests.unit.certification.test_certificate_pdf import objects

LONGEST = "아침마다창가에서찍은반찬사진을휴대전화에모아두고 그 가운데 가장 밝은 것을 골라 대표로 쓰기"
PLAN = Plan(
    engagement_id=12_345,
    people="남궁민수현 사장님, 박정호 멘토님",
    until="12월 24일(목) 오후 3시 30분",
    is_active=True,
    agreed=tuple(
        Agreed(
            f"2026년 11월 {day}일(월)",
            (
                PlannedItem(LONGEST, "", by="멘토님이 해요", due_on="2026년 11월 27일(금)"),
                PlannedItem("멸치볶음 이름에 무게 적기", "2026년 11월 20일(금)"),
                PlannedItem("https://example.com/" + "a" * 39, ""),
            ),
        )
        for day in (16, 9, 2)
    ),
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    settings = make_settings(
        tmp_path_factory.mktemp("house"),
        database_url="sqlite://",
        redis_url="unix:///nowhere",
        public_url="https://jangteo-baeum.example",
    )
    app = make_app(settings)
    with app.app_context():
        yield app


@pytest.mark.parametrize("size_pt", list(SIZES))
def test_no_word_is_lost_or_cut_at_any_size(house: Flask, size_pt: int) -> None:
    with Press() as press:
        layout = Layout(press, plan.write(PLAN, size_pt))

    assert layout.list_lost() == []
    assert layout.list_cut() == []


def test_the_letters_are_in_the_typeface_and_the_picture_leads_to_the_code(house: Flask) -> None:
    written = plan.write(PLAN, 24)
    words = " ".join(list_words(written.markup.html))

    with TTFont(fonts.sans(), lazy=True) as font:
        letters = set(font.getBestCmap())
    assert {letter for letter in words if not letter.isspace() and ord(letter) not in letters} == set()
    (picture,) = written.markup.pictures.values()
    modules = draw_qr("https://jangteo-baeum.example/c/0123455", ink="#000").decode().partition('d="')[2]
    assert modules.partition('"')[0] in picture.decode()
    assert "012 3455" in words


def test_the_file_is_tagged_and_the_same_every_time(house: Flask) -> None:
    with Press() as press:
        first, second = (press.draw(plan.write(PLAN, 16)) for _ in range(2))

    assert first == second
    assert b'pdfuaid:part="1"' in objects(first)
    assert b"/Lang (ko)" in objects(first)
