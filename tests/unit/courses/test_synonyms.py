from pathlib import Path

from portal.courses.problems import ContentError, Problems
from portal.courses.synonyms import read_synonyms

ROOT = Path(__file__).resolve().parents[3]


def told(folder: Path, text: str) -> list[str]:
    path = folder / "synonyms.toml"
    path.write_text('ignored = []\nunlike = []\n[[near]]\nwords = ["a", "b"]\n' + text, encoding="utf-8")
    problems = Problems(folder)
    read_synonyms(path, problems)
    try:
        problems.require_none()
    except ContentError as error:
        return [str(each) for each in error.problems]
    return []


def test_the_real_synonyms_pass_and_ignore_spaces_and_case() -> None:
    problems = Problems(ROOT / "content")

    synonyms = read_synonyms(ROOT / "content" / "synonyms.toml", problems)

    problems.require_none()
    assert synonyms.same[0][:2] == ("스마트스토어", "스스")
    assert "알려주세요" in synonyms.ignored


def test_wrong_groups_are_told_with_their_line(tmp_path: Path) -> None:
    assert told(tmp_path, '[[same]]\nwords = ["정산", "입금"]\n') == []
    twice = told(tmp_path, '[[same]]\nwords = ["정 산", "입금"]\n[[same]]\nwords = ["정산", "돈"]\n')
    assert len(twice) == 1
    assert ":8: '정산' stands in two groups of 'same'" in twice[0]
    assert "stands alone" in told(tmp_path, '[[same]]\nwords = ["정산"]\n')[0]
    assert "must hold letters" in told(tmp_path, '[[same]]\nwords = ["정산", "…"]\n')[0]
