"""Associations: only members read, the number lets others in, and letting out is for good."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.community import boards, groups, unread
from portal.community.models import Association, AssociationMember, Board, Thread
from portal.core import clock, db
from portal.core.errors import ConflictError
from portal.core.roles import Role
from portal.messages.models import Notice
from tests.conftest import NOW, Browser
from tests.factories import make_association, make_member, make_mentor, make_thread, make_user

SignIn = Callable[[User], Browser]
SECRET = "회비 이야기는 우리끼리"


@pytest.fixture
def manager(session: Session) -> User:
    return make_user(session, name="박말순")


@pytest.fixture
def association(session: Session, manager: User) -> Association:
    made = make_association(session, manager=manager, name="망원시장 상인회")
    session.commit()
    return made


def join(browser: Browser, code: str) -> Any:
    return browser.send("/community/join", {"code": code})


def renewed(session: Session, association: Association) -> str:
    session.commit()
    return session.get_one(Association, association.id, populate_existing=True).join_code


def test_an_operator_makes_one_and_its_manager_finds_it(session: Session, sign_in: SignIn) -> None:
    manager, operator = make_user(session, email="manager@example.com"), make_user(session, Role.OPERATOR)
    session.commit()
    desk = sign_in(operator)

    typed = {"name": "망원시장 상인회", "region": "seoul", "identifier": "Manager@example.com"}
    made = desk.send("/desk/associations/", typed)
    again = desk.send("/desk/associations/", typed)
    nobody = desk.send("/desk/associations/", {**typed, "name": "다른 상인회", "identifier": "010-0000-9999"})
    odd = desk.send("/desk/associations/", {**typed, "name": "다른 상인회", "identifier": "전화"})

    association = session.scalars(select(Association)).one()
    assert [answer.status_code for answer in (made, again, nobody, odd)] == [302, 409, 422, 422]
    assert "가입한 분이 아니에요." in nobody.text
    assert "망원시장 상인회" in desk.get("/desk/associations/").text
    assert "망원시장 상인회" in sign_in(manager).get("/community/").text
    page = sign_in(manager).get(f"/community/groups/{association.id}/members").text
    assert groups.spaced(association.join_code) in page
    assert len(association.join_code) == groups.CODE_DIGITS


def test_a_merchant_has_no_desk_of_associations(session: Session, sign_in: SignIn) -> None:
    assert sign_in(make_user(session)).get("/desk/associations/").status_code == 403


@pytest.mark.parametrize("gap", ["", " ", "-"])
def test_a_member_joins_by_the_number_however_it_is_typed(
    session: Session, sign_in: SignIn, association: Association, manager: User, gap: str
) -> None:
    newcomer = make_user(session, name="김순자")
    typed = gap.join([association.join_code[:3], association.join_code[3:]])

    answer = join(sign_in(newcomer), typed)

    assert answer.headers["Location"] == f"/community/groups/{association.id}/"
    assert sign_in(newcomer).get(answer.headers["Location"]).status_code == 200
    notice = session.scalars(select(Notice)).one()
    assert (notice.user_id, notice.sentence) == (manager.id, "김순자 님이 ‘망원시장 상인회’에 들어왔어요.")


@pytest.mark.parametrize("code", ["", "123", "0000000000", "가나다", "9" * 400])
def test_a_wrong_number_is_refused_beside_its_field(
    session: Session, sign_in: SignIn, association: Association, code: str
) -> None:
    page = join(sign_in(make_user(session)), code)

    assert page.status_code == 422
    assert "숫자 열 개" in page.text
    assert len(session.scalars(select(AssociationMember)).all()) == 1


def test_joining_twice_is_joining_once(session: Session, sign_in: SignIn, association: Association) -> None:
    browser = sign_in(make_user(session))

    for _ in range(2):
        assert join(browser, association.join_code).status_code == 302

    assert len(session.scalars(select(AssociationMember)).all()) == 2
    assert len(session.scalars(select(Notice)).all()) == 1


def test_what_members_write_is_nowhere_for_others(
    session: Session, client: Browser, sign_in: SignIn, association: Association
) -> None:
    member = make_member(session, association)
    former = make_member(session, association)
    session.get_one(AssociationMember, (association.id, former.id)).left_at = NOW
    thread = make_thread(
        session,
        Board.GROUP,
        author=member,
        title=SECRET,
        association_id=association.id,
        picture_key="0" * 64,
        picture_opened_at=NOW,
    )
    session.commit()
    page, board = f"/community/threads/{thread.id}/", f"/community/groups/{association.id}/"
    lists = ("/community/", "/community/talk/", "/community/feed.atom", "/community/talk/feed.atom")

    outsiders = (make_user(session), former, make_mentor(session))
    for outsider in [client, *map(sign_in, outsiders)]:
        assert outsider.get(page).status_code == 404
        assert outsider.get(page + "picture").status_code == 404
        assert outsider.get(board).status_code in ({302} if outsider is client else {404})
        assert all(SECRET not in outsider.get(path).text for path in lists)
        assert "망원시장" not in outsider.get("/community/").text
    assert f"/threads/{thread.id}/" not in client.get("/sitemap-threads-1.xml").text
    for outsider_row in outsiders:
        assert not unread.count_new(session, outsider_row, now=clock.now()).associations
    reader = sign_in(make_member(session, association))
    assert SECRET in reader.get(board).text
    assert SECRET in reader.get(page).text
    assert reader.get("/community/feed.atom").text.count(SECRET) == 0


def test_members_write_and_former_members_do_not_hear(
    session: Session, sign_in: SignIn, association: Association
) -> None:
    author, neighbour = make_member(session, association), make_member(session, association)
    session.commit()
    typed = {"title": SECRET, "text": "이번 달은 만 원이에요.", "form_key": "a-key-of-this-form"}

    begun = sign_in(author).send(f"/community/groups/{association.id}/new", typed)
    thread = session.scalars(select(Thread)).one()
    session.get_one(AssociationMember, (association.id, author.id)).left_at = NOW
    session.commit()
    said = sign_in(neighbour).send(
        f"/community/threads/{thread.id}/", {"text": "네", "form_key": "a-key-of-a-comment"}
    )

    assert (begun.status_code, said.status_code) == (302, 302)
    assert session.scalars(select(Notice)).all() == []
    assert sign_in(author).get(f"/community/threads/{thread.id}/").status_code == 404
    stranger = sign_in(make_user(session))
    assert stranger.send(f"/community/groups/{association.id}/new", typed).status_code == 404
    operator = sign_in(make_user(session, Role.OPERATOR))
    assert operator.get(f"/community/threads/{thread.id}/").status_code == 200
    assert operator.send(f"/community/groups/{association.id}/new", typed).status_code == 403


def test_letting_out_makes_a_new_number(
    session: Session, sign_in: SignIn, association: Association, manager: User
) -> None:
    member = make_member(session, association)
    session.commit()
    old = association.join_code
    address = f"/community/groups/{association.id}/members/{member.id}/out"

    for _ in range(2):
        assert sign_in(manager).send(address).status_code == 302

    code = renewed(session, association)
    assert code != old
    assert join(sign_in(member), old).status_code == 422
    assert sign_in(member).get(f"/community/groups/{association.id}/").status_code == 404
    assert session.get_one(AssociationMember, (association.id, member.id), populate_existing=True).left_at


def test_a_manager_makes_a_new_number_once_a_press(
    session: Session, sign_in: SignIn, association: Association, manager: User
) -> None:
    old, browser = association.join_code, sign_in(manager)
    address = f"/community/groups/{association.id}/join-code"

    browser.send(address, {"old_code": old})
    first = renewed(session, association)
    browser.send(address, {"old_code": old})

    assert first != old
    assert renewed(session, association) == first


def test_the_poster_shows_the_number_and_a_code_to_scan(
    session: Session, sign_in: SignIn, association: Association, manager: User
) -> None:
    browser = sign_in(manager)

    page = browser.get(f"/community/groups/{association.id}/poster").text
    drawn = browser.get(f"/community/groups/{association.id}/join-code.svg")

    assert groups.spaced(association.join_code) in page
    assert "http://localhost/community/join" in page
    assert drawn.headers["Content-Type"].startswith("image/svg+xml")
    assert drawn.data.startswith(b"<svg")
    assert drawn.headers["Cache-Control"] == "no-store"


def test_members_who_manage_nothing_see_no_number(
    session: Session, sign_in: SignIn, association: Association
) -> None:
    browser = sign_in(make_member(session, association))
    base = f"/community/groups/{association.id}"

    assert association.join_code not in browser.get(f"{base}/").text
    for path in ("/members", "/poster", "/join-code.svg"):
        assert browser.get(base + path).status_code == 403
    for path in ("/join-code", "/members/1/out", "/members/1/manager"):
        assert browser.send(base + path).status_code == 403


def test_the_only_manager_stays_until_another_manages(
    session: Session, sign_in: SignIn, association: Association, manager: User
) -> None:
    member = make_member(session, association)
    session.commit()
    base, browser = f"/community/groups/{association.id}", sign_in(manager)

    assert browser.send(f"{base}/leave").status_code == 409
    assert browser.send(f"{base}/members/{member.id}/manager").status_code == 302
    assert browser.send(f"{base}/members/{member.id}/out").status_code == 409
    assert browser.send(f"{base}/leave").status_code == 302
    assert browser.get(f"{base}/").status_code == 404
    assert sign_in(member).get(f"{base}/members").status_code == 200


def test_two_managers_who_leave_at_once_leave_one(committed: Session, race: Any) -> None:
    first, second = make_user(committed), make_user(committed)
    association = make_association(committed, manager=first)
    make_member(committed, association, second)
    groups.entrust(committed, association, second.id)
    association_id = association.id
    ids = [first.id, second.id] * 4
    committed.commit()

    def leave(user_id: int) -> None:
        with db.transaction() as session:
            user = session.get_one(User, user_id)
            groups.leave(session, session.get_one(Association, association_id), user, now=clock.now())

    outcomes = race([lambda user_id=user_id: leave(user_id) for user_id in ids])

    assert any(isinstance(outcome, ConflictError) for outcome in outcomes)
    managers = select(AssociationMember).where(AssociationMember.is_manager)
    assert len(committed.scalars(managers).all()) == 1


def test_eight_presses_of_joining_at_once_are_one_member(committed: Session, race: Any) -> None:
    association = make_association(committed)
    code, user_id = association.join_code, make_user(committed).id
    committed.commit()

    def press() -> int:
        with db.transaction() as session:
            user = session.get_one(User, user_id)
            return groups.join(session, user, code=code, path_of=str, now=clock.now()).id

    assert set(race([press] * 8)) == {association.id}
    assert len(committed.scalars(select(AssociationMember)).all()) == 2
    assert len(committed.scalars(select(Notice)).all()) == 1


def test_the_board_asks_equally_often_for_ten_and_for_a_hundred(
    session: Session,
    sign_in: SignIn,
    association: Association,
    manager: User,
    count_queries: Callable[[], int],
) -> None:
    browser, counted = sign_in(manager), []
    for many in (9, 90):
        for _ in range(many):
            make_thread(
                session, Board.GROUP, author=make_member(session, association), association_id=association.id
            )
        session.commit()
        count_queries()
        for path in ("", "members"):
            assert browser.get(f"/community/groups/{association.id}/{path}").status_code == 200
            counted.append(count_queries())

    assert counted[:2] == counted[2:]
    assert max(counted) < 15
    lines = boards.list_threads(session, manager, Board.GROUP, association_id=association.id)
    assert len(lines) == boards.PAGE_SIZE + 1
