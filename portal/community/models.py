"""The question with its owner and its promise, and what is written under it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import User
from portal.accounts.vocabulary import Topic
from portal.core.db import Base, str_enum


class QuestionState(StrEnum):
    """Whose turn it is."""

    WAITING = "waiting"
    ANSWERED = "answered"
    ACCEPTED = "accepted"


class Question(Base):
    """What somebody wants to know. From its first moment one mentor has promised to answer it."""

    __tablename__ = "question"
    __table_args__ = (
        UniqueConstraint("asker_id", "form_key"),
        CheckConstraint("owner_id <> asker_id", name="owner_is_another"),
        CheckConstraint("promised_at > created_at", name="promised_after_asking"),
        Index("ix_question_asker_id_id", "asker_id", "id"),
        Index("ix_question_state_id", "state", "id"),
        Index("ix_question_topic_id", "topic", "id"),
        Index(
            "ix_question_waiting_owner",
            "owner_id",
            "promised_at",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index(
            "ix_question_waiting_promise",
            "promised_at",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    asker_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    #: Random, from the form: the same press twice is the same question.
    form_key: Mapped[str]
    topic: Mapped[Topic] = mapped_column(str_enum(Topic))
    title: Mapped[str]
    detail_markdown: Mapped[str]
    #: Rendered and cleaned once, when saved.
    detail_html: Mapped[str]
    #: Where the cleaned picture lies in storage.
    picture_key: Mapped[str | None]
    owner_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    #: By when the owner answers; set anew when the asker asks on.
    promised_at: Mapped[datetime]
    created_at: Mapped[datetime]
    state: Mapped[QuestionState] = mapped_column(str_enum(QuestionState), default=QuestionState.WAITING)

    asker: Mapped[User] = relationship(lazy="raise", foreign_keys=asker_id)
    owner: Mapped[User] = relationship(lazy="raise", foreign_keys=owner_id)


class AnswerKind(StrEnum):
    """Who speaks: staff answer, the asker asks on."""

    ANSWER = "answer"
    FOLLOW_UP = "follow_up"


class Answer(Base):
    """Something written under a question; at most one of a question's answers solved it."""

    __tablename__ = "answer"
    __table_args__ = (
        UniqueConstraint("author_id", "form_key"),
        CheckConstraint("kind = 'answer' OR accepted_at IS NULL", name="only_answers_are_accepted"),
        Index("ix_answer_question_id_id", "question_id", "id"),
        Index(
            "uq_answer_accepted",
            "question_id",
            unique=True,
            sqlite_where=text("accepted_at IS NOT NULL"),
            postgresql_where=text("accepted_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey(Question.id))
    author_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    #: Random, from the form: the same press twice is the same answer.
    form_key: Mapped[str]
    kind: Mapped[AnswerKind] = mapped_column(str_enum(AnswerKind))
    text_markdown: Mapped[str]
    #: Rendered and cleaned once, when saved.
    text_html: Mapped[str]
    created_at: Mapped[datetime]
    #: When the asker said that this solved it.
    accepted_at: Mapped[datetime | None]

    author: Mapped[User] = relationship(lazy="raise")
