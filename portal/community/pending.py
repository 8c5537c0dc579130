"""What waits for a member of staff in the community, to be counted on their desk."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Select, and_, func, or_, select

from portal.accounts.models import User
from portal.community import owners, policy, waiting
from portal.community.models import Post, Question, Story, StoryFacts, Thread
from portal.community.moderation_models import ReviewItem, ReviewState
from portal.core.pending import Counted, counted
from portal.core.roles import Role


def of(user: User, *, now: datetime) -> Iterator[Counted]:
    """Yield what counts each kind of work this person has here."""
    is_late = Question.promised_at < now
    if user.has_role(Role.OPERATOR):
        broken = select(Question).where(policy.may_read(user), waiting.needs_an_operator(now))
        yield counted("breaches", _by_promise(broken), Question.created_at, is_late=is_late)
    if user.has_role(Role.MENTOR):
        own = select(Question).where(Question.owner_id == user.id)
        yield counted("own-questions", _by_promise(own), Question.created_at, is_late=is_late)
    yield counted("reviews", _reviews(user), ReviewItem.opened_at)
    if not user.roles.isdisjoint(policy.MODERATORS):
        yield stories(user)


def stories(user: User) -> Counted:
    """Return what counts the stories whose evidence this person has yet to look at."""
    is_open = and_(StoryFacts.published_at.is_(None), StoryFacts.withdrawn_at.is_(None))
    unseen = or_(StoryFacts.first_seen_by_id.is_(None), StoryFacts.first_seen_by_id != user.id)
    rows = (
        select(Story)
        .join(Story.facts)
        .where(is_open, unseen, Story.hidden_at.is_(None), policy.may_see_evidence(user))
        .order_by(Story.id)
    )
    return counted("stories", rows, Story.created_at)


def _by_promise(rows: Select[Question]) -> Select[Question]:
    return rows.where(owners.waits()).order_by(Question.promised_at, Question.id)


def _reviews(user: User) -> Select[ReviewItem]:
    return (
        select(ReviewItem)
        .outerjoin(Post, Post.id == ReviewItem.post_id)
        .join(Thread, Thread.id == func.coalesce(ReviewItem.thread_id, Post.thread_id))
        .where(ReviewItem.state == ReviewState.PENDING, policy.may_review(user))
        .order_by(ReviewItem.id)
    )
