"""How often one may fail to sign in.

Three counts over fifteen minutes. One person's account from one address: few. One account from everywhere:
more, so that a stranger cannot keep its owner out for long. One address: many, because thirty people of a
classroom share it, and only failures count.
"""

import hashlib
import hmac
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from portal.accounts.models import SignInFailure
from portal.core import settings
from portal.core.errors import TooManyError
from portal.core.i18n import gettext as _

WINDOW = timedelta(minutes=15)
KEPT = timedelta(days=1)
PER_ACCOUNT_AND_ADDRESS = 8
PER_ACCOUNT = 40
PER_ADDRESS = 300


def check(session: Session, *, identifier: str, address: str, now: datetime) -> None:
    """Raise TooManyError when the account or the address has failed too often."""
    hidden, where, since = _hide(identifier), _hide(address), now - WINDOW
    recent = select(func.count()).select_from(SignInFailure).where(SignInFailure.at > since)
    by_account = recent.where(SignInFailure.identifier == hidden)
    reached = (
        _count(session, by_account.where(SignInFailure.address == where)) >= PER_ACCOUNT_AND_ADDRESS
        or _count(session, by_account) >= PER_ACCOUNT
        or _count(session, recent.where(SignInFailure.address == where)) >= PER_ADDRESS
    )
    if reached:
        raise TooManyError(_("여러 번 틀려서 잠시 멈췄어요. 15분 뒤에 다시 하거나, 전화로 물어봐 주세요."))


def note_failure(session: Session, *, identifier: str, address: str, now: datetime) -> None:
    """Count one failure, and forget those no limit looks at any more."""
    session.execute(delete(SignInFailure).where(SignInFailure.at < now - KEPT))
    session.add(SignInFailure(identifier=_hide(identifier), address=_hide(address), at=now))


def _count(session: Session, statement: Select[int]) -> int:
    return session.scalar(statement) or 0


def _hide(text: str) -> str:
    return hmac.new(settings.current().secret_key.encode(), text.encode(), hashlib.sha256).hexdigest()
