"""Bytes are stored once, whole, under their own fingerprint, and never change."""

import hashlib
import resource
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from portal.core.errors import NotFoundError
from portal.core.storage import Storage

CONTENT = b"%PDF-1.7 a certificate"
KEY = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def storage(tmp_path: Path) -> Any:
    return Storage(tmp_path / "storage")


def files(storage: Storage) -> Any:
    return [path for path in storage.folder.rglob("*") if path.is_file()]


def test_what_is_put_is_got_back(storage: Storage) -> None:
    assert storage.put(CONTENT) == KEY
    assert storage.get(KEY) == CONTENT


def test_the_same_bytes_are_stored_once(storage: Storage) -> None:
    storage.put(CONTENT)
    before = files(storage)[0].stat()

    storage.put(CONTENT)

    assert [path.stat() for path in files(storage)] == [before]


def test_eight_writers_of_the_same_bytes_leave_one_file(storage: Storage) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: storage.put(CONTENT * 5000), range(8)))

    assert len(keys) == 1
    assert len(files(storage)) == 1


@pytest.mark.parametrize("key", ["", "../../etc/passwd", "0" * 64, KEY.upper(), KEY + "\n", f"{KEY}/.."])
def test_any_other_key_finds_nothing(storage: Storage, key: str) -> None:
    storage.put(CONTENT)

    with pytest.raises(NotFoundError):
        storage.get(key)


def test_a_write_that_fails_half_way_leaves_nothing(storage: Storage) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))  # a disk with room for 4 KB more

    try:
        with pytest.raises(OSError, match="File too large"):
            storage.put(CONTENT * 1000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert files(storage) == []


def test_bytes_that_changed_on_the_disk_are_not_handed_out(storage: Storage) -> None:
    storage.put(CONTENT)
    files(storage)[0].write_bytes(b"%PDF-1.7 a forgery")

    with pytest.raises(OSError, match=KEY):
        storage.get(KEY)


def test_a_folder_that_cannot_be_one_is_said_to_be_unwritable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")

    assert Storage(tmp_path / "new").is_writable()
    assert not Storage(tmp_path / "file").is_writable()
    assert not Storage(tmp_path / "file" / "below").is_writable()
