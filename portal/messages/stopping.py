"""The address at the foot of a message that stops such messages, for whoever holds the message.

It names a delivery and is signed with the portal's key, so that nobody can guess one; it never expires,
since old mails are read, too. It is short, to fit a text message.
"""

import base64
import hashlib
import hmac

from portal.core.errors import NotFoundError
from portal.web.addresses import LARGEST_ID

MAC_BYTES = 9
"""Seventy-two bits, twelve letters: too many to guess, few enough for a text message."""


def make_token(delivery_id: int, *, key: str) -> str:
    """Return the signed name of a delivery."""
    return f"{delivery_id:x}.{_sign(delivery_id, key)}"


def read_token(token: str, *, key: str) -> int:
    """Return the delivery a token names. Raises NotFoundError for one that we did not sign."""
    digits, _, signature = token.partition(".")
    try:
        delivery_id = int(digits, 16)
    except ValueError:
        delivery_id = 0
    is_ours = hmac.compare_digest(signature.encode(), _sign(delivery_id, key).encode())
    if not is_ours or not 1 <= delivery_id <= LARGEST_ID or token != make_token(delivery_id, key=key):
        raise NotFoundError("주소가 잘렸어요. 받은 글에 있는 주소를 처음부터 끝까지 눌러 주세요.")
    return delivery_id


def _sign(delivery_id: int, key: str) -> str:
    mac = hmac.new(key.encode(), f"stop messages {delivery_id}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(mac[:MAC_BYTES]).decode()
