"""김순자 asks with a photo, her telephone number is kept from strangers, and the answer comes as promised."""

import io

import pytest
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.community.models import Question, QuestionState
from portal.core import clock, korean
from portal.messages.models import Notice
from tests import factories
from tests.browser.conftest import OpenPhone, Phone, Portal

pytestmark = pytest.mark.browser
TITLE = "상품 사진이 흐리게 올라가요"
ALIKE = "상품 사진이 어둡게 올라가요"
ADVICE = "창가에서 밝을 때 다시 찍어 보세요."


@pytest.fixture(scope="module")
def mentor(portal: Portal) -> User:
    with portal.transaction() as session:
        return factories.make_mentor(session, name="박정호")


def take_photo() -> bytes:
    taken = io.BytesIO()
    Image.new("RGB", (300, 600), "#f5c451").save(taken, "JPEG")
    return taken.getvalue()


def shows_photo(phone: Phone) -> bool:
    photo = phone.page.get_by_role("img", name="질문한 분이 올린 화면 사진")
    return bool(photo.evaluate("image => image.complete && image.naturalWidth > 0"))


def read_promise(portal: Portal, asker: User) -> str:
    """Return the moment promised to this person, in words."""
    with portal.transaction() as session:
        promised_at = session.scalars(
            select(Question.promised_at).where(Question.author_id == asker.id)
        ).one()
    return korean.day_and_time(promised_at, now=clock.now())


def test_a_question_is_promised_answered_and_solved(
    portal: Portal, open_phone: OpenPhone, mentor: User
) -> None:
    with portal.transaction() as session:
        asker, curious = factories.make_known(session, name="김순자"), factories.make_user(session)
        make_solved(session, mentor)
    hers, his, theirs = open_phone(asker), open_phone(mentor), open_phone(curious)

    ask_with_a_photo_and_a_telephone_number(hers)
    promise = read_promise(portal, asker)
    assert hers.sees(f"박정호 멘토님이 {promise}까지 답해 드려요.")

    theirs.go("/community/").press(TITLE).press("나도 궁금해요")
    assert theirs.sees("1명이 함께 궁금해해요.")

    his.go("/")
    assert his.sees(f"{promise}까지")
    his.press(TITLE)
    assert his.sees(f"{promise}까지 답해 주세요.")
    assert shows_photo(his)
    his.fill("답", ADVICE, exact=True).press("답 보내기")
    assert his.sees("답을 보냈어요. 질문하신 분이 이제 볼 수 있어요.")

    hers.open_newest_notice(f"‘{TITLE}’ 질문에 박정호 멘토님이 답했어요.")
    assert hers.sees(ADVICE)
    hers.press("이 답으로 해결됐어요")
    assert hers.sees("해결됐다니 다행이에요. 멘토님께도 알려 드렸어요.")

    his.open_newest_notice(f"‘{TITLE}’ 질문이 남겨 주신 답으로 해결됐어요. 고맙습니다.")
    assert his.sees("이 답으로 해결됐어요 김순자 님이 골랐어요")
    theirs.open_newest_notice(f"함께 지켜보신 ‘{TITLE}’ 질문이 해결됐어요.")
    assert causes_told(portal, curious) == ["answer", "solved"]


def causes_told(portal: Portal, user: User) -> list[str]:
    """Return of what kinds of things somebody was told."""
    with portal.transaction() as session:
        causes = session.scalars(select(Notice.cause).where(Notice.user_id == user.id)).all()
    return sorted(cause.split(":")[0] for cause in causes)


def make_solved(session: Session, mentor: User) -> None:
    """Make a solved question that looks like the one about to be asked."""
    question = factories.make_question(session, owner=mentor, title=ALIKE)
    answer = factories.make_answer(session, question)
    answer.accepted_at, answer.accepted_by_id = clock.now(), question.author_id
    question.state = QuestionState.ACCEPTED


def ask_with_a_photo_and_a_telephone_number(phone: Phone) -> None:
    phone.go("/").press("질문하기")
    phone.page.get_by_label("화면 사진").set_input_files(
        {"name": "screen.jpg", "mimeType": "image/jpeg", "buffer": take_photo()}
    )
    phone.fill("하려던 것 한 줄", TITLE).fill("해 본 것", "다시 올려 봤어요.")
    phone.fill("지금 보이는 것", "글자가 안 보여요. 010-2345-6789로 전화 주세요.")
    phone.choose("상품 페이지").press("질문 보내기")
    assert phone.sees("보내기 전에 봐 주세요")
    assert phone.sees("010-2345-6789 → ")
    assert phone.sees("사진은 받아 두었어요.")

    phone.press("가리고 보내기")
    assert phone.heading == "이 가운데 답이 있나요?"
    assert phone.sees(ALIKE)
    phone.press("그래도 질문 보내기")
    assert phone.heading == TITLE
    assert phone.sees("다시 올려 봤어요.")
    assert phone.sees("글자가 안 보여요.")
    assert not phone.sees("2345-6789")
    assert shows_photo(phone)


def test_a_question_sent_twice_and_again_from_the_page_before_is_one(
    portal: Portal, open_phone: OpenPhone, mentor: User
) -> None:
    with portal.transaction() as session:
        asker = factories.make_user(session, name="김순자")
    hers = open_phone(asker).go("/community/ask")
    hers.fill("하려던 것 한 줄", "택배 상자를 고르고 싶어요").fill("지금 보이는 것", "세 가지가 있어요.")
    hers.choose("배송·반품")

    hers.find("질문 보내기").dblclick()
    hers.page.wait_for_url("**/community/questions/**")
    hers.look().page.go_back()
    hers.press("질문 보내기")

    assert hers.heading == "택배 상자를 고르고 싶어요"
    with portal.transaction() as session:
        assert len(session.scalars(select(Question.id).where(Question.author_id == asker.id)).all()) == 1


def test_a_question_half_typed_is_finished_on_another_phone(
    portal: Portal, open_phone: OpenPhone, mentor: User, scripts: bool
) -> None:
    with portal.transaction() as session:
        asker = factories.make_user(session, name="김순자")
    one = open_phone(asker).go("/community/ask")
    if scripts:
        with one.page.expect_response("**/ask/draft") as saved:
            one.fill("지금 보이는 것", "얼음이 녹아서 와요.")
        assert saved.value.status == 204
        one.page.get_by_text("여기까지 저장했어요").wait_for()
    else:
        one.fill("지금 보이는 것", "얼음이 녹아서 와요.").press("나중에 이어 쓰기")
        assert one.sees("적던 것을 두었어요.")

    other = open_phone(asker).go("/community/ask")
    assert other.sees("적던 것이 그대로 있어요.")
    assert "얼음이 녹아서 와요." in other.page.get_by_label("지금 보이는 것").input_value()
    other.fill("하려던 것 한 줄", "얼음을 더 넣으려고 해요").choose("배송·반품").press("질문 보내기")

    assert other.sees("얼음이 녹아서 와요.")
    assert not other.go("/community/ask").sees("적던 것이 그대로 있어요.")


def test_a_stranger_reads_the_question_without_photo_or_name(
    portal: Portal, open_phone: OpenPhone, mentor: User
) -> None:
    with portal.transaction() as session:
        asker = factories.make_user(session, name="김순자")
        factories.make_question(
            session, asker=asker, owner=mentor, title="배송비는 누가 내나요", picture_key="x"
        )

    stranger = open_phone().go("/").open_place("질문").press("배송비는 누가 내나요")

    assert not stranger.sees("김순자")
    assert stranger.sees("함께 올린 사진은 질문한 분과 멘토님만 볼 수 있어요.")
