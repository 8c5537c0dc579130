"""Journey 3 when things go wrong: a mentor away, a holiday, no worker, a number in the photo."""

from datetime import date, datetime, time, timedelta

import holidays
import pytest
from sqlalchemy import func, select, update

from portal.accounts.models import User
from portal.community import absences, promises
from portal.community.models import Question
from portal.core import clock, korean, queue
from portal.core.clock import KST
from portal.core.roles import Role
from portal.messages.models import Notice
from tests import factories
from tests.browser.conftest import OpenPhone, Phone, Portal
from tests.browser.test_question_journey import take_photo

pytestmark = pytest.mark.browser
TITLE = "반품 택배비를 누가 내나요"


@pytest.fixture
def mentors(portal: Portal) -> tuple[User, User]:
    """Give two who answer: one is away from today on, the other is not."""
    today = clock.now().astimezone(KST).date()
    with portal.transaction() as session:
        away = factories.make_mentor(session, name="박정호")
        here = factories.make_mentor(session, name="강미자")
        absences.go_away(session, away, first_day=today, last_day=today + timedelta(days=9), now=clock.now())
        for other in session.scalars(select(User).where(User.name.in_(["박정호", "강미자"]))):
            if other.id not in {away.id, here.id}:
                other.name = "지난 시험의 멘토"
    return away, here


def test_a_mentor_away_and_a_worker_down_cost_her_no_answer(
    portal: Portal, open_phone: OpenPhone, mentors: tuple[User, User]
) -> None:
    with portal.transaction() as session:
        asker = factories.make_known(session, name="김순자")
        operator = factories.make_user(session, Role.OPERATOR, name="정하늘")
        factories.make_mentor(session, name="오세라")
    hers = ask(open_phone(asker))
    assert not hers.sees("박정호 멘토님이")
    owner = owner_of(portal, asker)

    let_two_hours_pass_with_no_worker(portal, asker)
    assert open_phone(operator).go("/desk/").press("약속을 어긴 적 있는 질문", exact=False).sees(TITLE)
    for _ in range(2):  # it is back, and once more
        with portal.app.app_context():
            queue.sweep(now=clock.now())
        portal.run_jobs()

    hers.open_newest_notice(f"답이 늦어 죄송해요. ‘{TITLE}’ 질문을")
    helper = owner_of(portal, asker)
    assert helper.id != owner.id
    assert count_told(portal, asker) == 1
    his = open_phone(helper).go("/").press(TITLE)
    his.fill("답", "사장님 잘못이 아니면 손님이 내요.", exact=True).press("답 보내기")
    hers.go("/community/").press(TITLE)
    hers.press("이 답으로 해결됐어요")
    assert hers.sees("해결됐다니 다행이에요.")


def ask(phone: Phone) -> Phone:
    phone.go("/community/ask")
    phone.fill("하려던 것 한 줄", TITLE).fill("지금 보이는 것", "손님이 마음을 바꿨어요.").choose("배송·반품")
    phone.press("질문 보내기")
    if phone.heading == "이 가운데 답이 있나요?":  # the run before, with scripts, asked the same
        phone.press("그래도 질문 보내기")
    return phone


def let_two_hours_pass_with_no_worker(portal: Portal, asker: User) -> None:
    """Let the promise of her question have ended two hours ago, with nothing done about it."""
    asked_at, late_since = clock.now() - timedelta(days=3), clock.now() - timedelta(hours=2)
    moved = {"created_at": asked_at, "promised_at": late_since, "remind_at": None}
    with portal.transaction() as session:
        session.execute(update(Question).where(Question.author_id == asker.id).values(**moved))


def test_a_promise_made_before_a_holiday_comes_after_it(
    portal: Portal, open_phone: OpenPhone, mentors: tuple[User, User]
) -> None:
    eve, after = around_the_new_year(clock.now().year + 1)
    with portal.transaction() as session:
        asker = factories.make_known(session, name="김순자")
        asked_at = datetime.combine(eve, time(17), KST)
        factories.make_question(
            session,
            asker=asker,
            owner=mentors[1],
            title="설에 온 질문",
            at=asked_at,
            promised_at=promises.promise(asked_at),
        )

    hers = open_phone(asker).go("/community/").press("설에 온 질문")

    promised = korean.day_and_time(datetime.combine(after, time(16), KST), now=clock.now())
    assert hers.sees(f"{promised}까지")


def test_a_number_in_her_photo_is_covered_for_good(
    portal: Portal, open_phone: OpenPhone, mentors: tuple[User, User]
) -> None:
    with portal.transaction() as session:
        picture = portal.app.extensions["portal_storage"].put(take_photo())
        asker = factories.make_known(session, name="김순자")
        factories.make_question(
            session, asker=asker, owner=mentors[1], title="화면에 번호가 있어요", picture_key=picture
        )

    hers = (
        open_phone(asker).go("/community/").press("화면에 번호가 있어요").press("네모로 가리기", exact=False)
    )
    hers.page.get_by_label("위에서 1번째 줄, 왼쪽에서 1번째 칸").check(force=True)
    hers.press("까맣게 가리기")

    assert hers.sees("가리기 전 사진은 지웠어요.")


def around_the_new_year(year: int) -> tuple[date, date]:
    """Return the last working day before 설날 and the first one after it."""
    free = holidays.country_holidays("KR", years=year, language="ko")
    day = next(day for day, name in sorted(free.items()) if name == "설날")

    def is_working(day: date) -> bool:
        return day.weekday() < 5 and day not in free

    eve = after = day
    while not is_working(eve):
        eve -= timedelta(days=1)
    while not is_working(after):
        after += timedelta(days=1)
    return eve, after


def owner_of(portal: Portal, asker: User) -> User:
    with portal.transaction() as session:
        asked = select(Question.owner_id).where(Question.author_id == asker.id)
        return session.get_one(User, session.scalars(asked).one())


def count_told(portal: Portal, asker: User) -> int:
    """Return how often somebody was told that their question is late."""
    with portal.transaction() as session:
        counted = select(func.count()).where(
            Notice.user_id == asker.id, Notice.sentence.startswith("답이 늦어")
        )
        return session.scalar(counted) or 0
