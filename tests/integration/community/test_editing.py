"""Words may be changed by who wrote them; what they were stays for staff, and nothing typed is lost."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.accounts.queries import get_user
from portal.community import editing
from portal.community.models import Post, PostKind, Question, QuestionState
from portal.community.moderation_models import Revision
from portal.core import clock, db
from portal.core.errors import ConflictError
from portal.core.roles import Role
from tests.conftest import NOW, Browser
from tests.factories import make_answer, make_mentor, make_question, make_user
from tests.pace import costs_less_than

SignIn = Callable[[User], Browser]


def edit_path(row: Question | Post) -> str:
    return f"/community/{'questions' if isinstance(row, Question) else 'posts'}/{row.id}/edit"


def seen_in(page: str) -> str:
    found = re.search(r'name="seen"\s+value="([^"]*)"', page)
    assert found
    return found[1]


def edit(browser: Browser, row: Question | Post, *, seen: str = "", **changes: str) -> Any:
    typed = {"title": "사진이 흐려요", "text": "글자가 흐려요.", "seen": seen, "do": "send"}
    return browser.send(edit_path(row), typed | changes)


@pytest.fixture
def asker(session: Session) -> User:
    return make_user(session, name="김순자")


@pytest.fixture
def question(session: Session, asker: User) -> Question:
    made = make_question(session, asker=asker, owner=make_mentor(session, name="박정호"))
    session.commit()
    return made


def test_an_author_changes_title_and_text_and_everybody_sees_that_it_was_changed(
    session: Session, client: Browser, sign_in: SignIn, question: Question, asker: User
) -> None:
    hers = sign_in(asker)
    shown = hers.get(edit_path(question)).text

    answer = edit(hers, question, seen=seen_in(shown))

    page = client.get(answer.headers["Location"]).text
    assert "글자가 안 보여요." in shown
    assert "<h1" in page
    assert "사진이 흐려요" in page
    assert "<p>글자가 흐려요.</p>" in page
    assert "고침 · 방금" in page
    former = session.scalars(select(Revision)).one()
    assert (former.title, former.text_markdown) == (
        "상품 사진이 흐리게 올라가요",
        "사진을 올렸는데 글자가 안 보여요.",
    )
    assert former.editor_id == asker.id


def test_an_answer_is_changed_by_who_wrote_it(
    session: Session, client: Browser, sign_in: SignIn, question: Question
) -> None:
    answer = make_answer(session, question)
    his = sign_in(session.get_one(User, question.owner_id))

    changed = edit(his, answer, text="왼쪽 버튼을 누르세요.")

    assert changed.headers["Location"] == f"/community/questions/{question.id}/#answer-{answer.id}"
    assert "왼쪽 버튼을 누르세요." in client.get(f"/community/questions/{question.id}/").text


def test_the_same_words_are_no_change(
    session: Session, sign_in: SignIn, question: Question, asker: User
) -> None:
    edit(sign_in(asker), question, title=question.title, text=question.text_markdown)

    assert session.scalars(select(Revision)).all() == []
    session.refresh(question)
    assert question.edited_at is None


@pytest.mark.parametrize(
    ("role", "status"), [(Role.MERCHANT, 403), (Role.MENTOR, 403), (Role.TRAINER, 302), (Role.OPERATOR, 302)]
)
def test_others_words_are_changed_by_moderators_only(
    session: Session, sign_in: SignIn, question: Question, role: Role, status: int
) -> None:
    other = sign_in(make_user(session, role))

    assert edit(other, question).status_code == status
    assert edit(other, make_answer(session, question)).status_code == status
    assert ("글 고치기" in other.get(f"/community/questions/{question.id}/").text) == (status == 302)


def test_after_it_was_solved_only_staff_change_words(
    session: Session, sign_in: SignIn, question: Question, asker: User
) -> None:
    answer = make_answer(session, question)
    follow_up = make_answer(session, question, kind=PostKind.FOLLOW_UP)
    answer.accepted_at, answer.accepted_by_id = NOW, asker.id
    question.state = QuestionState.ACCEPTED
    session.commit()

    refused = [edit(sign_in(asker), row).status_code for row in (question, follow_up)]
    corrected = edit(sign_in(session.get_one(User, question.owner_id)), answer)

    assert refused == [403, 403]
    assert corrected.status_code == 302
    assert "글 고치기" not in sign_in(asker).get(f"/community/questions/{question.id}/").text


def test_a_hidden_text_is_not_changed_by_its_author(
    session: Session, sign_in: SignIn, question: Question, asker: User
) -> None:
    question.hidden_at = NOW
    session.commit()

    assert edit(sign_in(asker), question).status_code == 403


def test_a_number_put_in_afterwards_is_held_back_and_masked(
    session: Session, sign_in: SignIn, question: Question, asker: User
) -> None:
    hers, text = sign_in(asker), "010-1234-5678 로 전화 주세요."

    held = edit(hers, question, text=text)
    sent = edit(hers, question, text=text, do="mask")

    assert (held.status_code, sent.status_code) == (422, 302)
    assert "가리고 보내기" in held.text
    session.refresh(question)
    assert question.text_markdown == "010-○○○○-○○○○ 로 전화 주세요."


@pytest.mark.parametrize("changes", [{"title": ""}, {"title": "왜"}, {"text": " "}, {"text": "가" * 6001}])
def test_what_is_too_short_or_long_is_refused_and_kept(
    session: Session, sign_in: SignIn, question: Question, asker: User, changes: dict[str, str]
) -> None:
    page = edit(sign_in(asker), question, **changes)

    assert page.status_code == 422
    assert "군데만 고쳐 주세요" in page.text
    assert session.scalars(select(Revision)).all() == []


def test_the_second_of_two_editors_is_told_and_loses_nothing(
    session: Session, sign_in: SignIn, question: Question, asker: User
) -> None:
    hers, trainers = sign_in(asker), sign_in(make_user(session, Role.TRAINER))
    seen = seen_in(hers.get(edit_path(question)).text)
    edit(trainers, question, seen=seen, text="글자가 흐리게 보여요.")

    refused = edit(hers, question, seen=seen, text="사진이 옆으로 누워요.")
    again = edit(hers, question, seen=seen_in(refused.text), text="사진이 옆으로 누워요.")

    assert refused.status_code == 409
    assert "그사이에 이 글이 바뀌었어요." in refused.text
    assert "지금 올라와 있는 글" in refused.text
    assert "글자가 흐리게 보여요." in refused.text
    assert "사진이 옆으로 누워요." in refused.text
    assert again.status_code == 302
    texts = [row.text_markdown for row in session.scalars(select(Revision).order_by(Revision.id))]
    assert texts == ["사진을 올렸는데 글자가 안 보여요.", "글자가 흐리게 보여요."]


def test_eight_editors_at_once_leave_one_change(committed: Session, race: Any) -> None:
    question = make_question(committed)
    committed.commit()

    def change(number: int) -> None:
        with db.transaction() as session:
            asker = get_user(session, question.author_id)
            held = editing.get_thread_to_edit(session, asker, question.id, lock=True)
            editing.edit_thread(
                session,
                held,
                asker,
                title="사진이 흐려요",
                text=f"{number}번째예요.",
                seen=None,
                mask=False,
                now=clock.now(),
            )

    results = race([lambda number=number: change(number) for number in range(8)])

    assert sum(result is None for result in results) == 1
    assert sum(isinstance(result, ConflictError) for result in results) == 7
    assert len(committed.scalars(select(Revision)).all()) == 1


def test_an_author_may_not_change_words_for_ever(
    session: Session, sign_in: SignIn, question: Question, asker: User
) -> None:
    for _ in range(editing.EDITS_MAX):
        session.add(Revision(thread_id=question.id, editor_id=asker.id, title="", text_markdown="", at=NOW))
    session.commit()

    refused = edit(sign_in(asker), question)

    assert refused.status_code == 409
    assert "글을 새로 남겨 주세요." in refused.text


def test_staff_read_what_was_changed_with_the_differences_marked(
    session: Session, sign_in: SignIn, question: Question, asker: User
) -> None:
    answer = make_answer(session, question)
    edit(sign_in(asker), question, text="사진을 올렸는데 색이 안 보여요.", title=question.title)
    edit(sign_in(session.get_one(User, question.owner_id)), answer, text="밝은 곳에서 다시 <찍어> 보세요.")
    path = f"/community/questions/{question.id}/history"

    page = sign_in(make_mentor(session)).get(path)

    words = re.sub(r'<span class="sr-only">[^<]*</span>', "", page.text)
    assert "<del>글자가</del><ins>색이</ins>" in words
    assert "<del>찍어</del><ins>&lt;찍어&gt;</ins>" in words
    assert "김순자 님" in page.text
    assert "1번째 글" in page.text
    assert sign_in(asker).get(path).status_code == 403


def test_a_history_asks_the_database_equally_often_for_one_change_and_for_many(
    session: Session, sign_in: SignIn, question: Question, asker: User, count_queries: Callable[[], int]
) -> None:
    staff = sign_in(make_user(session, Role.TRAINER))
    counted = []
    for changes in (1, 40):
        for _ in range(changes):
            session.add(
                Revision(thread_id=question.id, editor_id=asker.id, title="제목", text_markdown="글", at=NOW)
            )
            make_answer(session, question)
        session.commit()
        count_queries()
        staff.get(f"/community/questions/{question.id}/history")
        counted.append(count_queries())

    assert counted[0] == counted[1] <= 15


def test_a_history_of_hostile_words_is_shown_quickly(
    session: Session, sign_in: SignIn, question: Question, asker: User
) -> None:
    for number in range(editing.EDITS_MAX):
        text = ("가 나 " * 1000 if number % 2 else "나 가 다 " * 660)[:4000]
        session.add(
            Revision(thread_id=question.id, editor_id=asker.id, title="제목", text_markdown=text, at=NOW)
        )
    session.commit()
    staff = sign_in(make_user(session, Role.TRAINER))

    with costs_less_than(2):
        status = staff.get(f"/community/questions/{question.id}/history").status_code

        assert status == 200
