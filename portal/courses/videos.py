"""Videos of a lesson: a short film without sound or with it, its captions, and from these its script.

The block in lesson.md names the film; everything else lies beside it under the same name. Whatever the page
needs to know of the film, its size, its length, whether it can be heard, is read from the film itself.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from portal.courses.captions import Caption, read_captions
from portal.courses.problems import Problems
from portal.courses.toml_file import read_text
from portal.courses.webm import BadWebmError, Film, read_film

LARGEST_BYTES = 3_000_000
"""A minute of patience on a slow mobile network."""
ENGLISH = ".en.vtt"
TYPES = {".webm": "video/webm", ".ko.vtt": "text/vtt", ".en.vtt": "text/vtt", ".webp": "image/webp"}
"""The film, its captions and the picture shown before it plays, by the end of their names."""

ADDRESS = re.compile(r"videos/([a-z0-9][a-z0-9-]*)\.webm")


@dataclass(frozen=True)
class Video:
    """A film that passed, and where its files lie."""

    name: str
    film: Film
    captions: tuple[Caption, ...]
    #: By the name a browser asks for.
    files: Mapping[str, Path]
    #: Of all its files; it stands in their address, so that an old copy is never shown.
    version: str
    #: Where the files are asked for, without the name of one.
    base: str

    def address(self, ending: str) -> str | None:
        """Return where the file with this ending of TYPES is found, or None if there is none."""
        file = f"{self.name}{ending}"
        return f"{self.base}/{file}" if file in self.files else None


def read_video(lesson: Path, address: str, line: int, problems: Problems) -> Video | None:
    """Return the video that line ``line`` of ``lesson`` names, or None after noting why there is none."""
    named = ADDRESS.fullmatch(address)
    if named is None:
        problems.add(lesson, line, f"a video is videos/name.webm beside the lesson, not '{address}'")
        return None
    folder, name = lesson.parent / "videos", named[1]
    files = {f"{name}{ending}": folder / f"{name}{ending}" for ending in TYPES if ending != ENGLISH}
    for ending, what in ((".webm", "video"), (".ko.vtt", "file of captions")):
        if not files[f"{name}{ending}"].is_file():
            problems.add(lesson, line, f"there is no {what} 'videos/{name}{ending}'")
    there = {file: path for file, path in files.items() if path.is_file()}
    film = _read_film(there[f"{name}.webm"], problems) if f"{name}.webm" in there else None
    captions = _read_captions(there[f"{name}.ko.vtt"], film, problems) if f"{name}.ko.vtt" in there else ()
    if film is None or not captions:
        return None
    version = _version(there)
    base = f"/courses/{lesson.parent.parent.name}/{lesson.parent.name}/videos/{version}"
    return Video(name, film, captions, there, version, base)


def in_english(video: Video, lesson: Path, line: int, problems: Problems) -> Video | None:
    """Return the video with its English captions, or None after noting what is wrong with them."""
    name = f"{video.name}{ENGLISH}"
    path = lesson.parent / "videos" / name
    if not path.is_file():
        problems.add(lesson, line, f"there is no file of captions 'videos/{name}'")
        return None
    captions = _read_captions(path, video.film, problems)
    if [(each.start, each.end) for each in captions] != [(each.start, each.end) for each in video.captions]:
        problems.add(path, 1, "the captions are as many as the Korean ones and stay for the same time")
        return None
    files = {**video.files, name: path}
    version = _version(files)
    base = f"{video.base.removesuffix(video.version)}{version}"
    return replace(video, captions=captions, files=files, version=version, base=base)


def _read_film(path: Path, problems: Problems) -> Film | None:
    size = path.stat().st_size
    if size > LARGEST_BYTES:
        problems.add(path, 1, f"the video has {size:,} bytes; at most {LARGEST_BYTES:,} load on a phone")
        return None
    try:
        return read_film(path.read_bytes())
    except BadWebmError as error:
        problems.add(path, 1, str(error))
        return None


def _read_captions(path: Path, film: Film | None, problems: Problems) -> tuple[Caption, ...]:
    text = read_text(path, problems)
    captions = () if text is None else read_captions(path, text, problems)
    for caption in captions:
        if film and caption.end > film.seconds + 0.5:
            problems.add(path, caption.line, f"the caption ends after the video ({film.seconds:.1f} seconds)")
    return captions


def _version(files: Mapping[str, Path]) -> str:
    digest = hashlib.sha256()
    for file, path in files.items():
        digest.update(f"{file}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:12]
