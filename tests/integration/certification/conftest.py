"""What the tests of certification share."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import jobs, qualifications
from portal.certification.models import Certificate
from portal.certification.qualifications import Qualification
from portal.core.roles import Role
from portal.core.settings import ROOT
from tests.factories import make_certificate, make_user


@pytest.fixture
def learner(session: Session) -> User:
    return make_user(session, name="홍길동")


@pytest.fixture
def trainer(session: Session) -> User:
    return make_user(session, Role.TRAINER, name="이수민")


@pytest.fixture
def approver(session: Session) -> User:
    return make_user(session, Role.TRAINER, name="한지우")


@pytest.fixture
def operator(session: Session) -> User:
    return make_user(session, Role.OPERATOR, name="정하늘")


@pytest.fixture
def issued(isolated: Flask, session: Session, learner: User) -> Callable[[], Certificate]:
    """Return a function that gives a certificate of ``learner`` whose document is stored."""

    def issue() -> Certificate:
        certificate = make_certificate(session, learner=learner)
        session.commit()
        with isolated.app_context():
            jobs.render(certificate.id)
        session.refresh(certificate)
        return certificate

    return issue


@pytest.fixture
def registered(isolated: Flask) -> Iterator[Qualification]:
    """Let the second grade be registered, as it is in the demo."""
    unregistered = isolated.extensions["portal_qualifications"]
    isolated.extensions["portal_qualifications"] = qualifications.load(ROOT / "content", is_demo=True)
    yield isolated.extensions["portal_qualifications"].get("designer-2")
    isolated.extensions["portal_qualifications"] = unregistered
