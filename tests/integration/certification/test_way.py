"""The way to a qualification: joining, newer rules, being proposed (Q01 Q02 Q06 Q08 Q27 Q28)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, func, inspect, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import candidates, ledger, operations, qualifications, standings
from portal.certification.models import Certificate, Proposal, ProposalState
from portal.certification.qualification_models import (
    Candidate,
    LedgerEntry,
    LedgerKind,
    QualificationVersion,
)
from portal.certification.qualifications import Qualification, Qualifications, Requirement
from portal.core import clock, db
from portal.core.errors import ConflictError, DomainError, ForbiddenError
from portal.core.roles import Role
from portal.messages.models import Notice
from tests.candidate_factories import entries_of, waive
from tests.conftest import Browser
from tests.exam_factories import make_candidate
from tests.factories import make_completion, make_user

SignIn = Callable[[User], Browser]
Race = Callable[[list[Callable[[], Any]]], list[Any]]
TITLES = (
    "2급 과정을 마쳐요",
    "연습을 모두 맞혀요",
    "일을 적고 확인받아요",
    "필기에 합격해요",
    "실기에 합격해요",
)


def page_of(candidate: Candidate) -> str:
    return f"/certification/candidates/{candidate.id}/"


def with_second_version(app: Flask, **changes: Any) -> Qualification:
    """Let the second grade have a second version from today whose log asks for ``changes``."""
    read: Qualifications = app.extensions["portal_qualifications"]
    found = read.get("designer-2")
    first = found.versions[0]
    requirements = tuple(
        Requirement(each.key, each.kind, each.title, {**each.params, **changes})
        if each.kind == "mentoring_log"
        else each
        for each in first.requirements
    )
    second = replace(first, number=2, requirements=requirements)
    newer = replace(found, versions=(first, second))
    others = tuple(newer if each.id == found.id else each for each in read.all)
    app.extensions["portal_qualifications"] = replace(read, all=others)
    return newer


# ── joining ──


def test_q02_somebody_joins_and_sees_every_requirement_with_the_one_next_thing_to_do(
    session: Session, sign_in: SignIn, learner: User, registered: Qualification
) -> None:
    browser = sign_in(learner)

    answer = browser.send("/certification/designer-2/join")
    again = browser.send("/certification/designer-2/join")

    candidate = session.scalars(select(Candidate)).one()
    assert answer.headers["Location"] == again.headers["Location"] == page_of(candidate)
    page = browser.get(page_of(candidate)).text
    for title in TITLES:
        assert title in page
    assert page.count("button--main") == 1
    assert "왜 아직인가요?" in page
    assert "자격까지 남은 것" in browser.get("/").text
    assert "하고 있어요" in browser.get("/certification/").text


def test_q01_the_rules_are_frozen_when_somebody_first_goes_by_them(
    isolated: Flask, session: Session, learner: User, registered: Qualification
) -> None:
    first = candidates.join(session, learner, registered, now=clock.now())
    changed = replace(
        registered,
        versions=(replace(registered.versions[0], requirements=registered.versions[0].requirements[:1]),),
    )

    second = candidates.join(session, make_user(session), changed, now=clock.now())

    assert session.scalar(select(func.count(QualificationVersion.id))) == 1
    assert second.version_id == first.version_id
    assert len(standings.status(session, second)) == 5


def test_q01_a_file_that_changed_under_people_is_told_and_a_new_version_is_not(
    isolated: Flask, session: Session, learner: User, registered: Qualification
) -> None:
    candidates.join(session, learner, registered, now=clock.now())
    edited = replace(registered, versions=(replace(registered.versions[0], validity_years=5),))
    read: Qualifications = isolated.extensions["portal_qualifications"]

    told = list(candidates.list_changed(session, {"portal_qualifications": replace(read, all=(edited,))}))
    fine = list(candidates.list_changed(session, {"portal_qualifications": read}))
    gone = list(candidates.list_changed(session, {"portal_qualifications": replace(read, all=())}))

    assert len(told) == 1
    assert "write a new version" in told[0]
    assert fine == []
    assert "put it back" in gone[0]


def test_q01_eight_presses_at_once_make_one_way(app: Flask, committed: Session, race: Race) -> None:
    learner = make_user(committed)
    committed.commit()

    def join() -> int:
        with db.transaction() as session:
            user = session.get_one(User, learner.id)
            found = qualifications.current().get("designer-2")
            return candidates.join(session, user, found, now=clock.now()).id

    made = race([join] * 8)

    assert len(set(made)) == 1
    assert committed.scalar(select(func.count(Candidate.id))) == 1
    assert committed.scalar(select(func.count(QualificationVersion.id))) == 1


def test_who_leaves_keeps_what_was_met_and_may_begin_again(
    session: Session, sign_in: SignIn, learner: User, registered: Qualification
) -> None:
    candidate = make_candidate(session, learner)
    make_completion(session, learner, course_id="designer-2")
    ledger.record(session, candidate, path="/", now=clock.now())
    browser = sign_in(learner)

    browser.send(f"{page_of(candidate)}leave")
    again = browser.send("/certification/designer-2/join").headers["Location"]

    session.refresh(candidate)
    assert candidate.left_at is not None
    assert entries_of(session, candidate)
    assert again != page_of(candidate)
    assert "그만둔 과정이에요" in browser.get(page_of(candidate)).text


# ── newer rules ──


def test_q01_moving_to_newer_rules_needs_an_operator_and_a_reason_and_is_told(
    isolated: Flask,
    session: Session,
    sign_in: SignIn,
    learner: User,
    operator: User,
    registered: Qualification,
) -> None:
    candidate = make_candidate(session, learner)
    with_second_version(isolated, entries=5)
    theirs = sign_in(operator)

    blank = theirs.send(f"{page_of(candidate)}move", {"number": "2", "reason": ""})
    theirs.send(f"{page_of(candidate)}move", {"number": "2", "reason": "새 기준이 더 쉬워요."})

    assert blank.status_code == 422
    moved = entries_of(session, candidate)[-1]
    assert (moved.kind, moved.note, moved.by_id) == (LedgerKind.MOVED, "새 기준이 더 쉬워요.", operator.id)
    session.refresh(candidate)
    assert session.get_one(QualificationVersion, candidate.version_id).number == 2
    notice = session.scalars(select(Notice).where(Notice.user_id == learner.id)).one()
    assert "새 기준으로 바뀌었어요" in notice.sentence


def test_q01_nobody_else_moves_anybody_and_nobody_goes_back(
    isolated: Flask, session: Session, trainer: User, operator: User, registered: Qualification
) -> None:
    candidate, own = make_candidate(session), make_candidate(session, operator)
    with_second_version(isolated, entries=5)

    def move(whose: Candidate, by: User, number: int) -> None:
        candidates.move(session, whose, by, number=number, reason="까닭", path="/", now=clock.now())

    with pytest.raises(ForbiddenError):
        move(candidate, trainer, 2)
    with pytest.raises(ForbiddenError):
        move(own, operator, 2)
    move(candidate, operator, 2)
    with pytest.raises(DomainError):
        move(candidate, operator, 1)


# ── being proposed ──


def test_q06_a_trainer_proposes_who_met_everything_and_another_reads_the_evidence(
    session: Session, sign_in: SignIn, learner: User, trainer: User, approver: User, registered: Qualification
) -> None:
    candidate = make_candidate(session, learner)
    completion = make_completion(session, learner, course_id="designer-2")
    waive(session, candidate, "log", "written", "practical")
    session.commit()
    assert f"{page_of(candidate)}propose" not in sign_in(trainer).get("/").text

    sign_in(trainer).send(f"{page_of(candidate)}check")
    home = sign_in(trainer).get("/").text
    answer = sign_in(trainer).send(f"{page_of(candidate)}propose")

    assert f"{page_of(candidate)}propose" in home
    proposal = session.scalars(select(Proposal)).one()
    assert (proposal.candidate_id, proposal.learner_id) == (candidate.id, learner.id)
    assert proposal.state is ProposalState.WAITING
    page = sign_in(approver).get(answer.headers["Location"]).text
    for title in TITLES:
        assert title in page
    assert "시범 과정에서 이미 했어요." in page
    assert f"course_completion:{completion.id}" in {
        entry.evidence for entry in entries_of(session, candidate)
    }
    assert "홍길동" not in sign_in(trainer).get("/desk/candidates/?state=ready").text


def test_q06_what_is_still_missing_is_named_and_nothing_is_proposed(
    session: Session, sign_in: SignIn, learner: User, trainer: User, registered: Qualification
) -> None:
    candidate = make_candidate(session, learner)
    waive(session, candidate, "course", "practice", "written", "practical")

    answer = sign_in(trainer).send(f"{page_of(candidate)}propose")

    assert answer.status_code == 409
    assert "세 가게와 함께한 일을 적고 확인받아요" in answer.text
    assert "필기에 합격해요" not in answer.text
    assert session.scalar(select(func.count(Proposal.id))) == 0


def test_q06_nobody_proposes_or_decides_for_themselves(
    session: Session, sign_in: SignIn, registered: Qualification
) -> None:
    both = make_user(session, Role.TRAINER, Role.OPERATOR)
    candidate = make_candidate(session, both)
    waive(session, candidate)
    browser = sign_in(both)

    proposed = browser.send(f"{page_of(candidate)}propose")
    decided = browser.send(f"{page_of(candidate)}decide/course", {"kind": "rejected", "reason": "까닭"})

    assert (proposed.status_code, decided.status_code) == (403, 403)
    assert page_of(candidate) not in browser.get("/desk/candidates/").text
    with pytest.raises(ForbiddenError):
        ledger.decide(
            session, candidate, both, requirement="course", kind=LedgerKind.REJECTED, reason="까닭",
            path="/", now=clock.now(),
        )  # fmt: skip


def test_q08_eight_trainers_at_once_make_one_proposal(app: Flask, committed: Session, race: Race) -> None:
    learner = make_user(committed)
    trainers = [make_user(committed, Role.TRAINER).id for _ in range(8)]
    candidate = make_candidate(committed, learner)
    waive(committed, candidate)
    committed.commit()

    def propose(trainer_id: int) -> Callable[[], int]:
        def run() -> int:
            with db.transaction() as session:
                trainer, found = session.get_one(User, trainer_id), session.get_one(Candidate, candidate.id)
                return operations.propose_candidate(session, found, trainer, path="/", now=clock.now()).id

        return run

    made = race([propose(trainer_id) for trainer_id in trainers])

    assert len(set(made)) == 1
    assert committed.scalar(select(func.count(Proposal.id))) == 1


def test_q08_who_holds_the_certificate_is_not_proposed_a_second_time(
    session: Session, learner: User, trainer: User, operator: User, registered: Qualification
) -> None:
    first = make_candidate(session, learner)
    waive(session, first)
    now = clock.now()
    proposal = operations.propose_candidate(session, first, trainer, path="/", now=now)
    session.add(Certificate(**_issued(proposal, learner)))
    proposal.state, proposal.decided_by_id, proposal.decided_at = ProposalState.APPROVED, operator.id, now
    first.left_at = now
    session.flush()
    second = make_candidate(session, learner)
    waive(session, second)

    with pytest.raises(ConflictError, match="이미 같은 증서"):
        operations.propose_candidate(session, second, trainer, path="/", now=now)


def _issued(proposal: Proposal, learner: User) -> dict[str, Any]:
    now = clock.now()
    return {
        "proposal_id": proposal.id,
        "holder_id": learner.id,
        "qualification_id": "designer-2",
        "holder_name": learner.name,
        "title": "디지털 유통설계사 2급",
        "completed_on": now.date(),
        "issuer_name": "장터배움",
        "approver_name": "정하늘",
        "year": 2026,
        "serial": 1,
        "number": "2026-C-00001",
        "code": "1" * 24,
        "issued_at": now,
    }


# ── what strangers see ──


@pytest.mark.parametrize("path", ["/certification/designer-2/", "/certification/designer-1/"])
def test_q27_every_public_page_says_the_six_things_the_law_wants(client: FlaskClient, path: str) -> None:
    page = client.get(path).text

    for words in (
        "자격의 종류",
        "등록번호",
        "관리하는 곳",
        "전화",
        "총비용",
        "응시료",
        "환불",
        "공인자격이 아닙니다",
    ):
        assert words in page
    assert "https://www.pqi.or.kr" in page
    assert "아직 등록하지 않았어요" in page
    assert "모의 검정" in page
    assert "자격증 발급" not in page


def test_q27_a_registered_one_shows_its_number_and_ends_with_a_qualification(
    client: FlaskClient, registered: Qualification
) -> None:
    page = client.get("/certification/designer-2/").text

    assert "0000-000000" in page
    assert "등록민간자격" in page
    assert "자격증 발급" in page
    assert "모의 검정" not in page


def test_the_list_of_qualifications_is_for_everybody(
    client: FlaskClient, sign_in: SignIn, learner: User
) -> None:
    for page in (client.get("/certification/").text, sign_in(learner).get("/certification/").text):
        assert "디지털 유통설계사 2급" in page
        assert "/certification/designer-1/" in page


def test_an_unknown_qualification_is_a_kind_page(client: FlaskClient) -> None:
    assert client.get("/certification/designer-9/").status_code == 404


def test_a_stranger_sees_nobodys_way(session: Session, sign_in: SignIn, learner: User) -> None:
    candidate = make_candidate(session, learner)

    for who in (make_user(session), make_user(session, Role.MENTOR)):
        assert sign_in(who).get(page_of(candidate)).status_code == 404


def test_q28_deleting_what_a_certificate_rests_on_is_refused(
    session: Session, learner: User, trainer: User, operator: User
) -> None:
    candidate = make_candidate(session, learner)
    waive(session, candidate)
    proposal = operations.propose_candidate(session, candidate, trainer, path="/", now=clock.now())
    certificate = operations.approve(session, proposal, operator, now=clock.now())
    session.commit()
    certificate_of = {
        Proposal: certificate.proposal_id,
        Candidate: candidate.id,
        User: learner.id,
        QualificationVersion: candidate.version_id,
    }
    for model, key in certificate_of.items():
        with pytest.raises(IntegrityError, match=r"(?i)foreign key"), session.begin_nested():
            session.execute(delete(model).where(inspect(model).primary_key[0] == key))

    assert session.scalar(select(func.count(Certificate.id))) == 1
    assert session.scalar(select(func.count(LedgerEntry.id))) == 5
