"""Every mistake in the agendas and the agreement is told with its line and a sentence (M14, M15)."""

import shutil
from pathlib import Path

import pytest

from portal.accounts.vocabulary import Topic
from portal.core.settings import ROOT
from portal.courses.problems import ContentError
from portal.mentoring.guides import load
from portal.mentoring.vocabulary import VisitStep

CONTENT = ROOT / "content"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "content"
    made.mkdir()
    for name in ("agendas.toml", "agreement.toml"):
        shutil.copy(CONTENT / name, made / name)
    return made


def test_m15_every_step_and_every_topic_has_something_ready() -> None:
    guides = load(CONTENT)

    for step in VisitStep:
        for topic in Topic:
            agenda = guides.fitting(step, topic)
            assert agenda.step == step
            assert agenda.questions
            assert agenda.checklist
    titles = {agenda.id for agenda in guides.agendas}
    assert {"first-look", "first-listing", "first-ad", "payout-check"} <= titles
    assert guides.advice == ()


@pytest.mark.parametrize(
    ("name", "old", "new", "sentence"),
    [
        ("agendas.toml", 'id = "look-back"', 'id = "first-look"', "'first-look' is there 2 times"),
        ("agendas.toml", 'step = "follow_up"', 'step = "check"', "the step 'follow_up' has no agenda"),
        ("agendas.toml", 'step = "check"', 'step = "exam"', "must be one of diagnose"),
        ("agendas.toml", 'topics = ["phone"]', 'topics = ["fax"]', "'fax' is no topic"),
        ("agendas.toml", 'title = "함께 돌아보기"', 'tilte = "함께"', "tilte' is not known here"),
        ("agreement.toml", "version = 2026-11-22", 'version = "new"', "must be a date"),
        (
            "agreement.toml",
            "\n[[texts]]\n",
            '\n[[texts]]\nversion = 2026-11-22\npromises = ["하나."]\n[[texts]]\n',
            "2 times",
        ),
        ("agreement.toml", "promises = [", "promises = 3 #", "this is not TOML"),
    ],
)
def test_a_mistake_is_told(folder: Path, name: str, old: str, new: str, sentence: str) -> None:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")

    with pytest.raises(ContentError) as caught:
        load(folder)

    assert sentence in str(caught.value)


def test_a_seventh_question_is_refused(folder: Path) -> None:
    path = folder / "agendas.toml"
    many = "".join(f'  "물음 {number}번이에요?",\n' for number in range(4))
    text = path.read_text(encoding="utf-8").replace("questions = [\n", f"questions = [\n{many}", 1)
    path.write_text(text, encoding="utf-8")

    with pytest.raises(ContentError, match="two people get through 6"):
        load(folder)
