"""The texts people agree to. Each carries its version; a consent names the one that was on the page."""

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from portal.accounts.models import ConsentKind
from portal.core.i18n import ENGLISH, language
from portal.core.markdown import render_lesson


@dataclass(frozen=True)
class ConsentText:
    """One text in its current version, e.g. ``2026-11-21``."""

    kind: ConsentKind
    version: str
    title: str
    summary: str
    html: str
    #: Title and summary in English; what people agree to is the Korean text.
    english_title: str
    english_summary: str

    @property
    def said_title(self) -> str:
        """Return the title in the language spoken."""
        return self.english_title if language() == ENGLISH else self.title

    @property
    def said_summary(self) -> str:
        """Return the summary in the language spoken."""
        return self.english_summary if language() == ENGLISH else self.summary


@lru_cache(maxsize=4)
def read_texts(folder: Path) -> dict[ConsentKind, ConsentText]:
    """Return the texts in ``folder``, one file for each kind. Raises OSError, KeyError or TOMLDecodeError."""
    return {kind: _read(folder / f"{kind.value}.md", kind) for kind in ConsentKind}


def _read(path: Path, kind: ConsentKind) -> ConsentText:
    _, front, body = path.read_text(encoding="utf-8").split("+++\n", 2)
    front_matter = tomllib.loads(front)
    return ConsentText(
        kind=kind,
        version=front_matter["version"],
        title=front_matter["title"],
        summary=front_matter["summary"],
        html=render_lesson(body),
        english_title=front_matter["english_title"],
        english_summary=front_matter["english_summary"],
    )
