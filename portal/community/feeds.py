"""What programs read of the boards: Atom feeds and the map of the site. All of it as a stranger sees it."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from portal.accounts.vocabulary import Topic
from portal.community import policy
from portal.community.activity import by_activity
from portal.community.boards import author_name
from portal.community.models import Board, Question, Thread

ENTRIES = 20
URLS_IN_A_PART = 50_000
"""As many addresses as one sitemap may hold (sitemaps.org); a part holds the threads of as many numbers."""

MAPPED = (Board.QUESTIONS, Board.STORIES)
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
"""When an empty feed was last changed."""

_ATOM = "http://www.w3.org/2005/Atom"
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
#: What XML 1.0 has no place for.
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

AddressOf = Callable[[Board, int], str]
"""Gives the absolute address of a thread, by its board and id; the view makes it."""


@dataclass(frozen=True)
class Entry:
    """One thread of a feed."""

    board: Board
    id: int
    title: str
    author: str
    text_html: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class Mapped:
    """One address of the map, and when it last changed if that is known."""

    address: str
    changed_at: datetime | None = None


def list_entries(session: Session, *, board: Board | None = None, topic: Topic | None = None) -> list[Entry]:
    """Return the newest public threads: of all boards, of one, or the questions about one topic."""
    statement = select(Thread).where(Thread.moved_to_id.is_(None), policy.may_read(None))
    if topic is not None:
        statement = statement.where(Thread.board == Board.QUESTIONS, Question.topic == topic)
    elif board is not None:
        statement = statement.where(Thread.board == board)
    rows = session.scalars(by_activity(statement, None).options(joinedload(Thread.author)).limit(ENTRIES))
    return [
        Entry(
            board=row.board,
            id=row.id,
            title=row.title,
            author=author_name(row.author, None),
            text_html=row.text_html,
            created_at=row.created_at,
            updated_at=max(row.last_post_at, row.edited_at or row.created_at),
        )
        for row in rows
    ]


def count_parts(session: Session) -> int:
    """Return how many parts the map's threads fill."""
    latest = session.scalar(select(func.max(Thread.id)).where(Thread.board.in_(MAPPED))) or 0
    return -(-latest // URLS_IN_A_PART)


def list_mapped(session: Session, part: int, *, address_of: AddressOf) -> list[Mapped]:
    """Return the public questions and stories of one part of the map, parts counted from 1."""
    rows = session.execute(
        select(Thread.board, Thread.id, Thread.last_post_at)
        .where(
            Thread.id > (part - 1) * URLS_IN_A_PART,
            Thread.id <= part * URLS_IN_A_PART,
            Thread.board.in_(MAPPED),
            Thread.moved_to_id.is_(None),
            policy.may_read(None),
        )
        .order_by(Thread.id)
    )
    return [Mapped(address_of(board, thread_id), at) for board, thread_id, at in rows]


def write_feed(
    entries: Sequence[Entry], *, title: str, address: str, page: str, address_of: AddressOf
) -> bytes:
    """Return an Atom feed (RFC 4287): ``address`` is its own, ``page`` the one it belongs to."""
    feed = ET.Element("feed", {"xmlns": _ATOM, "xml:lang": "ko"})
    _add(feed, "id", address)
    _add(feed, "title", title)
    _add(feed, "updated", _moment(max((entry.updated_at for entry in entries), default=BEGINNING)))
    ET.SubElement(feed, "link", {"rel": "self", "type": "application/atom+xml", "href": address})
    ET.SubElement(feed, "link", {"rel": "alternate", "type": "text/html", "href": page})
    for entry in entries:
        inside = ET.SubElement(feed, "entry")
        address_of_entry = address_of(entry.board, entry.id)
        _add(inside, "id", address_of_entry)
        _add(inside, "title", entry.title)
        _add(ET.SubElement(inside, "author"), "name", entry.author)
        _add(inside, "published", _moment(entry.created_at))
        _add(inside, "updated", _moment(entry.updated_at))
        ET.SubElement(inside, "link", {"rel": "alternate", "type": "text/html", "href": address_of_entry})
        _add(inside, "content", entry.text_html, type="html")
    return _written(feed)


def write_map(addresses: Iterable[Mapped], *, is_index: bool = False) -> bytes:
    """Return a sitemap of pages, or with ``is_index`` one of sitemaps."""
    whole, one = ("sitemapindex", "sitemap") if is_index else ("urlset", "url")
    root = ET.Element(whole, {"xmlns": _SITEMAP})
    for mapped in addresses:
        place = ET.SubElement(root, one)
        _add(place, "loc", mapped.address)
        if mapped.changed_at is not None:
            _add(place, "lastmod", _moment(mapped.changed_at))
    return _written(root)


def _add(parent: ET.Element, name: str, words: str, **attributes: str) -> None:
    ET.SubElement(parent, name, attributes).text = _UNWRITABLE.sub("", words)


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _written(root: ET.Element) -> bytes:
    return ET.tostring(root, encoding="unicode", xml_declaration=True).encode()
