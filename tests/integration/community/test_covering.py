"""Pictures: covered for good, gone when nothing names them, and open to everybody once looked at."""

import io
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.community import limits, operations, upload_jobs, uploads
from portal.community.models import Post, Question
from portal.community.moderation_models import Upload
from portal.core import clock, db
from portal.core.errors import TooManyError
from portal.core.roles import Role
from portal.core.storage import storage
from portal.courses.models import Draft as PracticeDraft
from tests.conftest import NOW, Browser, apart
from tests.factories import make_answer, make_mentor, make_question, make_user
from tests.integration.community.test_asking import ask, draft, hidden, photo

SignIn = Callable[[User], Browser]


def picture(size: tuple[int, int] = (300, 400)) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, "white").save(written, "JPEG")
    return written.getvalue()


@pytest.fixture
def question(session: Session) -> Question:
    """A question with a picture of its own, upright."""
    question = make_question(session, picture_key=storage().put(picture()))
    session.commit()
    return question


def author_of(session: Session, text: Question | Post) -> User:
    return session.get_one(User, text.author_id)


def cover(browser: Browser, question: Question, **data: Any) -> Any:
    return browser.send(f"/community/cover/thread/{question.id}", data)


def is_black(picture: Image.Image, at: tuple[int, int]) -> bool:
    return sum(picture.convert("RGB").getpixel(at)) < 60  # type: ignore[arg-type]


def shown(browser: Browser, question: Question) -> Image.Image:
    return Image.open(io.BytesIO(browser.get(f"/community/questions/{question.id}/picture").data))


def test_ticked_boxes_are_black_and_the_original_is_gone(
    session: Session, sign_in: SignIn, run_jobs: Callable[[], None], question: Question
) -> None:
    author, former = sign_in(author_of(session, question)), question.picture_key or ""

    page = author.get(f"/community/cover/thread/{question.id}").text
    sent = cover(author, question, boxes=["1-1", "8-6"])
    after = author.get(sent.headers["Location"]).text
    run_jobs()

    session.refresh(question)
    painted = shown(author, question)
    assert page.count('type="checkbox"') == 48
    assert "위에서 8번째 줄, 왼쪽에서 6번째 칸" in page
    assert "가리기 전 사진은 지웠어요." in after
    assert [is_black(painted, at) for at in ((5, 5), (290, 390), (150, 200))] == [True, True, False]
    assert question.picture_key != former
    assert not storage().has(former)
    assert storage().has(question.picture_key or "")
    assert dict(painted.getexif()) == {}


def test_a_wide_picture_has_a_wide_grid_and_numbers_are_exact(session: Session, sign_in: SignIn) -> None:
    question = make_question(session, picture_key=storage().put(picture((400, 200))))
    session.commit()
    mentor = sign_in(session.get_one(User, question.owner_id))

    page = mentor.get(f"/community/cover/thread/{question.id}").text
    cover(mentor, question, left="50", top="0", right="100", bottom="50")

    painted = shown(mentor, question)
    assert "위에서 6번째 줄, 왼쪽에서 8번째 칸" in page
    assert "위에서 8번째 줄" not in page
    assert [is_black(painted, at) for at in ((210, 90), (390, 10), (190, 50), (300, 110))] == [
        *(True, True),
        *(False, False),
    ]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({}, "가릴 칸을 하나 이상 골라 주세요."),
        ({"boxes": "9-1"}, "사진 위의 칸 가운데에서 골라 주세요."),
        ({"boxes": "1-7"}, "사진 위의 칸 가운데에서 골라 주세요."),
        ({"boxes": "0-0"}, "사진 위의 칸 가운데에서 골라 주세요."),
        ({"boxes": "../../x"}, "사진 위의 칸 가운데에서 골라 주세요."),
        ({"left": "10"}, "네 칸을 모두 적어 주세요."),
        ({"left": "50", "top": "0", "right": "10", "bottom": "9"}, "네모가 사진 밖으로 나갔어요."),
        ({"left": "-1", "top": "0", "right": "10", "bottom": "9"}, "0부터 100까지의 숫자로"),
        ({"left": "0", "top": "0", "right": "101", "bottom": "9"}, "0부터 100까지의 숫자로"),
        ({"left": "a", "top": "0", "right": "10", "bottom": "9"}, "숫자로 적어 주세요."),
    ],
)
def test_boxes_beside_the_picture_are_refused(
    session: Session, sign_in: SignIn, question: Question, data: dict[str, str], sentence: str
) -> None:
    former = question.picture_key

    page = cover(sign_in(author_of(session, question)), question, **data)

    session.refresh(question)
    assert page.status_code == 422
    assert sentence in page.text
    assert question.picture_key == former


def test_only_the_author_and_staff_cover(
    session: Session, client: Browser, sign_in: SignIn, question: Question
) -> None:
    stranger = sign_in(make_user(session))

    unseen = cover(stranger, question, boxes=["1-1"])
    question.picture_opened_at = NOW
    session.commit()
    seen = cover(stranger, question, boxes=["1-1"])

    assert (unseen.status_code, seen.status_code) == (404, 403)
    assert "/account/sign-in" in cover(client, question, boxes=["1-1"]).headers["Location"]


def test_an_original_that_something_else_names_stays(
    session: Session, sign_in: SignIn, run_jobs: Callable[[], None], question: Question
) -> None:
    other = make_question(session, picture_key=question.picture_key)
    practice = make_question(session, picture_key=storage().put(picture((20, 30))))
    session.add(
        PracticeDraft(
            learner_id=practice.author_id,
            course_id="c",
            lesson_id="l",
            step_id="s",
            answer={"photo": practice.picture_key},
            saved_at=NOW,
        )
    )
    session.commit()
    kept = [question.picture_key or "", practice.picture_key or ""]

    for each in (question, practice):
        cover(sign_in(author_of(session, each)), each, boxes=["1-1"])
    run_jobs()

    assert [storage().has(key) for key in kept] == [True, True]
    cover(sign_in(author_of(session, other)), other, boxes=["2-2"])
    run_jobs()
    assert not storage().has(kept[0])


def test_staff_who_looked_let_everybody_see_a_picture_and_take_it_back(
    session: Session, client: Browser, sign_in: SignIn, question: Question
) -> None:
    mentor, author = sign_in(session.get_one(User, question.owner_id)), sign_in(author_of(session, question))
    path, address = f"/community/questions/{question.id}/picture", f"/community/pictures/thread/{question.id}"

    before = client.get(path).status_code
    refused = author.send(address, {"do": "open"}).status_code
    offered = "다른 분도 보게 하기" in mentor.get(f"/community/questions/{question.id}/").text
    mentor.send(address, {"do": "open"})
    opened = client.get(path).status_code
    on_page = "<img" in client.get(f"/community/questions/{question.id}/").text
    mentor.send(address, {"do": "close"})

    assert (before, refused, offered, opened, on_page) == (404, 403, True, 200, True)
    assert client.get(path).status_code == 404


def test_an_open_picture_of_a_hidden_text_is_closed_with_it(
    session: Session, client: Browser, question: Question
) -> None:
    question.picture_opened_at = question.hidden_at = NOW
    answer = make_answer(session, make_question(session))
    answer.picture_key, answer.picture_opened_at, answer.hidden_at = question.picture_key, NOW, NOW
    session.commit()

    assert client.get(f"/community/questions/{question.id}/picture").status_code == 404
    assert client.get(f"/community/pictures/thread/{question.id}").status_code == 404
    assert client.get(f"/community/pictures/post/{answer.id}").status_code == 404


def test_an_answer_has_a_picture_with_the_same_rules(
    session: Session, client: Browser, sign_in: SignIn
) -> None:
    question = make_question(session)
    mentor = sign_in(session.get_one(User, question.owner_id))

    mentor.send(
        f"/community/questions/{question.id}/",
        {"text": "이렇게요.", "form_key": "an-answer-of-a-test", "photo": (io.BytesIO(photo()), "a.jpg")},
        content_type="multipart/form-data",
    )
    post = session.scalars(select(Post)).one()
    path = f"/community/pictures/post/{post.id}"
    stranger = sign_in(make_user(session))

    assert mentor.get(path).status_code == 200
    assert (client.get(path).status_code, stranger.get(path).status_code) == (404, 404)
    assert b"Phone of Kim" not in mentor.get(path).data
    assert f"/community/cover/post/{post.id}" in mentor.get(f"/community/questions/{question.id}/").text
    covered = mentor.send(f"/community/cover/post/{post.id}", {"boxes": ["1-1"]})
    mentor.send(f"/community/pictures/post/{post.id}", {"do": "open"})
    assert covered.status_code == 302
    assert stranger.get(path).status_code == 200


def test_a_picture_of_a_form_that_is_never_finished_goes_after_days(
    isolated: Flask, session: Session, sign_in: SignIn
) -> None:
    make_mentor(session)
    browser = sign_in(make_user(session))
    ask(browser, photo=photo(), title="")
    unused = session.scalars(select(Upload)).one()
    kept = storage().has(unused.picture_key)

    due_at_once = uploads.list_due(session, clock.now())
    unused.due_at = clock.now() - timedelta(seconds=1)
    session.commit()
    with apart(isolated):
        upload_jobs.remove_unused(unused.id)

    session.refresh(unused)
    assert (kept, list(due_at_once)) == (True, [])
    assert not storage().has(unused.picture_key)
    assert unused.due_at is None


def test_a_picture_that_is_used_stays(isolated: Flask, session: Session, sign_in: SignIn) -> None:
    make_mentor(session)
    ask(sign_in(make_user(session)), photo=photo())
    upload = session.scalars(select(Upload)).one()
    upload.due_at = clock.now() - timedelta(seconds=1)
    session.commit()

    with apart(isolated):
        upload_jobs.remove_unused(upload.id)

    assert storage().has(upload.picture_key)


def test_a_browser_asks_each_time_and_the_address_changes_with_the_picture(
    session: Session, sign_in: SignIn, question: Question
) -> None:
    author, page = sign_in(author_of(session, question)), f"/community/questions/{question.id}/"

    first = author.get(page + "picture")
    again = author.get(page + "picture", headers={"If-None-Match": first.headers["ETag"]})

    assert first.headers["Cache-Control"] == "private, no-cache"
    assert again.status_code == 304
    assert f"/thread/{question.id}?v={(question.picture_key or '')[:8]}" in author.get(page).text


def test_somebody_who_sends_very_many_pictures_is_told_when_it_goes_on(
    session: Session, sign_in: SignIn
) -> None:
    make_mentor(session)
    user = make_user(session)
    for number in range(limits.UPLOADS.most):
        session.add(Upload(user_id=user.id, picture_key=f"{number:064}", at=clock.now()))
    session.commit()

    page = ask(sign_in(user), photo=photo())

    assert page.status_code == 429
    assert "사진을 많이 올리셨어요." in page.text
    assert "부터 다시 할 수 있어요" in page.text
    assert hidden(page.text, "form_key")


def test_asking_is_limited_by_person_and_goes_on_after_an_hour(session: Session) -> None:
    make_mentor(session)
    asker, other = make_user(session), make_user(session)

    def give(user: User, number: int, now: datetime) -> Question:
        typed = draft(form_key=f"key-{number}")
        return operations.ask(session, user, typed, mask=False, path_of=str, now=now)

    for number in range(limits.THREADS.most):
        give(asker, number, NOW)

    with pytest.raises(TooManyError, match="오전 11시 1분부터 다시 할 수 있어요"):
        give(asker, 99, NOW + timedelta(minutes=59))
    again = give(asker, 0, NOW)
    later, others = give(asker, 98, NOW + timedelta(hours=1, minutes=1)), give(other, 97, NOW)

    assert again.id < later.id
    assert others.author_id == other.id


def test_eight_presses_at_the_limit_let_one_through(committed: Session, race: Any) -> None:
    make_mentor(committed)
    asker = make_user(committed, Role.MERCHANT)
    for _ in range(limits.THREADS.most - 1):
        make_question(committed, asker=asker)
    asker_id = asker.id
    committed.commit()

    def press(number: int) -> int:
        with db.transaction() as session:
            person = session.get_one(User, asker_id)
            asked = operations.ask(
                session, person, draft(form_key=f"key-{number}"), mask=False, path_of=str, now=clock.now()
            )
            return asked.id

    answers = race([lambda number=number: press(number) for number in range(8)])

    assert sum(isinstance(answer, TooManyError) for answer in answers) == 7
