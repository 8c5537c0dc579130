"""Texts people agree to: a file with a version, so that a consent can name what was on the page."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from portal.core.i18n import ENGLISH, language
from portal.core.markdown import render_lesson


@dataclass(frozen=True)
class DatedText:
    """One text in its current version, e.g. ``2026-11-21``."""

    version: str
    title: str
    summary: str
    html: str
    #: Title and summary in English, where there are any; what people agree to is the Korean text.
    english_title: str = ""
    english_summary: str = ""

    @property
    def said_title(self) -> str:
        """Return the title in the language spoken."""
        return (self.english_title if language() == ENGLISH else "") or self.title

    @property
    def said_summary(self) -> str:
        """Return the summary in the language spoken."""
        return (self.english_summary if language() == ENGLISH else "") or self.summary


def read_dated_text(path: Path) -> DatedText:
    """Return the text of a file with a TOML head. Raises OSError, KeyError or TOMLDecodeError."""
    _, front, body = path.read_text(encoding="utf-8").split("+++\n", 2)
    head = tomllib.loads(front)
    return DatedText(
        version=head["version"],
        title=head["title"],
        summary=head["summary"],
        html=render_lesson(body),
        english_title=head.get("english_title", ""),
        english_summary=head.get("english_summary", ""),
    )
