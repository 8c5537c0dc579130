"""Feeds, the map of the site and robots.txt: valid, absolute, and nothing in them that is not public."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from sqlalchemy.orm import Session

from portal.accounts.vocabulary import Topic
from portal.community import feeds
from portal.community.models import Board
from tests.conftest import NOW, Browser
from tests.factories import make_association, make_question, make_story, make_thread, make_user

ATOM = "{http://www.w3.org/2005/Atom}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def parsed(client: Browser, path: str) -> Any:
    return ET.fromstring(client.get(path).data)  # noqa: S314 - what we wrote ourselves


def titles(client: Browser, path: str) -> list[str]:
    return [entry.findtext(f"{ATOM}title") or "" for entry in parsed(client, path).iter(f"{ATOM}entry")]


def locations(client: Browser, path: str) -> list[str]:
    return [place.text or "" for place in parsed(client, path).iter(f"{MAP}loc")]


def test_a_feed_holds_what_the_standard_asks_for(session: Session, client: Browser) -> None:
    author = make_user(session, name="김순자")
    thread = make_thread(session, author=author, title="<b>굵은</b> & \x0b제목", text="굵은 글", at=NOW)
    session.commit()

    answer = client.get("/community/feed.atom")
    feed = parsed(client, "/community/feed.atom")
    (entry,) = feed.iter(f"{ATOM}entry")

    address = f"http://localhost/community/threads/{thread.id}/"
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert feed.tag == f"{ATOM}feed"
    assert feed.findtext(f"{ATOM}id") == "http://localhost/community/feed.atom"
    assert feed.findtext(f"{ATOM}title") == "장터배움 질문과 이야기"
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert links == {
        "self": "http://localhost/community/feed.atom",
        "alternate": "http://localhost/community/",
    }
    assert entry.findtext(f"{ATOM}id") == address
    assert entry.findtext(f"{ATOM}title") == "<b>굵은</b> & 제목"
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "김*자 님"
    assert entry.findtext(f"{ATOM}content") == "<p>굵은 글</p>"
    link = entry.find(f"{ATOM}link")
    assert link is not None
    assert link.get("href") == address
    for moment in (feed.findtext(f"{ATOM}updated"), entry.findtext(f"{ATOM}updated")):
        assert datetime.fromisoformat(moment or "") == NOW
    assert "김순자" not in answer.text


def test_an_empty_feed_is_a_feed(session: Session, client: Browser) -> None:
    feed = parsed(client, "/community/live/feed.atom")

    assert feed.findtext(f"{ATOM}updated") == "2026-01-01T00:00:00Z"
    assert feed.findtext(f"{ATOM}title") == "장터배움 라이브 질문"


def test_each_board_and_topic_has_a_feed_of_its_own(session: Session, client: Browser) -> None:
    make_question(session, title="전화기 질문", topic=Topic.PHONE)
    make_question(session, title="배송 질문", topic=Topic.DELIVERY)
    make_thread(session, title="이야기")
    make_thread(session, Board.PROMOTION, title="알림")
    make_story(session, title="성공한 이야기")
    session.commit()

    assert len(titles(client, "/community/feed.atom")) == 5
    assert titles(client, "/community/phone/feed.atom") == ["전화기 질문"]
    assert set(titles(client, "/community/questions/feed.atom")) == {"전화기 질문", "배송 질문"}
    assert titles(client, "/community/talk/feed.atom") == ["이야기"]
    assert titles(client, "/community/promotion/feed.atom") == ["알림"]
    assert titles(client, "/community/stories/feed.atom") == ["성공한 이야기"]
    for name in ("group", "cooking"):
        assert client.get(f"/community/{name}/feed.atom").status_code == 404


def test_nothing_but_what_a_stranger_may_read_is_in_feeds_and_map(session: Session, client: Browser) -> None:
    association = make_association(session)
    secret = "남이 보면 안 되는 말"
    made = [
        make_question(session, title=secret, is_private=True),
        make_question(session, title=secret, held_at=NOW),
        make_question(session, title=secret, hidden_at=NOW),
        make_thread(session, title=secret, held_at=NOW),
        make_thread(session, title=secret, hidden_at=NOW),
        make_thread(session, Board.GROUP, title=secret, association_id=association.id),
        make_story(session, title=secret, is_public=False),
        make_question(session, title="누구나 볼 말"),
    ]
    make_question(session, title=secret, moved_to_id=made[-1].id)
    session.commit()

    for path in ("feed.atom", "questions/feed.atom", "product_page/feed.atom"):
        assert titles(client, f"/community/{path}") == ["누구나 볼 말"]
    for path in ("talk", "promotion", "stories"):
        assert titles(client, f"/community/{path}/feed.atom") == []
    assert locations(client, "/sitemap-threads-1.xml") == [
        f"http://localhost/community/questions/{made[-1].id}/"
    ]


def test_a_feed_that_has_not_changed_is_not_sent_again(session: Session, client: Browser) -> None:
    make_thread(session)
    session.commit()
    etag = client.get("/community/feed.atom").headers["ETag"]

    same = client.get("/community/feed.atom", headers={"If-None-Match": etag})
    make_thread(session)
    session.commit()
    changed = client.get("/community/feed.atom", headers={"If-None-Match": etag})

    assert (same.status_code, same.data) == (304, b"")
    assert changed.status_code == 200
    assert changed.headers["ETag"] != etag


def test_the_map_names_courses_lessons_glossary_questions_and_stories(
    session: Session, client: Browser
) -> None:
    question, story = make_question(session), make_story(session)
    make_thread(session)
    session.commit()

    parts = locations(client, "/sitemap.xml")
    places = [place for part in parts for place in locations(client, part.removeprefix("http://localhost"))]

    assert parts == ["http://localhost/sitemap-pages.xml", "http://localhost/sitemap-threads-1.xml"]
    assert {
        "http://localhost/courses/first-sale/",
        "http://localhost/courses/first-sale/settlement/",
        "http://localhost/glossary/",
        f"http://localhost/community/questions/{question.id}/",
        f"http://localhost/community/threads/{story.id}/",
    } <= set(places)
    assert len(places) == len(set(places))
    for place in [place for place in places if "/courses/" not in place]:
        assert client.get(place.removeprefix("http://localhost")).status_code == 200, place


def test_the_map_is_split_by_numbers(session: Session, client: Browser) -> None:
    first = make_question(session)
    later = make_question(session, id=feeds.URLS_IN_A_PART + 1)
    session.commit()

    assert len(locations(client, "/sitemap.xml")) == 3
    assert locations(client, "/sitemap-threads-1.xml")[-1].endswith(f"/{first.id}/")
    assert locations(client, "/sitemap-threads-2.xml")[-1].endswith(f"/{later.id}/")
    assert client.get("/sitemap-threads-3.xml").status_code == 404


def test_robots_find_the_map_and_leave_personal_pages_alone(client: Browser) -> None:
    answer = client.get("/robots.txt")

    assert answer.headers["Content-Type"].startswith("text/plain")
    assert "Sitemap: http://localhost/sitemap.xml\n" in answer.text
    assert "Disallow: /account/\n" in answer.text
    assert "Disallow: /community/\n" not in answer.text


@pytest.mark.parametrize("path", ["/community/feed.atom", "/sitemap.xml", "/sitemap-threads-1.xml"])
def test_feeds_and_map_ask_equally_often_for_ten_and_for_fifty(
    session: Session, client: Browser, count_queries: Callable[[], int], path: str
) -> None:
    counted = []
    for many in (10, 40):
        for _ in range(many):
            make_question(session)
        session.commit()
        count_queries()
        assert client.get(path).status_code == 200
        counted.append(count_queries())

    assert counted[0] == counted[1] < 5
