"""Pictures for the demo world, drawn by ourselves."""

import io
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFilter

from portal.core.storage import storage
from portal.practice.photo import measure

DIM_PERCENT = 32
_SQUARE = (1200, 1200)


def put(name: str) -> str:
    """Store the picture of this name and return its key."""
    return storage().put(_drawn(name))


def answer(name: str) -> dict[str, str]:
    """Store the picture of this name and return what a practice keeps of it."""
    return _measured(name) | {"photo": put(name)}


@lru_cache
def _measured(name: str) -> dict[str, str]:
    content = _drawn(name)
    with Image.open(io.BytesIO(content)) as picture:
        return measure(content, *picture.size)


@lru_cache
def _drawn(name: str) -> bytes:
    """Return a picture as a file: `dish`, `plate`, `front`, or one of them in the dark, `plate, dim`."""
    subject, _, light = name.partition(", ")
    picture = {"dish": _dish, "plate": _plate, "front": _front}[subject]()
    if light:
        picture = picture.point([level * DIM_PERCENT // 100 for level in range(256)] * 3)
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=82)
    return written.getvalue()


def _dish() -> Image.Image:
    """Draw a dish under a shop's yellow light."""
    picture = Image.new("RGB", (1200, 900), (92, 78, 46))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 520, 1200, 900), fill=(74, 60, 36))
    draw.ellipse((240, 270, 960, 770), fill=(176, 160, 112))
    draw.ellipse((300, 310, 900, 710), fill=(150, 132, 84))
    for number in range(90):
        x, y = 380 + (number * 67) % 440, 380 + (number * 41) % 260
        draw.ellipse((x, y, x + 66, y + 16), fill=(110 + number % 30, 74 + number % 20, 30))
    return picture.filter(ImageFilter.GaussianBlur(5))


def _plate() -> Image.Image:
    """Draw a blue bowl on white paper, beside a window."""
    picture = Image.new("RGB", _SQUARE, (232, 230, 224))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((330, 720, 930, 900), fill=(196, 193, 186))
    draw.ellipse((300, 330, 900, 850), fill=(58, 96, 140))
    draw.ellipse((340, 350, 860, 640), fill=(214, 226, 236))
    for number in range(16):
        x = 350 + number * 32
        draw.line((x, 690, x + 16, 790), fill=(226, 234, 240), width=7)
    return picture


def _front() -> Image.Image:
    """Draw a shop from across the street, its sign above the door."""
    picture = Image.new("RGB", _SQUARE, (206, 222, 236))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 980, 1200, 1200), fill=(176, 172, 166))
    draw.rectangle((120, 240, 1080, 980), fill=(226, 206, 176))
    draw.rectangle((120, 240, 1080, 400), fill=(128, 44, 52))
    for number in range(4):
        draw.rectangle((300 + number * 160, 280, 400 + number * 160, 360), outline=(250, 240, 224), width=14)
    for number in range(12):
        x = 120 + number * 80
        draw.polygon(
            [(x, 400), (x + 80, 400), (x + 40, 500)],
            fill=(240, 236, 228) if number % 2 else (178, 64, 60),
        )
    draw.rectangle((520, 540, 760, 980), fill=(92, 70, 52))
    for x in (180, 820):
        draw.rectangle((x, 560, x + 260, 820), fill=(148, 178, 190), outline=(92, 70, 52), width=12)
    return picture
