"""Which of the given pictures stands first, which beside it, and which not at all."""

from collections.abc import Iterator
from functools import partial

from portal.practice import typed
from portal.practice.field import Field, Group, Option
from portal.practice.outcome import AnswerError
from portal.practice.store.page import Block, Checks, Page, Section
from portal.practice.store_pictures import Picture

_USES = {"main": "대표이미지로 써요", "more": "추가이미지로 써요", "none": "쓰지 않아요"}


def _given(page: Page) -> tuple[Picture, ...]:
    return page.rules.pictures.get(page.story.pictures, ())


def _named(page: Page) -> Iterator[tuple[str, Picture]]:
    for number, picture in enumerate(_given(page), start=1):
        yield f"picture_{number}", picture


def main_picture(page: Page) -> Picture | None:
    """Return the picture that was chosen to stand first; None while none or several are."""
    chosen = [picture for name, picture in _named(page) if page.text(name) == "main"]
    return chosen[0] if len(chosen) == 1 else None


def _form_fields(page: Page) -> tuple[Field, ...]:
    uses = Group("", tuple(Option(value, text) for value, text in _USES.items()))
    return tuple(
        Field(
            name,
            f"사진 {number}",
            picture.description,
            "select",
            options=(uses,),
            picture=picture.drawing,
        )
        for number, (name, picture) in enumerate(_named(page), start=1)
    )


def _checks(page: Page) -> Checks:
    return {name: partial(_check, page, name, picture) for name, picture in _named(page)}


def _show(page: Page) -> tuple[Block, ...]:
    return ()  # the head of the finished page shows the first picture


def _check(page: Page, name: str, picture: Picture) -> str:
    use = typed.text(page.answer, name)
    if use not in _USES:
        raise AnswerError("이 사진을 어디에 쓸지 골라 주세요.")
    if use != picture.use:
        raise AnswerError(picture.because)
    return picture.praise


SECTION = Section("사진 고르기", _form_fields, _checks, _show)
