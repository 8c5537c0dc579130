"""Pictures people send: decoded, turned upright, made small enough and written anew.

Writing anew leaves EXIF (with the place it was taken), comments and anything hidden behind the picture.
Size in pixels is checked before decoding, since a file of a few hundred bytes may claim 100,000 by 100,000.
"""

import io
from typing import BinaryIO

from PIL import Image, ImageOps, UnidentifiedImageError

from portal.core.errors import DomainError

MAX_BYTES = 12 * 1024 * 1024
MAX_PIXELS = 24_000_000
LONG_SIDE_PX = 1600
FORMATS = ("JPEG", "PNG", "WEBP")

_UNREADABLE = "이 파일은 사진으로 열리지 않아요. 휴대전화로 찍은 사진(JPG나 PNG)을 골라 주세요."


def clean_picture(upload: BinaryIO) -> bytes:
    """Return the picture as a JPEG without metadata, at most LONG_SIDE_PX on its long side.

    Raises DomainError (field ``photo``) if it is too large, has too many pixels or is no JPEG, PNG or WebP.
    """
    content = upload.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise DomainError("사진이 너무 커요. 12MB보다 작은 사진을 골라 주세요.", field="photo")
    try:
        picture = Image.open(io.BytesIO(content), formats=FORMATS)
        if picture.width * picture.height > MAX_PIXELS:
            raise DomainError("사진이 너무 넓어요. 휴대전화로 다시 찍은 사진을 골라 주세요.", field="photo")
        picture.load()
        upright = ImageOps.exif_transpose(picture).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise DomainError(_UNREADABLE, field="photo") from error
    upright.thumbnail((LONG_SIDE_PX, LONG_SIDE_PX))
    written = io.BytesIO()
    # A fresh image carries no metadata of the old one.
    fresh = Image.new("RGB", upright.size)
    fresh.paste(upright)
    fresh.save(written, "JPEG", quality=82, optimize=True)
    return written.getvalue()
