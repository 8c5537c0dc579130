"""Q24, B8: changing a setting never tells anybody again of a certificate they have had for long."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import designs, jobs, redraw_jobs, reminders, renewals
from portal.certification.models import Certificate, CertificateKind
from portal.certification.qualifications import Qualification, Qualifications
from portal.core import clock, queue
from portal.core.clock import KST
from portal.messages.models import Delivery, Notice
from tests.conftest import apart
from tests.life_factories import make_held

ISSUED = datetime(2026, 11, 23, 1, 0, tzinfo=KST)
Change = Callable[[Flask, Session, User], None]


def said(session: Session) -> tuple[list[str], list[tuple[int, str]]]:
    """Return everything anybody was told, and every way it went."""
    notices = session.scalars(select(Notice.cause).order_by(Notice.id)).all()
    ways = session.execute(select(Delivery.id, Delivery.state).order_by(Delivery.id))
    return list(notices), [(number, str(state)) for number, state in ways]


def another_template(app: Flask, session: Session, operator: User) -> None:
    for number, kind in enumerate(CertificateKind):
        slots = {**designs.FIRST[kind], "color": "wine"}
        draft = designs.draft(session, kind, slots, operator, form_key=f"draft-{number}", now=clock.now())
        session.commit()
        with apart(app):
            redraw_jobs.preview(draft.id)
        session.refresh(draft)
        designs.publish(session, draft.id, operator, now=clock.now())


def another_address(app: Flask, session: Session, operator: User) -> None:
    present = app.extensions["portal_settings"]
    app.extensions["portal_settings"] = replace(
        present,
        public_url="https://elsewhere.example",
        mail_from="elsewhere@example",
        help_phone="02-111-1111",
    )


def newer_rules(app: Flask, session: Session, operator: User) -> None:
    """Let certificates hold for a year only, and renewals open a year before."""
    read: Qualifications = app.extensions["portal_qualifications"]

    def renewed(found: Qualification) -> Qualification:
        rules = replace(found.versions[0], number=2, validity_years=1)
        return replace(found, versions=(*found.versions, rules), manager="다른 기관", registration_number="")

    app.extensions["portal_qualifications"] = replace(read, all=tuple(renewed(each) for each in read.all))


def more_reminders(app: Flask, session: Session, operator: User) -> None:
    vars(reminders)["DAYS_BEFORE"] = (2000, 1500, 1000, 365, 60, 30, 7)


@pytest.fixture
def restored(isolated: Flask) -> Iterator[None]:
    """Put back what the changes change."""
    kept = {name: isolated.extensions[name] for name in ("portal_settings", "portal_qualifications")}
    days = {name: vars(reminders)[name] for name in ("DAYS_BEFORE", "DAYS_AFTER")}
    yield
    isolated.extensions.update(kept)
    vars(reminders).update(days)


@pytest.mark.usefixtures("restored")
@pytest.mark.parametrize("change", [another_template, another_address, newer_rules, more_reminders])
def test_q24_whatever_is_set_anew_nobody_hears_of_an_old_certificate(
    isolated: Flask,
    session: Session,
    issued: Callable[[], Certificate],
    learner: User,
    operator: User,
    run_jobs: Callable[[], None],
    change: Change,
) -> None:
    """Everything a worker can do is done again afterwards: drawing, drawing anew at night, the sweep."""
    old, held = issued(), make_held(session, learner)
    session.execute(update(Certificate).values(rendered_at=clock.now() - timedelta(days=2)))
    session.commit()
    run_jobs()
    before = said(session)
    hashes = select(Certificate.id, Certificate.pdf_sha256).order_by(Certificate.id)
    documents = session.execute(hashes).all()

    change(isolated, session, operator)
    session.commit()
    with apart(isolated):
        jobs.render(old.id)
        queue.sweep(now=clock.now())
    run_jobs()

    told, ways = said(session)
    others = [cause for cause in told if not cause.startswith("certificate-drifted")]  # to operators
    assert (others, ways[: len(before[1])]) == before
    assert f"certificate:{old.id}" in told
    assert session.execute(hashes).all() == documents
    session.refresh(held)
    assert held.remind_at is not None
    assert held.remind_at > clock.now()


@pytest.mark.usefixtures("restored")
def test_q24_other_days_of_reminding_repeat_nothing_that_was_said(session: Session, learner: User) -> None:
    certificate = make_held(session, learner, at=ISSUED)
    days = [datetime(2029, 9, 20, 11, tzinfo=KST) + timedelta(days=number) for number in range(120)]
    told_on: list[datetime] = []

    for number, now in enumerate(days):
        if number == 10:  # the first word was said; now others would have been said before it
            vars(reminders)["DAYS_BEFORE"] = (90, 61, 60, 59, 30, 7)
        if number == 80:  # it has ended
            vars(reminders).update(DAYS_BEFORE=(30, 7, 1), DAYS_AFTER=40)
        before = len(said(session)[0])
        for certificate_id in renewals.list_to_remind(session, now):
            renewals.remind(session, certificate_id, path="/", now=now)
        session.flush()
        told_on += [now] * (len(said(session)[0]) - before)

    assert [each.date().isoformat() for each in told_on] == [
        "2029-09-23",
        "2029-10-23",
        "2029-11-15",
        "2029-11-23",
    ]
    assert certificate.remind_at is None
