"""Rows with believable defaults, one function for each kind. The session is flushed, not committed."""

from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts import operations
from portal.accounts.models import MentorProfile, MentorTopic, RoleGrant, User
from portal.accounts.vocabulary import Region, Topic
from portal.certification import operations as certification
from portal.certification.models import Certificate, Proposal
from portal.community import groups
from portal.community.boards import KINDS
from portal.community.models import (
    Association,
    AssociationMember,
    Board,
    MentorAway,
    Post,
    PostKind,
    Question,
    QuestionState,
    Story,
    StoryFacts,
    Thread,
)
from portal.core import clock
from portal.core.roles import Role
from portal.courses import catalogue
from portal.courses.models import (
    CourseCompletion,
    Enrolment,
    Handout,
    HandoutKind,
    PracticeTry,
    StepCompletion,
)
from portal.courses.operations import required_practice
from portal.courses.rehearsal_models import Rehearsal, RehearsalLog
from portal.courses.reply_models import Phrase, ReplyReview
from portal.diagnosis import operations as diagnosis
from portal.diagnosis.models import Diagnosis
from portal.diagnosis.questions import Questionnaire
from portal.mentoring import slots
from portal.mentoring.circle_models import Circle, CircleMeeting, CircleMember
from portal.mentoring.models import Engagement, EngagementState, Need, NeedState
from portal.mentoring.plan_models import PlanPaper
from portal.mentoring.visit_models import ActionItem, Visit, VisitState, VisitTime
from portal.mentoring.vocabulary import VisitKind
from portal.messages.models import Delivery, Notice, QuietHours
from portal.messages.vocabulary import Channel, Kind

_numbers = count(1)
_SURNAMES = "김이박최정강조윤장임"


def make_user(session: Session, *roles: Role, name: str | None = None, **columns: object) -> User:
    """Return an account with ``roles``, a merchant's unless given."""
    number = next(_numbers)
    now = clock.now()
    user = User(
        name=name or f"{_SURNAMES[number % 10]}하나",
        phone=f"0107{number:07d}",
        created_at=now,
        grants=[RoleGrant(role=role, granted_at=now) for role in roles or (Role.MERCHANT,)],
        **columns,
    )
    session.add(user)
    session.flush()
    return user


def make_known(session: Session, *, name: str | None = None) -> User:
    """Return a merchant whose texts are public at once, since a course is completed."""
    user = make_user(session, name=name)
    make_completion(session, user)
    return user


def make_mentor(
    session: Session,
    *,
    name: str | None = None,
    topics: tuple[Topic, ...] = tuple(Topic),
    region: Region = Region.SEOUL,
    capacity: int = 3,
    paused_at: datetime | None = None,
) -> User:
    """Return a mentor who takes every topic unless told otherwise."""
    user = make_user(session, Role.MENTOR, name=name, region=region)
    session.add(
        MentorProfile(
            user_id=user.id,
            introduction="온라인에서 3년째 팔고 있어요.",
            capacity=capacity,
            paused_at=paused_at,
            topics=[MentorTopic(topic=topic) for topic in topics],
        )
    )
    session.flush()
    return user


def keep_awake(session: Session, user: User) -> None:
    """Let messages reach a person at any hour, so that a test does not depend on when it runs."""
    session.add(QuietHours(user_id=user.id, quiet_from=24, quiet_until=0))
    session.flush()


def make_delivery(
    session: Session,
    user: User | None = None,
    *,
    channel: Channel = Channel.SMS,
    sentence: str = "박정호 멘토님이 답했어요.",
    about: str = "",
    kind: Kind = Kind.ANSWERS,
    due_in: timedelta = timedelta(),
    **columns: Any,
) -> Delivery:
    """Return a notice on its way to somebody who may be told at any hour."""
    user, now = user or make_user(session), clock.now()
    if session.get(QuietHours, user.id) is None:
        keep_awake(session, user)
    number = next(_numbers)
    notice = Notice(
        user_id=user.id,
        cause=f"test:{number}",
        about=about,
        kind=kind,
        sentence=sentence,
        path="/messages/",
        created_at=now,
    )
    session.add(notice)
    session.flush()
    delivery = Delivery(
        user_id=user.id,
        channel=channel,
        notice_id=notice.id,
        message_id=f"test-{number}",
        created_at=now,
        due_at=now + due_in,
        **columns,
    )
    session.add(delivery)
    session.commit()
    return delivery


def make_sign_in(session: Session, user: User, *, at: datetime | None = None) -> str:
    """Return the token of a session opened for ``user``."""
    token = operations.open_sign_in(
        session, user, device="test", now=at or clock.now() - timedelta(minutes=1)
    )
    session.commit()
    return token


def make_completion(
    session: Session, learner: User, *, course_id: str = "first-sale", at: datetime | None = None
) -> CourseCompletion:
    """Return that ``learner`` completed a course, as the last step would have noted it."""
    completion = CourseCompletion(
        learner_id=learner.id, course_id=course_id, version="test", completed_at=at or clock.now()
    )
    session.add(completion)
    session.flush()
    return completion


def make_proposal(
    session: Session, *, learner: User | None = None, trainer: User | None = None, at: datetime | None = None
) -> Proposal:
    """Return a certificate proposed by a trainer for a completed course."""
    now = at or clock.now()
    learner = learner or make_user(session)
    trainer = trainer or make_user(session, Role.TRAINER)
    completion = make_completion(session, learner, at=now)
    return certification.propose(session, completion, trainer, now=now)


def make_certificate(
    session: Session, *, learner: User | None = None, approver: User | None = None, at: datetime | None = None
) -> Certificate:
    """Return an approved certificate whose document a worker has still to draw."""
    now = at or clock.now()
    proposal = make_proposal(session, learner=learner, at=now)
    approver = approver or make_user(session, Role.OPERATOR)
    return certification.approve(session, proposal, approver, now=now)


def make_need(
    session: Session,
    merchant: User,
    *,
    topic: Topic = Topic.PHONE,
    detail: str = "사진이 옆으로 누워 있어요.",
    wants: VisitKind = VisitKind.VISIT,
    region: Region | None = Region.SEOUL,
    state: NeedState = NeedState.OPEN,
    created_at: datetime | None = None,
) -> Need:
    """Return a need that waits for a mentor unless told otherwise."""
    need = Need(
        merchant_id=merchant.id,
        topic=topic,
        detail=detail,
        wants=wants,
        region=region,
        state=state,
        form_key=f"need-{next(_numbers)}",
        created_at=created_at or clock.now(),
    )
    session.add(need)
    session.flush()
    return need


def make_engagement(
    session: Session,
    merchant: User,
    mentor: User,
    *,
    seat_no: int = 1,
    state: EngagementState = EngagementState.ACTIVE,
    **need_columns: Any,
) -> Engagement:
    """Return an engagement with a matched need of its own."""
    now = clock.now()
    need = make_need(session, merchant, state=NeedState.MATCHED, **need_columns)
    engagement = Engagement(
        need_id=need.id,
        merchant_id=merchant.id,
        mentor_id=mentor.id,
        seat_no=seat_no,
        state=state,
        started_at=now,
        ended_at=now if state == EngagementState.ENDED else None,
    )
    session.add(engagement)
    session.flush()
    return engagement


def make_visit(
    session: Session,
    engagement: Engagement,
    *,
    times: tuple[datetime, ...] = (),
    starts_at: datetime | None = None,
    state: VisitState | None = None,
    place: str = "순자네 반찬(서울)",
    log: str = "",
    items: tuple[str, ...] = (),
    **columns: Any,
) -> Visit:
    """Return a visit: proposed with ``times``, agreed with ``starts_at``, held with ``log``, unless told."""
    kind_of_state = VisitState.HELD if log else VisitState.AGREED if starts_at else VisitState.PROPOSED
    visit = Visit(
        engagement_id=engagement.id,
        mentor_id=engagement.mentor_id,
        kind=columns.pop("kind", VisitKind.VISIT),
        place=place,
        state=state or kind_of_state,
        created_at=clock.now(),
        starts_at=starts_at,
        agreed_at=clock.now() if starts_at else None,
        log=log,
        log_written_at=clock.now() if log else None,
        form_key=f"visit-{next(_numbers)}",
        times=[VisitTime(position=place_no, starts_at=at) for place_no, at in enumerate(times, start=1)],
        items=[ActionItem(position=place_no, text=words) for place_no, words in enumerate(items, start=1)],
        **columns,
    )
    session.add(visit)
    session.flush()
    if visit.state == VisitState.AGREED and starts_at is not None:
        slots.take(
            session,
            mentor_id=visit.mentor_id,
            visit_id=visit.id,
            needed=slots.half_hours(starts_at, visit.minutes),
        )
    return visit


def make_circle(
    session: Session,
    mentor: User | None = None,
    *members: User,
    name: str = "망원시장 사진 모임",
    places: int = 8,
    region: Region = Region.SEOUL,
    **columns: Any,
) -> Circle:
    """Return a group that its mentor opened, with ``members`` on its first places."""
    now, leader = clock.now(), mentor or make_mentor(session)
    circle = Circle(
        name=name,
        region=region,
        topic=Topic.PHONE,
        goal="상품 사진 세 장을 혼자 찍어 올려요.",
        mentor_id=leader.id,
        places=places,
        code=f"{next(_numbers):08d}",
        made_by_id=leader.id,
        made_at=now,
        form_key=f"circle-of-a-test-{next(_numbers)}",
        **columns,
    )
    session.add(circle)
    session.flush()
    for place_no, user in enumerate(members, start=1):
        session.add(
            CircleMember(
                circle_id=circle.id, user_id=user.id, place_no=place_no, joined_at=now - timedelta(days=30)
            )
        )
    session.flush()
    return circle


def make_meeting(session: Session, circle: Circle, *, starts_at: datetime, **columns: Any) -> CircleMeeting:
    """Return a meeting of a group that is planned unless told otherwise, with its half hours taken."""
    values: dict[str, Any] = {"kind": VisitKind.VISIT, "minutes": 90, "place": "상인회 사무실 2층"}
    meeting = CircleMeeting(
        circle_id=circle.id,
        starts_at=starts_at,
        made_at=clock.now(),
        form_key=f"meeting-of-a-test-{next(_numbers)}",
        **{**values, "plan": "상품 사진을 세 장씩 찍어요.", **columns},
    )
    session.add(meeting)
    session.flush()
    slots.take(
        session,
        mentor_id=circle.mentor_id,
        meeting_id=meeting.id,
        needed=slots.half_hours(starts_at, meeting.minutes),
    )
    return meeting


def make_question(
    session: Session,
    *,
    asker: User | None = None,
    owner: User | None = None,
    title: str = "상품 사진이 흐리게 올라가요",
    text: str = "사진을 올렸는데 글자가 안 보여요.",
    at: datetime | None = None,
    promised_at: datetime | None = None,
    **columns: object,
) -> Question:
    """Return a question that waits for its owner, promised eight hours after it was asked unless told."""
    at = at or clock.now()
    question = Question(
        author_id=(asker or make_user(session)).id,
        owner_id=(owner or make_mentor(session)).id,
        form_key=f"question-of-a-test-{next(_numbers)}",
        title=title,
        text_markdown=text,
        text_html=f"<p>{text}</p>",
        created_at=at,
        last_post_at=at,
        promised_at=promised_at or at + timedelta(hours=8),
        **{"topic": Topic.PRODUCT_PAGE, **columns},
    )
    session.add(question)
    session.flush()
    return question


def make_away(
    session: Session, mentor: User, *, first_day: date | None = None, last_day: date | None = None
) -> MentorAway:
    """Return days on which the mentor takes no questions: tomorrow unless told."""
    first_day = first_day or clock.now().astimezone(clock.KST).date() + timedelta(days=1)
    away = MentorAway(
        mentor_id=mentor.id, first_day=first_day, last_day=last_day or first_day, created_at=clock.now()
    )
    session.add(away)
    session.flush()
    return away


def make_answer(
    session: Session,
    question: Question,
    *,
    author_id: int | None = None,
    kind: PostKind = PostKind.ANSWER,
    text: str = "밝은 곳에서 다시 찍어 보세요.",
    at: datetime | None = None,
) -> Post:
    """Return an answer by the question's owner, or a follow-up by its asker; the state follows."""
    is_answer = kind == PostKind.ANSWER
    answer = Post(
        thread_id=question.id,
        author_id=author_id or (question.owner_id if is_answer else question.author_id),
        form_key=f"answer-of-a-test-{next(_numbers)}",
        kind=kind,
        text_markdown=text,
        text_html=f"<p>{text}</p>",
        created_at=at or clock.now(),
    )
    session.add(answer)
    question.state = QuestionState.ANSWERED if is_answer else QuestionState.WAITING
    session.flush()
    return answer


def make_comment(
    session: Session,
    thread: Thread,
    *,
    author: User | None = None,
    text: str = "저도 그래요.",
    at: datetime | None = None,
    **columns: object,
) -> Post:
    """Return a comment under a thread, counted."""
    comment = Post(
        thread_id=thread.id,
        author_id=(author or make_user(session)).id,
        form_key=f"comment-of-a-test-{next(_numbers)}",
        kind=PostKind.COMMENT,
        text_markdown=text,
        text_html=f"<p>{text}</p>",
        created_at=at or clock.now(),
        **columns,
    )
    session.add(comment)
    thread.posts_count += 1
    session.flush()
    return comment


def make_talk(session: Session, **columns: Any) -> Thread:
    """Return a thread that asks nobody for an answer."""
    return make_thread(session, Board.TALK, **columns)


def make_thread(
    session: Session,
    board: Board = Board.TALK,
    *,
    author: User | None = None,
    title: str = "오늘 장이 참 잘됐어요",
    text: str = "비가 그치고 손님이 많이 오셨어요.",
    at: datetime | None = None,
    **columns: object,
) -> Thread:
    """Return something on a board beside the questions."""
    at = at or clock.now()
    values: dict[str, object] = {
        "author_id": (author or make_user(session)).id,
        "form_key": f"thread-of-a-test-{next(_numbers)}",
        "title": title,
        "text_markdown": text,
        "text_html": f"<p>{text}</p>",
        "created_at": at,
        "last_post_at": at,
    }
    thread = KINDS[board](**(values | columns))
    session.add(thread)
    session.flush()
    return thread


def make_association(
    session: Session, *, manager: User | None = None, name: str | None = None
) -> Association:
    """Return an association with the member who manages it."""
    return groups.make(
        session,
        name=name or f"시장 {next(_numbers)} 상인회",
        region=Region.SEOUL,
        manager=manager or make_user(session),
        now=clock.now(),
    )


def make_member(session: Session, association: Association, user: User | None = None) -> User:
    """Return somebody who belongs to an association."""
    user = user or make_user(session)
    session.add(AssociationMember(association_id=association.id, user_id=user.id, joined_at=clock.now()))
    session.flush()
    return user


def make_story(
    session: Session,
    *,
    author: User | None = None,
    is_public: bool = True,
    rung: str = "first_order",
    **columns: Any,
) -> Story:
    """Return a story that two people have seen the evidence of, or one that waits for both."""
    now = clock.now()
    viewers = [make_user(session, Role.TRAINER).id for _ in range(2)] if is_public else [None, None]
    values: dict[str, Any] = {
        "author_id": (author or make_user(session)).id,
        "form_key": f"story-of-a-test-{next(_numbers)}",
        "title": "딸 도움 없이 첫 주문을 받았어요",
        "text_markdown": "사진부터 다시 찍었어요.",
        "text_html": "<p>사진부터 다시 찍었어요.</p>",
        "created_at": now,
        "last_post_at": now,
        "held_at": None if is_public else now,
    }
    facts = StoryFacts(
        business_type="반찬",
        channel="스마트스토어",
        months=3,
        rung=rung,
        consent_version="2026-11-22",
        consented_at=now,
        first_seen_by_id=viewers[0],
        second_seen_by_id=viewers[1],
        published_at=now if is_public else None,
    )
    story = Story(**(values | columns), facts=facts)
    session.add(story)
    session.flush()
    return story


def make_step_completion(
    session: Session,
    learner: User,
    lesson_id: str,
    step_id: str,
    *,
    course_id: str = "first-sale",
    at: datetime | None = None,
) -> StepCompletion:
    """Return that ``learner`` completed a step, and leave the learner's enrolment at it."""
    now = at or clock.now()
    enrolment = session.scalar(
        select(Enrolment).where(Enrolment.learner_id == learner.id, Enrolment.course_id == course_id)
    )
    if enrolment is None:
        enrolment = Enrolment(learner_id=learner.id, course_id=course_id, started_at=now)
        session.add(enrolment)
    enrolment.lesson_id, enrolment.step_id, enrolment.moved_at = lesson_id, step_id, now
    completion = StepCompletion(
        learner_id=learner.id,
        course_id=course_id,
        lesson_id=lesson_id,
        step_id=step_id,
        content_hash="test",
        completed_at=now,
    )
    session.add(completion)
    session.flush()
    return completion


def make_handout(session: Session, *, kind: HandoutKind = HandoutKind.CLASS_PACK) -> Handout:
    """Return a handout of a lesson that a worker has still to make."""
    now = clock.now()
    handout = Handout(
        kind=kind,
        course_id="first-sale",
        lesson_id="settlement",
        size_pt=24,
        content_hash=f"test-{next(_numbers)}",
        ordered_at=now,
        due_at=now,
    )
    session.add(handout)
    session.flush()
    return handout


def make_plan_paper(session: Session, engagement: Engagement) -> PlanPaper:
    """Return the paper of an engagement's plan, which a worker has still to make."""
    now = clock.now()
    paper = PlanPaper(
        engagement_id=engagement.id,
        size_pt=24,
        content_hash=f"test-{next(_numbers)}",
        ordered_at=now,
        due_at=now,
    )
    session.add(paper)
    session.flush()
    return paper


def make_phrase(
    session: Session, writer: User | None = None, *, text: str = "죄송합니다.", step_id: str = "practice-late"
) -> Phrase:
    """Return a reply in the phrase book, chosen by somebody, with the yes of its writer."""
    now, writer = clock.now(), writer or make_user(session)
    where = {"course_id": "tell-my-shop", "lesson_id": "answer-reviews", "step_id": step_id}
    tried = PracticeTry(
        learner_id=writer.id,
        **where,
        number=1,
        seed="test",
        answer={"reply": text},
        passed=True,
        remarks=[],
        content_hash="test",
        created_at=now,
    )
    review = ReplyReview(
        learner_id=writer.id,
        **where,
        tried=tried,
        sent_at=now,
        reviewed_at=now,
        reviewed_by_id=make_user(session, Role.TRAINER).id,
        comment=text,
        is_best=True,
    )
    session.add(review)
    session.flush()
    phrase = Phrase(
        learner_id=writer.id, **where, review_id=review.id, customer="늦어요.", reply=text, agreed_at=now
    )
    session.add(phrase)
    session.flush()
    return phrase


def make_rehearsal(session: Session, learner: User, *, mend: str = "천천히 말하기") -> Rehearsal:
    """Return a rehearsal of a cue sheet that was written down and waits for nobody yet."""
    now, where = (
        clock.now(),
        {"course_id": "live-commerce", "lesson_id": "cue-sheet", "step_id": "practice-cue"},
    )
    place = catalogue.current().place(*where.values())
    tried = PracticeTry(
        learner_id=learner.id,
        **where,
        number=1,
        seed="test",
        answer=required_practice(place).reference_answer(""),
        passed=True,
        remarks=[],
        content_hash="test",
        created_at=now,
    )
    rehearsal = Rehearsal(
        learner_id=learner.id,
        **where,
        tried=tried,
        started_at=now,
        form_key=f"rehearsal-of-a-test-{next(_numbers)}",
    )
    session.add(rehearsal)
    session.flush()
    session.add(RehearsalLog(rehearsal_id=rehearsal.id, over=[], mend=mend, logged_at=now))
    session.flush()
    return rehearsal


def make_diagnosis(
    session: Session,
    learner: User,
    questionnaire: Questionnaire,
    *,
    nth: int = 0,
    finished: bool = True,
    at: datetime | None = None,
    **answers: str,
) -> Diagnosis:
    """Return a diagnosis whose every answer is the ``nth``, but for those named; finished unless told."""
    at = at or clock.now()
    made = diagnosis.start(session, learner, questionnaire, now=at)
    given = {question.id: question.answers[nth].id for question in questionnaire.questions}
    diagnosis.answer(session, made, {**given, **answers}, now=at)
    if finished:
        diagnosis.finish(session, made, questionnaire, now=at)
    session.flush()
    return made
