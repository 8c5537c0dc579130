import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session, selectinload

from bin import supervise
from portal.accounts.models import User
from portal.certification import exam_appeals, marking_queue, qualifications, regrades, scripts
from portal.certification.models import Certificate
from portal.community import absences, promises, waiting
from portal.community.models import Association, Board, Question, QuestionState, StoryFacts, Thread
from portal.core import clock
from portal.core.roles import Role
from portal.core.storage import storage
from portal.courses import queries as courses
from portal.courses.models import (
    CourseCompletion,
    Draft,
    Enrolment,
    Handout,
    PracticeTry,
    ProofReview,
    ReviewState,
    StepNote,
    StepTask,
)
from portal.courses.rehearsal_models import RehearsalCheck
from portal.courses.reply_models import Phrase, ReplyReview
from portal.desk import checks
from portal.desk import queries as desk
from portal.mentoring import appeals, circles, hours
from portal.mentoring import queries as mentoring
from portal.mentoring.circle_models import Circle, CircleMeeting
from portal.mentoring.models import Engagement
from portal.mentoring.plan_models import PlanPaper
from portal.mentoring.visit_models import ActionItem, Visit, VisitState
from portal.messages.models import Notice
from tests.conftest import Browser, apart, connected, undone
from tests.factories import make_user

PEOPLE = {
    "010-0000-0001": "김순자",
    "010-0000-0002": "최은영",
    "010-0000-0003": "박정호",
    "010-0000-0004": "이수민",
    "010-0000-0005": "한지우",
    "010-0000-0006": "정하늘",
}
PASSWORD = "jangteo-demo-2026"


@pytest.fixture(scope="module")
def loaded(app: Flask) -> Iterator[Connection]:
    """Load the demo world the way its command does, once; give the connection that sees it."""
    kept = app.extensions["portal_settings"]
    app.extensions["portal_settings"] = replace(kept, is_demo=True)
    taught = app.extensions["portal_qualifications"]
    app.extensions["portal_qualifications"] = qualifications.load(kept.content_dir, is_demo=True)
    with connected(app) as connection, undone(app, connection):
        result = app.test_cli_runner().invoke(args=["demo", "load"])
        assert result.exit_code == 0, result.output
        yield connection
    app.extensions["portal_settings"] = kept
    app.extensions["portal_qualifications"] = taught


@pytest.fixture
def isolated(app: Flask, loaded: Connection) -> Iterator[Flask]:
    """Undo what a test commits in the demo world, and no more."""
    with undone(app, loaded):
        yield app


@pytest.fixture
def demo(isolated: Flask, session: Session) -> Flask:
    return isolated


def test_the_demo_is_a_believable_world(demo: Flask, session: Session) -> None:
    states = set(session.scalars(select(Question.state)))
    jeongho = session.scalars(select(User.id).where(User.name == "박정호")).one()
    owned = select(func.count()).where(Question.owner_id == jeongho, Question.state == QuestionState.WAITING)

    assert session.scalar(select(func.count()).select_from(User)) == 36
    assert states == set(QuestionState)
    assert session.scalar(owned) == 5
    assert {row.state.value for row in session.scalars(select(Certificate))} == {
        "active",
        "superseded",
        "revoked",
    }
    assert all(row.pdf_sha256 for row in session.scalars(select(Certificate)) if row.state.value == "active")
    assert session.scalar(select(func.count()).select_from(CourseCompletion)) == 10
    assert session.scalar(select(func.count()).select_from(Draft)) == 1
    assert session.scalar(select(func.count()).select_from(Engagement)) == 9
    assert session.scalar(select(func.count()).select_from(ActionItem)) == 10
    assert session.scalars(select(PlanPaper)).one().is_made
    boards = dict(session.execute(select(Thread.board, func.count()).group_by(Thread.board)).all())
    assert boards == {
        Board.QUESTIONS: len(session.scalars(select(Question.id)).all()),
        Board.GROUP: 3,
        Board.TALK: 3,
        Board.PROMOTION: 2,
        Board.STORIES: 3,
    }
    waiting = select(StoryFacts).where(StoryFacts.published_at.is_(None))
    assert session.scalars(waiting).one().first_seen_by_id is not None
    assert session.scalar(select(func.count()).select_from(Association)) == 2
    circle = session.scalars(select(Circle)).one()
    met = session.scalars(select(CircleMeeting.state).order_by(CircleMeeting.starts_at)).all()
    assert len(circles.list_member_ids(session, circle.id)) == 5
    assert [state.value for state in met] == ["held", "planned"]


def test_promises_were_broken_went_on_and_paused_a_mentor(demo: Flask, session: Session) -> None:
    now = clock.now()
    haneul = session.scalars(
        select(User).where(User.name == "정하늘").options(selectinload(User.grants))
    ).one()

    breaches = waiting.list_breaches(session, haneul, now=now)

    assert promises.list_due_ids(session, now) == []
    assert [len(breach.steps) for breach in breaches] == [2, 2]
    assert [mentor.name for mentor in absences.list_resting(session, now=now)] == ["임동수"]


def test_learners_are_spread_over_the_courses_and_make_mistakes(demo: Flask, session: Session) -> None:
    enrolments = session.scalars(select(Enrolment)).all()
    tries = session.scalars(select(PracticeTry)).all()
    photos = [row for row in tries if row.answer.get("photo")]

    assert len({row.course_id for row in enrolments}) == 9
    assert 0.2 < sum(not row.passed for row in tries) / len(tries) < 0.5
    assert {row.passed for row in photos} == {True, False}
    assert all(storage().get(row.answer["photo"]).startswith(b"\xff\xd8") for row in photos)


def test_the_merchant_goes_on_at_a_listing_half_typed(demo: Flask, session: Session) -> None:
    sunja = session.scalars(select(User).where(User.name == "김순자")).one()

    resume = courses.find_resume(session, sunja)

    assert resume is not None
    assert (resume.course_id, resume.lesson_id, resume.step_id) == (
        "first-sale",
        "first-listing",
        "practice-anchovy",
    )
    assert resume.done == 17


def test_what_learners_sent_said_and_wrote_is_in_every_state(demo: Flask, session: Session) -> None:
    found = select(User).options(selectinload(User.grants))
    jeongho, sumin = (session.scalars(found.where(User.name == name)).one() for name in ("박정호", "이수민"))
    reviews = session.scalars(select(ProofReview)).all()

    assert {row.state: bool(row.comment) for row in reviews} == {
        ReviewState.WAITING: False,
        ReviewState.CHANGES_REQUESTED: True,
        ReviewState.CONFIRMED: True,
    }
    assert [line.learner_name for line in desk.list_proofs(session, jeongho)] == ["남궁영희"]
    assert [line.learner_name for line in desk.list_proofs(session, sumin)] == ["남궁영희"]
    assert {row.closed_at is None for row in session.scalars(select(StepTask))} == {True, False}
    assert len(session.scalars(select(StepNote)).all()) == 3
    assert [row.is_made for row in session.scalars(select(Handout).order_by(Handout.id))] == [True, False]


def test_replies_wait_are_read_chosen_and_shared(demo: Flask, session: Session) -> None:
    found = select(User).options(selectinload(User.grants))
    jeongho, sumin = (session.scalars(found.where(User.name == name)).one() for name in ("박정호", "이수민"))
    reviews = session.scalars(select(ReplyReview)).all()

    assert [line.learner_name for line in checks.list_replies(session, jeongho)] == ["남궁영희"]
    assert [line.learner_name for line in checks.list_replies(session, sumin)] == ["남궁영희"]
    assert sum(row.is_best for row in reviews) == 2
    assert "○○○" in session.scalars(select(Phrase)).one().reply


def test_broadcasts_are_rehearsed_and_one_waits_for_a_word(demo: Flask, session: Session) -> None:
    found = select(User).options(selectinload(User.grants))
    jeongho, sumin = (session.scalars(found.where(User.name == name)).one() for name in ("박정호", "이수민"))

    assert [line.learner_name for line in checks.list_rehearsals(session, jeongho)] == ["남궁영희"]
    assert [line.count for line in checks.list_rehearsals(session, sumin)] == [3]
    assert session.scalars(select(RehearsalCheck)).one().comment


def test_nothing_in_the_demo_happens_before_what_it_follows_from(demo: Flask, session: Session) -> None:
    completed = {row.learner_id: row.completed_at for row in session.scalars(select(CourseCompletion))}
    now = clock.now()

    for certificate in session.scalars(select(Certificate).where(Certificate.course_id.is_not(None))):
        assert certificate.issued_at > completed[certificate.holder_id]
    for visit in session.scalars(select(Visit)):
        assert visit.log_written_at is None or (visit.starts_at and visit.log_written_at > visit.starts_at)
    for notice in session.scalars(select(Notice)):
        assert notice.created_at <= now
    for enrolment in session.scalars(select(Enrolment)):
        assert enrolment.started_at <= enrolment.moved_at <= now


def test_what_happened_later_is_listed_above(demo: Flask, session: Session) -> None:
    for model in (Thread, Notice, PracticeTry):
        moments = session.scalars(select(model.created_at).order_by(model.id)).all()
        assert moments == sorted(moments)


def test_the_mentor_has_a_visit_to_write_down(demo: Flask, session: Session) -> None:
    jeongho = session.scalars(
        select(User).where(User.name == "박정호").options(selectinload(User.grants))
    ).one()

    day = mentoring.list_mentor_day(session, jeongho, clock.now())

    assert [visit.has_begun for visit in day] == [True, False]


@pytest.mark.parametrize("phone", PEOPLE)
def test_each_of_the_six_signs_in_and_has_something_to_do(demo: Flask, phone: str) -> None:
    browser = Browser(demo)

    answer = browser.send("/account/sign-in", {"identifier": phone, "password": PASSWORD})
    home = browser.get("/")

    assert answer.status_code == 302
    assert PEOPLE[phone] in home.text
    assert home.text.count('class="button button--solid"') >= 1


def test_loading_twice_changes_nothing(demo: Flask, session: Session) -> None:
    with apart(demo):
        result = demo.test_cli_runner().invoke(args=["demo", "load"])

    assert "here already" in result.output
    assert session.scalar(select(func.count()).select_from(User)) == 36


def test_an_outside_checker_gets_codes_and_ids_that_lead_somewhere(demo: Flask) -> None:
    with apart(demo):
        facts = json.loads(demo.test_cli_runner().invoke(args=["demo", "show", "--json"]).output)
    visitor = Browser(demo)

    assert set(facts["certificates"]) == {"active", "superseded", "revoked", "expired"}
    for state, certificate in facts["certificates"].items():
        answer = visitor.get(f"/v/{certificate['code']}", headers={"Accept": "application/json"})
        assert answer.get_json()["status"] == state
    assert visitor.get(f"/courses/{facts['course']}/{facts['lesson']}/").status_code == 200
    assert visitor.get(f"/community/questions/{facts['question']}/").status_code == 200


def test_the_sign_ins_that_bin_serve_prints_are_these(demo: Flask) -> None:
    printed = str(vars(supervise))

    assert all(phone in printed for phone in PEOPLE)
    assert PASSWORD in printed


def test_a_visitor_reads_the_boards_and_a_moderator_finds_what_waits(demo: Flask, session: Session) -> None:
    held = session.scalars(
        select(Thread.title).where(Thread.held_at.is_not(None), Thread.board == Board.TALK)
    ).all()
    talks = Browser(demo).get("/community/talk/").text

    assert held == ["비 오는 날에는 상품 사진을 정리해요"]
    assert "배달 주문이 몰리는 시간이 언제예요?" in talks
    assert held[0] not in talks
    assert "느티나무 도마를 새로 깎았어요" in Browser(demo).get("/community/promotion/").text


def test_mentors_keep_hours_and_a_missed_visit_waits_for_an_answer(demo: Flask, session: Session) -> None:
    jeongho = session.scalars(select(User).where(User.name == "박정호")).one()
    now = clock.now()

    free = hours.free_times(session, jeongho.id, days=14, minutes=60, now=now)
    (case,) = appeals.list_cases(session, is_open=True, now=now)

    assert {moment.astimezone(clock.KST).weekday() for moment in free} <= {0, 2, 4}
    assert len(free) > 20
    assert (case.who, case.count) == ("배상철 사장님", 1)
    tomorrow = now.astimezone(clock.KST).date() + timedelta(days=1)
    agreed = session.scalars(select(Visit.starts_at).where(Visit.state == VisitState.AGREED)).all()
    assert tomorrow in {moment.astimezone(clock.KST).date() for moment in agreed if moment}


def test_practical_scripts_are_half_marked_and_disputed_a_key_and_a_result_are_doubted(
    demo: Flask, session: Session
) -> None:
    found = select(User).options(selectinload(User.grants))
    sumin, haneul = (session.scalars(found.where(User.name == name)).one() for name in ("이수민", "정하늘"))
    now = clock.now()

    (draft,) = scripts.list_mine(session, sumin)
    assert (draft.done, draft.places) == (6, 12)
    assert len(exam_appeals.list_open(session, haneul, now=now)) == 1
    assert len(regrades.list_waiting(session, haneul)) == 1
    (stranded,) = marking_queue.list_stranded(session)
    assert stranded.done == 2  # the two trainers there are did not agree
    stranger = make_user(session, Role.TRAINER)
    assert marking_queue.count_waiting(session, stranger, now=now) == 3  # one of them needs a third marker
