"""What the page of a certificate shows of its life."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import corrections, deliveries, holders, queries, renewals, standing
from portal.certification.models import Certificate
from portal.certification.policy import ISSUERS
from portal.core.clock import KST
from portal.messages.models import DeliveryState
from portal.messages.vocabulary import CHANNEL_NAMES

WAYS = {
    DeliveryState.WAITING: ("info", "기다림"),
    DeliveryState.SENDING: ("info", "보내는 중"),
    DeliveryState.HELD: ("info", "묶어서 보냄"),
    DeliveryState.SENT: ("ok", "보냄"),
    DeliveryState.FAILED: ("bad", "못 보냄"),
    DeliveryState.UNSURE: ("warn", "갔는지 모름"),
    DeliveryState.DROPPED: ("info", "보내지 않음"),
}


def parts_of(session: Session, user: User, certificate: Certificate, *, now: datetime) -> dict[str, Any]:
    """Return what the page of a certificate shows of its life, to its holder and to issuers."""
    is_holder = certificate.holder_id == user.id
    is_issuer = not is_holder and not user.roles.isdisjoint(ISSUERS)
    return {
        "status": standing.status_of(certificate, now=now),
        "today": now.astimezone(KST).date(),
        "asked": corrections.find_last(session, certificate.id),
        "renewable": renewals.find(session, certificate, now=now) if is_holder else None,
        "successor_code": queries.find_successor_code(session, certificate),
        "told": deliveries.list_told(session, certificate) if is_issuer else [],
        "channels": CHANNEL_NAMES,
        "way_words": {state: words for state, (_, words) in WAYS.items()},
        "way_kinds": {state: kind for state, (kind, _) in WAYS.items()},
        "visibility": holders.VISIBILITY_WORDS[certificate.visibility],
        "is_issuer": is_issuer,
    }
