"""Who finds which thread by which words, at once after every change."""

import pytest
from flask import Flask
from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.accounts.vocabulary import Topic
from portal.community import finding
from portal.community.models import Association, AssociationMember, Board, PostKind, QuestionState
from portal.core import clock, search_index
from portal.core.db import Base
from portal.core.roles import Role
from portal.core.search_words import Synonyms, ask, tokens_of
from tests.factories import make_answer, make_mentor, make_question, make_user

OTHERS = Synonyms(same=(("스마트스토어", "스스"),), near=(("반품", "환불"),))


def found(session: Session, typed: str, reader: User | None = None) -> list[int]:
    """Return the ids of what is found once everything is committed."""
    session.commit()
    return [each.id for each in finding.find_threads(session, reader, ask(typed, OTHERS))]


@pytest.mark.parametrize(
    "typed",
    [
        "정산",
        "정산이",
        "정산일",
        "정산은 언제",
        "스마트 스토어",
        "스마트스토어",
        "스스",
        "ㅅㅁㅌㅅㅌㅇ",
        "정산 없는말",
    ],
)
def test_a_question_is_found_with_particles_spaces_synonyms_and_initials(
    session: Session, typed: str
) -> None:
    right = make_question(session, title="스마트 스토어 정산일이 언제인가요")
    make_question(session, title="영광고추를 팔아요")

    assert found(session, typed) == [right.id]


def test_titles_come_first_then_solved_then_the_newest(session: Session) -> None:
    newest_last = [
        make_question(session, title="정산이 궁금해요"),
        make_question(session, text="정산을 기다려요", state=QuestionState.ACCEPTED),
        make_question(session, text="정산이 뭐예요"),
        make_question(session, text="정산을 몰라요"),
        make_question(session, text="인정산업이에요"),
    ]

    places = [
        newest_last.index(session.get_one(type(newest_last[0]), each)) for each in found(session, "정산")
    ]

    assert places == [0, 1, 3, 2, 4]


def test_what_is_changed_hidden_held_or_answered_is_found_as_it_is_now(session: Session) -> None:
    question = make_question(session, title="택배가 늦어요")
    answer = make_answer(session, question, text="송장을 다시 보내 보세요.")
    assert found(session, "송장") == [question.id]

    answer.hidden_at = clock.now()
    assert found(session, "송장") == []
    answer.hidden_at = None
    assert found(session, "송장") == [question.id]
    answer.held_at = clock.now()
    assert found(session, "송장") == []

    question.title = "배송이 늦어요"
    assert found(session, "택배") == []
    assert found(session, "배송") == [question.id]

    question.hidden_at = clock.now()
    assert found(session, "배송") == []


def test_a_post_that_moves_takes_its_words_along(session: Session) -> None:
    first, second = make_question(session), make_question(session)
    answer = make_answer(session, first, text="송장을 보내세요.")
    assert found(session, "송장") == [first.id]

    answer.thread_id = second.id

    assert found(session, "송장") == [second.id]


def test_a_thread_that_was_merged_away_is_found_no_more(session: Session) -> None:
    first, second = make_question(session, title="송장이 없어요"), make_question(session)
    assert found(session, "송장") == [first.id]

    first.moved_to_id = second.id

    assert found(session, "송장") == []


def test_a_change_that_is_rolled_back_is_not_found(session: Session) -> None:
    question = make_question(session, title="택배가 늦어요")
    session.commit()

    question.title = "송장이 없어요"
    session.flush()
    session.rollback()

    assert found(session, "송장") == []
    assert found(session, "택배") == [question.id]


def test_private_questions_are_found_by_their_asker_and_staff_only(session: Session) -> None:
    asker = make_user(session)
    question = make_question(session, asker=asker, title="매출이 줄었어요", is_private=True)

    assert found(session, "매출") == []
    assert found(session, "매출", make_user(session)) == []
    assert found(session, "매출", asker) == [question.id]
    assert found(session, "매출", make_mentor(session)) == [question.id]
    assert finding.similar(session, make_user(session), ask("매출", OTHERS), topic=Topic.SETTLEMENT) == []


def test_hidden_and_held_questions_are_found_by_those_who_may_read_them_only(session: Session) -> None:
    asker = make_user(session)
    hidden = make_question(session, asker=asker, title="매출 자랑", hidden_at=clock.now())
    held = make_question(session, asker=asker, title="매출 질문", held_at=clock.now())

    assert found(session, "매출", make_user(session)) == []
    assert found(session, "매출", make_mentor(session, topics=())) == []
    assert found(session, "매출", make_mentor(session, topics=(held.topic,))) == [held.id]
    for reader in (asker, make_user(session, Role.OPERATOR)):
        assert found(session, "매출", reader) == [held.id, hidden.id]


def test_what_stands_on_the_board_of_a_group_is_found_by_its_members_only(session: Session) -> None:
    member, stranger = make_user(session), make_user(session)
    group = Association(name="중앙시장 상인회", join_code="123456", created_at=clock.now())
    session.add(group)
    session.flush()
    session.add(AssociationMember(association_id=group.id, user_id=member.id, joined_at=clock.now()))
    # By the table: the class would take the state of a question.
    row = {"board": Board.GROUP, "association_id": group.id, "author_id": member.id, "state": None}
    texts = {"form_key": "a talk of a test", "title": "매출 이야기", "text_markdown": "", "text_html": ""}
    at = {"created_at": clock.now(), "last_post_at": clock.now()}
    threads = Base.metadata.tables["thread"]
    talk_id = session.scalar(insert(threads).values(row | texts | at).returning(threads.c.id))
    assert talk_id is not None
    finding.index(session, [talk_id])
    session.commit()

    def ids(reader: User | None) -> list[int]:
        asked = ask("매출", OTHERS)
        return [each.id for each in finding.find_threads(session, reader, asked, boards={Board.GROUP})]

    assert ids(member) == [talk_id]
    assert ids(stranger) == ids(None) == []
    assert found(session, "매출", member) == [talk_id]
    assert found(session, "매출", stranger) == found(session, "매출") == []


@pytest.mark.parametrize("typed", ["정산", "정산 없는말"])
def test_pages_go_on_without_losing_or_repeating_anything(session: Session, typed: str) -> None:
    for number in range(23):
        make_question(
            session,
            title="정산이 궁금해요" if number % 3 else "다른 이야기",
            text="정산을 기다려요" if number % 5 else "인정산업",
            state=QuestionState.ACCEPTED if number % 2 else QuestionState.ANSWERED,
        )
    session.commit()
    asked, seen, after = ask(typed, OTHERS), [], None
    while page := finding.find_threads(session, None, asked, after=after, limit=4)[:4]:
        seen += [each.id for each in page]
        after = page[-1].hit

    assert len(seen) == len(set(seen)) == 23
    assert seen == [each.id for each in finding.find_threads(session, None, asked, limit=50)]


def test_words_close_to_it_come_only_when_little_is_found(session: Session) -> None:
    refund = make_question(session, title="환불해 주세요")
    exact = [make_question(session, title=f"반품 {number}").id for number in range(finding.ENOUGH - 1)]

    assert found(session, "반품") == [*reversed(exact), refund.id]

    make_question(session, title="반품 또 있어요")
    assert refund.id not in found(session, "반품")


def test_similar_questions_are_solved_and_the_most_alike_come_first(session: Session) -> None:
    half = make_question(session, title="정산이 늦어요", state=QuestionState.ACCEPTED)
    alike = make_question(session, title="정산 수수료가 늦어요", state=QuestionState.ACCEPTED)
    make_question(session, title="정산 수수료가 늦어요")
    session.commit()

    similar = finding.similar(session, None, ask("정산 수수료 늦어요", OTHERS), topic=Topic.PRODUCT_PAGE)

    assert [each.id for each in similar] == [alike.id, half.id]
    assert all(each.is_solved for each in similar)


def test_older_shelves_are_read_when_the_newest_have_too_little(session: Session) -> None:
    far = 3 << search_index.SHELF_BITS
    ids = [make_question(session, id=number, title="정산").id for number in (5, far, far + 1)]
    make_question(session, id=far + 5, title="다른 이야기")

    assert found(session, "정산") == [ids[2], ids[1], ids[0]]
    first = finding.find_threads(session, None, ask("정산", OTHERS), limit=1)[0]
    rest = finding.find_threads(session, None, ask("정산", OTHERS), after=first.hit)
    assert [each.id for each in rest] == [ids[1], ids[0]]


HOSTILE = (
    "' OR 1=1 --",
    '"*()^:&|!<->\\',
    "\x00정산\x00",
    "정" * 10_000,
    "a\u0301" * 5000,
    "NEAR(a b) NOT x*",
    "\ue000\uf8ff",
)


@pytest.mark.parametrize("typed", HOSTILE)
def test_whatever_is_typed_and_written_neither_fails_nor_finds_what_is_not_there(
    session: Session, typed: str
) -> None:
    make_question(session, title="' & | ! <-> () \" * : 기호도 적어요", text=typed.replace("\x00", ""))
    make_question(session, title="다른 이야기")

    assert len(found(session, typed)) <= 1
    assert len(found(session, "기호")) == 1


def test_the_index_is_rebuilt_from_the_rows(session: Session, isolated: Flask) -> None:
    kept, gone = make_question(session, title="정산이 늦어요"), make_question(session, title="정산이 없어요")
    session.commit()
    search_index.put_all(session, {kept.id: tokens_of(title="딴말", texts=[])}, instead_of=[kept.id])
    search_index.put_all(session, {gone.id + 9: tokens_of(title="정산", texts=[])}, instead_of=[])
    session.commit()
    assert found(session, "딴말") == [kept.id]

    result = isolated.test_cli_runner().invoke(args=["search", "rebuild"])

    assert result.exit_code == 0, result.output
    assert found(session, "딴말") == []
    assert found(session, "정산") == [gone.id, kept.id]
    count = session.scalar(text("SELECT count(*) FROM search_document"))
    assert count == 2


def test_the_excerpt_shows_no_post_that_the_reader_may_not_see(session: Session) -> None:
    question = make_question(session, title="정산이 늦어요")
    make_answer(session, question, text="정산 비밀번호는 바나나예요.").hidden_at = clock.now()
    make_answer(session, question, kind=PostKind.FOLLOW_UP, text="정산을 기다려요.")
    session.commit()

    shown = finding.find_threads(session, None, ask("정산", OTHERS))[0]

    assert "바나나" not in "".join(text for text, _ in shown.excerpt)
