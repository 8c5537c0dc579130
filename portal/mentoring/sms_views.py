"""Where a gateway hands over the text messages people send back."""

import hmac
import logging

from flask import Blueprint, abort, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.identifier import normalise
from portal.core import clock, db, pace, settings
from portal.core.errors import DomainError, ForbiddenError
from portal.mentoring import text_replies
from portal.web.access import ANYONE, access
from portal.web.csrf import header_is_proof

bp = Blueprint("sms", __name__)
log = logging.getLogger(__name__)

PER_ADDRESS, PER_SENDER = 300, 10
"""In a minute: what a gateway hands over at most, and what one person writes at most."""
ID_MAX_CHARS, TEXT_MAX_CHARS = 200, 2000


@bp.post("/sms/incoming")
@access(ANYONE)
@header_is_proof
def incoming() -> ResponseReturnValue:
    """Take one text message: JSON with ``id``, ``from`` and ``text``, and the key as bearer."""
    key = settings.current().sms_inbound_key
    if not key:
        abort(404)
    pace.check("sms", request.remote_addr or "", most=PER_ADDRESS, within_s=60)
    sent = request.headers.get("Authorization", "")
    if not hmac.compare_digest(sent.encode(), f"Bearer {key}".encode()):
        raise ForbiddenError("문자를 넘기는 곳의 열쇠가 맞지 않아요.")
    message_id, phone, text = _read(request.get_json(silent=True))
    pace.check("sms-from", phone, most=PER_SENDER, within_s=60)
    with db.transaction() as session:
        outcome = text_replies.receive(
            session, message_id=message_id, phone=phone, text=text, link=page_of, now=clock.now()
        )
    log.info("A text message came in: %s", outcome)
    return "", 204


def page_of(engagement_id: int | None) -> str:
    """Return the page of an engagement, or of all one's mentoring."""
    if engagement_id is None:
        return url_for("mentoring.index")
    return url_for("mentoring.engagement", engagement_id=engagement_id)


def _read(content: object) -> tuple[str, str, str]:
    """Return id, number and text of a message. Raises DomainError for anything else."""
    fields = content if isinstance(content, dict) else {}
    values = [fields.get(name) for name in ("id", "from", "text")]
    if not all(isinstance(value, str) for value in values):
        raise DomainError("문자를 읽지 못했어요. id, from, text가 글자로 있어야 해요.")
    message_id, phone, text = (str(value).replace("\0", "") for value in values)
    if not 0 < len(message_id) <= ID_MAX_CHARS or len(text) > TEXT_MAX_CHARS:
        raise DomainError("문자를 읽지 못했어요. id나 text가 비었거나 너무 길어요.")
    return message_id, normalise(phone), text
