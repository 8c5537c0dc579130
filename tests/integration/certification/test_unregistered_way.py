"""Q27: without a registration number it is 수료증 and 모의 검정 all along the way, on every page of it."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import jobs
from portal.certification.models import Certificate, Proposal
from portal.core import clock
from tests.candidate_factories import waive
from tests.conftest import Browser
from tests.exam_factories import make_candidate, make_exam

SAID_TO_TELL_THEM_APART = (
    "수료증, 자격증, 활동 확인서가 맞는지",
    "합격해도 자격증이 나오지 않아요",
    "자격증을 드리지 않고",
    "증서이고, 자격증이 아니에요",
    "이 수료증은 자격증이 아니에요",
)
"""The only sentences in which the other word stands."""


def words_of(answer: Any) -> str:
    """Return the text of a page without what tells the two apart."""
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text.replace("\u2060", "")))
    for sentence in SAID_TO_TELL_THEM_APART:
        text = text.replace(sentence, "")
    return text


def test_q27_nothing_is_called_a_qualification_that_is_not_registered(
    isolated: Flask,
    session: Session,
    client: FlaskClient,
    sign_in: Callable[[User], Browser],
    learner: User,
    trainer: User,
    approver: User,
) -> None:
    candidate = make_candidate(session, learner)
    exam = make_exam(session, is_mock=True, apply_until=clock.now() + timedelta(days=1))
    waive(session, candidate, by=approver)
    session.commit()
    hers, first, second = (sign_in(each) for each in (learner, trainer, approver))
    way, exams = f"/certification/candidates/{candidate.id}/", "/certification/exams/"

    pages = [hers.get(each) for each in ("/", "/certification/", "/certification/name", way, exams)]
    pages += [client.get("/certification/designer-2/"), hers.get(f"{exams}{exam.id}/")]
    first.send(f"{way}propose")
    proposal = f"/certification/proposals/{session.scalars(select(Proposal.id)).one()}/"
    pages += [each.get(proposal) for each in (first, second)] + [second.get(f"{proposal}decline")]
    second.send(f"{proposal}approve")
    certificate = session.scalars(select(Certificate)).one()
    address = f"/certification/certificates/{certificate.code}"
    pages += [second.get(f"{address}/"), hers.get(f"{address}.pdf")]
    with isolated.app_context():
        jobs.render(certificate.id)
    pages += [hers.get(each) for each in ("/", "/certification/", f"{address}/", f"{address}/correct")]
    pages += [second.get(f"{address}/{each}") for each in ("revoke", "reprint")]
    pages += [client.get(f"/v/{certificate.code}")]

    assert [each.request.path for each in pages if "자격증" in words_of(each)] == []
    assert "모의 검정" in pages[6].text
    assert all("수료증" in each.text for each in pages[7:])
    assert "수료증이 나왔어요." in hers.get("/messages/").text
