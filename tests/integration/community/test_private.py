"""A private question is for its asker, mentors and staff; the rest read a copy its asker agreed to."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.community import public_copies
from portal.community.models import Post, Question, QuestionState
from portal.community.thread_models import PublicCopy
from portal.core import clock, db
from portal.core.roles import Role
from portal.messages.models import Notice
from tests.conftest import NOW, Browser
from tests.factories import make_answer, make_mentor, make_question, make_user

SignIn = Callable[[User], Browser]
WORDS = {"title": "매출이 줄었어요", "text": "한 달 매출이 반으로 줄었어요.", "answer": "사진을 바꿔 보세요."}


def path(question: Question) -> str:
    return f"/community/questions/{question.id}/copy"


def propose(browser: Browser, question: Question, **changes: str) -> Any:
    return browser.send(path(question), WORDS | changes)


def decide(browser: Browser, copy: PublicCopy, do: str = "agree", seen: str = "") -> Any:
    return browser.send(
        f"/community/questions/{copy.thread_id}/copy/decide",
        {"do": do, "seen": seen or copy.made_at.isoformat()},
    )


def the_copy(session: Session) -> PublicCopy:
    session.expire_all()
    return session.scalars(select(PublicCopy)).one()


@pytest.fixture
def asker(session: Session) -> User:
    return make_user(session, name="김순자", shop_name="순자네 반찬")


@pytest.fixture
def trainer(session: Session) -> User:
    return make_user(session, Role.TRAINER, name="이수민")


@pytest.fixture
def question(session: Session, asker: User) -> Question:
    """Make a solved private question."""
    made = make_question(
        session, asker=asker, owner=make_mentor(session), title="순자네 반찬 매출이 줄었어요", is_private=True
    )
    made.text_markdown = "한 달에 3,200,000원 팔다가 150만 원이 됐어요. 순자 010-1234-5678"
    answer = make_answer(session, made, text="순자 사장님, 사진을 바꿔 보세요.")
    answer.accepted_at, answer.accepted_by_id = NOW, asker.id
    made.state = QuestionState.ACCEPTED
    session.commit()
    return made


def test_a_question_may_be_asked_for_mentors_only(session: Session, client: Browser, sign_in: SignIn) -> None:
    mentor, asker = make_mentor(session), make_user(session)
    typed = {"topic": "settlement", "title": "내 매출이 보여요", "detail": "줄었어요.", "is_private": "y"}

    address = sign_in(asker).send("/community/ask", typed).headers["Location"]

    assert client.get(address).status_code == sign_in(make_user(session)).get(address).status_code == 404
    for reader in (mentor, asker):
        assert "멘토님들만 봐요" in sign_in(reader).get(address).text
    for listed in ("/community/", "/community/settlement/", "/community/?state=waiting"):
        assert "내 매출이 보여요" not in client.get(listed).text
        assert "내 매출이 보여요" not in sign_in(make_user(session)).get(listed).text


def test_a_moderator_begins_with_names_and_numbers_blanked(
    session: Session, sign_in: SignIn, question: Question, trainer: User
) -> None:
    page = sign_in(trainer).get(path(question)).text

    assert "○○ 매출이 줄었어요" in page
    for told in ("3,200,000", "150만", "1234", "5678", "순자"):
        assert told not in page.split('<form class="form"')[1].split("</form>")[0]


def test_after_the_askers_yes_everybody_reads_the_copy_and_nothing_leads_to_the_asker(
    session: Session, client: Browser, sign_in: SignIn, question: Question, asker: User, trainer: User
) -> None:
    propose(sign_in(trainer), question)
    before = session.scalar(select(func.count()).select_from(Question))
    hers = sign_in(asker)
    read = hers.get(path(question)).text
    agreed = [decide(hers, the_copy(session)).status_code for _ in range(2)]

    public_id = the_copy(session).public_id
    page = client.get(f"/community/questions/{public_id}/")
    assert before == 1
    assert "한 달 매출이 반으로 줄었어요." in read
    assert agreed == [302, 302]
    assert page.status_code == 200
    assert "매출이 줄었어요" in client.get("/community/").text
    assert "사진을 바꿔 보세요." in page.text
    assert "해결됨" in page.text
    for told in ("순자", "김*자", "반찬"):
        assert told not in page.text
    public = session.get_one(Question, public_id)
    assert public.author_id == trainer.id
    assert asker.id not in {public.owner_id, public.author_id}
    assert session.scalar(select(func.count()).select_from(Question)) == 2
    assert "이름 없이 공개한 글 보기" in hers.get(f"/community/questions/{question.id}/").text


def test_a_yes_is_taken_back_by_the_asker_alone_and_whoever_wrote_the_copy_hears_of_it(
    session: Session, client: Browser, sign_in: SignIn, question: Question, asker: User, trainer: User
) -> None:
    propose(sign_in(trainer), question)
    hers = sign_in(asker)
    decide(hers, the_copy(session))
    public = f"/community/questions/{the_copy(session).public_id}/"
    address = f"{path(question)}/decide"

    offered = hers.get(path(question)).text
    by_another = sign_in(trainer).send(address, {"do": "take_back"}).status_code
    still_there = client.get(public).status_code
    for _ in range(2):
        hers.send(address, {"do": "take_back"})

    assert f'href="{path(question)}"' in hers.get(f"/community/questions/{question.id}/").text
    assert "공개 그만하기" in offered
    assert (by_another, still_there, client.get(public).status_code) == (403, 200, 404)
    assert "공개를 그만두었어요. 이제 다른 분은 볼 수 없어요." in hers.get(path(question)).text
    told = session.scalars(select(Notice.sentence).where(Notice.user_id == trainer.id)).all()
    assert [sentence for sentence in told if "질문한 분이 공개를 거두었어요." in sentence] == told[-1:]


def test_the_asker_is_asked_once_a_proposal_and_may_say_no_for_good(
    session: Session, sign_in: SignIn, question: Question, asker: User, trainer: User
) -> None:
    propose(sign_in(trainer), question)
    hers = sign_in(asker)
    asked = hers.get(f"/community/questions/{question.id}/").text

    declined = decide(hers, the_copy(session), do="decline")
    again = propose(sign_in(trainer), question)
    changed_mind = decide(hers, the_copy(session))

    assert "모두에게 보여도 될까요?" in asked
    assert [page.status_code for page in (declined, again, changed_mind)] == [302, 409, 409]
    assert the_copy(session).public_id is None
    notices = session.scalars(select(Notice).where(Notice.user_id == asker.id)).all()
    assert len(notices) == 1
    assert notices[0].path == path(question)
    assert notices[0].read_at is not None


def test_a_yes_counts_only_for_the_words_that_were_read(
    session: Session, sign_in: SignIn, question: Question, asker: User, trainer: User
) -> None:
    propose(sign_in(trainer), question)
    read = the_copy(session).made_at.isoformat()
    propose(sign_in(trainer), question, text="다른 글이에요.")

    refused = decide(sign_in(asker), the_copy(session), seen=read)

    assert refused.status_code == 409
    assert "다시 읽어 보고 정해 주세요." in refused.text
    assert the_copy(session).public_id is None


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"text": "순자네 반찬이에요."}, "이름이나 가게 이름이 남아 있어요."),
        ({"answer": "순자 사장님, 이렇게 해 보세요."}, "이름이나 가게 이름이 남아 있어요."),
        ({"title": "010-1234-5678 이에요"}, "전화번호, 계좌번호나 집 주소가 있어요."),
        ({"text": ""}, "적은 글이 없어요."),
    ],
)
def test_a_copy_with_a_name_or_a_number_is_refused(
    session: Session,
    sign_in: SignIn,
    question: Question,
    trainer: User,
    changes: dict[str, str],
    sentence: str,
) -> None:
    page = propose(sign_in(trainer), question, **changes)

    assert page.status_code == 422
    assert sentence in page.text
    assert session.scalars(select(PublicCopy)).all() == []


@pytest.mark.parametrize("role", [None, Role.MERCHANT, Role.MENTOR])
def test_only_moderators_make_copies_and_only_the_asker_decides(
    session: Session, client: Browser, sign_in: SignIn, question: Question, trainer: User, role: Role | None
) -> None:
    propose(sign_in(trainer), question)
    stranger = sign_in(make_user(session, role)) if role else client

    assert stranger.get(path(question)).status_code == (404 if role else 302)
    assert propose(stranger, question).status_code == (404 if role else 302)
    assert decide(sign_in(trainer), the_copy(session)).status_code == 403
    assert the_copy(session).public_id is None


def test_a_public_question_and_one_not_solved_have_no_copy(
    session: Session, sign_in: SignIn, question: Question, trainer: User
) -> None:
    public = make_question(session)
    question.state = QuestionState.WAITING
    session.commit()

    assert sign_in(trainer).get(path(public)).status_code == 404
    assert propose(sign_in(trainer), question).status_code == 409


def test_eight_yeses_at_once_make_one_public_question(committed: Session, race: Any) -> None:
    asker, maker = make_user(committed), make_user(committed, Role.TRAINER)
    question = make_question(committed, asker=asker, is_private=True, state=QuestionState.ACCEPTED)
    answer = make_answer(committed, question)
    answer.accepted_at, answer.accepted_by_id = NOW, asker.id
    question.state = QuestionState.ACCEPTED
    committed.add(
        PublicCopy(
            thread_id=question.id,
            title="매출이 줄었어요",
            text_markdown="줄었어요.",
            answer_markdown="사진을 바꿔 보세요.",
            made_by_id=maker.id,
            made_at=NOW,
        )
    )
    committed.commit()

    def agree() -> int:
        with db.transaction() as session:
            found = session.get_one(Question, question.id)
            user = session.get_one(User, asker.id)
            return public_copies.agree(
                session, found, user, seen=NOW.isoformat(), path="/c", now=clock.now()
            ).id

    assert len(set(race([agree] * 8))) == 1
    assert committed.scalar(select(func.count()).select_from(Question)) == 2
    assert committed.scalar(select(func.count()).select_from(Post)) == 2
