"""Passwords by argon2id at OWASP's parameters, a bounded number at a time.

One hash takes about 30 ms and 19 MiB. In a sign-in storm unbounded hashing would leave nothing for the
pages, so a few run at once and the rest are asked to try again.
"""

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from portal.core.errors import UnavailableError
from portal.core.i18n import gettext as _

#: OWASP password storage cheat sheet: argon2id, m=19456 (19 MiB), t=2, p=1.
_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
AT_ONCE = 2
WAIT_S = 4.0
_slots = threading.BoundedSemaphore(AT_ONCE)

#: Checked when there is no such account, so that the answer takes as long.
NOBODY = _hasher.hash("nobody has this password")


def hash_password(password: str) -> str:
    """Return the hash to store. Raises UnavailableError when too many are hashing."""
    with _Slot():
        return _hasher.hash(password)


def is_right(stored: str | None, password: str) -> bool:
    """Tell whether ``password`` is the stored one; as slow for None, which is never right.

    Raises UnavailableError when too many are hashing.
    """
    with _Slot():
        try:
            return _hasher.verify(stored or NOBODY, password) and stored is not None
        except (VerifyMismatchError, InvalidHashError):
            return False


def is_outdated(stored: str) -> bool:
    """Tell whether the hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(stored)


class _Slot:
    def __enter__(self) -> None:
        if not _slots.acquire(timeout=WAIT_S):
            raise UnavailableError(_("지금 들어오는 분이 많아요. 잠시 뒤에 다시 눌러 주세요."))

    def __exit__(self, *_error: object) -> None:
        _slots.release()
