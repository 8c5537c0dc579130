"""Giving a practice other words: what is asked and said in another language, held against the first.

Nothing that a check looks at comes from a translation, so an answer is right in every language or in none.
"""

from portal.practice.outcome import BadPractice
from portal.practice.table import Table

Words = tuple[str, ...]


def hints(first: Words, words: Table) -> Words:
    """Return the hints; raises BadPractice unless there are as many as in the first language."""
    return as_many(first, words, "hints")


def as_many(first: Words, words: Table, key: str) -> Words:
    """Return a list of strings; raises BadPractice unless it is as long as the first one."""
    texts = words.texts(key)
    if len(texts) != len(first):
        raise BadPractice(f"'{words.at(key)}' holds {len(texts)}, the Korean file {len(first)}")
    return texts


def rows(words: Table, key: str, count: int, *keys: str) -> tuple[Table, ...]:
    """Return as many tables as the first language has, with these keys; raises BadPractice."""
    tables = words.tables(key)
    if len(tables) != count:
        raise BadPractice(f"'{words.at(key)}' holds {len(tables)} tables, the Korean file {count}")
    for each in tables:
        each.allow(*keys)
    return tables


def named_rows(words: Table, key: str, ids: Words, *keys: str) -> tuple[Table, ...]:
    """Return the tables with these ids, in their order; raises BadPractice."""
    tables = rows(words, key, len(ids), "id", *keys)
    for each, wanted in zip(tables, ids, strict=True):
        if each.text("id") != wanted:
            raise BadPractice(f"'{each.at('id')}' must be {wanted!r}, as in the Korean file")
    return tables
