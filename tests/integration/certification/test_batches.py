"""Many certificates in one go (Q07, B14): one approval, each by itself, a retry of failures only."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import batch_jobs, batches, declining, jobs, operations, queries
from portal.certification.life_models import Batch, BatchLine
from portal.certification.models import Certificate, Proposal, ProposalState
from portal.certification.qualification_models import LedgerEntry, LedgerKind
from portal.core import clock, db, queue
from portal.core.errors import ConflictError, ForbiddenError
from portal.core.roles import Role
from portal.messages.models import Notice
from tests.conftest import NOW, Browser, apart
from tests.exam_factories import make_candidate, make_version
from tests.factories import make_completion, make_user

SignIn = Callable[[User], Browser]


def finish_courses(session: Session, *names: str) -> list[str]:
    """Return how those who completed the course are named in a batch."""
    made = [make_completion(session, make_user(session, name=name)) for name in names]
    return [f"completion:{each.id}" for each in made]


def make_batch(session: Session, trainer: User, *names: str, key: str = "a-batch-of-a-test") -> Batch:
    keys = finish_courses(session, *names)
    return batches.propose(session, keys, trainer, title="11월 반", form_key=key, now=clock.now())


def issue(session: Session, app: Flask, batch: Batch) -> None:
    """Run the job as a worker would."""
    with apart(app):
        batch_jobs.issue(batch.id)


def stages(session: Session, user: User, batch: Batch) -> dict[str, str]:
    return {line.learner_name: line.stage for line in batches.list_lines(session, user, batch)}


def test_q07_from_the_ticks_to_the_documents(
    session: Session, sign_in: SignIn, trainer: User, operator: User, run_jobs: Callable[[], None]
) -> None:
    keys = finish_courses(session, "김순자", "최은영", "박금자")
    session.commit()
    first, second = sign_in(trainer), sign_in(operator)

    form = first.get("/desk/batches/new")
    sent = first.send("/desk/batches/new", {"title": "망원 반", "people": keys[:2], "key": "k" * 20})
    twice = first.send("/desk/batches/new", {"title": "망원 반", "people": keys[:2], "key": "k" * 20})
    own = first.send(f"{sent.location}approve")
    seen = second.get(sent.location)
    approved = second.send(f"{sent.location}approve")
    again = second.send(f"{sent.location}approve")
    under_way = second.get(sent.location)
    run_jobs()
    done = second.get(sent.location)

    assert all(f"{name} 님" in form.text for name in ("김순자", "최은영", "박금자"))
    assert twice.location == sent.location
    assert own.status_code == 403
    assert "2명 모두 승인하기" in seen.text
    assert (approved.status_code, again.status_code) == (302, 302)
    assert "만들고 있어요" in under_way.text
    assert "모두 끝났어요" in done.text
    assert "박금자" not in done.text
    issued = session.scalars(select(Certificate).order_by(Certificate.serial)).all()
    assert [(each.serial, each.is_rendered) for each in issued] == [(1, True), (2, True)]
    assert session.scalar(select(func.count(Notice.id)).where(Notice.cause.like("certificate:%"))) == 2


def test_b14_everybody_is_ticked_with_the_evidence_but_who_was_sent_back(
    session: Session, sign_in: SignIn, trainer: User, operator: User
) -> None:
    batch = make_batch(session, trainer, "김순자")
    operations.decline(
        session, _proposals(session, batch)[0], operator, reason="이름 확인", path="/", now=clock.now()
    )
    finish_courses(session, "최은영")

    page = sign_in(trainer).get("/desk/batches/new")

    boxes = re.findall(r'<input[^>]*name="people"[^>]*>', page.text)
    assert ["checked" in box for box in boxes] == [False, True]
    assert "지난번에 되돌린 까닭: 이름 확인" in page.text


def test_who_approves_a_batch_sees_who_came_back_before(
    session: Session, sign_in: SignIn, trainer: User, operator: User
) -> None:
    batch = make_batch(session, trainer, "김순자", "최은영")
    operations.decline(
        session, _proposals(session, batch)[0], operator, reason="이름 확인", path="/", now=clock.now()
    )
    again = batches.propose(
        session,
        [each.key for each in batches.list_ready(session, trainer)],
        trainer,
        title="다시",
        form_key="e" * 20,
        now=clock.now(),
    )
    session.commit()

    lines = {
        each.id: [(line.learner_name, line.came_back) for line in batches.list_lines(session, operator, each)]
        for each in (batch, again)
    }
    page = sign_in(operator).get(f"/desk/batches/{again.id}/").text

    assert lines == {batch.id: [("김순자", False), ("최은영", False)], again.id: [("김순자", True)]}
    assert "전에 되돌아온 분이 1명 있어요." in page
    assert page.count("전에 되돌아왔어요</span>") == 1


def test_b14_each_row_of_a_batch_has_its_evidence(session: Session, trainer: User, operator: User) -> None:
    batch = make_batch(session, trainer, "김순자")

    [line] = batches.list_lines(session, operator, batch)

    assert (line.learner_name, line.title) == ("김순자", "온라인 판매 첫걸음")
    assert line.evidence.endswith("마쳤어요.")


def test_what_fails_for_one_stops_nobody_and_only_that_is_tried_again(
    session: Session, isolated: Flask, sign_in: SignIn, trainer: User, operator: User
) -> None:
    batch = make_batch(session, trainer, "김순자", "최은영", "박금자")
    declined, broken = _proposals(session, batch)[:2]
    operations.decline(session, declined, operator, reason="이름 확인", path="/", now=clock.now())
    # What no operation does: the one who approves the batch proposed this line.
    broken.proposed_by_id = operator.id
    batches.approve(session, batch, operator, now=clock.now())
    issue(session, isolated, batch)
    before = dict(session.execute(select(Certificate.id, Certificate.code)).all())

    assert stages(session, operator, batch) == {
        "김순자": "declined",
        "최은영": "failed",
        "박금자": "approved",
    }
    page = sign_in(operator).get(f"/desk/batches/{batch.id}/")
    assert "제안한 사람과 받는 사람은 승인할 수 없어요" in page.text
    broken.proposed_by_id = trainer.id
    answer = sign_in(operator).send(f"/desk/batches/{batch.id}/retry")
    issue(session, isolated, batch)

    assert answer.status_code == 302
    assert stages(session, operator, batch)["최은영"] == "approved"
    after = dict(session.execute(select(Certificate.id, Certificate.code)).all())
    assert before.items() <= after.items()
    assert len(after) == len(before) + 1


def _proposals(session: Session, batch: Batch) -> list[Proposal]:
    lines = select(Proposal).join(BatchLine).where(BatchLine.batch_id == batch.id).order_by(Proposal.id)
    return list(session.scalars(lines))


def test_one_that_cannot_be_drawn_is_named_and_drawn_again_after_it_was_put_right(
    session: Session, isolated: Flask, trainer: User, operator: User
) -> None:
    batch = make_batch(session, trainer, "Łukasz", "최은영")
    batches.approve(session, batch, operator, now=clock.now())
    issue(session, isolated, batch)
    first = session.scalars(select(Certificate.id).order_by(Certificate.id)).first()
    with apart(isolated), pytest.raises(ValueError, match="Ł"):
        jobs.render(first or 0)

    assert stages(session, operator, batch) == {"Łukasz": "failed", "최은영": "drawn"}
    assert "‘Ł’" in batches.list_lines(session, operator, batch)[0].error
    assert batches.retry(session, batch, operator, now=clock.now()) == 1


def test_q07_candidates_who_have_met_everything_come_with_what_their_ledger_says(
    session: Session, isolated: Flask, trainer: User, operator: User
) -> None:
    candidate = make_candidate(session, make_user(session, name="최은영"), check_at=None)
    unready = make_candidate(session, make_user(session, name="김순자"))
    for requirement in make_version(session).rules["requirements"]:
        session.add(
            LedgerEntry(
                candidate_id=candidate.id,
                requirement=requirement["key"],
                kind=LedgerKind.WAIVED,
                words=f"{requirement['title']}: 다른 곳에서 했어요.",
                version_id=candidate.version_id,
                by_id=operator.id,
                at=NOW,
                note="다른 기관의 수료증을 확인했어요.",
            )
        )
    session.flush()
    [ready] = batches.list_ready(session, trainer)
    keys = [ready.key, f"candidate:{unready.id}"]
    batch = batches.propose(session, keys, trainer, title="반", form_key="candidates-of-it", now=NOW)
    assert stages(session, operator, batch) == {"최은영": "waiting"}
    batches.approve(session, batch, operator, now=clock.now())
    assert stages(session, operator, batch) == {"최은영": "next"}
    issue(session, isolated, batch)

    [line] = batches.list_lines(session, operator, batch)
    assert "다른 곳에서 했어요" in ready.evidence
    assert line.evidence == ready.evidence
    assert (line.learner_name, line.title, line.stage) == ("최은영", "디지털 유통설계사 2급", "approved")


def test_run_again_it_changes_nothing(
    session: Session, isolated: Flask, trainer: User, operator: User
) -> None:
    batch = make_batch(session, trainer, "김순자", "최은영")
    batches.approve(session, batch, operator, now=clock.now())
    issue(session, isolated, batch)
    before = session.execute(select(Certificate.id, Certificate.serial, Certificate.code)).all()

    batch.due_at = clock.now()  # as if the worker had been killed just before its last word
    issue(session, isolated, batch)

    assert session.execute(select(Certificate.id, Certificate.serial, Certificate.code)).all() == before
    with pytest.raises(ConflictError):
        batches.retry(session, batch, operator, now=clock.now())


def test_killed_between_two_lines_it_goes_on_with_the_next(
    session: Session, isolated: Flask, trainer: User, operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = make_batch(session, trainer, "김순자", "최은영", "박금자")
    batches.approve(session, batch, operator, now=clock.now())
    issue_line, calls = batches.issue_line, []

    def killed_at_the_second(*args: Any, **kwargs: Any) -> Certificate:
        calls.append(args)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return issue_line(*args, **kwargs)

    with monkeypatch.context() as killed:
        killed.setattr(batches, "issue_line", killed_at_the_second)
        with apart(isolated), pytest.raises(KeyboardInterrupt):
            batch_jobs.issue(batch.id)
    assert session.scalar(select(func.count(Certificate.id))) == 1
    batch.due_at = clock.now()  # its lease has run out

    issue(session, isolated, batch)

    assert session.scalars(select(Certificate.serial).order_by(Certificate.serial)).all() == [1, 2, 3]
    assert set(stages(session, operator, batch).values()) == {"approved"}


def test_a_job_is_asked_for_once_for_many(
    session: Session, isolated: Flask, trainer: User, operator: User
) -> None:
    batch = make_batch(session, trainer, *(f"김{letter}" for letter in "가나다라마바사"))
    batches.approve(session, batch, operator, now=clock.now())
    session.commit()
    queue.redis().delete(queue.rq_queue().key)

    issue(session, isolated, batch)
    asked = queue.rq_queue().count
    queue.redis().delete(queue.rq_queue().key)
    with apart(isolated):
        queue.sweep(now=clock.now())

    assert asked == 1
    swept = [job.args[0] for job in queue.rq_queue().jobs]
    assert swept.count(operations.RENDER) == 1


def test_nobody_is_in_two_batches_and_what_another_proposed_is_left_out(
    session: Session, trainer: User, approver: User
) -> None:
    keys = finish_courses(session, "김순자", "최은영")
    batches.propose(session, keys[:1], trainer, title="가", form_key="f" * 20, now=NOW)

    second = batches.propose(session, keys, approver, title="나", form_key="g" * 20, now=NOW)

    assert [line.learner_name for line in batches.list_lines(session, trainer, second)] == ["최은영"]
    with pytest.raises(ConflictError):
        batches.propose(session, keys, trainer, title="다", form_key="h" * 20, now=NOW)
    assert not batches.list_ready(session, trainer)


def test_a_batch_is_one_entry_of_the_list_and_not_one_for_each(
    session: Session, sign_in: SignIn, trainer: User, operator: User
) -> None:
    make_batch(session, trainer, "김순자", "최은영")

    assert queries.list_proposals_to_approve(session, operator) == []
    assert "승인할 묶음 1개" in sign_in(operator).get("/desk/").text
    assert "승인할 묶음" not in sign_in(trainer).get("/desk/").text
    assert "묶음 1개가 승인을 기다려요" in sign_in(operator).get("/desk/work/certificates").text


def test_nobody_proposes_or_sees_themself_in_a_batch(session: Session) -> None:
    trainer = make_user(session, Role.TRAINER, name="배우는강사")
    own = f"completion:{make_completion(session, trainer).id}"

    assert not batches.list_ready(session, trainer)
    with pytest.raises(ForbiddenError):
        batches.propose(session, [own], trainer, title="나", form_key="f" * 20, now=NOW)
    other = batches.propose(
        session, [own], make_user(session, Role.TRAINER), title="반", form_key="g" * 20, now=NOW
    )
    assert not batches.list_lines(session, trainer, other)


def test_a_form_with_nobody_ticked_says_so(session: Session, sign_in: SignIn, trainer: User) -> None:
    finish_courses(session, "김순자")

    answer = sign_in(trainer).send("/desk/batches/new", {"title": "반"})
    odd = sign_in(trainer).send("/desk/batches/new", {"title": "반", "people": ["completion:x", "9", ""]})

    assert answer.status_code == 422
    assert "제안할 분을 한 분 넘게" in answer.text
    assert odd.status_code == 409


class TestAWholeBatchIsSentBack:
    """An approver who finds a batch wrong declines all of it with one reason; its proposer is told once."""

    def test_from_the_page_to_a_new_proposal(
        self, session: Session, sign_in: SignIn, trainer: User, operator: User
    ) -> None:
        batch = make_batch(session, trainer, "김순자", "최은영")
        first = _proposals(session, batch)[0]
        operations.decline(session, first, operator, reason="이름 확인", path="/", now=clock.now())
        session.commit()
        address, browser = f"/desk/batches/{batch.id}/", sign_in(operator)

        offered = browser.get(address)
        empty = browser.send(f"{address}decline", {"reason": " "})
        sent = browser.send(f"{address}decline", {"reason": "다른 반 분들이에요."})
        twice = browser.send(f"{address}decline", {"reason": "다른 까닭"})
        shown = sign_in(trainer).get(address)

        assert "모두 돌려보내기" in offered.text
        assert empty.status_code == 422
        assert (sent.status_code, twice.status_code) == (302, 302)
        assert stages(session, operator, batch) == {"김순자": "declined", "최은영": "declined"}
        assert "아무에게도 증서가 나가지 않았어요" in shown.text
        reasons = {
            line.learner_name: line.declined_because for line in batches.list_lines(session, operator, batch)
        }
        assert reasons == {"김순자": "이름 확인", "최은영": "다른 반 분들이에요."}
        assert all(reason in shown.text for reason in reasons.values())
        told = select(func.count(Notice.id)).where(Notice.cause == f"certificate-batch-declined:{batch.id}")
        assert session.scalar(told) == 1
        assert "승인할 묶음" not in sign_in(operator).get("/desk/").text
        assert [row.is_declined for row in batches.list_batches(session, operator)] == [True]
        assert len(batches.list_ready(session, trainer)) == 2
        assert browser.send(f"{address}approve").status_code == 409
        assert session.scalar(select(func.count(Certificate.id))) == 0

    def test_neither_its_proposer_nor_somebody_in_it_sends_it_back(
        self, session: Session, trainer: User, operator: User
    ) -> None:
        learner = make_user(session, Role.TRAINER, name="배우는강사")
        keys = [f"completion:{make_completion(session, learner).id}", *finish_courses(session, "김순자")]
        batch = batches.propose(session, keys, trainer, title="반", form_key="d" * 20, now=NOW)

        for who in (trainer, learner):
            with pytest.raises(ForbiddenError):
                declining.decline_batch(session, batch, who, reason="까닭", path="/", now=NOW)
        assert set(stages(session, operator, batch).values()) == {"waiting"}

    def test_once_approved_it_is_too_late(
        self, session: Session, isolated: Flask, trainer: User, operator: User
    ) -> None:
        batch = make_batch(session, trainer, "김순자")
        batches.approve(session, batch, operator, now=clock.now())

        with pytest.raises(ConflictError, match="이미 승인한"):
            declining.decline_batch(session, batch, operator, reason="까닭", path="/", now=NOW)
        issue(session, isolated, batch)
        assert stages(session, operator, batch) == {"김순자": "approved"}


class TestEightAtOnce:
    """Eight writers at the same moment, on both engines."""

    def test_eight_batches_of_the_same_people_hold_each_once(self, race: Any, committed: Session) -> None:
        keys = finish_courses(committed, *(f"김{letter}" for letter in "가나다라"))
        trainers = [make_user(committed, Role.TRAINER).id for _ in range(8)]
        committed.commit()

        def propose(which: int) -> Any:
            order = keys if which % 2 else keys[::-1]
            with db.transaction() as session:
                by = session.get_one(User, trainers[which])
                key = f"a-batch-of-a-race-{which}"
                return batches.propose(session, order, by, title="반", form_key=key, now=NOW).id

        answers = race([lambda at=at: propose(at) for at in range(8)])

        assert sum(isinstance(each, ConflictError) for each in answers) == 7, answers
        assert committed.scalar(select(func.count()).select_from(BatchLine)) == 4
        assert committed.scalar(select(func.count(Proposal.id))) == 4

    def test_half_send_it_back_while_half_approve_and_one_of_both_holds(
        self, race: Any, committed: Session
    ) -> None:
        batch = make_batch(committed, make_user(committed, Role.TRAINER), "김순자", "최은영")
        people = [make_user(committed, Role.OPERATOR) for _ in range(8)]
        committed.commit()

        def decide(which: int) -> None:
            with db.transaction() as session:
                if which % 2:
                    batches.approve(session, batch, people[which], now=NOW)
                else:
                    declining.decline_batch(session, batch, people[which], reason="까닭", path="/", now=NOW)

        answers = race([lambda at=at: decide(at) for at in range(8)])

        committed.expire_all()
        states = list(committed.scalars(select(Proposal.state)))
        was_declined = states == [ProposalState.DECLINED] * 2
        assert was_declined or states == [ProposalState.WAITING] * 2
        assert (committed.get_one(Batch, batch.id).due_at is None) is was_declined
        assert sum(isinstance(each, ConflictError) for each in answers) == 4

    def test_eight_workers_issue_each_line_once(self, race: Any, committed: Session) -> None:
        trainer, operator = make_user(committed, Role.TRAINER), make_user(committed, Role.OPERATOR)
        batch = make_batch(committed, trainer, *(f"김{letter}" for letter in "가나다라"))
        batches.approve(committed, batch, operator, now=clock.now())
        committed.commit()

        answers = race([lambda: batch_jobs.issue(batch.id) for _ in range(8)])

        assert answers == [None] * 8
        committed.expire_all()
        serials = committed.scalars(select(Certificate.serial).order_by(Certificate.serial)).all()
        assert serials == [1, 2, 3, 4]
        states = set(committed.scalars(select(Proposal.state)))
        assert states == {ProposalState.APPROVED}
