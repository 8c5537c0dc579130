"""Beginning a diagnosis, answering, finishing."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core import db
from portal.core.errors import ConflictError, DomainError
from portal.diagnosis import queries
from portal.diagnosis.models import Diagnosis
from portal.diagnosis.questions import Questionnaire
from portal.diagnosis.result import judge


def start(session: Session, learner: User, questionnaire: Questionnaire, *, now: datetime) -> Diagnosis:
    """Return the learner's unfinished diagnosis, or begin one; a second press finds the first one's."""
    db.lock(session, User, learner.id)
    begun = queries.find_open(session, learner)
    if begun is None:
        begun = Diagnosis(
            learner_id=learner.id, version=questionnaire.version, answers={}, started_at=now, saved_at=now
        )
        session.add(begun)
        session.flush()  # its address carries the id
    return begun


def answer(session: Session, diagnosis: Diagnosis, given: Mapping[str, str], *, now: datetime) -> None:
    """Keep answers by their questions, beside those kept before. Raises ConflictError once it is finished."""
    diagnosis = db.lock(session, Diagnosis, diagnosis.id)
    if diagnosis.finished_at is not None:
        raise ConflictError("결과가 나온 진단이에요. 바뀐 것이 있으면 진단을 한 번 더 해 주세요.")
    diagnosis.answers = {**diagnosis.answers, **given}
    diagnosis.saved_at = now


def finish(session: Session, diagnosis: Diagnosis, questionnaire: Questionnaire, *, now: datetime) -> None:
    """Judge the answers and keep the result; one that is finished stays as it is."""
    diagnosis = db.lock(session, Diagnosis, diagnosis.id)
    if diagnosis.finished_at is not None:
        return
    if questionnaire.first_open_page(diagnosis.answers) is not None:
        raise DomainError("아직 답하지 않은 물음이 있어요. 남은 물음에 답해 주세요.")
    diagnosis.result = judge(questionnaire, diagnosis.answers).to_json()
    diagnosis.version, diagnosis.finished_at = questionnaire.version, now
