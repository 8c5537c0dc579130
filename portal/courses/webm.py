"""What the head of a WebM file says: how large the picture is, how long it lasts and whether it has sound."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

CODECS = {b"V_VP8", b"V_VP9"}
"""What phones and computers of the last ten years can show."""

_NS_PER_S = 1_000_000_000
_EBML, _SEGMENT, _CLUSTER = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67", b"\x1f\x43\xb6\x75"
_INFO, _SCALE, _DURATION = b"\x15\x49\xa9\x66", b"\x2a\xd7\xb1", b"\x44\x89"
_TRACKS, _TRACK, _TYPE, _CODEC = b"\x16\x54\xae\x6b", b"\xae", b"\x83", b"\x86"
_VIDEO, _WIDTH, _HEIGHT = b"\xe0", b"\xb0", b"\xba"
_IS_VIDEO, _IS_SOUND = 1, 2


class BadWebmError(ValueError):
    """The file is not what a page can show; the message says why."""


@dataclass(frozen=True)
class Film:
    """What is known of a video without playing it."""

    width: int
    height: int
    seconds: float
    has_sound: bool


def read_film(content: bytes) -> Film:
    """Return what the head of the file says. Raises BadWebmError."""
    try:
        parts = dict(_elements(content))
        if _EBML not in parts or _SEGMENT not in parts:
            raise BadWebmError("this is not a WebM file")
        return _read_segment(parts[_SEGMENT])
    except (IndexError, struct.error) as error:
        raise BadWebmError("this is not a WebM file, or only a part of one") from error


def _read_segment(segment: bytes) -> Film:
    info: dict[bytes, bytes] = {}
    tracks: list[dict[bytes, bytes]] = []
    for name, content in _elements(segment):
        if name == _INFO:
            info = dict(_elements(content))
        elif name == _TRACKS:
            tracks = [dict(_elements(each)) for kind, each in _elements(content) if kind == _TRACK]
        elif name == _CLUSTER:
            break
    kinds = [_number(track.get(_TYPE, b"")) for track in tracks]
    if _IS_VIDEO not in kinds:
        raise BadWebmError("there is no picture in it")
    track = tracks[kinds.index(_IS_VIDEO)]
    if track.get(_CODEC) not in CODECS:
        raise BadWebmError("the picture must be VP8 or VP9")
    if _DURATION not in info:
        raise BadWebmError("the file does not say how long it is, so that nobody could move about in it")
    picture = dict(_elements(track[_VIDEO])) if _VIDEO in track else {}
    width, height = _number(picture.get(_WIDTH, b"")), _number(picture.get(_HEIGHT, b""))
    scale = _number(info[_SCALE]) if _SCALE in info else 1_000_000
    seconds = _decimal(info[_DURATION]) * scale / _NS_PER_S
    return Film(width, height, seconds, _IS_SOUND in kinds)


def _elements(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield each element's name and content, one level deep; one without a length goes on to the end."""
    at = 0
    while at < len(content):
        length = _length(content[at])
        name = content[at : at + length]
        at += length
        length = _length(content[at])
        size = int.from_bytes(content[at : at + length], "big") & ((1 << 7 * length) - 1)
        at += length
        end = len(content) if size == (1 << 7 * length) - 1 else at + size
        yield name, content[at:end]
        at = end


def _length(first: int) -> int:
    """Return how many bytes a name or a size takes, which its first byte says."""
    if not first:
        raise BadWebmError("this is not a WebM file")
    return 9 - first.bit_length()


def _number(content: bytes) -> int:
    return int.from_bytes(content, "big")


def _decimal(content: bytes) -> float:
    return float(struct.unpack(">f" if len(content) == struct.calcsize(">f") else ">d", content)[0])
