"""Every mistake in the diagnosis is told with its line and a sentence."""

from pathlib import Path

import pytest

from portal.core.settings import ROOT
from portal.courses.problems import ContentError, Problems
from portal.diagnosis.questions import load

SMALL = (ROOT / "tests" / "content" / "diagnosis.toml").read_text(encoding="utf-8")
DARK = '  { id = "dark", text = "어두워요", points = 1, sentence = "밝은 곳에서 다시 찍어요." },\n'


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("bar = 3", "bar = 5", "the bar of 'product' must be above 0 and at most 4"),
        ("bar = 3", "bar = 0", "'axes[1].bar' must be from 1"),
        (DARK, "", "a question has three or four answers, not 2"),
        ('sentence = "사진부터 찍어요."', 'sentence = ""', "'questions[1].answers[1].sentence' must be"),
        ('id = "dark"', 'id = "none"', "the id 'none' comes twice"),
        ('id = "price"', 'id = "photo"', "the id 'photo' comes twice"),
        ('axis = "seller"', 'axis = "luck"', "the question 'phone' is on no axis"),
        ('above = ["product"]', 'above = ["seller"]', "one route for above = ['product'], not 0"),
        ('above = ["product"]', 'above = ["luck"]', "one route for above = ['luck'], not 1"),
        ("above = []", "", "'routes[3].above' is missing"),
        ('href = "/mentoring/"', 'href = "https://example.com"', "'href' must be a page of this site"),
        (
            '  { text = "셈해요.", label = "계산기", href = "/calculators/" },\n',
            "",
            "a route has 3 next steps",
        ),
        ("points = 1", "points = 99", "'questions[1].answers[2].points' must be from 0 to 10"),
        ("per_page = 2", "per_page = 0", "'per_page' must be from 1 to 6"),
        ("per_page = 2", "per_page = ", "this is not TOML"),
    ],
)
def test_a_mistake_is_told_with_line_and_sentence(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    path = tmp_path / "content" / "diagnosis.toml"
    path.parent.mkdir()
    assert old in SMALL
    path.write_text(SMALL.replace(old, new, 1), encoding="utf-8")

    with pytest.raises(ContentError) as caught:
        load(path, Problems(path.parent), [])

    told = [line for line in str(caught.value).splitlines() if sentence in line]
    assert len(told) == 1, str(caught.value)
    assert told[0].startswith("content/diagnosis.toml:")


def test_a_long_sentence_is_advised_against(tmp_path: Path) -> None:
    path = tmp_path / "diagnosis.toml"
    path.write_text(SMALL.replace("사진부터 찍어요.", "사진을 " * 30 + "찍어요."), encoding="utf-8")

    (advice,) = load(path, Problems(tmp_path), []).advice

    assert "at most 70 read easily" in advice.sentence


def test_there_is_no_advice_on_the_real_one() -> None:
    content = ROOT / "content"

    assert load(content / "diagnosis.toml", Problems(content), []).advice == ()
