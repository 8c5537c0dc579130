"""Trainers and operators hear once a day of what holders ask for; on both engines."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import request_news
from portal.certification.life_models import CertificateRequest, RequestKind
from portal.core import clock, queue
from portal.core.roles import Role
from portal.messages.models import Notice
from tests.conftest import Browser
from tests.factories import make_mentor, make_user
from tests.life_factories import make_held

RunJobs = Callable[[], None]


@pytest.fixture
def sweep(session: Session, run_jobs: RunJobs) -> RunJobs:
    """Return what runs the sweeper twice, and the jobs it finds, half an hour after whatever was asked."""

    def sweep() -> None:
        session.execute(
            update(CertificateRequest)
            .where(CertificateRequest.told_at.is_(None))
            .values(asked_at=clock.now() - request_news.GATHERED)
        )
        for _ in range(2):
            queue.sweep(now=clock.now())
            run_jobs()

    return sweep


def ask(session: Session, holder: User | None = None, kind: RequestKind = RequestKind.CORRECTION) -> None:
    certificate = make_held(session, holder)
    name = "홍길순" if kind is RequestKind.CORRECTION else ""
    session.add(CertificateRequest(certificate_id=certificate.id, kind=kind, name=name, asked_at=clock.now()))
    session.commit()


def news(session: Session) -> dict[str, list[str]]:
    """Return what each person whose name is known here was told of requests."""
    told: dict[str, list[str]] = {}
    rows = (
        select(User.name, Notice.sentence)
        .join(Notice, Notice.user_id == User.id)
        .where(Notice.message == "certificate-requests-wait", User.name.in_(["이수민", "정하늘", "박정호"]))
        .order_by(Notice.id)
    )
    for name, sentence in session.execute(rows):
        told.setdefault(name, []).append(sentence)
    return told


def test_staff_hear_once_of_all_that_was_asked_and_of_nothing_of_their_own(
    session: Session, sweep: RunJobs, run_jobs: RunJobs
) -> None:
    trainer = make_user(session, Role.TRAINER, name="이수민")
    make_user(session, Role.OPERATOR, Role.TRAINER, name="정하늘")
    make_mentor(session, name="박정호")
    ask(session)
    ask(session, trainer)
    ask(session, kind=RequestKind.RENEWAL)

    queue.sweep(now=clock.now())
    run_jobs()
    assert news(session) == {}  # others may come yet

    sweep()

    assert news(session) == {
        "이수민": ["자격 일감으로 이름 고침 1건, 갱신 1건이 새로 왔어요."],
        "정하늘": ["자격 일감으로 이름 고침 2건, 갱신 1건이 새로 왔어요."],
    }


def test_what_comes_later_that_day_is_told_the_next_day(session: Session, sweep: RunJobs) -> None:
    make_user(session, Role.OPERATOR, name="정하늘")
    ask(session)
    sweep()
    ask(session, kind=RequestKind.RENEWAL)

    sweep()
    assert len(news(session)["정하늘"]) == 1

    yesterday = clock.now() - timedelta(days=1)
    session.execute(
        update(CertificateRequest).where(CertificateRequest.told_at.is_not(None)).values(told_at=yesterday)
    )
    sweep()
    assert news(session)["정하늘"][1:] == ["자격 일감으로 갱신 1건이 새로 왔어요."]


def test_what_somebody_took_up_meanwhile_is_told_to_nobody(
    session: Session, sign_in: Callable[[User], Browser], sweep: RunJobs
) -> None:
    trainer = make_user(session, Role.TRAINER, name="이수민")
    ask(session)
    request_id = session.scalars(select(CertificateRequest.id)).one()
    sign_in(trainer).send(f"/certification/requests/{request_id}/take-up")

    sweep()

    assert news(session) == {}


def test_the_notice_leads_to_the_list(
    session: Session, sign_in: Callable[[User], Browser], sweep: RunJobs
) -> None:
    operator = make_user(session, Role.OPERATOR, name="정하늘")
    ask(session)
    sweep()

    path = session.scalars(
        select(Notice.path).where(
            Notice.user_id == operator.id, Notice.message == "certificate-requests-wait"
        )
    ).one()

    assert "이름 고침" in sign_in(operator).get(path).text
