"""Trainers and operators hear once a day of what came to wait for them; on both engines."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import batches, staff_news
from portal.certification.life_models import CertificateRequest, RequestKind
from portal.certification.models import Proposal
from portal.core import clock, queue
from portal.core.roles import Role
from portal.messages.models import Notice
from tests.conftest import NOW, Browser
from tests.factories import make_completion, make_mentor, make_proposal, make_user
from tests.life_factories import make_held

RunJobs = Callable[[], None]
IS_TOLD = Notice.message == "certificate-work-waits"


@pytest.fixture
def sweep(session: Session, run_jobs: RunJobs) -> RunJobs:
    """Return what runs the sweeper and the jobs it finds twice."""

    def sweep() -> None:
        session.commit()
        for _ in range(2):
            queue.sweep(now=clock.now())
            run_jobs()

    return sweep


def a_while_ago() -> datetime:
    """Return when that was asked or proposed of which staff are told now."""
    return clock.now() - staff_news.GATHERED


def ask(
    session: Session,
    holder: User | None = None,
    kind: RequestKind = RequestKind.CORRECTION,
    *,
    at: datetime | None = None,
) -> CertificateRequest:
    name = "홍길순" if kind is RequestKind.CORRECTION else ""
    asked = CertificateRequest(
        certificate_id=make_held(session, holder).id, kind=kind, name=name, asked_at=at or a_while_ago()
    )
    session.add(asked)
    session.flush()
    return asked


def propose(session: Session, by: User | None = None, learner: User | None = None) -> Proposal:
    return make_proposal(session, trainer=by, learner=learner, at=a_while_ago())


def news(session: Session) -> dict[str, list[str]]:
    """Return what each person whose name is known here was told."""
    told: dict[str, list[str]] = {}
    rows = (
        select(User.name, Notice.sentence)
        .join(Notice, Notice.user_id == User.id)
        .where(IS_TOLD, User.name.in_(["이수민", "한지우", "정하늘", "박정호"]))
        .order_by(Notice.id)
    )
    for name, sentence in session.execute(rows):
        told.setdefault(name, []).append(sentence)
    return told


def let_a_day_pass(session: Session) -> None:
    """Make what was told today what was told yesterday."""
    for notice in session.scalars(select(Notice).where(IS_TOLD)):
        notice.created_at -= timedelta(days=1)
        notice.cause += " yesterday"
    session.flush()


def test_staff_hear_once_of_all_that_was_asked_and_of_nothing_of_their_own(
    session: Session, sweep: RunJobs
) -> None:
    trainer = make_user(session, Role.TRAINER, name="이수민")
    make_user(session, Role.OPERATOR, Role.TRAINER, name="정하늘")
    make_mentor(session, name="박정호")
    ask(session)
    ask(session, trainer)
    ask(session, kind=RequestKind.RENEWAL)

    sweep()

    assert news(session) == {
        "이수민": ["자격 일감으로 이름 고침 1건, 갱신 1건이 새로 왔어요."],
        "정하늘": ["자격 일감으로 이름 고침 2건, 갱신 1건이 새로 왔어요."],
    }


def test_the_second_person_hears_of_a_proposal_and_neither_who_proposed_nor_who_it_is_for(
    session: Session, sweep: RunJobs
) -> None:
    proposer = make_user(session, Role.TRAINER, name="이수민")
    make_user(session, Role.TRAINER, name="한지우")
    learner = make_user(session, Role.OPERATOR, name="정하늘")
    propose(session, proposer, learner)

    sweep()

    assert news(session) == {"한지우": ["자격 일감으로 승인할 것 1건이 새로 왔어요."]}


def test_what_is_in_a_batch_counts_as_one_until_the_batch_is_decided(
    session: Session, sweep: RunJobs
) -> None:
    proposer = make_user(session, Role.TRAINER)
    approver = make_user(session, Role.TRAINER, name="한지우")
    propose(session, proposer)
    done = [make_completion(session, make_user(session)) for _ in range(3)]
    keys = [f"completion:{each.id}" for each in done]
    batch = batches.propose(session, keys, proposer, title="11월 반", form_key="k", now=a_while_ago())
    sweep()

    assert news(session) == {"한지우": ["자격 일감으로 승인할 것 1건, 승인할 묶음 1개가 새로 왔어요."]}

    later = make_user(session, Role.OPERATOR, name="정하늘")
    batches.approve(session, batch, approver, now=clock.now())
    session.commit()
    staff_news.tell(later.id)
    assert news(session)["정하늘"] == ["자격 일감으로 승인할 것 1건이 새로 왔어요."]


def test_the_first_waits_for_others_and_all_are_one_word(session: Session, sweep: RunJobs) -> None:
    make_user(session, Role.OPERATOR, name="정하늘")
    first = ask(session, at=clock.now())
    propose(session).proposed_at = clock.now()

    sweep()
    assert news(session) == {}  # others may come yet

    first.asked_at = a_while_ago()
    sweep()
    assert news(session) == {"정하늘": ["자격 일감으로 이름 고침 1건, 승인할 것 1건이 새로 왔어요."]}


def test_what_comes_later_that_day_is_told_the_next_day(session: Session, sweep: RunJobs) -> None:
    operator = make_user(session, Role.OPERATOR, name="정하늘")
    first = ask(session)
    sweep()
    session.scalars(select(Notice).where(IS_TOLD, Notice.user_id == operator.id)).one().created_at = NOW
    later = ask(session, kind=RequestKind.RENEWAL, at=NOW + timedelta(hours=1))

    assert operator.id not in staff_news.list_due_ids(session, NOW + timedelta(hours=13))
    assert operator.id in staff_news.list_due_ids(session, NOW + timedelta(hours=14))  # midnight in Korea

    let_a_day_pass(session)
    first.asked_at, later.asked_at = NOW - timedelta(days=2), a_while_ago()
    sweep()
    assert news(session)["정하늘"][1:] == ["자격 일감으로 갱신 1건이 새로 왔어요."]


def test_nothing_is_told_again_while_it_waits(session: Session, sweep: RunJobs) -> None:
    make_user(session, Role.OPERATOR, name="정하늘")
    ask(session)
    propose(session)
    sweep()

    let_a_day_pass(session)
    session.execute(update(CertificateRequest).values(asked_at=clock.now() - timedelta(days=2)))
    session.execute(update(Proposal).values(proposed_at=clock.now() - timedelta(days=2)))
    sweep()

    assert len(news(session)["정하늘"]) == 1


def test_what_somebody_took_up_meanwhile_is_told_to_nobody(
    session: Session, sign_in: Callable[[User], Browser], sweep: RunJobs
) -> None:
    trainer = make_user(session, Role.TRAINER, name="이수민")
    asked = ask(session)
    sign_in(trainer).send(f"/certification/requests/{asked.id}/take-up")

    sweep()

    assert news(session) == {}


def test_who_issues_no_more_when_the_job_runs_hears_nothing(session: Session) -> None:
    operator = make_user(session, Role.OPERATOR, name="정하늘")
    ask(session)
    assert operator.id in staff_news.list_due_ids(session, clock.now())
    operator.grants.clear()
    session.commit()

    staff_news.tell(operator.id)

    assert news(session) == {}


def test_two_jobs_at_once_tell_once(committed: Session, race: Callable[..., list[object]]) -> None:
    operator = make_user(committed, Role.OPERATOR, name="정하늘")
    ask(committed)
    committed.commit()

    results = race([lambda: staff_news.tell(operator.id)] * 4)

    assert results == [None] * 4
    assert len(news(committed)["정하늘"]) == 1


def test_the_notice_leads_to_where_it_waits(
    session: Session, sign_in: Callable[[User], Browser], sweep: RunJobs
) -> None:
    operator = make_user(session, Role.OPERATOR, name="정하늘")
    ask(session)
    propose(session, learner=make_user(session, name="김순자"))
    sweep()

    path = session.scalars(select(Notice.path).where(Notice.user_id == operator.id, IS_TOLD)).one()

    page = sign_in(operator).get(path).text
    assert "김순자" in page
    assert "증서 부탁" in page
