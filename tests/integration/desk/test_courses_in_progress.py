"""Courses begun side by side: one main button. These are the real ones; the tests have only one."""

import re
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core import clock
from portal.courses import queries
from portal.courses.models import Enrolment
from tests.conftest import Browser
from tests.factories import make_user


def test_the_course_one_was_last_in_has_the_main_button(
    session: Session, sign_in: Callable[[User], Browser]
) -> None:
    learner, now = make_user(session), clock.now()
    first, second, third = queries.list_progress(session, learner)[:3]
    for progress, hours in ((first, 2), (second, 1), (third, 3)):
        place = progress.course.places[0]
        moved = now - timedelta(hours=hours)
        session.add(
            Enrolment(
                learner_id=learner.id,
                course_id=progress.course.id,
                lesson_id=place.lesson.id,
                step_id=place.step.id,
                started_at=moved,
                moved_at=moved,
            )
        )
    session.commit()

    page = sign_in(learner).get("/courses/").text
    resume = queries.find_resume(session, learner)

    main = re.findall(r'class="button button--solid"\s+href="/courses/([^/]+)/', page)
    assert main == [second.course.id]
    assert page.count("이어서 하기") == 3
    assert resume is not None
    assert resume.course_id == second.course.id
