"""Building the demo world through the same operations people use, at moments in its past."""

import tomllib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts import queries as accounts
from portal.accounts.identifier import normalise
from portal.accounts.models import Consent, ConsentKind, MentorProfile, MentorTopic, RoleGrant, User
from portal.accounts.vocabulary import Region, Topic
from portal.certification import operations as certification
from portal.certification.vocabulary import RevokeClass
from portal.core import passwords
from portal.core.roles import Role
from portal.courses import catalogue
from portal.courses.models import CourseCompletion
from portal.demo import stories
from portal.demo.batches import tell_batch, tell_design
from portal.demo.boards import tell_association, tell_story, tell_thread
from portal.demo.booking import tell_hours, tell_missed
from portal.demo.candidates import tell_candidate
from portal.demo.certificates import tell_held, tell_later
from portal.demo.circles import tell_circle
from portal.demo.diagnosis import tell_diagnosis
from portal.demo.exams import tell_exam
from portal.demo.feedback import tell_handout, tell_opinion, tell_report
from portal.demo.learning import tell_draft, tell_learning, tell_note, tell_proof, tell_rehearsal, tell_reply
from portal.demo.marking import tell_calibration, tell_exam_appeal, tell_practical, tell_regrade
from portal.demo.matching import tell_match_profile, tell_run
from portal.demo.mentoring import tell_need, tell_paper
from portal.demo.messages import note_what_has_left, tell_wishes
from portal.demo.questions import tell_away, tell_question, tell_writing
from portal.demo.referrals import tell_referral, tell_specialist
from portal.demo.safety import tell_hiding, tell_opened_picture, tell_text_report
from portal.demo.statements import tell_statement
from portal.demo.stories import Story

PASSWORD = "jangteo-demo-2026"  # noqa: S105 - opens demo accounts, which exist only in the demo
JOINED_DAYS_AGO = 60
CONSENT_VERSION = "2026-11-21"

People = dict[str, User]

#: How each table of each file is told, in the order in which things of one moment happen.
TELLERS: Mapping[str, Mapping[str, Callable[..., Story]]] = {
    "learning": {
        "learner": tell_learning,
        "draft": tell_draft,
        "proof": tell_proof,
        "reply": tell_reply,
        "rehearsal": tell_rehearsal,
        "note": tell_note,
        "opinion": tell_opinion,
        "report": tell_report,
        "handout": tell_handout,
    },
    "questions": {"question": tell_question, "writing": tell_writing, "away": tell_away},
    "boards": {"association": tell_association, "thread": tell_thread, "story": tell_story},
    "safety": {"report": tell_text_report, "hiding": tell_hiding, "picture": tell_opened_picture},
    "mentoring": {
        "match_profile": tell_match_profile,
        "need": tell_need,
        "run": tell_run,
        "paper": tell_paper,
    },
    "booking": {"hours": tell_hours, "need": tell_need, "missed": tell_missed},
    "referrals": {"specialist": tell_specialist, "referral": tell_referral},
    "statements": {"statement": tell_statement},
    "batches": {"batch": tell_batch, "design": tell_design},
    "circles": {"circle": tell_circle},
    "certificates": {"held": tell_held},
    "candidates": {"candidate": tell_candidate},
    "exams": {"exam": tell_exam},
    "marking": {"practical": tell_practical, "regrade": tell_regrade, "exam_appeal": tell_exam_appeal},
    "diagnosis": {"diagnosis": tell_diagnosis},
}


def is_loaded(session: Session) -> bool:
    """Tell whether the demo world is here."""
    return accounts.find_user(session, normalise("010-0000-0001")) is not None


def load(session: Session, folder: Path, *, now: datetime) -> None:
    """Add the whole world; call it once, in one transaction."""
    persons = _read(folder, "people")["person"]
    people = _add_people(session, persons, now=now)
    _add_mentors(session, people, persons)
    tell_wishes(session, people, _read(folder, "messages"))
    told = [
        teller(session, people, row, now=now)
        for name, tellers in TELLERS.items()
        for rows in [_read(folder, name)]
        for key, teller in tellers.items()
        for row in rows[key]
    ]
    stories.tell([*told, *_certificates(session, people, now=now)])
    note_what_has_left(session, now=now)


def load_later(session: Session, folder: Path, *, now: datetime) -> None:
    """Add what needs the documents that the jobs drew meanwhile, and what came last."""
    persons = {row["key"]: normalise(row["phone"]) for row in _read(folder, "people")["person"]}

    def find(key: str) -> User:
        return session.scalars(select(User).where(User.phone == persons[key])).one()

    for row in _read(folder, "certificates")["later"]:
        tell_later(session, find, row, now=now)
    for row in _read(folder, "marking")["calibration"]:
        tell_calibration(session, find, row, now=now)


def _read(folder: Path, name: str) -> dict[str, Any]:
    return tomllib.loads((folder / f"{name}.toml").read_text(encoding="utf-8"))


def _add_people(session: Session, rows: list[dict[str, Any]], *, now: datetime) -> People:
    """Add every account; all share one password, so it is hashed once."""
    password_hash = passwords.hash_password(PASSWORD)
    people = {}
    for number, row in enumerate(rows):
        joined = now - timedelta(days=row.get("joined_days_ago", JOINED_DAYS_AGO - number), hours=number % 9)
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


def _certificates(session: Session, people: People, *, now: datetime) -> list[Story]:
    """Return the stories that leave a certificate in each state and one proposed."""
    course = catalogue.current().course("first-sale")

    def issue(key: str, proposer: str, approver: str, *, days_ago: int, is_revoked: bool = False) -> Story:
        at = now - timedelta(days=days_ago)
        yield at
        completion = session.scalars(
            select(CourseCompletion).where(
                CourseCompletion.learner_id == people[key].id, CourseCompletion.course_id == course.id
            )
        ).one()
        proposal = certification.propose(session, completion, people[proposer], now=at)
        if not approver:
            return
        yield (approved := at + timedelta(hours=2))
        certificate = certification.approve(session, proposal, people[approver], now=approved)
        if is_revoked:
            yield (revoked := now - timedelta(days=1))
            certification.revoke(
                session,
                certificate,
                people["haneul"],
                why=RevokeClass.MISCONDUCT,
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
