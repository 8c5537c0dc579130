"""E16, E17, E18, B24, B27: practical exams are marked by two people, apart, each with a lease."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.models import RoleGrant, User
from portal.certification import marking_queue, scripts
from portal.certification.exam_models import AttemptState, ExamResult, ItemMark, MarkCause, PaperItem
from portal.certification.marking_models import MarkingSheet
from portal.core import clock, db
from portal.core.errors import ConflictError, DomainError, NotFoundError
from portal.core.roles import Role
from portal.mentoring.models import EngagementState
from tests.candidate_factories import make_log
from tests.conftest import NOW, Browser
from tests.exam_factories import make_candidate
from tests.factories import make_circle, make_engagement, make_user
from tests.marking_factories import make_answer, make_practical, make_script, mark, points_of

Race = Callable[[list[Callable[[], Any]]], list[Any]]
SignIn = Callable[[User], Browser]


@pytest.fixture
def markers(session: Session) -> list[User]:
    return [make_user(session, Role.TRAINER, name=name) for name in ("이수민", "한지우", "나채점")]


def results(session: Session, attempt_id: int) -> list[ExamResult]:
    statement = select(ExamResult).where(ExamResult.attempt_id == attempt_id).order_by(ExamResult.seq)
    return list(session.scalars(statement))


def test_e16_two_who_agree_make_the_result_by_their_average(session: Session, markers: list[User]) -> None:
    attempt = make_script(session, *make_practical(session))

    mark(session, attempt, markers[0], points_of(diagnosis=70), now=NOW)
    assert results(session, attempt.id) == []
    mark(session, attempt, markers[1], points_of(diagnosis=75, plan=61), now=NOW)

    (result,) = results(session, attempt.id)
    assert result.subjects == {"diagnosis": 73, "channel": 60, "page": 60, "plan": 60}
    assert (result.total, result.passed, result.cause) == (253, True, "marking")
    marks = session.scalars(select(ItemMark).where(ItemMark.attempt_id == attempt.id)).all()
    assert {each.cause for each in marks} == {MarkCause.MARKERS}
    assert sum(each.points for each in marks) == 253


def test_e16_a_third_place_opens_on_difference_and_the_closest_two_count(
    session: Session, markers: list[User]
) -> None:
    attempt = make_script(session, *make_practical(session))
    mark(session, attempt, markers[0], points_of(diagnosis=90), now=NOW)

    mark(session, attempt, markers[1], points_of(diagnosis=60), now=NOW)

    assert results(session, attempt.id) == []
    assert [marking_queue.count_waiting(session, marker, now=NOW) for marker in markers] == [0, 0, 1]
    mark(session, attempt, markers[2], points_of(diagnosis=84), now=NOW)
    assert [result.total for result in results(session, attempt.id)] == [180 + 87]
    assert marking_queue.count_waiting(session, make_user(session, Role.TRAINER), now=NOW) == 0


def test_e16_two_who_split_over_passing_need_a_third(session: Session, markers: list[User]) -> None:
    attempt = make_script(session, *make_practical(session))
    mark(session, attempt, markers[0], points_of(), now=NOW)

    mark(session, attempt, markers[1], points_of(plan=59), now=NOW)

    assert results(session, attempt.id) == []
    assert marking_queue.count_waiting(session, markers[2], now=NOW) == 1


def test_e16_a_marker_sees_neither_the_name_nor_the_others_points(
    session: Session, sign_in: SignIn, markers: list[User]
) -> None:
    exam, paper = make_practical(session)
    attempt = make_script(session, exam, paper, make_user(session, name="최은영", shop_name="은영상회"))
    for item_id in session.scalars(select(PaperItem.item_id).where(PaperItem.paper_id == paper.id)):
        make_answer(session, attempt, item_id, text="답이에요.")
    mark(session, attempt, markers[0], points_of(channel=77), now=clock.now(), comment="첫째 말")
    session.commit()
    browser = sign_in(markers[1])

    answer = browser.send("/desk/marking/")
    page = browser.get(answer.headers["Location"]).text
    index = browser.get("/desk/marking/").text

    assert marking_queue.number_of(attempt) in page
    assert page.count("답이에요.") == 4
    for hidden in ("최은영", "은영상회", "이수민", "첫째 말", 'value="30"'):
        assert hidden not in page
        assert hidden not in index


@pytest.mark.parametrize("how", ["mentor", "merchant", "ended", "group", "member", "log"])
def test_e16_nobody_marks_whom_they_went_with(session: Session, markers: list[User], how: str) -> None:
    marker, person = markers[0], make_user(session, Role.TRAINEE)
    match how:
        case "mentor":
            make_engagement(session, person, marker)
        case "merchant":
            make_engagement(session, marker, person)
        case "ended":
            make_engagement(session, person, marker, state=EngagementState.ENDED)
        case "group":
            make_circle(session, marker, person)
        case "member":
            make_circle(session, person, marker)
        case "log":
            make_log(session, make_candidate(session, person), confirmed_by=marker)
    exam, paper = make_practical(session)
    theirs = make_script(session, exam, paper, person, finished_at=NOW - timedelta(days=2))
    another = make_script(session, exam, paper, finished_at=NOW - timedelta(days=1))

    assert [marking_queue.count_waiting(session, each, now=NOW) for each in markers] == [1, 2, 2]
    assert scripts.take(session, marker, now=NOW).attempt_id == another.id
    assert scripts.take(session, markers[1], now=NOW).attempt_id == theirs.id


def test_e17_a_script_is_leased_for_four_working_hours(session: Session, markers: list[User]) -> None:
    attempt = make_script(session, *make_practical(session))
    first = scripts.take(session, markers[0], now=NOW)
    second = scripts.take(session, markers[1], now=NOW)

    with pytest.raises(ConflictError):
        scripts.take(session, markers[2], now=NOW + timedelta(hours=3, minutes=59))
    assert first.lease_until == NOW + timedelta(hours=4)
    assert {first.slot, second.slot} == {1, 2}
    taken = scripts.take(session, markers[2], now=NOW + timedelta(hours=4))
    assert (taken.id, taken.attempt_id) == (first.id, attempt.id)


def test_e17_a_second_press_gives_the_same_script(session: Session, markers: list[User]) -> None:
    exam, paper = make_practical(session)
    for _ in range(2):
        make_script(session, exam, paper)

    assert scripts.take(session, markers[0], now=NOW) is scripts.take(session, markers[0], now=NOW)


def test_e17_whoever_comes_too_late_finds_their_draft_unless_another_took_the_place(
    session: Session, markers: list[User]
) -> None:
    make_script(session, *make_practical(session))
    sheet = scripts.take(session, markers[0], now=NOW)
    script = scripts.get_script(session, markers[0], sheet.id)
    scripts.save(session, script, points={"page.name": 3}, comment="", finish=False, now=NOW)
    later = NOW + timedelta(days=1)

    assert scripts.get_script(session, markers[0], sheet.id).sheet.points == {"page.name": 3}
    again = scripts.take(session, markers[0], now=later)
    assert again.lease_until > later
    assert (again.id, again.points) == (sheet.id, {"page.name": 3})
    scripts.take(session, markers[1], now=later)
    much_later = later + timedelta(days=1)
    other = scripts.take(session, markers[2], now=much_later)

    assert (other.id, other.points) == (sheet.id, {})
    with pytest.raises(NotFoundError):
        scripts.get_script(session, markers[0], sheet.id)
    with pytest.raises(NotFoundError):
        scripts.save(session, script, points=points_of(), comment="", finish=True, now=much_later)


def test_e17_eight_markers_at_once_get_two_sheets_of_one_script(committed: Session, race: Race) -> None:
    attempt = make_script(committed, *make_practical(committed))
    markers = [make_user(committed, Role.TRAINER) for _ in range(8)]
    committed.commit()

    def take(marker: User) -> Callable[[], int]:
        def call() -> int:
            with db.transaction() as session:
                return scripts.take(session, marker, now=NOW).slot

        return call

    got = race([take(marker) for marker in markers])

    assert sorted(slot for slot in got if isinstance(slot, int)) == [1, 2]
    assert sum(isinstance(each, ConflictError) for each in got) == 6
    held = select(func.count()).select_from(MarkingSheet).where(MarkingSheet.attempt_id == attempt.id)
    assert committed.scalar(held) == 2


def test_e17_two_finishing_at_once_make_one_result(committed: Session, race: Race) -> None:
    attempt = make_script(committed, *make_practical(committed))
    pair = [make_user(committed, Role.TRAINER) for _ in range(2)]
    sheets = [scripts.take(committed, marker, now=NOW).id for marker in pair]
    committed.commit()

    def finish(marker: User, sheet_id: int) -> Callable[[], bool]:
        def call() -> bool:
            with db.transaction() as session:
                script = scripts.get_script(session, marker, sheet_id)
                return scripts.save(session, script, points=points_of(), comment="", finish=True, now=NOW)

        return call

    got = race([finish(*each) for each in zip(pair, sheets, strict=True) for _ in range(4)])

    assert got == [True] * 8
    assert len(results(committed, attempt.id)) == 1


def test_e17_the_database_itself_refuses_a_second_sheet_in_one_place(
    session: Session, markers: list[User]
) -> None:
    make_script(session, *make_practical(session))
    sheet = scripts.take(session, markers[0], now=NOW)
    session.add(
        MarkingSheet(
            attempt_id=sheet.attempt_id,
            slot=sheet.slot,
            marker_id=markers[1].id,
            lease_until=NOW,
            points={},
            started_at=NOW,
        )
    )

    with pytest.raises(IntegrityError):
        session.flush()


def test_e18_a_half_done_sheet_is_kept_and_finishing_asks_for_the_rest(
    session: Session, sign_in: SignIn, markers: list[User]
) -> None:
    make_script(session, *make_practical(session))
    session.commit()
    browser = sign_in(markers[0])
    address = browser.send("/desk/marking/").headers["Location"]

    kept = browser.send(address, {"diagnosis.facts": "31", "draft": "1"})
    half = browser.send(address, {"diagnosis.facts": "31", "finish": "1"})
    wrong = browser.send(address, {"diagnosis.facts": "41", "draft": "1"})

    assert kept.status_code == 302
    assert 'value="31"' in browser.get(address).text
    assert half.status_code == wrong.status_code == 422
    assert "없으면 0점이라고 적어 주세요" in half.text
    assert "0점부터 40점까지 적어 주세요" in wrong.text
    full = {key: str(points) for key, points in points_of().items()}
    assert browser.send(address, {**full, "finish": "1"}).status_code == 302
    assert "채점을 마친 답안이에요" in browser.get(address).text
    assert browser.send(address, {**full, "diagnosis.facts": "1", "finish": "1"}).status_code == 409


def test_e18_all_that_is_wrong_with_a_sheet_is_told_at_once(
    session: Session, sign_in: SignIn, markers: list[User]
) -> None:
    make_script(session, *make_practical(session))
    sheet = scripts.take(session, markers[0], now=clock.now())
    session.commit()
    browser, page = sign_in(markers[0]), f"/desk/marking/{sheet.id}/"
    first, second, third, *others = points_of()
    typed = {first: "12.5", second: "-1", third: "", **dict.fromkeys(others, "1")}

    draft = browser.send(page, {**typed, "draft": "1"})
    finished = browser.send(page, {**typed, "finish": "1"})

    for answer in (draft, finished):
        assert answer.status_code == 422
        assert "소수점 없이 숫자로 적어 주세요." in answer.text
        assert "0점부터" in answer.text
    lacks = "점수를 적어 주세요. 없으면 0점이라고 적어 주세요."
    assert lacks not in draft.text
    assert lacks in finished.text
    whole = dict.fromkeys(points_of(), "1")
    assert browser.send(page, {**whole, "comment": "또박또박 쓰셨어요.", "finish": "1"}).status_code == 302
    assert "또박또박 쓰셨어요." in browser.get(page).text


def test_e18_a_script_given_back_goes_to_somebody_else(
    session: Session, sign_in: SignIn, markers: list[User]
) -> None:
    make_script(session, *make_practical(session))
    session.commit()
    browser = sign_in(markers[0])
    address = browser.send("/desk/marking/").headers["Location"]

    assert browser.send(f"{address}give-back").status_code == 302

    assert session.scalars(select(MarkingSheet)).all() == []
    assert browser.get(address).status_code == 404


def test_e17_another_markers_sheet_is_nobodys_to_open(
    session: Session, sign_in: SignIn, markers: list[User]
) -> None:
    make_script(session, *make_practical(session))
    sheet = scripts.take(session, markers[0], now=clock.now())
    session.commit()
    browser = sign_in(markers[1])

    assert browser.get(f"/desk/marking/{sheet.id}/").status_code == 404
    assert browser.send(f"/desk/marking/{sheet.id}/", {"finish": "1"}).status_code == 404
    assert browser.send(f"/desk/marking/{sheet.id}/give-back").status_code == 404


def test_e16_nobody_marks_their_own_script(session: Session) -> None:
    trainer = make_user(session, Role.TRAINER)
    make_script(session, *make_practical(session), trainer)

    assert marking_queue.count_waiting(session, trainer, now=NOW) == 0
    with pytest.raises(ConflictError):
        scripts.take(session, trainer, now=NOW)


def test_e16_only_what_is_over_and_counts_is_marked(session: Session, markers: list[User]) -> None:
    exam, paper = make_practical(session)
    attempt = make_script(session, exam, paper)
    attempt.state = AttemptState.VOID
    session.flush()

    assert marking_queue.count_waiting(session, markers[0], now=NOW) == 0


def test_e16_the_longest_waiting_script_comes_first(session: Session, markers: list[User]) -> None:
    exam, paper = make_practical(session)
    make_script(session, exam, paper, finished_at=NOW - timedelta(days=1))
    older = make_script(session, exam, paper, finished_at=NOW - timedelta(days=2))

    assert scripts.take(session, markers[0], now=NOW).attempt_id == older.id


def test_e18_a_finished_sheet_is_not_given_points_by_anybody(session: Session, markers: list[User]) -> None:
    attempt = make_script(session, *make_practical(session))
    sheet = mark(session, attempt, markers[0], points_of(), now=NOW)
    script = scripts.get_script(session, markers[0], sheet.id)

    with pytest.raises(ConflictError):
        scripts.save(session, script, points=points_of(plan=90), comment="", finish=True, now=NOW)
    with pytest.raises(ConflictError):
        scripts.give_back(session, script)


def test_e18_points_there_are_not_are_refused(session: Session, markers: list[User]) -> None:
    make_script(session, *make_practical(session))
    sheet = scripts.take(session, markers[0], now=NOW)
    script = scripts.get_script(session, markers[0], sheet.id)

    with pytest.raises(DomainError):
        scripts.save(session, script, points={"page.name": 31}, comment="", finish=False, now=NOW)
    assert sheet.points == {}


def test_b27_late_scripts_stand_on_the_operators_list(session: Session, markers: list[User]) -> None:
    exam, paper = make_practical(session)
    late = make_script(session, exam, paper, finished_at=NOW - timedelta(days=12))
    make_script(session, exam, paper, finished_at=NOW - timedelta(days=11))

    (line,) = marking_queue.list_late(session, now=NOW)

    # From Wednesday the 11th seven working days end on Friday the 20th, from the 12th today at six.
    assert line.number == marking_queue.number_of(late)


def know(session: Session, person: User, *, but: list[User]) -> None:
    """Let every trainer there is have gone with somebody, except these."""
    trainers = select(RoleGrant.user_id).where(RoleGrant.role == Role.TRAINER)
    others = {person.id, *(each.id for each in but)}
    for user_id in session.scalars(trainers.where(RoleGrant.user_id.not_in(others))).all():
        make_engagement(session, person, session.get_one(User, user_id), state=EngagementState.ENDED)


def test_a_script_with_too_few_left_to_mark_it_stands_on_the_operators_list(
    session: Session, markers: list[User]
) -> None:
    exam, paper = make_practical(session)
    person = make_user(session, Role.TRAINEE)
    attempt = make_script(session, exam, paper, person)

    def stranded() -> list[int]:
        return [line.done for line in marking_queue.list_stranded(session)]

    know(session, person, but=markers[:1])
    assert stranded() == [0]  # it takes two
    another = make_user(session, Role.TRAINER)
    assert stranded() == []
    mark(session, attempt, markers[0], points_of(diagnosis=90), now=NOW)
    assert stranded() == []
    mark(session, attempt, another, points_of(diagnosis=60), now=NOW)
    assert stranded() == [2]
    assert (
        marking_queue.count_disputed(session, exam.id) == marking_queue.count_stranded(session, exam.id) == 1
    )
    third = make_user(session, Role.TRAINER)
    assert stranded() == []
    mark(session, attempt, third, points_of(diagnosis=84), now=NOW)
    assert stranded() == []
    assert marking_queue.count_disputed(session, exam.id) == 0


@pytest.mark.parametrize("how", ["group", "log", "own"])
def test_who_may_not_mark_a_script_is_not_counted_for_it(
    session: Session, markers: list[User], how: str
) -> None:
    exam, paper = make_practical(session)
    person = markers[0] if how == "own" else make_user(session, Role.TRAINEE)
    if how == "group":
        make_circle(session, markers[0], person)
    if how == "log":
        make_log(session, make_candidate(session, person), confirmed_by=markers[0])
    make_script(session, exam, paper, person)
    assert marking_queue.list_stranded(session) == []

    know(session, person, but=markers[:2])

    (line,) = marking_queue.list_stranded(session)
    assert line.done == 0
    make_script(session, exam, paper, make_user(session, Role.TRAINEE))
    assert len(marking_queue.list_stranded(session)) == 1


def test_staff_read_that_a_third_one_has_to_mark_and_that_nobody_can(
    session: Session, sign_in: SignIn, markers: list[User]
) -> None:
    exam, paper = make_practical(session, closes_at=clock.now() - timedelta(hours=1))
    person = make_user(session, Role.TRAINEE)
    attempt = make_script(session, exam, paper, person)
    mark(session, attempt, markers[0], points_of(diagnosis=90), now=clock.now())
    mark(session, attempt, markers[1], points_of(diagnosis=60), now=clock.now())
    session.commit()
    third, too_few = "두 분의 점수가 달라", "모자라요"
    results_page = f"/desk/exams/{exam.id}/results"
    browser = sign_in(make_user(session, Role.OPERATOR))
    assert third in browser.get(results_page).text
    assert too_few not in browser.get(results_page).text
    assert "모자란" not in browser.get("/desk/").text

    know(session, person, but=markers[:2])
    session.commit()

    assert "1개는 채점할 수 있는 강사가 모자라요." in browser.get(results_page).text
    assert "실기 답안 1개는 채점할 분이 모자라요." in browser.get("/").text
    assert "채점할 분이 모자란 답안 1개" in browser.get("/desk/").text
    work = browser.get("/desk/work/exams").text
    assert f"답안 {marking_queue.number_of(attempt)}" in work
    assert third in work
    assert "모자란" not in sign_in(markers[2]).get("/desk/work/exams").text


def test_the_list_takes_the_same_statements_however_long_it_is(
    session: Session, markers: list[User], count_queries: Callable[[], int]
) -> None:
    exam, paper = make_practical(session)
    for _ in range(6):
        make_script(session, exam, paper)
    scripts.take(session, markers[0], now=NOW)
    count_queries()

    scripts.list_mine(session, markers[0])
    marking_queue.count_waiting(session, markers[0], now=NOW)
    marking_queue.list_late(session, now=NOW)
    marking_queue.list_stranded(session)

    assert count_queries() == 4


def test_only_trainers_mark(isolated: Flask, session: Session, sign_in: SignIn) -> None:
    for role in (Role.MERCHANT, Role.TRAINEE, Role.MENTOR, Role.OPERATOR):
        assert sign_in(make_user(session, role)).get("/desk/marking/").status_code == 403


def test_b27_the_desk_says_what_waits_and_the_operator_what_is_late(
    session: Session, sign_in: SignIn, markers: list[User]
) -> None:
    exam, paper = make_practical(session)
    attempt = make_script(session, exam, paper, finished_at=clock.now() - timedelta(days=20))
    session.commit()
    trainer, operator = sign_in(markers[0]), sign_in(make_user(session, Role.OPERATOR))

    assert "채점할 답안이 1개 기다려요." in trainer.get("/").text
    assert "채점할 답안 1개" in trainer.get("/desk/").text
    assert "채점이 늦은 답안" not in trainer.get("/desk/").text
    assert "채점이 늦은 답안 1개" in operator.get("/desk/").text
    assert f"답안 {marking_queue.number_of(attempt)}" in operator.get("/desk/work/exams").text
    assert "채점이 늦어요" in operator.get("/desk/work/exams").text
    assert "실기 답안 1개의 채점이 늦었어요." in operator.get("/").text
