"""The demo world's courses: steps completed, answers half typed, and what was done outside and shown."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zlib import crc32

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.courses import catalogue, phrases, rehearsals, replies, step_notes
from portal.courses import operations as courses
from portal.courses.catalogue import Place
from portal.courses.models import ProofReview
from portal.courses.reply_models import ReplyReview
from portal.demo import answers
from portal.demo.stories import Story
from portal.practice.kinds import is_confirmed_by_people

A_STEP_TAKES, A_BROADCAST = timedelta(minutes=6), timedelta(minutes=21)
USUAL_PHOTO = "plate"

People = Mapping[str, User]


def at(address: str) -> Place:
    """Return the step at `course/lesson/step`."""
    return catalogue.current().place(*address.split("/"))


def path_of(place: Place) -> str:
    """Return the address of a step's page."""
    return f"/courses/{place.course.id}/{place.lesson.id}/?step={place.step.id}"


def tell_learning(session: Session, people: People, row: dict[str, Any], *, now: datetime) -> Story:
    """Complete the first steps of a course, some practices at the second try; perhaps stick at the next."""
    learner, course = people[row["by"]], catalogue.current().course(row["course"])
    photo, ended = row.get("photo", USUAL_PHOTO), now - timedelta(hours=row["ago"])
    places = course.places if row["steps"] == "all" else course.places[: row["steps"]]
    yield (begun := ended - A_STEP_TAKES * (len(places) + 1))
    courses.enrol(session, learner, course, now=begun)
    for number, place in enumerate(places, start=1):
        practice = place.step.practice
        if practice is not None and is_confirmed_by_people(practice):
            continue  # a proof says what became of it
        yield (moment := begun + A_STEP_TAKES * number)
        if practice is None:
            courses.complete_reading(session, learner, place, now=moment)
        else:
            slips = crc32(f"{row['by']}/{place.step.id}".encode()) % 2
            tries = _fail(session, learner, place, photo=photo, tries=slips, now=moment)
            answer = answers.right(practice, courses.seed_of(learner, place, tries + 1), photo=photo)
            courses.answer(session, learner, place, number=tries + 1, answer=answer, now=moment)
    if "stuck" in row:
        yield ended
        place = next(place for place in course.places[len(places) :] if place.step.practice is not None)
        _fail(session, learner, place, photo=photo, tries=row["stuck"], now=ended)


def _fail(session: Session, learner: User, place: Place, *, photo: str, tries: int, now: datetime) -> int:
    """Try a practice without passing it and return how often that was."""
    practice = courses.required_practice(place)
    for number in range(1, tries + 1):
        answer = answers.wrong(practice, courses.seed_of(learner, place, number), photo=photo)
        if answer is None:
            return number - 1
        courses.answer(session, learner, place, number=number, answer=answer, now=now)
    return tries


def tell_draft(session: Session, people: People, row: dict[str, Any], *, now: datetime) -> Story:
    """Leave an answer half typed."""
    yield (moment := now - timedelta(hours=row["ago"]))
    courses.save_draft(session, people[row["by"]], at(row["at"]), number=1, answer=row["answer"], now=moment)


def tell_note(session: Session, people: People, row: dict[str, Any], *, now: datetime) -> Story:
    """Write something down at a step."""
    yield (moment := now - timedelta(hours=row["ago"]))
    step_notes.save_note(session, people[row["by"]], at(row["at"]), text=row["text"], seen=None, now=moment)


def tell_reply(session: Session, people: People, row: dict[str, Any], *, now: datetime) -> Story:
    """Answer a customer well; perhaps somebody reads and chooses it, and its writer lets others read it."""
    place, writer = at(row["at"]), people[row["by"]]
    yield (written := now - timedelta(hours=row["ago"]))
    tried = courses.answer(session, writer, place, number=1, answer={"reply": row["text"]}, now=written)
    session.flush()  # whoever reads it finds it by its try
    if "reader" not in row:
        return
    yield (read := now - timedelta(hours=row["read"]))
    review_id = session.scalars(select(ReplyReview.id).where(ReplyReview.try_id == tried.id)).one()
    replies.comment(
        session,
        review_id,
        people[row["reader"]],
        seen_try_id=tried.id,
        words=row["comment"],
        is_best=row["best"],
        path=f"{path_of(place)}#step",
        now=read,
    )
    if "shared" in row:
        yield (shared := now - timedelta(hours=row["shared"]))
        phrases.share(session, writer, review_id, now=shared)


def tell_rehearsal(session: Session, people: People, row: dict[str, Any], *, now: datetime) -> Story:
    """Rehearse a finished cue sheet and write down what came of it; perhaps somebody says something to it."""
    place, learner = at(row["at"]), people[row["by"]]
    yield (begun := now - timedelta(hours=row["ago"]))
    key = f"demo-rehearsal-{row['by']}-{row['ago']}"
    rehearsal = rehearsals.start(session, learner, place, form_key=key, now=begun)
    yield (ended := begun + A_BROADCAST)
    rehearsal = rehearsals.get_own(session, learner, rehearsal.id)
    rehearsals.log(session, learner, rehearsal, over=row["over"], mend=row["mend"], now=ended)
    if "reader" in row:
        yield (read := now - timedelta(hours=row["read"]))
        path = f"/courses/{row['at']}/rehearse"
        reader = people[row["reader"]]
        rehearsals.check(session, rehearsal, reader, comment=row["comment"], path=path, now=read)


def tell_proof(session: Session, people: People, row: dict[str, Any], *, now: datetime) -> Story:
    """Send what was done outside the portal, and perhaps let somebody look at it."""
    place, learner = at(row["at"]), people[row["by"]]
    fields = courses.required_practice(place).form_fields("", {})
    ticked = {field.name: "yes" for field in fields if field.kind == "check"}
    yield (sent := now - timedelta(hours=row["ago"]))
    tried = courses.answer(
        session, learner, place, number=1, answer=ticked | {"proof": row["told"]}, now=sent
    )
    if "reviewer" not in row:
        return
    yield (reviewed := now - timedelta(hours=row["reviewed"]))
    courses.review_proof(
        session,
        session.scalars(select(ProofReview.id).where(ProofReview.try_id == tried.id)).one(),
        people[row["reviewer"]],
        is_confirmed=row["confirmed"],
        comment=row["comment"],
        path=path_of(place),
        now=reviewed,
    )
