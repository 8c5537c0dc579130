"""English beside the Korean files: what fits is taught, what does not is told with file and line."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from portal.core.i18n import ENGLISH, speaking
from portal.core.settings import ROOT
from portal.courses import catalogue
from portal.courses.english import hash_of
from portal.courses.lesson_file import Lesson
from portal.courses.problems import ContentError
from portal.practice.number import Number

LESSON = "lessons/small/first/lesson.en.md"
PRACTICE = "lessons/small/first/practice.en.toml"
COURSE = "lessons/small/course.en.toml"
GROUPS = "lessons/courses.en.toml"
FACTS = "facts/shop.en.toml"
KOREAN = {LESSON: "lesson.md", PRACTICE: "practice.toml", COURSE: "course.toml"}
FILES: Mapping[str, str] = {
    GROUPS: 'groups = ["To try"]\n',
    COURSE: 'of = "OF"\ntitle = "A small course"\nsummary = "Read and try."\nfor_whom = "Whoever tests"\n',
    FACTS: """[fee]
of = "2%"
label = "Fee of an order"
value = "2%"
check_at = "the place > 정산"

[days]
of = "3일 뒤"
label = "When the money comes"
value = "3 days later"
check_at = "the place"
""",
    LESSON: """+++
of = "OF"
title = "Read and work it out"
lead = "Read a little, then try."
goals = ["You can work out the fee"]
+++

## Learn about the fee {#fee}

The fee, 수수료 in Korean, is [[fact:shop.fee]]. The money comes [[fact:shop.days]].

![A drawing of a coin](images/coin.svg)

!!! remember
    Every place has its own fee.

!!! good "A good example"
    She looked first.

!!! bad "A poor example"
    She looked later.

??? "Words"
    수수료
    :   What a place takes.

| Goods | Price |
| --- | --- |
| 김치 | 12,000 won |

Go to the [next lesson](/courses/small/second/?step=look), or read [the law](https://example.com/law).

## Choose {#practice-pick}

Choose one.

## Work it out {#practice-sum}

Work out the fee.
""",
    PRACTICE: """of = "OF"

[practice-pick]
question = "What do you look at first?"
hints = ["It has to do with money.", "It is what the place takes."]

[[practice-pick.options]]
id = "fee"
text = "The fee"
because = "That is right. First the fee."

[[practice-pick.options]]
id = "weather"
text = "The weather"
because = "You can look at the weather later."

[practice-sum]
question = "The goods cost {goods} won. How much comes to your bank account?"
unit = "won"
hints = ["Take off the fee."]

[[practice-sum.lines]]
id = "taken"
text = "The fee"

[[practice-sum.lines]]
id = "payout"
text = "What comes to your account"
""",
}


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """Return the small course with its first lesson in English, for a test to spoil."""
    folder = tmp_path / "content"
    shutil.copytree(ROOT / "tests" / "content", folder)
    shutil.copytree(ROOT / "content" / "listing_rules", folder / "listing_rules")
    for rules in (ROOT / "content").glob("*_rules.toml"):
        shutil.copy(rules, folder)
    for name, text in FILES.items():
        of = hash_of((folder / name).with_name(KOREAN[name])) if name in KOREAN else ""
        (folder / name).write_text(text.replace("OF", of), encoding="utf-8")
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


def first_lesson(content: Path) -> tuple[Lesson, str]:
    """Return the first lesson as English readers get it, and all advice."""
    taught = catalogue.load(content)
    return taught.in_english.course("small").lessons[0], "\n".join(map(str, taught.advice))


def test_a_translated_lesson_is_english_and_keeps_ids_hashes_and_what_is_right(content: Path) -> None:
    taught = catalogue.load(content)
    korean, english = taught.course("small"), taught.in_english.course("small")
    (group,) = taught.in_english.groups

    assert (group.title, english.title, korean.title) == ("To try", "A small course", "작은 과정")
    assert english.version == korean.version
    assert [place.key for place in english.places] == [place.key for place in korean.places]
    assert [place.step.content_hash for place in english.places] == [
        place.step.content_hash for place in korean.places
    ]
    assert [lesson.language for lesson in english.lessons] == ["en", "ko"]
    assert english.lessons[0].minutes == korean.lessons[0].minutes == 5


def test_what_is_korean_in_an_english_step_is_marked(content: Path) -> None:
    lesson, _ = first_lesson(content)
    html = lesson.steps[0].html

    assert 'The fee, <span lang="ko">수수료</span> in Korean, is <span class="fact">2%</span>.' in html
    assert '<td><span lang="ko">김치</span></td>' in html
    assert "<strong>Please remember.</strong> Every place has its own fee." in html


def test_a_sum_in_english_draws_the_same_numbers_and_counts_in_won(content: Path) -> None:
    taught = catalogue.load(content)
    korean = taught.place("small", "first", "practice-sum").step.practice
    english = taught.in_english.place("small", "first", "practice-sum").step.practice
    assert isinstance(korean, Number)
    assert isinstance(english, Number)

    answer = korean.reference_answer("ann/1")
    with speaking(ENGLISH):
        asked, outcome = english.ask("ann/1"), english.check(answer, "ann/1")
        lines = english.solution("ann/1")
        typed = english.check({"amount": f"{answer['amount']} won"}, "ann/1")

    assert asked.startswith("The goods cost ")
    assert english.reference_answer("ann/1") == answer
    assert outcome.passed
    assert typed.passed
    assert outcome.remarks[0].sentence == f"That is right! It is {int(answer['amount']):,} won."
    assert lines[-1].shown.endswith(f" = {int(answer['amount']):,} won")
    assert "원" not in "".join(line.shown for line in lines)


@pytest.mark.parametrize(
    ("name", "old", "new", "sentence"),
    [
        (LESSON, 'title = "Read and work it out"\n', "", "'title' must be a string that is not blank"),
        (LESSON, 'of = "', 'off = "', "'off' is not known here"),
        (LESSON, "lead =", "minutes = 5\nlead =", "'minutes' is not known here"),
        (LESSON, 'title = "Read', 'title = "읽기 Read', "no Korean may stand here"),
        (LESSON, 'goals = ["You', 'goals = ["One", "You', "'goals' holds 2, the Korean file 1"),
        (LESSON, "{#practice-pick}", "{#practice-choose}", "the Korean lesson has no step 'practice-choose'"),
        (LESSON, "{#practice-pick}", "{#more}", "the step 'practice-pick' of the Korean lesson is missing"),
        (LESSON, "## Choose", "## 골라요 Choose", "no Korean may stand here"),
        (LESSON, "![A drawing of a coin]", "![동전 A coin]", "no Korean may stand here"),
        (LESSON, "![A drawing of a coin]", "![]", "the picture has no alternative text"),
        (LESSON, "![A drawing of a coin](images/coin.svg)", "", "pictures, videos and blocks of this step"),
        (LESSON, '!!! good "A good', '!!! good "좋은 A good', "no Korean may stand here"),
        (LESSON, "!!! remember", "!!! easy", "the pictures, videos and blocks of this step are in Korean"),
        (LESSON, " The money comes [[fact:shop.days]].", "", "one language only: shop.days"),
        (LESSON, "[[fact:shop.days]]", "[[fact:shop.rent]]", "the fact 'shop.rent' is not in content/facts"),
        (LESSON, "Choose one.", "<b>Choose</b> one.", "raw HTML may not stand in a lesson"),
        (LESSON, "?step=look", "?step=none", "there is no page at"),
        (FACTS, "[days]", "[weeks]", "there is no fact 'weeks' in Korean"),
        (FACTS, 'value = "3 days later"\n', "", "'days.value' must be a string"),
        (PRACTICE, "[practice-sum]", "[practice-total]", "'practice-total' is not known here"),
        (PRACTICE, 'id = "weather"', 'id = "rain"', "must be 'weather', as in the Korean file"),
        (
            PRACTICE,
            'text = "The fee"\nbecause',
            'right = true\ntext = "The fee"\nbecause',
            "'options[1].right'",
        ),
        (PRACTICE, '"It has to do with money.", ', "", "'hints' holds 1, the Korean file 2"),
        (PRACTICE, "{goods}", "{price}", "'question' must show each draw as {name}"),
        (PRACTICE, 'unit = "won"\n', "", "'unit' must be a string"),
        (COURSE, "summary =", "lessons = []\nsummary =", "'lessons' is not known here"),
        (COURSE, '"A small', '"작은 A small', "no Korean may stand here"),
        (GROUPS, '"To try"', '"To try", "More"', "'groups' holds 2 titles, courses.toml 1"),
    ],
)
def test_english_that_does_not_fit_is_refused_with_its_file(
    content: Path, name: str, old: str, new: str, sentence: str
) -> None:
    line = spoil(content, name, old, new)
    said = refusal(content)

    assert sentence in said
    assert any(f"content/{name}:{near}:" in said for near in range(1, line + 8)) or "there is no" in sentence


@pytest.mark.parametrize(
    ("name", "gone", "sentence"),
    [
        (LESSON, LESSON, "words of practice need a lesson.en.md beside them"),
        (PRACTICE, PRACTICE, "there is no such file"),
        (LESSON, COURSE, "a lesson in English needs a course.en.toml above it"),
        (LESSON, FACTS, "the fact 'shop.fee' has no English: [fee] in content/facts/shop.en.toml"),
    ],
)
def test_a_missing_file_is_told(content: Path, name: str, gone: str, sentence: str) -> None:
    (content / gone).unlink()

    assert sentence in refusal(content)


@pytest.mark.parametrize(
    ("korean", "old", "new", "english"),
    [
        ("lesson.md", "수수료는 판매처마다", "수수료는 가게마다", LESSON),
        ("practice.toml", "날씨는 나중에", "날씨는 다음에", PRACTICE),
    ],
)
def test_a_lesson_whose_korean_changed_is_taught_behind_and_advised_about(
    content: Path, korean: str, old: str, new: str, english: str
) -> None:
    spoil(content, f"lessons/small/first/{korean}", old, new)
    lesson, advice = first_lesson(content)

    assert (lesson.language, lesson.is_behind) == ("en", True)
    assert f"{english}:" in advice
    now = hash_of(content / "lessons/small/first" / korean)
    assert f'{korean} changed since; read this against it, then write of = "{now}"' in advice


def test_the_day_a_lesson_was_checked_leaves_its_english_as_new_as_it_was(content: Path) -> None:
    spoil(content, "lessons/small/first/lesson.md", "checked_on = 2026-11-21", "checked_on = 2026-12-01")
    lesson, advice = first_lesson(content)

    assert not lesson.is_behind
    assert "changed since" not in advice


def test_korean_that_changed_its_shape_leaves_the_english_out_and_starts_all_the_same(content: Path) -> None:
    spoil(
        content,
        "lessons/small/first/lesson.md",
        "## 계산해 봐요",
        "## 더 읽어요 {#more}\n\n글.\n\n## 계산해 봐요",
    )
    lesson, advice = first_lesson(content)

    assert lesson.language == "ko"
    assert "the step 'more' of the Korean lesson is missing" in advice


def test_a_fact_whose_value_changed_is_shown_in_korean(content: Path) -> None:
    spoil(content, "facts/shop.toml", '"3일 뒤"', '"5일 뒤"')
    lesson, advice = first_lesson(content)

    assert '<span class="fact"><span lang="ko">5일 뒤</span></span>' in lesson.steps[0].html
    assert "facts/shop.en.toml:8: the Korean value is '5일 뒤' now" in advice


def test_a_long_english_sentence_is_advised_about_in_words(content: Path) -> None:
    line = spoil(content, LESSON, "Choose one.", f"Choose {'one thing and ' * 9}one.")
    _, advice = first_lesson(content)

    assert f"{LESSON}:{line}: a sentence of 29 words; at most 25 read easily" in advice


def test_the_hash_is_the_one_the_guide_works_out(content: Path) -> None:
    guide = (ROOT / "docs" / "lessons.md").read_text(encoding="utf-8")
    command = "grep -v '^checked_on' lesson.md | sha256sum | cut -c1-12"
    shell = shutil.which("bash")
    assert command in guide
    assert shell

    folder = content / "lessons/small/first"
    done = subprocess.run([shell, "-c", command], cwd=folder, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == hash_of(folder / "lesson.md")
