"""Learning: beginning a course, completing steps, trying practices, and completing the course.

Every change in a course first locks the learner's enrolment in it, so that two devices, or two presses, come
one after the other; the unique constraints stand behind that lock.
"""

from datetime import datetime, timedelta

from sqlalchemy import Select, delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core import db, queue
from portal.core.errors import ConflictError, DomainError, ForbiddenError
from portal.core.i18n import KOREAN, speaking
from portal.core.i18n import gettext as _
from portal.courses import catalogue, policy, queries, replies
from portal.courses.catalogue import Course, Place
from portal.courses.models import (
    CourseCompletion,
    Draft,
    Enrolment,
    Handout,
    HandoutKind,
    PracticeTry,
    ProofReview,
    ReviewState,
    StepCompletion,
)
from portal.messages import operations as messages
from portal.practice import kinds
from portal.practice.kinds import Practice
from portal.practice.outcome import Answer, Outcome
from portal.practice.reply import Reply

MAKE_WITHIN_S = 180
MAKE_HANDOUT = queue.register(
    "courses.make_handout",
    run="portal.courses.jobs.make_handout",
    timeout_s=MAKE_WITHIN_S,
    due=queries.list_due_handout_ids,
)
A_DAY = timedelta(days=1)
PHOTOS_A_DAY = 20
"""For each practice; a picture is kept with its try for ever."""


def enrol(session: Session, learner: User, course: Course, *, now: datetime) -> Enrolment:
    """Begin a course and return the enrolment, locked; one begun already stays where it is."""
    key = session.scalar(_enrolment_id(learner, course))
    if key is None:
        first = course.places[0]
        try:
            with session.begin_nested():
                session.add(
                    Enrolment(
                        learner_id=learner.id,
                        course_id=course.id,
                        started_at=now,
                        lesson_id=first.lesson.id,
                        step_id=first.step.id,
                        moved_at=now,
                    )
                )
        except IntegrityError:
            pass  # another device began it in this moment; its row is the one
        key = session.scalar(_enrolment_id(learner, course))
    return db.lock(session, Enrolment, key)


def complete_reading(session: Session, learner: User, place: Place, *, now: datetime) -> None:
    """Complete a reading step; a second press changes nothing.

    Raises DomainError for a practice step and in a lesson that is not open yet.
    """
    if place.step.practice is not None:
        raise DomainError(_("이 단계는 직접 해 보는 단계예요. 답을 보내고 맞으면 완료돼요."))
    enrolment = enrol(session, learner, place.course, now=now)
    _require_open(session, learner, place)
    complete_step(session, enrolment, place, now=now)


def answer(
    session: Session, learner: User, place: Place, *, number: int, answer: Answer, now: datetime
) -> PracticeTry:
    """Keep one try at a practice and complete the step if it passed.

    The same answer to the same try sent twice gives the try kept the first time. Raises ConflictError when
    another device sent something else for this try, DomainError for a reading step, in a lesson that is not
    open yet, and for a number nobody can read: that is no try, and brings the solution no nearer.
    """
    outcome = _judge(learner, place, number=number, answer=answer)
    enrolment = enrol(session, learner, place.course, now=now)
    _require_open(session, learner, place)
    state = queries.get_practice_state(session, learner, place)
    last = state.last_try
    if last is not None and last.number == number and (last.passed or last.answer == dict(answer)):
        return last
    if state.is_waiting:
        raise ConflictError(_("이미 보내셨어요. 확인을 기다리고 있어요."))
    if state.review is not None and state.has_passed:
        raise ConflictError(_("이미 확인된 단계예요. 다시 보내지 않으셔도 돼요."))
    if number != (last.number if last else 0) + 1:
        raise ConflictError(
            _("다른 화면에서 먼저 보낸 답이 있어요. 적으신 것은 그대로예요. 살펴보고 한 번 더 눌러 주세요.")
        )
    tried = _try(outcome, learner, place, number=number, answer=answer, hints=state.hints, now=now)
    session.add(tried)
    session.execute(delete(Draft).where(policy.own_at(learner, Draft, place)))
    if tried.passed:
        _pass(session, enrolment, place, tried, now=now)
        return tried
    _move(enrolment, place, now=now)
    messages.mark_cause_read(
        session, user_id=learner.id, cause=f"proof:{state.review.id}" if state.review else "", now=now
    )
    if outcome.passed:
        session.add(ProofReview(tried=tried, state=ReviewState.WAITING, sent_at=now))
    return tried


def _judge(learner: User, place: Place, *, number: int, answer: Answer) -> Outcome:
    """Return what the practice says, in Korean as it is kept. Raises DomainError for what cannot be read."""
    check = speaking(KOREAN)(required_practice(place.in_korean).check)
    outcome = check(answer, seed_of(learner, place, number))
    if outcome.unreadable:
        raise DomainError(outcome.unreadable[0].sentence)
    return outcome


def require_photo_may_come(
    session: Session, learner: User, place: Place, *, number: int, now: datetime
) -> None:
    """Refuse a picture before it is stored: for another try than the next one, or too many in a day.

    Raises ConflictError or DomainError.
    """
    last = queries.get_practice_state(session, learner, place).last_try
    if number != (last.number if last else 0) + 1:
        raise ConflictError(_("다른 화면에서 먼저 보낸 사진이 있어요. 화면을 새로 열고 다시 골라 주세요."))
    today = session.scalar(
        select(func.count())
        .select_from(PracticeTry)
        .where(policy.own_at(learner, PracticeTry, place), PracticeTry.created_at > now - A_DAY)
    )
    if (today or 0) >= PHOTOS_A_DAY:
        raise DomainError(_("오늘은 사진을 많이 올리셨어요. 내일 다시 올려 주세요."))


def review_proof(
    session: Session,
    review_id: int,
    reviewer: User,
    *,
    is_confirmed: bool,
    comment: str,
    path: str,
    now: datetime,
) -> None:
    """Confirm what a learner did outside the portal, or say what is missing; ``path`` is the step's page.

    A confirmation completes the step. Locks the review, then the learner's enrolment. Raises NotFoundError
    for no such review, ConflictError for one that is reviewed, ForbiddenError for one's own.
    """
    review = db.lock(session, ProofReview, review_id)
    tried = session.get_one(PracticeTry, review.try_id)
    if tried.learner_id == reviewer.id:
        raise ForbiddenError("내가 한 일은 다른 분이 확인해요.")
    if review.state is not ReviewState.WAITING:
        raise ConflictError("다른 분이 이미 확인한 일이에요.")
    review.state = ReviewState.CONFIRMED if is_confirmed else ReviewState.CHANGES_REQUESTED
    review.reviewed_at, review.reviewed_by_id, review.comment = now, reviewer.id, comment
    learner = session.get_one(User, tried.learner_id)
    if is_confirmed:
        place = catalogue.current().place(tried.course_id, tried.lesson_id, tried.step_id)
        complete_step(session, enrol(session, learner, place.course, now=now), place, now=now)
    confirmed = "proof-confirmed-with-words" if comment else "proof-confirmed"
    messages.notify(
        session,
        user_id=learner.id,
        cause=f"proof:{review.id}",
        message=confirmed if is_confirmed else "proof-sent-back",
        values={"reviewer": reviewer.title, "comment": comment},
        path=path,
        now=now,
    )


def save_draft(
    session: Session,
    learner: User,
    place: Place,
    *,
    number: int,
    answer: Answer,
    now: datetime,
    seen: datetime | None = None,
    hints: int = 0,
) -> datetime | None:
    """Keep an answer half typed and return when it was kept; None if there is no draft.

    One that belongs to a try already sent came too late and is dropped. ``seen`` is when the draft was kept
    that the page began with, None where there was none. ``hints`` asks that so many be open; they open one at
    a time. Raises ConflictError if the draft is another by now, so that an old page does not write over what
    was typed since on another device.
    """
    practice = required_practice(place)
    enrolment = enrol(session, learner, place.course, now=now)
    _require_open(session, learner, place)
    _move(enrolment, place, now=now)
    state = queries.get_practice_state(session, learner, place)
    if state.last_try is not None and state.last_try.number >= number:
        return None
    draft, opened = state.draft, min(hints, state.hints + 1, len(practice.hints))
    if draft is None:
        if not any(answer.values()) and not hints:
            return None
        draft = Draft(learner_id=learner.id, **_where(place))
        session.add(draft)
    elif draft.answer == dict(answer) and opened <= draft.hints:
        return draft.saved_at
    elif draft.answer != dict(answer) and draft.saved_at != seen:
        raise ConflictError(_("다른 기기에서 더 적으셨어요. 여기 적은 것으로 바꾸려면 한 번 더 눌러 주세요."))
    draft.answer, draft.hints, draft.saved_at = dict(answer), max(opened, state.hints), now
    return now


def order_handout(
    session: Session,
    user: User,
    kind: HandoutKind,
    course_id: str,
    lesson_id: str = "",
    *,
    size_pt: int,
    content_hash: str,
    now: datetime,
) -> Handout:
    """Return the handout somebody asks for: the one there is, or a new one that a worker will make.

    However often it is asked for, it is queued once. Raises ForbiddenError for a kind that is not for them.
    """
    if not policy.may_order(user, kind):
        raise ForbiddenError("수업 묶음은 강사님만 받을 수 있어요.")
    paper = {
        "kind": kind,
        "course_id": course_id,
        "lesson_id": lesson_id,
        "size_pt": size_pt,
        "content_hash": content_hash,
    }
    find = select(Handout.id).filter_by(**paper)
    key = session.scalar(find)
    if key is None:
        try:
            with session.begin_nested():
                session.add(Handout(**paper, ordered_at=now))
        except IntegrityError:
            pass  # somebody else asked for it in this moment; their row is the one
        key = session.scalar(find)
    handout = db.lock(session, Handout, key)
    if handout.due_at is None and not handout.is_made:
        handout.due_at = now
        queue.enqueue(session, MAKE_HANDOUT, handout.id)
    return handout


def retry_handout(session: Session, handout: Handout, *, now: datetime) -> None:
    """Let a worker try again now; one that is at it loses its lease. Raises ConflictError once it is made."""
    handout = db.lock(session, Handout, handout.id)
    if handout.due_at is None:
        raise ConflictError("이미 다 만든 인쇄물이에요.")
    handout.due_at, handout.lease = now, None
    queue.enqueue(session, MAKE_HANDOUT, handout.id)


def _where(place: Place) -> dict[str, str]:
    return {"course_id": place.course.id, "lesson_id": place.lesson.id, "step_id": place.step.id}


def seed_of(learner: User, place: Place, number: int) -> str:
    """Return what draws the numbers of a try: the same for one try, other numbers for the next."""
    return f"{learner.id}/{place.course.id}/{place.lesson.id}/{place.step.id}/{number}"


def required_practice(place: Place) -> Practice:
    """Return the practice of a step. Raises DomainError for a reading step."""
    if place.step.practice is None:
        raise DomainError(_("이 단계는 읽는 단계예요. 다 읽었으면 ‘다 읽었어요’를 눌러 주세요."))
    return place.step.practice


def _require_open(session: Session, learner: User, place: Place) -> None:
    """Raise DomainError naming the step that opens the lesson, unless it is open."""
    if not place.lesson.after:
        return
    opener = queries.get_progress(session, learner, place.course).opener(place.lesson)
    if opener is not None:
        raise DomainError(
            _(
                "아직 열리지 않은 수업이에요. 먼저 할 것: %(lesson)s, %(step)s",
                lesson=opener.lesson.title,
                step=opener.step.title,
            )
        )


def _enrolment_id(learner: User, course: Course) -> Select[int]:
    return select(Enrolment.id).where(policy.may_view(learner, Enrolment), Enrolment.course_id == course.id)


def _try(
    outcome: Outcome, learner: User, place: Place, *, number: int, answer: Answer, hints: int, now: datetime
) -> PracticeTry:
    return PracticeTry(
        learner_id=learner.id,
        **_where(place),
        number=number,
        seed=seed_of(learner, place, number),
        answer=dict(answer),
        hints=hints,
        passed=outcome.passed and not kinds.is_confirmed_by_people(required_practice(place)),
        remarks=[
            {"field": remark.field, "sentence": remark.sentence, "good": remark.good}
            for remark in outcome.remarks
        ],
        content_hash=place.step.content_hash,
        created_at=now,
    )


def _pass(session: Session, enrolment: Enrolment, place: Place, tried: PracticeTry, *, now: datetime) -> None:
    """Complete the step of a try that passed, unless rehearsals must follow; a reply is read by a person."""
    if isinstance(place.step.practice, Reply):
        replies.let_read(session, tried, now=now)
    needed = kinds.rehearsals_needed(required_practice(place))
    learner = session.get_one(User, tried.learner_id)
    if not needed or queries.count_rehearsals(session, learner, place) >= needed:
        complete_step(session, enrolment, place, now=now)
    else:
        _move(enrolment, place, now=now)


def _move(enrolment: Enrolment, place: Place, *, now: datetime) -> None:
    enrolment.lesson_id, enrolment.step_id, enrolment.moved_at = place.lesson.id, place.step.id, now


def complete_step(session: Session, enrolment: Enrolment, place: Place, *, now: datetime) -> None:
    """Add the completion unless it is there, go one step on, and complete the course with its last step."""
    _move(enrolment, place.neighbour(1) or place, now=now)
    course, learner_id = place.course, enrolment.learner_id
    done = session.execute(
        select(StepCompletion.lesson_id, StepCompletion.step_id).where(
            StepCompletion.learner_id == learner_id, StepCompletion.course_id == course.id
        )
    ).all()
    done_keys = {(lesson_id, step_id) for lesson_id, step_id in done}
    if place.key not in done_keys:
        session.add(
            StepCompletion(
                learner_id=learner_id,
                course_id=course.id,
                lesson_id=place.lesson.id,
                step_id=place.step.id,
                content_hash=place.step.content_hash,
                completed_at=now,
            )
        )
    if {each.key for each in course.places} <= done_keys | {place.key}:
        _complete_course(session, learner_id, course, now=now)


def _complete_course(session: Session, learner_id: int, course: Course, *, now: datetime) -> None:
    completed = session.scalar(
        select(CourseCompletion.id).where(
            CourseCompletion.learner_id == learner_id, CourseCompletion.course_id == course.id
        )
    )
    if completed is None:
        session.add(
            CourseCompletion(
                learner_id=learner_id, course_id=course.id, version=course.version, completed_at=now
            )
        )
