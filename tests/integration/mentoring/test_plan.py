"""What two people agreed on, on paper: theirs alone, made once, never handed out stale; on both engines."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core import clock, db, queue, work
from portal.core.roles import Role
from portal.core.storage import Storage
from portal.courses import paper
from portal.mentoring import plan, plan_jobs
from portal.mentoring.models import Engagement
from portal.mentoring.plan_models import PlanPaper
from portal.mentoring.visit_models import Visit
from tests.conftest import Browser
from tests.factories import make_engagement, make_mentor, make_user, make_visit
from tests.integration.mentoring.conftest import in_days

SignIn = Callable[[User], Browser]
ITEMS = ("김치 사진 세 장 찍기", "택배 상자 값 알아보기")


@pytest.fixture
def visit(session: Session, engagement: Engagement) -> Visit:
    return make_visit(session, engagement, starts_at=in_days(-6), log="사진을 찍었어요.", items=ITEMS)


@pytest.fixture
def order_page(engagement: Engagement, visit: Visit) -> str:
    return f"/mentoring/engagements/{engagement.id}/plan"


def order(browser: Browser, page: str, size: str = "24") -> str:
    answer = browser.send(page, {"size": size})
    assert answer.status_code == 302, answer.text
    return str(answer.headers["Location"])


def pdf_of(page: str) -> str:
    return page.replace("/?wait=1", ".pdf")


def only(session: Session) -> PlanPaper:
    return session.scalars(select(PlanPaper).execution_options(populate_existing=True)).one()


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(PlanPaper)) or 0


def written(session: Session, engagement: Engagement) -> str:
    agreed = plan.get_plan_to_draw(session, engagement.id, now=clock.now())
    html = plan.write(agreed, 20).markup.html
    return " ".join(re.sub(r"<[^>]+>", "", html).split())


def tick(browser: Browser, visit: Visit, position: int = 0) -> None:
    browser.send(f"/mentoring/items/{visit.items[position].id}/done")


def test_the_merchant_finds_the_button_and_gets_the_file(
    session: Session,
    engagement: Engagement,
    merchant: User,
    sign_in: SignIn,
    order_page: str,
    run_jobs: Callable[[], None],
) -> None:
    browser = sign_in(merchant)
    shared = browser.get(f"/mentoring/engagements/{engagement.id}/").text
    form = browser.get(order_page).text
    page = order(browser, order_page)
    waiting, early = browser.get(page), browser.get(pdf_of(page))
    run_jobs()
    ready, file = browser.get(page), browser.get(pdf_of(page))

    assert f'href="{order_page}">해 볼 일 종이로 뽑기</a>' in shared
    assert "가장 크게" in form
    assert "만들고 있어요" in waiting.text
    assert waiting.headers["Refresh"] == f"4; url={page}"
    assert early.headers["Location"] == page
    assert "다 됐어요" in ready.text
    assert ready.headers["Refresh"] == f"1; url={pdf_of(page)}"
    assert file.data.startswith(b"%PDF-")
    assert "24pt.pdf" in file.headers["Content-Disposition"]
    assert file.headers["Cache-Control"] == "private, no-store"
    assert only(session).is_made


def test_it_says_what_was_agreed_by_when_and_what_is_done(
    session: Session, engagement: Engagement, merchant: User, sign_in: SignIn, visit: Visit
) -> None:
    without = written(session, engagement)
    make_visit(session, engagement, starts_at=in_days(2))
    tick(sign_in(merchant), visit)

    words = written(session, engagement)

    assert all(item in words for item in ITEMS)
    assert "김순자 사장님, 박정호 멘토님" in words
    assert "다음에 만날 때까지" in without
    assert "다음에 만나는 날까지 해 봐요:" in words
    assert "오후 3시" in words
    assert words.count("에 했어요") == 1
    assert "에 했어요" not in without


def test_the_code_on_it_leads_to_where_she_ticks_and_asks_who_is_there(
    session: Session,
    client: Browser,
    sign_in: SignIn,
    engagement: Engagement,
    merchant: User,
    visit: Visit,
) -> None:
    way = paper.way_to_own(engagement.id)
    page = f"/mentoring/engagements/{engagement.id}/"
    assert way.code in written(session, engagement)

    typed = client.get("/c/", query_string={"code": way.code})
    seen = client.get(f"/c/{way.code.replace(' ', '')}")

    assert typed.headers["Location"] == seen.headers["Location"] == f"{page}#items"
    assert "/account/sign-in" in client.get(page).headers["Location"]
    assert ITEMS[0] in sign_in(merchant).get(page).text
    assert sign_in(make_user(session)).get(page).status_code == 404


def test_a_digit_that_slipped_is_told_in_a_plain_sentence(client: Browser, engagement: Engagement) -> None:
    code = paper.way_to_own(engagement.id).code.replace(" ", "")
    slipped = code[:-1] + str((int(code[-1]) + 1) % 10)

    answer = client.get("/c/", query_string={"code": slipped})

    assert answer.status_code == 404
    assert "숫자 하나가 다른 것 같아요" in answer.text
    assert f'value="{slipped}"' in answer.text


def test_only_the_two_and_operators_have_it(
    session: Session,
    sign_in: SignIn,
    merchant: User,
    mentor: User,
    order_page: str,
    run_jobs: Callable[[], None],
) -> None:
    page = order(sign_in(merchant), order_page)
    unmade = sign_in(make_user(session)).get(page)
    run_jobs()
    strangers = [
        make_user(session),
        make_mentor(session),
        make_user(session, Role.TRAINER),
        make_user(session, Role.TRAINEE),
    ]

    assert unmade.status_code == 404
    for user in (merchant, mentor, make_user(session, Role.OPERATOR)):
        assert sign_in(user).get(pdf_of(page)).data.startswith(b"%PDF-")
        assert order(sign_in(user), order_page) == page
    for user in strangers:
        browser = sign_in(user)
        asked = [browser.get(page), browser.get(pdf_of(page)), browser.get(order_page)]
        assert [answer.status_code for answer in asked] == [404] * 3
        assert browser.send(order_page, {"size": "24"}).status_code == 404
    assert count(session) == 1


def test_two_shops_with_the_same_words_have_two_papers(
    session: Session, sign_in: SignIn, merchant: User, mentor: User, order_page: str
) -> None:
    other = make_user(session, name="김순자")
    theirs = make_engagement(session, other, mentor, seat_no=2)
    make_visit(session, theirs, starts_at=in_days(-6), log="사진을 찍었어요.", items=ITEMS)

    pages = {
        order(sign_in(merchant), order_page),
        order(sign_in(other), f"/mentoring/engagements/{theirs.id}/plan"),
    }

    assert len(pages) == count(session) == 2


def test_a_hundred_presses_are_one_row_and_one_job(
    session: Session, sign_in: SignIn, merchant: User, order_page: str
) -> None:
    browser = sign_in(merchant)
    pages = {order(browser, order_page) for _ in range(20)}

    assert len(pages) == count(session) == queue.rq_queue().count == 1
    assert order(browser, order_page, size="16") not in pages


def test_a_thing_ticked_or_agreed_anew_makes_the_old_paper_go(
    session: Session,
    sign_in: SignIn,
    engagement: Engagement,
    merchant: User,
    visit: Visit,
    order_page: str,
    run_jobs: Callable[[], None],
) -> None:
    browser = sign_in(merchant)
    first = order(browser, order_page)
    run_jobs()
    tick(browser, visit)
    stale = [browser.get(first), browser.get(pdf_of(first))]
    second = order(browser, order_page)
    run_jobs()
    make_visit(session, engagement, starts_at=in_days(-1), log="또 만났어요.", items=("이름에 무게 적기",))
    third = order(browser, order_page)

    assert [answer.headers["Location"] for answer in stale] == [order_page] * 2
    assert "새로 뽑아 주세요" in browser.get(order_page).text
    assert len({first, second, third}) == 3
    assert browser.get(pdf_of(second)).headers["Location"] == order_page


def test_what_changed_before_it_was_drawn_is_given_up_and_offered_anew(
    session: Session,
    sign_in: SignIn,
    merchant: User,
    visit: Visit,
    order_page: str,
    run_jobs: Callable[[], None],
) -> None:
    browser = sign_in(merchant)
    page = order(browser, order_page)
    tick(browser, visit)
    run_jobs()

    assert (only(session).due_at, only(session).is_made) == (None, False)
    assert browser.get(page).headers["Location"] == order_page


def test_where_nothing_is_agreed_there_is_no_button_and_a_sentence(
    sign_in: SignIn, engagement: Engagement, merchant: User
) -> None:
    browser, page = sign_in(merchant), f"/mentoring/engagements/{engagement.id}/"

    assert "종이로 뽑기" not in browser.get(page).text
    assert browser.get(f"{page}plan").headers["Location"] == page
    assert "아직 함께 정한 일이 없어요" in browser.get(page).text
    assert browser.send(f"{page}plan", {"size": "24"}).status_code == 302


@pytest.mark.parametrize("size", ["", "12", "24; x"])
def test_another_size_is_refused(
    session: Session, sign_in: SignIn, merchant: User, order_page: str, size: str
) -> None:
    assert sign_in(merchant).send(order_page, {"size": size}).status_code == 422
    assert count(session) == 0


def test_a_storage_that_fails_is_tried_again_and_shown_to_operators(
    isolated: Flask,
    session: Session,
    sign_in: SignIn,
    merchant: User,
    order_page: str,
    tmp_path: Any,
    run_jobs: Callable[[], None],
) -> None:
    page = order(sign_in(merchant), order_page)
    good = isolated.extensions["portal_storage"]
    in_the_way = tmp_path / "not-a-folder"
    in_the_way.write_text("x")
    isolated.extensions["portal_storage"] = Storage(in_the_way)
    with pytest.raises(OSError, match="not-a-folder"):
        run_jobs()
    isolated.extensions["portal_storage"] = good
    operator, address = sign_in(make_user(session, Role.OPERATOR)), page.replace("?wait=1", "retry")

    told, listed = sign_in(merchant).get(page).text, operator.get("/desk/jobs").text
    refused, retried = sign_in(merchant).send(address), operator.send(address)
    run_jobs()

    assert "생각보다 오래 걸려요" in told
    assert "not-a-folder" in listed
    assert (refused.status_code, retried.status_code) == (403, 302)
    assert only(session).is_made
    assert operator.send(address).status_code == 409


def test_a_push_that_was_lost_is_made_up_for_and_run_twice_does_nothing(
    isolated: Flask, session: Session, sign_in: SignIn, merchant: User, order_page: str
) -> None:
    order(sign_in(merchant), order_page)
    queue.redis().flushall()

    assert queue.sweep(now=clock.now()) == 1
    plan_id = only(session).id
    session.commit()
    for _ in range(2):
        with isolated.app_context():
            plan_jobs.make_plan(plan_id)

    assert (only(session).is_made, only(session).attempts) == (True, 1)


def test_a_worker_thought_dead_is_fenced_off(
    isolated: Flask, session: Session, sign_in: SignIn, merchant: User, order_page: str
) -> None:
    order(sign_in(merchant), order_page)
    row = only(session)
    stale = work.claim(session, PlanPaper, row.id, now=clock.now(), lease_s=60)
    session.execute(update(PlanPaper).values(due_at=clock.now() - timedelta(seconds=1)))
    session.commit()
    with isolated.app_context():
        plan_jobs.make_plan(row.id)

    assert not work.finish(session, PlanPaper, row.id, lease=stale or "", document_key="f" * 64)
    assert only(session).document_key != "f" * 64


def test_eight_presses_at_once_get_one_paper(
    race: Callable[[list[Callable[[], Any]]], list[Any]], committed: Session
) -> None:
    engagement = make_engagement(committed, make_user(committed), make_mentor(committed))
    make_visit(committed, engagement, starts_at=in_days(-6), log="사진을 찍었어요.", items=ITEMS)
    agreed = plan.get_plan_to_draw(committed, engagement.id, now=clock.now())
    committed.commit()

    def ask() -> int:
        with db.transaction() as session:
            return plan.order(session, agreed, size_pt=24, content_hash="x", now=clock.now()).id

    answers = race([ask] * 8)

    assert len(set(answers)) == 1, answers
    assert isinstance(answers[0], int)
    assert count(committed) == queue.rq_queue().count == 1
