"""Every kind of mistake in the content is told with its file, its line and a sentence."""

import re
import shutil
from pathlib import Path

import pytest

from portal.core.settings import ROOT
from portal.courses import catalogue
from portal.courses.problems import ContentError

SMALL = ROOT / "tests" / "content"
FIRST = "lessons/small/first/lesson.md"
PRACTICE = "lessons/small/first/practice.toml"
COIN = "lessons/small/first/images/coin.svg"
FACTS = "facts/shop.toml"
COPY, REPLY = "copy_rules.toml", "reply_rules.toml"
COURSE = "lessons/small/course.toml"
COURSES = "lessons/courses.toml"


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """Return a copy of the small course that a test may spoil."""
    folder = tmp_path / "content"
    shutil.copytree(SMALL, folder)
    shutil.copytree(ROOT / "content" / "listing_rules", folder / "listing_rules")
    for rules in (ROOT / "content").glob("*_rules.toml"):
        shutil.copy(rules, folder)
    return folder


def spoil(content: Path, name: str, old: str, new: str) -> int:
    """Replace ``old`` in a file and return the line where it stood."""
    path = content / name
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def refusal(content: Path) -> str:
    with pytest.raises(ContentError) as caught:
        catalogue.load(content)
    return str(caught.value)


def test_the_small_course_passes(content: Path) -> None:
    assert [course.id for course in catalogue.load(content).courses] == ["small"]


@pytest.mark.parametrize(
    ("name", "old", "new", "sentence"),
    [
        (FIRST, 'title = "읽고 계산해요"\n', "", "'title' must be a string that is not blank"),
        (FIRST, "minutes = 5", "minutes = 30", "'minutes' must be from 3 to 20, not 30"),
        (FIRST, "checked_on = 2026-11-21", "", "'checked_on' must be a date"),
        (FIRST, "minutes = 5", 'minutes = 5\nafter = ["second"]', "'second', which is no earlier lesson"),
        (COURSES, '"small"', '"small", "small"', "the course 'small' comes twice"),
        (COURSES, '"small"', '"none"', "the course 'none' has no folder"),
        (COURSES, '"small"', '"none"', "the course 'small' has a folder, but is in no group"),
        (COURSE, 'lessons = ["first", "second"]', "chapters = []", "'chapters' must be an array of tables"),
        (FIRST, "minutes = 5", "minuten = 5", "'minuten' is not known here"),
        (FIRST, "minutes = 5", "minutes = ", "this is not TOML"),
        (FIRST, 'goals = ["수수료를 구할 수 있어요"]', "goals = []", "'goals' must hold at least one string"),
        (FIRST, "## 골라 봐요 {#practice-pick}", "## 골라 봐요", "the heading needs an id"),
        (FIRST, "## 골라 봐요 {#practice-pick}", "## 골라 봐요 {#Pick_1}", "the heading needs an id"),
        (FIRST, "## 골라 봐요 {#practice-pick}", "## 골라 봐요 {#fee}", "the id 'fee' comes twice"),
        (FIRST, "## 골라 봐요 {#practice-pick}", "골라 봐요", "a lesson has 3 to 6 steps"),
        (FIRST, "하나를 골라 봐요.\n", "", "the step has no text"),
        (FIRST, "## 수수료를", "앞글\n\n## 수수료를", "text before the first ## heading"),
        (FIRST, "수수료를 구해 봐요.", "#### 너무 깊어요", "only ### headings"),
        (FIRST, "동전 하나를 그린 그림", "", "the picture has no alternative text"),
        (FIRST, "images/coin.svg", "images/note.svg", "there is no picture 'images/note.svg'"),
        (FIRST, "images/coin.svg", "../coin.png", "a picture is images/name.svg"),
        (FIRST, "![동전", "보세요 ![동전", "a picture stands on a line of its own"),
        (FIRST, "[[fact:shop.fee]]", "[[fact:shop.rent]]", "the fact 'shop.rent' is not in content/facts"),
        (FIRST, "하나를 골라", "<b>하나</b>를 골라", "raw HTML may not stand in a lesson"),
        (FIRST, "하나를 골라", "<script>alert(1)</script>", "raw HTML may not stand in a lesson"),
        (FIRST, "하나를 골라 봐요.", "하나 {: onclick=x }", "attributes in braces"),
        (FIRST, "/courses/small/second/?step=look", "/courses/small/third/", "there is no page at"),
        (FIRST, "/courses/small/second/?step=look", "/courses/small/second/?step=no", "there is no page at"),
        (FIRST, "/courses/small/second/?step=look", "../second", "a link begins with https://"),
        (FIRST, "https://example.com/law", "javascript:alert(1)", "a link begins with https://"),
        (FIRST, "하나를 골라", "[하나][one]를 골라", "write the address beside the words"),
        (FIRST, "!!! remember", "!!! danger", "this block is not known"),
        (FIRST, '!!! good "좋은 보기"', "!!! good", "this block is not known"),
        (PRACTICE, "[practice-pick]", "[practice-pock]", "no step of lesson.md carries this id"),
        (PRACTICE, 'kind = "choice"', 'kind = "essay"', "bad practice 'practice-pick'"),
        (PRACTICE, "right = true", "right = false", "exactly one with right = true"),
        (PRACTICE, 'because = "날씨는 나중에 봐도 돼요."', 'because = ""', "'options[2].because' must"),
        (PRACTICE, 'fee = "fact:shop.fee"', 'fee = "fact:shop.days"', "names a fact that is not known"),
        (PRACTICE, "tolerance = 0", "tolerance = ", "this is not TOML"),
        (COPY, 'name_rule = "health_claims"', 'name_rule = "health"', "'health.name_rule' must be one of"),
        (COPY, 'label = "남과 견주는 말"', "", "'comparison.label' must be a string"),
        (REPLY, 'patterns = ["time", "day"]', 'patterns = ["soon"]', "'deadline.patterns' names 'soon'"),
        (REPLY, "[anger]", "[anger]\ncolour = 1", "'anger.colour' is not known here"),
        (REPLY, "[fact]", "[fact", "this is not TOML"),
        (COIN, '<circle cx="170"', '<circle onclick="x" cx="170"', "the attribute 'onclick'"),
        (COIN, 'fill="var(--art-coin)"', 'fill="red"', "'fill' must be an art token"),
        (COIN, 'fill="var(--art-coin)"', 'style="fill:red"', "the attribute 'style'"),
        (COIN, "<text", "<script/><text", "<script> may not stand here"),
        (COIN, "<text", '<a href="https://example.com"/><text', "<a> may not stand here"),
        (COIN, '<circle cx="170"', '<circle href="#a" cx="170"', "the attribute 'href'"),
        (COIN, ' viewBox="0 0 340 120"', "", "the drawing needs a viewBox"),
        (COIN, ' viewBox="0 0 340 120"', ' viewBox="0 0 340 120" width="9"', "the attribute 'width'"),
        (COIN, "</svg>", "", "this is not SVG"),
        (COIN, "<svg xmlns", '<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns', "no document type"),
        (FACTS, "as_of = 2026-01-05", 'as_of = "gestern"', "'fee.as_of' must be a date"),
        (FACTS, "verified = true", "", "'fee.verified' must be true or false"),
        (FACTS, 'number = "2"', 'number = "zwei"', "'number' must be a decimal"),
        (FACTS, "https://example.com/fees", "javascript:1", "'source_url' must begin with https://"),
        (FACTS, "check_at", "checked_at", "'fee.checked_at' is not known here"),
        (COURSE, '"second"]', '"second", "third"]', "there is no lesson 'third'"),
        (COURSE, ', "second"]', "]", "the lesson 'second' has a folder, but is not in 'lessons'"),
        (COURSE, '"second"]', '"second", "first"]', "the lesson 'first' comes twice"),
        (COURSE, 'summary = "', 'level = 3\nsummary = "', "'level' is not known here"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_file_line_and_sentence(
    content: Path, name: str, old: str, new: str, sentence: str
) -> None:
    spoil(content, name, old, new)

    lines = [line for line in refusal(content).splitlines() if sentence in line]

    assert len(lines) == 1
    path, line, _ = lines[0].split(":", 2)
    assert path == f"content/{name}"
    assert 1 <= int(line) <= (content / name).read_text(encoding="utf-8").count("\n") + 1


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        (FIRST, "[[fact:shop.fee]]", "[[fact:shop.rent]]"),
        (FIRST, "minutes = 5", "minutes = 500"),
        (FIRST, "## 골라 봐요 {#practice-pick}", "## 골라 봐요 {#Pick_1}"),
        (PRACTICE, 'fee = "fact:shop.fee"', 'fee = "fact:no"'),
        (PRACTICE, 'because = "날씨는 나중에 봐도 돼요."', "because = 3"),
        (COIN, 'fill="var(--art-coin)"', 'fill="red"'),
        (FACTS, "verified = false", "verified = 0"),
        (COPY, 'name_rule = "health_claims"', 'name_rule = "health"'),
        (REPLY, 'patterns = ["time", "day"]', 'patterns = ["soon"]'),
        (COURSE, '"second"]', '"second", "third"]'),
    ],
)
def test_the_line_is_the_line_of_the_mistake(content: Path, name: str, old: str, new: str) -> None:
    line = spoil(content, name, old, new)

    assert f"content/{name}:{line}: " in refusal(content)


def test_all_mistakes_are_told_at_once(content: Path) -> None:
    spoil(content, FIRST, "minutes = 5", "minutes = 1")
    spoil(content, FIRST, "[[fact:shop.fee]]", "[[fact:shop.rent]]")
    spoil(content, COURSE, 'title = "작은 과정"', "")

    assert len(refusal(content).splitlines()) == 3


def test_a_listing_whose_reference_fails_is_refused(content: Path) -> None:
    name = "lessons/small/second/practice.toml"
    line = spoil(content, name, 'price = "12000"', 'price = "1"')

    assert f"content/{name}:{line}: bad practice 'practice-listing': 'reference.price'" in refusal(content)


def test_a_missing_file_is_named(content: Path) -> None:
    (content / "listing_rules/practice-store.toml").unlink()

    assert "practice-store.toml:1: there is no such file" in refusal(content)


@pytest.mark.parametrize("name", ["notices.toml", "pictures.toml", "pictures/jar-plain.svg"])
def test_a_missing_file_of_the_practice_store_is_named(content: Path, name: str) -> None:
    (content / "listing_rules" / name).unlink()

    assert f"content/listing_rules/{name}:1: there is no such file" in refusal(content)


@pytest.mark.parametrize(
    ("name", "old", "new", "sentence"),
    [
        (
            "notices.toml",
            'kind = "phone"',
            'kind = "telephone"',
            "'processed-food.fields[9].kind' must be one",
        ),
        (
            "notices.toml",
            "checked_on = 2026-11-21",
            "checked_on = 2026",
            "'processed-food.checked_on' must be",
        ),
        ("pictures.toml", 'use = "more"', 'use = "both"', "'jar.pictures[2].use' must be one of main, more"),
        ("pictures/cup-wide.svg", 'fill="var(--art-soft)"', 'fill="red"', "'fill' must be an art token"),
        ("practice-store.toml", "days = 7", "days = -7", "'return_days.days' must be a whole number"),
    ],
)
def test_a_mistake_in_the_practice_store_is_told_with_its_line(
    content: Path, name: str, old: str, new: str, sentence: str
) -> None:
    line = spoil(content, f"listing_rules/{name}", old, new)

    assert f"content/listing_rules/{name}:{line}: {sentence}" in refusal(content)


def test_a_long_sentence_is_advice_and_refuses_nothing(content: Path) -> None:
    line = spoil(content, FIRST, "하나를 골라 봐요.", "하나를 " + "아주 " * 30 + "잘 골라 봐요.")

    advice = catalogue.load(content).advice

    assert [(each.path, each.line) for each in advice] == [(f"content/{FIRST}", line)]


def test_our_own_content_passes() -> None:
    found = catalogue.load(ROOT / "content")

    assert len(found.course("first-sale").lessons) == 6


def test_our_drawings_use_colours_the_style_sheet_knows() -> None:
    style = (ROOT / "portal/static/portal.css").read_text(encoding="utf-8")
    steps = [
        place.step.html for course in catalogue.load(ROOT / "content").courses for place in course.places
    ]
    store = [path.read_text("utf-8") for path in (ROOT / "content/listing_rules/pictures").glob("*.svg")]
    unknown = {
        token
        for drawn in (*steps, *store)
        for token in re.findall(r"var\((--[a-z-]+)\)", drawn)
        if f"{token}:" not in style
    }

    assert not unknown
