"""E08, E11, E12, E23, E24 and B26: what staff do before and while an exam is sat."""

import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import (
    allowances,
    attempts,
    bank,
    exam_queries,
    gift,
    imports,
    proctoring,
    results,
    sessions,
)
from portal.certification.allowances import More
from portal.certification.exam_models import (
    Allowance,
    AttemptState,
    Exam,
    ExamApplication,
    ExamAttempt,
    ExamItem,
    ExamKind,
    ExamPaper,
    ItemImport,
    Medium,
    PaperItem,
)
from portal.certification.marking_models import Incident, IncidentKind, ProctorAct
from portal.certification.proctoring import Why
from portal.certification.sessions import Window
from portal.core import clock, db
from portal.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from portal.core.roles import Role
from tests.conftest import Browser
from tests.exam_factories import make_attempt, make_candidate, make_exam, make_item, make_paper
from tests.factories import make_association, make_member, make_user

SignIn = Callable[[User], Browser]
Race = Callable[[list[Callable[[], Any]]], list[Any]]
ITEM = "// subject: law\n// level: easy\n::law-{name}::글 {name} {{={right} ~다 ~라}}\n\n"
CAUSE = Why(IncidentKind.TECHNICAL, "인터넷이 끊겼어요.")


def items(**rights: str) -> list[gift.Item]:
    text = "".join(ITEM.format(name=name, right=right) for name, right in rights.items())
    return list(gift.parse(text).items)


def in_use(session: Session) -> dict[str, tuple[int, str]]:
    rows = session.scalars(select(ExamItem).where(ExamItem.retired_at.is_(None)))
    return {row.name: (row.version, row.content["choices"][0]["text"]) for row in rows}


def fill_bank(session: Session, *, many: int = 20) -> None:
    """Give the second grade's bank enough for its written exam."""
    for subject in ("platform", "listing", "law", "settlement", "counsel"):
        for level in ("easy", "standard", "hard"):
            for number in range(8 if level != "hard" else 4):
                if number < many:
                    make_item(session, subject=subject, level=level, name=f"{subject}-{level}-{number}")  # type: ignore[arg-type]


def window(**days: float) -> Window:
    now, chosen = clock.now(), {"apply": 2.0, "opens": 1.0, "closes": 3.0, **days}
    return Window(*(now + timedelta(days=chosen[each]) for each in ("apply", "opens", "closes")))


def open_session(session: Session, trainer: User, **columns: Any) -> Exam:
    values: dict[str, Any] = {
        "qualification_id": "designer-2",
        "kind": ExamKind.WRITTEN,
        "window": window(),
        "paper_count": 2,
        "form_key": "a-key-of-this-form",
        "now": clock.now(),
        **columns,
    }
    return sessions.open_session(session, trainer, **values)


def test_b26_a_file_makes_versions_and_twice_changes_nothing(session: Session) -> None:
    now = clock.now()

    first = bank.sync(session, "designer-2", items(a="가", b="나"), now=now)
    again = bank.sync(session, "designer-2", items(a="가", b="나"), now=now)
    changed = bank.sync(session, "designer-2", items(a="거", c="도"), now=now)

    assert first == {"new": 2, "changed": 0, "same": 0, "retired": 0}
    assert again == {"new": 0, "changed": 0, "same": 2, "retired": 0}
    assert changed == {"new": 1, "changed": 1, "same": 0, "retired": 1}
    assert in_use(session) == {"law-a": (2, "거"), "law-c": (1, "도")}
    assert session.scalar(select(func.count()).select_from(ExamItem)) == 4  # nothing is lost


def test_what_a_person_changed_stays_until_the_file_changes(session: Session) -> None:
    now, trainer = clock.now(), make_user(session, Role.TRAINER)
    bank.sync(session, "designer-2", items(a="가", b="나"), now=now)
    by_hand = items(a="손", z="새")
    bank.take_over(session, "designer-2", bank.compare(session, "designer-2", by_hand), by=trainer, now=now)

    bank.sync(session, "designer-2", items(a="가", b="나"), now=now)
    kept = in_use(session)
    bank.sync(session, "designer-2", items(a="달라짐", b="나"), now=now)

    assert kept == {"law-a": (2, "손"), "law-b": (1, "나"), "law-z": (1, "새")}
    assert in_use(session)["law-a"] == (3, "달라짐")
    assert "law-z" in in_use(session)


def test_an_item_that_comes_back_to_its_file_is_in_use_again(session: Session) -> None:
    for written in (items(a="가"), items(b="나"), items(a="가")):
        bank.sync(session, "designer-2", written, now=clock.now())

    assert in_use(session) == {"law-a": (2, "가")}


def test_the_command_takes_the_projects_own_banks_over(isolated: Flask, session: Session) -> None:
    runner = isolated.test_cli_runner()
    first, again = runner.invoke(args=["exams", "sync"]), runner.invoke(args=["exams", "sync"])

    assert (first.exit_code, again.exit_code) == (0, 0), first.output + again.output
    assert "designer-2: " in first.output
    assert all(" 0 new, 0 changed" in line for line in again.output.splitlines() if line)


def hand_in(browser: Browser, content: bytes, name: str) -> Any:
    fields = {"file": (io.BytesIO(content), name)}
    return browser.send("/desk/bank/designer-2/import", fields, content_type="multipart/form-data")


@pytest.mark.parametrize(
    ("step", "is_taught"),
    [
        ("designer-2/settlement-tax", True),
        ("first-sale/no-such-lesson", False),
        ("designer-2/settlement-tax/no-such-step", False),
        ("no-such-course/settlement-tax", False),
        ("designer-2", False),
    ],
)
def test_e12_an_item_sends_people_only_to_a_step_that_is_taught(
    session: Session, sign_in: SignIn, step: str, is_taught: bool
) -> None:
    browser = sign_in(make_user(session, Role.TRAINER))
    text = f"// step: {step}\n" + ITEM.format(name="a", right="나")

    address = hand_in(browser, text.encode(), "law.gift").headers["Location"]
    looked = browser.get(address).text
    taken = browser.send(f"{address}apply")

    assert ("단계를 찾지 못했어요" in looked) is not is_taught
    assert taken.status_code == (302 if is_taught else 409)
    assert bool(in_use(session)) is is_taught


def test_e12_a_file_is_looked_through_first_and_taken_over_by_a_second_press(
    session: Session, sign_in: SignIn
) -> None:
    browser = sign_in(make_user(session, Role.TRAINER))
    bank.sync(session, "designer-2", items(a="가", b="나"), now=clock.now())
    text = "".join(
        ITEM.format(name=name, right=right) for name, right in {"a": "거", "b": "나", "c": "도"}.items()
    )

    address = hand_in(browser, text.encode(), "law.gift").headers["Location"]
    looked = browser.get(address).text
    before = in_use(session)
    applied = browser.send(f"{address}apply")
    again = browser.send(f"{address}apply")

    assert "아직 아무것도 바뀌지 않았어요" in looked
    assert "law-c" in looked
    assert before == {"law-a": (1, "가"), "law-b": (1, "나")}
    assert (applied.status_code, again.status_code) == (302, 302)
    assert in_use(session) == {"law-a": (2, "거"), "law-b": (1, "나"), "law-c": (1, "도")}
    assert session.scalars(select(ItemImport)).one().report == {"new": 1, "changed": 1, "same": 1}


def test_e12_mistakes_are_shown_by_line_and_nothing_can_be_taken_over(
    session: Session, sign_in: SignIn
) -> None:
    browser = sign_in(make_user(session, Role.TRAINER))
    text = (
        ITEM.format(name="a", right="가")
        + "// subject: nonsense\n// level: easy\n::b::글 {=가 ~나}\n\n::c::글 {=가"
    )

    address = hand_in(browser, text.encode(), "law.txt").headers["Location"]
    looked = browser.get(address).text
    applied = browser.send(f"{address}apply")

    assert "5번째 줄" in looked
    assert "이 시험에 없어요" in looked
    assert "9번째 줄" in looked
    assert "반영하기" not in looked.replace("‘반영하기’", "")
    assert applied.status_code == 409
    assert in_use(session) == {}


@pytest.mark.parametrize("encoding", ["cp949", "utf-8-sig"])
def test_e12_a_table_of_korean_excel_is_taken(session: Session, sign_in: SignIn, encoding: str) -> None:
    browser = sign_in(make_user(session, Role.OPERATOR))
    table = "이름,과목,수준,유형,문제,정답,오답\nlaw-1,관련 법규,쉬움,고르기,무엇이에요?,가,나 | 다\n"

    address = hand_in(browser, table.encode(encoding), "문항.csv").headers["Location"]
    browser.send(f"{address}apply")

    assert in_use(session) == {"law-1": (1, "가")}


def test_e12_a_file_beyond_every_measure_is_refused(session: Session) -> None:
    with pytest.raises(DomainError, match="2MB"):
        imports.hand_in(
            session,
            make_user(session, Role.TRAINER),
            bank_name="designer-2",
            file_name="x.gift",
            raw=b"x" * (imports.MOST_BYTES + 1),
            now=clock.now(),
        )


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00\x81\xff\xff"])
def test_e12_what_is_no_file_of_items_is_refused(session: Session, sign_in: SignIn, content: bytes) -> None:
    assert hand_in(sign_in(make_user(session, Role.TRAINER)), content, "x.gift").status_code == 422


def test_pages_of_the_bank_show_versions_and_use_and_hand_out_gift(session: Session, sign_in: SignIn) -> None:
    now = clock.now()
    bank.sync(session, "designer-2", items(a="가"), now=now)
    bank.sync(session, "designer-2", items(a="거"), now=now)
    exam = make_exam(session)
    make_paper(session, exam, [bank.versions(session, "designer-2", "law-a")[0]])
    session.commit()
    browser = sign_in(make_user(session, Role.TRAINER))

    page = browser.get("/desk/bank/designer-2/items/law-a/").text
    exported = gift.parse(browser.get("/desk/bank/designer-2/export.gift").text)

    assert "2판" in page
    assert "1판" in page
    assert f"{exam.session_no}회" in page
    assert [item.digest for item in exported.items] == [items(a="거")[0].digest]
    assert browser.send("/desk/bank/designer-2/items/law-a/retire").status_code == 409  # its file has it
    assert "law-a" in browser.get("/desk/bank/designer-2/?subject=law").text
    assert browser.get("/desk/bank/nothing/").status_code == 404


def test_e11_a_session_copies_the_rules_and_makes_papers_by_them(session: Session) -> None:
    fill_bank(session)
    trainer = make_user(session, Role.TRAINER)

    exam = open_session(session, trainer)
    again = open_session(session, trainer)
    other = open_session(session, trainer, form_key="another-key-of-a-form")

    papers = session.scalars(select(ExamPaper).where(ExamPaper.exam_id == exam.id)).all()
    rows = session.execute(
        select(PaperItem.subject, ExamItem.level, func.count())
        .join(ExamItem, ExamItem.id == PaperItem.item_id)
        .where(PaperItem.paper_id == papers[0].id)
        .group_by(PaperItem.subject, ExamItem.level)
    )
    counts = {(subject, level.value): many for subject, level, many in rows}
    assert again.id == exam.id
    assert (exam.minutes, exam.grace_s, exam.attempts_max) == (100, 120, 2)
    assert (exam.session_no, other.session_no) == (1, 2)
    assert len(papers) == 2
    assert counts["law", "easy"] == counts["law", "standard"] == 8
    assert counts["law", "hard"] == 4
    assert sum(counts.values()) == 100


def test_an_exam_of_what_is_not_registered_is_a_mock_exam(session: Session, sign_in: SignIn) -> None:
    fill_bank(session)  # outside the demo no qualification has a number
    exam = open_session(session, make_user(session, Role.TRAINER))
    session.commit()

    page = sign_in(make_user(session, Role.TRAINER)).get(f"/desk/exams/{exam.id}/").text

    assert exam.is_mock
    assert "모의 검정" in page


def test_e11_a_bank_too_small_makes_no_session_and_says_what_is_missing(
    session: Session, sign_in: SignIn
) -> None:
    fill_bank(session, many=3)
    session.commit()
    browser = sign_in(make_user(session, Role.TRAINER))
    day = (clock.now() + timedelta(days=5)).date().isoformat()
    fields = {"exam": "designer-2 written", "apply_on": day, "opens_on": day, "opens_at": "10:00"}
    fields |= {"closes_on": day, "closes_at": "18:00", "paper_count": "1"}

    refused = browser.send("/desk/exams/new", fields)
    fields["apply_on"] = ""
    unfinished = browser.send("/desk/exams/new", fields)

    assert refused.status_code == unfinished.status_code == 422
    assert "관련 법규 쉬움 5개" in refused.text
    assert session.scalar(select(func.count()).select_from(Exam)) == 0


def test_a_session_is_made_on_its_page(session: Session, sign_in: SignIn) -> None:
    fill_bank(session)
    session.commit()
    browser = sign_in(make_user(session, Role.TRAINER))
    day = (clock.now() + timedelta(days=5)).date().isoformat()
    before = (clock.now() + timedelta(days=3)).date().isoformat()
    fields = {"exam": "designer-2 written", "apply_on": before, "opens_on": day, "opens_at": "10:00"}
    fields |= {"closes_on": day, "closes_at": "18:00", "paper_count": "2", "key": "a-key-of-this-very-form"}

    made = browser.send("/desk/exams/new", fields)
    browser.send("/desk/exams/new", fields)

    exam = session.scalars(select(Exam)).one()
    assert made.headers["Location"].endswith(f"/desk/exams/{exam.id}/")
    assert "2번 시험지" in browser.get(f"/desk/exams/{exam.id}/").text
    assert "디지털 유통설계사 2급 모의 검정 필기 1회" in browser.get("/desk/exams/").text


@pytest.mark.parametrize("days", [{"opens": -1}, {"closes": 1.01}, {"apply": 4}, {"apply": -1}])
def test_a_window_that_does_not_fit_is_refused(session: Session, days: dict[str, float]) -> None:
    fill_bank(session)

    with pytest.raises(DomainError):
        open_session(session, make_user(session, Role.TRAINER), window=window(**days))


def test_e08_staff_give_more_with_a_reason_on_a_page(session: Session, sign_in: SignIn) -> None:
    exam, person = make_exam(session, apply_until=clock.now() + timedelta(days=1)), make_user(session)
    make_candidate(session, person)
    sessions.apply(session, exam, person, medium=Medium.ONLINE, wants_more_time=False, now=clock.now())
    association = make_association(session, manager=make_user(session), name="망원시장 상인회")
    session.commit()
    browser, page = sign_in(make_user(session, Role.TRAINER)), f"/desk/exams/{exam.id}/allowances"

    nothing = browser.send(page, {"whom": f"person {person.id}", "reason": "직접 말씀하심"})
    no_reason = browser.send(page, {"whom": f"person {person.id}", "extra_percent": "50"})
    one = browser.send(
        page, {"whom": f"person {person.id}", "extra_percent": "50", "reason": "직접 말씀하심"}
    )
    all_ = browser.send(
        page, {"whom": f"association {association.id}", "extra_attempts": "1", "reason": "장날"}
    )
    nobody = browser.send(page, {"whom": "person 999999", "extra_percent": "50", "reason": "까닭"})

    assert (nothing.status_code, no_reason.status_code, nobody.status_code) == (422, 422, 422)
    assert (one.status_code, all_.status_code) == (302, 302)
    given = session.scalars(select(Allowance).order_by(Allowance.id)).all()
    assert [(each.user_id, each.association_id) for each in given] == [
        (person.id, None),
        (None, association.id),
    ]
    assert "망원시장 상인회" in browser.get(page).text


def test_the_latest_closing_counts_whether_given_to_a_person_or_to_their_association(
    session: Session,
) -> None:
    exam, operator, now = make_exam(session), make_user(session, Role.OPERATOR), clock.now()
    association = make_association(session, manager=make_user(session))
    member, stranger = make_member(session, association), make_user(session)
    hours = {"person": 1, "association": 3, "stranger": 5}
    for whom, user_id, association_id in (
        ("person", member.id, None),
        ("association", None, association.id),
        ("stranger", stranger.id, None),
    ):
        allowances.give(
            session,
            exam,
            operator,
            user_id=user_id,
            association_id=association_id,
            more=More(open_until=exam.closes_at + timedelta(hours=hours[whom])),
            reason="사정",
            now=now,
        )

    assert allowances.find_later_closings(session, member.id) == {
        exam.id: exam.closes_at + timedelta(hours=3)
    }
    assert allowances.find_later_closings(session, stranger.id) == {
        exam.id: exam.closes_at + timedelta(hours=5)
    }
    assert allowances.find_later_closings(session, operator.id) == {}


@pytest.fixture
def sitting(session: Session) -> ExamAttempt:
    """Give an attempt that has its whole half hour before it."""
    exam = make_exam(session)
    attempt = make_attempt(session, make_paper(session, exam), exam, make_user(session, name="권인숙"))
    session.commit()
    return attempt


def do(session: Session, attempt: ExamAttempt, what: ProctorAct, **columns: Any) -> Incident:
    exam = session.get_one(Exam, attempt.exam_id)
    proctor = columns.pop("by", None) or make_user(session, Role.TRAINER)
    values = {"attempt_id": attempt.id, "what": what, "why": CAUSE, "now": clock.now(), **columns}
    return proctoring.act(session, exam, proctor, **values)


def test_e23_a_pause_gives_back_the_time_it_took(session: Session, sitting: ExamAttempt) -> None:
    before, now = sitting.deadline_at, clock.now()
    do(session, sitting, ProctorAct.PAUSED, now=now)
    much_later = before + timedelta(hours=1)

    assert attempts.list_overdue_ids(session, much_later) == []  # nobody's time runs while it is held
    with pytest.raises(ConflictError, match="이미 멈춰"):
        do(session, sitting, ProctorAct.PAUSED)
    do(session, sitting, ProctorAct.RESUMED, now=now + timedelta(minutes=12))
    assert (sitting.deadline_at, sitting.paused_at) == (before + timedelta(minutes=12), None)


def test_e23_more_minutes_and_the_end(session: Session, sitting: ExamAttempt) -> None:
    before = sitting.deadline_at
    do(session, sitting, ProctorAct.EXTENDED, minutes=15)
    with pytest.raises(DomainError, match="1분에서"):
        do(session, sitting, ProctorAct.EXTENDED, minutes=0)
    do(session, sitting, ProctorAct.ENDED)

    assert sitting.deadline_at == before + timedelta(minutes=15)
    assert sitting.state is AttemptState.ENDED
    with pytest.raises(ConflictError, match="이미 끝난"):
        do(session, sitting, ProctorAct.EXTENDED, minutes=5)


@pytest.mark.parametrize("what", [ProctorAct.PAUSED, ProctorAct.EXTENDED, ProctorAct.ENDED])
def test_e25_an_attempt_on_paper_ends_with_its_answer_sheet_only(
    session: Session, sitting: ExamAttempt, what: ProctorAct
) -> None:
    sitting.medium = Medium.PAPER

    with pytest.raises(ConflictError, match="답안지를 옮겨"):
        do(session, sitting, what, minutes=5)

    assert sitting.state is AttemptState.OPEN
    do(session, sitting, ProctorAct.NOTED)


def test_e23_a_void_attempt_counts_for_nothing_and_keeps_its_answers(
    session: Session, sitting: ExamAttempt
) -> None:
    attempts.submit(session, sitting, now=clock.now())
    do(session, sitting, ProctorAct.VOIDED)
    exam = session.get_one(Exam, sitting.exam_id)
    exam.released_at, exam.released_by_id = clock.now(), exam.made_by_id
    session.flush()

    assert sitting.state is AttemptState.VOID
    assert (
        results.list_released(
            session, user_id=sitting.user_id, qualification_id="designer-2", kind=ExamKind.WRITTEN
        )
        == []
    )


def test_e23_after_the_release_nothing_is_made_void(session: Session, sitting: ExamAttempt) -> None:
    attempts.submit(session, sitting, now=clock.now())
    exam = session.get_one(Exam, sitting.exam_id)
    exam.released_at, exam.released_by_id = clock.now(), exam.made_by_id
    session.flush()

    with pytest.raises(ConflictError, match="이의 신청"):
        do(session, sitting, ProctorAct.VOIDED)


@pytest.mark.parametrize("what", list(ProctorAct))
def test_e24_each_act_needs_a_cause_and_is_written_down(
    session: Session, sitting: ExamAttempt, what: ProctorAct
) -> None:
    if what is ProctorAct.RESUMED:
        sitting.paused_at = clock.now()
    with pytest.raises(DomainError, match="무슨 일"):
        do(session, sitting, what, why=Why(IncidentKind.STAFF, "  "), minutes=5)

    written = do(session, sitting, what, minutes=5)

    assert (written.kind, written.act, written.cause) == (IncidentKind.TECHNICAL, what, "인터넷이 끊겼어요.")
    assert written.minutes == (5 if what is ProctorAct.EXTENDED else 0)


def test_e23_nobody_proctors_themselves_or_another_rooms_people(
    session: Session, sitting: ExamAttempt
) -> None:
    with pytest.raises(ForbiddenError):
        do(session, sitting, ProctorAct.EXTENDED, minutes=5, by=session.get_one(User, sitting.user_id))
    with pytest.raises(NotFoundError):
        proctoring.act(
            session,
            make_exam(session),
            make_user(session, Role.TRAINER),
            attempt_id=sitting.id,
            what=ProctorAct.NOTED,
            why=CAUSE,
            now=clock.now(),
        )


def test_e23_a_proctor_is_offered_only_what_can_be_done(
    session: Session, sign_in: SignIn, sitting: ExamAttempt
) -> None:
    browser = sign_in(make_user(session, Role.OPERATOR))
    person = f"/desk/exams/{sitting.exam_id}/room/{sitting.id}/"

    def offered() -> set[str]:
        return set(re.findall(r'<option value="(\w+)"', browser.get(person).text))

    assert offered() == {"noted", "authorised", "paused", "extended", "ended", "voided"}
    assert "늘리는 시간" in browser.get(person).text
    browser.send(person, {"kind": "environment", "cause": "불이 나갔어요.", "what": "paused"})
    assert offered() == {"noted", "authorised", "resumed", "extended", "ended", "voided"}
    sitting.state, sitting.finished_at, sitting.paused_at = AttemptState.SUBMITTED, clock.now(), None
    session.commit()
    assert offered() == {"noted", "authorised", "voided"}
    assert "늘리는 시간" not in browser.get(person).text


def test_e23_the_room_on_its_pages(session: Session, sign_in: SignIn, sitting: ExamAttempt) -> None:
    browser, room = sign_in(make_user(session, Role.OPERATOR)), f"/desk/exams/{sitting.exam_id}/room"
    person, why = f"{room}/{sitting.id}/", {"kind": "environment", "cause": "불이 나갔어요."}

    noted = browser.send(room, why)
    paused = browser.send(person, {"what": "paused", **why})
    no_cause = browser.send(person, {"what": "resumed", "kind": "environment", "cause": ""})
    shown = browser.get(room).text

    assert (noted.status_code, paused.status_code, no_cause.status_code) == (302, 302, 422)
    assert "멈춤" in shown
    assert shown.count("불이 나갔어요.") == 2
    assert "불이 나갔어요." in browser.get(person).text
    assert browser.get(f"/desk/exams/{make_exam(session).id}/room/{sitting.id}/").status_code == 404


def test_a_paused_attempt_takes_no_answers_and_says_so(
    session: Session, sign_in: SignIn, sitting: ExamAttempt
) -> None:
    do(session, sitting, ProctorAct.PAUSED)
    session.commit()
    browser = sign_in(session.get_one(User, sitting.user_id))
    page = f"/certification/exams/{sitting.exam_id}/attempt/?q=1"

    sent = browser.send(page, {"attempt_no": 1, "answer": "a", "to": "2"})

    assert sent.status_code == 409
    assert "잠깐 멈췄어요" in sent.text
    assert "잠깐 멈췄어요" in browser.get(page).text


def test_an_extension_and_the_end_at_once_leave_one_ended_attempt(race: Race, committed: Session) -> None:
    exam = make_exam(committed)
    attempt = make_attempt(committed, make_paper(committed, exam), exam)
    proctors = [make_user(committed, Role.TRAINER) for _ in range(8)]
    committed.commit()

    def act(number: int) -> Callable[[], None]:
        def end() -> None:
            with db.transaction() as session:
                what = ProctorAct.ENDED if number % 2 else ProctorAct.EXTENDED
                do(session, attempt, what, minutes=5, by=proctors[number])

        return end

    done = race([act(number) for number in range(8)])
    committed.expire_all()
    ended = committed.scalars(select(Incident).where(Incident.act == ProctorAct.ENDED)).all()

    assert len(ended) == 1
    assert committed.get_one(ExamAttempt, attempt.id).state is AttemptState.ENDED
    assert all(each is None or isinstance(each, ConflictError) for each in done)


def test_pages_of_the_desk_are_for_trainers_and_operators(
    session: Session, sign_in: SignIn, sitting: ExamAttempt
) -> None:
    pages = ["/desk/exams/", "/desk/bank/", f"/desk/exams/{sitting.exam_id}/room", "/desk/bank/designer-2/"]
    for role in (Role.MERCHANT, Role.TRAINEE, Role.MENTOR):
        browser = sign_in(make_user(session, role))
        assert {browser.get(page).status_code for page in pages} == {403}
    assert {sign_in(make_user(session, Role.OPERATOR)).get(page).status_code for page in pages} == {200}


def test_the_list_of_exams_says_which_can_be_begun_now(session: Session, sign_in: SignIn) -> None:
    trainee, now, hour = make_user(session, Role.TRAINEE), clock.now(), timedelta(hours=1)
    make_candidate(session, trainee)
    later, begun, on_paper, over, given, missed = (
        make_exam(session, starts=now + hours * hour, closes_at=now + (hours + 2) * hour)
        for hours in (1, -1, -1, -3, -3, -3)
    )
    for exam in (later, begun, on_paper, over, given):
        medium = Medium.PAPER if exam is on_paper else Medium.ONLINE
        session.add(
            ExamApplication(
                exam_id=exam.id, user_id=trainee.id, medium=medium, wants_more_time=False, applied_at=now
            )
        )
    operator, more = make_user(session, Role.OPERATOR), More(open_until=now + hour)
    allowances.give(session, given, operator, user_id=trainee.id, more=more, reason="사정", now=now)
    session.commit()

    page = sign_in(trainee).get("/certification/exams/").text
    rows = {
        exam.id: page.split(f'href="/certification/exams/{exam.id}/"', 1)[1].split("</li>", 1)[0]
        for exam in (later, begun, on_paper, over, given, missed)
    }

    for exam, words in (
        (later, ("접수함", "에 열려요")),
        (begun, ("지금 볼 수 있어요", "까지 열려 있어요")),
        (on_paper, ("접수함", "까지 열려 있어요")),
        (over, ("끝났어요", "에 끝났어요")),
        (given, ("지금 볼 수 있어요", "까지 열려 있어요")),
        (missed, ("끝났어요", "에 끝났어요")),
    ):
        assert all(word in rows[exam.id] for word in words), (exam.id, words, rows[exam.id])
        assert ("지금 볼 수 있어요" in rows[exam.id]) is (exam in (begun, given))


def test_the_list_of_exams_shows_where_somebody_stands(session: Session, sign_in: SignIn) -> None:
    trainee = make_user(session, Role.TRAINEE)
    make_candidate(session, trainee)
    exam = make_exam(session, apply_until=clock.now() + timedelta(hours=5))
    paper = make_paper(session, exam)
    session.commit()
    browser = sign_in(trainee)

    free = browser.get("/certification/exams/").text
    attempt = make_attempt(session, paper, exam, trainee)
    session.commit()
    running = browser.get("/certification/exams/").text
    attempts.submit(session, attempt, now=clock.now())
    session.commit()
    done = browser.get("/certification/exams/").text

    assert "접수 받는 중" in free
    assert "푸는 중" in running
    assert "채점 중" in done
    assert "까지 열려 있어요" in done
    assert len(exam_queries.list_for(session, make_user(session), now=clock.now())) == 0
