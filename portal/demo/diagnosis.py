"""The demo world's diagnoses."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.demo.stories import Story
from portal.diagnosis import operations, questions

TAKES = timedelta(minutes=9)


def tell_diagnosis(session: Session, people: dict[str, User], row: dict[str, Any], *, now: datetime) -> Story:
    """Begin a diagnosis so many days before ``now`` and answer as in ``row``; finish it, or stop."""
    asked, learner = questions.current(), people[row["by"]]
    answers = {
        question.id: next(
            answer.id
            for answer in question.answers
            if answer.points == row["points"].get(question.id, row["usual"])
        )
        for question in asked.questions[: row.get("stops_after")]
    }
    begun = now - timedelta(days=row["ago"], hours=2)
    yield begun
    diagnosis = operations.start(session, learner, asked, now=begun)
    yield (ended := begun + TAKES)
    operations.answer(session, diagnosis, answers, now=ended)
    if "stops_after" in row:
        return
    operations.finish(session, diagnosis, asked, now=ended)
