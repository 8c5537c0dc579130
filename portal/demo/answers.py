"""Answers for the demo world: what passes a practice, and what somebody sends who has not got it yet."""

from collections.abc import Iterator
from itertools import pairwise

from portal.demo import photos
from portal.practice.field import Field
from portal.practice.kinds import Practice
from portal.practice.outcome import Answer
from portal.practice.photo import Photo

UNSURE = "아직 잘 모르겠어요."


def right(practice: Practice, seed: str, *, photo: str) -> Answer:
    """Return an answer that passes; where a picture is asked for, it is the one named."""
    return photos.answer(photo) if isinstance(practice, Photo) else practice.reference_answer(seed)


def wrong(practice: Practice, seed: str, *, photo: str) -> Answer | None:
    """Return an answer that can be read and does not pass, or None where none was found."""
    if isinstance(practice, Photo):
        return photos.answer(f"{photo}, dim")
    for answer in _slips(practice, seed):
        outcome = practice.check(answer, seed)
        if not outcome.passed and not outcome.unreadable:
            return answer
    return None


def _slips(practice: Practice, seed: str) -> Iterator[Answer]:
    """Give answers that differ in one thing from the right one, the last thing first."""
    good = practice.reference_answer(seed)
    fields = [field for field in practice.form_fields(seed, good) if good.get(field.name)]
    for later, earlier in pairwise(reversed(fields)):
        if later.options and later.options == earlier.options:
            yield {**good, later.name: good[earlier.name], earlier.name: good[later.name]}
    for field in reversed(fields):
        yield {**good, field.name: _slip(field, good[field.name])}


def _slip(field: Field, value: str) -> str:
    """Return another value: another option, the text the field began with, or twice the amount."""
    others = [option.value for group in field.options for option in group.options if option.value != value]
    if others:
        return others[0]
    return str(int(value) * 2) if value.isascii() and value.isdigit() else field.start or UNSURE
