"""The one-page agreement, the goal in it, and what two people look at together (M14, M15, M22)."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core import clock, db
from portal.core.errors import ConflictError
from portal.core.roles import Role
from portal.mentoring import agreements, guides, journey, preparing, queries
from portal.mentoring.models import Engagement, EngagementState, GoalJudge, MatchProfile
from portal.mentoring.vocabulary import VisitStep
from portal.messages.models import Notice
from tests.factories import make_engagement, make_mentor, make_user, make_visit
from tests.integration.mentoring.conftest import in_days

Race = Callable[[list[Callable[[], Any]]], list[Any]]
WORDS = {
    "goal": "멸치볶음을 혼자 올려요.",
    "judge": "mentor",
    "visits_planned": "4",
    "contact": "전화는 오후 3시부터 5시 사이에 해요.",
}


@pytest.fixture
def page(engagement: Engagement) -> str:
    return f"/mentoring/engagements/{engagement.id}/"


def seen(session: Session, engagement: Engagement) -> dict[str, str]:
    session.refresh(engagement)
    return {"seen": agreements.fingerprint(engagement)}


def test_m14_the_mentor_writes_it_and_both_see_and_confirm_the_same_page(
    session: Session,
    engagement: Engagement,
    merchant: User,
    mentor: User,
    sign_in: Callable[[User], Any],
    told: Callable[[User], list[str]],
    page: str,
) -> None:
    hers, his = sign_in(merchant), sign_in(mentor)
    assert "약속 적기" in his.get(page).text

    written = his.send(f"{page}agreement/write", WORDS)

    assert written.location == f"{page}agreement"
    assert told(merchant) == ["박정호 멘토님이 함께하는 약속을 적었어요. 읽어 보고 괜찮으면 눌러 주세요."]
    for browser in (hers, his):
        shown = (
            browser.get(f"{page}agreement")
            .text.replace("\N{NO-BREAK SPACE}", " ")
            .replace("\N{WORD JOINER}", "")
        )
        assert all(words in shown for words in (WORDS["goal"], WORDS["contact"], "네 번"))
        assert guides.current().text.promises[0] in shown
    assert "읽었고, 이렇게 할게요" in hers.get(f"{page}agreement").text
    for _ in range(2):
        assert hers.send(f"{page}agreement/confirm", seen(session, engagement)).status_code == 302
    assert told(mentor) == ["김순자 사장님이 함께하는 약속을 확인했어요."]
    session.refresh(engagement)
    assert engagement.agreement_version == guides.current().text.version
    assert None not in (engagement.merchant_agreed_at, engagement.mentor_agreed_at)


def test_m14_a_changed_text_asks_again_and_the_same_text_does_not(
    session: Session,
    engagement: Engagement,
    merchant: User,
    mentor: User,
    sign_in: Callable[[User], Any],
    page: str,
) -> None:
    hers, his = sign_in(merchant), sign_in(mentor)
    his.send(f"{page}agreement/write", WORDS)
    read = seen(session, engagement)
    hers.send(f"{page}agreement/confirm", read)
    his.send(f"{page}agreement/write", WORDS)
    session.refresh(engagement)
    kept = engagement.merchant_agreed_at

    his.send(f"{page}agreement/write", {**WORDS, "visits_planned": "6"})
    stale = hers.send(f"{page}agreement/confirm", read)

    session.refresh(engagement)
    assert kept is not None
    assert (engagement.merchant_agreed_at, stale.status_code) == (None, 409)
    assert "그사이에 글이 바뀌었어요." in stale.text
    assert "약속 읽고 확인하기" in hers.get(page).text


def test_those_who_agreed_to_an_older_text_still_read_that_one(engagement: Engagement) -> None:
    texts = (
        guides.AgreementText("2026-01-01", ("옛 글이에요.",)),
        guides.AgreementText("2026-11-22", ("새 글",)),
    )
    known = guides.Guides(agendas=(), texts=texts)

    assert known.text_of("2026-01-01").promises == ("옛 글이에요.",)
    assert known.text_of("").promises == ("새 글",)


def test_nothing_is_confirmed_before_it_is_written_or_after_the_end(
    session: Session, engagement: Engagement, merchant: User
) -> None:
    with pytest.raises(ConflictError, match="아직 약속을 적고"):
        agreements.confirm(session, engagement, merchant, seen="", path="/", now=clock.now())
    engagement.state = EngagementState.ENDED
    session.flush()
    with pytest.raises(ConflictError, match="끝난 멘토링"):
        agreements.confirm(session, engagement, merchant, seen="", path="/", now=clock.now())


def test_m22_the_goal_is_judged_by_the_mentor_or_by_the_items_and_the_page_says_which(
    session: Session,
    engagement: Engagement,
    merchant: User,
    mentor: User,
    sign_in: Callable[[User], Any],
    page: str,
) -> None:
    hers, his = sign_in(merchant), sign_in(mentor)
    his.send(f"{page}agreement/write", WORDS)
    by_mentor = hers.get(page).text
    his.send(f"{page}goal/reached")
    reached = hers.get(page).text
    his.send(f"{page}agreement/write", {**WORDS, "judge": "items"})
    refused = his.send(f"{page}goal/reached")
    visit = make_visit(session, engagement, starts_at=in_days(-1), log="했어요.", items=("하나", "둘"))
    visit.items[0].done_at = clock.now()
    session.commit()
    by_items = hers.get(page).text

    assert "멘토님이 함께 보고 정해요. 아직 가는 중이에요." in by_mentor
    assert "목표를 이뤘어요" in reached
    assert refused.status_code == 409
    assert "해 볼 일을 모두 하면 이룬 것으로 봐요." in by_items
    assert "두 가지 가운데 한 가지 마침" in by_items
    visit.items[1].done_at = clock.now()
    session.commit()
    session.refresh(engagement)
    shared = queries.get_engagement(session, merchant, engagement.id)
    assert journey.read(session, merchant, shared, now=clock.now()).goal.is_reached


def test_m15_what_is_looked_at_fits_the_step_and_the_need_until_the_mentor_chooses(
    session: Session,
    engagement: Engagement,
    merchant: User,
    mentor: User,
    sign_in: Callable[[User], Any],
) -> None:
    visit = make_visit(session, engagement, times=(in_days(2),))
    hers, his, address = sign_in(merchant), sign_in(mentor), f"/mentoring/visits/{visit.id}/agenda"
    usual = hers.get(address).text

    chosen = his.send(f"{address}/choose", {"agenda": "first-ad"})

    assert "휴대전화와 친해지기" in usual
    assert (chosen.status_code, his.send(f"{address}/choose", {"agenda": "no-such"}).status_code) == (
        302,
        404,
    )
    shown = [browser.get(address).text for browser in (hers, his)]
    assert all("하루에 쓸 돈의 끝을 먼저 정했어요." in text for text in shown)
    assert "첫 광고와 소식 함께 만들기" in hers.get(f"/mentoring/engagements/{engagement.id}/").text
    session.refresh(visit)
    assert (visit.step, visit.agenda) == (VisitStep.MAKE, "first-ad")


def test_what_was_looked_at_is_not_chosen_anew(session: Session, engagement: Engagement) -> None:
    visit = make_visit(session, engagement, starts_at=in_days(-1), log="했어요.")

    with pytest.raises(ConflictError):
        preparing.choose(session, visit, guides.current().get("first-ad"))


def test_operators_read_the_agreement_and_strangers_do_not(
    session: Session, engagement: Engagement, sign_in: Callable[[User], Any], page: str
) -> None:
    operator, stranger = make_user(session, Role.OPERATOR), make_mentor(session)

    assert sign_in(operator).get(f"{page}agreement").status_code == 200
    assert sign_in(operator).send(f"{page}agreement/confirm").status_code == 403
    assert sign_in(stranger).get(f"{page}agreement").status_code == 404


def test_eight_confirmations_are_one(committed: Session, race: Race) -> None:
    merchant, mentor = make_user(committed), make_mentor(committed)
    engagement = make_engagement(committed, merchant, mentor)
    agreements.write(
        committed,
        engagement,
        goal="목표",
        visits_planned=4,
        contact="전화",
        judge=GoalJudge.MENTOR,
        version="2026-11-22",
        path="/",
        now=clock.now(),
    )
    committed.commit()
    engagement_id, read = engagement.id, agreements.fingerprint(engagement)

    def press() -> int:
        with db.transaction() as session:
            mine = queries.get_own_engagement(session, merchant, engagement_id)
            agreements.confirm(session, mine, merchant, seen=read, path="/", now=clock.now())
        return 1

    assert race([press] * 8) == [1] * 8
    told = select(func.count()).select_from(Notice).where(Notice.user_id == mentor.id)
    assert committed.scalar(told) == 1


def test_m25_what_a_mentor_sells_stands_where_she_agrees(
    session: Session, merchant: User, mentor: User, sign_in: Callable[[User], Any], page: str
) -> None:
    hers = sign_in(merchant)
    before = hers.get(f"{page}agreement").text
    session.add(
        MatchProfile(mentor_id=mentor.id, sells_services=True, services="사진을 한 장에 5천 원에 찍어요.")
    )
    session.commit()

    assert "사진을 한 장에" not in before
    assert "사진을 한 장에 5천 원에 찍어요." in hers.get(f"{page}agreement").text.replace(
        "\N{WORD JOINER}", ""
    )
