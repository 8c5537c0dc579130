"""Building the demo world through the same operations people use, at moments in its past."""

import tomllib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.accounts import queries as accounts
from portal.accounts.identifier import normalise
from portal.accounts.models import Consent, ConsentKind, MentorProfile, MentorTopic, RoleGrant, User
from portal.accounts.vocabulary import Region, Topic
from portal.certification import operations as certification
from portal.core import passwords
from portal.core.roles import Role
from portal.courses import catalogue, feedback
from portal.courses import operations as courses
from portal.courses.catalogue import Course
from portal.courses.models import CourseCompletion
from portal.demo import photos, stories
from portal.demo.mentoring import tell_need
from portal.demo.questions import tell_question
from portal.demo.stories import Story
from portal.messages.models import Notice

PASSWORD = "jangteo-demo-2026"  # noqa: S105 - opens demo accounts, which exist only in the demo
JOINED_DAYS_AGO = 60
CONSENT_VERSION = "2026-11-21"
COMPLETED_AGO = timedelta(days=9)
READ_AFTER = timedelta(days=2)

People = dict[str, User]


def is_loaded(session: Session) -> bool:
    """Tell whether the demo world is here."""
    return accounts.find_user(session, normalise("010-0000-0001")) is not None


def load(session: Session, folder: Path, *, now: datetime) -> None:
    """Add the whole world; call it once, in one transaction."""
    rows = _read(folder, "people")["person"]
    people = _add_people(session, rows, now=now)
    _add_mentors(session, people, rows)
    for number, person in enumerate(rows):
        if "steps" in person:
            ended = COMPLETED_AGO if person["steps"] == "all" else timedelta(hours=3)
            _learn(session, people[person["key"]], person, now=now - ended - timedelta(hours=5 * number))
    _half_type(session, people["sunja"], now=now)
    _say(session, people, now=now)
    stories.tell(
        [
            *(
                tell_question(session, people, row, photo=photos.put, now=now)
                for row in _read(folder, "questions")["question"]
            ),
            *(tell_need(session, people, row, now=now) for row in _read(folder, "mentoring")["need"]),
            *_certificates(session, people, now=now),
        ]
    )
    session.execute(update(Notice).where(Notice.created_at < now - READ_AFTER).values(read_at=now))


def _read(folder: Path, name: str) -> dict[str, Any]:
    return tomllib.loads((folder / f"{name}.toml").read_text(encoding="utf-8"))


def _add_people(session: Session, rows: list[dict[str, Any]], *, now: datetime) -> People:
    """Add every account; all share one password, so it is hashed once."""
    password_hash = passwords.hash_password(PASSWORD)
    people = {}
    for number, row in enumerate(rows):
        joined = now - timedelta(days=JOINED_DAYS_AGO - number, hours=number % 9)
        people[row["key"]] = User(
            name=row["name"],
            phone=normalise(row["phone"]),
            email=row.get("email"),
            password_hash=password_hash,
            shop_name=row.get("shop", ""),
            business_type=row.get("trade", ""),
            region=Region(row["region"]),
            created_at=joined,
            grants=[RoleGrant(role=Role(role), granted_at=joined) for role in row["roles"]],
        )
    session.add_all(people.values())
    session.flush()  # the consents need the accounts' ids
    for user in people.values():
        for kind in (ConsentKind.TERMS, ConsentKind.PRIVACY):
            session.add(
                Consent(user_id=user.id, kind=kind, version=CONSENT_VERSION, given_at=user.created_at)
            )
    return people


def _add_mentors(session: Session, people: People, rows: list[dict[str, Any]]) -> None:
    for row in rows:
        if "capacity" in row:
            session.add(
                MentorProfile(
                    user_id=people[row["key"]].id,
                    introduction=row["introduction"],
                    capacity=row["capacity"],
                    topics=[MentorTopic(topic=Topic(topic)) for topic in row["topics"]],
                )
            )
    session.flush()  # questions are given to mentors the database knows


def _course() -> Course:
    return catalogue.current().course("first-sale")


def _learn(session: Session, user: User, person: dict[str, Any], *, now: datetime) -> None:
    """Complete the first steps, some practices at the second try; be stuck at the next one if so told."""
    course, steps = _course(), person["steps"]
    courses.enrol(session, user, course, now=now - timedelta(hours=6))
    places = course.places if steps == "all" else course.places[:steps]
    for number, place in enumerate(places):
        at = now - timedelta(minutes=6 * (len(places) - number))
        practice = place.step.practice
        if practice is None:
            courses.complete_reading(session, user, place, now=at)
            continue
        tries = 1 + (user.id + number) % 2
        for try_number in range(1, tries + 1):
            seed = courses.seed_of(user, place, try_number)
            right = practice.reference_answer(seed)
            answer = right if try_number == tries else _wrong(right)
            courses.answer(session, user, place, number=try_number, answer=answer, now=at)
    if person.get("stuck"):
        place = next(place for place in course.places[len(places) :] if place.step.practice is not None)
        practice = courses.required_practice(place)
        for try_number in range(1, person["stuck"] + 1):
            right = practice.reference_answer(courses.seed_of(user, place, try_number))
            courses.answer(session, user, place, number=try_number, answer=_wrong(right), now=now)


def _wrong(right: dict[str, str]) -> dict[str, str]:
    """Return an answer with every field left as it is but the last, which is not."""
    return {**right, list(right)[-1]: "0" if list(right)[-1] != "choice" else ""}


def _half_type(session: Session, user: User, *, now: datetime) -> None:
    """Leave the first unfinished listing half typed."""
    place = next(place for place in _course().places if place.step.id == "practice-anchovy")
    answer = {"category": "side-dish", "name": "국산 멸치볶음 200g", "price": "8000"}
    courses.save_draft(session, user, place, number=1, answer=answer, now=now - timedelta(hours=3))


def _say(session: Session, people: People, *, now: datetime) -> None:
    """Let three learners say something of the lessons."""
    course = _course()
    for key, lesson_id, helped, reason in (
        ("eunyoung", "settlement", True, "수수료를 한 줄씩 빼 보니 알겠어요."),
        ("geumja", "settlement", False, "퍼센트 계산이 두 번 나와서 헷갈렸어요."),
    ):
        lesson = course.lesson(lesson_id)
        feedback.give_opinion(
            session, people[key], course, lesson, helped=helped, reason=reason, now=now - timedelta(days=2)
        )
    place = next(place for place in course.places if place.lesson.id == "before-opening")
    seen = "제 화면에는 ‘판매자 정보’가 아래쪽에 있어요."
    feedback.report(session, people["geumja"], place, seen=seen, now=now - timedelta(days=1))


def _certificates(session: Session, people: People, *, now: datetime) -> list[Story]:
    """Return the stories that leave a certificate in each state and one proposed."""
    completions = {row.learner_id: row for row in session.scalars(select(CourseCompletion))}

    def issue(key: str, proposer: str, approver: str, *, days_ago: int, is_revoked: bool = False) -> Story:
        at = now - timedelta(days=days_ago)
        yield at
        proposal = certification.propose(session, completions[people[key].id], people[proposer], now=at)
        if not approver:
            return
        yield (approved := at + timedelta(hours=2))
        certificate = certification.approve(
            session, proposal, people[approver], course_title=_course().title, now=approved
        )
        if is_revoked:
            yield (revoked := now - timedelta(days=1))
            certification.revoke(
                session,
                certificate,
                people["haneul"],
                reason="다른 사람이 대신 수강한 것으로 확인됨",
                path=f"/certification/certificates/{certificate.code}/",
                now=revoked,
            )

    return [
        issue("eunyoung", "sumin", "jiwoo", days_ago=4),
        issue("geumja", "jiwoo", "sumin", days_ago=3),
        issue("jeongsuk", "sumin", "jiwoo", days_ago=6, is_revoked=True),
        issue("bokhee", "sumin", "", days_ago=0),
    ]
