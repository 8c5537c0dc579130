import io
import re
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.accounts.vocabulary import Region, Topic
from portal.community import operations
from portal.community.models import Question, QuestionState
from portal.core import clock, db
from portal.core.errors import ConflictError
from portal.core.roles import Role
from portal.messages.models import Notice
from tests.conftest import NOW, Browser
from tests.factories import make_completion, make_mentor, make_question, make_user

SignIn = Callable[[User], Browser]

TYPED = {
    "topic": "product_page",
    "title": "상품 사진이 흐리게 올라가요",
    "detail": "사진을 올렸는데 글자가 안 보여요.",
    "form_key": "a-key-of-this-form",
    "do": "send",
}


def photo(kind: str = "JPEG") -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "Phone of Kim"
    exif.get_ifd(0x8825)[2] = (37.0, 33.0, 0.0)
    written = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(written, kind, exif=exif)
    return written.getvalue()


def ask(browser: Browser, photo: bytes | None = None, **changes: str) -> Any:
    data: dict[str, Any] = TYPED | changes
    if photo is not None:
        data["photo"] = (io.BytesIO(photo), "screen.jpg")
    return browser.send("/community/ask", data, content_type="multipart/form-data")


def draft(**changes: Any) -> operations.Draft:
    values: dict[str, Any] = {
        "topic": Topic.PRODUCT_PAGE,
        "title": TYPED["title"],
        "detail": TYPED["detail"],
        "form_key": f"key-{id(changes)}",
    }
    return operations.Draft(**(values | changes))


def give(session: Session, asker: User, **changes: Any) -> Question:
    return operations.ask(
        session, asker, draft(**changes), mask=False, path_of=lambda number: f"/q/{number}", now=NOW
    )


def count_questions(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Question)) or 0


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"\s+value="([^"]*)"', page)
    assert found
    return found[1]


def test_a_question_goes_to_a_mentor_with_a_promise_in_words(session: Session, sign_in: SignIn) -> None:
    mentor = make_mentor(session, name="박정호")
    browser = sign_in(make_user(session, name="김순자"))

    answer = ask(browser)
    page = browser.get(answer.headers["Location"])

    question = session.scalars(select(Question)).one()
    assert (answer.status_code, question.owner_id) == (302, mentor.id)
    assert question.state == QuestionState.WAITING
    assert question.text_html == "<p>사진을 올렸는데 글자가 안 보여요.</p>\n"
    assert re.search(r"박정호 멘토님이 \S.*?(오전|오후|낮)\s\d+시까지 답해 드려요", page.text)


def test_the_owner_is_told_once(session: Session, sign_in: SignIn) -> None:
    mentor = make_mentor(session)

    ask(sign_in(make_user(session)))

    question = session.scalars(select(Question)).one()
    notice = session.scalars(select(Notice)).one()
    assert (notice.user_id, notice.path) == (mentor.id, f"/community/questions/{question.id}/")
    assert re.fullmatch(
        r"‘상품 사진이 흐리게 올라가요’ 질문이 왔어요. "
        r"(\d{4}년 )?\d+월 \d+일\(.\) (오전|오후|낮) \d+시까지 답해 주세요.",
        notice.sentence,
    )


def test_a_notice_shortens_a_long_title(session: Session) -> None:
    make_mentor(session)

    give(session, make_user(session), title="가" * 31)
    give(session, make_user(session), title="나" * 30, form_key="another-key-of-a-form")

    shown = [
        sentence.split(" ")[0] for sentence in session.scalars(select(Notice.sentence).order_by(Notice.id))
    ]
    assert shown == [f"‘{'가' * 29}…’", f"‘{'나' * 30}’"]


def test_a_promise_is_eight_working_hours_away(session: Session) -> None:
    make_mentor(session)
    asker = make_user(session)

    friday = operations.ask(
        session,
        asker,
        draft(),
        mask=False,
        path_of=str,
        now=NOW - timedelta(days=3) + timedelta(hours=7, minutes=3),
    )

    # Asked on Friday at 17:03, so that one hour is left of that day, and seven are used on Monday.
    assert friday.promised_at.isoformat() == "2026-11-23T17:00:00+09:00"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"topic": ""}, "무엇에 관한 질문인지 골라 주세요."),
        ({"topic": "cooking"}, "무엇에 관한 질문인지 골라 주세요."),
        ({"title": ""}, "하려던 것을 한 줄로 적어 주세요."),
        ({"title": "왜"}, "4자부터 60자까지"),
        ({"title": "가" * 61}, "4자부터 60자까지"),
        ({"tried": "가" * 1001}, "1,000자까지"),
        ({"detail": "가" * 4001}, "4,000자까지"),
    ],
)
def test_a_refused_field_keeps_what_was_typed_and_the_photo(
    session: Session, sign_in: SignIn, changes: dict[str, str], sentence: str
) -> None:
    make_mentor(session)

    page = ask(sign_in(make_user(session)), photo=photo(), **changes)

    typed = TYPED | changes
    assert page.status_code == 422
    assert sentence in page.text
    assert typed["detail"].strip() in page.text
    assert f'value="{typed["title"]}"' in page.text
    assert "사진은 받아 두었어요." in page.text
    assert count_questions(session) == 0


def test_without_any_mentor_the_text_is_kept_and_the_telephone_is_named(
    session: Session, sign_in: SignIn
) -> None:
    make_mentor(session, paused_at=NOW)

    page = ask(sign_in(make_user(session)))

    assert page.status_code == 409
    assert "지금은 질문을 받을 멘토가 없어요. 아래 번호로 전화해 주세요." in page.text
    assert TYPED["detail"] in page.text


def test_the_photo_is_stored_without_the_place_it_was_taken(
    isolated: Flask, session: Session, sign_in: SignIn
) -> None:
    make_mentor(session)
    browser = sign_in(make_user(session))

    question_id = ask(browser, photo=photo()).headers["Location"].split("/")[-2]
    answer = browser.get(f"/community/questions/{question_id}/picture")

    stored = Image.open(io.BytesIO(answer.data))
    assert (stored.format, stored.size, dict(stored.getexif())) == ("JPEG", (40, 30), {})
    assert b"Phone of Kim" not in answer.data
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"].startswith("private")


def test_a_photo_is_seen_by_the_asker_and_staff_only(session: Session, sign_in: SignIn) -> None:
    mentor, asker = make_mentor(session), make_user(session)
    make_completion(session, asker)
    ask(sign_in(asker), photo=photo())
    question = session.scalars(select(Question)).one()
    page = f"/community/questions/{question.id}/"

    stranger, staff = sign_in(make_user(session)), sign_in(mentor)

    assert stranger.get(page + "picture").status_code == 404
    assert "<img" not in stranger.get(page).text
    assert "질문한 분과 멘토님만 볼 수 있어요" in stranger.get(page).text
    assert staff.get(page + "picture").status_code == 200
    assert "<img" in staff.get(page).text


def test_a_question_without_a_photo_has_none(session: Session, sign_in: SignIn) -> None:
    question = make_question(session)
    session.commit()

    assert (
        sign_in(question_asker(session, question))
        .get(f"/community/questions/{question.id}/picture")
        .status_code
        == 404
    )


def question_asker(session: Session, question: Question) -> User:
    return session.get_one(User, question.author_id)


@pytest.mark.parametrize("content", [b"", b"no picture at all", b"<svg onload='alert(1)'/>"])
def test_what_is_no_photo_is_refused_beside_its_field(
    session: Session, sign_in: SignIn, content: bytes
) -> None:
    make_mentor(session)

    page = ask(sign_in(make_user(session)), photo=content)

    assert page.status_code == 422
    assert "이 파일은 사진으로 열리지 않아요." in page.text
    assert TYPED["detail"] in page.text
    assert count_questions(session) == 0


def test_the_same_press_twice_is_one_question(session: Session, sign_in: SignIn) -> None:
    make_mentor(session)
    browser = sign_in(make_user(session))

    first, second = ask(browser), ask(browser)

    assert first.headers["Location"] == second.headers["Location"]
    assert count_questions(session) == 1
    assert session.scalar(select(func.count()).select_from(Notice)) == 1


def test_going_back_and_writing_something_else_loses_nothing(session: Session, sign_in: SignIn) -> None:
    make_mentor(session)
    browser = sign_in(make_user(session))

    ask(browser)
    ask(browser, title="이번에는 다른 것이 궁금해요")

    assert count_questions(session) == 2


def test_each_showing_of_the_form_has_a_key_of_its_own(session: Session, sign_in: SignIn) -> None:
    browser = sign_in(make_user(session))

    keys = {hidden(browser.get("/community/ask").text, "form_key") for _ in range(2)}

    assert len(keys) == 2


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("010-1234-5678", "010-○○○○-○○○○"),
        ("0507-1234-5678", "050○-○○○○-○○○○"),
        ("3333-01-1234567", "333○-○○-○○○○○○○"),
        ("580412-1234567", "580○○○-○○○○○○○"),
        ("０１０－１２３４－５６７８", "０１０－○○○○－○○○○"),
    ],
)
def test_a_personal_number_is_held_back_and_sent_masked(
    session: Session, sign_in: SignIn, number: str, masked: str
) -> None:
    make_mentor(session)
    browser = sign_in(make_user(session))
    detail = f"손님이 {number} 로 보냈대요. 값은 12,000원이에요."

    held = ask(browser, photo=photo(), detail=detail)
    nothing_yet = count_questions(session)
    sent = ask(browser, detail=detail, kept_photo=hidden(held.text, "kept_photo"), do="mask")

    assert (held.status_code, nothing_yet, sent.status_code) == (422, 0, 302)
    assert f"<strong>{number}</strong> <br> → {masked}" in " ".join(held.text.split())
    assert "가리고 보내기" in held.text
    assert "직접 고칠게요" in held.text
    assert detail in held.text
    question = session.scalars(select(Question)).one()
    assert question.text_markdown == f"손님이 {masked} 로 보냈대요. 값은 12,000원이에요."
    assert masked in question.text_html
    assert number not in question.text_html
    assert question.picture_key


def test_a_number_in_the_title_is_held_back_too(session: Session, sign_in: SignIn) -> None:
    make_mentor(session)

    page = ask(sign_in(make_user(session)), title="010-1234-5678 로 전화 주세요")

    assert page.status_code == 422
    assert 'href="#title"' in page.text


def test_prices_dates_and_counts_are_not_held_back(session: Session, sign_in: SignIn) -> None:
    make_mentor(session)

    answer = ask(
        sign_in(make_user(session)),
        detail="2026-11-21에 3kg 상자를 12,000원에 120건 팔았어요. 9900 12900 15900",
    )

    assert answer.status_code == 302


def test_a_kept_photo_can_be_left_out(session: Session, sign_in: SignIn) -> None:
    make_mentor(session)
    browser = sign_in(make_user(session))
    kept = hidden(ask(browser, photo=photo(), title="").text, "kept_photo")

    ask(browser, kept_photo=kept, drop_photo="y")

    assert session.scalars(select(Question)).one().picture_key is None


@pytest.mark.parametrize("forged", ["a" * 64, "not signed", ""])
def test_a_photo_nobody_signed_is_not_taken(session: Session, sign_in: SignIn, forged: str) -> None:
    make_mentor(session)

    ask(sign_in(make_user(session)), kept_photo=forged)

    assert session.scalars(select(Question)).one().picture_key is None


def test_somebody_elses_kept_photo_is_not_taken(session: Session, sign_in: SignIn) -> None:
    make_mentor(session)
    kept = hidden(ask(sign_in(make_user(session)), photo=photo(), title="").text, "kept_photo")

    ask(sign_in(make_user(session)), kept_photo=kept)

    assert session.scalars(select(Question)).one().picture_key is None


def test_a_visitor_is_asked_to_sign_in_first(client: Browser) -> None:
    answer = client.get("/community/ask")

    assert answer.status_code == 302
    assert "/account/sign-in?next=/community/ask" in answer.headers["Location"]


def test_the_topic_is_chosen_already_when_the_address_names_it(session: Session, sign_in: SignIn) -> None:
    page = sign_in(make_user(session)).get("/community/ask?topic=delivery").text

    assert re.search(r'value="delivery"\s+checked', page)


def test_the_topic_comes_first_then_the_region_then_the_load(session: Session) -> None:
    asker = make_user(session, region=Region.JEJU)
    elsewhere = make_mentor(session, region=Region.SEOUL)
    other_topic = make_mentor(session, region=Region.JEJU, topics=(Topic.PHONE,))
    near = make_mentor(session, region=Region.JEJU)
    nearer_id_later = make_mentor(session, region=Region.JEJU)

    owners = [give(session, asker, form_key=f"turn-{turn}").owner_id for turn in range(4)]
    about_phones = give(session, asker, topic=Topic.PHONE, form_key="phone").owner_id

    assert owners == [near.id, nearer_id_later.id, near.id, nearer_id_later.id]
    assert about_phones == other_topic.id
    assert elsewhere.id not in owners


def test_somebody_for_another_topic_is_better_than_nobody(session: Session) -> None:
    mentor = make_mentor(session, topics=(Topic.PHONE,), region=Region.SEOUL)

    assert give(session, make_user(session)).owner_id == mentor.id


def test_who_pauses_asks_or_is_no_mentor_any_more_is_passed_over(session: Session) -> None:
    make_mentor(session, paused_at=NOW)
    former = make_mentor(session)
    former.grants.clear()
    asking_mentor = make_mentor(session)
    session.flush()

    with pytest.raises(ConflictError, match="멘토가 없어요"):
        give(session, asking_mentor)


def test_answered_questions_are_no_load(session: Session) -> None:
    busy, free = make_mentor(session), make_mentor(session)
    make_question(session, owner=busy)
    for _ in range(3):
        make_question(session, owner=free, state=QuestionState.ANSWERED)

    assert give(session, make_user(session)).owner_id == free.id


def test_eight_questions_at_once_are_spread_evenly(committed: Session, race: Any) -> None:
    mentors = [make_mentor(committed).id for _ in range(4)]
    askers = [make_user(committed).id for _ in range(8)]
    committed.commit()

    def ask_as(asker_id: int) -> int:
        with db.transaction() as session:
            asker = session.get_one(User, asker_id)
            return operations.ask(
                session, asker, draft(), mask=False, path_of=lambda number: f"/q/{number}", now=clock.now()
            ).owner_id

    owners = race([lambda asker_id=asker_id: ask_as(asker_id) for asker_id in askers])

    assert Counter(owners) == dict.fromkeys(mentors, 2)


def test_one_press_eight_times_at_once_is_one_question(committed: Session, race: Any) -> None:
    make_mentor(committed)
    asker_id = make_user(committed, Role.MERCHANT).id
    committed.commit()

    def press() -> int:
        with db.transaction() as session:
            asker = session.get_one(User, asker_id)
            return operations.ask(
                session,
                asker,
                draft(form_key="one-press-of-a-form"),
                mask=False,
                path_of=lambda number: f"/q/{number}",
                now=clock.now(),
            ).id

    assert len(set(race([press] * 8))) == 1
    assert count_questions(committed) == 1
    assert committed.scalar(select(func.count()).select_from(Notice)) == 1


def test_with_a_photo_one_line_is_enough(session: Session, sign_in: SignIn) -> None:
    make_mentor(session)
    browser = sign_in(make_user(session))

    answer = ask(browser, photo=photo(), detail="")
    page = browser.get(answer.headers["Location"])

    question = session.scalars(select(Question)).one()
    assert (answer.status_code, question.text_markdown) == (302, "")
    assert question.picture_key
    assert "<img" in page.text


def test_without_a_photo_what_can_be_seen_is_asked_for(session: Session, sign_in: SignIn) -> None:
    make_mentor(session)

    page = ask(sign_in(make_user(session)), detail=" \n ", tried="두 번 다시 올렸어요.")

    assert page.status_code == 422
    assert 'href="#detail">지금 무엇이 보이는지 적어 주세요.' in page.text
    assert "두 번 다시 올렸어요." in page.text
    assert count_questions(session) == 0


def test_everything_that_is_missing_is_told_at_once(session: Session, sign_in: SignIn) -> None:
    make_mentor(session)

    page = ask(sign_in(make_user(session)), title="", topic="", detail="").text

    assert 'href="#title">' in page
    assert 'href="#topic' in page
    assert 'href="#detail">지금 무엇이 보이는지 적어 주세요.' in page


@pytest.mark.parametrize(
    ("typed", "html"),
    [
        (
            {"tried": "다시 올렸어요.", "detail": "흐려요."},
            "<p><strong>해 본 것</strong></p>\n<p>다시 올렸어요.</p>\n"
            "<p><strong>지금 보이는 것</strong></p>\n<p>흐려요.</p>\n",
        ),
        ({"tried": "", "detail": "흐려요."}, "<p>흐려요.</p>\n"),
        (
            {"tried": "다시 올렸어요.", "detail": ""},
            "<p><strong>해 본 것</strong></p>\n<p>다시 올렸어요.</p>\n",
        ),
    ],
)
def test_what_was_tried_stands_before_what_can_be_seen(
    session: Session, sign_in: SignIn, typed: dict[str, str], html: str
) -> None:
    make_mentor(session)

    ask(sign_in(make_user(session)), photo=photo(), **typed)

    assert session.scalars(select(Question.text_html)).one() == html


def test_the_nine_topics_are_large_choices(session: Session, sign_in: SignIn) -> None:
    page = sign_in(make_user(session)).get("/community/ask").text

    assert len(re.findall(r'class="choice__input"\s+id="topic', page)) == 9
    assert "멘토님들만 보게 하기" in page


def test_a_personal_number_in_what_was_tried_is_held_back_too(session: Session, sign_in: SignIn) -> None:
    make_mentor(session)

    page = ask(sign_in(make_user(session)), tried="010-1234-5678 로 전화했어요.")

    assert page.status_code == 422
    assert 'href="#tried"' in page.text


def test_the_same_words_from_the_page_before_are_the_same_question(session: Session, sign_in: SignIn) -> None:
    make_mentor(session)
    browser = sign_in(make_user(session))

    first = ask(browser)
    again = ask(browser, form_key="another-key-of-a-form")
    by_another = ask(sign_in(make_user(session)), form_key="another-key-of-a-form")
    session.execute(update(Question).values(created_at=clock.now() - timedelta(hours=2)))
    later = ask(browser, form_key="a-third-key-of-a-form")

    assert again.headers["Location"] == first.headers["Location"]
    assert len({answer.headers["Location"] for answer in (first, by_another, later)}) == 3
    assert count_questions(session) == 3
