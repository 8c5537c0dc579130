"""Reading content/messages.toml: every mistake is told with its line, and none of them starts the portal."""

from pathlib import Path
from typing import Any

from flask import Flask

from portal.courses import publishing
from portal.courses.problems import Problems
from portal.courses.toml_file import Keys, TomlFile, read_toml
from portal.messages.texts import DIGEST_WORDS, MESSAGES, MessageText, Texts, advice_on, faults_of
from portal.messages.vocabulary import Kind

FILE = "messages.toml"


def init_app(app: Flask) -> None:
    """Let ``app`` read the texts of its notices whenever it reads the lessons."""
    publishing.add_reader(app, "portal_messages", lambda _app, folder, _taught: load(folder))


def load(content_dir: Path) -> Texts:
    """Read every text. Raises ContentError naming everything that is wrong."""
    problems = Problems(content_dir)
    file = read_toml(content_dir / FILE, problems)
    texts = _read_all(file, problems) if file else {}
    problems.require_none()
    return Texts(texts, problems.advice)


def _read_all(file: TomlFile, problems: Problems) -> dict[str, MessageText]:
    known = {**MESSAGES, **DIGEST_WORDS}
    for name in sorted(known.keys() - file.values.keys()):
        problems.add(file.path, 1, f"the message '{name}' has no text")
    texts = {}
    for name, values in file.values.items():
        if name not in known or not isinstance(values, dict):
            problems.add(file.path, file.line_of(name), f"no notice is called '{name}'")
            continue
        text = _read(name, values, Keys(file, problems, table=name))
        if text is not None:
            texts[name] = text
            _check(text, file, problems)
    return texts


def _read(name: str, values: dict[str, Any], keys: Keys) -> MessageText | None:
    """Return one text, or None after noting that it has no words."""
    is_notice = name in MESSAGES
    keys.allow("text", "version", "sample", *(("kind", "asks") if is_notice else ()))
    sample = values.get("sample", {})
    if not isinstance(sample, dict) or not all(isinstance(each, str) and each for each in sample.values()):
        keys.wrong("sample", "'sample' must give each placeholder a string that is not blank")
        return None
    words, version = keys.text("text"), keys.day("version").isoformat()
    if not words:
        return None
    kind = Kind(keys.one_of("kind", *Kind)) if is_notice else Kind.WORK
    return MessageText(name, words, version, sample, kind, is_notice and keys.flag("asks"))


def _check(text: MessageText, file: TomlFile, problems: Problems) -> None:
    faults = list(faults_of(text))
    for key, sentence in faults:
        problems.add(file.path, file.line_of(f"{text.id}.{key}"), sentence)
    advice = "" if faults else advice_on(text)
    if advice:
        problems.advise(file.path, file.line_of(f"{text.id}.text"), advice)
