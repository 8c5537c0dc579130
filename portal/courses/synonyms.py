"""Other words for the same thing, as trainers write them down for the search."""

from pathlib import Path

from portal.core.search_words import Synonyms, squeeze
from portal.courses.problems import Problems
from portal.courses.toml_file import Keys, read_toml


def read_synonyms(path: Path, problems: Problems) -> Synonyms:
    """Read synonyms.toml; no word may stand in two groups of the same kind."""
    file = read_toml(path, problems)
    if file is None:
        return Synonyms()
    keys = Keys(file, problems)
    keys.allow("ignored", "unlike", "same", "near")
    groups = {kind: _read_groups(keys, kind, path, problems) for kind in ("same", "near")}
    ignored = frozenset(map(squeeze, keys.words("ignored")))
    return Synonyms(groups["same"], groups["near"], ignored, tuple(map(squeeze, keys.words("unlike"))))


def _read_groups(keys: Keys, kind: str, path: Path, problems: Problems) -> tuple[tuple[str, ...], ...]:
    groups, seen = [], set()
    for table in keys.tables(kind):
        table.allow("words")
        words = table.texts("words")
        groups.append(words)
        if len(words) == 1:
            table.wrong("words", f"'{words[0]}' stands alone: a group has at least two words")
        for word in dict.fromkeys(map(squeeze, words)):
            if not word:
                table.wrong("words", "a word must hold letters or digits")
            elif word in seen:
                problems.add(path, table.line_of("words"), f"'{word}' stands in two groups of '{kind}'")
            seen.add(word)
    return tuple(groups)
