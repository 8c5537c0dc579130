"""The keys certificates are signed with: one for PDF, one for credentials, one for credentials as JWT.

Each is a file ``<use>-<number>.pem``, readable by its owner only; the highest number signs. Rotating makes
the next number and leaves of the old file what the public may know, so that what it signed is still verified.
Files appear whole or not at all, and never take the place of one that is there: two processes that make keys
at once agree on those of the first.
"""

import base64
import hashlib
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID
from jwt.algorithms import get_default_algorithms

from portal.core import clock
from portal.core.settings import Settings

PDF, CREDENTIAL, JWT = "pdf", "credential", "jwt"
ALGORITHMS = {PDF: "ES256", CREDENTIAL: "EdDSA", JWT: "RS256"}
ROOT_FILE = "root.pem"
ROOT_DAYS, LEAF_DAYS = 3650, 1095
DEMO_BEFORE = timedelta(days=730)
"""How far back the demo's certificates hold: its stories begin long before its first start."""
NO_KEYS = (
    "서명에 쓸 열쇠가 없어요. `flask --app app certificates keys make`로 만들거나 PORTAL_SIGNING_KEY_DIR에 "
    "열쇠가 있는 폴더를 알려 주세요."
)

PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey
PublicKey = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | rsa.RSAPublicKey


class KeysMissingError(RuntimeError):
    """There is nothing to sign with; the message says what the operator does."""


@dataclass(frozen=True)
class Key:
    """One key, with its private half only while it signs."""

    use: str
    number: int
    public: PublicKey
    private: PrivateKey | None
    #: Its certificate and then the root's; empty for all but PDF.
    chain: tuple[x509.Certificate, ...] = ()

    @property
    def algorithm(self) -> str:
        """What JWTs and lists of keys call its way of signing."""
        return ALGORITHMS[self.use]

    @property
    def thumbprint(self) -> str:
        """The key's own name: RFC 7638, SHA-256."""
        needed = {"EC": ("crv", "kty", "x", "y"), "OKP": ("crv", "kty", "x"), "RSA": ("e", "kty", "n")}
        members = self.jwk
        written = ",".join(f'"{name}":"{members[name]}"' for name in needed[members["kty"]])
        return base64url(hashlib.sha256(f"{{{written}}}".encode()).digest())

    @property
    def jwk(self) -> dict[str, str]:
        """The public half as a JSON Web Key, without a name."""
        algorithm: Any = get_default_algorithms()[self.algorithm]
        members: dict[str, Any] = algorithm.to_jwk(self.public, as_dict=True)
        return {name: members[name] for name in ("kty", "crv", "x", "y", "n", "e") if name in members}


@dataclass(frozen=True)
class Ring:
    """All keys of an installation, of each use the oldest first."""

    keys: tuple[Key, ...]

    @property
    def pdf(self) -> Key:
        """The key that signs documents."""
        return self.signing(PDF)

    @property
    def credential(self) -> Key:
        """The key that signs credentials."""
        return self.signing(CREDENTIAL)

    @property
    def jwt(self) -> Key:
        """The key that signs credentials as JWT."""
        return self.signing(JWT)

    def signing(self, use: str) -> Key:
        """Return the newest key of a use."""
        return self.of(use)[-1]

    def of(self, use: str) -> tuple[Key, ...]:
        """Return every key of a use, the oldest first."""
        return tuple(key for key in self.keys if key.use == use)

    def roots(self) -> tuple[x509.Certificate, ...]:
        """Return the certificates that vouch for every one a document was ever signed with."""
        return tuple({key.chain[-1]: None for key in self.of(PDF)})


def current(settings: Settings) -> Ring:
    """Return the keys of this installation; the demo makes its own when it has none.

    Raises KeysMissingError outside the demo.
    """
    folder = settings.signing_key_dir
    if not _is_complete(folder):
        if not settings.is_demo:
            raise KeysMissingError(NO_KEYS)
        make(folder, before=DEMO_BEFORE)
    return _read(folder, _seen(folder))


def make(folder: Path, *, before: timedelta = timedelta(days=1)) -> None:
    """Make whatever is missing in ``folder``; what is there stays.

    The certificates have been good since ``before`` ago, since a document is signed as of its issue.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    since = clock.now() - before
    for use in ALGORITHMS:
        if not _files(folder, use):
            _make_key(folder, use, 1, since=since)


def rotate(folder: Path) -> None:
    """Make the next key of each use, and leave of the last ones only what the public may know.

    Raises KeysMissingError where there are no keys, or no root to sign the next certificate.
    """
    if not _is_complete(folder):
        raise KeysMissingError(NO_KEYS)
    if not (folder / ROOT_FILE).is_file():
        raise KeysMissingError(
            f"{folder / ROOT_FILE}이 없어요. 따로 둔 뿌리 열쇠를 잠깐 다시 놓고 해 주세요."
        )
    for use in ALGORITHMS:
        number, path = _files(folder, use)[-1]
        _make_key(folder, use, number + 1, since=clock.now() - timedelta(days=1))
        _retire(path, use)


def base64url(content: bytes) -> str:
    """Return ``content`` in base64url without padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _is_complete(folder: Path) -> bool:
    return all(_files(folder, use) for use in ALGORITHMS)


def _files(folder: Path, use: str) -> list[tuple[int, Path]]:
    """Return the files of a use by number."""
    found = (
        (int(number), path)
        for path in folder.glob(f"{use}-*.pem")
        if (number := path.stem.removeprefix(f"{use}-")).isdigit()
    )
    return sorted(found)


def _seen(folder: Path) -> tuple[tuple[str, int], ...]:
    """Return what tells one state of the folder from another."""
    return tuple(
        (path.name, path.stat().st_mtime_ns) for use in ALGORITHMS for _number, path in _files(folder, use)
    )


@lru_cache(maxsize=4)
def _read(folder: Path, _state: tuple[tuple[str, int], ...]) -> Ring:
    return Ring(
        tuple(_read_key(path, use, number) for use in ALGORITHMS for number, path in _files(folder, use))
    )


def _read_key(path: Path, use: str, number: int) -> Key:
    content = path.read_bytes()
    chain = tuple(x509.load_pem_x509_certificates(content)) if use == PDF else ()
    private: Any = None
    if b"PRIVATE KEY-----" in content:
        private = serialization.load_pem_private_key(content, None)
    public: Any = chain[0].public_key() if chain else private.public_key() if private else None
    if public is None:
        public = serialization.load_pem_public_key(content)
    return Key(use, number, public, private, chain)


def _make_key(folder: Path, use: str, number: int, *, since: datetime) -> None:
    private: PrivateKey
    if use == PDF:
        private = ec.generate_private_key(ec.SECP256R1())
    elif use == CREDENTIAL:
        private = ed25519.Ed25519PrivateKey.generate()
    else:
        private = rsa.generate_private_key(65537, 2048)
    content = _pem_of(private)
    if use == PDF:
        content += b"".join(_pem_of_certificate(each) for each in _certify(folder, private, since=since))
    _put(folder / f"{use}-{number}.pem", content)


def _certify(folder: Path, leaf: PrivateKey, *, since: datetime) -> Iterator[x509.Certificate]:
    """Yield a certificate for ``leaf`` and that of the root, which is made if there is none."""
    path = folder / ROOT_FILE
    if not path.is_file():
        key = ec.generate_private_key(ec.SECP256R1())
        itself = _certificate("장터배움 증서 뿌리", key.public_key(), key, None, since=since, days=ROOT_DAYS)
        _put(path, _pem_of(key) + _pem_of_certificate(itself))
    content = path.read_bytes()
    root: Any = serialization.load_pem_private_key(content, None)
    issuer = x509.load_pem_x509_certificate(content)
    yield _certificate("장터배움 증서 서명", leaf.public_key(), root, issuer, since=since, days=LEAF_DAYS)
    yield issuer


def _certificate(
    name: str,
    public: Any,
    signer: ec.EllipticCurvePrivateKey,
    issuer: x509.Certificate | None,
    *,
    since: datetime,
    days: int,
) -> x509.Certificate:
    """Return a certificate signed by ``issuer``, or by itself: then it may sign others and nothing else."""
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "KR"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "장터배움"),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )
    is_root = issuer is None
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(clock.now() + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=0 if is_root else None), critical=True)
        .add_extension(_usage(is_root=is_root), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
    )
    return builder.sign(signer, hashes.SHA256())


def _usage(*, is_root: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_root,
        content_commitment=not is_root,
        key_cert_sign=is_root,
        crl_sign=is_root,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _retire(path: Path, use: str) -> None:
    """Leave of a key's file what the public may know."""
    key = _read_key(path, use, 0)
    content = b"".join(_pem_of_certificate(each) for each in key.chain) or key.public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    beside = _write_beside(path, content)
    beside.replace(path)


def _put(path: Path, content: bytes) -> None:
    """Write a file that is not there yet; one that another process made in this moment stays."""
    beside = _write_beside(path, content)
    try:
        os.link(beside, path)
    except FileExistsError:
        return
    finally:
        beside.unlink()


def _write_beside(path: Path, content: bytes) -> Path:
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return beside


def _pem_of(key: PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _pem_of_certificate(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
