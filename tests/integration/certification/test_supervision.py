"""K19: markers are looked at; who drifts is found, alone, and the standard is agreed on with them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import calibration_jobs, calibrations, scripts, supervision
from portal.certification.exam_models import ExamResult
from portal.certification.marking_models import Calibration, MarkingSheet
from portal.certification.supervision import Measured
from portal.core import clock, db, queue
from portal.core.errors import ConflictError, ForbiddenError
from portal.core.roles import Role
from portal.desk.pending import list_pending
from portal.messages.models import Notice
from tests.conftest import Browser
from tests.factories import make_user
from tests.marking_factories import PRACTICAL, make_practical, make_script, mark, points_of

Race = Callable[[list[Callable[[], Any]]], list[Any]]
SignIn = Callable[[User], Browser]
RunJobs = Callable[[], None]

DRIFT = {"가온": 12, "나래": -10, "다솜": 2, "라온": -2, "마루": 0, "바다": 1}
"""How many of a hundred points above a fair mark each of six markers gives."""
AGREED = "까닭을 두 가지 적으면 20점, 하나면 10점으로 해요."


def sheet_of(offset: int, *, more: int = 0) -> dict[str, int]:
    """Return a full sheet with 75 points in each subject and so many above; ``more`` in the first one."""
    given = {subject.key: 75 + offset for subject in PRACTICAL.subjects}
    given[PRACTICAL.subjects[0].key] += more
    return points_of(**given)


def mark_script(session: Session, marks: Sequence[tuple[User, Mapping[str, int]]], *, at: datetime) -> None:
    """Let markers mark one script of a new exam in their order until it is agreed."""
    exam, paper = make_practical(session)
    attempt = make_script(session, exam, paper, finished_at=at - timedelta(hours=1))
    for marker, points in marks:
        mark(session, attempt, marker, points, now=at)
        if session.scalar(select(ExamResult.id).where(ExamResult.attempt_id == attempt.id)):
            return
    raise AssertionError("They do not agree.")


def mark_in_pairs(session: Session, drift: Mapping[str, int], *, at: datetime) -> dict[str, User]:
    """Let each two of the markers mark one script; a fair one comes third where they differ."""
    markers = {name: make_user(session, Role.TRAINER, name=name) for name in drift}
    for number, (one, other) in enumerate(combinations(drift, 2)):
        fair = [name for name in drift if abs(drift[name]) <= 2 and name not in (one, other)]
        third = fair[number % len(fair)]
        given = [(markers[name], sheet_of(drift[name])) for name in (one, other, third)]
        mark_script(session, given, at=at)
    return markers


def mark_beside(
    session: Session, marker: User, count: int, points: Mapping[str, int], *, at: datetime
) -> User:
    """Let ``marker`` mark so many scripts, each with the same fair partner and third; return the partner."""
    partner, third = (make_user(session, Role.TRAINER, name=name) for name in ("짝", "셋째"))
    for _ in range(count):
        mark_script(session, [(marker, points), (partner, sheet_of(0)), (third, sheet_of(0))], at=at)
    return partner


def make_calibration(session: Session, marker: User, **columns: Any) -> Calibration:
    """Return a calibration with a marker, open unless it is closed by somebody."""
    if "closed_by_id" in columns:
        columns = {"closed_at": clock.now(), "note": AGREED, **columns}
    made = Calibration(
        **{
            "marker_id": marker.id,
            "opened_at": clock.now(),
            "scripts": 6,
            "halves": 576,
            "most": 2400,
            **columns,
        }
    )
    session.add(made)
    session.commit()
    return made


def drifting(session: Session, *, now: datetime) -> set[int]:
    return {key for key, each in supervision.measure(session, now=now).items() if each.drifts}


@pytest.fixture
def ago() -> datetime:
    """Give a moment before last night."""
    return clock.now() - timedelta(days=2)


@pytest.fixture
def operator(session: Session) -> User:
    return make_user(session, Role.OPERATOR, name="정하늘")


@pytest.fixture
def night(session: Session, run_jobs: RunJobs) -> RunJobs:
    """Return what lets the sweeper look twice, and runs the jobs it finds."""

    def night() -> None:
        session.commit()
        for _ in range(2):
            queue.sweep(now=clock.now())
            run_jobs()

    return night


def test_k19_of_six_exactly_the_two_who_drift_are_found_and_everybody_hears_once(
    session: Session, operator: User, night: RunJobs, ago: datetime
) -> None:
    markers = mark_in_pairs(session, DRIFT, at=ago)
    measured = supervision.measure(session, now=clock.now())

    night()

    opened = session.scalars(select(Calibration).order_by(Calibration.marker_id)).all()
    assert {row.marker_id for row in opened} == {markers["가온"].id, markers["나래"].id}
    assert measured[markers["가온"].id].mean > 10
    assert measured[markers["나래"].id].mean < -9
    assert all(abs(measured[markers[name].id].mean) <= 2 for name in DRIFT if abs(DRIFT[name]) <= 2)
    told = session.execute(
        select(Notice.user_id, Notice.message, Notice.path)
        .where(Notice.message.startswith("calibration-"))
        .order_by(Notice.id)
    ).all()
    assert sorted(map(tuple, told)) == sorted(
        [(row.marker_id, "calibration-with-you", "/desk/marking/") for row in opened]
        + [(operator.id, "calibration-opened", f"/desk/markers/{row.id}") for row in opened]
    )


def test_k19_the_partner_of_one_who_drifts_is_not_blamed(session: Session, ago: datetime) -> None:
    marker = make_user(session, Role.TRAINER)

    partner = mark_beside(session, marker, 6, sheet_of(12), at=ago)

    measured = supervision.measure(session, now=clock.now())
    assert measured[marker.id].mean == 12
    assert measured[partner.id].mean == 0
    assert drifting(session, now=clock.now()) == {marker.id}


@pytest.mark.parametrize(
    ("count", "offset", "more", "is_found"),
    [(4, 12, 0, False), (5, 5, 0, False), (5, -5, 0, False), (5, 5, 1, True), (5, -5, -1, True)],
)
def test_k19_four_scripts_or_exactly_five_points_are_near_enough(
    session: Session, ago: datetime, count: int, offset: int, more: int, is_found: bool
) -> None:
    marker = make_user(session, Role.TRAINER)

    mark_beside(session, marker, count, sheet_of(offset, more=more), at=ago)

    assert drifting(session, now=clock.now()) == ({marker.id} if is_found else set())


def test_k19_what_is_not_agreed_or_long_ago_or_before_the_last_talk_does_not_count(
    session: Session, operator: User, ago: datetime
) -> None:
    marker, now = make_user(session, Role.TRAINER), clock.now()
    mark_beside(session, marker, 5, sheet_of(12), at=ago)
    make_script(session, *make_practical(session))
    scripts.take(session, marker, now=ago)
    assert supervision.measure(session, now=now)[marker.id].scripts == 5

    session.execute(update(MarkingSheet).values(finished_at=now - timedelta(days=366)))
    assert supervision.measure(session, now=now) == {}

    session.execute(update(MarkingSheet).values(finished_at=ago))
    make_calibration(session, marker, closed_by_id=operator.id)
    assert marker.id not in supervision.measure(session, now=now)
    assert len(supervision.measure(session, now=now)) == 2


def test_k19_nothing_is_opened_beside_an_open_one_and_after_a_talk_it_begins_anew(
    session: Session, operator: User, night: RunJobs, ago: datetime
) -> None:
    marker = make_user(session, Role.TRAINER)
    mark_beside(session, marker, 5, sheet_of(12), at=ago)
    night()
    mark_beside(session, marker, 5, sheet_of(12), at=ago)
    night()
    opened = session.scalars(select(Calibration)).one()

    calibrations.close(session, opened.id, operator, note=AGREED, now=ago - timedelta(days=1))
    mark_beside(session, marker, 1, sheet_of(12), at=ago)
    night()

    assert session.scalars(select(Calibration.scripts).order_by(Calibration.id)).all() == [5, 11]


def test_k19_the_night_after_is_soon_enough_and_nobody_is_looked_at_for_nothing(
    session: Session, night: RunJobs
) -> None:
    marker, now = make_user(session, Role.TRAINER), clock.now()
    mark_beside(session, marker, 5, sheet_of(12), at=now)
    session.commit()

    assert calibrations.list_due_ids(session, now) == []
    assert marker.id in calibrations.list_due_ids(session, now + timedelta(days=1))
    night()
    assert session.scalars(select(Calibration)).all() == []


def test_k19_who_marks_no_more_is_left_in_peace(session: Session, night: RunJobs, ago: datetime) -> None:
    marker = make_user(session, Role.TRAINER)
    mark_beside(session, marker, 5, sheet_of(12), at=ago)
    marker.grants.clear()

    night()

    assert session.scalars(select(Calibration)).all() == []


def test_k19_two_workers_at_once_open_one_and_tell_once(committed: Session, race: Race) -> None:
    marker, ago = make_user(committed, Role.TRAINER), clock.now() - timedelta(days=2)
    make_user(committed, Role.OPERATOR)
    mark_beside(committed, marker, 5, sheet_of(12), at=ago)
    committed.commit()

    got = race([lambda: calibration_jobs.look(marker.id)] * 4)

    assert got == [None] * 4
    assert len(committed.scalars(select(Calibration)).all()) == 1
    assert len(committed.scalars(select(Notice)).all()) == 2


def test_k19_of_two_who_close_at_once_the_second_is_refused(committed: Session, race: Race) -> None:
    opened = make_calibration(committed, make_user(committed, Role.TRAINER))
    pair = [make_user(committed, Role.OPERATOR) for _ in range(2)]
    committed.commit()

    def close(operator: User) -> Callable[[], int]:
        def call() -> int:
            with db.transaction() as session:
                calibrations.close(session, opened.id, operator, note=AGREED, now=clock.now())
            return operator.id

        return call

    got = race([close(operator) for operator in pair])

    (first,) = [each for each in got if isinstance(each, int)]
    assert [type(each) for each in got if not isinstance(each, int)] == [ConflictError]
    committed.expire_all()
    assert committed.get_one(Calibration, opened.id).closed_by_id == first


def test_k19_the_database_itself_refuses_a_second_open_one(session: Session) -> None:
    marker = make_user(session, Role.TRAINER)
    make_calibration(session, marker)

    with pytest.raises(IntegrityError):
        make_calibration(session, marker)


def test_k19_an_operator_writes_what_was_agreed_once(
    session: Session, sign_in: SignIn, operator: User
) -> None:
    opened = make_calibration(session, make_user(session, Role.TRAINER, name="이수민"))
    browser, path = sign_in(operator), f"/desk/markers/{opened.id}"

    index = browser.get("/desk/markers/").text
    empty, short = browser.send(path, {"note": ""}), browser.send(path, {"note": "  맞췄어요.   "})
    done = browser.send(path, {"note": AGREED})
    again = browser.send(path, {"note": "다른 말을 다시 적어 봐요."})

    assert index.count("button--main") == 1
    assert f'href="{path}"' in index
    assert "함께 정한 것을 적어 주세요." in empty.text
    assert "함께 정한 것을 10자 이상 적어 주세요." in short.text
    assert (empty.status_code, short.status_code) == (422, 422)
    assert (done.status_code, again.status_code) == (302, 409)
    assert "이미 적고 마친 것이에요" in again.text
    assert AGREED in again.text
    after = browser.get("/desk/markers/").text
    assert "button--main" not in after
    assert "정하늘\N{NO-BREAK SPACE}님이 적음" in after


def test_k19_nobody_closes_one_about_themself(session: Session, sign_in: SignIn) -> None:
    both = make_user(session, Role.OPERATOR, Role.TRAINER)
    opened = make_calibration(session, both)
    browser, path = sign_in(both), f"/desk/markers/{opened.id}"

    refused = browser.send(path, {"note": AGREED})

    assert refused.status_code == 403
    for page in (browser.get("/desk/markers/"), browser.get(path), refused):
        assert calibrations.NOT_ONES_OWN in page.text
        assert "button--main" not in page.text
    assert list_pending(session, both, now=clock.now())["calibrations"].count == 0
    with pytest.raises(ForbiddenError):
        calibrations.close(session, opened.id, both, note=AGREED, now=clock.now())


@pytest.mark.parametrize("role", [None, *(role for role in Role if role is not Role.OPERATOR)])
def test_k19_only_operators_see_how_markers_mark(
    isolated: Flask, session: Session, sign_in: SignIn, role: Role | None
) -> None:
    opened = make_calibration(session, make_user(session, Role.TRAINER))
    browser = sign_in(make_user(session, role)) if role else Browser(isolated)

    answers = [
        browser.get("/desk/markers/"),
        browser.get(f"/desk/markers/{opened.id}"),
        browser.send(f"/desk/markers/{opened.id}", {"note": AGREED}),
    ]

    assert {answer.status_code for answer in answers} == {403 if role else 302}
    assert session.get_one(Calibration, opened.id).closed_at is None


def test_k19_the_marker_reads_one_quiet_line_and_marks_on(session: Session, sign_in: SignIn) -> None:
    marker, other = (make_user(session, Role.TRAINER) for _ in range(2))
    make_calibration(session, marker)
    make_script(session, *make_practical(session))
    session.commit()
    line = "채점 기준을 함께 맞추는 중이에요"

    assert line in sign_in(marker).get("/desk/marking/").text
    assert line not in sign_in(other).get("/desk/marking/").text
    assert sign_in(marker).send("/desk/marking/").status_code == 302


def test_k19_it_waits_on_the_desk_of_operators_since_it_was_opened(
    session: Session, sign_in: SignIn, operator: User
) -> None:
    opened = make_calibration(session, make_user(session, Role.TRAINER))

    waiting = list_pending(session, operator, now=clock.now())["calibrations"]
    page = sign_in(operator).get("/desk/work/exams").text

    assert (waiting.count, waiting.since) == (1, opened.opened_at)
    assert "함께 맞출 채점 기준 1건" in page
    assert 'href="/desk/markers/"' in page
    assert "calibrations" not in list_pending(session, make_user(session, Role.TRAINER), now=clock.now())


def test_k19_the_list_asks_no_more_for_more_markers(
    session: Session, sign_in: SignIn, operator: User, count_queries: Callable[[], int], ago: datetime
) -> None:
    browser, counted = sign_in(operator), []
    for _ in range(2):
        for _each in range(3):
            mark_beside(session, make_user(session, Role.TRAINER), 1, sheet_of(12), at=ago)
            make_calibration(session, make_user(session, Role.TRAINER))
        session.commit()
        browser.get("/desk/markers/")
        count_queries()
        page = browser.get("/desk/markers/").text
        counted.append(count_queries())

    assert page.count("짝") == 6
    assert counted[0] == counted[1]


@pytest.mark.parametrize(
    ("measured", "words"),
    [
        (Measured(5, 0, 2000), "다른 분들과 같게"),
        (Measured(5, 480, 2000), "다른 분들보다 평균 12.0점 높게"),
        (Measured(6, -302, 2400), "다른 분들보다 평균 6.3점 낮게"),
        (Measured(6, 300, 2400), "다른 분들보다 평균 6.3점 높게"),  # 6.25: halves go up
    ],
)
def test_k19_a_mean_is_said_as_people_say_it(measured: Measured, words: str) -> None:
    assert measured.words == words
