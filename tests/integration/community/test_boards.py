"""Talking, showing one's shop, commenting: the boards beside the questions."""

import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.community import boards
from portal.community.models import Board, Follow, Post, PostKind, Promotion, Thread
from portal.core import clock, db
from portal.core.errors import ConflictError
from portal.core.roles import Role
from portal.messages.models import Notice
from tests.conftest import NOW, Browser
from tests.factories import make_known, make_mentor, make_question, make_story, make_thread, make_user

SignIn = Callable[[User], Browser]
TYPED = {
    "title": "우리 시장 이야기",
    "text": "비가 그치고 손님이 많이 오셨어요.",
    "form_key": "a-key-of-this-form",
}


def photo() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(written, "JPEG")
    return written.getvalue()


def begin(browser: Browser, board: str = "talk", picture: bytes | None = None, **changes: str) -> Any:
    data: dict[str, Any] = TYPED | changes
    if picture is not None:
        data["photo"] = (io.BytesIO(picture), "shop.jpg")
    return browser.send(f"/community/{board}/new", data, content_type="multipart/form-data")


def draft(board: Board = Board.TALK, **changes: Any) -> boards.Draft:
    return boards.Draft(**({"board": board, **TYPED} | changes))


def comment(browser: Browser, thread: Thread, text: str = "저희도 그랬어요.", **more: str) -> Any:
    data = {"text": text, "form_key": "a-key-of-a-comment", **more}
    return browser.send(f"/community/threads/{thread.id}/", data)


def test_the_front_says_what_may_be_asked_and_said_where(session: Session, client: Browser) -> None:
    make_question(session, title="사진이 흐려요")
    session.commit()

    page = client.get("/community/").text

    for words in (
        "질문하기",
        "자유 이야기",
        "가게·상품 알리기",
        "성공 이야기",
        "입점",
        "사기 주의",
        "사진이 흐려요",
    ):
        assert words in page
    assert page.count("button--solid") == 1
    for path in set(re.findall(r'href="(/community/[^"#?]*)"', page)) - {"/community/ask", "/community/join"}:
        assert client.get(path).status_code == 200, path


@pytest.mark.parametrize(("board", "name"), [("talk", "자유 이야기"), ("promotion", "가게·상품 알리기")])
def test_something_begun_stands_on_its_board_and_nowhere_else(
    session: Session, sign_in: SignIn, client: Browser, board: str, name: str
) -> None:
    browser = sign_in(make_known(session, name="김순자"))

    answer = begin(browser, board)
    page = browser.get(answer.headers["Location"]).text

    assert answer.status_code == 302
    assert name in page
    assert "비가 그치고 손님이 많이 오셨어요." in page
    assert "김*자 님" in client.get(answer.headers["Location"]).text
    for other in ("talk", "promotion", "stories", "questions"):
        assert (TYPED["title"] in client.get(f"/community/{other}/").text) == (other == board)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"title": " "}, "제목을 한 줄로 적어 주세요."),
        ({"title": "가" * 61}, "2자부터 60자까지"),
        ({"text": ""}, "하고 싶은 이야기를 적어 주세요."),
        ({"text": "가" * 4001}, "4,000자까지"),
        ({"text": "전화는 010-1234-5678 이에요"}, "가리고 보내기"),
        ({"title": "010-1234-5678"}, "가리고 보내기"),
    ],
)
def test_a_refused_text_keeps_what_was_typed_and_the_photo(
    session: Session, sign_in: SignIn, changes: dict[str, str], sentence: str
) -> None:
    page = begin(sign_in(make_user(session)), picture=photo(), **changes)

    assert page.status_code == 422
    assert sentence in page.text
    assert (TYPED | changes)["text"] in page.text
    assert "사진은 받아 두었어요." in page.text
    assert session.scalar(select(func.count()).select_from(Thread)) == 0


def test_a_held_number_is_sent_masked(session: Session, sign_in: SignIn) -> None:
    begin(sign_in(make_user(session)), text="전화는 010-1234-5678 이에요", do="mask")

    assert session.scalars(select(Thread.text_markdown)).one() == "전화는 010-○○○○-○○○○ 이에요"


def test_a_photo_is_shown_to_all_once_somebody_has_looked_at_it(
    session: Session, sign_in: SignIn, client: Browser
) -> None:
    author = make_known(session)
    begin(sign_in(author), picture=photo())
    thread = session.scalars(select(Thread)).one()
    address = f"/community/threads/{thread.id}/picture"

    before = [who.get(address).status_code for who in (client, sign_in(make_user(session)), sign_in(author))]
    thread.picture_opened_at = NOW
    session.commit()
    after = client.get(address)

    assert before == [404, 404, 200]
    assert (after.status_code, after.headers["Content-Type"]) == (200, "image/jpeg")
    assert after.headers["Cache-Control"] == "private, no-cache"


def test_a_second_promotion_within_a_week_is_refused_kindly(session: Session, sign_in: SignIn) -> None:
    author = make_user(session)
    make_thread(session, Board.PROMOTION, author=author, at=clock.now() - timedelta(days=6))
    session.commit()
    browser = sign_in(author)

    early = begin(browser, "promotion")
    asked = browser.get("/community/promotion/new").text
    talk = begin(browser, "talk")

    assert early.status_code == 409
    assert "일주일에 한 번" in early.text
    assert TYPED["text"] in early.text
    assert "부터 다시 올릴 수 있어요" in asked
    assert "<textarea" not in asked
    assert talk.status_code == 302


def test_a_week_later_there_may_be_another_promotion(session: Session) -> None:
    author = make_user(session)
    make_thread(session, Board.PROMOTION, author=author, at=NOW - boards.PROMOTION_EVERY)

    boards.begin(session, author, draft(Board.PROMOTION), mask=False, now=NOW)

    assert session.scalar(select(func.count()).select_from(Promotion)) == 2


def test_eight_promotions_at_once_are_one(committed: Session, race: Any) -> None:
    author_id = make_user(committed).id
    committed.commit()

    def begin_with(key: str) -> int:
        with db.transaction() as session:
            author = session.get_one(User, author_id)
            made = boards.begin(
                session, author, draft(Board.PROMOTION, form_key=key), mask=False, now=clock.now()
            )
            return made.id

    outcomes = race([lambda key=f"key-{number}": begin_with(key) for number in range(8)])

    assert sum(isinstance(outcome, ConflictError) for outcome in outcomes) == 7
    assert committed.scalar(select(func.count()).select_from(Promotion)) == 1


def test_the_same_press_twice_is_one_thread_and_one_comment(session: Session, sign_in: SignIn) -> None:
    browser = sign_in(make_known(session))

    first, second = begin(browser), begin(browser)
    thread = session.scalars(select(Thread)).one()
    for _ in range(2):
        assert comment(browser, thread).status_code == 302
    begin(browser, title="이번에는 다른 이야기")

    assert first.headers["Location"] == second.headers["Location"]
    assert session.scalars(select(Post.kind)).all() == [PostKind.COMMENT]
    assert session.scalar(select(func.count()).select_from(Thread)) == 2


def test_commenting_follows_and_tells_the_others_once_a_day(session: Session, sign_in: SignIn) -> None:
    author, neighbour = make_known(session), make_known(session, name="오만석")
    thread = boards.begin(session, author, draft(), mask=False, now=clock.now())
    session.commit()

    comment(sign_in(neighbour), thread)
    comment(sign_in(neighbour), thread, text="한 가지 더요.", form_key="another-key-of-a-form")
    comment(sign_in(author), thread, text="고맙습니다.")

    told = session.execute(select(Notice.user_id, Notice.sentence, Notice.path).order_by(Notice.id)).all()
    assert [row.user_id for row in told] == [author.id, neighbour.id]
    assert told[0].sentence == "‘우리 시장 이야기’ 글에 댓글이 왔어요."
    assert told[0].path.startswith(f"/community/threads/{thread.id}/#comment-")
    assert set(session.scalars(select(Follow.user_id))) == {author.id, neighbour.id}
    kept = session.get_one(Thread, thread.id, populate_existing=True)
    assert (kept.posts_count, kept.last_post_at > kept.created_at) == (3, True)


def test_who_stopped_following_hears_nothing(session: Session) -> None:
    author = make_known(session)
    thread = boards.begin(session, author, draft(), mask=False, now=NOW)
    session.scalars(select(Follow)).one().ended_at = NOW

    boards.comment(
        session, thread, make_known(session), text="네", form_key="k" * 16, mask=False, path_of=str, now=NOW
    )

    assert session.scalars(select(Notice)).all() == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [(" ", "적은 글이 없어요."), ("가" * 4001, "4,000자까지"), ("국민 3333-01-1234567", "가리고 보내기")],
)
def test_a_refused_comment_stays_typed(session: Session, sign_in: SignIn, text: str, sentence: str) -> None:
    thread = make_thread(session)
    session.commit()

    page = comment(sign_in(make_user(session)), thread, text)

    assert page.status_code == 422
    assert sentence in page.text
    assert text.strip() in page.text
    assert session.scalars(select(Post)).all() == []


def test_a_talk_that_grew_too_long_asks_for_a_new_one(session: Session, sign_in: SignIn) -> None:
    thread = make_thread(session, posts_count=boards.COMMENTS_MAX)
    session.commit()
    browser = sign_in(make_user(session))

    assert comment(browser, thread).status_code == 409
    assert "이어서 할 이야기는 새 글로" in browser.get(f"/community/threads/{thread.id}/").text


@pytest.mark.parametrize("columns", [{"hidden_at": NOW}, {"held_at": NOW}])
def test_what_is_hidden_or_held_is_read_by_its_author_and_moderators_and_commented_by_nobody(
    session: Session, client: Browser, sign_in: SignIn, columns: dict[str, Any]
) -> None:
    author = make_user(session)
    thread = make_thread(session, author=author, **columns)
    session.commit()
    address = f"/community/threads/{thread.id}/"

    for reader, status in (
        (client, 404),
        (sign_in(make_user(session)), 404),
        (sign_in(make_mentor(session)), 404),
        (sign_in(author), 200),
        (sign_in(make_user(session, Role.OPERATOR)), 200),
    ):
        assert reader.get(address).status_code == status
        assert (thread.title in reader.get("/community/talk/").text) == (status == 200)
    assert comment(sign_in(author), thread).status_code == 403


def test_a_question_has_no_page_among_the_threads(session: Session, sign_in: SignIn) -> None:
    question = make_question(session)
    session.commit()
    browser = sign_in(make_user(session))

    assert browser.get(f"/community/threads/{question.id}/").status_code == 404
    assert comment(browser, question).status_code == 404


def test_visitors_read_and_are_asked_to_sign_in_to_write(session: Session, client: Browser) -> None:
    thread = make_thread(session)
    session.commit()

    page = client.get(f"/community/threads/{thread.id}/").text

    assert "들어와서 댓글 쓰기" in page
    assert comment(client, thread).status_code == 302
    assert client.get("/community/talk/new").status_code == 302


def test_every_thread_is_on_exactly_one_page_newest_activity_first(session: Session, client: Browser) -> None:
    author = make_user(session)
    made = [
        make_thread(
            session, author=author, title=f"이야기 {number:03}번", at=NOW + timedelta(minutes=number // 3)
        ).title
        for number in range(45)
    ]
    session.commit()

    seen: list[str] = []
    address = "/community/talk/"
    while address:
        page = client.get(address).text
        seen += re.findall(r">(이야기 \d{3}번)<", page)
        further = re.search(r'href="([^"]*before=[^"]*)"', page)
        address = further[1].replace("&amp;", "&") if further else ""

    assert seen == made[::-1]


def test_the_pages_ask_equally_often_for_ten_and_for_a_hundred(
    session: Session, sign_in: SignIn, count_queries: Callable[[], int]
) -> None:
    browser = sign_in(make_user(session))
    thread = make_thread(session)
    session.commit()
    browser.get(f"/community/threads/{thread.id}/")
    counted: list[tuple[str, int]] = []
    for round_no in range(2):
        for number in range(9 if round_no == 0 else 90):
            make_thread(session, author=make_user(session))
            written = {"text_markdown": "네", "text_html": "<p>네</p>", "created_at": NOW}
            session.add(
                Post(
                    thread_id=thread.id,
                    author_id=make_user(session).id,
                    kind=PostKind.COMMENT,
                    form_key=f"comment-{round_no}-{number}",
                    **written,
                )
            )
        session.commit()
        count_queries()
        for path in ("/community/", "/community/talk/", f"/community/threads/{thread.id}/"):
            assert browser.get(path).status_code == 200
            counted.append((path, count_queries()))

    assert counted[:3] == counted[3:]
    assert max(count for _, count in counted) < 15


def test_what_was_said_on_a_board_is_mended_by_whoever_said_it(session: Session, sign_in: SignIn) -> None:
    author, other = make_known(session), make_known(session)
    thread = make_thread(session, author=author)
    hers, his = sign_in(author), sign_in(other)
    comment(hers, thread)
    said = session.scalars(select(Post)).one()
    page = f"/community/threads/{thread.id}/"

    shown = hers.get(page).text
    sent = hers.send(
        f"/community/questions/{thread.id}/edit", {"title": "고친 제목", "text": "고친 글이에요.", "seen": ""}
    )
    hers.send(f"/community/posts/{said.id}/edit", {"text": "고친 댓글이에요.", "seen": ""})
    after = his.get(page).text

    assert shown.count("글 고치기") == 2
    assert sent.headers["Location"] == page
    assert all(words in after for words in ("고친 제목", "고친 글이에요.", "고친 댓글이에요.", "고침 · "))
    assert "글 고치기" not in after
    assert his.get(f"/community/questions/{thread.id}/edit").status_code == 403


def test_a_story_stays_as_its_witnesses_read_it(session: Session, sign_in: SignIn) -> None:
    author = make_known(session)
    story = make_story(session, author=author)

    assert sign_in(author).get(f"/community/questions/{story.id}/edit").status_code == 403
    assert (
        sign_in(make_user(session, Role.OPERATOR)).get(f"/community/questions/{story.id}/edit").status_code
        == 200
    )
