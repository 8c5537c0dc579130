"""Every mistake in content/messages.toml is told with its line; what is written there fits a telephone."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from portal.core import sms
from portal.core.settings import ROOT
from portal.courses import message_file
from portal.courses.problems import ContentError
from portal.messages.texts import SENDER, MessageText, Texts, faults_of

FILE = ROOT / "content" / "messages.toml"
ANSWER = "‘{title}’ 질문에 {author:이/가} 답했어요."


@pytest.fixture(scope="module")
def texts() -> Texts:
    return message_file.load(ROOT / "content")


@pytest.fixture
def content(tmp_path: Path) -> Path:
    folder = tmp_path / "content"
    folder.mkdir()
    shutil.copy(FILE, folder)
    return folder


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (ANSWER, "‘{title}’ 질문에 {author}이 답했어요.", "'이' is glued to a placeholder"),
        (ANSWER, "‘{title}’ 질문에 {author}가 답했어요.", "'가' is glued to a placeholder"),
        (ANSWER, "‘{title}’ 질문에 {author:이/가} 답했다.", "ends politely"),
        (ANSWER, "‘{title}’ 질문: {author}", "ends politely"),
        (ANSWER, "‘{title}’에 {writer:이/가} 답했어요.", "nothing fills '{writer}' in"),
        (ANSWER, "‘{title}’ 질문에 멘토님이 답했어요.", "the sample 'author' has no placeholder"),
        (ANSWER, "‘{title}’에 {author:이/이} 답했어요.", "'이/이' is no pair of particles"),
        (ANSWER, "‘{title.x}’에 {author:이/가} 답했어요.", "'{title.x}' is no placeholder"),
        (ANSWER, "‘{title}’에 {author답했어요.", "expected '}'"),
        (ANSWER, "하나예요. 둘이에요. ‘{title}’에 {author:이/가} 답했어요.", "not 3"),
        (ANSWER, f"‘{{title}}’ {'아주 ' * 25}{{author:이/가}} 답했어요.", "70 read easily"),
        (ANSWER, "‘{title}’ 🙂 {author:이/가} 답했어요.", "telephones have no 🙂"),
        (', author = "박정호 멘토님"', "", "has no sample"),
        ('author = "박정호 멘토님"', 'author = ""', "a string that is not blank"),
        ("version = 2026-11-22", 'version = "today"', "must be a date"),
        ('kind = "answers"', 'kind = "gossip"', "must be one of answers"),
        ("asks = false", "", "'answer.asks' must be true or false"),
        ("asks = false", "asks = false\ntitle = 3", "'answer.title' is not known here"),
        ("[answer]", "[anser]", "no notice is called 'anser'"),
        ("[answer]", "[anser]", "the message 'answer' has no text"),
        ("[answer]", "[answer", "this is not TOML"),
    ],
)
def test_a_mistake_is_told_with_file_and_line(content: Path, old: str, new: str, sentence: str) -> None:
    path = content / "messages.toml"
    text = path.read_text(encoding="utf-8")
    at = text[: text.index(old)].count("\n") + 1
    path.write_text(text.replace(old, new, 1), encoding="utf-8")

    with pytest.raises(ContentError) as caught:
        message_file.load(content)

    told = [line for line in str(caught.value).splitlines() if sentence in line]
    assert told, str(caught.value)
    line = int(told[0].split(":")[1])
    assert line == 1 if "has no text" in sentence else abs(line - at) <= 5


def test_every_sentence_fits_a_text_message(texts: Texts) -> None:
    for text in texts.texts.values():
        message = sms.write(f"{SENDER} {text.fill(text.sample)}", subject=text.id)
        assert message.text == f"{SENDER} {text.fill(text.sample)}"
        assert not text.asks or message.form is sms.SmsForm.SHORT, text.id


def test_a_value_stays_on_one_line_and_is_never_read_as_a_placeholder(texts: Texts) -> None:
    filled = texts.get("answer").fill({"title": "{author}\r\nBcc: x@y\0", "author": "김철수"})

    assert filled == "‘{author} Bcc: x@y’ 질문에 김철수가 답했어요."


def test_an_invariant_word_may_follow_a_placeholder(texts: Texts) -> None:
    text: MessageText = replace(texts.get("question-asked"), text="‘{title}’에 {by}까지 답해 주세요.")

    assert list(faults_of(text)) == []
