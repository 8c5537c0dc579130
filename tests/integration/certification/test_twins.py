"""E25, K26: the paper twin prints the same paper in large type and comes to the same mark as the screen."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import (
    answering,
    attempts,
    exam_queries,
    item_statistics,
    regrades,
    releasing,
    scoring,
    twin_jobs,
    twin_prints,
    twins,
)
from portal.certification.exam_models import (
    AttemptState,
    Exam,
    ExamApplication,
    ExamAttempt,
    ExamItem,
    ExamPaper,
    ExamResult,
    ItemKind,
    Medium,
)
from portal.certification.exam_queries import Sheet
from portal.certification.marking_models import KeyedSheet, PaperPrint
from portal.core import clock, db
from portal.core.errors import ConflictError, ForbiddenError
from portal.core.roles import Role
from portal.core.storage import storage
from portal.courses.handout_pdf import Press
from portal.messages.models import Notice
from tests.conftest import Browser
from tests.exam_factories import make_attempt, make_exam, make_item, make_paper
from tests.factories import make_user
from tests.paper import Layout

Race = Callable[[list[Callable[[], Any]]], list[Any]]
SignIn = Callable[[User], Browser]


def make_items(session: Session) -> list[ExamItem]:
    """Return an item of every kind rules mark, with others of choice: five of each subject."""
    common = {"why": "", "step": ""}
    choices = [{"key": key, "text": f"보기 {key}", "feedback": ""} for key in "abcd"]
    rows = [{"key": "1", "text": "정산"}, {"key": "2", "text": "배송"}]
    options = [{"key": "a", "text": "돈이 와요"}, {"key": "b", "text": "물건이 가요"}]
    matched = [{"row": "1", "option": "a"}, {"row": "2", "option": "b"}]
    yes = [
        {"key": "true", "text": "맞아요", "feedback": ""},
        {"key": "false", "text": "아니에요", "feedback": ""},
    ]
    case = {"title": "정산표", "text": "| 상품 | 값 |\n| --- | --- |\n| 김 | 3000 |"}
    contents: list[tuple[ItemKind, dict[str, Any]]] = [
        (ItemKind.MULTIPLE, {"stem": "모두 고르세요.", "choices": choices, "key": ["a", "c"], "case": case}),
        (ItemKind.TRUE_FALSE, {"stem": "맞나요?", "choices": yes, "key": ["true"]}),
        (ItemKind.NUMERIC, {"stem": "얼마예요?", "key": [{"value": "2900", "tolerance": "0"}]}),
        (ItemKind.SHORT, {"stem": "무엇인가요?", "key": ["등록면허세"]}),
        (ItemKind.MATCHING, {"stem": "이어 보세요.", "rows": rows, "options": options, "key": matched}),
    ]
    first = [make_item(session, kind=kind, content={**content, **common}) for kind, content in contents]
    return first + [make_item(session, subject="law") for _ in range(5)]


def make_session(session: Session) -> tuple[Exam, ExamPaper]:
    exam = make_exam(session)
    return exam, make_paper(session, exam, make_items(session))


def apply(session: Session, exam: Exam, user: User | None = None, medium: Medium = Medium.PAPER) -> User:
    user = user or make_user(session)
    session.add(
        ExamApplication(
            exam_id=exam.id,
            user_id=user.id,
            medium=medium,
            wants_more_time=False,
            applied_at=exam.opens_at - timedelta(days=1),
        )
    )
    session.flush()
    return user


def answers_of(sheet: Sheet) -> dict[str, dict[str, Any]]:
    """Return answers of which some are right, by item id, as they stand on a sheet."""
    said: dict[str, dict[str, Any]] = {
        ItemKind.MULTIPLE: {"chosen": ["a", "c"]},
        ItemKind.TRUE_FALSE: {"chosen": ["false"]},
        ItemKind.NUMERIC: {"text": "2,900원"},
        ItemKind.SHORT: {"text": "등록 면허세"},
        ItemKind.MATCHING: {"matched": {"1": "a", "2": "b"}},
        ItemKind.CHOICE: {"chosen": ["a"]},
    }
    return {str(question.item.id): said[question.item.kind] for question in sheet.questions}


def give_paper(session: Session, exam: Exam, by: User, user: User | None = None) -> Sheet:
    user = apply(session, exam, user)
    attempt = twins.hand_out(session, exam, user.id, by, now=clock.now())
    return twins.get_sheet(session, by, attempt.id)


def key(session: Session, sheet: Sheet, by: User, responses: dict[str, dict[str, Any]]) -> bool:
    return twins.key(session, sheet, by, responses=responses, now=clock.now())


def result_of(session: Session, attempt: ExamAttempt) -> ExamResult:
    result = scoring.result_of(session, attempt.id)
    assert result is not None
    return result


def test_k26_the_same_answers_on_paper_and_on_a_screen_come_to_the_same_mark(
    session: Session, trainer: User, approver: User
) -> None:
    exam, paper = make_session(session)
    sheet = give_paper(session, exam, trainer)
    responses = answers_of(sheet)
    screen = make_attempt(session, paper, exam)
    for item_id, response in responses.items():
        answering.save(session, screen, int(item_id), response, client_at=None, now=clock.now())
    attempts.submit(session, screen, now=clock.now())

    assert not key(session, sheet, trainer, responses)
    assert key(session, sheet, approver, responses)

    on_paper, on_screen = result_of(session, sheet.attempt), result_of(session, screen)
    assert (on_paper.subjects, on_paper.total) == (on_screen.subjects, on_screen.total)
    assert on_paper.subjects == {"platform": 80, "law": 100}
    assert sheet.attempt.state is AttemptState.SUBMITTED
    lines = item_statistics.of_items(session, regrades.list_items(session, exam))
    assert {line.statistics.count for line in lines} == {2}


def test_e25_a_difference_is_settled_by_a_third_look_at_the_sheet(
    session: Session, trainer: User, approver: User, operator: User
) -> None:
    exam, _paper = make_session(session)
    sheet = give_paper(session, exam, trainer)
    right = answers_of(sheet)
    slip = next(each for each in sheet.questions if each.item.kind is ItemKind.CHOICE)
    left_out = next(each for each in sheet.questions if each.item.kind is ItemKind.NUMERIC)
    wrong = {**right, str(slip.item.id): {"chosen": ["b"]}}
    del wrong[str(left_out.item.id)]
    key(session, sheet, trainer, wrong)

    assert not key(session, sheet, approver, right)

    differing = sorted([slip.number, left_out.number])
    assert twins.list_differing(session, sheet) == differing
    (line,) = twins.list_lines(session, exam)
    assert (line.keyed, line.differs, line.is_done) == (2, 2, False)
    third = {str(each.item.id): right[str(each.item.id)] for each in (slip, left_out)}
    assert key(session, sheet, operator, third)
    assert result_of(session, sheet.attempt).subjects == {"platform": 80, "law": 100}
    with pytest.raises(ConflictError):
        key(session, sheet, make_user(session, Role.TRAINER), right)


def test_e25_how_an_answer_is_spaced_is_no_difference(
    session: Session, trainer: User, approver: User
) -> None:
    exam, _paper = make_session(session)
    sheet = give_paper(session, exam, trainer)
    right = answers_of(sheet)
    short = next(each for each in sheet.questions if each.item.kind is ItemKind.SHORT)
    key(session, sheet, trainer, right)

    assert key(session, sheet, approver, {**right, str(short.item.id): {"text": "등록면허세."}})


def test_e25_the_same_person_types_a_sheet_in_once(session: Session, trainer: User) -> None:
    exam, _paper = make_session(session)
    sheet = give_paper(session, exam, trainer)

    for _ in range(3):
        assert not key(session, sheet, trainer, answers_of(sheet))

    assert session.scalar(select(func.count()).select_from(KeyedSheet)) == 1


def test_e25_eight_people_typing_at_once_hand_one_sheet_in_once(committed: Session, race: Race) -> None:
    exam, _paper = make_session(committed)
    people = [make_user(committed, Role.TRAINER) for _ in range(8)]
    sheet = give_paper(committed, exam, people[0])
    responses = answers_of(sheet)
    committed.commit()

    def press(by: User) -> Callable[[], bool]:
        def call() -> bool:
            with db.transaction() as session:
                return key(session, twins.get_sheet(session, by, sheet.attempt.id), by, responses)

        return call

    got = race([press(by) for by in people])

    assert sorted(str(each) for each in got if isinstance(each, bool)) == ["False", "True"]
    assert sum(isinstance(each, ConflictError) for each in got) == 6
    committed.rollback()
    assert committed.scalar(select(func.count()).select_from(ExamResult)) == 1


def test_e25_a_sheet_is_not_closed_by_the_clock_and_keeps_the_release_waiting(
    session: Session, trainer: User
) -> None:
    exam, _paper = make_session(session)
    sheet = give_paper(session, exam, trainer)
    later = clock.now() + timedelta(days=3)

    assert attempts.list_overdue_ids(session, later) == []
    attempts.close(session, sheet.attempt, now=later)
    assert sheet.attempt.state is AttemptState.OPEN
    with pytest.raises(ConflictError, match="끝나지 않은 답안이 1개"):
        releasing.release(session, exam, trainer, absent=0, path="/", own_path="/", now=later)


def test_e25_who_applied_for_the_screen_gets_no_paper_and_nobody_hands_it_to_themself(
    session: Session, trainer: User
) -> None:
    exam, _paper = make_session(session)
    on_screen = apply(session, exam, medium=Medium.ONLINE)
    apply(session, exam, trainer)

    for user in (on_screen, trainer):
        with pytest.raises(ForbiddenError):
            twins.hand_out(session, exam, user.id, trainer, now=clock.now())


def test_e25_a_second_press_hands_out_the_same_paper(session: Session, trainer: User) -> None:
    exam, paper = make_session(session)
    user = apply(session, exam)

    first, second = (twins.hand_out(session, exam, user.id, trainer, now=clock.now()) for _ in range(2))

    assert first is second
    assert (first.seed, first.medium) == (paper.seed, Medium.PAPER)


def test_e27_the_booklet_the_sheet_and_later_pages_have_one_order(session: Session, trainer: User) -> None:
    exam, paper = make_session(session)
    sheet = give_paper(session, exam, trainer)

    def order(of: Sheet) -> list[tuple[int, list[str]]]:
        return [(each.item.id, [choice["key"] for choice in each.choices]) for each in of.questions]

    assert order(twins.booklet(session, paper)) == order(sheet)
    assert order(exam_queries.sheet_of(session, sheet.attempt)) == order(sheet)


def test_e25_the_pages_from_the_print_to_the_sheet(
    session: Session, sign_in: SignIn, trainer: User, approver: User
) -> None:
    exam, paper = make_session(session)
    user = apply(session, exam, make_user(session, name="종이로"))
    session.commit()
    hers, theirs = sign_in(trainer), sign_in(approver)
    here = f"/desk/exams/{exam.id}/paper"

    assert "종이로" in hers.get(here).text
    assert hers.send(f"{here}/{user.id}").status_code == 302
    attempt = session.scalars(select(ExamAttempt)).one()
    sheet = twins.get_sheet(session, trainer, attempt.id)
    typed: dict[str, Any] = {}
    for question in sheet.questions:
        response = answers_of(sheet)[str(question.item.id)]
        for row, option in response.get("matched", {}).items():
            typed[f"q{question.number}-{row}"] = option
        if "matched" not in response:
            typed[f"q{question.number}"] = response.get("text") or response["chosen"]
    address = f"/desk/exams/sheets/{attempt.id}/"
    assert hers.get(address).text.count("<legend") == 10
    assert hers.send(address, typed).status_code == 302
    assert "내 입력은 끝났어요" in hers.get(address).text
    assert theirs.send(address, typed).status_code == 302
    assert "다 입력한 답안지예요" in theirs.get(address).text
    assert result_of(session, attempt).total == 180
    assert sign_in(user).get(address).status_code == 403
    assert paper.exam_id == exam.id


def test_who_chose_paper_reads_when_and_where_and_is_told_once(
    session: Session, sign_in: SignIn, trainer: User
) -> None:
    exam, _ = make_session(session)
    user, other = apply(session, exam), apply(session, exam, medium=Medium.ONLINE)
    session.commit()
    hers, own, page = sign_in(trainer), sign_in(user), f"/certification/exams/{exam.id}/"
    here = f"/desk/exams/{exam.id}/paper"
    assert "언제 어디서 보는지 정하면 알려 드려요." in own.get(page).text
    assert "아직 알려 드리지 않았어요" in hers.get(here).text

    blank = hers.send(here, {"place": " "})
    for _ in range(2):
        hers.send(here, {"place": "12월 5일 오전 10시, 상인회관 2층"})

    assert blank.status_code == 422
    assert "언제 어디서 보는지 적어 주세요." in blank.text
    assert "<strong>12월 5일 오전 10시, 상인회관 2층</strong>" in own.get(page).text
    assert "상인회관" not in sign_in(other).get(page).text
    assert "아직 알려 드리지 않았어요" not in hers.get(here).text
    told = session.execute(select(Notice.user_id, Notice.message, Notice.path)).all()
    assert told == [(user.id, "exam-place", page)]
    assert sign_in(user).send(here, {"place": "우리 집"}).status_code == 403


def test_after_the_exam_nobody_is_told_to_come(session: Session, sign_in: SignIn, trainer: User) -> None:
    exam, _ = make_session(session)
    user = apply(session, exam)
    exam.opens_at, exam.closes_at = clock.now() - timedelta(days=2), clock.now() - timedelta(days=1)
    session.commit()

    with pytest.raises(ConflictError):
        twins.set_place(session, exam, "상인회관", own_path="/", now=clock.now())
    page = sign_in(user).get(f"/certification/exams/{exam.id}/").text
    assert "시험이 닫혔어요." in page
    assert "시험지를 드려요" not in page
    assert "언제 어디서 보나요?" not in sign_in(trainer).get(f"/desk/exams/{exam.id}/paper").text


def test_e25_a_booklet_is_printed_once_by_a_worker(session: Session, sign_in: SignIn, trainer: User) -> None:
    _exam, paper = make_session(session)
    session.commit()
    browser = sign_in(trainer)
    address = f"/desk/exams/papers/{paper.id}/print"
    first, second = (browser.send(address, {"size": "20"}).headers["Location"] for _ in range(2))
    waiting = browser.get(first)
    made = session.scalars(select(PaperPrint)).one()

    for _ in range(2):
        twin_jobs.make(made.id)

    assert first == second
    assert "만들고 있어요" in waiting.text
    assert waiting.headers["Refresh"]
    session.refresh(made)
    assert made.document_key is not None
    assert "시험지가 나왔어요" in browser.get(first).text
    assert browser.get(f"{first.rstrip('/')}.pdf").data == storage().get(made.document_key)
    assert storage().get(made.document_key).startswith(b"%PDF")


@pytest.mark.parametrize("size", [16, 20, 24])
def test_e25_booklet_and_answer_sheet_lose_no_word_in_large_type(session: Session, size: int) -> None:
    exam, paper = make_session(session)

    with Press() as press:
        laid_out = Layout(press, twin_prints.write(exam, paper, twins.booklet(session, paper), size))

        assert laid_out.list_lost() == []
        assert laid_out.list_cut() == []
        for words in ("모두고르세요.", "답안지", "함께볼사례", "10번", "돈이와요"):
            assert words in laid_out.text


def test_e25_the_same_paper_prints_the_same_bytes(session: Session) -> None:
    exam, paper = make_session(session)

    one, other = (twin_prints.write(exam, paper, twins.booklet(session, paper), 20) for _ in range(2))

    assert one.content_hash == other.content_hash
