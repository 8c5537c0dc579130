"""What waits for a member of staff around lessons, to be counted on their desk."""

from collections.abc import Iterator

from sqlalchemy import select

from portal.accounts.models import User
from portal.core import work
from portal.core.pending import Counted, counted
from portal.core.roles import Role
from portal.courses.models import Handout, StepTask

CARETAKERS = (Role.TRAINER, Role.OPERATOR)
"""Those who look after the lessons."""


def of(user: User) -> Iterator[Counted]:
    """Yield what counts each kind of work this person has here."""
    if not user.roles.isdisjoint(CARETAKERS):
        tasks = select(StepTask).where(StepTask.closed_at.is_(None)).order_by(StepTask.id)
        yield counted("step-tasks", tasks, StepTask.opened_at)


def of_jobs() -> Iterator[Counted]:
    """Yield what counts the handouts that could not be made, for operators."""
    yield counted("job:handouts", select(Handout).where(work.has_failed(Handout)), None)
