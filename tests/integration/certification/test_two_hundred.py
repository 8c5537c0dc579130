"""Two hundred people in one batch, while the design changes in the middle and Redis loses everything.

What must hold: a certificate for each, numbers without a gap, the version each was approved with, one notice.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.certification import batch_jobs, batches, designs, jobs, operations
from portal.certification.life_models import Batch, TemplateDraft
from portal.certification.models import Certificate, CertificateKind, CertificateTemplate
from portal.core import clock, queue
from portal.core.roles import Role
from portal.messages.models import Notice
from tests.conftest import apart
from tests.factories import make_completion, make_user
from tests.servers import private_redis

PEOPLE = {"postgresql": 200, "sqlite": 40}
"""200 on SQLite took 75 seconds of CPU: every document is really drawn and signed. Where writers take turns
anyway 40 show the same: two jobs of drawing, and a worker that dies between two lines."""
SURNAMES, GIVEN = "김이박최정강조윤장임", ("순자", "은영", "정호", "수민", "지우", "하늘", "만석")


def count_people(session: Session) -> int:
    return PEOPLE[session.get_bind().dialect.name]


@pytest.fixture
def batch(session: Session) -> Batch:
    """Give a batch that is approved and waits for its worker."""
    trainer, operator = make_user(session, Role.TRAINER), make_user(session, Role.OPERATOR)
    keys = [
        f"completion:{make_completion(session, make_user(session, name=name)).id}"
        for name in (SURNAMES[at % 10] + GIVEN[at % 7] for at in range(count_people(session)))
    ]
    made = batches.propose(
        session, keys, trainer, title="11월 반", form_key="two-hundred-people", now=clock.now()
    )
    batches.approve(session, made, operator, now=clock.now())
    session.commit()
    return made


@pytest.fixture
def mortal_redis(isolated: Flask) -> Iterator[Any]:
    """Give the app a Redis that the test may end, and afterwards its own again."""
    own = isolated.extensions["portal_redis"]
    yield isolated
    isolated.extensions["portal_redis"] = own


def point_at(app: Flask, url: str) -> None:
    app.extensions["portal_redis"] = type(app.extensions["portal_redis"]).from_url(url)


def edit_the_design(session: Session) -> None:
    """Let an operator publish another version, with what its worker would have drawn already there."""
    by = make_user(session, Role.OPERATOR)
    slots = {**designs.FIRST[CertificateKind.COMPLETION], "color": "wine"}
    draft: TemplateDraft = designs.draft(
        session, CertificateKind.COMPLETION, slots, by, form_key="two-hundred-design", now=clock.now()
    )
    draft.preview_key, draft.due_at = "f" * 64, None
    session.flush()
    designs.publish(session, draft.id, by, now=clock.now())
    session.commit()


def stop_after(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """Kill the issuing worker when it has done so many lines."""
    issue_line = batches.issue_line
    done: list[tuple[Any, ...]] = []

    def killed(*args: Any, **kwargs: Any) -> Certificate:
        if len(done) == count:
            raise KeyboardInterrupt
        done.append(args)
        return issue_line(*args, **kwargs)

    monkeypatch.setitem(vars(batches), "issue_line", killed)


def draw_everything(session: Session, app: Flask) -> int:
    """Run the jobs a worker would find in the queue, sweeping in between; return how many were pushed."""
    pushed = 0
    for _ in range(4):
        with apart(app):
            queue.sweep(now=clock.now())
            waiting = [job.args for job in queue.rq_queue().jobs if job.args[0] == operations.RENDER]
            queue.redis().delete(queue.rq_queue().key)
            for _name, certificate_id in waiting:
                jobs.render(certificate_id)
        pushed += len(waiting)
    return pushed


def test_two_hundred_people_get_one_each_whatever_happens_meanwhile(
    session: Session, mortal_redis: Flask, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Q07, Q20, Q24, B1, B2."""
    app, people = mortal_redis, count_people(session)
    with private_redis() as url:
        point_at(app, url)
        stop_after(monkeypatch, people // 2)
        with apart(app), pytest.raises(KeyboardInterrupt):
            batch_jobs.issue(batch.id)
        monkeypatch.undo()
        edit_the_design(session)
    # That Redis is gone with all it knew; what was pushed to it is lost.
    batch.due_at = clock.now()  # the dead worker's lease has run out
    with apart(app):
        batch_jobs.issue(batch.id)
    with private_redis() as url:
        point_at(app, url)
        pushed = draw_everything(session, app)

    issued = session.scalars(select(Certificate).order_by(Certificate.serial)).all()
    assert [each.serial for each in issued] == list(range(1, people + 1))
    assert all(each.is_rendered for each in issued)
    assert len({each.pdf_sha256 for each in issued}) == people
    assert [_version(session, each) for each in issued] == [1] * (people // 2) + [2] * (people // 2)
    assert pushed <= people // operations.RENDER_TAKES + 4
    notices = select(Notice.user_id).where(Notice.cause.like("certificate:%"))
    assert len(session.scalars(notices).all()) == len(set(session.scalars(notices))) == people
    _assert_run_again_changes_nothing(session, app, batch)


def _version(session: Session, certificate: Certificate) -> int:
    template = session.get_one(CertificateTemplate, certificate.template_id)
    return template.version


def _assert_run_again_changes_nothing(session: Session, app: Flask, batch: Batch) -> None:
    """Run every job once more, as a queue that forgot what it did would: nothing is issued, drawn or told."""
    columns = (Certificate.id, Certificate.pdf_sha256, Certificate.serial, Certificate.code)
    before = session.execute(select(*columns).order_by(Certificate.id)).all()
    told = session.scalar(select(func.count(Notice.id)))
    batch.due_at = clock.now() - timedelta(seconds=1)
    with apart(app):
        batch_jobs.issue(batch.id)
        for row in before:
            jobs.render(row.id)

    assert session.execute(select(*columns).order_by(Certificate.id)).all() == before
    assert session.scalar(select(func.count(Notice.id))) == told
