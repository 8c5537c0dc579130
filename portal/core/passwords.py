"""Passwords by argon2id at OWASP's parameters, a bounded number at a time.

One hash takes about 30 ms and 19 MiB. In a sign-in storm unbounded hashing would leave nothing for the
pages, so a few run at once and the rest are asked to try again.
"""

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from zxcvbn import zxcvbn

from portal.core.errors import DomainError, UnavailableError
from portal.core.i18n import gettext as _

#: OWASP password storage cheat sheet: argon2id, m=19456 (19 MiB), t=2, p=1.
_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
AT_ONCE = 2
WAIT_S = 4.0
_slots = threading.BoundedSemaphore(AT_ONCE)

#: Checked when there is no such account, so that the answer takes as long.
NOBODY = _hasher.hash("nobody has this password")

MIN_CHARS = 8
MAX_CHARS = 72
JUDGED_CHARS = 24
_CONTEXT_WORDS = ["장터배움", "jangteo", "baeum", "사장님", "상인", "배달", "멘토"]


def check_strength(password: str, *, own_words: list[str]) -> None:
    """Raise DomainError (field ``password``) for one that is too short, too long or easily guessed.

    Any characters count, blanks and Hangul too; nothing is cut off.
    """
    if len(password) < MIN_CHARS:
        raise DomainError(
            _("비밀번호는 %(fewest)s자 이상으로 적어 주세요.", fewest=MIN_CHARS), field="password"
        )
    if len(password) > MAX_CHARS:
        raise DomainError(_("비밀번호는 %(most)s자까지 적을 수 있어요.", most=MAX_CHARS), field="password")
    words = [word for word in [*own_words, *_CONTEXT_WORDS] if word]
    if any(len(word) >= 2 and word.lower() in password.lower() for word in words):
        raise DomainError(
            _("이름이나 전화번호, 장터배움이 들어간 비밀번호는 쓰지 말아 주세요."), field="password"
        )
    # Its search for look-alike letters takes seconds on long odd texts; what is weak shows at the beginning.
    if zxcvbn(password[:JUDGED_CHARS], user_inputs=words)["score"] < 2:
        raise DomainError(
            _("남이 쉽게 맞힐 수 있는 비밀번호예요. 서로 상관없는 낱말 세 개를 이어 적어 보세요."),
            field="password",
        )


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
