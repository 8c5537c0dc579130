"""Finding Korean on a page that speaks another language, where nothing says that it is Korean."""

import re
from html.parser import HTMLParser

HANGUL = re.compile(r"[가-힣ㄱ-ㅎㅏ-ㅣ]")
#: What is read out or shown of an element's attributes.
SAID = {"alt", "aria-label", "title", "placeholder", "content", "label"}
VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.languages: list[tuple[str, str]] = []
        self.found: list[str] = []

    @property
    def language(self) -> str:
        return self.languages[-1][1] if self.languages else ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        language = named.get("lang") or self.language
        if language != "ko":
            self.found += [f"{tag} {key}: {said}" for key, said in attrs if key in SAID and _is_korean(said)]
            if named.get("type") in {"submit", "button"} and _is_korean(named.get("value")):
                self.found.append(f"{tag}: {named['value']}")
        if tag not in VOID:
            self.languages.append((tag, language))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.languages:
            opened, _ = self.languages.pop()
            if opened == tag:
                break

    def handle_data(self, data: str) -> None:
        if self.languages and self.languages[-1][0] == "textarea":
            return  # what somebody typed is in whatever language they typed it
        if self.language != "ko" and _is_korean(data):
            self.found.append(" ".join(data.split()))


def _is_korean(text: str | None) -> bool:
    return bool(text and HANGUL.search(text))


def unmarked_korean(page: str) -> list[str]:
    """Return every piece of Korean outside of what is marked as Korean."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader.found
