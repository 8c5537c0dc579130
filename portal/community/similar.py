"""Solved questions that look like the one somebody is about to ask."""

import re
from dataclasses import dataclass

from sqlalchemy import ColumnElement, case, func, literal, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.accounts.vocabulary import TOPIC_NAMES
from portal.community import policy
from portal.community.models import Question, QuestionState

WORDS_MAX = 8
_WORD = re.compile(r"[0-9A-Za-z가-힣]{2,}")
#: Particles and endings at a word's end, the longest first: "정산이" and "정산은" are both about 정산.
_ENDINGS = (
    *(
        "에서는",
        "으로는",
        "인가요",
        "하나요",
        "되나요",
        "까지는",
        "이라고",
        "에서",
        "에게",
        "으로",
        "까지",
        "부터",
    ),
    *(
        "나요",
        "가요",
        "어요",
        "아요",
        "해요",
        "이나",
        "라고",
        "은",
        "는",
        "이",
        "가",
        "을",
        "를",
        "에",
        "의",
        "도",
        "로",
    ),
    *("와", "과", "만"),
)
#: Words of nearly every question.
_EVERYWHERE = {
    *("어떻게", "무엇", "무슨", "어디", "언제", "자꾸", "하면", "해야", "되는", "안돼", "하나요", "되나요"),
    *("인가요", "있나요", "없나요", "할까요", "있어요", "없어요"),
}


@dataclass(frozen=True)
class SimilarLine:
    """A solved question, as a list shows it."""

    id: int
    title: str
    topic: str
    same_count: int


def similar(session: Session, reader: User | None, title: str, limit: int) -> list[SimilarLine]:
    """Return up to ``limit`` solved public questions with words of ``title`` in theirs, the likest first.

    Half of the words must be there, at least one.
    """
    words = _words(title)
    if not words:
        return []
    squeezed = func.replace(func.lower(Question.title), " ", "")
    hits: ColumnElement[int] = sum(
        (case((squeezed.contains(word, autoescape=True), 1), else_=0) for word in words), start=literal(0)
    )
    rows = session.execute(
        select(Question.id, Question.title, Question.topic, Question.same_count)
        .where(
            policy.may_read(reader),
            Question.is_private.is_(False),
            Question.hidden_at.is_(None),
            Question.held_at.is_(None),
            Question.moved_to_id.is_(None),
            Question.state == QuestionState.ACCEPTED,
            hits >= (len(words) + 1) // 2,
        )
        .order_by(hits.desc(), Question.id.desc())
        .limit(limit)
    )
    return [SimilarLine(row.id, row.title, TOPIC_NAMES[row.topic], row.same_count) for row in rows]


def _words(title: str) -> list[str]:
    stems = (_stem(word) for word in _WORD.findall(title.lower()))
    return [word for word in dict.fromkeys(stems) if word not in _EVERYWHERE][:WORDS_MAX]


def _stem(word: str) -> str:
    ending = next((each for each in _ENDINGS if word.endswith(each) and len(word) - len(each) >= 2), "")
    return word.removesuffix(ending)
