"""Success stories: told with facts, seen by two people, public while their author's consent stands.

The evidence is looked at together with the author, on the telephone or in the shop. Nothing of it is kept
but who looked, when, and at what kind of thing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from portal.accounts.models import User
from portal.community import policy, writing
from portal.community.activity import Place, by_activity
from portal.community.boards import PAGE_SIZE, author_name, find_by_key, follow
from portal.community.models import Story, StoryFacts
from portal.core import db, personal_numbers
from portal.core.dated_text import DatedText, read_dated_text
from portal.core.errors import ConflictError, ForbiddenError, NotFoundError
from portal.messages.operations import notify

RUNGS: Mapping[str, str] = {
    "first_order": "첫 주문",
    "ten_orders": "주문 10건",
    "month_1m": "한 달 매출 100만 원",
    "year_10m": "한 해 매출 1천만–3천만 원",
    "year_30m": "한 해 매출 3천만–1억 원",
    "year_100m": "한 해 매출 1억 원 넘음",
}
"""From the first one up, as bands: the amount itself is never asked."""

MENTORS_FROM = frozenset({"month_1m", "year_10m", "year_30m", "year_100m"})
"""Who came this far is invited to help others."""

EVIDENCE: Mapping[str, str] = {
    "orders": "주문 목록 화면을 함께 봤어요",
    "settlement": "정산 내역 화면을 함께 봤어요",
    "visit": "가게에 가서 직접 봤어요",
}

LIMIT = 50
NO_STORY = "찾는 이야기가 없어요. 거두었거나 주소가 바뀌었을 수 있어요."

PathOf = Callable[[int], str]
"""Gives the path of a story's page, by its id; the view makes it."""


@dataclass(frozen=True)
class Told:
    """A story as it was typed, with the version of the text that was agreed to."""

    title: str
    text: str
    business_type: str
    channel: str
    months: int
    rung: str
    consent_version: str
    form_key: str
    picture_key: str | None = None


@dataclass(frozen=True)
class StoryLine:
    """A story in a list."""

    id: int
    title: str
    author: str
    business_type: str
    channel: str
    months: int
    rung: str
    last_post_at: datetime

    @property
    def place(self) -> Place:
        """Return where a page that ends with this story goes on."""
        return self.last_post_at, self.id


@dataclass(frozen=True)
class StoryPage(StoryLine):
    """A story's facts, how far it is, and what this reader may do."""

    text_html: str
    phone: str
    created_at: datetime
    is_author: bool
    is_published: bool
    is_withdrawn: bool
    is_seen_once: bool
    #: This reader was the first of the two.
    is_seen_by_me: bool
    can_see_evidence: bool
    invites_to_mentor: bool


@lru_cache(maxsize=2)
def read_consent(folder: Path) -> DatedText:
    """Return the text a story's author agrees to. Raises OSError, KeyError or TOMLDecodeError."""
    return read_dated_text(folder / "story.md")


def tell(session: Session, author: User, told: Told, *, mask: bool, now: datetime) -> Story:
    """Keep a story until two people have seen its evidence. The same form twice is the same story.

    Raises PersonalNumberError for a telephone or account number unless it is to be masked, ConflictError
    while another story of the same person waits. Holds the author's account.
    """
    texts = personal_numbers.check_texts(
        {name: getattr(told, name) for name in ("title", "text", "business_type", "channel")}, mask=mask
    )
    html = writing.render(texts["text"], field="text")
    session.execute(select(User.id).where(User.id == author.id).with_for_update())
    made = find_by_key(session, author, told.form_key)
    if isinstance(made, Story) and (made.title, made.text_markdown) == (texts["title"], texts["text"]):
        return made
    if session.scalar(
        select(exists().where(StoryFacts.thread_id == Story.id, Story.author_id == author.id, _is_waiting()))
    ):
        raise ConflictError("들려주신 이야기를 확인하고 있어요. 확인이 끝나면 새 이야기를 들려주세요.")
    story = Story(
        author_id=author.id,
        form_key=told.form_key if made is None else writing.fresh_key(),
        title=texts["title"],
        text_markdown=texts["text"],
        text_html=html,
        picture_key=told.picture_key,
        created_at=now,
        last_post_at=now,
        held_at=now,
        facts=_facts(told, texts, now=now),
    )
    session.add(story)
    session.flush()  # who follows it names its id
    follow(session, story, author, now=now)
    return story


def _facts(told: Told, texts: Mapping[str, str], *, now: datetime) -> StoryFacts:
    return StoryFacts(
        business_type=texts["business_type"],
        channel=texts["channel"],
        months=told.months,
        rung=told.rung,
        consent_version=told.consent_version,
        consented_at=now,
    )


def see_evidence(
    session: Session, story_id: int, viewer: User, *, evidence: str, path: str, now: datetime
) -> StoryFacts:
    """Note that somebody saw the evidence; after a second person the story is public and its author told.

    The same person twice changes nothing. Raises ConflictError for a story that was withdrawn meanwhile or
    is public already. Holds the story's facts.
    """
    facts = db.lock(session, StoryFacts, story_id)
    story = db.lock(session, Story, story_id)
    if facts.withdrawn_at is not None:
        raise ConflictError("그사이에 이야기를 거두셨어요.")
    if facts.published_at is not None:
        raise ConflictError("두 분이 벌써 확인해서 모두에게 보이는 이야기예요.")
    if story.author_id == viewer.id:
        raise ForbiddenError("내 이야기는 다른 두 분이 확인해요.")
    if facts.first_seen_by_id is None:
        facts.first_seen_by_id, facts.first_seen_at, facts.first_evidence = viewer.id, now, evidence
    elif facts.first_seen_by_id != viewer.id:
        facts.second_seen_by_id, facts.published_at, facts.second_evidence = viewer.id, now, evidence
        _publish(session, story, path=path, now=now)
    return facts


def _publish(session: Session, story: Story, *, path: str, now: datetime) -> None:
    story.held_at, story.last_post_at = None, now
    if story.picture_key is not None:
        story.picture_opened_at = now  # both have looked at it
    notify(
        session,
        user_id=story.author_id,
        cause=f"story:{story.id}",
        message="story-published",
        values={"title": writing.short_title(story.title)},
        path=path,
        now=now,
    )


def withdraw(session: Session, story: Story, *, now: datetime) -> None:
    """Take the consent back: the story is gone from every page at once. A second press changes nothing."""
    facts = db.lock(session, StoryFacts, story.id)
    facts.withdrawn_at = facts.withdrawn_at or now


def list_stories(session: Session, reader: User | None, *, before: Place | None = None) -> list[StoryLine]:
    """Return a page of public stories and one more, the newest activity first."""
    stands = and_(StoryFacts.published_at.is_not(None), StoryFacts.withdrawn_at.is_(None))
    statement = (
        select(Story)
        .join(Story.facts)
        .options(joinedload(Story.author), contains_eager(Story.facts))
        .where(stands, Story.moved_to_id.is_(None), policy.may_read(reader))
    )
    rows = session.scalars(by_activity(statement, before).limit(PAGE_SIZE + 1)).all()
    return [_line(row, reader) for row in rows]


def list_waiting(session: Session, viewer: User) -> list[StoryPage]:
    """Return the stories whose evidence somebody has still to see, never the viewer's own, oldest first."""
    rows = session.scalars(
        select(Story)
        .join(Story.facts)
        .where(_is_waiting(), policy.may_see_evidence(viewer))
        .options(joinedload(Story.author), contains_eager(Story.facts))
        .order_by(Story.id)
        .limit(LIMIT)
    ).all()
    return [_page(row, viewer, can_see_evidence=True) for row in rows]


def list_mine(session: Session, author: User | None) -> list[StoryPage]:
    """Return somebody's own stories that still wait, or none for a visitor."""
    if author is None:
        return []
    rows = session.scalars(
        select(Story)
        .join(Story.facts)
        .where(_is_waiting(), Story.author_id == author.id)
        .options(joinedload(Story.author), contains_eager(Story.facts))
    ).all()
    return [_page(row, author, can_see_evidence=False) for row in rows]


def find_story(session: Session, reader: User | None, thread_id: int) -> StoryPage | None:
    """Return a story's facts for the page of its thread, or None for a thread that is no story."""
    row = session.execute(
        select(Story, policy.may_see_evidence(reader).label("can_see_evidence"))
        .join(Story.facts)
        .where(Story.id == thread_id, policy.may_read(reader))
        .options(joinedload(Story.author), contains_eager(Story.facts))
    ).one_or_none()
    return None if row is None else _page(row[0], reader, can_see_evidence=bool(row[1]))


def get_waiting(session: Session, viewer: User, story_id: int) -> StoryPage:
    """Return a story whose evidence this person may see. Raises NotFoundError if there is none."""
    story = find_story(session, viewer, story_id)
    if story is None or not story.can_see_evidence:
        raise NotFoundError(NO_STORY)
    return story


def get_own(session: Session, author: User, story_id: int) -> Story:
    """Return somebody's own story. Raises NotFoundError for anybody else's."""
    story = session.scalar(select(Story).where(Story.id == story_id, Story.author_id == author.id))
    if story is None:
        raise NotFoundError(NO_STORY)
    return story


def _line(story: Story, reader: User | None) -> StoryLine:
    return StoryLine(
        id=story.id,
        title=story.title,
        author=author_name(story.author, reader),
        business_type=story.facts.business_type,
        channel=story.facts.channel,
        months=story.facts.months,
        rung=RUNGS[story.facts.rung],
        last_post_at=story.last_post_at,
    )


def _page(story: Story, reader: User | None, *, can_see_evidence: bool) -> StoryPage:
    facts = story.facts
    is_withdrawn = facts.withdrawn_at is not None
    is_published = facts.published_at is not None and not is_withdrawn
    return StoryPage(
        **vars(_line(story, reader)),
        text_html=story.text_html,
        phone=story.author.phone_shown if can_see_evidence else "",
        created_at=story.created_at,
        is_author=reader is not None and reader.id == story.author_id,
        is_published=is_published,
        is_withdrawn=is_withdrawn,
        is_seen_once=facts.first_seen_by_id is not None and facts.published_at is None,
        is_seen_by_me=reader is not None and facts.first_seen_by_id == reader.id,
        can_see_evidence=can_see_evidence and not is_published and not is_withdrawn,
        invites_to_mentor=facts.rung in MENTORS_FROM,
    )


def _is_waiting() -> ColumnElement[bool]:
    """Tell that a story is neither public nor withdrawn nor hidden."""
    is_open = and_(StoryFacts.published_at.is_(None), StoryFacts.withdrawn_at.is_(None))
    return and_(is_open, Story.hidden_at.is_(None))
