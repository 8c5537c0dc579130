"""How somebody wants to be printed: the person confirms it once, before a certificate is issued."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification.life_models import PrintedName
from portal.core import fonts
from portal.core.errors import DomainError

LONGEST = 40
_HANJA = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff ]+")
_LATIN = re.compile(r"[A-Za-z][A-Za-z .,'\-]*")


@dataclass(frozen=True)
class Wanted:
    """A name as it is to be printed, and beside it in 한자 and in Latin letters, or empty."""

    name: str
    hanja: str = ""
    latin: str = ""

    def __post_init__(self) -> None:
        for part in ("name", "hanja", "latin"):
            tidied = " ".join(unicodedata.normalize("NFC", getattr(self, part)).split())
            object.__setattr__(self, part, tidied)


def find(session: Session, user: User) -> PrintedName | None:
    """Return how the person confirmed to be printed, or None before that."""
    return session.get(PrintedName, user.id)


def confirm(session: Session, user: User, wanted: Wanted, *, now: datetime) -> PrintedName:
    """Keep how the person wants to be printed from now on; what was issued stays as it is.

    Raises DomainError (``name``, ``hanja``, ``latin``) for what cannot be printed.
    """
    check(wanted)
    return keep(session, user.id, wanted, now=now)


def keep(session: Session, user_id: int, wanted: Wanted, *, now: datetime) -> PrintedName:
    """Keep a name that was checked."""
    kept = session.get(PrintedName, user_id, with_for_update=True, populate_existing=True)
    if kept is None:
        try:
            with session.begin_nested():
                session.add(PrintedName(user_id=user_id, name=wanted.name, confirmed_at=now))
        except IntegrityError:
            pass  # another device of the same person confirmed in this moment
        kept = session.get_one(PrintedName, user_id, with_for_update=True, populate_existing=True)
    kept.name, kept.hanja, kept.latin, kept.confirmed_at = wanted.name, wanted.hanja, wanted.latin, now
    return kept


def check(wanted: Wanted) -> None:
    """Raise DomainError (``name``, ``hanja``, ``latin``) for what cannot be printed."""
    if len(wanted.name) < 2:
        raise DomainError("성과 이름을 모두 적어 주세요.", field="name")
    for part in ("name", "hanja", "latin"):
        words: str = getattr(wanted, part)
        if len(words) > LONGEST:
            raise DomainError(f"{LONGEST}자까지 인쇄할 수 있어요. 조금 줄여 주세요.", field=part)
        if missing := [letter for letter in words if not letter.isspace() and not _is_printable(letter)]:
            raise DomainError(f"‘{missing[0]}’ 글자는 인쇄할 수 없어요. 다른 글자로 적어 주세요.", field=part)
    if any(letter.isdigit() for letter in wanted.name):
        raise DomainError("이름에는 숫자를 넣을 수 없어요.", field="name")
    if wanted.hanja and not _HANJA.fullmatch(wanted.hanja):
        raise DomainError("한자로만 적어 주세요. 없으면 비워 두세요.", field="hanja")
    if wanted.latin and not _LATIN.fullmatch(wanted.latin):
        raise DomainError("영문자로만 적어 주세요. 예: HONG GILDONG", field="latin")


def _is_printable(letter: str) -> bool:
    return letter.isprintable() and ord(letter) in fonts.letters(fonts.serif())
