"""What came of a mentor's work, and that on paper (M21, K20)."""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.accounts.queries import get_user
from portal.accounts.vocabulary import Region, Topic
from portal.certification import codes, impact, statement_jobs, statements
from portal.certification.impact import Span, What
from portal.certification.statement_models import Statement
from portal.certification.statement_pdf import StatementPress, make_sheet
from portal.community.models import Post, PostKind, Question, Routing, RoutingCause, StoryFacts
from portal.core import clock, db
from portal.core.clock import KST
from portal.core.errors import ConflictError, DomainError, NotFoundError
from portal.core.roles import Role
from portal.core.storage import Storage, storage
from portal.mentoring.circle_models import Circle, CircleMeeting, MeetingState
from portal.mentoring.models import Engagement
from portal.mentoring.visit_models import ActionItem, VisitState
from portal.mentoring.vocabulary import VisitKind
from portal.messages.models import Notice
from tests.conftest import Browser
from tests.factories import (
    make_answer,
    make_engagement,
    make_mentor,
    make_question,
    make_story,
    make_user,
    make_visit,
)

JSON = {"Accept": "application/json"}
OCTOBER = Span(date(2026, 10, 1), date(2026, 10, 31))
NOW = datetime(2026, 11, 20, 10, tzinfo=KST)
OCTOBER_PATH = "/mentoring/me/impact/?month=2026-10"

SignIn = Callable[[User], Browser]
Race = Callable[[list[Callable[[], Any]]], list[Any]]


def at(day: int, hour: int = 10, *, month: int = 10) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=KST)


@pytest.fixture
def mentor(session: Session) -> User:
    return make_mentor(session, name="박정호")


def promise(
    session: Session, mentor: User, asked: datetime, by: datetime, *, answered: datetime | None = None
) -> Question:
    """Return a question the mentor promised to answer, and perhaps did."""
    question = make_question(session, owner=mentor, at=asked, promised_at=by)
    session.add(
        Routing(thread_id=question.id, cause=RoutingCause.ASKED, owner_id=mentor.id, promised_at=by, at=asked)
    )
    if answered:
        make_answer(session, question, author_id=mentor.id, at=answered)
    session.flush()
    return question


def hand_on(session: Session, question: Question, to: User, cause: RoutingCause, moment: datetime) -> None:
    session.add(
        Routing(
            thread_id=question.id,
            cause=cause,
            owner_id=to.id,
            former_id=question.owner_id,
            promised_at=question.promised_at,
            at=moment,
        )
    )
    session.flush()


def work_a_month(session: Session, mentor: User) -> Engagement:
    """Leave a month's work of every kind, and something just outside of it for each."""
    shop = make_engagement(session, make_user(session, shop_name="순자네 반찬"), mentor)
    shop.started_at = at(1)
    for day in (2, 3):
        promise(session, mentor, at(day), at(day, 18), answered=at(day, 12))
    promise(session, mentor, at(5), at(5, 18), answered=at(6))  # late
    promise(session, mentor, at(2, month=11), at(2, 18, month=11), answered=at(2, 11, month=11))
    for day, minutes in ((7, 50), (14, 95)):
        visit = make_visit(
            session, shop, starts_at=at(day), log="함께 했어요.", items=("사진 찍기", "올리기")
        )
        visit.minutes = minutes
    make_visit(session, shop, starts_at=at(1, month=11), log="11월이에요.")
    make_visit(session, shop, starts_at=at(20), state=VisitState.MISSED)
    items = session.scalars(select(ActionItem).order_by(ActionItem.id)).all()
    items[0].done_at, items[1].done_at, items[2].done_at = at(8), at(15), at(1, month=11)
    items[3].done_at, items[3].is_mentors = at(16), True
    add_group_meetings(session, mentor)
    story = make_story(session, author=session.get_one(User, shop.merchant_id))
    story.facts.published_at = at(25)
    session.flush()
    return shop


def add_group_meetings(session: Session, mentor: User) -> None:
    circle = Circle(
        name="망원시장 모임",
        region=Region.SEOUL,
        topic=Topic.PHONE,
        goal="올려 봐요.",
        mentor_id=mentor.id,
        places=5,
        code=f"circle-{mentor.id}",
        made_by_id=mentor.id,
        made_at=at(1),
        form_key=f"circle-of-{mentor.id}",
    )
    session.add(circle)
    session.flush()
    for day, state in ((10, MeetingState.HELD), (11, MeetingState.CANCELLED)):
        session.add(
            CircleMeeting(
                circle_id=circle.id,
                kind=VisitKind.VISIT,
                starts_at=at(day),
                minutes=90,
                place="상인회",
                plan="함께",
                state=state,
                form_key=f"meeting-{day}",
                made_at=at(1),
            )
        )
    session.flush()


def rows_of(page: Any) -> int:
    main: str = page.text.split("</main>")[0]
    return main.count('class="rows__item"')


class TestNumbers:
    def test_a_month_is_counted(self, session: Session, mentor: User) -> None:
        work_a_month(session, mentor)

        numbers = impact.count(session, mentor, OCTOBER, now=NOW)

        assert numbers == impact.Numbers(
            questions=3,
            promises=3,
            promises_kept=2,
            visits=2,
            visit_minutes=145,
            groups=1,
            group_minutes=90,
            items=2,
            first_orders=1,
        )

    def test_every_number_is_a_link_to_a_list_as_long(
        self, session: Session, sign_in: SignIn, mentor: User
    ) -> None:
        """K20: the numbers equal the lists behind them."""
        work_a_month(session, mentor)
        numbers, browser = impact.count(session, mentor, OCTOBER, now=clock.now()), sign_in(mentor)

        page = browser.get(OCTOBER_PATH)

        lengths = {"questions": 3, "promises": 3, "visits": 2, "groups": 1, "items": 2, "first-orders": 1}
        assert {what.value for what in What} == set(lengths)
        assert "가게와 만남 2번, 2시간 25분" in page.text
        assert "3번 가운데 2번" in page.text
        for what, length in lengths.items():
            path = f"/mentoring/me/impact/{what}?from=2026-10-01&amp;until=2026-10-31"
            assert f'href="{path}"' in page.text
            assert rows_of(browser.get(path.replace("&amp;", "&"))) == length
            assert getattr(numbers, what.replace("-", "_")) == length

    def test_the_list_turns_its_pages_and_loses_none(self, session: Session, mentor: User) -> None:
        shop = make_engagement(session, make_user(session), mentor)
        for hour in range(23):
            make_visit(session, shop, starts_at=at(4, hour), log="만났어요.")

        first = impact.list_lines(session, mentor, What.VISITS, OCTOBER, now=NOW)
        rest = impact.list_lines(session, mentor, What.VISITS, OCTOBER, now=NOW, before_id=first[19].id)

        assert len(first) == 21
        assert len({line.id for line in (*first[:20], *rest)}) == 23
        assert impact.count(session, mentor, OCTOBER, now=NOW).visits == 23

    def test_a_day_begins_and_ends_in_korea(self, session: Session, mentor: User) -> None:
        shop = make_engagement(session, make_user(session), mentor)
        for moment in (at(1, 0) - timedelta(minutes=1), at(1, 0), at(31, 23), at(1, 0, month=11)):
            make_visit(session, shop, starts_at=moment, log="만났어요.")

        assert impact.count(session, mentor, OCTOBER, now=NOW).visits == 2

    def test_two_mentors_never_count_each_others_work(self, session: Session, mentor: User) -> None:
        work_a_month(session, mentor)

        assert impact.count(session, make_mentor(session), OCTOBER, now=NOW).is_nothing

    def test_a_promise_that_went_on_in_time_or_was_answered_by_another_is_nobodys_fault(
        self, session: Session, mentor: User
    ) -> None:
        other = make_mentor(session)
        taken = promise(session, mentor, at(5), at(5, 18))
        hand_on(session, taken, other, RoutingCause.TAKEN, at(5, 12))
        helped = promise(session, mentor, at(6), at(6, 18))
        make_answer(session, helped, author_id=other.id, at=at(6, 12))
        late = promise(session, mentor, at(7), at(7, 18))
        hand_on(session, late, other, RoutingCause.LATE, at(7, 19))
        promise(session, mentor, at(19, month=11), at(20, 18, month=11))  # its time has not come

        numbers = impact.count(session, mentor, OCTOBER, now=NOW)

        assert (numbers.promises, numbers.promises_kept) == (1, 0)
        assert impact.count(session, mentor, impact.month_of(NOW.date()), now=NOW).promises == 0

    def test_hidden_answers_and_withdrawn_stories_do_not_count(self, session: Session, mentor: User) -> None:
        work_a_month(session, mentor)
        question = promise(session, mentor, at(9), at(9, 18), answered=at(9, 12))
        before = impact.count(session, mentor, OCTOBER, now=NOW)
        session.execute(update(Post).where(Post.thread_id == question.id).values(hidden_at=at(10)))
        session.execute(update(StoryFacts).values(withdrawn_at=at(28)))
        after = impact.count(session, mentor, OCTOBER, now=NOW)

        assert (before.questions, before.first_orders) == (4, 1)
        assert (after.questions, after.first_orders) == (3, 0)
        assert after.promises_kept == before.promises_kept - 1

    def test_an_asker_who_asks_on_is_no_answer(self, session: Session, mentor: User) -> None:
        question = promise(session, mentor, at(9), at(9, 18))
        make_answer(session, question, kind=PostKind.FOLLOW_UP, at=at(9, 12))

        assert impact.count(session, mentor, OCTOBER, now=NOW).questions == 0

    def test_months_years_and_nonsense(self, session: Session, sign_in: SignIn, mentor: User) -> None:
        work_a_month(session, mentor)
        browser = sign_in(mentor)

        assert "2026년 10월" in browser.get(OCTOBER_PATH).text
        assert "가게와 만남 3번" in browser.get("/mentoring/me/impact/?year=2026").text
        for nonsense in ("month=2026-13", "month=x", "year=99999", "year=0001", "month=2999-01"):
            assert browser.get(f"/mentoring/me/impact/?{nonsense}").status_code == 200
        assert browser.get("/mentoring/me/impact/visits?from=x&until=y").status_code == 200
        assert browser.get("/mentoring/me/impact/money").status_code == 404
        assert sign_in(make_user(session)).get("/mentoring/me/impact/").status_code == 403


def drawn(session: Session, app: Flask, mentor: User) -> Statement:
    """Return a statement of October whose document is stored."""
    statement = statements.order(session, mentor, OCTOBER, now=NOW)
    session.commit()
    with app.app_context():
        statement_jobs.draw(statement.id)
    session.refresh(statement)
    return statement


class TestStatement:
    def test_a_mentor_asks_and_downloads(
        self, session: Session, sign_in: SignIn, mentor: User, run_jobs: Callable[[], None]
    ) -> None:
        """M21: hours are logged and exportable as a mentor's activity certificate."""
        work_a_month(session, mentor)
        browser = sign_in(mentor)
        assert browser.get("/mentoring/me/statements/").status_code == 200

        sent = browser.send(
            "/mentoring/me/statements/", {"first_day": "2026-10-01", "last_day": "2026-10-31"}
        )

        page = sent.headers["Location"]
        assert "활동 확인서를 만들고 있어요" in browser.get(page).text
        assert browser.get(f"{page.rstrip('/')}.pdf").status_code == 302
        run_jobs()
        assert "2번, 2시간 25분" in browser.get(page).text
        assert session.scalars(select(Notice.sentence)).all() == ["활동 확인서가 나왔어요. 내려받아 보세요."]
        file = browser.get(f"{page.rstrip('/')}.pdf")
        assert file.mimetype == "application/pdf"
        assert file.data.startswith(b"%PDF")

    def test_strangers_read_that_it_is_active_with_a_masked_name(
        self, session: Session, isolated: Flask, client: FlaskClient, mentor: User
    ) -> None:
        """K20: the code of the verification works."""
        work_a_month(session, mentor)
        statement = drawn(session, isolated, mentor)

        data = json.loads(client.get(f"/v/{statement.code}", headers=JSON).data)
        page = client.get(f"/v/{codes.shown(statement.code)}")

        assert data["status"] == "active"
        assert data["kind"] == "활동 확인서"
        assert data["holder"] == "박*호"
        assert (data["visits"], data["visit_minutes"], data["promises_kept"]) == (2, 145, 2)
        assert data["pdf_sha256"] == statement.pdf_sha256
        assert data["number"] == f"2026-A-{statement.id:05d}"
        assert "장터배움이 준 활동 확인서가 맞아요" in page.text
        assert "박정호" not in page.text
        assert "수료증이나 자격증이 아니에요" in page.text
        assert page.headers["X-Robots-Tag"] == "noindex"

    def test_before_its_document_is_there_it_is_not_called_active(
        self, session: Session, client: FlaskClient, mentor: User
    ) -> None:
        work_a_month(session, mentor)
        statement = statements.order(session, mentor, OCTOBER, now=NOW)
        session.commit()

        assert json.loads(client.get(f"/v/{statement.code}", headers=JSON).data)["status"] == "issuing"

    def test_asked_twice_it_is_one_until_a_number_changes(self, session: Session, mentor: User) -> None:
        shop = work_a_month(session, mentor)
        first = statements.order(session, mentor, OCTOBER, now=NOW)

        again = statements.order(session, mentor, OCTOBER, now=NOW + timedelta(days=1))
        make_visit(session, shop, starts_at=at(28), log="한 번 더 만났어요.")
        later = statements.order(session, mentor, OCTOBER, now=NOW)

        assert again is first
        assert (later.id != first.id, later.visits, first.visits) == (True, 3, 2)

    def test_what_was_written_never_changes(self, session: Session, isolated: Flask, mentor: User) -> None:
        shop = work_a_month(session, mentor)
        statement = drawn(session, isolated, mentor)
        kept = (statement.pdf_sha256, statement.visits, statement.holder_name)
        mentor.name = "박새이름"
        make_visit(session, shop, starts_at=at(28), log="한 번 더 만났어요.")
        session.commit()

        with isolated.app_context():
            statement_jobs.draw(statement.id)

        session.refresh(statement)
        assert (statement.pdf_sha256, statement.visits, statement.holder_name) == kept

    def test_the_same_row_gives_the_same_bytes_and_both_pages_agree(
        self, session: Session, isolated: Flask, mentor: User
    ) -> None:
        work_a_month(session, mentor)
        statement = drawn(session, isolated, mentor)
        with isolated.app_context():
            settings = isolated.extensions["portal_settings"]
            sheet = make_sheet(statement, public_url=settings.public_url, is_demo=settings.is_demo)
            with StatementPress() as press:
                again = press.draw(sheet)
            assert storage().get(statement.document_key or "") == again

    def test_two_mentors_never_see_each_others(
        self, session: Session, isolated: Flask, sign_in: SignIn, mentor: User
    ) -> None:
        work_a_month(session, mentor)
        statement = drawn(session, isolated, mentor)
        other = sign_in(make_mentor(session))

        assert other.get(f"/mentoring/me/statements/{statement.code}/").status_code == 404
        assert other.get(f"/mentoring/me/statements/{statement.code}.pdf").status_code == 404
        assert statement.number not in other.get("/mentoring/me/statements/").text

    def test_days_that_are_none_or_to_come_or_empty_are_refused(self, session: Session, mentor: User) -> None:
        work_a_month(session, mentor)
        day = date(2026, 11, 20)
        for span, error in (
            (Span(day, day - timedelta(days=1)), DomainError),
            (Span(day, day + timedelta(days=1)), DomainError),
            (Span(day - timedelta(days=3000), day), DomainError),
            (Span(date(2026, 9, 1), date(2026, 9, 2)), ConflictError),
        ):
            with pytest.raises(error):
                statements.order(session, mentor, span, now=NOW)

    def test_a_refused_form_keeps_what_was_typed(
        self, session: Session, sign_in: SignIn, mentor: User
    ) -> None:
        page = sign_in(mentor).send(
            "/mentoring/me/statements/", {"first_day": "2026-09-02", "last_day": "2026-09-01"}
        )

        assert page.status_code == 422
        assert "2026-09-02" in page.text

    def test_a_killed_worker_leaves_one_document_and_one_notice(
        self, session: Session, isolated: Flask, mentor: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        work_a_month(session, mentor)
        statement = statements.order(session, mentor, OCTOBER, now=NOW)
        session.commit()
        put = Storage.put

        def put_and_die(self: Storage, content: bytes) -> str:
            put(self, content)
            raise KeyboardInterrupt  # as a signal would

        with monkeypatch.context() as killed, isolated.app_context():
            killed.setattr(Storage, "put", put_and_die)
            with pytest.raises(KeyboardInterrupt):
                statement_jobs.draw(statement.id)
        session.refresh(statement)
        assert (statement.pdf_sha256, statement.due_at is not None) == (None, True)
        session.execute(update(Statement).values(due_at=clock.now() - timedelta(seconds=1)))
        session.commit()

        assert statements.list_due_ids(session, clock.now()) == [statement.id]
        for _ in range(2):
            with isolated.app_context():
                statement_jobs.draw(statement.id)

        session.refresh(statement)
        assert statement.pdf_sha256 is not None
        assert statement.due_at is None
        assert session.scalar(select(func.count()).select_from(Notice)) == 1

    def test_operators_see_what_could_not_be_drawn_and_let_it_be_tried_again(
        self, session: Session, isolated: Flask, sign_in: SignIn, run_jobs: Callable[[], None]
    ) -> None:
        mentor, operator = make_mentor(session, name="박\U0001f600호"), make_user(session, Role.OPERATOR)
        work_a_month(session, mentor)
        statement = statements.order(session, mentor, OCTOBER, now=NOW)
        session.commit()
        with isolated.app_context(), pytest.raises(ValueError, match="글꼴에 없는"):
            statement_jobs.draw(statement.id)
        desk = sign_in(operator)
        assert "글꼴에 없는 글자가 있어요" in desk.get("/desk/jobs").text

        assert desk.send(f"/desk/statements/{statement.id}/retry", {}).status_code == 302
        assert sign_in(mentor).send(f"/desk/statements/{statement.id}/retry", {}).status_code == 403

        session.refresh(statement)
        assert statement.due_at is not None
        assert statement.due_at <= clock.now()
        with pytest.raises(NotFoundError):
            statements.get_unfinished(session, 999)


def test_eight_presses_make_one_statement(committed: Session, race: Race) -> None:
    mentor = make_mentor(committed)
    work_a_month(committed, mentor)
    mentor_id = mentor.id
    committed.commit()

    def press() -> int:
        with db.transaction() as session:
            return statements.order(session, get_user(session, mentor_id), OCTOBER, now=NOW).id

    results = race([press] * 8)

    assert len(set(results)) == 1, results
    assert committed.scalar(select(func.count()).select_from(Statement)) == 1
