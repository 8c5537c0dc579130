"""What an approval issues: of a candidate, in the place of another, under which name and number."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import chain, operations, qualifications, queries
from portal.certification.life_models import CertificateRequest, PrintedName, RequestKind, RequestState
from portal.certification.models import (
    Certificate,
    CertificateEvent,
    CertificateKind,
    CertificateState,
    EventKind,
    Proposal,
)
from portal.certification.qualification_models import Candidate, LedgerEntry, LedgerKind
from portal.certification.vocabulary import RevokeClass
from portal.core.errors import ConflictError
from portal.core.settings import ROOT
from tests.conftest import NOW
from tests.exam_factories import make_candidate
from tests.factories import make_certificate, make_user


@pytest.fixture
def registered(isolated: Flask) -> Iterator[None]:
    """Let the second grade be registered, as it is in the demo."""
    before = isolated.extensions["portal_qualifications"]
    isolated.extensions["portal_qualifications"] = qualifications.load(ROOT / "content", is_demo=True)
    yield
    isolated.extensions["portal_qualifications"] = before


@pytest.fixture
def candidate(session: Session, learner: User) -> Candidate:
    """Give a candidate who met the last requirement five days ago."""
    candidate = make_candidate(session, learner)
    session.add(
        LedgerEntry(
            candidate_id=candidate.id,
            requirement="practical",
            kind=LedgerKind.MET,
            evidence="exam_attempt:1",
            version_id=candidate.version_id,
            at=NOW - timedelta(days=5),
        )
    )
    session.flush()
    return candidate


def propose_candidate(session: Session, candidate: Candidate, trainer: User) -> Proposal:
    proposal = Proposal(
        candidate_id=candidate.id, learner_id=candidate.user_id, proposed_by_id=trainer.id, proposed_at=NOW
    )
    session.add(proposal)
    session.flush()
    return proposal


def ask_for_another(
    session: Session, old: Certificate, trainer: User, kind: RequestKind, **columns: object
) -> Proposal:
    first = session.get_one(Proposal, old.proposal_id)
    proposal = Proposal(
        completion_id=first.completion_id,
        candidate_id=first.candidate_id,
        course_id=first.course_id,
        learner_id=first.learner_id,
        proposed_by_id=trainer.id,
        proposed_at=NOW,
        is_replacement=True,
    )
    session.add(proposal)
    session.flush()
    session.add(
        CertificateRequest(
            certificate_id=old.id,
            kind=kind,
            asked_at=NOW,
            state=RequestState.PROPOSED,
            decided_by_id=trainer.id,
            decided_at=NOW,
            proposal_id=proposal.id,
            **columns,
        )
    )
    session.flush()
    return proposal


def confirm_name(session: Session, user: User, **columns: str) -> None:
    session.add(PrintedName(user_id=user.id, confirmed_at=NOW, **{"name": user.name, **columns}))
    session.flush()


def test_q27_a_candidate_of_a_registered_qualification_gets_a_certificate_of_its_own_series(
    session: Session, registered: None, candidate: Candidate, learner: User, trainer: User, approver: User
) -> None:
    confirm_name(session, learner, hanja="洪吉童", latin="HONG GILDONG")

    made = operations.approve(session, propose_candidate(session, candidate, trainer), approver, now=NOW)

    assert (made.kind, made.number) == (CertificateKind.QUALIFICATION, "DDD2-2026-000001")
    assert made.title == "디지털 유통설계사 2급"
    assert made.registration_number == qualifications.DEMO_REGISTRATION
    assert (made.holder_hanja, made.holder_latin) == ("洪吉童", "HONG GILDONG")
    assert made.completed_on == date(2026, 11, 18)
    assert made.valid_until == date(2029, 11, 22)
    assert made.remind_at is not None
    assert (made.course_id, made.qualification_id) == (None, "designer-2")


def test_q27_without_a_registration_the_same_candidate_gets_a_certificate_of_completion(
    session: Session, candidate: Candidate, trainer: User, approver: User
) -> None:
    made = operations.approve(session, propose_candidate(session, candidate, trainer), approver, now=NOW)

    assert (made.kind, made.number) == (CertificateKind.COMPLETION, "2026-C-00001")
    assert (made.registration_number, made.valid_until, made.remind_at) == ("", None, None)


def test_how_an_earlier_proposal_of_a_candidate_came_back_is_told_with_the_next(
    session: Session, candidate: Candidate, trainer: User, approver: User
) -> None:
    other = make_candidate(session)
    for somebody, reason in ((candidate, "실습을 한 번 더 봐 주세요."), (other, "다른 사람의 까닭")):
        first = propose_candidate(session, somebody, trainer)
        operations.decline(session, first, approver, reason=reason, path="/", now=NOW)
    again = propose_candidate(session, candidate, trainer)

    told = [(each.kind, each.by_name, each.note) for each in queries.list_returns(session, again)]

    assert told == [(EventKind.DECLINED, approver.name, "실습을 한 번 더 봐 주세요.")]


def test_q12_no_certificate_of_qualification_goes_out_under_a_name_nobody_confirmed(
    session: Session, registered: None, candidate: Candidate, trainer: User, approver: User
) -> None:
    proposal = propose_candidate(session, candidate, trainer)

    with pytest.raises(ConflictError, match="이름을 확인하지"):
        operations.approve(session, proposal, approver, now=NOW)

    assert session.scalars(select(Certificate)).all() == []


def test_q12_a_corrected_name_makes_a_successor_and_the_old_one_is_superseded(
    session: Session, learner: User, trainer: User, approver: User
) -> None:
    old = make_certificate(session, learner=learner, at=NOW - timedelta(days=30))
    proposal = ask_for_another(session, old, trainer, RequestKind.CORRECTION, name="홍길순")

    new = operations.approve(session, proposal, approver, now=NOW)

    assert (new.holder_name, new.supersedes_id, new.title) == ("홍길순", old.id, old.title)
    assert (old.holder_name, old.state, old.superseded_at) == ("홍길동", CertificateState.SUPERSEDED, NOW)
    assert (old.due_at, old.remind_at) == (None, None)
    kinds = session.scalars(
        select(CertificateEvent.kind).where(CertificateEvent.proposal_id == old.proposal_id)
    ).all()
    assert kinds[-1] is EventKind.SUPERSEDED
    assert list(chain.list_breaks(session)) == []


def test_q13_what_was_revoked_meanwhile_has_no_successor(
    session: Session, learner: User, trainer: User, approver: User, operator: User
) -> None:
    old = make_certificate(session, learner=learner, at=NOW - timedelta(days=30))
    proposal = ask_for_another(session, old, trainer, RequestKind.CORRECTION, name="홍길순")
    operations.revoke(session, old, operator, why=RevokeClass.ERROR, reason="잘못 나감", path="/", now=NOW)

    with pytest.raises(ConflictError, match="이미 취소됐거나"):
        operations.approve(session, proposal, approver, now=NOW)


def test_q19_a_renewed_certificate_goes_on_from_the_day_after_the_old_ones_end(
    session: Session, registered: None, candidate: Candidate, learner: User, trainer: User, approver: User
) -> None:
    confirm_name(session, learner)
    old = operations.approve(session, propose_candidate(session, candidate, trainer), approver, now=NOW)
    later = NOW + timedelta(days=3 * 365 - 30)

    new = operations.approve(
        session, ask_for_another(session, old, trainer, RequestKind.RENEWAL), approver, now=later
    )

    assert old.valid_until == date(2029, 11, 22)
    assert new.valid_until == date(2032, 11, 22)
    assert new.number == "DDD2-2029-000001"


def test_q24_a_superseded_certificate_cannot_be_revoked_in_the_place_of_its_successor(
    session: Session, learner: User, trainer: User, approver: User, operator: User
) -> None:
    old = make_certificate(session, learner=learner, at=NOW - timedelta(days=30))
    operations.approve(
        session,
        ask_for_another(session, old, trainer, RequestKind.CORRECTION, name="홍길순"),
        approver,
        now=NOW,
    )

    with pytest.raises(ConflictError, match="새 증서"):
        operations.revoke(session, old, operator, why=RevokeClass.ERROR, reason="x", path="/", now=NOW)


def test_one_place_in_the_status_list_belongs_to_one_certificate(session: Session) -> None:
    made = [make_certificate(session, learner=make_user(session)) for _ in range(5)]

    assert len({each.status_index for each in made}) == 5
    assert len({each.credential_uuid for each in made}) == 5
