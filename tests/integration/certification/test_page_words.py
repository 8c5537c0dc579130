"""What pages around certificates say of where one is, what was found, and what comes first."""

import re
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification.qualifications import Qualification
from portal.core import clock
from tests.conftest import NOW, Browser
from tests.exam_factories import make_candidate, make_exam
from tests.factories import make_certificate, make_proposal
from tests.life_factories import make_held

SignIn = Callable[[User], Browser]


def place_of(page: str) -> list[str]:
    """Return what lights up in the main menu."""
    return re.findall(r'class="nav__link"\s+href="[^"]*" aria-current="page">([^<]*)', page)


def test_an_issuer_at_work_is_not_among_her_own_certificates(
    session: Session, sign_in: SignIn, trainer: User
) -> None:
    own, another = make_certificate(session, learner=trainer), make_certificate(session)
    candidate = make_candidate(session)
    proposal = make_proposal(session)
    session.commit()
    browser = sign_in(trainer)

    def light(path: str) -> list[str]:
        return place_of(browser.get(path).text)

    assert light(f"/certification/certificates/{another.code}/") == ["일감"]
    assert light(f"/certification/certificates/{own.code}/") == ["내 자격"]
    assert light(f"/certification/candidates/{candidate.id}/") == ["일감"]
    assert light(f"/certification/proposals/{proposal.id}/") == ["일감"]
    assert light(f"/certification/proposals/{proposal.id}/decline") == ["일감"]
    assert light("/certification/") == ["내 자격"]


def test_whoever_confirms_her_name_comes_back_to_what_is_left_to_do(
    session: Session, sign_in: SignIn, learner: User, registered: Qualification
) -> None:
    candidate = make_candidate(session, learner)
    session.commit()
    browser, path = sign_in(learner), f"/certification/candidates/{candidate.id}/"

    [link] = re.findall(r'href="(/certification/name\?[^"]*)"', browser.get(path).text)
    [action] = re.findall(r'action="(/certification/name[^"]*)"', browser.get(link).text)
    sent = browser.send(action.partition("#")[0], {"name": "홍길동"})
    strange = browser.send("/certification/name?next=//elsewhere.example/", {"name": "홍길동"})

    assert sent.location == path
    assert strange.location == "/certification/"


def test_what_was_found_is_called_by_its_name(session: Session, client: Browser) -> None:
    completion, qualification = make_certificate(session), make_held(session)
    completion.document_key, completion.pdf_sha256, completion.rendered_at = "k", "0" * 64, NOW
    session.commit()

    assert "<title>수료증 확인 · " in client.get(f"/v/{completion.code}").text
    assert "<title>자격증 확인 · " in client.get(f"/v/{qualification.code}").text
    assert "<title>증서 확인" in client.get("/v/").text


def test_the_application_stands_before_how_the_exam_goes(
    session: Session, sign_in: SignIn, learner: User
) -> None:
    make_candidate(session, learner)
    exam = make_exam(session, apply_until=clock.now() + timedelta(hours=5))
    session.commit()

    page = sign_in(learner).get(f"/certification/exams/{exam.id}/").text

    assert page.index("접수하기</") < page.index("이렇게 봐요")
