from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from tests.conftest import apart


def test_without_the_demo_nothing_is_loaded_and_nobody_has_a_known_password(
    isolated: Flask, session: Session
) -> None:
    with apart(isolated):
        result = isolated.test_cli_runner().invoke(args=["demo", "load"])

    assert result.exit_code == 1
    assert session.scalars(select(User)).all() == []
