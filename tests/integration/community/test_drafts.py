"""What is half typed in the forms of the forum is found again, on another device too."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.community import drafts
from portal.community.models import Question
from portal.community.thread_models import WritingDraft
from portal.core import clock, db
from portal.core.errors import ConflictError
from tests.conftest import Browser
from tests.factories import make_mentor, make_question, make_user

SignIn = Callable[[User], Browser]
TYPED = {"topic": "delivery", "title": "얼음을", "tried": "", "detail": "김치예요.", "form_key": "k" * 20}


def keep(browser: Browser, **changes: str) -> Any:
    return browser.send("/community/ask", {**TYPED, "do": "keep", **changes})


def keep_by_itself(browser: Browser, path: str = "/community/ask/draft", **changes: str) -> Any:
    return browser.send(path, TYPED | changes)


def kept(session: Session) -> list[dict[str, str]]:
    session.expire_all()
    return [draft.fields for draft in session.scalars(select(WritingDraft))]


def seen_in(page: str) -> str:
    found = re.search(r'name="seen"\s+value="([^"]*)"', page)
    assert found
    return found[1]


@pytest.fixture
def writer(session: Session) -> User:
    make_mentor(session)
    return make_user(session)


def test_a_question_half_typed_is_gone_on_with_on_another_device(
    session: Session, sign_in: SignIn, writer: User
) -> None:
    answer = keep(sign_in(writer))

    page = sign_in(writer).get("/community/ask").text

    assert answer.status_code == 302
    assert "적던 것이 그대로 있어요." in page
    assert 'value="얼음을"' in page
    assert "김치예요." in page
    assert re.search(r'value="delivery"\s+checked', page)
    assert "김치예요." not in sign_in(make_user(session)).get("/community/ask").text


def test_a_draft_of_a_step_is_not_covered_by_the_step_it_is_asked_from(
    session: Session, sign_in: SignIn, writer: User
) -> None:
    browser = sign_in(writer)
    keep(browser, tried="한 번 눌렀어요.")

    assert "한 번 눌렀어요." in browser.get("/community/ask?step=first-sale/settlement/money").text


def test_the_page_itself_keeps_what_is_typed_and_learns_when(
    session: Session, sign_in: SignIn, writer: User
) -> None:
    browser = sign_in(writer)

    first = keep_by_itself(browser)
    second = keep_by_itself(browser, seen=first.headers["X-Draft-Seen"], detail="김치하고 장아찌예요.")

    assert (first.status_code, second.status_code) == (204, 204)
    assert [fields["detail"] for fields in kept(session)] == ["김치하고 장아찌예요."]


def test_what_another_device_wrote_since_is_not_written_over(
    session: Session, sign_in: SignIn, writer: User
) -> None:
    one, other = sign_in(writer), sign_in(writer)
    keep_by_itself(other, detail="다른 기기에서 적었어요.")

    by_itself = keep_by_itself(one)
    pressed = keep(one)
    again = keep(one, seen=seen_in(pressed.text))

    assert (by_itself.status_code, pressed.status_code, again.status_code) == (409, 409, 302)
    assert "다른 기기에서 더 적으셨어요." in pressed.text
    assert "김치예요." in pressed.text
    assert [fields["detail"] for fields in kept(session)] == ["김치예요."]


def test_a_sent_question_leaves_no_draft_and_none_comes_after_it(
    session: Session, sign_in: SignIn, writer: User
) -> None:
    browser = sign_in(writer)
    keep_by_itself(browser)

    sent = browser.send("/community/ask", {**TYPED, "title": "얼음을 넣나요", "do": "send"})
    late = keep_by_itself(browser)

    assert (sent.status_code, late.status_code) == (302, 204)
    assert "X-Draft-Seen" not in late.headers
    assert kept(session) == []


def test_an_empty_form_keeps_nothing(session: Session, sign_in: SignIn, writer: User) -> None:
    empty = {"topic": "", "title": "", "detail": ""}

    assert keep_by_itself(sign_in(writer), **empty).status_code == 204
    assert kept(session) == []


def test_one_may_begin_anew(session: Session, sign_in: SignIn, writer: User) -> None:
    browser = sign_in(writer)
    keep(browser)

    browser.send("/community/ask/anew")

    assert kept(session) == []


def test_an_answer_half_typed_waits_under_its_question(
    session: Session, sign_in: SignIn, writer: User
) -> None:
    question, other = make_question(session, asker=writer), make_question(session, asker=writer)
    session.commit()
    browser, path = sign_in(writer), f"/community/questions/{question.id}/"

    answer = browser.send(path, {"text": "어제부터", "do": "keep", "form_key": "k" * 20})
    shown = browser.get(path).text
    elsewhere = browser.get(f"/community/questions/{other.id}/").text
    browser.send(path, {"text": "어제부터 그래요.", "form_key": "k" * 20})

    assert answer.status_code == 302
    assert "어제부터" in shown
    assert "<details" in shown
    assert "어제부터" not in elsewhere
    assert kept(session) == []


def test_a_stranger_keeps_nothing_under_a_question(session: Session, sign_in: SignIn) -> None:
    question = make_question(session)
    session.commit()
    browser = sign_in(make_user(session))
    path = f"/community/questions/{question.id}/"

    assert keep_by_itself(browser, f"{path}draft", text="글").status_code == 403
    assert browser.send(path, {"text": "글", "do": "keep"}).status_code == 403
    assert kept(session) == []


def test_what_one_person_typed_is_not_kept_for_another(
    session: Session, sign_in: SignIn, writer: User
) -> None:
    refused = keep_by_itself(sign_in(writer), owner=str(writer.id + 1))

    assert refused.status_code == 403
    assert kept(session) == []


def test_a_text_too_long_to_send_is_kept_whole(session: Session, sign_in: SignIn, writer: User) -> None:
    keep(sign_in(writer), detail="가" * 9000)

    assert [len(fields["detail"]) for fields in kept(session)] == [9000]


def test_eight_devices_at_once_keep_one_draft(committed: Session, race: Any) -> None:
    writer_id = make_user(committed).id
    committed.commit()

    def save(number: int) -> None:
        with db.transaction() as session:
            drafts.save(
                session,
                session.get_one(User, writer_id),
                form=drafts.ASK,
                fields={"detail": f"{number}번째예요."},
                form_key="",
                seen=None,
                now=clock.now(),
            )

    results = race([lambda number=number: save(number) for number in range(8)])

    assert sum(result is None for result in results) == 1
    assert sum(isinstance(result, ConflictError) for result in results) == 7
    assert len(committed.scalars(select(WritingDraft)).all()) == 1
    assert committed.scalars(select(Question)).all() == []
