"""What becomes of a certificate: a name confirmed, corrected, a time that ends, and a renewal."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import (
    corrections,
    names,
    operations,
    qualifications,
    renewals,
    standing,
)
from portal.certification.life_models import CertificateRequest, PrintedName, RequestState
from portal.certification.models import (
    Certificate,
    CertificateEvent,
    CertificateState,
    EventKind,
    Proposal,
    ProposalState,
)
from portal.certification.names import Wanted
from portal.certification.standing import Status
from portal.certification.vocabulary import RevokeClass
from portal.core import clock, db, queue
from portal.core.clock import KST
from portal.core.errors import ConflictError, DomainError, ForbiddenError
from portal.core.settings import ROOT
from portal.courses import catalogue
from portal.courses.models import PracticeTry
from portal.messages.models import Notice
from tests.conftest import NOW, Browser
from tests.exam_factories import make_candidate
from tests.factories import make_completion, make_user
from tests.life_factories import make_held

SignIn = Callable[[User], Browser]
Issue = Callable[[], Certificate]


class TestQ12B11NamesAreConfirmedBeforeIssue:
    """Q12, B11: the learner confirms the printed name, and letters nobody can print are refused there."""

    def test_she_confirms_it_on_a_page(self, session: Session, sign_in: SignIn, learner: User) -> None:
        browser = sign_in(learner)

        before = browser.get("/certification/name")
        sent = browser.send("/certification/name", {"name": " 홍  길동 ", "hanja": "洪吉童", "latin": "HONG"})

        assert 'value="홍길동"' in before.text
        assert sent.status_code == 302
        kept = session.get_one(PrintedName, learner.id)
        assert (kept.name, kept.hanja, kept.latin) == ("홍 길동", "洪吉童", "HONG")
        assert "홍 길동 님으로 인쇄해요." in browser.get("/certification/").text

    def test_the_way_to_a_certificate_asks_for_it(
        self, isolated: Flask, session: Session, sign_in: SignIn, learner: User, monkeypatch: Any
    ) -> None:
        registered = qualifications.load(ROOT / "content", is_demo=True)
        monkeypatch.setitem(isolated.extensions, "portal_qualifications", registered)
        candidate = make_candidate(session, learner)
        session.commit()
        browser, path = sign_in(learner), f"/certification/candidates/{candidate.id}/"

        assert "인쇄할 이름을 확인해 주세요" in browser.get(path).text
        browser.send("/certification/name", {"name": "홍길동"})
        assert "인쇄할 이름을 확인해 주세요" not in browser.get(path).text

    @pytest.mark.parametrize(
        ("field", "typed"),
        [
            ("name", "홍길동😀"),
            ("name", "홍길동\u200b"),
            ("name", "홍3"),
            ("name", "홍"),
            ("name", "홍" * 41),
            ("hanja", "홍길동"),
            ("hanja", "𪚥𪚥"),
            ("latin", "홍길동"),
        ],
    )
    def test_what_cannot_be_printed_is_refused_at_its_field(
        self, session: Session, sign_in: SignIn, learner: User, field: str, typed: str
    ) -> None:
        sent = sign_in(learner).send("/certification/name", {"name": "홍길동", field: typed})

        assert sent.status_code == 422
        assert f'id="{field}-error"' in sent.text
        assert session.get(PrintedName, learner.id) is None

    def test_confirmed_later_it_changes_nothing_that_was_issued(
        self, session: Session, learner: User
    ) -> None:
        certificate = make_held(session, learner)

        names.confirm(session, learner, Wanted("홍길순"), now=NOW)
        session.flush()

        assert certificate.holder_name == "홍길동"


class TestQ12B3ACorrectionIsASuccessor:
    """Q12, B3: a corrected name is a new certificate, and the old one says that it was replaced."""

    def test_the_whole_way(
        self, session: Session, sign_in: SignIn, learner: User, trainer: User, operator: User, issued: Issue
    ) -> None:
        old = issued()
        hers = sign_in(learner)

        asked = hers.send(
            f"/certification/certificates/{old.code}/correct", {"name": "홍길순", "reason": "순이에요."}
        )
        request = session.scalars(select(CertificateRequest)).one()
        listed, desk = (sign_in(trainer).get(path) for path in ("/certification/requests/", "/desk/"))
        taken = sign_in(trainer).send(f"/certification/requests/{request.id}/take-up")
        proposal = session.scalars(select(Proposal).where(Proposal.is_replacement)).one()
        seen = sign_in(operator).get(f"/certification/proposals/{proposal.id}/")
        approved = sign_in(operator).send(f"/certification/proposals/{proposal.id}/approve")

        assert (asked.status_code, taken.status_code, approved.status_code) == (302, 302, 302)
        assert "홍길동 님 · 이름 고침" in listed.text
        assert "증서 부탁 1건" in desk.text
        assert "순이에요." in seen.text
        session.refresh(old)
        new = session.scalars(select(Certificate).where(Certificate.supersedes_id == old.id)).one()
        assert (old.state, old.holder_name) == (CertificateState.SUPERSEDED, "홍길동")
        assert (new.state, new.holder_name) == (CertificateState.ACTIVE, "홍길순")
        assert session.get_one(PrintedName, learner.id).name == "홍길순"
        page = hers.get(f"/v/{old.code}")
        assert "대체됨" in page.text
        assert new.code not in page.text
        assert "길순" not in page.text
        assert new.code in hers.get(f"/certification/certificates/{old.code}/").text

    def test_two_presses_are_one_request_and_the_same_name_is_none(
        self, session: Session, learner: User
    ) -> None:
        certificate = make_held(session, learner)

        first = corrections.ask(session, certificate, learner, Wanted("홍길순"), reason="", now=NOW)
        second = corrections.ask(session, certificate, learner, Wanted("홍길순"), reason="", now=NOW)

        assert first.id == second.id
        with pytest.raises(DomainError, match="지금 적힌 이름과 같아요"):
            corrections.ask(session, certificate, learner, Wanted("홍길동"), reason="", now=NOW)

    def test_nobody_takes_up_or_decides_their_own(
        self, session: Session, trainer: User, operator: User
    ) -> None:
        certificate = make_held(session, operator)
        request = corrections.ask(session, certificate, operator, Wanted("정바다"), reason="", now=NOW)

        with pytest.raises(ForbiddenError):
            corrections.take_up(session, request, operator, now=NOW)
        proposal = corrections.take_up(session, request, trainer, now=NOW)
        for person in (operator, trainer):
            with pytest.raises(ForbiddenError):
                operations.approve(session, proposal, person, now=NOW)
        assert corrections.list_waiting(session, operator) == []

    def test_sent_back_she_reads_why_and_may_ask_again(
        self, session: Session, sign_in: SignIn, learner: User, trainer: User
    ) -> None:
        certificate = make_held(session, learner)
        request = corrections.ask(session, certificate, learner, Wanted("홍길순"), reason="", now=NOW)
        session.commit()

        sent = sign_in(trainer).send(
            f"/certification/requests/{request.id}/", {"reason": "신분증을 보여 주세요."}
        )

        assert sent.status_code == 302
        session.refresh(request)
        assert request.state is RequestState.DECLINED
        assert (
            "신분증을 보여 주세요."
            in sign_in(learner).get(f"/certification/certificates/{certificate.code}/").text
        )
        again = corrections.ask(session, certificate, learner, Wanted("홍길순"), reason="", now=NOW)
        assert again.id != request.id

    def test_a_proposal_that_is_declined_declines_the_request_with_it(
        self, session: Session, learner: User, trainer: User, operator: User
    ) -> None:
        certificate = make_held(session, learner)
        request = corrections.ask(session, certificate, learner, Wanted("홍길순"), reason="", now=NOW)
        proposal = corrections.take_up(session, request, trainer, now=NOW)

        operations.decline(session, proposal, operator, reason="이름이 맞아요.", path="/", now=NOW)
        session.flush()

        assert (request.state, request.decline_reason) == (RequestState.DECLINED, "이름이 맞아요.")
        assert certificate.state is CertificateState.ACTIVE
        told = session.scalars(select(Notice.cause).where(Notice.user_id == learner.id)).all()
        assert f"certificate-request-declined:{request.id}" in told

    def test_after_the_successor_is_revoked_it_may_all_begin_anew(
        self, session: Session, learner: User, trainer: User, approver: User, operator: User, issued: Issue
    ) -> None:
        old = issued()
        request = corrections.ask(session, old, learner, Wanted("홍길순"), reason="", now=NOW)
        proposal = corrections.take_up(session, request, trainer, now=NOW)
        new = operations.approve(session, proposal, approver, now=NOW)
        with pytest.raises(ConflictError, match="새 증서로 바뀐"):
            operations.revoke(session, old, operator, why=RevokeClass.ERROR, reason="잘못", path="/", now=NOW)

        operations.revoke(session, new, operator, why=RevokeClass.ERROR, reason="잘못", path="/", now=NOW)
        first = session.get_one(Proposal, old.proposal_id)

        assert first.state is ProposalState.REVOKED
        assert old.state is CertificateState.SUPERSEDED

    def test_eight_presses_at_once_are_one_successor(
        self, committed: Session, race: Callable[[list[Callable[[], Any]]], list[Any]]
    ) -> None:
        learner, trainer, approver = (make_user(committed) for _ in range(3))
        certificate = make_held(committed, learner)
        committed.commit()
        ids = certificate.id, learner.id, trainer.id, approver.id

        def press() -> int:
            with db.transaction() as session:
                held = session.get_one(Certificate, ids[0])
                holder, first, second = (session.get_one(User, each) for each in ids[1:])
                request = corrections.ask(session, held, holder, Wanted("홍길순"), reason="", now=clock.now())
                proposal = corrections.take_up(session, request, first, now=clock.now())
                return operations.approve(session, proposal, second, now=clock.now()).id

        done = race([press] * 8)

        assert sum(isinstance(each, int) for each in done) == 1
        assert sum(isinstance(each, ConflictError) for each in done) == 7
        states = committed.scalars(select(Certificate.state).order_by(Certificate.id)).all()
        assert states == [CertificateState.SUPERSEDED, CertificateState.ACTIVE]
        committed.rollback()


class TestQ19B5RenewalAndReminders:
    """Q19, B5: validity, reminders before and after the end, and a renewed one linked to the old."""

    ISSUED = datetime(2026, 11, 23, 1, 0, tzinfo=KST)

    @pytest.mark.parametrize(
        ("day", "status"),
        [
            (date(2029, 11, 22), Status.ACTIVE),  # the last day counts
            (date(2029, 11, 23), Status.EXPIRED),
        ],
    )
    def test_the_last_day_in_korea_counts(
        self, session: Session, learner: User, day: date, status: Status
    ) -> None:
        certificate = make_held(session, learner, at=self.ISSUED)

        late_that_day = datetime.combine(day, datetime.max.time(), KST)

        assert certificate.valid_until == date(2029, 11, 22)
        assert standing.status_of(certificate, now=late_that_day) is status

    def test_renewing_opens_in_time_and_wants_the_course_taken_since(
        self, session: Session, learner: User, trainer: User, approver: User
    ) -> None:
        certificate = make_held(session, learner, at=self.ISSUED)
        opens = datetime(2029, 8, 24, tzinfo=KST)
        taken = make_completion(
            session, learner, course_id="words-and-photos-with-ai", at=self.ISSUED - timedelta(days=1)
        )

        with pytest.raises(ConflictError, match="2029년 8월 24일부터"):
            renewals.ask(session, certificate, learner, now=opens - timedelta(seconds=1))
        with pytest.raises(ConflictError, match="과정을 먼저 마쳐 주세요"):
            renewals.ask(session, certificate, learner, now=opens)
        taken.completed_at = self.ISSUED + timedelta(days=30)
        request = renewals.ask(session, certificate, learner, now=opens)
        proposal = corrections.take_up(session, request, trainer, now=opens)
        renewed = operations.approve(session, proposal, approver, now=opens)

        assert renewed.supersedes_id == certificate.id
        assert renewed.valid_until == date(2032, 11, 22)  # no day is lost by renewing early
        assert renewed.remind_at == datetime(2032, 9, 23, 10, tzinfo=KST)
        assert certificate.state is CertificateState.SUPERSEDED
        assert certificate.remind_at is None

    def test_who_had_completed_the_course_before_does_all_its_exercises_again(
        self, session: Session, learner: User
    ) -> None:
        certificate = make_held(session, learner, at=self.ISSUED)
        course = catalogue.current().course("words-and-photos-with-ai")
        make_completion(session, learner, course_id=course.id, at=self.ISSUED - timedelta(days=1))
        places = [place for place in course.places if place.step.practice]
        opens = datetime(2029, 8, 24, tzinfo=KST)
        asked: list[bool] = []

        for number, place in enumerate(places, start=1):
            lesson_id, step_id = place.key
            session.add(
                PracticeTry(
                    learner_id=learner.id,
                    course_id=course.id,
                    lesson_id=lesson_id,
                    step_id=step_id,
                    number=number,
                    seed="",
                    answer={},
                    passed=True,
                    remarks=[],
                    content_hash="",
                    created_at=self.ISSUED + timedelta(days=number),
                )
            )
            session.flush()
            renewable = renewals.find(session, certificate, now=opens)
            assert renewable is not None
            asked.append(renewable.may_ask)

        assert asked == [False] * (len(places) - 1) + [True]

    def test_it_is_allowed_after_the_end_too_and_begins_that_day(
        self, session: Session, sign_in: SignIn, learner: User, trainer: User, approver: User
    ) -> None:
        certificate = make_held(session, learner, at=clock.now() - timedelta(days=3 * 366))
        make_completion(session, learner, course_id="words-and-photos-with-ai")
        session.commit()
        hers = sign_in(learner)

        page = hers.get(f"/certification/certificates/{certificate.code}/renew")
        sent = hers.send(f"/certification/certificates/{certificate.code}/renew")

        assert "효력이 멈췄어요. 갱신하면 이어져요" in page.text
        assert sent.status_code == 302
        request = session.scalars(select(CertificateRequest)).one()
        now = clock.now()
        proposal = corrections.take_up(session, request, trainer, now=now)
        renewed = operations.approve(session, proposal, approver, now=now)
        today = now.astimezone(KST).date()
        assert renewed.valid_until is not None
        assert (renewed.valid_until + timedelta(days=1)).year == today.year + 3

    def test_each_moment_tells_once_and_sets_the_next(self, session: Session, learner: User) -> None:
        certificate = make_held(session, learner, at=self.ISSUED)
        moments = [datetime(2029, *day, 10, tzinfo=KST) for day in ((9, 23), (10, 23), (11, 15), (11, 23))]
        seen = [certificate.remind_at]

        for moment in moments:
            assert list(renewals.list_to_remind(session, moment - timedelta(seconds=1))) == []
            assert list(renewals.list_to_remind(session, moment)) == [certificate.id]
            for _ in range(2):
                renewals.remind(session, certificate.id, path="/", now=moment)
            seen.append(certificate.remind_at)
            session.flush()

        assert seen == [*moments, None]
        told = session.scalars(select(Notice.sentence).where(Notice.cause.like("certificate-end%"))).all()
        assert [each for each in told if "끝나요" in each] == told[:3]
        assert told[3:] == [
            "‘디지털 유통설계사 2급’ 자격이 2029년 11월 22일에 끝났어요. 갱신하면 다시 쓸 수 있어요."
        ]

    def test_a_worker_that_comes_late_says_only_that_it_ended(self, session: Session, learner: User) -> None:
        late = make_held(session, learner, at=self.ISSUED)

        for _ in range(2):
            renewals.remind(session, late.id, path="/", now=datetime(2030, 1, 1, tzinfo=KST))

        assert late.remind_at is None
        told = session.scalars(select(Notice.cause).where(Notice.cause.like("certificate-end%"))).all()
        assert told == [f"certificate-ended:{late.id}"]

    def take_back(self, session: Session, certificate: Certificate, by: User) -> None:
        operations.revoke(
            session, certificate, by, why=RevokeClass.REQUEST, reason="바라셔서", path="/", now=self.ISSUED
        )

    def test_what_was_taken_back_meanwhile_is_no_news(
        self, session: Session, learner: User, operator: User
    ) -> None:
        gone = make_held(session, learner, at=self.ISSUED)
        self.take_back(session, gone, operator)
        gone.remind_at = datetime(2029, 11, 23, 10, tzinfo=KST)  # as if a worker had it in its hands

        renewals.remind(session, gone.id, path="/", now=datetime(2029, 11, 23, 10, tzinfo=KST))
        session.flush()

        assert session.scalar(select(func.count()).where(Notice.cause.like("certificate-end%"))) == 0
        session.refresh(gone)
        assert gone.remind_at is None

    def test_the_job_tells_her_by_its_own_address(
        self, session: Session, learner: User, run_jobs: Callable[[], None]
    ) -> None:
        soon = clock.now() - timedelta(days=3 * 365 - 20)
        certificate = make_held(session, learner, at=soon)
        certificate.remind_at = clock.now() - timedelta(minutes=1)
        session.commit()

        queue.sweep(now=clock.now())
        run_jobs()

        notice = session.scalars(select(Notice).where(Notice.cause.like("certificate-ends%"))).one()
        assert notice.path == f"/certification/certificates/{certificate.code}/"
        assert "디지털 유통설계사 2급" in notice.sentence

    def test_every_change_stands_in_the_chain(
        self, session: Session, learner: User, trainer: User, approver: User
    ) -> None:
        certificate = make_held(session, learner)
        request = corrections.ask(session, certificate, learner, Wanted("홍길순"), reason="", now=NOW)
        proposal = corrections.take_up(session, request, trainer, now=NOW)
        operations.approve(session, proposal, approver, now=NOW)

        old = session.scalars(
            select(CertificateEvent.kind)
            .where(CertificateEvent.proposal_id == certificate.proposal_id)
            .order_by(CertificateEvent.seq)
        ).all()

        assert old[-1] is EventKind.SUPERSEDED
