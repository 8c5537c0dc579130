"""Every address with an id is tried with somebody else's: nothing private is shown and nothing changes."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import SignIn, User
from portal.certification import batches, corrections
from portal.certification.life_models import Batch, CertificateRequest
from portal.certification.names import Wanted
from portal.community.models import Board
from portal.community.moderation_models import ReviewCause, ReviewItem
from portal.core import clock
from portal.core.db import Base
from portal.core.roles import Role
from portal.diagnosis import questions
from portal.diagnosis.questions import Questionnaire
from portal.mentoring.visit_models import ActionItem
from portal.messages.stopping import make_token
from tests.candidate_factories import make_appeal, make_log, make_portfolio
from tests.conftest import Browser
from tests.exam_factories import make_candidate
from tests.factories import (
    make_answer,
    make_association,
    make_away,
    make_certificate,
    make_circle,
    make_completion,
    make_delivery,
    make_diagnosis,
    make_engagement,
    make_handout,
    make_meeting,
    make_member,
    make_mentor,
    make_need,
    make_phrase,
    make_plan_paper,
    make_proposal,
    make_question,
    make_rehearsal,
    make_sign_in,
    make_thread,
    make_user,
    make_visit,
)
from tests.life_factories import make_held
from tests.marking_factories import make_one_of_each

CANARY = "남이 보면 안 되는 말"
#: Rows everybody may read, with what a stranger may do to them.
PUBLIC = {"community.question", "community.reply", "certification.verify", "handouts.step"}
PUBLIC |= {"threads.follow", "threads.unfollow"}  # a stranger may wonder the same
PUBLIC |= {"issuer.resolve", "issuer.fetch"}  # a credential names nobody, and a badge shows no name
#: Anybody signed in may say that a public text is wrong.
PUBLIC |= {"safety.report"}
#: Anybody signed in may look at a session of an exam and has nothing to call off in it.
PUBLIC |= {"exams.exam", "exams.cancel", "exams.attempt"}
#: What staff do around everybody's exams; a script is its marker's alone.
EXAMS = {"exam_sessions.session", "exam_sessions.more", "rooms.room", "rooms.person"}
EXAMS |= {"releases.results", "releases.unset", "regrades.items", "regrades.propose"}
EXAMS |= {"regrades.regrade", "regrades.approve", "regrades.decline"}
EXAMS |= {"twins.index", "twins.order", "twins.show", "twins.download", "twins.hand_out", "twins.sheet"}
PICTURES = {"safety.picture", "safety.cover", "safety.open_picture"}
MODERATION = {"review.item", "review.text", "review.move", "review.merge", "review.split"}
#: What staff of a role may see or do with other people's rows, as their work.
WORK = {
    Role.MENTOR: {
        *PICTURES,
        "community.picture",
        "mentoring.accept",
        "promises.take",
        "threads.history",
        "threads.not_yet",
        "threads.reply_draft",
        "training_logs.read",
    },
    Role.TRAINER: {
        *PICTURES,
        *EXAMS,
        *MODERATION,
        *EXAMS,
        "community.picture",
        "promises.take",
        "batches.approve",
        "batches.batch",
        "batches.decline",
        "batches.retry",
        "boards.thread",
        "groups.board",
        "candidates.answer",
        "candidates.check",
        "candidates.decide",
        "candidates.entries",
        "candidates.propose",
        "candidates.show",
        "training_logs.download",
        "training_logs.index",
        "training_logs.order",
        "training_logs.portfolio",
        "training_logs.read",
        "certification.approve",
        "certification.certificate",
        "certification.decline",
        "certification.download",
        "certification.proposal",
        "certification.revoke",
        "life.reprint",
        "life.request_page",
        "life.send_again",
        "life.take_up",
        "handouts.download",
        "handouts.handout",
        "checks.rehearsal",
        "checks.reply",
        "phrases.remove",
        "threads.edit",
        "threads.edit_post",
        "threads.history",
        "threads.not_yet",
        "threads.reply_draft",
    },
}


@pytest.fixture
def ids(session: Session) -> dict[str, Any]:
    """Make one of everything that belongs to somebody, and return the ids as they stand in addresses."""
    merchant, mentor = make_user(session, name="임자"), make_mentor(session)
    now = clock.now()
    make_sign_in(session, merchant)
    need = make_need(session, make_user(session), detail=CANARY)
    engagement = make_engagement(session, merchant, mentor, detail=CANARY)
    visit = make_visit(
        session, engagement, starts_at=now - timedelta(days=1), log=CANARY, items=(f"{CANARY} 하기",)
    )
    delivery = make_delivery(session, merchant, sentence=CANARY)
    question = make_question(session, asker=merchant, owner=mentor)
    waiting = ReviewItem(thread_id=question.id, cause=ReviewCause.REPORTED, opened_at=now)
    session.add(waiting)
    session.flush()
    association = make_association(session, manager=merchant, name=CANARY)
    make_member(session, association, mentor)
    phrase = make_phrase(session, merchant, text=CANARY)
    circle = make_circle(session, mentor, merchant)
    candidate = make_candidate(session, merchant)
    made = {
        "sign_in_id": session.scalars(select(SignIn.id).where(SignIn.user_id == merchant.id)).first(),
        "need_id": need.id,
        "engagement_id": engagement.id,
        "visit_id": visit.id,
        "item_id": session.scalars(select(ActionItem.id)).first(),
        "notice_id": delivery.notice_id,
        "delivery_id": delivery.id,
        "token": make_token(delivery.id, key="a key of nobody's"),
        "question_id": question.id,
        "post_id": make_answer(session, question).id,
        "away_id": make_away(session, mentor).id,
        "waiting_id": waiting.id,
        "proposal_id": make_proposal(session).id,
        "code": make_certificate(session).code,
        "request_id": _ask_for_a_name(session).id,
        "handout_id": make_handout(session).id,
        "batch_id": _make_batch(session).id,
        "review_id": phrase.review_id,
        "phrase_id": phrase.id,
        "rehearsal_id": make_rehearsal(session, merchant, mend=CANARY).id,
        "plan_id": make_plan_paper(session, engagement).id,
        "number": 1,
        "association_id": association.id,
        "user_id": mentor.id,
        "thread_id": make_thread(
            session, Board.GROUP, author=merchant, title=CANARY, text=CANARY, association_id=association.id
        ).id,
        "circle_id": circle.id,
        "meeting_id": make_meeting(session, circle, starts_at=now + timedelta(days=1), plan=CANARY).id,
        **make_one_of_each(session, merchant, words=CANARY),
        "candidate_id": candidate.id,
        "requirement": "course",
        "log_id": make_log(session, candidate, text=CANARY).id,
        "portfolio_id": make_portfolio(session, candidate).id,
        "appeal_id": make_appeal(session, candidate, text=CANARY).id,
        "diagnosis_id": make_diagnosis(session, merchant, _canary_questions()).id,
    }
    session.commit()
    return made


def _ask_for_a_name(session: Session) -> CertificateRequest:
    """Return a holder's request for another certificate."""
    held = make_held(session)
    holder = session.get_one(User, held.holder_id)
    return corrections.ask(session, held, holder, Wanted("임자"), reason=CANARY, now=clock.now())


def _make_batch(session: Session) -> Batch:
    key = f"completion:{make_completion(session, make_user(session)).id}"
    trainer = make_user(session, Role.TRAINER)
    return batches.propose(session, [key], trainer, title="반", form_key="batch-of-others", now=clock.now())


def _canary_questions() -> Questionnaire:
    """Return the diagnosis with a result that says the canary."""
    asked = questions.current()
    return replace(asked, routes=tuple(replace(route, lead=CANARY) for route in asked.routes))


def digest(session: Session) -> dict[str, list[Any]]:
    """Return every row of every table but the open sessions'."""
    session.commit()
    return {
        table.name: sorted(map(repr, session.execute(select(table)).all()))
        for table in Base.metadata.sorted_tables
        if table.name not in {"sign_in", "sign_in_failure"}
    }


@pytest.mark.parametrize("role", [Role.MERCHANT, Role.TRAINEE, Role.MENTOR, Role.TRAINER])
def test_a_stranger_neither_sees_nor_changes_what_is_somebody_elses(
    isolated: Flask,
    session: Session,
    sign_in: Callable[[User], Browser],
    ids: dict[str, Any],
    role: Role,
) -> None:
    browser = sign_in(make_user(session, role, name="낯선이"))
    before, tried = digest(session), 0
    for rule in isolated.url_map.iter_rules():
        if not rule.arguments & ids.keys() or rule.endpoint in PUBLIC | WORK.get(role, set()):
            continue
        address = re.sub(r"<(?:\w+:)?(\w+)>", lambda match: str(ids.get(match.group(1), "none")), rule.rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            answer = browser.get(address) if method == "GET" else browser.send(address, {"reason": "까닭"})
            tried += 1
            assert answer.status_code in {403, 404}, (method, address, answer.status_code)
            assert CANARY not in answer.text, (method, address)

    assert tried >= 10
    assert digest(session) == before
