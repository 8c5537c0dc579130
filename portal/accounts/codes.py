"""One-time codes: six digits by text message or e-mail, five minutes, five tries, one use, one browser."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from portal.accounts import queries
from portal.accounts.models import ConsentKind, OneTimeCode
from portal.core import settings
from portal.core.errors import DomainError, TooManyError
from portal.core.i18n import gettext as _
from portal.core.i18n import noted

LASTS = timedelta(minutes=5)
TRIES = 5
SENT_AGAIN_WITHIN = timedelta(minutes=1)
KEPT = timedelta(days=1)
#: In one hour: for one number from one place; for one number from everywhere, so that a stranger can
#: neither flood its owner nor keep them out; from one place, where thirty people of a class may sit; in all.
PER_NUMBER_AND_ADDRESS, PER_NUMBER, PER_ADDRESS, IN_ALL = 5, 15, 100, 3000

_WRONG = noted("숫자가 맞지 않아요. 문자로 받은 여섯 자리를 다시 적어 주세요.")
_OVER = noted("숫자를 쓸 수 있는 시간이 지났어요. 새 숫자를 받아 주세요.")


@dataclass(frozen=True)
class Newcomer:
    """What a sign-up waits with until its identifier is proved."""

    name: str
    password_hash: str | None
    consents: dict[ConsentKind, str]


def make_code(
    session: Session,
    *,
    identifier: str,
    browser: str,
    address: str,
    newcomer: Newcomer | None,
    now: datetime,
) -> str | None:
    """Record a code and return its six digits for sending, or None when it could open nothing.

    A code to sign in opens nothing for an unknown identifier, one to sign up nothing for a known one; the
    row is made all the same, so that the page that follows tells nobody which it was. Raises TooManyError
    at the limits above. Codes older than a day are forgotten, with the names of those who never joined.
    """
    where = _hmac(address, "address")
    session.execute(delete(OneTimeCode).where(OneTimeCode.created_at < now - KEPT))
    _check_limits(session, identifier=identifier, where=where, now=now)
    is_known = queries.find_user(session, identifier) is not None
    opens = is_known if newcomer is None else not is_known
    code = f"{secrets.randbelow(1_000_000):06d}"
    session.add(
        OneTimeCode(
            identifier=identifier,
            code_hmac=_hmac(identifier, code) if opens else None,
            browser=_hash(browser),
            address=where,
            created_at=now,
            expires_at=now + LASTS,
            name=newcomer.name if newcomer else "",
            password_hash=newcomer.password_hash if newcomer else None,
            consents=_pack(newcomer.consents) if newcomer else "",
        )
    )
    return code if opens else None


def find_waiting(session: Session, *, browser: str, now: datetime) -> OneTimeCode | None:
    """Return the newest code this browser waits for, if it can still be used."""
    return session.scalar(
        select(OneTimeCode)
        .where(
            OneTimeCode.browser == _hash(browser), OneTimeCode.used_at.is_(None), OneTimeCode.expires_at > now
        )
        .order_by(OneTimeCode.id.desc())
        .limit(1)
    )


def use_code(session: Session, *, browser: str, typed: str, now: datetime) -> OneTimeCode | None:
    """Use up the code if ``typed`` is it, else count the try and return None.

    The caller commits either way. The same code sent twice within a minute, as by a double press, is the
    same answer. Raises DomainError (field ``code``) when there is no usable code.
    """
    digits = "".join(letter for letter in typed if letter.isdigit())
    just_used = _find_just_used(session, browser=browser, now=now)
    if just_used is not None and _is_right(just_used, digits):
        return just_used
    waiting = find_waiting(session, browser=browser, now=now)
    if waiting is None:
        raise DomainError(_OVER, field="code")
    row = session.get(OneTimeCode, waiting.id, with_for_update=True, populate_existing=True)
    if row is None or row.used_at is not None or row.tries >= TRIES:
        raise DomainError(_OVER, field="code")
    row.tries += 1
    if not _is_right(row, digits):
        return None
    row.used_at = now
    return row


def wrong_code() -> DomainError:
    """Return the refusal for a code that does not match."""
    return DomainError(_WRONG, field="code")


def agreed(code: OneTimeCode) -> dict[ConsentKind, str]:
    """Return the consents a sign-up waits with, kind and version."""
    pairs = (pair.partition("=") for pair in code.consents.split())
    return {ConsentKind(kind): version for kind, _, version in pairs}


def _find_just_used(session: Session, *, browser: str, now: datetime) -> OneTimeCode | None:
    return session.scalar(
        select(OneTimeCode)
        .where(OneTimeCode.browser == _hash(browser), OneTimeCode.used_at > now - SENT_AGAIN_WITHIN)
        .order_by(OneTimeCode.id.desc())
        .limit(1)
    )


def _is_right(row: OneTimeCode, digits: str) -> bool:
    return row.code_hmac is not None and hmac.compare_digest(row.code_hmac, _hmac(row.identifier, digits))


def _check_limits(session: Session, *, identifier: str, where: str, now: datetime) -> None:
    recent = (
        select(func.count()).select_from(OneTimeCode).where(OneTimeCode.created_at > now - timedelta(hours=1))
    )
    for_number, from_there = OneTimeCode.identifier == identifier, OneTimeCode.address == where
    for statement, most in (
        (recent.where(for_number, from_there), PER_NUMBER_AND_ADDRESS),
        (recent.where(for_number), PER_NUMBER),
        (recent.where(from_there), PER_ADDRESS),
        (recent, IN_ALL),
    ):
        if (session.scalar(statement) or 0) >= most:
            raise TooManyError(_("숫자를 여러 번 보냈어요. 한 시간 뒤에 다시 받거나, 전화로 물어봐 주세요."))


def _pack(consents: dict[ConsentKind, str]) -> str:
    return " ".join(f"{kind.value}={version}" for kind, version in consents.items())


def _hmac(identifier: str, code: str) -> str:
    key = settings.current().secret_key.encode()
    return hmac.new(key, f"{identifier}:{code}".encode(), hashlib.sha256).hexdigest()


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
