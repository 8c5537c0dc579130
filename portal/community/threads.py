"""What stands beside a question on its page: whether its reader follows it, and its public copy."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.community import following
from portal.community.models import QuestionState
from portal.community.queries import QuestionPage
from portal.community.thread_models import PublicCopy
from portal.core.roles import STAFF


@dataclass(frozen=True)
class Beside:
    """What a reader may do beside writing."""

    #: Will be told of new answers.
    is_following: bool
    #: May begin (again) to be told: staff, the asker, and who ended it.
    can_follow: bool
    #: May say that they wonder the same.
    can_wonder: bool
    #: The reader is asked whether everybody may read the copy.
    is_asked: bool
    #: The public question made of this one, for those who may read this one.
    public_id: int | None


def find_beside(session: Session, reader: User | None, page: QuestionPage) -> Beside:
    """Return what stands beside a question for this reader."""
    if reader is None:
        return Beside(False, False, False, False, None)
    follow = following.find_follow(session, page.id, reader)
    copy = None
    if page.is_private:
        copy = session.scalar(select(PublicCopy).where(PublicCopy.thread_id == page.id))
    is_following = page.is_asker if follow is None else follow.ended_at is None
    is_staff = not reader.roles.isdisjoint(STAFF)
    is_open = page.closed_at is None
    waits = copy is not None and copy.agreed_at is None and copy.declined_at is None
    return Beside(
        is_following=is_following and is_open,
        can_follow=is_open and not is_following and (is_staff or page.is_asker),
        can_wonder=page.state != QuestionState.ACCEPTED
        and not is_following
        and not is_staff
        and not page.is_asker,
        is_asked=page.is_asker and waits,
        public_id=copy.public_id if copy else None,
    )
