"""M24: mentors have a course of their own, and whoever has completed it is called so."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.courses import catalogue
from portal.mentoring import nearby, training
from tests.conftest import Browser
from tests.factories import make_completion, make_mentor, make_step_completion

SignIn = Callable[[User], Browser]


def test_the_course_is_taught_in_short_lessons_each_with_practice(session: Session) -> None:
    course = catalogue.current().course(training.COURSE)

    assert 5 <= len(course.lessons) <= 6
    assert {lesson.minutes for lesson in course.lessons} == {10}
    for lesson in course.lessons:
        assert any(step.practice for step in lesson.steps), lesson.id


def test_a_mentor_without_the_course_is_marked_and_never_hidden(
    session: Session, sign_in: SignIn, merchant: User
) -> None:
    trained, learning = make_mentor(session, name="강미자"), make_mentor(session, name="박정호")
    make_completion(session, trained, course_id=training.COURSE)
    make_completion(session, learning, course_id="first-sale")
    session.flush()

    cards = {card.id: card.is_trained for card in nearby.list_mentors(session, merchant)}
    page = sign_in(merchant).get("/mentoring/mentors/").text

    assert cards == {trained.id: True, learning.id: False}
    for name, words in (("강미자 멘토님", "단골 멘토</span>"), ("박정호 멘토님", "단골 멘토 과정 중")):
        card = page[page.index(f'<strong class="person__line">{name}') :]
        assert words in card[: card.index("</section>")].replace("\N{NO-BREAK SPACE}", " ")


def test_a_mentors_page_says_how_far_they_are(
    session: Session, sign_in: SignIn, merchant: User, mentor: User
) -> None:
    course = catalogue.current().course(training.COURSE)
    his = sign_in(mentor)
    before = his.get("/mentoring/").text
    make_step_completion(session, mentor, *course.places[0].key, course_id=course.id)
    between = his.get("/mentoring/").text
    make_completion(session, mentor, course_id=course.id)
    after = his.get("/mentoring/").text

    assert "아직 시작 전" in before
    assert "한 단계 마침" in between
    assert "이어서 배우기" in between
    assert "과정을 마치셨어요." in after
    assert course.title not in sign_in(merchant).get("/mentoring/").text
