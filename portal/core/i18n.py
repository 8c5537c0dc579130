"""The language a person reads, and our sentences in it. Korean is the source, and the name of every message.

Nothing here knows the web or the database, so that rules and practices can speak without knowing either.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path

from babel.messages.pofile import read_po

KOREAN, ENGLISH = "ko", "en"
LANGUAGES = {KOREAN: "한국어", ENGLISH: "English"}
"""Each by its own name."""
FOLDER = Path(__file__).resolve().parents[1] / "translations"

_language: ContextVar[str] = ContextVar("language", default=KOREAN)


def language() -> str:
    """Return the language of whoever reads what is made now."""
    return _language.get()


def speak(language: str) -> str:
    """Speak this language from now on, Korean for one that is not ours; return nothing, for templates."""
    _language.set(language if language in LANGUAGES else KOREAN)
    return ""


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak this language inside the block."""
    token = _language.set(language)
    try:
        yield
    finally:
        _language.reset(token)


def gettext(message: str, /, **values: object) -> str:
    """Return a sentence of ours in the language spoken, with ``values`` at its ``%(names)s``; % is %%."""
    return translated(message) % values


def noted(message: str) -> str:
    """Return the sentence as it is: marked here for the translation, said in a language later."""
    return message


def translated(message: str) -> str:
    """Return a sentence that was `noted`, or anything else as it is, in the language spoken."""
    return message if language() == KOREAN else catalog(language()).get(message, message)


@lru_cache
def catalog(language: str) -> Mapping[str, str]:
    """Return every sentence of a language by its Korean; what is not translated yet is left out."""
    with (FOLDER / f"{language}.po").open("rb") as file:
        messages = read_po(file, locale=language, abort_invalid=True)
    return {str(each.id): str(each.string) for each in messages if each.id and each.string}
