"""From a completed course to a document in her hand: who may do what, and what a second press does."""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import operations, queries
from portal.certification.models import (
    Certificate,
    CertificateEvent,
    CertificateState,
    EventKind,
    Proposal,
    ProposalState,
    SerialCounter,
)
from portal.certification.vocabulary import RevokeClass
from portal.core import clock
from portal.core.errors import ConflictError, DomainError, ForbiddenError
from portal.core.roles import Role
from portal.messages.models import Notice
from tests.conftest import NOW, Browser
from tests.factories import make_certificate, make_completion, make_proposal, make_user

SignIn = Callable[[User], Browser]
RunJobs = Callable[[], None]
Issue = Callable[[], Certificate]
Count = Callable[[], int]

JSON = {"Accept": "application/json"}


def ask(client: FlaskClient, code: str) -> dict[str, Any]:
    """Return what a program learns from the public verification."""
    answer: dict[str, Any] = json.loads(client.get(f"/v/{code}", headers=JSON).data)
    return answer


def test_her_whole_way_to_the_certificate(
    session: Session,
    sign_in: SignIn,
    client: FlaskClient,
    run_jobs: RunJobs,
    learner: User,
    trainer: User,
    approver: Any,
) -> None:
    completion = make_completion(session, learner)
    session.commit()

    proposed = sign_in(trainer).send("/certification/proposals", {"completion_id": completion.id})
    proposal = session.scalars(select(Proposal)).one()
    approved = sign_in(approver).send(f"/certification/proposals/{proposal.id}/approve")
    certificate = session.scalars(select(Certificate)).one()
    before = ask(client, certificate.code)
    run_jobs()
    downloaded = sign_in(learner).get(f"/certification/certificates/{certificate.code}.pdf")
    after = ask(client, certificate.code)

    assert (proposed.status_code, approved.status_code) == (302, 302)
    assert before["status"] == "issuing"
    assert before["pdf_sha256"] is None
    assert downloaded.status_code == 200
    assert downloaded.data.startswith(b"%PDF-1.7")
    assert after == {
        "status": "active",
        "kind": "completion",
        "number": f"{certificate.year}-C-00001",
        "title": "온라인 판매 첫걸음",
        "course": "온라인 판매 첫걸음",
        "grade": None,
        "registration_number": None,
        "valid_until": None,
        "issuer": "장터배움",
        "holder": "홍*동",
        "completed_on": certificate.completed_on.isoformat(),
        "issued_at": certificate.issued_at.isoformat(),
        "revoked_at": None,
        "revoked_because": None,
        "has_successor": False,
        "pdf_sha256": hashlib.sha256(downloaded.data).hexdigest(),
    }
    notice = session.scalars(select(Notice).where(Notice.user_id == learner.id)).one()
    assert notice.path == f"/certification/certificates/{certificate.code}/"
    kinds = session.scalars(select(CertificateEvent.kind).order_by(CertificateEvent.id)).all()
    assert kinds == [EventKind.PROPOSED, EventKind.APPROVED, EventKind.RENDERED]


def test_pressing_twice_changes_nothing_and_says_so_kindly(
    session: Session, sign_in: SignIn, learner: User, trainer: User, approver: Any
) -> None:
    completion = make_completion(session, learner)
    session.commit()
    first, second = sign_in(trainer), sign_in(approver)

    for _ in range(2):
        proposed = first.send(
            "/certification/proposals", {"completion_id": completion.id}, follow_redirects=True
        )
    proposal = session.scalars(select(Proposal)).one()
    for _ in range(2):
        approved = second.send(f"/certification/proposals/{proposal.id}/approve", follow_redirects=True)

    assert "이미 제안한 수료증이에요" in proposed.text
    assert "이미 승인한 수료증이에요" in approved.text
    assert session.scalar(select(func.count()).select_from(Certificate)) == 1
    assert session.scalar(select(func.count()).select_from(CertificateEvent)) == 2


def test_nobody_proposes_for_themself(session: Session, sign_in: SignIn) -> None:
    trainer = make_user(session, Role.TRAINER, Role.MERCHANT)
    completion = make_completion(session, trainer)
    session.commit()

    refused = sign_in(trainer).send("/certification/proposals", {"completion_id": completion.id})

    assert refused.status_code == 403
    assert session.scalars(select(Proposal)).all() == []
    assert list(queries.list_completions_to_propose(session, trainer)) == []


def test_what_was_not_completed_is_not_proposed(session: Session, sign_in: SignIn, trainer: User) -> None:
    session.commit()

    assert sign_in(trainer).send("/certification/proposals", {"completion_id": 4711}).status_code == 404
    assert sign_in(trainer).send("/certification/proposals", {"completion_id": "x"}).status_code == 404
    assert sign_in(trainer).send("/certification/proposals", {"completion_id": 10**12}).status_code == 404
    assert sign_in(trainer).send("/certification/proposals").status_code == 404


def test_the_one_who_proposed_does_not_approve(session: Session, sign_in: SignIn, trainer: User) -> None:
    proposal = make_proposal(session, trainer=trainer)
    session.commit()

    refused = sign_in(trainer).send(f"/certification/proposals/{proposal.id}/approve")

    assert refused.status_code == 403
    assert session.scalars(select(Certificate)).all() == []


def test_an_operator_who_learned_does_not_decide_about_herself(session: Session, sign_in: SignIn) -> None:
    operator = make_user(session, Role.OPERATOR, Role.MERCHANT)
    proposal = make_proposal(session, learner=operator)
    session.commit()

    refused = sign_in(operator).send(f"/certification/proposals/{proposal.id}/approve")

    assert refused.status_code == 404
    with pytest.raises(ForbiddenError):
        operations.approve(session, proposal, operator, now=NOW)


@pytest.mark.parametrize("role", [Role.MERCHANT, Role.TRAINEE, Role.MENTOR])
def test_only_trainers_and_operators_decide(
    session: Session, sign_in: SignIn, role: Role, issued: Issue
) -> None:
    person = make_user(session, role)
    proposal = make_proposal(session)
    certificate = issued()
    session.commit()
    browser = sign_in(person)

    answers = [
        browser.send("/certification/proposals", {"completion_id": 1}),
        browser.get(f"/certification/proposals/{proposal.id}/"),
        browser.send(f"/certification/proposals/{proposal.id}/approve"),
        browser.send(f"/certification/proposals/{proposal.id}/decline", {"reason": "x"}),
        browser.send(
            f"/certification/certificates/{certificate.code}/revoke", {"why": "error", "reason": "x"}
        ),
        browser.send(f"/certification/certificates/{certificate.code}/retry"),
    ]

    assert {answer.status_code for answer in answers} == {403}


def test_a_visitor_is_asked_to_sign_in(session: Session, client: FlaskClient, issued: Issue) -> None:
    certificate = issued()

    for path in (f"/certification/certificates/{certificate.code}.pdf", "/certification/proposals/1/"):
        assert "/account/sign-in" in client.get(path).headers["Location"]


def test_a_stranger_finds_no_certificate_of_hers(session: Session, sign_in: SignIn, issued: Issue) -> None:
    certificate = issued()
    stranger = sign_in(make_user(session))

    assert stranger.get(f"/certification/certificates/{certificate.code}.pdf").status_code == 404
    assert stranger.get(f"/certification/certificates/{certificate.code}/").status_code == 404


def test_the_document_is_handed_out_unchanged(
    session: Session, sign_in: SignIn, learner: User, operator: User, issued: Any
) -> None:
    certificate = issued()
    hers = sign_in(learner).get(f"/certification/certificates/{certificate.code}.pdf")
    theirs = sign_in(operator).get(f"/certification/certificates/{certificate.code}.pdf")

    assert hers.data == theirs.data
    assert hashlib.sha256(hers.data).hexdigest() == certificate.pdf_sha256
    assert hers.headers["ETag"] == f'"{certificate.pdf_sha256}"'
    assert hers.headers["X-Content-Type-Options"] == "nosniff"
    assert hers.headers["Content-Type"] == "application/pdf"
    assert hers.headers["Cache-Control"] == "private, no-store"
    disposition = hers.headers["Content-Disposition"]
    assert disposition.startswith("attachment;")
    assert "filename*=UTF-8''%EC%88%98%EB%A3%8C%EC%A6%9D%20" in disposition


def test_a_document_still_being_made_is_asked_for_later(
    session: Session, sign_in: SignIn, learner: User
) -> None:
    certificate = make_certificate(session, learner=learner)
    session.commit()
    browser = sign_in(learner)

    early = browser.get(f"/certification/certificates/{certificate.code}.pdf")

    assert early.status_code == 503
    assert early.headers["Retry-After"]
    assert "아직 만들고 있어요" in early.text
    assert "수료증을 만들고 있어요" in browser.get(f"/certification/certificates/{certificate.code}/").text


def test_a_proposal_goes_back_with_a_reason_and_may_come_again(
    session: Session, sign_in: SignIn, trainer: User, approver: Any
) -> None:
    proposal = make_proposal(session, trainer=trainer)
    session.commit()
    browser = sign_in(approver)

    empty = browser.send(f"/certification/proposals/{proposal.id}/decline", {"reason": "  "})
    for _ in range(2):
        sent = browser.send(
            f"/certification/proposals/{proposal.id}/decline", {"reason": "이름을 봐 주세요."}
        )
    listed = queries.list_completions_to_propose(session, trainer)

    assert empty.status_code == 422
    assert sent.status_code == 302
    session.refresh(proposal)
    assert proposal.state is ProposalState.DECLINED
    assert [each.returned_because for each in listed] == ["이름을 봐 주세요."]
    assert len(session.scalars(select(Notice).where(Notice.user_id == trainer.id)).all()) == 1
    again = sign_in(trainer).send("/certification/proposals", {"completion_id": proposal.completion_id})
    assert again.status_code == 302
    assert session.scalar(select(func.count()).select_from(Proposal)) == 2


def test_what_was_declined_is_not_approved_and_the_reverse(session: Session, approver: User) -> None:
    declined, approved = make_proposal(session), make_proposal(session)
    operations.decline(session, declined, approver, reason="이름", path="/", now=NOW)
    operations.approve(session, approved, approver, now=NOW)

    with pytest.raises(ConflictError):
        operations.approve(session, declined, approver, now=NOW)
    with pytest.raises(ConflictError):
        operations.decline(session, approved, approver, reason="이름", path="/", now=NOW)


def test_the_lists_show_each_person_their_own_work(
    session: Session, learner: User, trainer: User, approver: Any
) -> None:
    completion = make_completion(session, learner)
    assert [each.completion_id for each in queries.list_completions_to_propose(session, trainer)] == [
        completion.id
    ]

    proposal = operations.propose(session, completion, trainer, now=NOW)

    assert list(queries.list_completions_to_propose(session, approver)) == []
    assert list(queries.list_proposals_to_approve(session, trainer)) == []
    waiting = queries.list_proposals_to_approve(session, approver)
    assert [(each.proposal_id, each.learner_name, each.proposed_by_name) for each in waiting] == [
        (proposal.id, "홍길동", "이수민")
    ]


def test_the_lists_take_one_statement_however_long_they_are(
    session: Session, trainer: User, approver: User, count_queries: Any
) -> None:
    for _ in range(12):
        make_proposal(session, trainer=trainer)
        make_completion(session, make_user(session))
    count_queries()

    assert len(queries.list_completions_to_propose(session, trainer)) == 12
    assert len(queries.list_proposals_to_approve(session, approver, limit=5)) == 5
    assert count_queries() == 2


def test_revoking_says_why_and_cannot_be_undone(
    session: Session, sign_in: SignIn, client: FlaskClient, learner: User, operator: User, issued: Any
) -> None:
    certificate = issued()
    browser = sign_in(operator)
    page = browser.get(f"/certification/certificates/{certificate.code}/revoke")

    without = browser.send(
        f"/certification/certificates/{certificate.code}/revoke", {"why": "error", "reason": ""}
    )
    for _ in range(2):
        done = browser.send(
            f"/certification/certificates/{certificate.code}/revoke",
            {"why": "error", "reason": "이름이 달라요."},
        )

    assert "취소하면 되돌릴 수 없어요." in page.text
    assert without.status_code == 422
    assert done.status_code == 302
    session.refresh(certificate)
    assert certificate.state is CertificateState.REVOKED
    told = session.scalars(
        select(Notice.sentence).where(Notice.user_id == learner.id).order_by(Notice.id)
    ).all()
    assert len(told) == 2
    public = ask(client, certificate.code)
    assert public["status"] == "revoked"
    assert public["revoked_at"]
    assert public["pdf_sha256"] == certificate.pdf_sha256
    assert "취소됨" in client.get(f"/v/{certificate.code}").text
    assert "이름이 달라요." not in client.get(f"/v/{certificate.code}").text
    kept = sign_in(learner).get(f"/certification/certificates/{certificate.code}.pdf")
    assert hashlib.sha256(kept.data).hexdigest() == certificate.pdf_sha256


def test_a_corrected_certificate_follows_a_revoked_one(
    session: Session, trainer: User, operator: User, issued: Any
) -> None:
    first, now = issued(), clock.now()
    operations.revoke(
        session, first, operator, why=RevokeClass.ERROR, reason="이름이 달라요.", path="/", now=now
    )

    completion_id = queries.list_completions_to_propose(session, trainer)[0].completion_id
    completion = queries.get_completion(session, trainer, completion_id)
    proposal = operations.propose(session, completion, trainer, now=now)
    second = operations.approve(session, proposal, operator, now=now)
    session.flush()

    assert second.code != first.code
    assert second.serial == first.serial + 1


def test_nobody_revokes_their_own(session: Session, sign_in: SignIn) -> None:
    operator = make_user(session, Role.OPERATOR, Role.MERCHANT)
    certificate = make_certificate(session, learner=operator)
    session.commit()

    refused = sign_in(operator).send(
        f"/certification/certificates/{certificate.code}/revoke", {"why": "error", "reason": "그냥"}
    )

    assert refused.status_code == 403
    with pytest.raises(ForbiddenError):
        operations.revoke(
            session, certificate, operator, why=RevokeClass.ERROR, reason="그냥", path="/", now=NOW
        )


def test_a_reason_of_spaces_is_no_reason(session: Session, operator: User) -> None:
    certificate = make_certificate(session)

    with pytest.raises(DomainError, match="까닭"):
        operations.revoke(
            session, certificate, operator, why=RevokeClass.ERROR, reason=" ", path="/", now=NOW
        )


def test_serials_count_from_one_in_each_korean_year(session: Session, approver: User) -> None:
    new_year = NOW.replace(year=2026, month=12, day=31, hour=15)  # midnight in Korea

    numbers = [
        operations.approve(
            session, make_proposal(session), approver, now=new_year - timedelta(seconds=ago)
        ).number
        for ago in (2, 1, 0)
    ]

    assert numbers == ["2026-C-00001", "2026-C-00002", "2027-C-00001"]
    assert session.get_one(SerialCounter, ("C", 2026)).last == 2


def test_a_refused_approval_uses_up_no_serial(session: Session, approver: User, trainer: User) -> None:
    proposal = make_proposal(session, trainer=trainer)

    with pytest.raises(ForbiddenError):
        operations.approve(session, proposal, trainer, now=NOW)

    assert operations.approve(session, proposal, approver, now=NOW).serial == 1


def _raw_certificate(proposal: Proposal, **changes: dict[str, Any]) -> Any:
    values = {
        "proposal_id": proposal.id,
        "holder_id": proposal.learner_id,
        "course_id": proposal.course_id,
        "holder_name": "홍길동",
        "title": "x",
        "completed_on": NOW.date(),
        "issuer_name": "장터배움",
        "approver_name": "한지우",
        "year": 2026,
        "serial": 7,
        "number": "2026-C-00007",
        "code": "1" * 24,
        "issued_at": NOW,
    }
    return Certificate(**(values | changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"serial": 8, "number": "b", "code": "2" * 24},  # the same proposal
        {"number": "b", "code": "2" * 24, "other": True},  # the same serial
        {"serial": 8, "code": "2" * 24, "other": True},  # the same number
        {"serial": 8, "number": "b", "other": True},  # the same code
        {"serial": 8, "number": "b", "code": "2" * 24, "other": True, "holder": True},  # a second active one
    ],
)
def test_the_database_itself_refuses_a_second_one(session: Session, changes: dict[str, Any]) -> None:
    proposal, other = make_proposal(session), make_proposal(session)
    session.add(_raw_certificate(proposal))
    session.flush()
    which = other if changes.pop("other", False) else proposal
    if changes.pop("holder", False):
        changes["holder_id"] = proposal.learner_id

    session.add(_raw_certificate(which, **changes))

    with pytest.raises(IntegrityError):
        session.flush()


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "revoked"},
        {"state": "revoked", "revoked_at": NOW},
        {"state": "revoked", "revoked_at": NOW, "by": True},
        {"revoke_reason": "살아 있는데"},
        {"document_key": "a" * 64},
        {"pdf_sha256": "a" * 64},
        {"serial": 0},
        {"code": "123"},
    ],
)
def test_the_database_itself_refuses_half_a_truth(session: Session, changes: dict[str, Any]) -> None:
    proposal = make_proposal(session)
    if changes.pop("by", False):
        changes["revoked_by_id"] = proposal.proposed_by_id
    session.add(_raw_certificate(proposal, **changes))

    with pytest.raises(IntegrityError):
        session.flush()


@pytest.mark.parametrize(
    "case", ["same person", "for oneself", "undecided", "no reason", "twice", "own proposal"]
)
def test_the_database_itself_wants_two_people(
    session: Session, learner: User, trainer: User, approver: User, case: Any
) -> None:
    completion = make_completion(session, learner)
    values: dict[str, Any] = {
        "completion_id": completion.id,
        "learner_id": learner.id,
        "course_id": "first-sale",
        "proposed_by_id": trainer.id,
        "proposed_at": NOW,
    }
    decided = {"decided_by_id": approver.id, "decided_at": NOW}
    cases: dict[str, dict[str, Any]] = {
        "same person": {"state": "approved", **decided, "decided_by_id": trainer.id},
        "for oneself": {"state": "approved", **decided, "decided_by_id": learner.id},
        "undecided": {"state": "approved"},
        "no reason": {"state": "declined", **decided},
        "twice": {},
        "own proposal": {"proposed_by_id": learner.id},
    }
    values |= cases[case]
    if case == "twice":
        session.add(Proposal(**values))
        session.flush()
    session.add(Proposal(**values))

    with pytest.raises(IntegrityError):
        session.flush()


def test_what_she_sees_of_her_certificates(
    session: Session,
    sign_in: SignIn,
    client: FlaskClient,
    learner: User,
    operator: User,
    issued: Issue,
    count_queries: Any,
) -> None:
    issued()
    make_completion(session, learner, course_id="photos")
    other = make_completion(session, make_user(session))
    session.commit()
    browser = sign_in(learner)
    count_queries()

    page = browser.get("/certification/")

    assert count_queries() <= 12
    assert "수료증 내려받기" in page.text
    assert "강사님이 수료증을 제안할 차례예요" in page.text
    assert "자격과 수료는 달라요" in page.text
    assert other.id
    assert "들어가기" in client.get("/certification/").text
    assert "아직 받은 수료증이 없어요" in sign_in(operator).get("/certification/").text


def test_the_certificate_page_tells_its_history(
    session: Session, sign_in: SignIn, learner: User, operator: User, issued: Any
) -> None:
    certificate = issued()

    hers = sign_in(learner).get(f"/certification/certificates/{certificate.code}/")
    theirs = sign_in(operator).get(f"/certification/certificates/{certificate.code}/")

    assert "수료증이 나왔어요" in hers.text
    assert "취소하기" not in hers.text
    assert "취소하기" in theirs.text


def test_the_proposal_page_shows_the_button_to_the_second_person_only(
    session: Session, sign_in: SignIn, trainer: User, approver: Any
) -> None:
    proposal = make_proposal(session, trainer=trainer)
    session.commit()

    assert "승인하기" in sign_in(approver).get(f"/certification/proposals/{proposal.id}/").text
    assert "승인하기" not in sign_in(trainer).get(f"/certification/proposals/{proposal.id}/").text
    assert sign_in(trainer).get(f"/certification/proposals/{proposal.id}/decline").status_code == 403
    assert sign_in(approver).get(f"/certification/proposals/{proposal.id}/decline").status_code == 200


def test_who_approves_sees_how_earlier_proposals_came_back(
    session: Session, sign_in: SignIn, learner: User, trainer: User, approver: Any
) -> None:
    completion, other = make_completion(session, learner), make_proposal(session, trainer=trainer)
    declined = operations.propose(session, completion, trainer, now=NOW)
    operations.decline(session, declined, approver, reason="사진이 흐려요.", path="/", now=NOW)
    operations.decline(session, other, approver, reason="남의 까닭이에요.", path="/", now=NOW)
    approved = operations.propose(session, completion, trainer, now=NOW)
    revoked = operations.approve(session, approved, approver, now=NOW)
    operations.revoke(
        session, revoked, approver, why=RevokeClass.ERROR, reason="이름이 달라요.", path="/", now=NOW
    )
    proposal = operations.propose(session, completion, trainer, now=NOW)
    session.commit()

    page = sign_in(approver).get(f"/certification/proposals/{proposal.id}/").text
    first = sign_in(approver).get(f"/certification/proposals/{declined.id}/").text

    assert "전에 되돌아온 적이 있어요" in page
    assert page.index("이름이 달라요.") < page.index("사진이 흐려요.")
    assert ("취소한 까닭" in page, "돌려보낸 까닭" in page) == (True, True)
    assert "남의 까닭이에요." not in page
    assert "이번에는 괜찮은지 살펴봐 주세요." in page
    assert "이번에는" not in sign_in(trainer).get(f"/certification/proposals/{proposal.id}/").text
    assert "전에 되돌아온 적이 있어요" not in first


class TestVerifying:
    """What a stranger learns from a code."""

    def test_in_words(
        self, session: Session, client: FlaskClient, issued: Issue, count_queries: Count
    ) -> None:
        certificate = issued()
        count_queries()

        page = client.get(f"/v/{certificate.code}")

        assert count_queries() == 1
        assert page.status_code == 200
        assert "유효" in page.text
        assert "홍*동" in page.text
        assert "홍길동" not in page.text
        assert page.headers["X-Robots-Tag"] == "noindex"
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert "Accept" in page.headers["Vary"].split(", ")

    def test_however_it_is_typed(self, session: Session, client: FlaskClient, issued: Issue) -> None:
        certificate = issued()
        typed = " ".join(certificate.code[at : at + 4] for at in range(0, 24, 4))

        assert "유효" in client.get("/v/", query_string={"code": typed}, follow_redirects=True).text
        assert ask(client, typed)["status"] == "active"

    def test_an_unknown_code(self, session: Session, client: FlaskClient) -> None:
        unknown = "314159265358979323846"
        code = unknown + "2"
        code += f"{98 - int(code) * 100 % 97:02d}"

        page, data = client.get(f"/v/{code}"), client.get(f"/v/{code}", headers=JSON)

        assert (page.status_code, data.status_code) == (404, 404)
        assert "이 번호로 나간 증서나 확인서가 없어요" in page.text
        assert json.loads(data.data)["error"]["message"]

    @pytest.mark.parametrize(
        ("typed", "words"),
        [
            ("1234", "4자리만 적혔어요. 모두 24자리예요."),
            ("1" * 24, "적힌 번호에 맞지 않는 숫자가 있어요"),
            ("가나다", "번호를 다시 봐 주세요"),
            ("1" * 300, "300자리가 적혔어요. 모두 24자리예요."),
        ],
    )
    def test_a_slip_is_told_apart(
        self, client: FlaskClient, typed: str, words: str, count_queries: Count
    ) -> None:
        count_queries()
        page = client.get(f"/v/{typed}")

        assert count_queries() == 0
        assert page.status_code == 404
        assert words in page.text

    def test_the_form_asks_again(self, client: FlaskClient) -> None:
        assert client.get("/v/").status_code == 200
        assert client.get("/v/?code=").status_code == 422
        assert "6자리만 적혔어요" in client.get("/v/?code=123456").text
        assert 'value="1234 56"' in client.get("/v/?code=123456").text
        assert client.get("/v/?code=" + "1" * 500).status_code == 422
