"""K7, M02, M05–M07, M25: a run from the button to the offers, on both engines."""

import importlib.util
import json
import re
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.accounts.vocabulary import Region, Topic
from portal.core import clock, db, queue, work
from portal.core.errors import ConflictError
from portal.core.roles import Role
from portal.mentoring import match_fixing, match_input, match_jobs, match_queries, match_runs
from portal.mentoring.match_changes import Change, count_changes, list_changes
from portal.mentoring.match_models import MatchPair, MatchRun, MatchWeights, RunState
from portal.mentoring.matching import FIELDS_READ
from portal.mentoring.models import (
    EngagementState,
    MatchProfile,
    MentorRegion,
    Need,
    NeedState,
    Offer,
    OfferState,
)
from portal.mentoring.vocabulary import VisitKind
from portal.messages.models import Notice
from tests.factories import make_engagement, make_mentor, make_need, make_user

Race = Callable[[list[Callable[[], Any]]], list[Any]]


def matched_mentor(session: Session, **columns: Any) -> User:
    """Return a mentor who has told what the matching asks."""
    told = {key: columns.pop(key) for key in ("market", "sells_services", "services") if key in columns}
    mentor = make_mentor(session, **columns)
    session.add(
        MatchProfile(
            mentor_id=mentor.id,
            regions=[MentorRegion(region=Region.SEOUL)],
            channels=[],
            **{"sells_services": False, **told},
        )
    )
    session.flush()
    return mentor


@pytest.fixture
def operator(session: Session) -> User:
    return make_user(session, Role.OPERATOR, name="정하늘")


def start(session: Session, operator: User, key: str = "a key of a form") -> MatchRun:
    with db.transaction() as writing:
        return match_runs.start(writing, operator, seed=1, form_key=key, now=clock.now())


def computed(
    session: Session, operator: User, run_jobs: Callable[[], None], key: str = "first key of a form"
) -> MatchRun:
    run = start(session, operator, key)
    run_jobs()
    session.refresh(run)
    assert run.state == RunState.DRAFT, run.last_error
    return run


def publish(session: Session, run: MatchRun, operator: User) -> match_runs.Published:
    with db.transaction() as writing:
        match_runs.review(writing, run, operator, now=clock.now())
    with db.transaction() as writing:
        return match_runs.publish(writing, run, operator, now=clock.now())


def pairs_of(session: Session, run: MatchRun) -> dict[int, int | None]:
    rows = session.execute(select(MatchPair.need_id, MatchPair.mentor_id).where(MatchPair.run_id == run.id))
    return {row.need_id: row.mentor_id for row in rows}


def count(session: Session, model: type[Any]) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def test_m06_from_the_button_to_the_offers(
    session: Session, operator: User, sign_in: Callable[[User], Any], run_jobs: Callable[[], None]
) -> None:
    """Nothing leaves the house before publishing; then each mentor is asked once."""
    mentor = matched_mentor(session, name="박정호", capacity=1)
    helped, left = (make_need(session, make_user(session)) for _ in range(2))
    browser = sign_in(operator)

    browser.send("/desk/matching/", {"seed": "1", "key": "a key of one form"})
    run_jobs()
    run = session.scalars(select(MatchRun)).one()
    page = browser.get(f"/desk/matching/runs/{run.id}/").text

    assert run.state == RunState.DRAFT
    assert "남은 분 1" in page
    assert "자리가 모두 찼어요" in page
    assert count(session, Offer) == count(session, Notice) == 0

    assert browser.send(f"/desk/matching/runs/{run.id}/publish").status_code == 409
    browser.send(f"/desk/matching/runs/{run.id}/review")
    assert count(session, Offer) == count(session, Notice) == 0
    assert "1건 보내기" in browser.get(f"/desk/matching/runs/{run.id}/publish").text
    browser.send(f"/desk/matching/runs/{run.id}/publish")
    browser.send(f"/desk/matching/runs/{run.id}/publish")

    offer = session.scalars(select(Offer)).one()
    assert (offer.mentor_id, offer.run_id, offer.state) == (mentor.id, run.id, OfferState.OPEN)
    assert offer.need_id in {helped.id, left.id}
    assert len(json.loads(offer.reasons)) >= 3
    assert "부탁을 1건 보냈어요" in browser.get(f"/desk/matching/runs/{run.id}/").text


def test_m06_m09_the_worker_tells_those_asked_once_though_its_jobs_were_lost(
    session: Session, operator: User, run_jobs: Callable[[], None]
) -> None:
    """The mentors of a published run hear of it from their offers, which then run out as all offers do."""
    mentor = matched_mentor(session, name="박정호", capacity=1)
    make_need(session, make_user(session))
    run = computed(session, operator, run_jobs)

    publish(session, run, operator)
    queue.redis().flushall()
    for _ in range(2):
        queue.sweep(now=clock.now())
        run_jobs()

    offer = session.scalars(select(Offer)).one()
    assert session.scalars(select(Notice.user_id)).all() == [mentor.id]
    assert offer.due_at == offer.answer_by


def test_m06_publishing_passes_over_what_changed_meanwhile_and_says_so(
    session: Session, operator: User, run_jobs: Callable[[], None]
) -> None:
    mentors = [matched_mentor(session, capacity=5) for _ in range(2)]
    needs = [make_need(session, make_user(session)) for _ in range(6)]
    run = computed(session, operator, run_jobs)
    needs[0].state = NeedState.WITHDRAWN
    needs[1].state = NeedState.MATCHED
    asked = Offer(need_id=needs[2].id, mentor_id=mentors[0].id, offered_at=clock.now(), answer_by=clock.now())
    session.add(asked)
    apart_id = pairs_of(session, run)[needs[3].id]
    match_fixing.keep_apart(
        session, apart_id or 0, needs[3].merchant_id, operator, reason="가족", now=clock.now()
    )
    session.commit()

    done = publish(session, run, operator)

    assert (done.offered, done.skipped) == (2, 4)
    offered = set(session.scalars(select(Offer.need_id).where(Offer.run_id == run.id)))
    assert offered == {needs[4].id, needs[5].id}


def test_m06_publishing_never_asks_a_mentor_for_more_than_the_seats_left_by_then(
    session: Session, operator: User, run_jobs: Callable[[], None]
) -> None:
    mentor = matched_mentor(session, capacity=3)
    for _ in range(3):
        make_need(session, make_user(session))
    run = computed(session, operator, run_jobs)
    make_engagement(session, make_user(session), mentor, seat_no=1)
    session.commit()

    assert publish(session, run, operator) == match_runs.Published(offered=2, skipped=1)


def test_m06_eight_operators_publish_once(committed: Session, race: Race) -> None:
    operator = make_user(committed, Role.OPERATOR)
    mentor = matched_mentor(committed, capacity=8)
    needs = [make_need(committed, make_user(committed)) for _ in range(4)]
    weights = match_runs.get_or_make_weights(committed, now=clock.now())
    run = MatchRun(
        state=RunState.REVIEWED,
        weights_id=weights.id,
        seed=1,
        form_key="race",
        made_by_id=operator.id,
        made_at=clock.now(),
    )
    committed.add(run)
    committed.flush()
    committed.add_all(MatchPair(run_id=run.id, need_id=need.id, mentor_id=mentor.id) for need in needs)
    committed.commit()

    def press() -> match_runs.Published:
        with db.transaction() as session:
            return match_runs.publish(
                session, match_queries.get_run(session, run.id), operator, now=clock.now()
            )

    results = race([press] * 8)

    assert results == [match_runs.Published(offered=4, skipped=0)] * 8
    assert count(committed, Offer) == 4


def test_eight_first_runs_share_the_first_weights(committed: Session, race: Race) -> None:
    operators = [make_user(committed, Role.OPERATOR) for _ in range(8)]
    committed.commit()

    def press(number: int) -> Callable[[], int]:
        def call() -> int:
            with db.transaction() as session:
                return match_runs.start(
                    session, operators[number], seed=1, form_key="same", now=clock.now()
                ).weights_id

        return call

    results = race([press(number) for number in range(8)])

    assert len(set(results)) == 1, results
    assert count(committed, MatchWeights) == 1


def test_m02_run_twice_or_by_two_workers_the_job_does_it_once(session: Session, operator: User) -> None:
    matched_mentor(session)
    make_need(session, make_user(session))
    run = start(session, operator)

    match_jobs.compute(run.id)
    match_jobs.compute(run.id)

    session.refresh(run)
    assert (run.state, run.attempts, run.due_at) == (RunState.DRAFT, 1, None)
    assert count(session, MatchPair) == 1


def test_a_worker_killed_twice_leaves_nothing_half_done(session: Session, operator: User) -> None:
    """After its lease the run is computed by another worker, and the late one changes nothing."""
    matched_mentor(session)
    make_need(session, make_user(session))
    run = start(session, operator)
    for _ in range(2):
        with db.transaction() as writing:
            lost = work.claim(writing, MatchRun, run.id, now=clock.now(), lease_s=300)
            assert lost is not None
        match_jobs.compute(run.id)  # somebody has it
        session.refresh(run)
        assert run.state == RunState.QUEUED
        with db.transaction() as writing:
            db.lock(writing, MatchRun, run.id).due_at = clock.now() - timedelta(seconds=1)

    assert list(work.list_due(session, MatchRun, now=clock.now())) == [run.id]
    match_jobs.compute(run.id)

    with db.transaction() as writing:
        assert not work.finish(writing, MatchRun, run.id, lease=lost or "", state=RunState.FAILED)
    session.refresh(run)
    assert run.state == RunState.DRAFT
    assert count(session, MatchPair) == 1


def test_without_the_solver_the_run_fails_with_a_sentence_that_names_the_lock(
    session: Session, operator: User, sign_in: Callable[[User], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = start(session, operator)
    monkeypatch.delitem(sys.modules, "portal.mentoring.solving", raising=False)
    monkeypatch.setitem(sys.modules, "ortools.graph.python", None)

    match_jobs.compute(run.id)

    session.refresh(run)
    assert (run.state, run.due_at) == (RunState.FAILED, None)
    assert "requirements-matching.lock" in (run.last_error or "")
    assert "requirements-matching.lock" in sign_in(operator).get(f"/desk/matching/runs/{run.id}/").text


def test_the_solver_is_installed_where_tests_run() -> None:
    assert importlib.util.find_spec("ortools") is not None


def test_m05_other_weights_make_a_draft_that_says_what_changes(
    session: Session, operator: User, sign_in: Callable[[User], Any], run_jobs: Callable[[], None]
) -> None:
    near = matched_mentor(session, name="가까운", topics=(Topic.LIVE,), region=Region.SEOUL)
    able = matched_mentor(session, name="잘아는", topics=(Topic.PHONE,), region=Region.JEJU)
    need = make_need(session, make_user(session, name="김순자"), topic=Topic.PHONE, wants=VisitKind.PHONE)
    first = computed(session, operator, run_jobs)
    assert pairs_of(session, first) == {need.id: able.id}
    values = {"topic": 0, "channel": 0, "region": 100, "time": 0, "manner": 0, "preference": 0, "fairness": 0}

    answer = sign_in(operator).send("/desk/matching/weights", {**values, "remark": "가까움", "key": "k" * 20})
    run_jobs()

    second = session.scalars(select(MatchRun).order_by(MatchRun.id.desc())).first()
    assert second is not None
    assert second.before_id == first.id
    assert pairs_of(session, second) == {need.id: near.id}
    page = sign_in(operator).get(answer.location).text.replace("\N{NO-BREAK SPACE}", " ")
    assert (
        "잘아는 멘토님 → 가까운 멘토님 · 이어진 멘토님이 더 잘 맞아요. 가게에서 더 가까운 분이에요." in page
    )
    assert count(session, MatchWeights) == 2
    assert session.get_one(MatchWeights, first.weights_id).topic == 40


@pytest.mark.parametrize("value", ["-1", "101", "많이", ""])
def test_m05_a_weight_is_a_number_from_0_to_100(
    session: Session, operator: User, sign_in: Callable[[User], Any], value: str
) -> None:
    values = dict.fromkeys(match_runs.WEIGHTS, "10") | {"time": value}

    answer = sign_in(operator).send("/desk/matching/weights", {**values, "key": "k" * 20})

    assert answer.status_code == 422
    assert "0부터 100까지" in answer.text
    assert count(session, MatchWeights) == 0


def test_m05_new_changed_and_gone_pairs_each_say_why(
    session: Session, operator: User, run_jobs: Callable[[], None]
) -> None:
    mentor = matched_mentor(session, name="박정호", capacity=3)
    stays, leaves = (make_need(session, make_user(session)) for _ in range(2))
    first = computed(session, operator, run_jobs)
    leaves.state = NeedState.WITHDRAWN
    comes = make_need(session, make_user(session))
    session.commit()

    second = computed(session, operator, run_jobs, "second key of a form")

    assert first.id == second.before_id
    assert count_changes(session, second) == {Change.NEW: 1, Change.CHANGED: 0, Change.GONE: 1}
    new, gone = (list_changes(session, second, change)[0] for change in (Change.NEW, Change.GONE))
    assert (new.need_id, new.after, new.words) == (
        comes.id,
        f"{mentor.name} 멘토님",
        "그사이에 새로 부탁한 사장님이에요.",
    )
    assert (gone.need_id, gone.words) == (leaves.id, "그사이에 사장님이 부탁을 거두었어요.")
    assert stays.id in pairs_of(session, second)


def test_m07_a_fixed_pair_survives_and_its_release_explains_what_changed(
    session: Session, operator: User, sign_in: Callable[[User], Any], run_jobs: Callable[[], None]
) -> None:
    near = matched_mentor(session, name="가까운", capacity=1)
    far = matched_mentor(session, name="먼데분", capacity=1, region=Region.JEJU)
    need = make_need(session, make_user(session), wants=VisitKind.PHONE)
    browser = sign_in(operator)
    run = computed(session, operator, run_jobs)
    pair_id = session.scalars(select(MatchPair.id).where(MatchPair.run_id == run.id)).one()
    assert pairs_of(session, run) == {need.id: near.id}

    page = browser.get(f"/desk/matching/runs/{run.id}/pairs/{pair_id}?name=먼데")
    assert "이어진 멘토님이 더 잘 맞아요. 가게에서 더 가까운 분이에요." in page.text
    browser.send(f"/desk/matching/runs/{run.id}/pairs/{pair_id}/lock", {"mentor": far.id})
    second = computed(session, operator, run_jobs, "second key of a form")
    browser.send(f"/desk/matching/locks/{need.id}/release")
    third = computed(session, operator, run_jobs, "third key of a form")

    assert pairs_of(session, second) == {need.id: far.id}
    assert list_changes(session, second, Change.CHANGED)[0].words == "운영자가 이 멘토님으로 고정했어요."
    assert pairs_of(session, third) == {need.id: near.id}
    assert list_changes(session, third, Change.CHANGED)[0].words.startswith(
        "고정을 풀었어요. 이어진 멘토님이 더"
    )


def test_m25_people_kept_apart_are_not_matched_until_that_ends(
    session: Session, operator: User, sign_in: Callable[[User], Any], run_jobs: Callable[[], None]
) -> None:
    mentor, merchant = matched_mentor(session), make_user(session)
    need = make_need(session, merchant)
    browser = sign_in(operator)

    refused = browser.send(
        "/desk/matching/conflicts", {"mentor": merchant.phone, "merchant": mentor.phone, "reason": "가족"}
    )
    told = {"mentor": mentor.phone, "merchant": merchant.phone, "reason": "가족이에요."}
    browser.send("/desk/matching/conflicts", told)
    browser.send("/desk/matching/conflicts", told)
    first = computed(session, operator, run_jobs)
    page = browser.get("/desk/matching/conflicts").text
    conflict_id = re.findall(r"/conflicts/(\d+)/end", page)
    browser.send(f"/desk/matching/conflicts/{conflict_id[0]}/end")
    second = computed(session, operator, run_jobs, "second key of a form")

    assert refused.status_code == 422
    assert "멘토로 등록된 분이 아니에요" in refused.text
    assert len(conflict_id) == 1
    assert "가족이에요." in page
    assert pairs_of(session, first) == {need.id: None}
    assert pairs_of(session, second) == {need.id: mentor.id}


def test_who_was_asked_before_or_parted_is_not_matched_again_unless_wished_for(
    session: Session, operator: User, run_jobs: Callable[[], None]
) -> None:
    """M20 of the matching: a new need after an engagement that ended looks for somebody else."""
    mentor = matched_mentor(session, capacity=5)
    again, other = make_user(session), make_user(session)
    for merchant in (again, other):
        make_engagement(session, merchant, mentor, state=EngagementState.ENDED)
    wished = make_need(session, again)
    wished.preferred_mentor_id = mentor.id
    parted = make_need(session, other)
    declined = make_need(session, make_user(session))
    now = clock.now()
    session.add(
        Offer(
            need_id=declined.id,
            mentor_id=mentor.id,
            state=OfferState.DECLINED,
            offered_at=now,
            answer_by=now,
        )
    )
    session.commit()

    run = computed(session, operator, run_jobs)

    assert pairs_of(session, run) == {wished.id: mentor.id, parted.id: None, declined.id: None}


def test_seats_of_open_offers_and_shops_are_taken(
    session: Session, operator: User, run_jobs: Callable[[], None]
) -> None:
    mentor = matched_mentor(session, capacity=3)
    make_engagement(session, make_user(session), mentor)
    asked = make_need(session, make_user(session))
    session.add(Offer(need_id=asked.id, mentor_id=mentor.id, offered_at=clock.now(), answer_by=clock.now()))
    waiting = [make_need(session, make_user(session)).id for _ in range(2)]
    session.commit()

    run = computed(session, operator, run_jobs)

    pairs = pairs_of(session, run)
    assert sorted(pairs) == waiting
    assert sorted(pairs.values(), key=str) == [mentor.id, None]


def test_m29_a_run_reads_the_columns_it_lists_and_no_others(session: Session, operator: User) -> None:
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    weights = match_runs.get_or_make_weights(session, now=clock.now())
    event.listen(Engine, "before_cursor_execute", note)
    match_input.read_problem(session, weights, seed=1)
    match_input.read_mentors(session, besides_run_id=1)
    event.remove(Engine, "before_cursor_execute", note)

    read = set(re.findall(r"\b([a-z_]+\.[a-z_]+)\b", re.sub(r"_\d+\.", ".", " ".join(statements))))
    ids = {column for column in read if column.split(".")[1] == "id" or column.endswith("_id")}
    assert read - ids <= set(FIELDS_READ)
    assert set(FIELDS_READ) <= read
    assert operator.id


def test_only_operators_open_the_pages_and_each_asks_little_of_the_database(
    session: Session,
    operator: User,
    sign_in: Callable[[User], Any],
    run_jobs: Callable[[], None],
    count_queries: Callable[[], int],
) -> None:
    matched_mentor(session, capacity=10)
    for _ in range(8):
        make_need(session, make_user(session))
    computed(session, operator, run_jobs)
    run = computed(session, operator, run_jobs, "second key of a form")
    pair_id = session.scalars(select(MatchPair.id).where(MatchPair.run_id == run.id)).first()
    pages = ["", f"runs/{run.id}/?tab=pairs", f"runs/{run.id}/?tab=changed", f"runs/{run.id}/?tab=gone"]
    pages += [
        f"runs/{run.id}/pairs/{pair_id}?name=하나",
        f"runs/{run.id}/discard",
        "weights",
        "locks",
        "conflicts",
    ]
    outsiders = [sign_in(make_user(session, role)) for role in (Role.MERCHANT, Role.MENTOR, Role.TRAINER)]
    browser = sign_in(operator)

    for page in pages:
        count_queries()
        assert browser.get(f"/desk/matching/{page}").status_code == 200, page
        assert count_queries() <= 30, page
        assert {each.get(f"/desk/matching/{page}").status_code for each in outsiders} == {403}


def test_a_run_thrown_away_is_not_published(
    session: Session, operator: User, sign_in: Callable[[User], Any], run_jobs: Callable[[], None]
) -> None:
    run = computed(session, operator, run_jobs)
    browser = sign_in(operator)

    browser.send(f"/desk/matching/runs/{run.id}/discard")

    assert session.get_one(MatchRun, run.id).state == RunState.DISCARDED
    with pytest.raises(ConflictError), db.transaction() as writing:
        match_runs.publish(writing, run, operator, now=clock.now())


def test_a_run_thrown_away_while_it_is_computed_stays_away(session: Session, operator: User) -> None:
    run = start(session, operator)
    with db.transaction() as writing:
        lease = work.claim(writing, MatchRun, run.id, now=clock.now(), lease_s=300)
        match_runs.discard(writing, run)

    with db.transaction() as writing:
        assert not work.finish(writing, MatchRun, run.id, lease=lease or "", state=RunState.DRAFT)
    assert count(session, Need) == 0
