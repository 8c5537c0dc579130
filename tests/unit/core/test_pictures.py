import io
import random
import struct
import warnings
import zlib
from typing import Any

import pytest
from PIL import Image

from portal.core.errors import DomainError
from portal.core.pictures import LONG_SIDE_PX, MAX_BYTES, clean_picture

GPS, MAKE, ORIENTATION = 0x8825, 0x010F, 0x0112
ON_ITS_SIDE = 6


def encode(picture: Image.Image, kind: str, **options: Any) -> bytes:
    written = io.BytesIO()
    picture.save(written, kind, **options)
    return written.getvalue()


def photo_with_place(kind: str = "JPEG", size: tuple[int, int] = (64, 48)) -> bytes:
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKE] = ON_ITS_SIDE, "Phone of Kim"
    exif.get_ifd(GPS)[2] = (37.0, 33.0, 0.0)
    return encode(Image.effect_noise(size, 60).convert("RGB"), kind, exif=exif)


def clean(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(clean_picture(io.BytesIO(content)).content))


def png_that_claims(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(bytes(100)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_stands_upright_and_tells_neither_place_nor_telephone(kind: str) -> None:
    sent = photo_with_place(kind)
    assert Image.open(io.BytesIO(sent)).getexif().get_ifd(GPS)

    picture = clean(sent)

    assert (picture.format, picture.size) == ("JPEG", (48, 64))
    assert dict(picture.getexif()) == {}
    assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_a_large_photo_is_made_small_but_not_too_small() -> None:
    assert clean(photo_with_place(size=(4000, 3000))).size == (1200, LONG_SIDE_PX)


def test_what_was_see_through_becomes_white() -> None:
    writing = Image.new("RGBA", (20, 20), (0, 0, 0, 0))

    assert clean(encode(writing, "PNG")).getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_is_taken(mode: str) -> None:
    assert clean(encode(Image.new(mode, (30, 20)), "PNG")).size == (30, 20)


def test_a_jpeg_for_printers_is_taken() -> None:
    assert clean(encode(Image.new("CMYK", (30, 20)), "JPEG")).mode == "RGB"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "사진으로 열리지 않아요"),
        (b"%PDF-1.7 hello", "사진으로 열리지 않아요"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "사진으로 열리지 않아요"),
        (encode(Image.new("P", (5, 5)), "GIF"), "사진으로 열리지 않아요"),
        (photo_with_place()[:300], "사진으로 열리지 않아요"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
        (png_that_claims(6_000, 6_000), "너무 넓어요"),
        (png_that_claims(10_000, 10_000), "너무 넓어요"),
        (png_that_claims(100_000, 100_000), "너무 넓어요"),
        (bytes(MAX_BYTES + 1), "너무 커요"),
    ],
)
def test_what_is_no_photo_is_refused_with_a_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(DomainError, match=sentence) as refusal:
        clean_picture(io.BytesIO(content))

    assert refusal.value.field == "photo"
    assert len(refusal.value.message) <= 70


def test_broken_files_are_refused_and_nothing_worse() -> None:
    chance = random.Random(7)
    noise = Image.effect_noise((32, 24), 80)
    sound = [photo_with_place(kind) for kind in ("JPEG", "PNG", "WEBP")] + [encode(noise.convert("P"), "PNG")]
    refused = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of broken EXIF and reads on
        for _ in range(1500):
            content = bytearray(chance.choice(sound))
            for _ in range(chance.randint(1, 6)):
                content[chance.randrange(len(content))] = chance.randrange(256)
            try:
                clean_picture(io.BytesIO(bytes(content[: chance.choice([99, 9999])])))
            except DomainError:
                refused += 1

    assert refused > 500
