"""The public list of which credentials no longer stand: one bit each, in the order of their lots.

A bit says neither whose certificate it is nor how many there are: places are drawn by lot, and the list is as
long from the first day (Bitstring Status List v1.0). A certificate that another has taken the place of is
marked like a revoked one; its page says which it is.
"""

import gzip
from datetime import datetime, timedelta
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.certification import credential
from portal.certification.credential import Json
from portal.certification.keys import Ring, base64url
from portal.certification.models import Certificate, CertificateState
from portal.certification.numbering import STATUS_LIST_BITS

HOLDS = timedelta(days=1)
"""How long a copy may be believed."""


def list_ended(session: Session) -> list[int]:
    """Return the places of every certificate that was revoked or superseded."""
    statement = select(Certificate.status_index).where(
        Certificate.state != CertificateState.ACTIVE, Certificate.status_index.is_not(None)
    )
    return [place for place in session.scalars(statement) if place is not None]


def make(ended: list[int], ring: Ring, *, public_url: str, issuer_name: str, now: datetime) -> Json:
    """Return the list as a signed credential, as of the minute that ``now`` is in."""
    minute = now.replace(second=0, microsecond=0)
    address = f"{public_url}/certification/status/1"
    said: Json = {
        "@context": [credential.CREDENTIALS],
        "id": address,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": credential.issuer_id(ring.credential, public_url=public_url),
        "name": f"{issuer_name} 증서 상태",
        "validFrom": credential.instant(minute),
        "validUntil": credential.instant(minute + HOLDS),
        "credentialSubject": {
            "id": f"{address}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": encode(tuple(sorted(ended))),
        },
    }
    return {**said, "proof": credential.prove(said, ring.credential, public_url=public_url, at=minute)}


@lru_cache(maxsize=4)
def encode(places: tuple[int, ...]) -> str:
    """Return the bits, the first one the highest of the first byte: packed, and as base64url behind a u."""
    bits = bytearray(STATUS_LIST_BITS // 8)
    for place in places:
        bits[place >> 3] |= 0x80 >> (place & 7)
    return f"u{base64url(gzip.compress(bytes(bits), mtime=0))}"
