"""Documents and pictures as bytes, stored once under their SHA-256 and never changed."""

import hashlib
import os
import re
import tempfile
from pathlib import Path

from flask import current_app

from portal.core.errors import NotFoundError

_KEY = re.compile(r"[0-9a-f]{64}\Z")


class Storage:
    """A folder of files named by the SHA-256 of what is in them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, content: bytes) -> str:
        """Store ``content`` and return its key, the SHA-256 in hex.

        Storing the same bytes again changes nothing.

        The file appears whole or not at all: it is written beside, flushed to the disk and renamed.
        """
        key = hashlib.sha256(content).hexdigest()
        path = self._path(key)
        if path.exists():
            return key
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, beside = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(beside).replace(path)
        except BaseException:
            Path(beside).unlink(missing_ok=True)
            raise
        return key

    def get(self, key: str) -> bytes:
        """Return the bytes stored under ``key``. Raises NotFoundError if there are none."""
        if not _KEY.match(key) or not (path := self._path(key)).is_file():
            raise NotFoundError("파일을 찾지 못했어요.")
        return path.read_bytes()

    def is_writable(self) -> bool:
        """Tell whether something could be stored now."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return os.access(self.folder, os.W_OK)

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / key


def storage() -> Storage:
    """Return the current app's storage."""
    stored: Storage = current_app.extensions["portal_storage"]
    return stored
