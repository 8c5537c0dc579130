"""A year of questions by a simulated clock: no question is ever without an owner or late in silence.

Mentors answer, are slow, fall silent for weeks, go away and come back; questions come at night, at weekends
and on holidays. Time jumps from one thing that happens to the next; what must always hold is looked at then.
"""

import heapq
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from itertools import count
from random import Random

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session, selectinload

from portal.accounts.models import MentorProfile, RoleGrant, User
from portal.accounts.vocabulary import Region, Topic
from portal.community import absences, operations, owners, promises
from portal.community.models import Question, QuestionState, Routing, RoutingCause
from portal.core import working_time
from portal.core.clock import KST
from portal.core.roles import Role
from portal.messages.models import Notice
from tests.factories import make_mentor, make_user

BEGINS = datetime(2026, 1, 1, tzinfo=KST)
QUESTIONS = 120
PATHS = promises.Paths(question="/q", rest="/rest")
HOLIDAYS = (date(2026, 2, 17), date(2026, 9, 25), date(2026, 5, 5))  # 설날, 추석, 어린이날

#: When every mentor goes away for a week, an operator alone is left; a few questions have just been asked.
ALL_LEAVE = datetime(2026, 10, 8, 15, tzinfo=KST)

#: Working hours until a mentor answers; who is slow is now and then too slow.
HABITS = {"quick": (0.2, 5.0), "slow": (4.0, 10.0), "mixed": (1.0, 8.5)}


@dataclass(frozen=True)
class Waiting:
    """A question that waits, with what must hold for it."""

    id: int
    owner_id: int
    promised_at: datetime
    remind_at: datetime | None
    is_escalated: bool
    has_an_owner_who_answers: bool


@dataclass
class World:
    """The people, what they will do, and what has been seen to hold."""

    session: Session
    random: Random
    operators: list[User]
    askers: list[User]
    habits: dict[int, str] = field(default_factory=dict)
    #: When somebody answers nothing.
    silent: dict[int, tuple[datetime, datetime]] = field(default_factory=dict)
    happenings: list[tuple[datetime, int, Callable[[datetime], None]]] = field(default_factory=list)
    numbers: count = field(default_factory=count)  # type: ignore[type-arg]
    #: Whom each question was seen with, so that each new owner is let think about it once.
    seen: dict[int, tuple[int, datetime]] = field(default_factory=dict)

    waiting: list["Waiting"] = field(default_factory=list)
    resting: set[int] = field(default_factory=set)

    def at(self, moment: datetime, happens: Callable[[datetime], None]) -> None:
        heapq.heappush(self.happenings, (moment, next(self.numbers), happens))


def test_a_year_goes_by_and_every_question_has_an_owner_and_a_time(session: Session) -> None:
    world = make_world(session)
    plan(world)

    while world.happenings:
        now, _, happens = heapq.heappop(world.happenings)
        sweep_until(world, now)
        happens(now)
        look(world, now)

    causes = Counter(session.scalars(select(Routing.cause)))
    assert causes[RoutingCause.ASKED] == QUESTIONS
    assert causes.keys() >= {RoutingCause.LATE, RoutingCause.OWNER_AWAY, RoutingCause.ESCALATED}
    reminders = select(Notice.cause).where(Notice.cause.startswith("reminder:")).group_by(Notice.cause)
    assert session.scalars(reminders.having(func.count() > 1)).all() == []
    told = Counter(cause.partition(":")[0] for cause in session.scalars(select(Notice.cause)))
    assert told["paused"] >= 2
    assert told["reminder"] >= 50
    assert session.scalars(select(MentorProfile).where(MentorProfile.resumed_at.is_not(None))).all()
    assert session.scalars(select(Question).where(owners.waits())).all() == []


def make_world(session: Session) -> World:
    world = World(
        session,
        Random(2026),
        operators=[make_user(session, Role.OPERATOR) for _ in range(2)],
        askers=[make_user(session, region=region) for region in list(Region)[:6] for _ in range(4)],
    )
    for number, habit in enumerate(["quick", "quick", "slow", "mixed", "slow", "mixed"]):
        topics = tuple(Topic) if number % 2 else tuple(list(Topic)[:4])
        mentor = make_mentor(session, topics=topics, region=list(Region)[number])
        world.habits[mentor.id] = habit
    world.habits.update({operator.id: "quick" for operator in world.operators})
    session.commit()
    return world


def plan(world: World) -> None:
    """Put into the year when people ask, and what becomes of the mentors."""
    mentors = [user_id for user_id in world.habits if user_id not in {user.id for user in world.operators}]
    for number in range(QUESTIONS):
        moment = BEGINS + timedelta(minutes=world.random.randrange(360 * 24 * 60))
        if number < 3 * len(HOLIDAYS):
            moment = datetime.combine(HOLIDAYS[number % 3], moment.time(), KST)
        elif number < 4 * len(HOLIDAYS):
            moment = ALL_LEAVE - timedelta(minutes=number)
        world.at(moment, lambda now: ask(world, now))
    for number, mentor_id in enumerate(mentors):
        first = BEGINS + timedelta(days=30 + 50 * number)
        world.silent[mentor_id] = (first, first + timedelta(days=35))
        for month in range(4):
            day = first + timedelta(days=80 * month + 40)
            world.at(day, lambda now, mentor_id=mentor_id: go_away(world, mentor_id, now))  # type: ignore[misc]
    # For a week in autumn every mentor is away; in November one is no mentor any more.
    for mentor_id in mentors:
        world.at(
            ALL_LEAVE,
            lambda now, mentor_id=mentor_id: go_away(world, mentor_id, now, days=7, notice=0),  # type: ignore[misc]
        )
    world.at(BEGINS + timedelta(days=320, hours=14), lambda now: lose_role(world, mentors[0], now))


def ask(world: World, now: datetime) -> None:
    asker = world.random.choice(world.askers)
    draft = operations.Draft(
        topic=world.random.choice(list(Topic)),
        title="한 해 동안의 질문이에요",
        detail="어떻게 하면 되나요?",
        form_key=f"a-question-of-the-year-{next(world.numbers)}",
    )
    made = operations.ask(world.session, asker, draft, mask=False, path_of=lambda _: "/q", now=now)
    assert made.promised_at == promises.promise(now)


def answer(world: World, question_id: int, owner_id: int, now: datetime) -> None:
    """Let the owner answer what is still theirs, unless they are silent, and perhaps the asker ask on."""
    question = world.session.get_one(Question, question_id)
    if question.state != QuestionState.WAITING or question.owner_id != owner_id:
        return
    began, ended = world.silent.get(owner_id, (now, now))
    if began <= now < ended:
        return
    write(world, question, owner_id, now)
    if world.random.random() < 0.15:
        later = now + timedelta(hours=world.random.randrange(1, 60))
        world.at(later, lambda now: write(world, question, question.author_id, now))


def write(world: World, question: Question, author_id: int, now: datetime) -> None:
    author = world.session.scalars(
        select(User).where(User.id == author_id).options(selectinload(User.grants))
    ).one()
    key = f"a-post-of-the-year-{next(world.numbers)}"
    operations.answer(
        world.session,
        question,
        author,
        text="이렇게요.",
        form_key=key,
        mask=False,
        path_of=lambda _: "/q",
        now=now,
    )


def go_away(world: World, mentor_id: int, now: datetime, *, days: int = 0, notice: int = 1) -> None:
    first = now.astimezone(KST).date() + timedelta(days=notice)
    last = first + timedelta(days=days or world.random.randrange(1, 12))
    mentor = world.session.get_one(User, mentor_id)
    absences.go_away(world.session, mentor, first_day=first, last_day=last, now=now)
    before = working_time.working_day_from(first) - timedelta(days=1)
    while not working_time.is_working_day(before):
        before -= timedelta(days=1)
    closing = datetime.combine(before, working_time.CLOSES, KST)
    if closing <= now:
        sweep(world, now)
    else:
        world.at(closing, lambda now: sweep(world, now))


def lose_role(world: World, mentor_id: int, now: datetime) -> None:
    world.session.delete(world.session.get_one(RoleGrant, (mentor_id, Role.MENTOR)))
    sweep(world, now)


def come_back(world: World, mentor_id: int, now: datetime) -> None:
    absences.come_back(world.session, world.session.get_one(User, mentor_id), path="/rest", now=now)
    world.resting.discard(mentor_id)


def sweep_until(world: World, now: datetime) -> None:
    """Sweep at each moment before ``now`` at which a promise or a reminder is due."""
    while (due := next_due(world)) is not None and due < now:
        sweep(world, due)


def next_due(world: World) -> datetime | None:
    due = [
        moment
        for row in world.waiting
        for moment in (row.remind_at, None if row.is_escalated else row.promised_at)
        if moment is not None
    ]
    # The sweep comes round every twenty seconds.
    return min(due) + timedelta(seconds=20) if due else None


def sweep(world: World, now: datetime) -> None:
    """Do what the worker does, and let nothing be left to do."""
    for question_id in promises.list_due_ids(world.session, now):
        promises.look_after(world.session, question_id, paths=PATHS, now=now)
    look_at_mentors(world, now)
    look(world, now)


def look(world: World, now: datetime) -> None:
    """Look at what must hold at every moment, and let every new owner plan an answer."""
    rows = world.session.execute(statement(working_time.working_day_at(now)))
    world.waiting = [Waiting(*row) for row in rows]
    for row in world.waiting:
        assert row.has_an_owner_who_answers
        assert row.promised_at >= now or row.is_escalated
        assert row.remind_at is None or row.remind_at > now
        if world.seen.get(row.id) != (row.owner_id, row.promised_at):
            world.seen[row.id] = (row.owner_id, row.promised_at)
            think(world, row.id, row.owner_id, now)


@cache
def statement(day: date) -> Select[int, int, datetime, datetime | None, bool, bool]:
    """Return what reads the waiting questions on a working day; a day's looks share it, for they are many."""
    is_escalated = exists().where(
        Routing.thread_id == Question.id,
        Routing.cause == RoutingCause.ESCALATED,
        Routing.former_promise == Question.promised_at,
    )
    answers = owners.can_answer(Question.owner_id, datetime.combine(day, working_time.OPENS, KST))
    times = (Question.promised_at, Question.remind_at)
    return select(Question.id, Question.owner_id, *times, is_escalated, answers).where(owners.waits())


def think(world: World, question_id: int, owner_id: int, now: datetime) -> None:
    low, high = HABITS[world.habits[owner_id]]
    moment = working_time.add_working_hours(now, world.random.uniform(low, high))
    world.at(moment, lambda now: answer(world, question_id, owner_id, now))


def look_at_mentors(world: World, now: datetime) -> None:
    """Count from the steps themselves who missed three promises in four weeks: they are paused."""
    late = select(Routing.former_id, Routing.thread_id, Routing.former_promise, Routing.at).where(
        Routing.cause == RoutingCause.LATE, Routing.at > now - timedelta(days=28)
    )
    steps = world.session.execute(late).all()
    for profile in world.session.scalars(select(MentorProfile)):
        back = profile.resumed_at or BEGINS
        missed = {row[1:3] for row in steps if row[0] == profile.user_id and row[3] > back}
        assert profile.paused_at is not None or len(missed) < 3
        if profile.paused_at is not None and profile.user_id not in world.resting:
            world.resting.add(profile.user_id)
            later = now + timedelta(days=world.random.randrange(1, 20))
            world.at(later, lambda now, mentor_id=profile.user_id: come_back(world, mentor_id, now))  # type: ignore[misc]
