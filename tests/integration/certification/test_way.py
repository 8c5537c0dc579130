"""The way to a qualification: joining it, what is left, and who says that it is met (Q01 Q02 Q04 Q06 K11)."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification.qualification_models import Candidate, LedgerEntry, LedgerKind
from portal.core import clock
from portal.core.roles import Role
from tests.candidate_factories import waive
from tests.conftest import Browser
from tests.exam_factories import make_candidate
from tests.factories import make_completion, make_user

SignIn = Callable[[User], Browser]


def test_q02_somebody_joins_and_sees_every_requirement_with_the_one_next_thing_to_do(
    session: Session, sign_in: SignIn, learner: User
) -> None:
    browser = sign_in(learner)

    answer = browser.send("/certification/designer-2/join")
    again = browser.send("/certification/designer-2/join")

    candidate = session.scalars(select(Candidate)).one()
    assert (
        answer.headers["Location"]
        == again.headers["Location"]
        == f"/certification/candidates/{candidate.id}/"
    )
    page = browser.get(answer.headers["Location"]).text
    for title in (
        "2급 과정을 마쳐요",
        "연습을 모두 맞혀요",
        "일을 적고 확인받아요",
        "필기에 합격해요",
        "실기에 합격해요",
    ):
        assert title in page
    assert page.count("button--main") == 1
    assert "왜 아직인가요?" in page
    assert "수료증까지 남은 것" in browser.get("/").text


def test_q02_what_is_met_is_written_down_with_its_evidence_when_asked_for(
    session: Session, sign_in: SignIn, learner: User
) -> None:
    candidate = make_candidate(session, learner)
    completion = make_completion(session, learner, course_id="designer-2")
    session.commit()

    sign_in(learner).send(f"/certification/candidates/{candidate.id}/check")

    entry = session.scalars(select(LedgerEntry).where(LedgerEntry.requirement == "course")).one()
    assert (entry.kind, entry.evidence) == (LedgerKind.MET, f"course_completion:{completion.id}")
    assert "됐어요" in sign_in(learner).get(f"/certification/candidates/{candidate.id}/").text
