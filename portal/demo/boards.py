"""The demo world's associations, talks, promotions and stories."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.accounts.vocabulary import Region
from portal.community import boards, groups, holding, stories
from portal.community.models import Association, Board, Thread
from portal.community.texts import Text
from portal.core import settings
from portal.demo import photos
from portal.demo.stories import Story

People = dict[str, User]
LOOKED_AT_AFTER = timedelta(minutes=20)


def tell_association(session: Session, people: People, row: dict[str, Any], *, now: datetime) -> Story:
    """Make an association and let its members join."""
    at = now - timedelta(hours=row["ago"])
    yield at
    association = groups.make(
        session, name=row["name"], region=Region(row["region"]), manager=people[row["manager"]], now=at
    )
    for hours, key in enumerate(row["members"], start=1):
        joined = at + timedelta(hours=hours)
        yield joined
        groups.join(
            session,
            people[key],
            code=association.join_code,
            path_of=lambda association_id: f"/community/groups/{association_id}/members",
            now=joined,
        )


def tell_thread(session: Session, people: People, row: dict[str, Any], *, now: datetime) -> Story:
    """Begin something on a board, let somebody look at its photo, and let others comment."""
    at = now - timedelta(hours=row["ago"])
    yield at
    draft = boards.Draft(
        board=Board(row["board"]),
        title=row["title"],
        text=row["text"],
        form_key=f"demo-{row['by']}-{row['ago']}",
        picture_key=photos.put(row["photo"]) if "photo" in row else None,
        association_id=_association_id(session, row),
    )
    thread = boards.begin(session, people[row["by"]], draft, mask=False, now=at)
    if thread.picture_key is not None:
        thread.picture_opened_at = at
    yield from _look_at(session, thread, people, row, now=at + LOOKED_AT_AFTER)
    yield from _comments(session, people, thread, row, now=now)


def tell_story(session: Session, people: People, row: dict[str, Any], *, now: datetime) -> Story:
    """Tell a story, and let people see its evidence."""
    at = now - timedelta(hours=row["ago"])
    yield at
    facts = ("title", "text", "business_type", "channel", "months", "rung")
    told = stories.Told(
        **{name: row[name] for name in facts},
        consent_version=stories.read_consent(settings.current().content_dir / "consents").version,
        form_key=f"demo-{row['by']}-{row['ago']}",
        picture_key=photos.put(row["photo"]) if "photo" in row else None,
    )
    story = stories.tell(session, people[row["by"]], told, mask=False, now=at)
    for look in row["seen"]:
        seen = now - timedelta(hours=look["ago"])
        yield seen
        stories.see_evidence(
            session,
            story.id,
            people[look["by"]],
            evidence=look["evidence"],
            path=_path(story.id),
            now=seen,
        )
    yield from _comments(session, people, story, row, now=now)


def _comments(
    session: Session, people: People, thread: Thread, row: dict[str, Any], *, now: datetime
) -> Story:
    for said in row.get("comment", []):
        at = now - timedelta(hours=said["ago"])
        yield at
        comment = boards.comment(
            session,
            thread,
            people[said["by"]],
            text=said["text"],
            form_key=f"demo-{thread.id}-{said['ago']}",
            mask=False,
            path_of=lambda comment_id: f"{_path(thread.id)}#comment-{comment_id}",
            now=at,
        )
        yield from _look_at(session, comment, people, said, now=at + LOOKED_AT_AFTER)


def _look_at(session: Session, text: Text, people: People, row: dict[str, Any], *, now: datetime) -> Story:
    """Let a trainer make a newcomer's text public, unless the row says that it still waits."""
    if text.held_at is not None and not row.get("is_held", False):
        yield now
        holding.release(session, text, by_id=people["sumin"].id, reason="살펴봤어요.", now=now)


def _association_id(session: Session, row: dict[str, Any]) -> int | None:
    if "association" not in row:
        return None
    return session.scalars(select(Association.id).where(Association.name == row["association"])).one()


def _path(thread_id: int) -> str:
    return f"/community/threads/{thread_id}/"
