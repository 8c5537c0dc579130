"""Pictures people send: decoded, turned upright, made small enough and written anew.

Writing anew leaves EXIF (with the place it was taken), comments and anything hidden behind the picture.
Size in pixels is checked before decoding, since a file of a few hundred bytes may claim 100,000 by 100,000.
"""

import io
import struct
import zlib
from dataclasses import dataclass
from typing import IO

from PIL import Image, ImageOps

from portal.core.errors import DomainError
from portal.core.i18n import gettext as _
from portal.core.i18n import noted

MAX_BYTES = 12 * 1024 * 1024
MAX_PIXELS = 24_000_000
LONG_SIDE_PX = 1600
FORMATS = ("JPEG", "PNG", "WEBP")

_ORIENTATION = 0x0112
_TURNED = 5
"""From here on, EXIF orientations swap width and height."""
_UNREADABLE = noted("이 파일은 사진으로 열리지 않아요. 휴대전화로 찍은 사진(JPG나 PNG)을 골라 주세요.")
_TOO_WIDE = noted("사진이 너무 넓어요. 휴대전화로 다시 찍은 사진을 골라 주세요.")
_HEIC = noted("이 사진 형식(HEIC)은 아직 열지 못해요. 화면에 띄워 캡처한 사진을 골라 주세요.")
#: What Pillow's decoders raise on files that are broken, or made to look so.
_BROKEN = (
    ArithmeticError,
    EOFError,
    LookupError,
    OSError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)


@dataclass(frozen=True)
class Picture:
    """A picture as a JPEG without metadata, and how large it was, upright, in pixels."""

    content: bytes
    width: int
    height: int


def clean_picture(upload: IO[bytes]) -> Picture:
    """Return the picture without metadata, at most LONG_SIDE_PX on its long side.

    Raises DomainError (field ``photo``) if it is too large, has too many pixels or is no JPEG, PNG or WebP.
    """
    content = upload.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise DomainError(_("사진이 너무 커요. 12MB보다 작은 사진을 골라 주세요."), field="photo")
    if content[4:11] in (b"ftyphei", b"ftypmif", b"ftyphev"):
        raise DomainError(_HEIC, field="photo")
    try:
        upright, size = _decode(content)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise DomainError(_TOO_WIDE, field="photo") from error
    except _BROKEN as error:
        raise DomainError(_UNREADABLE, field="photo") from error
    written = io.BytesIO()
    # A fresh image carries no metadata of the old one; what was see-through becomes white, as on a screen.
    fresh = Image.new("RGB", upright.size, "white")
    fresh.paste(upright, mask=upright if upright.mode == "RGBA" else None)
    fresh.save(written, "JPEG", quality=82, optimize=True)
    return Picture(written.getvalue(), *size)


def _decode(content: bytes) -> tuple[Image.Image, tuple[int, int]]:
    """Return the picture upright and small, and its size before. Raises DomainError for too many pixels."""
    picture: Image.Image = Image.open(io.BytesIO(content), formats=FORMATS)
    if picture.width * picture.height > MAX_PIXELS:
        raise DomainError(_TOO_WIDE, field="photo")
    size = picture.size if picture.getexif().get(_ORIENTATION, 1) < _TURNED else picture.size[::-1]
    # A large JPEG is read at half or a quarter of its size, which is all that is kept.
    picture.draft(None, (LONG_SIDE_PX, LONG_SIDE_PX))
    picture.load()
    upright = ImageOps.exif_transpose(picture)
    upright = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    upright.thumbnail((LONG_SIDE_PX, LONG_SIDE_PX))
    return upright, size
