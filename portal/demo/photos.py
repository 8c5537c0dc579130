"""A picture for the demo world, drawn by ourselves: a dish under a shop's yellow light."""

import io

from PIL import Image, ImageDraw, ImageFilter

from portal.core.storage import storage

SIZE_PX = (1200, 900)


def put(_name: str) -> str:
    """Store the picture and return its key."""
    written = io.BytesIO()
    _dish().save(written, "JPEG", quality=82)
    return storage().put(written.getvalue())


def _dish() -> Image.Image:
    picture = Image.new("RGB", SIZE_PX, (92, 78, 46))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 520, 1200, 900), fill=(74, 60, 36))
    draw.ellipse((240, 270, 960, 770), fill=(176, 160, 112))
    draw.ellipse((300, 310, 900, 710), fill=(150, 132, 84))
    for number in range(90):
        x, y = 380 + (number * 67) % 440, 380 + (number * 41) % 260
        draw.ellipse((x, y, x + 66, y + 16), fill=(110 + number % 30, 74 + number % 20, 30))
    return picture.filter(ImageFilter.GaussianBlur(5))
