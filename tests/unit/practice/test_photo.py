"""Thirty pictures drawn with one fault, several, or none, and the advice each of them gets."""

import io
import random
from collections.abc import Mapping
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from portal.core.pictures import clean_picture
from portal.practice import photo
from portal.practice.outcome import BadPractice
from portal.practice.photo import Photo

SQUARE, PIXELS, DARK, WHITE = "길쭉해요", "사진이 작아요", "어두워요", "너무 하얘요"
WIDE, BLUR, BUSY = "옆으로 넓어요", "흐려요", "배경이 복잡해요"


@pytest.fixture(scope="module")
def practice() -> Photo:
    return photo.read({"kind": "photo", "question": "찍어 보세요.", "hints": ["창가에서요."]})


def draw(
    seed: int,
    *,
    size: tuple[int, int] = (1200, 1200),
    ground: tuple[int, int, int] = (225, 220, 210),
    busy: bool = False,
    blur: float = 0,
    light: float = 1,
) -> bytes:
    """Return a picture of a bowl with something green in it, as a telephone would send it."""
    dice = random.Random(seed)
    width, height = size
    picture = Image.new("RGB", size, ground)
    pen = ImageDraw.Draw(picture)
    if busy:
        for _ in range(500):
            x, y = dice.randrange(width), dice.randrange(height)
            colour = tuple(dice.randrange(256) for _ in range(3))
            pen.rectangle((x, y, x + dice.randrange(20, 90), y + dice.randrange(20, 90)), fill=colour)
    short = min(size)
    left, top = (width - short) // 2, (height - short) // 2
    bowl = tuple(
        place + short * part // 100 for place, part in zip((left, top) * 2, (20, 22, 80, 78), strict=True)
    )
    pen.ellipse(bowl, fill=(120, 80, 50), outline=(60, 40, 25), width=max(short // 60, 2))
    for _ in range(500):
        x, y = (
            left + dice.randrange(short * 30 // 100, short * 68 // 100),
            top + dice.randrange(short * 32 // 100, short * 66 // 100),
        )
        leaf = short // 40
        green = (dice.randrange(30, 90), dice.randrange(110, 190), dice.randrange(30, 80))
        pen.ellipse((x, y, x + leaf, y + leaf), fill=green, outline=(20, 60, 20))
    picture = ImageEnhance.Brightness(picture).enhance(light)
    if blur:
        picture = picture.filter(ImageFilter.GaussianBlur(blur * short / 1200))
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=88)
    return written.getvalue()


GOOD: list[dict[str, Any]] = [
    {},
    {"ground": (240, 240, 238)},
    {"ground": (200, 190, 170)},
    {"ground": (150, 170, 190)},
    {"size": (1000, 1000)},
    {"size": (3000, 3000)},
    {"size": (1220, 1200)},
    {"light": 0.8},
    {"light": 1.08},
    {"blur": 1},
]
FAULTS: list[tuple[dict[str, Any], set[str]]] = [
    ({"size": (1200, 1600)}, {SQUARE}),
    ({"size": (1080, 1920)}, {SQUARE}),
    ({"size": (1600, 1200)}, {WIDE}),
    ({"size": (4000, 3000)}, {WIDE}),
    ({"size": (600, 600)}, {PIXELS}),
    ({"size": (990, 990)}, {PIXELS}),
    ({"light": 0.3}, {DARK}),
    ({"light": 0.2}, {DARK}),
    ({"light": 0.35, "ground": (210, 210, 210)}, {DARK}),
    ({"light": 2.6, "ground": (250, 250, 250)}, {WHITE}),
    ({"blur": 14}, {BLUR}),
    ({"blur": 18}, {BLUR}),
    ({"blur": 22, "size": (3000, 3000)}, {BLUR}),
    ({"busy": True}, {BUSY}),
    ({"busy": True, "size": (2000, 2000)}, {BUSY}),
    ({"busy": True, "light": 0.9}, {BUSY}),
    ({"size": (640, 480)}, {WIDE, PIXELS}),
    ({"size": (900, 1600)}, {SQUARE, PIXELS}),
    ({"light": 0.3, "blur": 20}, {DARK, BLUR}),
    ({"busy": True, "size": (700, 700)}, {BUSY, PIXELS}),
]


def measured(content: bytes) -> dict[str, str]:
    """Return what the portal measures of a picture that somebody sends."""
    cleaned = clean_picture(io.BytesIO(content))
    return photo.measure(cleaned.content, cleaned.width, cleaned.height)


def said(practice: Photo, content: bytes) -> str:
    (remark,) = practice.check(measured(content) | {"photo": "0" * 64}, "").remarks
    return remark.sentence


@pytest.mark.parametrize(("seed", "picture"), list(enumerate(GOOD)))
def test_a_good_picture_passes(practice: Photo, seed: int, picture: Mapping[str, Any]) -> None:
    assert said(practice, draw(seed, **picture)).startswith("좋아요!")


@pytest.mark.parametrize(("seed", "picture", "faults"), [(at, *each) for at, each in enumerate(FAULTS)])
def test_a_fault_gets_its_advice_and_no_other(
    practice: Photo, seed: int, picture: Mapping[str, Any], faults: set[str]
) -> None:
    sentence = said(practice, draw(seed, **picture))

    assert {fault for fault in (SQUARE, PIXELS, DARK, WHITE, WIDE, BLUR, BUSY) if fault in sentence} == faults


def test_a_page_without_a_picture_is_no_try(practice: Photo) -> None:
    outcome = practice.check({}, "")

    assert [remark.sentence for remark in outcome.unreadable] == [
        "아직 사진이 없어요. 사진을 한 장 골라 주세요."
    ]


def test_a_picture_lying_on_its_side_is_measured_upright() -> None:
    written = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by ninety degrees
    Image.new("RGB", (400, 300), "white").save(written, "JPEG", exif=exif)

    found = measured(written.getvalue())

    assert (found["width"], found["height"]) == ("300", "400")


@pytest.mark.parametrize("size", [(1, 1), (9000, 1), (3000, 3), (1, 900)])
def test_a_thread_of_a_picture_is_told_its_shape(practice: Photo, size: tuple[int, int]) -> None:
    written = io.BytesIO()
    Image.new("RGB", size, "white").save(written, "PNG")

    assert "사진이 작아요" in said(practice, written.getvalue())


def test_what_is_see_through_is_measured_white(practice: Photo) -> None:
    written = io.BytesIO()
    Image.new("RGBA", (1200, 1200), (0, 0, 0, 0)).save(written, "PNG")

    assert measured(written.getvalue())["brightness"] == "255"


def test_only_what_the_author_asks_for_is_looked_at() -> None:
    square = photo.read({"kind": "photo", "question": "찍어요.", "hints": [], "checks": ["square"]})

    assert said(square, draw(1, size=(300, 300), blur=30)) == "좋아요! 네모 모두 괜찮아요."


def test_a_check_nobody_knows_is_refused() -> None:
    with pytest.raises(BadPractice, match="'checks' names 'taste'; the checks are square, pixels"):
        photo.read({"kind": "photo", "question": "찍어요.", "hints": [], "checks": ["taste"]})
