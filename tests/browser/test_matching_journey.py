"""Journey 4, "멘토를 만나 실천한다": need, match, offer, a time by text message, a visit, three things done.

The mentor asked first does not answer for two working days. The other named failures stand below: two mentors
at once, nobody came, a late second change, a browser in another zone.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.accounts.models import MentorProfile, User
from portal.accounts.vocabulary import Region
from portal.core import clock, korean, queue
from portal.core.clock import KST
from portal.core.roles import Role
from portal.mentoring.match_models import MatchRun
from portal.mentoring.models import Engagement, MatchProfile, MentorRegion, Need, Offer, OfferState
from portal.mentoring.visit_models import Visit, VisitTime
from tests import factories
from tests.browser.conftest import Eye, OpenPhone, Phone, Portal, new_context

pytestmark = pytest.mark.browser
KEY = "k" * 40
THINGS = ("김치 사진 다시 찍기", "상품 이름에 무게 적기", "택배 상자 열 개 사기")


@pytest.fixture(scope="module", autouse=True)
def gateway(portal: Portal) -> Iterator[None]:
    """Let text messages come in."""
    kept = portal.app.extensions["portal_settings"]
    portal.app.extensions["portal_settings"] = replace(kept, sms_inbound_key=KEY)
    yield
    portal.app.extensions["portal_settings"] = kept


def make_two(portal: Portal, shop: str) -> tuple[User, User]:
    with portal.transaction() as session:
        merchant = factories.make_user(session, name="김순자", shop_name=shop)
        mentor = factories.make_mentor(session, name="박정호")
        for user in (merchant, mentor):
            factories.keep_awake(session, user)
    return merchant, mentor


def make_matchable(portal: Portal) -> tuple[User, list[User]]:
    """Return a shop owner and two mentors who have told what the matching asks; nobody else has a seat."""
    with portal.transaction() as session:
        session.execute(update(MentorProfile).values(paused_at=clock.now()))
        merchant = factories.make_user(session, name="김순자", shop_name="순자네 반찬")
        mentors = [factories.make_mentor(session, name=name) for name in ("박정호", "강미자")]
        session.add_all(
            MatchProfile(
                mentor_id=mentor.id, sells_services=False, regions=[MentorRegion(region=Region.SEOUL)]
            )
            for mentor in mentors
        )
        for user in (merchant, *mentors):
            factories.keep_awake(session, user)
    return merchant, mentors


def visit_of(session: Session, merchant: User) -> Visit:
    return session.scalars(
        select(Visit)
        .join(Engagement, Engagement.id == Visit.engagement_id)
        .where(Engagement.merchant_id == merchant.id)
        .order_by(Visit.id.desc())
        .limit(1)
    ).one()


def make_agreed(portal: Portal, merchant: User, mentor: User, starts_at: datetime) -> int:
    """Return the page of two who have agreed on a visit."""
    with portal.transaction() as session:
        engagement = factories.make_engagement(session, merchant, mentor)
        factories.make_visit(session, engagement, starts_at=starts_at)
        return engagement.id


def reply(phone: Phone, user: User, text: str, *, message_id: str) -> Any:
    """Send a text message back, as the gateway would hand it over."""
    return phone.page.request.post(
        "/sms/incoming",
        data={"id": message_id, "from": user.phone_shown, "text": text},
        headers={"Authorization": f"Bearer {KEY}"},
    )


def newest_text(portal: Portal, *, to: User) -> str:
    folder: Path = portal.app.extensions["portal_settings"].data_dir / "outbox"
    texts = sorted(folder.glob("*.txt"), key=lambda path: path.stat().st_mtime_ns)
    mine: list[str] = [
        text for path in texts if f"To: {to.phone}" in (text := path.read_text(encoding="utf-8"))
    ]
    return mine[-1]


def test_a_need_becomes_a_visit_by_a_number_and_three_things_done(
    portal: Portal, open_phone: OpenPhone
) -> None:
    merchant, mentors = make_matchable(portal)
    with portal.transaction() as session:
        operator = factories.make_user(session, Role.OPERATOR, name="정하늘")
    hers = open_phone(merchant)

    ask_for_a_mentor(hers)
    match_and_publish(portal, open_phone(operator))
    silent = asked_mentor(portal, merchant)
    read_why(hers, silent, mentors)
    let_two_working_days_pass(portal, merchant)
    hers.open_newest_notice("이번에는 어려워 다음 멘토님께 부탁했어요.")
    mentor = asked_mentor(portal, merchant)
    assert {silent.id, mentor.id} == {each.id for each in mentors}
    his = open_phone(mentor)
    write_hours(his)
    accept(his)
    book_by_a_number(portal, merchant, hers, his)
    do_three_things(portal, merchant, hers, his)

    end_and_ask_again(hers)


def book_by_a_number(portal: Portal, merchant: User, hers: Phone, his: Phone) -> None:
    second = offer_what_is_ready(portal, his, merchant)
    portal.run_jobs()
    text = newest_text(portal, to=merchant)
    words = korean.dated_time(second, now=clock.now())
    assert f"2번 {words}" in text
    assert reply(hers, merchant, "2번이요", message_id=f"journey-{merchant.id}").status == 204
    for phone in (hers, his):
        assert phone.go("/").sees(words)


def do_three_things(portal: Portal, merchant: User, hers: Phone, his: Phone) -> None:
    let_the_visit_pass(portal, merchant)
    write_log(his)
    hers.go("/")
    for thing in THINGS:
        hers.press("했어요", beside=thing)
    assert not any(hers.sees(thing) for thing in THINGS)


def write_hours(phone: Phone) -> None:
    phone.go("/mentoring/").press("만날 수 있는 시간")
    phone.select("요일", "수요일").select("몇 시부터", "오전 10시").select("몇 시까지", "오후 4시")
    phone.press("이 시간 적기")
    assert phone.sees("수요일 오전 10시부터 오후 4시까지")


def ask_for_a_mentor(phone: Phone) -> None:
    phone.go("/").open_place("멘토").press("멘토 부탁하기")
    phone.choose("휴대전화 다루기").fill("어떤 점이 어려우세요", "사진이 옆으로 누워요.")
    phone.select("가게가 있는 곳", "서울").press("부탁 올리기")
    assert phone.sees("부탁을 올렸어요. 멘토님이 맡으면 알려 드려요.")


def match_and_publish(portal: Portal, phone: Phone) -> None:
    phone.go("/desk/matching/").press("짝 찾기")
    assert phone.sees("짝을 찾고 있어요")
    portal.run_jobs()
    with portal.transaction() as session:
        run_id = session.scalar(select(func.max(MatchRun.id)))
    phone.go(f"/desk/matching/runs/{run_id}/").press("살펴봤어요").press("부탁 보내기").press("1건 보내기")
    assert phone.sees("부탁을 1건 보냈어요")
    portal.run_jobs()


def asked_mentor(portal: Portal, merchant: User) -> User:
    """Return who is being asked to take her need."""
    with portal.transaction() as session:
        is_open = (Need.merchant_id == merchant.id, Offer.state == OfferState.OPEN)
        offer = session.scalars(select(Offer).join(Need, Need.id == Offer.need_id).where(*is_open)).one()
        return session.get_one(User, offer.mentor_id)


def read_why(phone: Phone, mentor: User, mentors: list[User]) -> None:
    (other,) = (each for each in mentors if each.id != mentor.id)
    phone.go("/mentoring/")
    assert phone.sees(f"왜 {mentor.name} 멘토님인가요")
    phone.press("다른 멘토님은 왜 아닌지 보기").press(f"왜 이 멘토가 아닌가요? {other.name} 멘토님")
    assert phone.heading == f"왜 {other.name} 멘토님이 아닌가요"


def let_two_working_days_pass(portal: Portal, merchant: User) -> None:
    """Let the time for an answer be over, and the worker look."""
    with portal.transaction() as session:
        need_id = session.scalars(select(Need.id).where(Need.merchant_id == merchant.id)).one()
        over = clock.now() - timedelta(hours=1)
        times = {"offered_at": over - timedelta(days=5), "answer_by": over, "due_at": over}
        session.execute(update(Offer).where(Offer.need_id == need_id).values(**times))
    with portal.app.app_context():
        queue.sweep(now=clock.now())
    portal.run_jobs()


def accept(phone: Phone) -> None:
    phone.go("/")
    phone.page.get_by_role("main").get_by_role("link", name="휴대전화 다루기").first.click()
    phone.look().press("이 가게 맡기")
    assert phone.heading == "김순자 사장님"


def offer_what_is_ready(portal: Portal, phone: Phone, merchant: User) -> datetime:
    """Send the three times that stand there ready, and return the second."""
    phone.press("만날 시간 보내기")
    assert phone.sees("가까운 빈 시간을 미리 적어 두었어요.")
    assert all(phone.page.get_by_label(f"{nth} 날짜").input_value() for nth in ("첫째", "둘째", "셋째"))
    phone.press("이 시간 보내기")
    assert phone.sees("만날 시간을 보냈어요. 사장님이 고르면 알려 드려요.")
    with portal.transaction() as session:
        visit = visit_of(session, merchant)
        moment = session.scalar(
            select(VisitTime.starts_at).where(VisitTime.visit_id == visit.id, VisitTime.position == 2)
        )
    assert moment is not None
    assert moment.astimezone(KST).weekday() == 2
    return moment


def let_the_visit_pass(portal: Portal, merchant: User) -> None:
    with portal.transaction() as session:
        visit_of(session, merchant).starts_at = clock.now() - timedelta(hours=2)


def write_log(phone: Phone) -> None:
    phone.go("/")
    phone.page.get_by_role("listitem").filter(has_text="만난 이야기를 적어 주세요").get_by_role(
        "link"
    ).first.click()
    phone.press("만난 이야기 쓰기")
    phone.fill("함께 한 일", "사진을 세워서 올리는 법을 해 봤어요.")
    phone.page.get_by_text("해 볼 일 더 적기").click()
    for label, thing in zip(("하나", "둘", "셋"), THINGS, strict=True):
        phone.fill(f"해 볼 일 {label}", thing)
    phone.press("적고 사장님께 알리기")
    assert phone.sees("적어 주셔서 고맙습니다. 사장님께도 알렸어요.")


def end_and_ask_again(phone: Phone) -> None:
    """What was done stays; somebody else can be asked for at once."""
    phone.go("/mentoring/").press("멘토님과 함께 보기")
    phone.press("함께하기 끝내기")
    phone.page.get_by_role("main").get_by_role("button").last.click()
    phone.page.wait_for_load_state("load")
    phone.go("/mentoring/")
    assert phone.find("멘토 부탁하기").count() == 1


def test_two_mentors_who_take_one_shop_at_once_are_told_kindly(portal: Portal, open_phone: OpenPhone) -> None:
    _, first = make_two(portal, "둘이 맡는 가게")
    _, second = make_two(portal, "다른 가게")
    with portal.transaction() as session:
        asker = factories.make_user(session, name="이영희")
        need = factories.make_need(session, asker, detail="상자 고르기가 어려워요.")
    phones = [open_phone(mentor) for mentor in (first, second)]
    for phone in phones:
        phone.go("/mentoring/needs/")

    for phone in phones:
        form = phone.page.locator(f"form[action='/mentoring/needs/{need.id}/accept']")
        form.get_by_role("button").click()
        phone.page.wait_for_load_state("load")

    assert phones[0].heading == "이영희 사장님"
    assert phones[1].look().sees("다른 멘토님이 먼저 맡으셨어요.")


def test_nobody_came_and_she_may_say_why(portal: Portal, open_phone: OpenPhone) -> None:
    merchant, mentor = make_two(portal, "못 만난 가게")
    with portal.transaction() as session:
        operator = factories.make_user(session, Role.OPERATOR, name="정하늘")
    page = make_agreed(portal, merchant, mentor, clock.now() - timedelta(hours=2))
    his, hers, theirs = open_phone(mentor), open_phone(merchant), open_phone(operator)

    his.go(f"/mentoring/engagements/{page}/").press("만나지 못했어요")
    his.choose("사장님이 오지 못했어요").press("만나지 못했다고 적기")
    assert his.find("만날 시간 보내기").count() == 1

    hers.go("/").open_newest_notice("사정이 있으셨다면 편히 알려 주세요.")
    hers.press("사정 알리기")
    hers.fill("어떤 사정이 있었나요", "장날이라 손님이 많았어요.").press("운영자에게 알리기")
    assert hers.sees("알려 주신 사정을 운영자가 읽고 있어요.")

    theirs.go("/desk/").press("만나지 못한 사정", exact=False).press("김순자 사장님")
    theirs.choose("받아들이고 세지 않기").fill("까닭", "장날은 어쩔 수 없어요.").press("정하고 알리기")

    hers.open_newest_notice("알려 주신 사정을 받아들였어요.")
    assert hers.sees("장날은 어쩔 수 없어요.")


def test_a_late_change_is_said_first_and_the_other_reads_why_the_second_time(
    portal: Portal, open_phone: OpenPhone
) -> None:
    merchant, mentor = make_two(portal, "자주 바꾸는 가게")
    page = make_agreed(portal, merchant, mentor, clock.now() + timedelta(hours=20))
    hers, his = open_phone(merchant), open_phone(mentor)
    address = f"/mentoring/engagements/{page}/"

    hers.go(address).press("약속 바꾸기")
    assert hers.sees("만나기까지 하루가 안 남았어요")
    hers.press("이 약속 바꾸기")
    with portal.transaction() as session:
        factories.make_visit(
            session, session.get_one(Engagement, page), starts_at=clock.now() + timedelta(days=4)
        )
    hers.go(address).press("약속 바꾸기").press("이 약속 바꾸기")
    assert hers.sees("까닭을 한 줄 적어 주세요.")
    hers.fill("바꾸는 까닭", "물건이 갑자기 들어왔어요.").press("이 약속 바꾸기")

    assert his.go(address).sees("물건이 갑자기 들어왔어요.")


def test_a_browser_in_another_zone_sees_korean_time(
    portal: Portal, chromium: Browser, eye: Eye, scripts: bool
) -> None:
    merchant, mentor = make_two(portal, "먼 나라에서 보는 가게")
    starts_at = datetime.combine(
        clock.now().astimezone(KST).date() + timedelta(days=3), datetime.min.time(), KST
    )
    starts_at += timedelta(hours=9)  # the evening before in New York
    make_agreed(portal, merchant, mentor, starts_at)
    context = new_context(chromium, portal.url, scripts=scripts, timezone="America/New_York")
    portal.let_in(context, merchant)
    page = context.new_page()

    phone = Phone(page, eye).go("/")
    shown = re.sub(r"\s+", " ", page.locator("body").inner_text().replace("\u2060", ""))
    phone.go("/mentoring/calendar/").press("내 주소 만들기")
    address = page.locator("main strong").filter(has_text=".ics").inner_text()
    content = page.request.get(address).text()
    context.close()

    assert korean.dated_time(starts_at, now=clock.now()) in shown
    assert f"DTSTART:{starts_at - timedelta(hours=9):%Y%m%d}T000000Z" in content
