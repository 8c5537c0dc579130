from collections.abc import Callable

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import MentorProfile, MentorTopic, RoleGrant, User
from portal.accounts.vocabulary import Topic
from portal.core.roles import Role
from tests.conftest import Browser, apart
from tests.factories import make_user


@pytest.fixture
def run(isolated: Flask) -> Callable[..., Result]:
    def run(*words: str) -> Result:
        with apart(isolated):
            return isolated.test_cli_runner().invoke(args=["accounts", *words])

    return run


def roles_of(session: Session, user: User) -> set[Role]:
    return set(session.scalars(select(RoleGrant.role).where(RoleGrant.user_id == user.id)))


def test_a_person_is_given_a_role_and_loses_it_with_every_open_session(
    session: Session, run: Callable[..., Result], sign_in: Callable[[User], Browser]
) -> None:
    user = make_user(session)
    assert run("grant", str(user.phone), "operator").exit_code == 0
    assert roles_of(session, user) == {Role.MERCHANT, Role.OPERATOR}
    browser = sign_in(user)
    assert browser.get("/desk/jobs").status_code == 200

    assert run("withdraw", str(user.phone), "operator").exit_code == 0

    assert roles_of(session, user) == {Role.MERCHANT}
    assert browser.get("/account/").status_code == 302


def test_a_person_becomes_a_mentor_and_can_be_given_less_and_paused(
    session: Session, run: Callable[..., Result]
) -> None:
    user = make_user(session)

    run("mentor", str(user.phone), "--introduction", "떡을 팔아요.")
    profile = session.scalars(select(MentorProfile)).one()
    assert (profile.introduction, profile.capacity, profile.paused_at) == ("떡을 팔아요.", 3, None)
    assert len(session.scalars(select(MentorTopic)).all()) == len(Topic)

    run("mentor", str(user.phone), "--capacity", "1", "--topic", "delivery", "--pause")
    assert profile.capacity == 1
    assert profile.paused_at is not None
    assert [row.topic.value for row in session.scalars(select(MentorTopic))] == ["delivery"]

    run("mentor", str(user.phone), "--resume")
    assert profile.paused_at is None


@pytest.mark.parametrize("identifier", ["010-9999-9999", "nobody"])
def test_an_unknown_person_is_named_in_a_sentence(run: Callable[..., Result], identifier: str) -> None:
    result = run("grant", identifier, "mentor")

    assert result.exit_code == 1
    assert "Error: " in result.output
