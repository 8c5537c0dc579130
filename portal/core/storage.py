"""Documents and pictures as bytes, stored once under their SHA-256 and never changed, only removed."""

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

    @staticmethod
    def key_of(content: bytes) -> str:
        """Return the key ``content`` has, stored or not."""
        return hashlib.sha256(content).hexdigest()

    def put(self, content: bytes) -> str:
        """Store ``content`` and return its key, the SHA-256 in hex.

        Storing the same bytes again changes nothing.

        The file appears whole or not at all: it is written beside, flushed to the disk and renamed.
        """
        key = self.key_of(content)
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
            _flush_folder(path.parent)
        except BaseException:
            Path(beside).unlink(missing_ok=True)
            raise
        return key

    def get(self, key: str) -> bytes:
        """Return the bytes stored under ``key``.

        Raises NotFoundError if there are none, and OSError if the disk no longer holds what was stored.
        """
        if not _KEY.match(key) or not (path := self._path(key)).is_file():
            raise NotFoundError("파일을 찾지 못했어요.")
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() != key:
            raise OSError(f"What is stored under {key} is no longer what was put there.")
        return content

    def has(self, key: str) -> bool:
        """Tell whether something is stored under ``key``."""
        return _KEY.match(key) is not None and self._path(key).is_file()

    def delete(self, key: str) -> None:
        """Remove what is stored under ``key``, for good; nothing if there is nothing.

        For pictures that no row names any more: whoever calls it has looked.
        """
        if _KEY.match(key):
            self._path(key).unlink(missing_ok=True)

    def is_writable(self) -> bool:
        """Tell whether something could be stored now."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            return False
        return os.access(self.folder, os.W_OK)

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / key


def _flush_folder(folder: Path) -> None:
    """Let the new name outlive a power cut too: a row that points to the file is written next."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def storage() -> Storage:
    """Return the current app's storage."""
    stored: Storage = current_app.extensions["portal_storage"]
    return stored
