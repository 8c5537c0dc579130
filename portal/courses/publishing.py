"""Which content a running portal teaches: what stood in the files at its start, or what was published since.

`flask lessons sync` copies content that passes beside the data and points to the copy. Every process looks at
that pointer whenever it begins a request or a job, so that nobody meets a file half edited, and content that
does not pass is never taught.
"""

import hashlib
import logging
import re
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol, cast

from flask import Flask, appcontext_pushed
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from portal.core import db
from portal.core.settings import Settings
from portal.courses import catalogue
from portal.courses.catalogue import Catalogue
from portal.courses.problems import ContentError, Problem, Problems
from portal.courses.shelf import Link

KEPT = 2
"""Copies that stay: the one taught and the one before, which another process may still be reading."""

log = logging.getLogger(__name__)


class Taught(Protocol):
    """What another package reads below content/, with what `flask lessons check` says about it."""

    @property
    def summary(self) -> str:
        """Return what was read, in a few words."""
        ...

    @property
    def advice(self) -> tuple[Problem, ...]:
        """Return what could be better."""
        ...


Comparer = Callable[[Session, dict[str, Any]], Iterable[str]]
"""Yields what is said otherwise than the database keeps, from what `read` returned."""

Reader = Callable[[Flask, Path, Catalogue], Taught]
"""Reads files below a folder; raises ContentError naming everything that is wrong."""


@dataclass
class _Followed:
    """The pointer, and what it said when it was last looked at."""

    pointer: Path
    seen: str
    reading: threading.Lock = field(default_factory=threading.Lock)


def add_reader(app: Flask, extension: str, reader: Reader) -> None:
    """Let ``app.extensions[extension]`` follow the files as the catalogue does; call it before `init_app`."""
    app.extensions.setdefault("portal_readers", {})[extension] = reader


def add_comparer(app: Flask, comparer: Comparer) -> None:
    """Let `flask lessons check` and `sync` say what files just read no longer agree with."""
    app.extensions.setdefault("portal_comparers", []).append(comparer)


def compare(app: Flask, found: dict[str, Any]) -> list[str]:
    """Return a sentence for everything that files just read say otherwise than the database keeps.

    Nobody is kept from publishing by it, and without a database there is nothing to compare with.
    """
    comparers: list[Comparer] = app.extensions.get("portal_comparers", [])
    with app.app_context():
        try:
            return [sentence for comparer in comparers for sentence in comparer(db.session(), found)]
        except SQLAlchemyError:
            log.warning("the content is not compared with the database, which does not answer")
            return []


def _readers(app: Flask) -> dict[str, Reader]:
    return cast(dict[str, Reader], app.extensions.get("portal_readers", {}))


def init_app(app: Flask, settings: Settings) -> None:
    """Give ``app`` its catalogue; call it when every blueprint is known.

    Once something was published, that is taught, so that a process that starts again in the middle of an edit
    teaches what the others teach. Raises ContentError for files that do not pass.
    """
    pointer = settings.data_dir / "content" / "current"
    version = _read(pointer)
    app.extensions["portal_published"] = _Followed(pointer, version)
    app.extensions.update(_read_published(app, pointer, version) or read(app, settings.content_dir))
    appcontext_pushed.connect(_follow, app)


def _read_published(app: Flask, pointer: Path, version: str) -> dict[str, Any] | None:
    """Return what a copy teaches; None if there is none, or if an older one does not pass any more."""
    folder = pointer.parent / version
    if not version or not folder.is_dir():
        return None
    try:
        return read(app, folder)
    except (ContentError, OSError):
        log.exception("the published content %s does not pass here", folder.name)
        return None


def read(app: Flask, content_dir: Path) -> dict[str, Any]:
    """Read everything below a folder, by the extension that holds it.

    The catalogue is ``portal_catalogue``; everything else is `Taught`. Raises ContentError.
    """
    found = load(content_dir)
    problems = Problems(content_dir)
    check_links(app, found.links, problems)
    problems.require_none()
    others = {extension: reader(app, content_dir, found) for extension, reader in _readers(app).items()}
    return {"portal_catalogue": found, **others}


def load(content_dir: Path) -> Catalogue:
    """Read the lessons, once for all apps of a process: a catalogue never changes, reading takes seconds.

    Raises ContentError.
    """
    return _load(content_dir, _version(content_dir))


@lru_cache(maxsize=1)
def _load(content_dir: Path, _version: str) -> Catalogue:
    return catalogue.load(content_dir)


def check_links(app: Flask, links: Iterable[Link], problems: Problems) -> None:
    """Note every link that leads to no page of ``app``."""
    addresses = app.url_map.bind("localhost")
    for link in links:
        try:
            addresses.match(re.split(r"[?#]", link.target)[0])
        except RequestRedirect:
            continue
        except HTTPException:
            problems.add(link.path, link.line, f"there is no page at '{link.target}'")


def publish(app: Flask, settings: Settings) -> tuple[str, dict[str, Any]]:
    """Let every running process teach the files as they are now; return the version and what `read` found.

    Raises ContentError.
    """
    folder = settings.data_dir / "content"
    folder.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(dir=folder)) / "content"
    try:
        return _publish(app, settings.content_dir, folder, beside)
    finally:
        shutil.rmtree(beside.parent)


def _publish(app: Flask, content_dir: Path, folder: Path, beside: Path) -> tuple[str, dict[str, Any]]:
    shutil.copytree(content_dir, beside)
    found = read(app, beside)  # the copy, so that what passed is what is taught
    version = _version(beside)
    if not (folder / version).exists():
        beside.rename(folder / version)
    (folder / version).touch()
    pointer = folder / "current"
    next_pointer = pointer.with_suffix(".next")
    next_pointer.write_text(version, encoding="utf-8")
    next_pointer.replace(pointer)
    copies = sorted(
        (each for each in folder.iterdir() if each.is_dir() and each != beside.parent),
        key=lambda each: each.stat().st_mtime,
    )
    for old in copies[:-KEPT]:
        shutil.rmtree(old)
    return version, found


def _follow(app: Flask, **_: Any) -> None:
    """Take over what was published since; content that cannot be read leaves everything as it is."""
    followed: _Followed = app.extensions["portal_published"]
    version = _read(followed.pointer)
    if version == followed.seen or not followed.reading.acquire(blocking=False):
        return  # nothing new, or another thread is at it
    try:
        if version != followed.seen:
            app.extensions.update(_read_published(app, followed.pointer, version) or {})
    finally:
        followed.seen = version
        followed.reading.release()


def _read(pointer: Path) -> str:
    try:
        return pointer.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def _version(folder: Path) -> str:
    """Return a name for everything in a folder."""
    digest = hashlib.sha256()
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        digest.update(f"{path.relative_to(folder)}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:16]
