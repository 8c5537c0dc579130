"""Stories: agreed to, seen by two, public, and gone from every page once the consent is taken back."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.community import pending as waiting
from portal.community import stories
from portal.community.models import Story, StoryFacts
from portal.core import clock, db, pending
from portal.core.errors import ConflictError
from portal.core.roles import Role
from portal.messages.models import Notice
from tests.conftest import NOW, Browser
from tests.factories import make_mentor, make_story, make_user

SignIn = Callable[[User], Browser]
VERSION = stories.read_consent(Path(__file__).resolve().parents[3] / "content/consents").version
TYPED = {
    "rung": "ten_orders",
    "business_type": "반찬",
    "channel": "스마트스토어",
    "months": "4",
    "title": "석 달 만에 주문 열 건이 됐어요",
    "text": "사진을 창가에서 다시 찍었어요.",
    "consent": "y",
    "consent_version": VERSION,
    "form_key": "a-key-of-this-form",
}


def photo() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(written, "JPEG")
    return written.getvalue()


def tell(browser: Browser, picture: bytes | None = None, **changes: str) -> Any:
    data: dict[str, Any] = TYPED | changes
    if picture is not None:
        data["photo"] = (io.BytesIO(picture), "shop.jpg")
    return browser.send("/community/stories/new", data, content_type="multipart/form-data")


def look(browser: Browser, story: Story, evidence: str = "orders") -> Any:
    return browser.send(f"/desk/stories/{story.id}", {"evidence": evidence})


def facts_of(session: Session, story: Story) -> StoryFacts:
    session.commit()
    return session.get_one(StoryFacts, story.id, populate_existing=True)


def seen(client: Browser, story: Story) -> list[bool]:
    """Tell for each place strangers look at whether the story is there."""
    page = f"/community/threads/{story.id}/"
    places = [(page, story.title), ("/community/stories/", story.title)]
    places += [("/community/stories/feed.atom", page), ("/sitemap-threads-1.xml", page)]
    return [words in client.get(path).text.partition("<title>찾는")[0] for path, words in places]


def test_a_story_is_public_once_two_people_have_seen_its_evidence(
    session: Session, client: Browser, sign_in: SignIn
) -> None:
    author = make_user(session)
    first, second = make_user(session, Role.TRAINER), make_user(session, Role.OPERATOR)
    story = make_story(session, author=author, is_public=False, picture_key="0" * 64)
    session.commit()

    before = seen(client, story)
    look(sign_in(first), story)
    between = seen(client, story)
    look(sign_in(second), story, "visit")
    after = seen(client, story)

    facts = facts_of(session, story)
    assert (before, between, after) == ([False] * 4, [False] * 4, [True] * 4)
    assert (facts.first_seen_by_id, facts.second_seen_by_id) == (first.id, second.id)
    assert (facts.first_evidence, facts.second_evidence) == ("orders", "visit")
    assert facts.first_seen_at
    assert facts.published_at
    assert session.get_one(Story, story.id, populate_existing=True).picture_opened_at
    notice = session.scalars(select(Notice)).one()
    assert (notice.user_id, notice.path) == (author.id, f"/community/threads/{story.id}/")


def test_a_story_that_was_told_waits_and_shows_its_facts_as_a_band(
    session: Session, client: Browser, sign_in: SignIn
) -> None:
    author = make_user(session, name="김순자")

    told = tell(sign_in(author), picture=photo())
    story = session.scalars(select(Story)).one()
    page = f"/community/threads/{story.id}/"
    waiting = sign_in(author).get(page).text

    assert told.headers["Location"] == page
    assert "이야기를 확인하고 있어요" in waiting
    assert all(
        words in waiting for words in ("김순자 님", "주문 10건", "반찬", "스마트스토어", "4달", "<img")
    )
    assert "확인을 기다려요" in sign_in(author).get("/community/stories/").text
    assert client.get(page).status_code == sign_in(make_mentor(session)).get(page).status_code == 404
    assert facts_of(session, story).consent_version == VERSION


def test_the_page_says_exactly_what_will_be_shown_and_nothing_is_ticked(
    session: Session, sign_in: SignIn
) -> None:
    page = sign_in(make_user(session, business_type="떡")).get("/community/stories/new").text

    for words in (
        "매출 금액은 보여 주지 않아요",
        "동의 거두기",
        "업종, 파는 곳, 걸린 달 수",
        "두 사람이 따로 확인",
    ):
        assert words in page
    assert "checked" not in page
    assert 'value="떡"' in page


@pytest.mark.parametrize(
    ("changes", "status", "sentence"),
    [
        ({"consent": ""}, 422, "동의해 주셔야"),
        ({"consent_version": "2020-01-01"}, 409, "동의하는 글이 그사이에 바뀌었어요."),
        ({"rung": ""}, 422, "어디까지 오셨는지"),
        ({"rung": "million"}, 422, "보이는 것 가운데에서"),
        ({"months": "0"}, 422, "1부터 240 사이"),
        ({"months": "넉 달"}, 422, "숫자로 적어 주세요"),
        ({"business_type": ""}, 422, "무엇을 파는지"),
        ({"channel": "가" * 31}, 422, "30자까지"),
        ({"title": ""}, 422, "제목을 한 줄로"),
        ({"text": " "}, 422, "어떻게 하셨는지"),
        ({"text": "010-1234-5678 로 물어보세요"}, 422, "가리고 보내기"),
    ],
)
def test_a_refused_story_keeps_what_was_typed(
    session: Session, sign_in: SignIn, changes: dict[str, str], status: int, sentence: str
) -> None:
    page = tell(sign_in(make_user(session)), None, **changes)

    assert page.status_code == status
    assert sentence in page.text
    assert (TYPED | changes)["text"].strip() in page.text
    assert session.scalars(select(Story)).all() == []


def test_the_same_press_twice_is_one_story_and_a_second_waits_its_turn(
    session: Session, sign_in: SignIn
) -> None:
    browser = sign_in(make_user(session))

    first, second = tell(browser), tell(browser)
    third = tell(browser, title="또 다른 이야기예요", form_key="another-key-of-a-form")

    assert first.headers["Location"] == second.headers["Location"]
    assert third.status_code == 409
    assert "들려주신 이야기를 확인하고 있어요." in third.text
    assert len(session.scalars(select(Story)).all()) == 1


def count_to_see(session: Session, user: User) -> int:
    return pending.read(session, [waiting.stories(user)])["stories"].count


def test_nobody_sees_their_own_evidence_or_the_same_twice(session: Session, sign_in: SignIn) -> None:
    trainer = make_user(session, Role.TRAINER)
    own = make_story(session, author=trainer, is_public=False, title="강사의 이야기예요")
    other = make_story(session, is_public=False)
    session.commit()
    desk = sign_in(trainer)

    assert count_to_see(session, trainer) == 1
    assert look(desk, own).status_code == 404
    assert "강사의 이야기예요" not in desk.get("/desk/stories/").text
    for _ in range(2):
        assert look(desk, other).status_code == 302

    facts = facts_of(session, other)
    assert (facts.first_seen_by_id, facts.second_seen_by_id, facts.published_at) == (trainer.id, None, None)
    assert count_to_see(session, trainer) == 0
    assert "내가 확인했어요" in desk.get("/desk/stories/").text
    assert "확인해 주셨어요" in desk.get(f"/desk/stories/{other.id}").text


def test_looking_needs_a_reason_and_a_role(session: Session, sign_in: SignIn) -> None:
    story = make_story(session, is_public=False)
    session.commit()

    odd = look(sign_in(make_user(session, Role.OPERATOR)), story, "a feeling")

    assert odd.status_code == 422
    for role in (Role.MERCHANT, Role.MENTOR):
        assert look(sign_in(make_user(session, role)), story).status_code == 403


def test_eight_looks_at_once_by_two_people_publish_it_once(committed: Session, race: Any) -> None:
    story_id = make_story(committed, is_public=False).id
    viewers = [make_user(committed, Role.TRAINER).id for _ in range(2)]
    committed.commit()

    def see(viewer_id: int) -> None:
        with db.transaction() as session:
            viewer = session.get_one(User, viewer_id)
            stories.see_evidence(session, story_id, viewer, evidence="orders", path="/", now=clock.now())

    outcomes = race([lambda viewer_id=viewer_id: see(viewer_id) for viewer_id in viewers * 4])

    facts = committed.get_one(StoryFacts, story_id, populate_existing=True)
    assert {facts.first_seen_by_id, facts.second_seen_by_id} == set(viewers)
    assert facts.published_at is not None
    assert all(outcome is None or isinstance(outcome, ConflictError) for outcome in outcomes)
    assert len(committed.scalars(select(Notice)).all()) == 1


def test_eight_looks_at_once_by_one_person_publish_nothing(committed: Session, race: Any) -> None:
    story_id, viewer_id = make_story(committed, is_public=False).id, make_user(committed, Role.TRAINER).id
    committed.commit()

    def see() -> None:
        with db.transaction() as session:
            viewer = session.get_one(User, viewer_id)
            stories.see_evidence(session, story_id, viewer, evidence="orders", path="/", now=clock.now())

    race([see] * 8)

    facts = committed.get_one(StoryFacts, story_id, populate_existing=True)
    assert (facts.first_seen_by_id, facts.second_seen_by_id) == (viewer_id, None)


def test_the_database_itself_wants_two_people(session: Session) -> None:
    viewer = make_user(session, Role.TRAINER).id
    story = make_story(session, is_public=False)
    story.facts.first_seen_by_id = viewer
    session.flush()

    for column, value in (("second_seen_by_id", viewer), ("published_at", NOW)):
        change = update(StoryFacts).where(StoryFacts.thread_id == story.id).values({column: value})
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(change)


def test_taking_the_consent_back_takes_the_story_from_every_page_at_once(
    session: Session, client: Browser, sign_in: SignIn
) -> None:
    author, operator = make_user(session), make_user(session, Role.OPERATOR)
    story = make_story(session, author=author, picture_key="0" * 64, picture_opened_at=NOW)
    session.commit()
    page = f"/community/threads/{story.id}/"
    places = ("/community/", "/community/stories/", "/community/feed.atom", "/community/stories/feed.atom")
    assert client.get(page).status_code == 200
    hers = sign_in(author)

    asked = hers.get(f"/community/stories/{story.id}/withdraw")
    for _ in range(2):
        assert hers.send(f"/community/stories/{story.id}/withdraw").status_code == 302

    assert story.title in asked.text
    for reader in (client, sign_in(make_user(session)), sign_in(make_mentor(session)), sign_in(operator)):
        assert reader.get(page).status_code == 404
        assert reader.get(page + "picture").status_code == 404
        assert all(story.title not in reader.get(path).text for path in places)
    assert page not in client.get("/sitemap-threads-1.xml").text
    assert "동의를 거둔 이야기예요" in hers.get(page).text
    assert hers.send(page, {"text": "네", "form_key": "k" * 16}).status_code == 403
    assert facts_of(session, story).withdrawn_at is not None


def test_nobody_else_takes_a_consent_back(session: Session, sign_in: SignIn) -> None:
    story = make_story(session)
    session.commit()

    for role in (Role.MERCHANT, Role.OPERATOR):
        browser = sign_in(make_user(session, role))
        assert browser.send(f"/community/stories/{story.id}/withdraw").status_code == 404
    assert facts_of(session, story).withdrawn_at is None


def test_a_story_taken_back_while_it_waits_is_never_published(session: Session) -> None:
    story, viewer = make_story(session, is_public=False), make_user(session, Role.TRAINER)
    stories.withdraw(session, story, now=NOW)
    session.flush()

    with pytest.raises(ConflictError, match="거두셨어요"):
        stories.see_evidence(session, story.id, viewer, evidence="orders", path="/", now=NOW)
    assert stories.list_waiting(session, viewer) == []


@pytest.mark.parametrize("rung", stories.RUNGS)
def test_who_came_far_is_invited_to_help_and_every_rung_is_shown_as_a_band(
    session: Session, sign_in: SignIn, client: Browser, rung: str
) -> None:
    author = make_user(session)
    story = make_story(session, author=author, rung=rung)
    session.commit()
    page = f"/community/threads/{story.id}/"

    assert stories.RUNGS[rung] in client.get(page).text
    assert ("멘토가 되는 길 보기" in sign_in(author).get(page).text) == (rung in stories.MENTORS_FROM)
    assert "멘토가 되는 길 보기" not in client.get(page).text
    assert client.get("/community/stories/mentor").status_code == 200


def test_the_pages_ask_equally_often_for_ten_and_for_forty(
    session: Session, sign_in: SignIn, count_queries: Callable[[], int]
) -> None:
    operator, counted = make_user(session, Role.OPERATOR), []
    browser = sign_in(operator)
    for many in (5, 35):
        for _ in range(many):
            make_story(session)
            make_story(session, is_public=False)
        session.commit()
        count_queries()
        for path in ("/community/stories/", "/desk/stories/"):
            assert browser.get(path).status_code == 200
            counted.append(count_queries())

    assert counted[:2] == counted[2:]
    assert max(counted) < 15
