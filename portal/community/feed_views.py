"""Addresses for programs: feeds, the map of the site, and what they should leave alone."""

import hashlib

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.vocabulary import TOPIC_NAMES, Topic
from portal.community import feeds
from portal.community.board_views import NAMES
from portal.community.feeds import Mapped
from portal.community.models import Board
from portal.core import db, settings
from portal.core.errors import NotFoundError
from portal.courses import catalogue
from portal.web.access import ANYONE, access

bp = Blueprint("feeds", __name__)

FEEDS = {**{board.value: name for board, name in NAMES.items()}, Board.QUESTIONS.value: "질문"}
LEFT_ALONE = ("/account/", "/desk/", "/messages/", "/mentoring/", "/community/ask", "/community/groups/")
"""For signed-in people only; the rest is said here so that programs need not try."""

FIXED = (
    "desk.home",
    "courses.index",
    "glossary.words",
    "calculators.index",
    "community.index",
    "stories.index",
)


@bp.get("/community/feed.atom")
@access(ANYONE)
def everything() -> ResponseReturnValue:
    """Give the newest of all boards."""
    return _feed(feeds.list_entries(db.session()), "장터배움 질문과 이야기", url_for("community.index"))


@bp.get("/community/<board>/feed.atom")
@access(ANYONE)
def board(board: str) -> ResponseReturnValue:
    """Give the newest of one board, or of the questions about one topic."""
    if board in FEEDS:
        entries = feeds.list_entries(db.session(), board=Board(board))
        return _feed(entries, f"장터배움 {FEEDS[board]}", f"/community/{board}/")
    if board not in {topic.value for topic in Topic}:
        raise NotFoundError("찾는 게시판이 없어요. 질문 목록에서 골라 주세요.")
    entries = feeds.list_entries(db.session(), topic=Topic(board))
    return _feed(entries, f"장터배움 {TOPIC_NAMES[Topic(board)]} 질문", f"/community/{board}/")


@bp.get("/sitemap.xml")
@access(ANYONE)
def sitemap() -> ResponseReturnValue:
    """Name the parts of the map: the pages, and then threads by their numbers."""
    parts = range(1, feeds.count_parts(db.session()) + 1)
    addresses = [url_for(".pages_part"), *(url_for(".threads_part", part=part) for part in parts)]
    return _xml(feeds.write_map([Mapped(_absolute(path)) for path in addresses], is_index=True))


@bp.get("/sitemap-pages.xml")
@access(ANYONE)
def pages_part() -> ResponseReturnValue:
    """Map the pages everybody can read: courses, lessons, the glossary."""
    paths = [url_for(endpoint) for endpoint in FIXED]
    for course in catalogue.current().courses:
        paths.append(url_for("courses.course", course_id=course.id))
        paths += [
            url_for("courses.lesson", course_id=course.id, lesson_id=lesson.id) for lesson in course.lessons
        ]
    return _xml(feeds.write_map([Mapped(_absolute(path)) for path in paths]))


@bp.get("/sitemap-threads-<int:part>.xml")
@access(ANYONE)
def threads_part(part: int) -> ResponseReturnValue:
    """Map one part of the public questions and stories."""
    if part > feeds.count_parts(db.session()):
        raise NotFoundError("찾는 화면이 없어요.")
    return _xml(feeds.write_map(feeds.list_mapped(db.session(), part, address_of=_address_of)))


@bp.get("/robots.txt")
@access(ANYONE)
def robots() -> ResponseReturnValue:
    """Say where the map is, and what is for signed-in people only."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in LEFT_ALONE), ""]
    lines.append(f"Sitemap: {_absolute(url_for('.sitemap'))}\n")
    return Response("\n".join(lines), mimetype="text/plain", headers={"Cache-Control": "max-age=3600"})


def _feed(entries: list[feeds.Entry], title: str, page: str) -> Response:
    written = feeds.write_feed(
        entries,
        title=title,
        address=_absolute(request.path),
        page=_absolute(page),
        address_of=_address_of,
    )
    return _xml(written, mimetype="application/atom+xml")


def _xml(written: bytes, *, mimetype: str = "application/xml") -> Response:
    """Answer with ``written``, or 304 if the asking program has exactly this already."""
    # Kept by nobody's shared cache: a signed-in reader's cookie may go out with it.
    answer = Response(written, mimetype=mimetype, headers={"Cache-Control": "private, no-cache"})
    answer.set_etag(hashlib.sha256(written).hexdigest()[:32])
    answer.make_conditional(request)
    return answer


def _address_of(board: Board, thread_id: int) -> str:
    if board == Board.QUESTIONS:
        return _absolute(url_for("community.question", question_id=thread_id))
    return _absolute(url_for("boards.thread", thread_id=thread_id))


def _absolute(path: str) -> str:
    return settings.current().public_url + path
