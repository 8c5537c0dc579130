"""Which content a running portal teaches: what stood in the files at its start, or what was published since.

`flask lessons sync` copies content that passes beside the data and points to the copy. Every process looks at
that pointer whenever it begins a request or a job, so that nobody meets a file half edited, and content that
does not pass is never taught.
"""

import hashlib
import logging
import re
import shutil
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask, appcontext_pushed
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from portal.core.settings import Settings
from portal.courses import catalogue
from portal.courses.catalogue import Catalogue
from portal.courses.problems import ContentError, Problems

KEPT = 2
"""Copies that stay: the one taught and the one before, which another process may still be reading."""

log = logging.getLogger(__name__)


@dataclass
class _Followed:
    """The pointer, and what it said when it was last looked at."""

    pointer: Path
    seen: str
    reading: threading.Lock = field(default_factory=threading.Lock)


def init_app(app: Flask, settings: Settings) -> None:
    """Give ``app`` its catalogue; call it when every blueprint is known. Raises ContentError."""
    pointer = settings.data_dir / "content" / "current"
    app.extensions["portal_published"] = _Followed(pointer, _read(pointer))
    app.extensions["portal_catalogue"] = read(app, settings.content_dir)
    appcontext_pushed.connect(_follow, app)


def read(app: Flask, content_dir: Path) -> Catalogue:
    """Read content and hold its links against the pages of ``app``. Raises ContentError."""
    found = catalogue.load(content_dir)
    problems = Problems(content_dir)
    addresses = app.url_map.bind("localhost")
    for link in found.links:
        try:
            addresses.match(re.split(r"[?#]", link.target)[0])
        except RequestRedirect:
            continue
        except HTTPException:
            problems.add(link.path, link.line, f"there is no page at '{link.target}'")
    problems.require_none()
    return found


def publish(app: Flask, settings: Settings) -> str:
    """Let every running process teach the files as they are now; return the version. Raises ContentError."""
    folder = settings.data_dir / "content"
    folder.mkdir(parents=True, exist_ok=True)
    beside = folder / "incoming"
    shutil.rmtree(beside, ignore_errors=True)
    shutil.copytree(settings.content_dir, beside)
    read(app, beside)  # the copy, so that what passed is what is taught
    version = _version(beside)
    if not (folder / version).exists():
        beside.rename(folder / version)
    (folder / version).touch()
    pointer = folder / "current"
    next_pointer = pointer.with_suffix(".next")
    next_pointer.write_text(version, encoding="utf-8")
    next_pointer.replace(pointer)
    copies = sorted(
        (each for each in folder.iterdir() if each.is_dir()), key=lambda each: each.stat().st_mtime
    )
    for old in copies[:-KEPT]:
        shutil.rmtree(old)
    return version


def _follow(app: Flask, **_: Any) -> None:
    """Take over what was published since; content that cannot be read leaves everything as it is."""
    followed: _Followed = app.extensions["portal_published"]
    version = _read(followed.pointer)
    if version == followed.seen or not followed.reading.acquire(blocking=False):
        return  # nothing new, or another thread is at it
    try:
        app.extensions["portal_catalogue"] = read(app, followed.pointer.parent / version)
    except ContentError:
        log.exception("the published content %s does not pass here; the old one stays", version)
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
