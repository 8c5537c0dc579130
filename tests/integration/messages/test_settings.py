"""The page on which a person chooses what they are told, where and when."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Consent, ConsentKind, User
from portal.core.roles import Role
from portal.messages import queries
from portal.messages.models import Preference, QuietHours
from portal.messages.vocabulary import Channel, Kind, MarketDays, Pace
from tests.conftest import NOW, Browser
from tests.factories import make_user
from tests.integration.messages.conftest import tell

SignIn = Callable[[User], Browser]
USUAL = {
    "answers_sms": "now",
    "visits_sms": "now",
    "learning_sms": "daily",
    "certificates_sms": "now",
    "quiet_from": "21",
    "quiet_until": "8",
    "market_days": "none",
}


def test_what_is_chosen_is_kept_said_and_heeded(
    session: Session, sign_in: SignIn, work_at: Callable[[datetime], list[str]]
) -> None:
    user = make_user(session)
    browser = sign_in(user)

    answer = browser.send(
        "/messages/settings",
        USUAL | {"visits_sms": "daily", "market_days": "5-10", "quiet_until": "9", "answers_sms": "never"},
    )

    assert answer.status_code == 302
    page = browser.get("/messages/settings").text
    assert "저장했어요. 이제 이렇게 알려 드려요." in page
    assert "문자 하루 한 번" in page
    assert "이 화면에서만 봐요" in page
    wishes = queries.get_wishes(session, user.id)
    assert wishes.chosen == {
        (Kind.VISITS, Channel.SMS): Pace.DAILY,
        (Kind.ANSWERS, Channel.SMS): Pace.NEVER,
    }
    assert (wishes.hours.quiet_until, wishes.hours.market_days) == (9, MarketDays.FIVE)
    tell(user, message="visit-proposed")
    assert work_at(NOW) == []


def test_what_is_the_usual_leaves_no_row(session: Session, sign_in: SignIn) -> None:
    browser = sign_in(make_user(session))
    browser.send("/messages/settings", USUAL | {"visits_sms": "weekly", "quiet_from": "20"})
    assert len(session.scalars(select(Preference)).all()) == 1

    browser.send("/messages/settings", USUAL)

    assert session.scalars(select(Preference)).all() == []
    assert session.scalars(select(QuietHours)).all() == []


def test_what_a_link_stopped_shows_as_not_received_and_saving_keeps_it(
    session: Session, sign_in: SignIn
) -> None:
    user = make_user(session)
    session.add(
        Preference(user_id=user.id, kind=Kind.VISITS, channel=Channel.SMS, pace=Pace.NEVER, before=Pace.NOW)
    )

    sign_in(user).send("/messages/settings", USUAL | {"visits_sms": "never"})

    row = session.scalars(select(Preference)).one()
    assert (row.pace, row.before) == (Pace.NEVER, None)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"visits_sms": "hourly"}, 422),
        ({"market_days": "7"}, 422),
        ({"quiet_from": "23"}, 422),
        ({"quiet_until": "5"}, 422),
        ({"visits_email": "now"}, 302),  # no such field without an address, and no row
    ],
)
def test_only_what_is_offered_is_taken(
    session: Session, sign_in: SignIn, changes: dict[str, Any], status: int
) -> None:
    answer = sign_in(make_user(session)).send("/messages/settings", USUAL | changes)

    assert answer.status_code == status
    assert session.scalars(select(Preference)).all() == []
    assert session.scalars(select(QuietHours)).all() == []


def test_work_is_asked_of_staff_and_news_of_those_who_agreed(session: Session, sign_in: SignIn) -> None:
    merchant, mentor, reader = make_user(session), make_user(session, Role.MENTOR), make_user(session)
    session.add(Consent(user_id=reader.id, kind=ConsentKind.NEWS, version="2026-11-21", given_at=NOW))

    pages = [sign_in(user).get("/messages/settings").text for user in (merchant, mentor, reader)]

    assert ["work_sms" in page for page in pages] == [False, True, False]
    assert ["news_sms" in page for page in pages] == [False, False, True]
    assert ["받겠다고 하시면" in page for page in pages] == [True, True, False]


def test_each_channel_there_is_an_address_for_is_asked(session: Session, sign_in: SignIn) -> None:
    both, mail_only = make_user(session, email="a@example.com"), make_user(session, email="b@example.com")
    mail_only.phone = None
    session.commit()

    pages = [sign_in(user).get("/messages/settings").text for user in (both, mail_only)]

    assert ["visits_sms" in page for page in pages] == [True, False]
    assert ["visits_email" in page for page in pages] == [True, True]
    assert pages[1].count("이메일 바로") == 3  # by e-mail, since there is no telephone


def test_the_page_is_reached_from_the_notices_and_from_the_account(session: Session, sign_in: SignIn) -> None:
    browser = sign_in(make_user(session))

    for address in ("/messages/", "/account/"):
        assert 'href="/messages/settings"' in browser.get(address).text
