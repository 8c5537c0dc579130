"""What people write for each other: threads on boards, the posts under them, and how a question is kept.

A question is a thread on the board of questions: from its first moment one mentor has promised to answer it.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from portal.accounts.models import User
from portal.accounts.vocabulary import Region, Topic
from portal.core.db import Base, str_enum


def _where(condition: str) -> dict[str, Any]:
    """Return the two arguments that make an index hold only the rows of ``condition``, on both engines."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class Association(Base):
    """A merchants' association (상인회) with a board that only its members see."""

    __tablename__ = "association"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    region: Mapped[Region | None] = mapped_column(str_enum(Region))
    #: What a member types to join; made anew by its manager when it has gone round too far.
    join_code: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]


class AssociationMember(Base):
    """Somebody who belongs to an association; a manager lets others in and out."""

    __tablename__ = "association_member"
    __table_args__ = (Index("ix_association_member_user_id", "user_id"),)

    association_id: Mapped[int] = mapped_column(ForeignKey(Association.id), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), primary_key=True)
    is_manager: Mapped[bool] = mapped_column(default=False)
    joined_at: Mapped[datetime]
    left_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(lazy="raise")


class Board(StrEnum):
    """Where a thread stands; each has its own class of threads."""

    QUESTIONS = "questions"
    TALK = "talk"
    PROMOTION = "promotion"
    STORIES = "stories"
    GROUP = "group"


class QuestionState(StrEnum):
    """Whose turn it is."""

    WAITING = "waiting"
    ANSWERED = "answered"
    ACCEPTED = "accepted"


class _Written:
    """The columns of whatever a person writes. Nothing is deleted: hidden and held rows stay."""

    id: Mapped[int] = mapped_column(primary_key=True)

    @declared_attr
    def author_id(cls) -> Mapped[int]:  # noqa: N805 - SQLAlchemy hands the class
        """Who wrote it."""
        return mapped_column(ForeignKey(User.id))

    #: Random, from the form: the same press twice is the same text.
    form_key: Mapped[str]
    text_markdown: Mapped[str]
    #: Rendered and cleaned once, when saved.
    text_html: Mapped[str]
    #: Where the cleaned picture lies in storage.
    picture_key: Mapped[str | None]
    #: When somebody looked at the picture and let everybody see it; null for staff and its author only.
    picture_opened_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    #: The last change of the words; what stood there before is a `Revision`.
    edited_at: Mapped[datetime | None]
    #: When a moderator took it from the page; moderators still see it.
    hidden_at: Mapped[datetime | None]
    #: Since when a newcomer's text waits for somebody to look at it; null once it is public.
    held_at: Mapped[datetime | None]


class Thread(_Written, Base):
    """What somebody began on a board. Its class follows the board (single-table inheritance)."""

    __tablename__ = "thread"
    __table_args__ = (
        UniqueConstraint("author_id", "form_key"),
        CheckConstraint(
            "(board = 'questions' AND owner_id IS NOT NULL AND promised_at IS NOT NULL"
            " AND state IS NOT NULL AND topic IS NOT NULL)"
            " OR (board <> 'questions' AND owner_id IS NULL AND promised_at IS NULL AND state IS NULL)",
            name="questions_are_promised",
        ),
        CheckConstraint(
            "(board = 'group') = (association_id IS NOT NULL)", name="groups_have_an_association"
        ),
        CheckConstraint("board = 'questions' OR NOT is_private", name="only_questions_are_private"),
        CheckConstraint("owner_id <> author_id", name="owner_is_another"),
        CheckConstraint("promised_at > created_at", name="promised_after_asking"),
        CheckConstraint("moved_to_id <> id", name="moved_elsewhere"),
        Index("ix_thread_author_id_id", "author_id", "id"),
        Index("ix_thread_board_id", "board", "id"),
        Index("ix_thread_board_last_post_at_id", "board", "last_post_at", "id"),
        Index("ix_thread_association_id_last_post_at_id", "association_id", "last_post_at", "id"),
    )

    board: Mapped[Board] = mapped_column(str_enum(Board))
    association_id: Mapped[int | None] = mapped_column(ForeignKey(Association.id))
    title: Mapped[str]
    #: For the asker, mentors and staff only: the sales stand in it.
    is_private: Mapped[bool] = mapped_column(default=False)
    #: Where this thread went when it was merged; its page leads there.
    moved_to_id: Mapped[int | None] = mapped_column(ForeignKey("thread.id"))
    last_post_at: Mapped[datetime]
    #: Visible posts under it.
    posts_count: Mapped[int] = mapped_column(default=0)
    #: People who wonder the same.
    same_count: Mapped[int] = mapped_column(default=0)

    author: Mapped[User] = relationship(lazy="raise", foreign_keys="Thread.author_id")

    __mapper_args__ = {"polymorphic_on": "board", "with_polymorphic": "*"}


class Question(Thread):
    """What somebody wants to know. From its first moment one mentor has promised to answer it."""

    topic: Mapped[Topic] = mapped_column(str_enum(Topic), nullable=True)
    state: Mapped[QuestionState] = mapped_column(str_enum(QuestionState), nullable=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey(User.id), nullable=True)
    #: By when the owner answers; set anew when the asker asks on.
    promised_at: Mapped[datetime] = mapped_column(nullable=True)
    #: When 70 % of the promise will have gone and the owner is reminded; null once that is done.
    remind_at: Mapped[datetime | None]
    #: The first answer by somebody else than the asker.
    first_answer_at: Mapped[datetime | None]
    #: When a solved question, long quiet, was closed; the asker opens it again by asking on.
    closed_at: Mapped[datetime | None]

    owner: Mapped[User] = relationship(lazy="raise", foreign_keys="Question.owner_id")

    __mapper_args__ = {"polymorphic_identity": Board.QUESTIONS}

    def __init__(self, **columns: Any) -> None:
        # No default of the column: the table is every board's, and only questions have a state.
        super().__init__(**{"state": QuestionState.WAITING, **columns})


Index("ix_thread_state_id", Question.state, Question.id)
Index("ix_thread_topic_id", Question.topic, Question.id)
Index("ix_thread_waiting_owner", Question.owner_id, Question.promised_at, **_where("state = 'waiting'"))
Index("ix_thread_waiting_promise", Question.promised_at, **_where("state = 'waiting'"))
Index("ix_thread_waiting_remind_at", Question.remind_at, **_where("state = 'waiting'"))


class Talk(Thread):
    """Something to talk about that asks nobody for an answer."""

    __mapper_args__ = {"polymorphic_identity": Board.TALK}


class Promotion(Thread):
    """A shop or a product that its owner shows the others; kept apart from the questions."""

    __mapper_args__ = {"polymorphic_identity": Board.PROMOTION}


class GroupTalk(Thread):
    """Something for the members of one association."""

    __mapper_args__ = {"polymorphic_identity": Board.GROUP}


class Story(Thread):
    """How somebody got there, told with facts; held until two people have seen the evidence."""

    facts: Mapped["StoryFacts"] = relationship(lazy="raise", back_populates="story")

    __mapper_args__ = {"polymorphic_identity": Board.STORIES}


class PostKind(StrEnum):
    """Who speaks: staff answer, the asker asks on, everybody comments on the other boards."""

    ANSWER = "answer"
    FOLLOW_UP = "follow_up"
    COMMENT = "comment"


class Post(_Written, Base):
    """Something written under a thread; at most one of a question's answers solved it."""

    __tablename__ = "post"
    __table_args__ = (
        UniqueConstraint("author_id", "form_key"),
        CheckConstraint("kind = 'answer' OR accepted_at IS NULL", name="only_answers_are_accepted"),
        CheckConstraint("(accepted_at IS NULL) = (accepted_by_id IS NULL)", name="accepted_by_somebody"),
        Index("ix_post_thread_id_id", "thread_id", "id"),
        Index("ix_post_author_id_id", "author_id", "id"),
        Index("uq_post_accepted", "thread_id", unique=True, **_where("accepted_at IS NOT NULL")),
    )

    thread_id: Mapped[int] = mapped_column(ForeignKey(Thread.id))
    kind: Mapped[PostKind] = mapped_column(str_enum(PostKind))
    #: When somebody said that this solved it, and who: the asker, or a mentor for them.
    accepted_at: Mapped[datetime | None]
    accepted_by_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))

    author: Mapped[User] = relationship(lazy="raise", foreign_keys="Post.author_id")
    accepted_by: Mapped[User | None] = relationship(lazy="raise", foreign_keys="Post.accepted_by_id")


class RoutingCause(StrEnum):
    """Why a question came to its owner, or why it stayed."""

    ASKED = "asked"
    ASKED_ON = "asked_on"
    LATE = "late"
    HANDED = "handed"
    TAKEN = "taken"
    OWNER_AWAY = "owner_away"
    #: Late, and nobody else could take it: it stands on the operators' list.
    ESCALATED = "escalated"


class Routing(Base):
    """One step of a question's way to its answer. Rows are only added."""

    __tablename__ = "routing"
    __table_args__ = (
        Index("ix_routing_thread_id_id", "thread_id", "id"),
        Index("ix_routing_former_id_at", "former_id", "at"),
        UniqueConstraint("thread_id", "cause", "former_promise"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    thread_id: Mapped[int] = mapped_column(ForeignKey(Thread.id))
    cause: Mapped[RoutingCause] = mapped_column(str_enum(RoutingCause))
    owner_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    #: Whose question it was before, and the promise that was left.
    former_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    former_promise: Mapped[datetime | None]
    promised_at: Mapped[datetime]
    #: Who decided; null for the clock.
    by_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    at: Mapped[datetime]


class Follow(Base):
    """Somebody who wants to know how a thread goes on: by asking, writing, or wondering the same."""

    __tablename__ = "follow"
    __table_args__ = (Index("ix_follow_user_id", "user_id"),)

    thread_id: Mapped[int] = mapped_column(ForeignKey(Thread.id), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), primary_key=True)
    is_same_question: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class ThreadRead(Base):
    """Up to when somebody has read a thread: one row, written anew at each visit."""

    __tablename__ = "thread_read"

    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), primary_key=True)
    thread_id: Mapped[int] = mapped_column(ForeignKey(Thread.id), primary_key=True)
    read_at: Mapped[datetime]


class AllRead(Base):
    """When somebody last said "모두 읽음": older posts count as read."""

    __tablename__ = "all_read"

    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), primary_key=True)
    read_at: Mapped[datetime]


class StoryFacts(Base):
    """The facts of a success story, and who saw their evidence. Public while the author's consent stands."""

    __tablename__ = "story_facts"
    __table_args__ = (
        CheckConstraint("first_seen_by_id <> second_seen_by_id", name="seen_by_two"),
        CheckConstraint(
            "published_at IS NULL OR (first_seen_by_id IS NOT NULL AND second_seen_by_id IS NOT NULL)",
            name="published_once_seen",
        ),
        CheckConstraint("months > 0", name="months"),
    )

    thread_id: Mapped[int] = mapped_column(ForeignKey(Thread.id), primary_key=True)
    business_type: Mapped[str]
    channel: Mapped[str]
    #: How long it took, in months.
    months: Mapped[int]
    #: The rung that was reached: a band such as ``month_1m``, never an amount.
    rung: Mapped[str]
    #: The version of the text that was agreed to.
    consent_version: Mapped[str]
    consented_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    first_seen_by_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    second_seen_by_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    first_seen_at: Mapped[datetime | None]
    #: What each of them looked at, such as ``orders``; nothing of it is kept.
    first_evidence: Mapped[str | None]
    second_evidence: Mapped[str | None]
    #: When the second one had seen it.
    published_at: Mapped[datetime | None]

    story: Mapped[Story] = relationship(lazy="raise", back_populates="facts")


class MentorAway(Base):
    """Days on which a mentor takes no questions; what waits for them goes to others before it is late."""

    __tablename__ = "mentor_away"
    __table_args__ = (CheckConstraint("last_day >= first_day", name="in_order"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    mentor_id: Mapped[int] = mapped_column(ForeignKey(User.id), index=True)
    first_day: Mapped[date]
    last_day: Mapped[date]
    created_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]
