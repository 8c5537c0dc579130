"""Keys: made once, kept from others, changed without breaking what they signed."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from portal.certification import keys
from portal.certification.keys import KeysMissingError
from tests.conftest import make_app, make_settings
from tests.servers import PATIENCE_S


def settings_in(folder: Path, **changes: Any) -> Any:
    return make_settings(folder, database_url="sqlite://", redis_url="unix:///nowhere", **changes)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_the_first_run_makes_keys_only_their_owner_can_read(tmp_path: Path) -> None:
    keys.make(tmp_path / "keys")

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "keys").iterdir()}
    assert modes == dict.fromkeys(("credential-1.pem", "jwt-1.pem", "pdf-1.pem", "root.pem"), 0o600)
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700


def test_a_second_run_leaves_them_as_they_are(tmp_path: Path) -> None:
    keys.make(tmp_path)
    before = contents(tmp_path)

    keys.make(tmp_path)

    assert contents(tmp_path) == before


def test_eight_processes_that_start_at_once_agree_on_the_same_keys(tmp_path: Path) -> None:
    start = Barrier(8)

    def make(_which: int) -> list[str]:
        start.wait(timeout=PATIENCE_S)
        ring = keys.current(settings_in(tmp_path, is_demo=True))
        return [key.thumbprint for key in ring.keys]

    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(make, range(8)))

    assert seen == [seen[0]] * 8
    leaf, root = keys.current(settings_in(tmp_path)).pdf.chain
    leaf.verify_directly_issued_by(root)
    assert len(list((tmp_path / "keys").iterdir())) == 4


def test_outside_the_demo_missing_keys_are_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(KeysMissingError, match="certificates keys make"):
        keys.current(settings_in(tmp_path))

    assert not (tmp_path / "keys").exists()


def test_the_demo_makes_its_own(tmp_path: Path) -> None:
    ring = keys.current(settings_in(tmp_path, is_demo=True))

    assert [(key.use, key.number) for key in ring.keys] == [("pdf", 1), ("credential", 1), ("jwt", 1)]


def test_keys_lie_where_the_operator_says(tmp_path: Path) -> None:
    keys.make(tmp_path / "elsewhere")

    ring = keys.current(settings_in(tmp_path, given_key_dir=tmp_path / "elsewhere"))

    assert ring.pdf.private is not None


def test_rotated_keys_sign_no_more_and_verify_for_ever(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, is_demo=True)
    old = keys.current(settings)
    signing: Any = old.pdf.private
    signature = signing.sign(b"issued before", ec.ECDSA(hashes.SHA256()))

    keys.rotate(tmp_path / "keys")
    new = keys.current(settings)

    assert [(key.number, key.private is None) for key in new.of("pdf")] == [(1, True), (2, False)]
    assert [key.thumbprint for key in new.keys if key.number == 1] == [key.thumbprint for key in old.keys]
    assert {key.thumbprint for key in new.keys if key.private}.isdisjoint(key.thumbprint for key in old.keys)
    kept: Any = new.of("pdf")[0].public
    kept.verify(signature, b"issued before", ec.ECDSA(hashes.SHA256()))
    assert all(
        b"PRIVATE" not in content
        for name, content in contents(tmp_path / "keys").items()
        if name.endswith("-1.pem")
    )
    assert new.roots() == old.roots()


def test_rotating_needs_the_root_that_was_put_away(tmp_path: Path) -> None:
    keys.make(tmp_path)
    (tmp_path / "root.pem").rename(tmp_path / "put-away")
    before = contents(tmp_path)

    with pytest.raises(KeysMissingError, match=r"root\.pem"):
        keys.rotate(tmp_path)

    assert contents(tmp_path) == before


def test_the_operator_makes_rotates_and_lists_them_by_command(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    run = make_app(settings).test_cli_runner().invoke

    missing = run(args=["certificates", "keys", "list"])
    unmade = run(args=["certificates", "keys", "rotate"])
    made = run(args=["certificates", "keys", "make"])
    rotated = run(args=["certificates", "keys", "rotate"])

    assert (missing.exit_code, unmade.exit_code) == (1, 1)
    assert "certificates keys make" in missing.output
    assert str(settings.signing_key_dir) in made.output
    assert made.output.count(" signs") == 3
    assert "pdf 1 (ES256) verifies only" in rotated.output
    assert "pdf 2 (ES256) signs, certified until" in rotated.output
    assert "credential 2 (EdDSA) signs" in run(args=["certificates", "keys", "list"]).output
