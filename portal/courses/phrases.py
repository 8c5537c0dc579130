"""The phrase book (답장 모음): best replies by situation, shown only while their writers agree.

What is shown has no names and no numbers: those the rules of replies know never came so far, and the writer's
own name and shop, names before 님 and numbers are blanked here. The writer reads exactly this before the yes.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.accounts.models import User
from portal.core import db
from portal.core.errors import ConflictError, DomainError, NotFoundError
from portal.core.personal_numbers import mask_numbers
from portal.courses import catalogue, policy
from portal.courses.catalogue import Place
from portal.courses.reply_models import Phrase, ReplyReview
from portal.messages import operations as messages
from portal.practice.reply import Reply

PAGE_SIZE = 20
BLANK = "○○○"
SHORTEST_SHOP = 2
"""Letters; the first word of a shop's name that is longer stands for the shop, as 순자네 for 순자네 반찬."""
NO_PHRASE = "찾는 답장이 없어요. 쓴 분이 내렸을 수 있어요."
_SURNAMES = (
    "김이박최정강조윤장임한오서신권황안송류유홍전고문손양배백허남심노하곽성차주우구민진지엄채원천방공현함변염여추"
    "도소석선설마길연위표명기반왕금옥육인맹제모탁국어은편용"
)
_FAMILY = rf"(?:남궁|황보|제갈|선우|독고|사공|[{_SURNAMES}])"
#: 김 사장님, 최민수씨, 남궁민수 님; before 손님 and 고객님 whole names only, for 주신 손님 is nobody's.
_NAMED = re.compile(
    rf"(?<![가-힣])(?:{_FAMILY}[가-힣]{{0,2}}(?= ?(?:사장님|사모님|선생님|멘토님|강사님|기사님|씨|님))"
    rf"|{_FAMILY}[가-힣]{{2}}(?= ?(?:고객님|손님)))"
)
#: What stands before 님 or 씨 and is no name: 손님, 고객님, 주인님, 마음씨.
_NO_NAMES = {
    *(
        "고객",
        "손",
        "주인",
        "선생",
        "이웃",
        "기사",
        "우리",
        "마음",
        "부모",
        "장모",
        "고모",
        "이모",
        "조상",
        "신랑",
    ),
    *("어머", "지인", "조카", "하나", "하느", "여러분", "모든"),
}


@dataclass(frozen=True)
class Situation:
    """A step on which replies are written, as the phrase book names it."""

    course_id: str
    lesson_id: str
    step_id: str
    title: str

    @property
    def key(self) -> str:
        """Return what names it in an address."""
        return f"{self.course_id}/{self.lesson_id}/{self.step_id}"


def blank(text: str, writer: User) -> str:
    """Return a reply as others may read it: without its writer's name and shop, other names and numbers."""
    of_shop = writer.shop_name.partition(" ")[0]
    names = {writer.shop_name, of_shop if len(of_shop) > SHORTEST_SHOP else "", writer.name, writer.name[1:]}
    for name in sorted(names, key=len, reverse=True):
        if len(name) > 1:
            text = text.replace(name, BLANK)
    return mask_numbers(_NAMED.sub(_blank_name, text))


def share(session: Session, writer: User, review_id: int, *, now: datetime) -> Phrase:
    """Let others read a reply that was chosen; a second yes changes nothing, one after a no shows it again.

    Holds the review. Raises NotFoundError for another's or none, ConflictError for one that was not chosen
    or that a moderator took out.
    """
    review = _hold(session, writer, review_id)
    if not review.is_best:
        raise ConflictError("멘토님이 고른 답장만 함께 볼 수 있어요.")
    phrase = session.scalar(select(Phrase).where(Phrase.review_id == review.id))
    if phrase is None:
        place = catalogue.current().place(review.course_id, review.lesson_id, review.step_id)
        phrase = Phrase(
            review_id=review.id,
            learner_id=review.learner_id,
            course_id=review.course_id,
            lesson_id=review.lesson_id,
            step_id=review.step_id,
            customer=_customer(place),
            reply=blank(review.tried.answer["reply"], writer),
            agreed_at=now,
        )
        session.add(phrase)
    if phrase.removed_at is not None:
        raise ConflictError("강사님이 살펴보고 뺀 답장이에요. 궁금하면 아래 번호로 전화해 주세요.")
    if phrase.withdrawn_at is not None:
        phrase.agreed_at, phrase.withdrawn_at = now, None
    messages.mark_cause_read(session, user_id=writer.id, cause=f"reply:{review.id}", now=now)
    return phrase


def take_back(session: Session, writer: User, review_id: int, *, now: datetime) -> None:
    """Show a reply to nobody any more; a second press changes nothing. Raises NotFoundError for another's."""
    review = _hold(session, writer, review_id)
    phrase = session.scalar(select(Phrase).where(Phrase.review_id == review.id))
    if phrase is not None and phrase.withdrawn_at is None:
        phrase.withdrawn_at = now


def list_phrases(session: Session, *, key: str = "", before_id: int | None = None) -> Sequence[Phrase]:
    """Return what is shown, the newest first, one more than a page; with ``key`` of one situation only."""
    statement = select(Phrase).where(policy.may_view_phrase()).order_by(Phrase.id.desc()).limit(PAGE_SIZE + 1)
    if key:
        course_id, lesson_id, step_id = (*key.split("/"), "", "")[:3]
        statement = statement.where(
            Phrase.course_id == course_id, Phrase.lesson_id == lesson_id, Phrase.step_id == step_id
        )
    if before_id is not None:
        statement = statement.where(Phrase.id < before_id)
    return session.scalars(statement).all()


def list_situations() -> list[Situation]:
    """Return every step on which a reply is written, in the order in which they are taught."""
    return [
        Situation(place.course.id, place.lesson.id, place.step.id, _short(place))
        for course in catalogue.current().courses
        for place in course.places
        if isinstance(place.step.practice, Reply)
    ]


def get_phrase(session: Session, moderator: User, phrase_id: int) -> Phrase:
    """Return what is shown, for whoever may take it out. Raises NotFoundError for anybody else."""
    found: Phrase | None = session.scalar(
        select(Phrase).where(
            Phrase.id == phrase_id, policy.may_view_phrase(), policy.may_remove_phrase(moderator)
        )
    )
    if found is None:
        raise NotFoundError(NO_PHRASE)
    return found


def remove(
    session: Session, phrase: Phrase, moderator: User, *, reason: str, path: str, now: datetime
) -> None:
    """Take a reply out for good and tell its writer why; a second press changes nothing.

    ``path`` is the step's page. Holds the phrase. Raises DomainError without a reason.
    """
    if not reason:
        raise DomainError("왜 빼는지 한 문장으로 적어 주세요. 쓴 분께 알려 드려요.", field="reason")
    phrase = db.lock(session, Phrase, phrase.id)
    if phrase.removed_at is not None:
        return
    phrase.removed_at, phrase.removed_by_id, phrase.removed_because = now, moderator.id, reason
    messages.notify(
        session,
        user_id=phrase.learner_id,
        cause=f"phrase:{phrase.id}:removed",
        message="phrase-removed",
        values={"reason": reason},
        path=path,
        now=now,
    )


def _hold(session: Session, writer: User, review_id: int) -> ReplyReview:
    """Return the writer's own review, locked, with its try."""
    own = session.scalar(
        select(ReplyReview.id).where(ReplyReview.id == review_id, policy.may_view(writer, ReplyReview))
    )
    if own is None:
        raise NotFoundError(NO_PHRASE)
    db.lock(session, ReplyReview, own)
    return session.scalars(
        select(ReplyReview).where(ReplyReview.id == own).options(joinedload(ReplyReview.tried))
    ).one()


def _customer(place: Place) -> str:
    practice = place.step.practice
    return practice.customer if isinstance(practice, Reply) else ""


def _short(place: Place) -> str:
    """Return the title of a step without what it asks to do: 국물이 샜대요 of ‘답해 봐요: 국물이 샜대요’."""
    return place.step.title.rpartition(": ")[2]


def _blank_name(found: re.Match[str]) -> str:
    return found.group() if found.group() in _NO_NAMES else BLANK
