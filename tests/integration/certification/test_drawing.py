"""The job that draws: whatever happens to it, there is one document, with the same bytes, and one notice."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import awards, jobs, keys, operations, queries
from portal.certification.models import (
    Certificate,
    CertificateEvent,
    CertificateState,
    EventKind,
    Proposal,
)
from portal.certification.pdf import MissingLetterError, Press
from portal.certification.vocabulary import RevokeClass
from portal.core import clock, db, work
from portal.core.errors import ConflictError
from portal.core.roles import Role
from portal.core.storage import Storage
from portal.courses import catalogue
from portal.courses.models import CourseCompletion
from portal.messages.models import Notice
from tests.conftest import NOW, Browser
from tests.factories import make_certificate, make_completion, make_proposal, make_user
from tests.integration.certification.test_issuing import ask
from tests.servers import PATIENCE_S

SignIn = Callable[[User], Browser]
RunJobs = Callable[[], None]


def is_stored(certificate: Certificate) -> bool:
    return certificate.pdf_sha256 is not None


def count_told(session: Session, certificate: Certificate) -> Any:
    return session.scalar(
        select(func.count()).select_from(Notice).where(Notice.user_id == certificate.holder_id)
    )


def draw(session: Session, app: Flask, certificate: Certificate) -> Any:
    """Run the job as a worker would and read the row again."""
    session.commit()
    with app.app_context():
        jobs.render(certificate.id)
    session.refresh(certificate)


def let_time_pass(session: Session, certificate: Certificate) -> Any:
    session.execute(
        update(Certificate)
        .where(Certificate.id == certificate.id)
        .values(due_at=clock.now() - timedelta(seconds=1))
    )
    session.commit()


def test_run_twice_the_second_time_does_nothing(session: Session, isolated: Flask, learner: User) -> None:
    certificate = make_certificate(session, learner=learner)

    draw(session, isolated, certificate)
    first = (certificate.pdf_sha256, certificate.rendered_at)
    draw(session, isolated, certificate)

    assert (certificate.pdf_sha256, certificate.rendered_at) == first
    assert certificate.attempts == 1
    assert count_told(session, certificate) == 1


def test_the_stored_bytes_are_those_of_a_separate_drawing(session: Session, isolated: Flask) -> None:
    certificate = make_certificate(session)
    draw(session, isolated, certificate)

    current = isolated.extensions["portal_settings"]
    with Press() as press:
        facts = queries.get_facts(session, certificate.id)
        separate = jobs.make(facts, press, keys.current(current), current)

    assert isolated.extensions["portal_storage"].get(certificate.document_key) == separate.pdf
    assert certificate.drawn_sha256 == Storage.key_of(separate.drawn)


def test_a_storage_that_fails_leaves_nothing_half_and_is_tried_again(
    session: Session, isolated: Flask, tmp_path: Any
) -> None:
    certificate = make_certificate(session)
    good = isolated.extensions["portal_storage"]
    in_the_way = tmp_path / "not-a-folder"
    in_the_way.write_text("x")
    isolated.extensions["portal_storage"] = Storage(in_the_way)

    try:
        with pytest.raises(OSError, match="not-a-folder"):
            draw(session, isolated, certificate)
    finally:
        isolated.extensions["portal_storage"] = good
    session.refresh(certificate)

    assert not is_stored(certificate)
    assert "not-a-folder" in (certificate.last_error or "")
    assert certificate.due_at is not None
    assert certificate.due_at > clock.now()
    assert count_told(session, certificate) == 0
    let_time_pass(session, certificate)
    draw(session, isolated, certificate)
    assert is_stored(certificate)
    assert certificate.last_error is None
    assert count_told(session, certificate) == 1


def test_pauses_grow_with_each_failure(session: Session, isolated: Flask) -> None:
    certificate = make_certificate(session, learner=make_user(session, name="Łukasz"))
    pauses = []

    for _ in range(3):
        with pytest.raises(MissingLetterError):
            draw(session, isolated, certificate)
        session.refresh(certificate)
        assert certificate.due_at
        pauses.append(round((certificate.due_at - clock.now()).total_seconds(), -1))
        let_time_pass(session, certificate)

    assert pauses == [10, 60, 300]


def test_a_letter_that_cannot_be_printed_is_named_to_the_operator(
    session: Session, isolated: Flask, sign_in: SignIn, operator: User, client: Any
) -> None:
    certificate = make_certificate(session, learner=make_user(session, name="Łukasz"))

    with pytest.raises(MissingLetterError):
        draw(session, isolated, certificate)
    listed = queries.list_unrendered(session)
    page = sign_in(operator).get(f"/certification/certificates/{certificate.code}/")

    assert [each.code for each in listed] == [certificate.code]
    assert "‘Ł’" in (listed[0].last_error or "")
    assert "‘Ł’" in page.text
    assert ask(client, certificate.code)["status"] == ("issuing")


def test_an_operator_lets_it_be_tried_at_once(
    session: Session, isolated: Flask, sign_in: SignIn, operator: User, run_jobs: Any
) -> None:
    certificate = make_certificate(session)
    session.execute(
        update(Certificate)
        .where(Certificate.id == certificate.id)
        .values(due_at=clock.now() + timedelta(hours=1))
    )
    session.commit()

    answer = sign_in(operator).send(f"/certification/certificates/{certificate.code}/retry")
    run_jobs()
    again = sign_in(operator).send(f"/certification/certificates/{certificate.code}/retry")

    session.refresh(certificate)
    assert answer.status_code == 302
    assert is_stored(certificate)
    assert again.status_code == 409
    kinds = session.scalars(select(CertificateEvent.kind).order_by(CertificateEvent.id)).all()
    assert kinds[-2:] == [EventKind.RETRIED, EventKind.RENDERED]


def test_a_worker_thought_dead_is_fenced_off(session: Session, isolated: Flask) -> None:
    certificate = make_certificate(session)
    session.commit()
    stale = work.claim(session, Certificate, certificate.id, now=clock.now(), lease_s=jobs.LEASE_S)
    session.commit()
    draw(session, isolated, certificate)
    assert not is_stored(certificate)

    let_time_pass(session, certificate)
    draw(session, isolated, certificate)
    wrote = work.finish(
        session,
        Certificate,
        certificate.id,
        lease=stale or "",
        document_key="f" * 64,
        pdf_sha256="f" * 64,
        rendered_at=NOW,
    )

    session.refresh(certificate)
    assert not wrote
    assert certificate.pdf_sha256 not in (None, "f" * 64)
    assert count_told(session, certificate) == 1


def test_revoking_calls_off_a_worker_that_is_at_it(session: Session, operator: User) -> None:
    certificate = make_certificate(session)
    session.commit()
    lease = work.claim(session, Certificate, certificate.id, now=clock.now(), lease_s=60)
    operations.revoke(
        session,
        certificate,
        operator,
        why=RevokeClass.ERROR,
        reason="이름이 달라요.",
        path="/",
        now=clock.now(),
    )
    session.flush()

    wrote = work.finish(session, Certificate, certificate.id, lease=lease or "", document_key="f" * 64)

    session.refresh(certificate)
    assert not wrote
    assert certificate.document_key is None
    assert certificate.due_at is None
    with pytest.raises(ConflictError):
        operations.retry_render(session, certificate, operator, now=clock.now())


def test_one_revoked_before_it_was_drawn_has_no_document(
    session: Session, sign_in: SignIn, client: FlaskClient, learner: User, operator: Any
) -> None:
    certificate = make_certificate(session, learner=learner)
    operations.revoke(
        session,
        certificate,
        operator,
        why=RevokeClass.ERROR,
        reason="이름이 달라요.",
        path="/",
        now=clock.now(),
    )
    session.commit()

    assert sign_in(learner).get(f"/certification/certificates/{certificate.code}.pdf").status_code == 404
    public = ask(client, certificate.code)
    assert (public["status"], public["pdf_sha256"]) == ("revoked", None)


class TestEightAtOnce:
    """Eight writers at the same moment, on both engines."""

    def test_approving_one_proposal_issues_one_certificate(self, race: Any, committed: Session) -> None:
        proposal = make_proposal(committed)
        approvers = [make_user(committed, Role.OPERATOR), make_user(committed, Role.TRAINER)]
        committed.commit()

        def approve(which: int) -> Any:
            with db.transaction() as session:
                found = session.get_one(Proposal, proposal.id)
                approver = session.get_one(User, approvers[which].id)
                return operations.approve(session, found, approver, now=clock.now()).id

        answers = race([lambda at=at: approve(at % 2) for at in range(8)])

        assert len(set(answers)) == 1, answers
        assert isinstance(answers[0], int)
        assert committed.scalar(select(func.count()).select_from(Certificate)) == 1
        assert committed.scalar(select(Certificate.serial)) == 1

    def test_proposing_one_completion_makes_one_proposal(self, race: Any, committed: Session) -> None:
        completion = make_completion(committed, make_user(committed))
        trainers = [make_user(committed, Role.TRAINER).id for _ in range(8)]
        committed.commit()

        def propose(trainer_id: int) -> Any:
            with db.transaction() as session:
                found = session.get_one(CourseCompletion, completion.id)
                return operations.propose(
                    session, found, session.get_one(User, trainer_id), now=clock.now()
                ).id

        answers = race([lambda each=each: propose(each) for each in trainers])

        assert len(set(answers)) == 1, answers
        assert isinstance(answers[0], int)
        assert committed.scalar(select(func.count()).select_from(Proposal)) == 1
        assert committed.scalar(select(func.count()).select_from(CertificateEvent)) == 1

    def test_eight_approvals_of_a_new_year_count_without_a_gap(self, race: Any, committed: Session) -> None:
        proposals = [make_proposal(committed).id for _ in range(8)]
        approver_id = make_user(committed, Role.OPERATOR).id
        committed.commit()

        def approve(proposal_id: int) -> Any:
            with db.transaction() as session:
                found = session.get_one(Proposal, proposal_id)
                approver = session.get_one(User, approver_id)
                return operations.approve(session, found, approver, now=NOW).serial

        answers = race([lambda each=each: approve(each) for each in proposals])

        assert sorted(answers, key=str) == list(range(1, 9)), answers

    def test_approving_and_declining_have_one_winner(self, race: Any, committed: Session) -> None:
        proposal = make_proposal(committed)
        approver_id = make_user(committed, Role.OPERATOR).id
        committed.commit()

        def decide(how: bool) -> Any:
            with db.transaction() as session:
                found = session.get_one(Proposal, proposal.id)
                approver = session.get_one(User, approver_id)
                if how:
                    operations.approve(session, found, approver, now=NOW)
                else:
                    operations.decline(session, found, approver, reason="이름", path="/", now=NOW)

        answers = race([lambda how=how: decide(how) for how in (True, False) * 4])

        lost = [answer for answer in answers if isinstance(answer, ConflictError)]
        assert len(lost) == 4, answers
        committed.refresh(proposal)
        issued = committed.scalar(select(func.count()).select_from(Certificate))
        assert issued == (1 if proposal.state == "approved" else 0)

    def test_eight_workers_draw_one_document(self, race: Any, committed: Session, app: Flask) -> None:
        certificate = make_certificate(committed)
        committed.commit()

        answers = race([lambda: jobs.render(certificate.id) for _ in range(8)])

        assert answers == [None] * 8
        committed.refresh(certificate)
        assert is_stored(certificate)
        assert certificate.attempts == 1
        assert count_told(committed, certificate) == 1

    def test_revoking_and_finishing_agree(self, race: Any, committed: Session) -> None:
        certificate = make_certificate(committed)
        operator_id = make_user(committed, Role.OPERATOR).id
        committed.commit()
        begun = threading.Barrier(8)

        def revoke() -> Any:
            begun.wait(timeout=PATIENCE_S)
            with db.transaction() as session:
                found = session.get_one(Certificate, certificate.id)
                by = session.get_one(User, operator_id)
                operations.revoke(
                    session, found, by, why=RevokeClass.ERROR, reason="이름", path="/", now=clock.now()
                )

        def finish() -> Any:
            with db.transaction() as session:
                lease = work.claim(session, Certificate, certificate.id, now=clock.now(), lease_s=60)
            begun.wait(timeout=PATIENCE_S)
            with db.transaction() as session:
                return work.finish(
                    session,
                    Certificate,
                    certificate.id,
                    lease=lease or "none",
                    document_key="a" * 64,
                    pdf_sha256="a" * 64,
                    rendered_at=clock.now(),
                )

        answers = race([finish, *[revoke] * 7])

        assert all(answer is None for answer in answers[1:]), answers
        assert isinstance(answers[0], bool), answers
        committed.refresh(certificate)
        assert certificate.state is CertificateState.REVOKED
        assert (certificate.pdf_sha256 is not None) == answers[0]
        assert count_told(committed, certificate) == 1
        revoked = (
            select(func.count())
            .select_from(CertificateEvent)
            .where(CertificateEvent.kind == EventKind.REVOKED)
        )
        assert committed.scalar(revoked) == 1


def test_q11_what_is_issued_says_what_it_said_whatever_its_holder_and_course_are_called_later(
    isolated: Flask, session: Session, issued: Callable[[], Certificate], learner: User, client: FlaskClient
) -> None:
    """Name, title and days are the certificate's own; hours stand on none, so that none can change."""
    certificate = issued()
    page = client.get(f"/v/{certificate.code}").text
    before = (certificate.pdf_sha256, certificate.drawn_sha256, page)
    assert "온라인 판매 첫걸음" in page

    learner.name = "성춘향"
    completion = session.scalars(select(CourseCompletion)).one()
    completion.completed_at -= timedelta(days=30)
    session.commit()
    kept = catalogue.current()
    isolated.extensions["portal_catalogue"] = replace(
        kept,
        groups=tuple(
            replace(group, courses=tuple(replace(course, title="다른 과정") for course in group.courses))
            for group in kept.groups
        ),
    )
    try:
        assert awards.course_title("first-sale") == "다른 과정"
        jobs.render(certificate.id)
        session.refresh(certificate)
        settings = isolated.extensions["portal_settings"]
        with Press() as press:
            anew = jobs.make(
                queries.get_facts(session, certificate.id), press, keys.current(settings), settings
            )
        after = (
            certificate.pdf_sha256,
            Storage.key_of(anew.drawn),
            client.get(f"/v/{certificate.code}").text,
        )
    finally:
        isolated.extensions["portal_catalogue"] = kept

    assert certificate.holder_name == "홍길동"
    assert after == before
