"""Where the page of a thread stands, whichever board it is on."""

from flask import url_for

from portal.community.models import Board, Post, Thread
from portal.community.texts import Text


def path_of(thread: Thread, *, post_id: int | None = None) -> str:
    """Return the path of a thread's page, or of a post on it."""
    if thread.board == Board.QUESTIONS:
        anchor = f"answer-{post_id}" if post_id else None
        return url_for("community.question", question_id=thread.id, _anchor=anchor)
    anchor = f"comment-{post_id}" if post_id else None
    return url_for("boards.thread", thread_id=thread.id, _anchor=anchor)


def path_of_text(thread: Thread, text: Text) -> str:
    """Return the path of a text: its thread's page, and for a post its place there."""
    return path_of(thread, post_id=text.id if isinstance(text, Post) else None)
