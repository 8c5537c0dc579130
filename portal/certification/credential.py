"""What a program can check of a certificate: an Open Badge 3.0 credential, signed, without a name in it.

The same facts and keys give the same bytes. It is signed twice: by a proof inside the JSON (Data Integrity,
eddsa-rdfc-2022), and as a JWT (RS256). What its terms mean is read from files of a package, never fetched.
"""

import hashlib
import hmac
import importlib.util
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives import serialization
from pyld import jsonld

from portal.certification.keys import Key, Ring
from portal.certification.models import CertificateKind
from portal.certification.queries import Facts
from portal.core.clock import KST
from portal.core.korean import with_particle

CREDENTIALS = "https://www.w3.org/ns/credentials/v2"
OPEN_BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
EXTENSIONS = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"
"""Defines the kind of schema we name; a verifier that lets nothing unknown pass refuses us without it."""
SCHEMA = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json"
PINNED = {
    CREDENTIALS: (
        "credentials-v2.json",
        "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734",
    ),
    OPEN_BADGES: (
        "ob-v3p0-context-3.0.3.json",
        "3d34f4d4ef1bce691106e63798beb5e7b862ba841423f5ee1e53ab7ddf3bca84",
    ),
    EXTENSIONS: (
        "ob-v3p0-extensions.json",
        "87c06c81bc2317663bf288d740d94fddd2818c4342b186270ff6371dfaa63f93",
    ),
}
"""The only contexts there are for us, by file and SHA-256: what a signature covers must never drift."""
SUITE = "eddsa-rdfc-2022"
ED25519 = b"\xed\x01"
LAST_SECOND = time(23, 59, 59, tzinfo=KST)
NOT_NATIONAL = "국가가 공인한 자격이 아니라 등록된 민간자격이에요."
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

Json = dict[str, Any]


class ContextError(RuntimeError):
    """A context is not one of ours, or its file is not what it was."""


@dataclass(frozen=True)
class Credential:
    """One credential in its two forms, as they are stored and handed out."""

    json: bytes
    jwt: bytes


def make(facts: Facts, ring: Ring, *, public_url: str) -> Credential:
    """Return the credential of a certificate, signed with the keys that sign now."""
    plain = describe(facts, ring, public_url=public_url)
    signed = {**plain, "proof": [prove(plain, ring.credential, public_url=public_url, at=facts.issued_at)]}
    return Credential(
        json=json.dumps(signed, ensure_ascii=False, separators=(",", ":")).encode(),
        jwt=_as_jwt(plain, ring.jwt, facts, public_url=public_url).encode(),
    )


def describe(facts: Facts, ring: Ring, *, public_url: str) -> Json:
    """Return what the credential of a certificate says, unsigned."""
    status = f"{public_url}/certification/status/1"
    address = f"{public_url}/certification/credentials/{facts.code}"
    said: Json = {
        "@context": [CREDENTIALS, OPEN_BADGES, EXTENSIONS],
        "id": address,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": facts.title,
        "description": _sentence(facts),
        "image": {"id": f"{address}.png", "type": "Image", "caption": f"{facts.title} 배지"},
        "issuer": profile(facts.issuer_name, ring, public_url=public_url),
        "validFrom": instant(facts.issued_at),
        "awardedDate": instant(facts.issued_at),
        "credentialSubject": {
            "id": facts.credential_uuid,
            "type": ["AchievementSubject"],
            **_identifier(facts),
            "licenseNumber": facts.number,
            "achievement": achievement(
                public_url=public_url,
                about=about_of(facts.course_id, facts.qualification_id),
                title=facts.title,
                registration_number=facts.registration_number,
                is_qualification=facts.kind is CertificateKind.QUALIFICATION,
            ),
        },
        "credentialSchema": [{"id": SCHEMA, "type": "1EdTechJsonSchemaValidator2019"}],
        "credentialStatus": {
            "id": f"{status}#{facts.status_index}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": str(facts.status_index),
            "statusListCredential": status,
        },
    }
    if facts.valid_until:
        said["validUntil"] = instant(_end_of(facts.valid_until))
    return said


def about_of(course_id: str | None, qualification_id: str | None) -> str:
    """Return what an achievement is called in its address: ``course-start``, ``qualification-designer-2``."""
    return f"course-{course_id}" if course_id else f"qualification-{qualification_id}"


def achievement(
    *, public_url: str, about: str, title: str, registration_number: str, is_qualification: bool
) -> Json:
    """Return what was achieved, the same for everybody who did."""
    if is_qualification:
        description = f"등록민간자격 「{title}」 (등록번호 {registration_number}). {NOT_NATIONAL}"
        narrative = "과정과 실습을 마치고 검정에 합격했어요. 두 사람이 확인하고 승인했어요."
    else:
        description = f"장터배움의 「{title}」 과정. 자격증이 아니에요."
        narrative = "과정을 마쳤어요. 두 사람이 확인하고 승인했어요."
    return {
        "id": f"{public_url}/certification/achievements/{about}.json",
        "type": ["Achievement"],
        "achievementType": "Certification" if is_qualification else "CertificateOfCompletion",
        "name": title,
        "description": description,
        "inLanguage": "ko",
        "criteria": {"narrative": narrative},
    }


def profile(name: str, ring: Ring, *, public_url: str) -> Json:
    """Return who issues, as credentials and the address of the issuer say it."""
    return {
        "id": issuer_id(ring.credential, public_url=public_url),
        "type": ["Profile"],
        "name": name,
        "url": public_url,
    }


def issuer_id(key: Key, *, public_url: str) -> str:
    """Return who issues as a DID: by our name where people reach us by https, else by the key itself."""
    address = urlsplit(public_url)
    if address.scheme == "https":
        return f"did:web:{address.netloc.replace(':', '%3A')}"
    return f"did:key:{multibase(key)}"


def did_document(ring: Ring, *, public_url: str) -> Json:
    """Return every key that ever signed credentials here, for those who resolve our DID."""
    did = issuer_id(ring.credential, public_url=public_url)
    methods = [
        {
            "id": f"{did}#{multibase(key)}",
            "type": "Multikey",
            "controller": did,
            "publicKeyMultibase": multibase(key),
        }
        for key in ring.of(ring.credential.use)
    ]
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": did,
        "verificationMethod": methods,
        "assertionMethod": [each["id"] for each in methods],
    }


def prove(document: Mapping[str, Any], key: Key, *, public_url: str, at: datetime) -> Json:
    """Return the Data Integrity proof of a document: Ed25519 over the hashes of two canonical RDF graphs."""
    proof: Json = {
        "type": "DataIntegrityProof",
        "cryptosuite": SUITE,
        "created": instant(at),
        "verificationMethod": f"{issuer_id(key, public_url=public_url)}#{multibase(key)}",
        "proofPurpose": "assertionMethod",
    }
    hashed = _hash({"@context": document["@context"], **proof}) + _hash(document)
    private: Any = key.private
    return {**proof, "proofValue": f"z{_base58(private.sign(hashed))}"}


def key_address(key: Key, *, public_url: str) -> str:
    """Return where anybody finds a key's public half; its ``kid``."""
    return f"{public_url}/certification/keys/{key.thumbprint}.json"


def jwk_of(key: Key, *, public_url: str) -> Json:
    """Return a key's public half as a JSON Web Key with its name."""
    return {**key.jwk, "kid": key_address(key, public_url=public_url), "use": "sig", "alg": key.algorithm}


def multibase(key: Key) -> str:
    """Return an Ed25519 key as a Multikey."""
    raw = key.public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return f"z{_base58(ED25519 + raw)}"


def canonical(document: Mapping[str, Any]) -> str:
    """Return the canonical RDF (RDFC-1.0) of a document. Raises JsonLdError for a context not ours."""
    written: str = jsonld.normalize(
        document, {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": _load}
    )
    return written


@lru_cache(maxsize=1)
def contexts() -> Mapping[str, Any]:
    """Return the contexts by address. Raises ContextError if a file is not the one we know."""
    found = importlib.util.find_spec("openbadgeslib")
    if found is None or found.origin is None:
        raise ContextError("openbadgeslib, which carries the contexts, is not installed.")
    folder = Path(found.origin).parent / "ob3" / "contexts"
    return {address: _read(folder / name, digest) for address, (name, digest) in PINNED.items()}


def _read(path: Path, digest: str) -> Any:
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != digest:
        raise ContextError(f"{path.name} is not the file that credentials were made with.")
    return json.loads(content)


def _load(address: str, _options: object = None) -> Json:
    if address not in contexts():
        raise ContextError(f"{address} is not one of the contexts we know.")
    return {
        "contentType": "application/ld+json",
        "contextUrl": None,
        "documentUrl": address,
        "document": contexts()[address],
        # It never changes: PyLD reads it once for each process instead of for each node.
        "tag": "static",
    }


def _hash(document: Mapping[str, Any]) -> bytes:
    return hashlib.sha256(canonical(document).encode()).digest()


def _as_jwt(said: Json, key: Key, facts: Facts, *, public_url: str) -> str:
    claims = {
        **said,
        "iss": said["issuer"]["id"],
        "jti": said["id"],
        "sub": said["credentialSubject"]["id"],
        "nbf": int(facts.issued_at.timestamp()),
    }
    if facts.valid_until:
        claims["exp"] = int(_end_of(facts.valid_until).timestamp())
    headers = {"kid": key_address(key, public_url=public_url), "jwk": key.jwk}
    private: Any = key.private
    return jwt.encode(claims, private, algorithm=key.algorithm, headers=headers)


def _sentence(facts: Facts) -> str:
    if facts.kind is CertificateKind.QUALIFICATION:
        earned = f"등록민간자격 {with_particle(f'「{facts.title}」', '을/를')} 딴"
    else:
        earned = f"「{facts.title}」 과정을 마친"
    return f"{earned} 사람이라고 {with_particle(facts.issuer_name, '이/가')} 확인해요."


def _identifier(facts: Facts) -> Json:
    """Return whose it is, as a salted hash of the mail address; nothing for whoever has none.

    A telephone number has so few possible values that the salt, which stands beside, would not hide it.
    """
    if not facts.holder_email:
        return {}
    salt = hmac.new(facts.credential_uuid.encode(), facts.code.encode(), "sha256").hexdigest()[:32]
    digest = hashlib.sha256(f"{facts.holder_email}{salt}".encode()).hexdigest()
    return {
        "identifier": [
            {
                "type": "IdentityObject",
                "identityType": "emailAddress",
                "hashed": True,
                "salt": salt,
                "identityHash": f"sha256${digest}",
            }
        ]
    }


def _end_of(day: date) -> datetime:
    return datetime.combine(day, LAST_SECOND)


def instant(moment: datetime) -> str:
    """Return a moment as credentials write it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _base58(content: bytes) -> str:
    number, digits = int.from_bytes(content), ""
    while number:
        number, rest = divmod(number, 58)
        digits = _BASE58[rest] + digits
    return "1" * (len(content) - len(content.lstrip(b"\0"))) + digits
