"""What a holder lets strangers see, and the public list of those who want to be found."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import chain
from portal.certification.models import Certificate, CertificateState, EventKind
from portal.certification.vocabulary import Visibility
from portal.core import db
from portal.core.clock import KST
from portal.core.errors import ConflictError, ForbiddenError

PAGE_SIZE = 50
VISIBILITY_WORDS = {
    Visibility.LISTED: "이름 목록에 나와요",
    Visibility.BY_CODE: "확인 번호를 아는 분만 봐요",
    Visibility.OFF: "유효한지만 보여 줘요",
}


@dataclass(frozen=True)
class Holder:
    """One line of the public list: the holder chose to stand there with the name as printed."""

    certificate_id: int
    name: str
    number: str
    issued_at: datetime
    valid_until: date | None


def choose(
    session: Session, certificate: Certificate, holder: User, visibility: Visibility, *, now: datetime
) -> None:
    """Let strangers see as much as the holder wants; choosing the same again changes nothing.

    Raises ForbiddenError for anybody but the holder, ConflictError for the list where there is none.
    """
    certificate = db.lock(session, Certificate, certificate.id)
    if certificate.holder_id != holder.id:
        raise ForbiddenError("받은 분만 바꿀 수 있어요.")
    if visibility is Visibility.LISTED and certificate.qualification_id is None:
        raise ConflictError("과정 수료증은 이름 목록이 없어요.")
    if certificate.visibility is visibility:
        return
    certificate.visibility = visibility
    note = VISIBILITY_WORDS[visibility]
    chain.note(session, certificate.proposal_id, EventKind.VISIBILITY, by=holder, now=now, note=note)


def list_listed(
    session: Session, qualification_id: str, *, now: datetime, before_id: int = 0, limit: int = PAGE_SIZE + 1
) -> Sequence[Holder]:
    """Return those who hold a qualification today and want to be found, the newest first."""
    today = now.astimezone(KST).date()
    statement = select(
        Certificate.id,
        Certificate.holder_name,
        Certificate.number,
        Certificate.issued_at,
        Certificate.valid_until,
    ).where(
        Certificate.qualification_id == qualification_id,
        Certificate.visibility == Visibility.LISTED,
        Certificate.state == CertificateState.ACTIVE,
        Certificate.pdf_sha256.is_not(None),
        or_(Certificate.valid_until.is_(None), Certificate.valid_until >= today),
    )
    if before_id:
        statement = statement.where(Certificate.id < before_id)
    rows = session.execute(statement.order_by(Certificate.id.desc()).limit(limit))
    return [Holder(*row) for row in rows]
