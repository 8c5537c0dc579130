"""A calendar that reads a secret address, and invitations that mail programs understand."""

import email
import email.policy
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core import clock
from portal.mentoring.models import Engagement
from portal.mentoring.visit_models import CalendarFeed, Visit, VisitState
from tests import calendar_file
from tests.calendar_file import Component
from tests.conftest import Browser
from tests.factories import keep_awake, make_engagement, make_mentor, make_user, make_visit
from tests.integration.mentoring.conftest import in_days

SignIn = Callable[[User], Any]
HOME = "/mentoring/calendar/"


def address_of(browser: Any) -> str:
    """Make an address by the page's button and return its path as the page shows it once."""
    browser.send(f"{HOME}address")
    shown: str = browser.get(HOME).text
    start = shown.index("http://localhost/mentoring/calendar/")
    return shown[start : shown.index(".ics", start) + 4].removeprefix("http://localhost")


def read(app: Flask, address: str) -> Component:
    answer = Browser(app).get(address)
    assert answer.content_type == "text/calendar; charset=utf-8"
    return calendar_file.read(answer.data)


def test_each_of_the_two_reads_their_own_appointments(
    isolated: Flask, session: Session, sign_in: SignIn, merchant: User, mentor: User, engagement: Engagement
) -> None:
    make_visit(session, engagement, starts_at=in_days(3), minutes=90)
    elsewhere = make_engagement(session, make_user(session), mentor, seat_no=2)
    make_visit(session, elsewhere, starts_at=in_days(5))
    make_visit(
        session, make_engagement(session, make_user(session), make_mentor(session)), starts_at=in_days(3)
    )
    session.commit()

    hers, his = (read(isolated, address_of(sign_in(user))) for user in (merchant, mentor))

    assert [event.text("SUMMARY") for event in hers.events] == ["박정호 멘토님 만나기 (장터배움)"]
    assert hers.events[0].moment("DTSTART") == in_days(3)
    assert hers.events[0].moment("DTEND") == in_days(3) + timedelta(minutes=90)
    assert [event.moment("DTSTART") for event in his.events] == [in_days(3), in_days(5)]


def test_a_moved_visit_moves_and_a_cancelled_one_disappears(
    isolated: Flask, session: Session, sign_in: SignIn, merchant: User, engagement: Engagement
) -> None:
    hers = sign_in(merchant)
    first = make_visit(session, engagement, starts_at=in_days(3))
    session.commit()
    address = address_of(hers)
    (before,) = read(isolated, address).events

    hers.send(f"/mentoring/visits/{first.id}/move")
    between = read(isolated, address)
    make_visit(session, engagement, starts_at=in_days(6))
    session.commit()
    (after,) = read(isolated, address).events

    assert between.events == []
    assert after.one("UID") == before.one("UID")
    assert after.moment("DTSTART") == in_days(6)
    assert int(after.one("SEQUENCE")) > int(before.one("SEQUENCE"))


def test_after_they_have_met_the_next_appointment_is_another_one(
    isolated: Flask, session: Session, sign_in: SignIn, merchant: User, engagement: Engagement
) -> None:
    make_visit(session, engagement, starts_at=in_days(-3), log="했어요.")
    make_visit(session, engagement, starts_at=in_days(3))
    session.commit()

    events = read(isolated, address_of(sign_in(merchant))).events

    assert len({event.one("UID") for event in events}) == 2


def test_a_new_address_kills_the_old_one_and_dropping_kills_both(
    isolated: Flask, session: Session, sign_in: SignIn, merchant: User, engagement: Engagement
) -> None:
    hers = sign_in(merchant)
    old = address_of(hers)
    new = address_of(hers)

    assert old != new
    assert Browser(isolated).get(old).status_code == 404
    assert Browser(isolated).get(new).status_code == 200
    row = session.scalars(select(CalendarFeed)).one()
    assert row.token_hash not in new
    assert new.split("/")[-1].removesuffix(".ics") not in hers.get(HOME).text  # shown once
    hers.send(f"{HOME}address/drop")
    hers.send(f"{HOME}address/drop")
    assert Browser(isolated).get(new).status_code == 404


@pytest.mark.parametrize("token", ["a", "x" * 32, "..%2f", "%00", "가"])
def test_a_guessed_address_leads_nowhere(client: Browser, token: str) -> None:
    assert client.get(f"{HOME}{token}.ics").status_code == 404


def test_a_calendar_that_has_it_already_is_told_so(
    isolated: Flask, sign_in: SignIn, merchant: User, engagement: Engagement
) -> None:
    address = address_of(sign_in(merchant))
    tag = Browser(isolated).get(address).headers["ETag"]

    assert Browser(isolated).get(address, headers={"If-None-Match": tag}).status_code == 304


def mails_of(app: Flask, address: str) -> list[Any]:
    folder: Path = app.extensions["portal_settings"].data_dir / "outbox"
    found = []
    for path in sorted(folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns):
        mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        path.unlink()
        if address in str(mail["To"]):
            found.append(mail)
    return found


def test_people_with_an_e_mail_address_get_an_invitation_and_its_end(
    isolated: Flask, session: Session, sign_in: SignIn, mentor: User, run_jobs: Callable[[], None]
) -> None:
    merchant = make_user(session, name="이영희", email="younghee@example.com")
    merchant.phone = None
    engagement = make_engagement(session, merchant, mentor)
    made = make_visit(session, engagement, times=(in_days(3),), minutes=30)
    keep_awake(session, merchant)
    session.commit()
    hers = sign_in(merchant)

    hers.send(f"/mentoring/visits/{made.id}/choose", {"time": made.times[0].id})
    run_jobs()
    (invited,) = mails_of(isolated, "younghee@example.com")
    hers.send(f"/mentoring/visits/{made.id}/move")
    run_jobs()
    (ended,) = mails_of(isolated, "younghee@example.com")

    request, cancel = invitation_in(invited, "REQUEST"), invitation_in(ended, "CANCEL")
    assert request.events[0].one("UID") == cancel.events[0].one("UID")
    assert request.events[0].moment("DTSTART") == in_days(3)
    assert request.events[0].moment("DTEND") == in_days(3) + timedelta(minutes=30)
    assert request.events[0].one("ATTENDEE") == "mailto:younghee@example.com"
    assert int(cancel.events[0].one("SEQUENCE")) > int(request.events[0].one("SEQUENCE"))
    assert "약속을 정했어요." in invited.get_body(("plain",)).get_content()


def invitation_in(mail: Any, method: str) -> Component:
    """Return the appointment as RFC 6047 wants it: a part text/calendar that names its method."""
    (part,) = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    assert mail.get_content_type() == "multipart/alternative"
    assert part.get_param("method") == method
    assert part.get_content_charset() == "utf-8"
    read = calendar_file.read(part.get_payload(decode=True))
    assert read.one("METHOD") == method
    return read


def test_who_has_no_e_mail_address_is_told_in_words_alone(
    session: Session, sign_in: SignIn, told: Any, merchant: User, engagement: Engagement
) -> None:
    made = make_visit(session, engagement, times=(in_days(3),))
    session.commit()
    hers = sign_in(merchant)

    hers.send(f"/mentoring/visits/{made.id}/choose", {"time": made.times[0].id})
    hers.send(f"/mentoring/visits/{made.id}/move")

    assert len(told(merchant)) == 1
    assert session.scalar(select(Visit.state)) == VisitState.CANCELLED


def test_a_feed_forgets_what_is_long_over(
    isolated: Flask, session: Session, sign_in: SignIn, merchant: User, engagement: Engagement
) -> None:
    make_visit(session, engagement, starts_at=clock.now() - timedelta(days=91), log="옛날이에요.")
    session.commit()

    assert read(isolated, address_of(sign_in(merchant))).events == []
