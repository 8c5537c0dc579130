"""E20, E19, B24: a wrong key is put right by two people, after everybody saw whose result changes how."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import item_statistics, regrades, regrading, releasing, scoring
from portal.certification.exam_models import (
    AttemptState,
    Exam,
    ExamAttempt,
    ExamItem,
    ExamPaper,
    ExamResult,
    ItemKind,
    ItemMark,
    MarkCause,
)
from portal.certification.marking_models import Regrade, RegradeState
from portal.core import clock, db
from portal.core.errors import ConflictError, DomainError, ForbiddenError
from portal.core.roles import Role
from portal.messages.models import Notice
from tests.conftest import Browser
from tests.exam_factories import make_attempt, make_exam, make_item, make_paper
from tests.factories import make_user
from tests.marking_factories import make_answer

Race = Callable[[list[Callable[[], Any]]], list[Any]]
SignIn = Callable[[User], Browser]


@pytest.fixture
def over(session: Session) -> tuple[Exam, ExamPaper]:
    return make_over(session)


def make_over(session: Session) -> tuple[Exam, ExamPaper]:
    exam = make_exam(session, starts=clock.now() - timedelta(days=2))
    return exam, make_paper(session, exam)


def sit(session: Session, exam: Exam, paper: ExamPaper, *chosen: str, name: str = "") -> ExamAttempt:
    """Return an attempt with these answers marked, the rest ``a``, which is the key of every item."""
    user = make_user(session, **({"name": name} if name else {}))
    attempt = make_attempt(session, paper, exam, user, state=AttemptState.SUBMITTED)
    for place in scoring.places(session, paper.id):
        key = chosen[place.place - 1] if place.place <= len(chosen) else "a"
        make_answer(session, attempt, place.item_id, chosen=[key])
    scoring.mark_by_rules(session, attempt, now=clock.now())
    scoring.settle(session, attempt, cause="marking", now=clock.now())
    return attempt


def first_item(session: Session, paper: ExamPaper) -> ExamItem:
    return scoring.places(session, paper.id)[0].item


def propose(session: Session, exam: Exam, item: ExamItem, by: User, **key: Any) -> Regrade:
    return regrading.propose(
        session, exam, item, by, key=key, reason="답이 b였어요.", path="/", now=clock.now()
    )


def approve(session: Session, regrade: Regrade, by: User) -> int:
    return regrading.approve(session, regrade, by, own_path="/own", now=clock.now())


def total(session: Session, attempt: ExamAttempt) -> int:
    result = scoring.result_of(session, attempt.id)
    assert result is not None
    return result.total


def test_e20_the_dry_run_names_exactly_those_whose_result_changes(
    session: Session, over: tuple[Exam, ExamPaper], trainer: User
) -> None:
    exam, paper = over
    sit(session, exam, paper, "a", name="잃는이")
    sit(session, exam, paper, "b", "b", "b", "b", "a", "b", name="얻는이")
    sit(session, exam, paper, "c", name="그대로")
    before = session.scalar(select(func.count()).select_from(ItemMark))
    regrade = propose(session, exam, first_item(session, paper), trainer, key=["b"])

    run = regrading.try_out(session, regrade)

    seen = [(each.name, each.before, each.after, each.total_before, each.total_after) for each in run.changes]
    assert seen == [("얻는이", 0, 20, 100, 120), ("잃는이", 20, 0, 200, 180)]
    assert [each.turns for each in run.changes] == [True, False]
    assert (run.kept, run.looked_at) == (0, 3)
    assert session.scalar(select(func.count()).select_from(ItemMark)) == before


def test_e20_the_change_is_what_the_dry_run_said_and_is_told_to_those_only(
    session: Session, over: tuple[Exam, ExamPaper], trainer: User, approver: User
) -> None:
    exam, paper = over
    loses, wins, same = (sit(session, exam, paper, first) for first in "abc")
    releasing.release(session, exam, trainer, absent=0, path="/", own_path="/own", now=clock.now())
    regrade = propose(session, exam, first_item(session, paper), trainer, key=["b"])
    said = {each.attempt_id: each.total_after for each in regrading.try_out(session, regrade).changes}

    assert approve(session, regrade, approver) == 2

    assert said == {attempt.id: total(session, attempt) for attempt in (loses, wins)}
    assert total(session, same) == 180
    causes = session.scalars(select(ExamResult.cause).where(ExamResult.seq == 2)).all()
    assert list(causes) == [f"regrade:{regrade.id}"] * 2
    told = session.scalars(select(Notice.user_id).where(Notice.message == "exam-result-changed")).all()
    assert sorted(told) == sorted([loses.user_id, wins.user_id])


def test_e20_before_the_release_nobody_is_told(
    session: Session, over: tuple[Exam, ExamPaper], trainer: User, approver: User
) -> None:
    exam, paper = over
    sit(session, exam, paper, "b")
    regrade = propose(session, exam, first_item(session, paper), trainer, key=["b"])

    assert approve(session, regrade, approver) == 1
    assert session.scalars(select(Notice).where(Notice.message == "exam-result-changed")).all() == []


def test_e20_a_second_press_changes_nothing(
    session: Session, over: tuple[Exam, ExamPaper], trainer: User, approver: User
) -> None:
    exam, paper = over
    sit(session, exam, paper, "b")
    item = first_item(session, paper)
    regrade = propose(session, exam, item, trainer, key=["b"])

    assert propose(session, exam, item, trainer, key=["b"]) is regrade
    assert [approve(session, regrade, approver) for _ in range(2)] == [1, 0]
    with pytest.raises(ConflictError):
        regrading.decline(session, regrade, approver, now=clock.now())


def test_e20_two_people_regrade(
    session: Session, over: tuple[Exam, ExamPaper], trainer: User, approver: User
) -> None:
    exam, paper = over
    regrade = propose(session, exam, first_item(session, paper), trainer, key=["b"])
    sat = sit(session, exam, paper)

    with pytest.raises(ForbiddenError):
        approve(session, regrade, trainer)
    with pytest.raises(ForbiddenError):
        approve(session, regrade, session.get_one(User, sat.user_id))
    with pytest.raises(ConflictError):
        propose(session, exam, first_item(session, paper), approver, everyone=True)


def test_e19_a_persons_mark_stays_whatever_the_key_says(
    session: Session, over: tuple[Exam, ExamPaper], trainer: User, approver: User
) -> None:
    exam, paper = over
    attempt = sit(session, exam, paper, "a")
    item = first_item(session, paper)
    session.add(
        ItemMark(
            attempt_id=attempt.id,
            item_id=item.id,
            points=20,
            cause=MarkCause.PERSON,
            by_id=approver.id,
            reason="이의를 받아들였어요.",
            at=clock.now(),
        )
    )
    session.flush()
    regrade = propose(session, exam, item, trainer, key=["b"])

    run = regrading.try_out(session, regrade)

    assert (run.changes, run.kept) == ((), 1)
    assert approve(session, regrade, approver) == 0
    assert total(session, attempt) == 200


def test_e20_everybody_gets_the_points_and_several_keys_are_several_ways_to_be_right(
    session: Session, over: tuple[Exam, ExamPaper], trainer: User, approver: User
) -> None:
    exam, paper = over
    attempts = [sit(session, exam, paper, first, first) for first in "abcd"]
    items = [place.item for place in scoring.places(session, paper.id)]

    approve(session, propose(session, exam, items[0], trainer, everyone=True), approver)
    assert [total(session, attempt) for attempt in attempts] == [200, 180, 180, 180]
    approve(session, propose(session, exam, items[1], trainer, key=["a", "c"]), approver)
    assert [total(session, attempt) for attempt in attempts] == [200, 180, 200, 180]


def test_e20_a_numeric_key_is_put_right_with_its_tolerance(
    session: Session, trainer: User, approver: User
) -> None:
    exam = make_exam(session, starts=clock.now() - timedelta(days=2))
    content = {"stem": "얼마예요?", "key": [{"value": "100", "tolerance": "5"}], "why": "", "step": ""}
    item = make_item(session, kind=ItemKind.NUMERIC, content=content)
    paper = make_paper(session, exam, [item])
    attempt = make_attempt(session, paper, exam, state=AttemptState.SUBMITTED)
    make_answer(session, attempt, item.id, text="1,198원")
    scoring.mark_by_rules(session, attempt, now=clock.now())
    scoring.settle(session, attempt, cause="marking", now=clock.now())
    assert total(session, attempt) == 0

    regrade = propose(session, exam, item, trainer, key=[{"value": "1200", "tolerance": "5"}])
    approve(session, regrade, approver)

    assert total(session, attempt) == 20


def test_e20_the_pages_from_the_item_to_the_decision(
    session: Session, sign_in: SignIn, over: tuple[Exam, ExamPaper], trainer: User, approver: User
) -> None:
    exam, paper = over
    sit(session, exam, paper, "b", name="바뀌는이")
    item = first_item(session, paper)
    session.commit()
    hers, theirs = sign_in(trainer), sign_in(approver)
    address = f"/desk/exams/{exam.id}/regrade/{item.id}"

    assert item.content["stem"] in hers.get(f"/desk/exams/{exam.id}/regrade").text
    same = hers.send(address, {"how": "key", "chosen": "a", "reason": "까닭"})
    none = hers.send(address, {"how": "key", "reason": "까닭"})
    made = hers.send(address, {"how": "key", "chosen": "b", "reason": "까닭이에요."})

    assert (same.status_code, none.status_code, made.status_code) == (422, 422, 302)
    page = made.headers["Location"]
    assert "바뀌는이" in hers.get(page).text
    assert "승인하고 다시 채점하기" not in hers.get(page).text
    assert "승인하고 다시 채점하기" in theirs.get(page).text
    assert hers.send(f"{page}approve").status_code == 403
    assert theirs.send(f"{page}approve").status_code == 302
    assert "결과가 바뀐 답안 1개" in theirs.get(page).text
    assert regrades.list_waiting(session, approver) == []


def test_e20_declined_is_left_as_it_was(
    session: Session, sign_in: SignIn, over: tuple[Exam, ExamPaper], trainer: User, approver: User
) -> None:
    exam, paper = over
    attempt = sit(session, exam, paper, "b")
    regrade = propose(session, exam, first_item(session, paper), trainer, key=["b"])
    session.commit()

    sent = sign_in(approver).send(f"/desk/regrades/{regrade.id}/decline")

    assert sent.status_code == 302
    session.refresh(regrade)
    assert regrade.state is RegradeState.DECLINED
    assert total(session, attempt) == 180
    with pytest.raises(ConflictError):
        approve(session, regrade, approver)


def test_e20_nothing_is_proposed_while_the_session_is_open_or_without_a_reason(
    session: Session, over: tuple[Exam, ExamPaper], trainer: User
) -> None:
    running = make_exam(session)
    paper = make_paper(session, running)
    with pytest.raises(ConflictError):
        propose(session, running, first_item(session, paper), trainer, key=["b"])

    with pytest.raises(DomainError):
        regrading.propose(
            session,
            over[0],
            first_item(session, over[1]),
            trainer,
            key={"key": ["b"]},
            reason=" ",
            path="/",
            now=clock.now(),
        )


def test_e20_eight_approvals_at_once_mark_once(committed: Session, race: Race) -> None:
    exam, paper = make_over(committed)
    attempts = [sit(committed, exam, paper, "b") for _ in range(3)]
    proposer = make_user(committed, Role.TRAINER)
    regrade = propose(committed, exam, first_item(committed, paper), proposer, key=["b"])
    people = [make_user(committed, Role.TRAINER) for _ in range(8)]
    committed.commit()

    def press(by: User) -> Callable[[], int]:
        def call() -> int:
            with db.transaction() as session:
                return approve(session, session.get_one(Regrade, regrade.id), by)

        return call

    assert sorted(race([press(by) for by in people])) == [0] * 7 + [3]
    committed.rollback()
    assert [total(committed, attempt) for attempt in attempts] == [200] * 3
    assert committed.scalar(select(func.count()).where(ItemMark.cause == MarkCause.REGRADE)) == 3


def test_e26_statistics_are_per_version_from_attempts_that_count_flagged_first(
    session: Session, sign_in: SignIn, over: tuple[Exam, ExamPaper], trainer: User
) -> None:
    exam, paper = over
    places = scoring.places(session, paper.id)
    for number in range(32):
        # The second item is right only for those who are wrong on the last five.
        good = number % 2 == 0
        sit(session, exam, paper, "a", "b" if good else "a", *"aaa", *("aaaaa" if good else "bbbbb"))
    sit(session, exam, paper, *"bbbbb").state = AttemptState.VOID
    session.commit()

    lines = item_statistics.of_items(session, regrades.list_items(session, exam))

    by_item = {line.item.id: line.statistics for line in lines}
    second = by_item[places[1].item_id]
    assert (second.count, second.p) == (32, 0.5)
    assert second.r == pytest.approx(-1)
    assert lines[0].item.id in {place.item_id for place in places[:5]}
    assert any("답을 확인해요" in flag for flag in second.flags)
    assert "답을 확인해요" in sign_in(trainer).get("/desk/exams/items").text
