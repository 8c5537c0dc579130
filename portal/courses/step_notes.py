"""What a learner writes down at a step, for themself."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core.errors import ConflictError, DomainError
from portal.core.i18n import gettext as _
from portal.courses import operations, policy
from portal.courses.catalogue import Place
from portal.courses.models import StepNote

NOTE_MAX_CHARS = 5_000


def save_note(
    session: Session, learner: User, place: Place, *, text: str, seen: datetime | None, now: datetime
) -> None:
    """Keep what a learner writes down at a step, and begin the course if they have not.

    ``seen`` is when the note was saved that the page showed, None where there was none. Raises ConflictError
    if it is another by now, so that one device does not write over what was written on the other.
    """
    if len(text) > NOTE_MAX_CHARS:
        raise DomainError(
            _("메모가 너무 길어요. %(most)s자까지 적을 수 있어요.", most=f"{NOTE_MAX_CHARS:,}"), field="text"
        )
    operations.enrol(session, learner, place.course, now=now)
    note = session.scalar(select(StepNote).where(policy.own_at(learner, StepNote, place)))
    if note is None:
        if not text:
            return
        note = StepNote(
            learner_id=learner.id,
            course_id=place.course.id,
            lesson_id=place.lesson.id,
            step_id=place.step.id,
        )
        session.add(note)
    elif note.text == text:
        return
    elif note.saved_at != seen:
        raise ConflictError(
            _("다른 기기에서 적은 메모가 있어서 두 메모를 이어 놓았어요. 살펴보고 한 번 더 눌러 주세요.")
        )
    note.text, note.saved_at = text, now
