"""A telephone number or e-mail address as people type it, brought to one form."""

import re
import unicodedata

from portal.core.errors import DomainError
from portal.core.i18n import noted

_PHONE = re.compile(r"(?:010\d{8}|01[16789]\d{7,8})\Z")
_EMAIL = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[a-z0-9-]{1,63}\.)+[a-z]{2,63}\Z")
_EMAIL_MAX_CHARS = 254
_REFUSAL = noted("휴대전화 번호나 이메일 주소를 다시 확인해 주세요. 예: 010-1234-5678")


def normalise(typed: str) -> str:
    """Return ``01012345678`` or ``name@example.com``.

    Takes full-width digits, spaces, hyphens, dots and +82. Raises DomainError (field ``identifier``) for
    anything that is neither a mobile number nor an e-mail address.
    """
    text = "".join(c for c in unicodedata.normalize("NFKC", typed) if unicodedata.category(c) != "Cf")
    text = text.strip().lower()
    if "@" in text:
        if len(text) <= _EMAIL_MAX_CHARS and _EMAIL.match(text):
            return text
        raise DomainError(_REFUSAL, field="identifier")
    digits = re.sub(r"[\s().-]", "", text)
    if digits.startswith("+82"):
        digits = "0" + digits.removeprefix("+82").removeprefix("0")
    if _PHONE.match(digits):
        return digits
    raise DomainError(_REFUSAL, field="identifier")


def is_email(identifier: str) -> bool:
    """Tell whether a normalised identifier is an e-mail address."""
    return "@" in identifier


def shown(identifier: str) -> str:
    """Return the identifier with its middle hidden, for a page others may look at."""
    if is_email(identifier):
        local, _, domain = identifier.partition("@")
        return f"{local[:2]}***@{domain}"
    return f"{identifier[:3]}-****-{identifier[-4:]}"
