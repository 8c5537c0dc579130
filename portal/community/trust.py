"""When somebody's words are public at once. Trust grows with what helped others and what was learned.

Not with minutes of reading or days of visiting: those can be had without ever having been useful.
"""

from dataclasses import dataclass

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from portal.accounts.models import RoleGrant
from portal.community.models import Post, Thread
from portal.core.roles import STAFF
from portal.courses.models import CourseCompletion

FIRST_TEXTS = 2
"""So many texts of a newcomer are looked at before they are public."""


@dataclass(frozen=True)
class Trust:
    """What somebody has done here so far."""

    is_staff: bool
    accepted_answers: int
    completed_courses: int
    #: Texts of theirs that stand in public.
    public_texts: int

    @property
    def is_newcomer(self) -> bool:
        """Whether what they write waits until somebody has looked at it."""
        has_earned = self.is_staff or self.accepted_answers > 0 or self.completed_courses > 0
        return not has_earned and self.public_texts < FIRST_TEXTS

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why, as a moderator reads it."""
        return (
            *(("운영진이에요",) if self.is_staff else ()),
            f"해결한 답 {self.accepted_answers}개",
            f"수료한 과정 {self.completed_courses}개",
            f"공개된 글 {self.public_texts}개",
        )


def weigh(session: Session, user_id: int) -> Trust:
    """Return what somebody has done here so far, in one statement."""
    is_public = (Thread.author_id == user_id, Thread.hidden_at.is_(None), Thread.held_at.is_(None))
    is_public_post = (Post.author_id == user_id, Post.hidden_at.is_(None), Post.held_at.is_(None))
    staff, accepted, completed, threads, posts = session.execute(
        select(
            exists().where(RoleGrant.user_id == user_id, RoleGrant.role.in_(STAFF)),
            select(func.count(Post.id))
            .where(*is_public_post, Post.accepted_at.is_not(None))
            .scalar_subquery(),
            select(func.count(CourseCompletion.id))
            .where(CourseCompletion.learner_id == user_id)
            .scalar_subquery(),
            select(func.count(Thread.id)).where(*is_public).scalar_subquery(),
            select(func.count(Post.id)).where(*is_public_post).scalar_subquery(),
        )
    ).one()
    return Trust(bool(staff), accepted, completed, threads + posts)
