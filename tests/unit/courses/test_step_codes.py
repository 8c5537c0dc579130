"""The printed code of a step: six digits that never change, however they are typed."""

import shutil
from itertools import count
from pathlib import Path

import pytest

from portal.core.settings import ROOT
from portal.courses import catalogue, codes, publishing
from portal.courses.problems import ContentError

SMALL = ROOT / "tests" / "content"


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """Return a copy of the small course that a test may change."""
    folder = tmp_path / "content"
    shutil.copytree(SMALL, folder)
    shutil.copytree(ROOT / "content" / "listing_rules", folder / "listing_rules")
    for rules in ("copy_rules.toml", "reply_rules.toml"):
        shutil.copy(ROOT / "content" / rules, folder / rules)
    return folder


def change(content: Path, old: str, new: str) -> None:
    path = content / "lessons/small/first/lesson.md"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_codes_on_paper_that_is_out_there_stay() -> None:
    assert codes.code_of("first-sale", "settlement", "money") == "329493"
    assert (
        codes.code_of("first-sale", "why-online", "order")
        == publishing.load(ROOT / "content").course("first-sale").places[0].code
    )


def test_a_code_is_six_digits_and_does_not_begin_with_0() -> None:
    for number in range(2000):
        assert codes.is_well_formed(codes.code_of("course", "lesson", f"step-{number}"))


def test_other_titles_and_another_order_keep_the_codes(content: Path) -> None:
    before = {place.key: place.code for place in catalogue.load(content).courses[0].places}
    change(content, "## 수수료를 알아봐요", "## 다른 제목이에요")
    change(content, 'title = "읽고 계산해요"', 'title = "다른 수업 이름"')
    course = content / "lessons/small/course.toml"
    text = course.read_text(encoding="utf-8")
    course.write_text(text.replace('["first", "second"]', '["second", "first"]'), encoding="utf-8")

    after = {place.key: place.code for place in catalogue.load(content).courses[0].places}

    assert list(after) != list(before)
    assert after == before


def test_two_steps_with_one_code_keep_the_content_from_loading(content: Path) -> None:
    seen: dict[str, str] = {}
    for number in count():
        step_id = f"step-{number}"
        code = codes.code_of("small", "first", step_id)
        if code in seen:
            break
        seen[code] = step_id
    change(content, "{#fee}", f"{{#{seen[code]}}}")
    change(content, "{#practice-sum}", f"{{#{step_id}}}")
    practice = content / "lessons/small/first/practice.toml"
    text = practice.read_text(encoding="utf-8")
    practice.write_text(text.replace("practice-sum", step_id), encoding="utf-8")
    link = content / "lessons/small/second/lesson.md"
    link.write_text(link.read_text(encoding="utf-8").replace("#fee", f"#{seen[code]}"), encoding="utf-8")

    with pytest.raises(ContentError) as caught:
        catalogue.load(content)

    assert f"the step '{step_id}' has the printed code {code} of 'small/first/{seen[code]}'" in str(
        caught.value
    )
    assert "lessons/small/first/lesson.md:1:" in str(caught.value)


@pytest.mark.parametrize(
    "typed",
    [
        "329493",
        " 329 493 ",
        "329-493",
        "329–493",
        "329\N{NO-BREAK SPACE}493",
        "３２９　４９３",
        "3 2 9 4 9 3",
        "https://jangteo.example/c/329493",
        "jangteo.example/c/329493/",
    ],
)
def test_a_code_is_understood_however_it_is_typed(typed: str) -> None:
    assert codes.normalise(typed) == "329493"


@pytest.mark.parametrize("typed", ["", "32949", "3294931", "삼이구사구삼", "029493", "32949a", "٣٢٩٤٩٣"])
def test_what_can_be_no_code_is_told_apart(typed: str) -> None:
    assert not codes.is_well_formed(codes.normalise(typed))


def test_letters_that_look_like_digits_are_taken_for_them() -> None:
    assert codes.normalise("lO5 25O") == "105250"


def test_a_code_is_shown_in_two_groups() -> None:
    assert codes.shown("329493") == "329 493"


@pytest.mark.parametrize("number", [1, 42, 9_999, 10_000, 999_999_999])
def test_a_code_of_ones_own_gives_its_number_back_and_is_no_steps(number: int) -> None:
    code = codes.own_code(number)

    assert len(code) >= codes.LENGTH
    assert codes.find_own(codes.normalise(codes.shown(code))) == number
    assert not codes.is_well_formed(code)


@pytest.mark.parametrize("number", [7, 1_234, 45_678])
def test_every_single_wrong_digit_of_a_code_of_ones_own_is_noticed(number: int) -> None:
    code = codes.own_code(number)

    for at, digit in enumerate(code):
        for other in set("0123456789") - {digit}:
            assert codes.find_own(code[:at] + other + code[at + 1 :]) is None


@pytest.mark.parametrize("typed", ["", "0", "329493", "000002", "00000", "0" * 40, "01234a", "٠١٢٣٤٥"])
def test_what_can_be_no_code_of_ones_own_is_none(typed: str) -> None:
    assert codes.find_own(codes.normalise(typed)) is None
