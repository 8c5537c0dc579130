"""Reading diagnoses."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core.errors import NotFoundError
from portal.diagnosis import policy
from portal.diagnosis.models import Diagnosis

SHOWN = 20


def get_diagnosis(session: Session, user: User, diagnosis_id: int) -> Diagnosis:
    """Return the person's diagnosis. Raises NotFoundError for anybody else's."""
    found = session.scalar(select(Diagnosis).where(Diagnosis.id == diagnosis_id, policy.may_view(user)))
    if found is None:
        raise NotFoundError("찾는 진단이 없어요. 진단에서 다시 찾아 주세요.")
    return found


def find_open(session: Session, user: User) -> Diagnosis | None:
    """Return the diagnosis the person has begun and not finished."""
    return session.scalar(select(Diagnosis).where(policy.may_view(user), Diagnosis.finished_at.is_(None)))


def list_finished(session: Session, user: User) -> Sequence[Diagnosis]:
    """Return the person's finished diagnoses, the newest first."""
    return session.scalars(
        select(Diagnosis)
        .where(policy.may_view(user), Diagnosis.finished_at.is_not(None))
        .order_by(Diagnosis.id.desc())
        .limit(SHOWN)
    ).all()


def find_before(session: Session, user: User, diagnosis: Diagnosis) -> Diagnosis | None:
    """Return the finished diagnosis before this one."""
    return session.scalar(
        select(Diagnosis)
        .where(policy.may_view(user), Diagnosis.finished_at.is_not(None), Diagnosis.id < diagnosis.id)
        .order_by(Diagnosis.id.desc())
        .limit(1)
    )
