"""A thousand made files sent as a picture: a clean small JPEG comes out, or a sentence."""

import io
import random
import struct
import warnings
import zlib
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from portal.core.errors import DomainError
from portal.core.pictures import LONG_SIDE_PX, clean_picture
from tests.pace import costs_less_than

GENEROUS_S = 5
"""Far above what any of these small files takes, on a machine that is busy as well."""
MARK = b"PRIVATE-WORDS-OF-KIM"
MODES = ("1", "L", "LA", "P", "RGB", "RGBA", "I;16", "CMYK", "YCbCr")
SAVED = {
    "JPEG": ("L", "RGB", "CMYK", "YCbCr"),
    "PNG": ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"),
    "WEBP": ("RGB", "RGBA", "L"),
}
FOREIGN = (
    b"",
    b"\0",
    b"GIF89a",
    b"BM",
    b"%PDF-1.7\n1 0 obj",
    b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    b"<!DOCTYPE html><script>alert(1)</script>",
    b"PK\x03\x04",
    b"%!PS-Adobe-3.0 EPSF",
    b"II*\0",
    b"\x7fELF",
    b"#!/bin/sh",
    b"8BPS",
    b"RIFF\xff\xff\xff\xffWEBPVP8 ",
    b"\0\0\1\0",
)


def encode(picture: Image.Image, kind: str, **options: Any) -> bytes:
    written = io.BytesIO()
    picture.save(written, kind, **options)
    return written.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_that_claims(width: int, height: int, depth: int, colour: int) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(999))) + chunk(b"IEND", b"")


def sound() -> list[bytes]:
    """Return good files of every format and mode, of odd sizes."""
    made = []
    for kind, modes in SAVED.items():
        for mode, size in product(modes, ((1, 1), (1, 40), (37, 21))):
            made.append(encode(Image.new(mode, size), kind))
    see_through = Image.new("P", (20, 20))
    made.append(encode(see_through, "PNG", transparency=0))
    made.append(encode(see_through, "PNG", transparency=bytes(range(0, 256, 4))))
    return made


def with_words() -> list[bytes]:
    """Return good files with words where pictures can carry them: EXIF, comments, XMP, behind the end."""
    plain, exif = Image.effect_noise((30, 20), 60).convert("RGB"), Image.Exif()
    exif[0x010F] = MARK.decode()
    exif.get_ifd(0x8825)[2] = (37.0, 33.0, 0.0)
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", MARK.decode() * 1000)
    notes.add_itxt("XML:com.adobe.xmp", MARK.decode())
    made = [encode(plain, kind, exif=exif) for kind in SAVED]
    made += [
        encode(plain, "JPEG", comment=MARK * 2000),
        encode(plain, "PNG", pnginfo=notes),
        encode(plain, "WEBP", xmp=MARK * 500),
    ]
    for tail in (MARK, b"<script>" + MARK, b"PK\x03\x04" + MARK, b"%PDF-1.7" + MARK):
        made += [encode(plain, kind) + tail for kind in SAVED]
    return made


def animated() -> list[bytes]:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "green", "blue")]
    return [
        encode(frames[0], kind, save_all=True, append_images=frames[1:], duration=10)
        for kind in ("WEBP", "PNG")
    ]


def files() -> Iterator[bytes]:
    """Give well over a thousand files, the same ones each time."""
    good = sound()
    yield from good
    yield from with_words()
    yield from animated()
    yield from FOREIGN
    for foreign, whole in product(FOREIGN[:6], good[::6]):
        yield foreign + whole
    claims = ((0, 0), (0, 9), (9, 0), (6000, 6000), (99_999, 1), (100_000, 100_000), (2**31 - 1, 2**31 - 1))
    for (width, height), depth, colour in product(claims, (1, 8, 16), (0, 2, 3, 4, 6)):
        yield png_that_claims(width, height, depth, colour)
    for whole in good:
        yield from (whole[: len(whole) * tenth // 10] for tenth in range(1, 10))
    chance = random.Random(29)
    for _ in range(600):
        broken = bytearray(chance.choice(good))
        for _ in range(chance.randint(1, 8)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        yield bytes(broken)


def clean(content: bytes) -> Image.Image | None:
    """Return what becomes of the file, or None when it is refused with a sentence."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of broken EXIF and reads on
        try:
            written = clean_picture(io.BytesIO(content)).content
        except DomainError as error:
            refusal = error
        else:
            assert MARK not in written
            return Image.open(io.BytesIO(written))
    assert (refusal.field, refusal.message[-2:]) == ("photo", "요.")
    return None


def test_of_more_than_a_thousand_made_files_none_is_worse_than_refused() -> None:
    made, taken = list(files()), 0

    assert len(made) >= 1000
    for content in made:
        with costs_less_than(GENEROUS_S):
            picture = clean(content)
        if picture is not None:
            taken += 1
            assert (picture.format, picture.mode) == ("JPEG", "RGB")
            assert max(picture.size) <= LONG_SIDE_PX
            assert getattr(picture, "n_frames", 1) == 1
    assert 100 < taken < len(made) - 100


def test_every_good_file_is_taken() -> None:
    assert [content[:8] for content in [*sound(), *with_words(), *animated()] if clean(content) is None] == []


@pytest.mark.parametrize("content", with_words())
def test_nothing_that_was_written_beside_the_picture_is_left(content: bytes) -> None:
    picture = clean(content)

    assert MARK in content
    assert picture is not None
    assert dict(picture.getexif()) == {}
    assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


@pytest.mark.parametrize("content", FOREIGN)
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    assert clean(content) is None
