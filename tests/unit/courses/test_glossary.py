"""Which words a step explains for the learner, and how the glossary is ordered."""

from pathlib import Path

import pytest

from portal.core.settings import ROOT
from portal.courses.glossary import MOST_IN_A_STEP, Word, by_initial, read_words, words_in
from portal.courses.problems import ContentError, Problems


def word(spelling: str, *also: str) -> Word:
    return Word(spelling, spelling, also, "뜻이에요.", "meaning", "", 1)


WORDS = (word("정산"), word("수수료"), word("반품", "돌려보내기"), word("MD"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("정산이 늦어요.", ["정산"]),
        ("수수료를 빼고 정산해요.", ["수수료", "정산"]),
        ("재정산을 해요.", []),
        ("돌려보내기가 쉬워요.", ["반품"]),
        ("**정산**은 돈을 보내 주는 일이에요.", []),
        ('??? "낱말 풀이"\n    정산\n    :   돈을 보내 주는 일이에요.\n\n정산을 봐요.', []),
        ("MD에게 물어봐요.", ["MD"]),
    ],
)
def test_a_step_explains_the_words_it_uses_and_does_not_explain_itself(text: str, found: list[str]) -> None:
    assert [each.word for each in words_in(text, WORDS)] == found


def test_a_step_with_many_words_explains_the_first_few() -> None:
    many = tuple(word(f"{letter}낱말") for letter in "가나다라마바사아")
    assert words_in(" ".join(each.word for each in many), many) == many[:MOST_IN_A_STEP]


def test_the_glossary_stands_under_single_consonants_and_latin_words_last() -> None:
    words = (word("까닭"), word("가게"), word("MD"), word("쌀"), word("상품"))
    groups = [(initial, [each.word for each in group]) for initial, group in by_initial(words)]

    assert groups == [("ㄱ", ["까닭", "가게"]), ("ㅅ", ["쌀", "상품"]), ("A–Z", ["MD"])]


def test_the_real_glossary_passes_and_a_word_explained_twice_does_not(tmp_path: Path) -> None:
    problems = Problems(ROOT / "content")
    assert len(read_words(ROOT / "content" / "glossary.toml", problems)) >= 50
    problems.require_none()

    path = tmp_path / "glossary.toml"
    entry = 'word = "정산"\nmeaning = "뜻이에요."\nenglish = "settlement"\n'
    path.write_text(f"[one]\n{entry}\n[two]\n{entry}", encoding="utf-8")
    read_words(path, problems)
    with pytest.raises(ContentError, match=r"glossary\.toml:6: '정산' is explained twice"):
        problems.require_none()
