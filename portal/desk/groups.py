"""The desk in groups: which kinds of work belong together, what waits in each, and its rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import candidates, exam_desk, marking_queue
from portal.certification import queries as certification
from portal.community import queries as community
from portal.community.waiting import list_breaches
from portal.core.errors import NotFoundError
from portal.core.pending import COUNTED_MAX, Pending
from portal.desk import checks, queries
from portal.desk.pending import list_pending
from portal.mentoring import queries as mentoring

NO_GROUP = "찾는 일감이 없어요. 일감에서 다시 골라 주세요."


@dataclass(frozen=True)
class Kind:
    """One kind of work, as the desk names it."""

    key: str
    title: str
    #: The page where it is worked off; empty where that is the page of its group.
    endpoint: str = ""
    #: What it is counted in.
    unit: str = "건"


@dataclass(frozen=True)
class Group:
    """Kinds of work that belong together."""

    key: str
    title: str
    kinds: tuple[Kind, ...]
    #: The page of the group, where that is none of the desk's.
    endpoint: str = ""


GROUPS = (
    Group(
        "questions",
        "질문과 모임",
        (
            Kind("breaches", "약속을 어긴 적 있는 질문"),
            Kind("own-questions", "내가 맡은 질문"),
            Kind("reviews", "살펴볼 글", "review.index"),
            Kind("stories", "확인할 이야기", "stories.waiting"),
        ),
    ),
    Group(
        "mentoring",
        "멘토와 방문",
        (
            Kind("visits", "만난 이야기를 적을 약속"),
            Kind("visit-appeals", "만나지 못한 사정", "appeals.index"),
            Kind("referrals", "전문가를 기다리는 질문", "referrals.waiting"),
            Kind("needs", "멘토를 기다리는 가게", "mentoring.needs", unit="곳"),
        ),
    ),
    Group(
        "learning",
        "배움과 실습",
        (
            Kind("proofs", "확인할 실습", "desk.proofs"),
            Kind("replies", "읽을 답장", "checks.replies"),
            Kind("rehearsals", "볼 방송 연습", "checks.rehearsals"),
            Kind("stuck", "막힌 분", unit="명"),
            Kind("step-tasks", "수업에 대한 말", "feedback.index"),
            Kind("facts", "다시 확인할 사실", "desk.facts", unit="개"),
        ),
    ),
    Group(
        "certificates",
        "자격과 증서",
        (
            Kind("approvals", "승인을 기다리는 것"),
            Kind("batches", "승인할 묶음", "batches.index", unit="개"),
            Kind("appeals", "이의 신청", "candidates.appeals"),
            Kind("requests", "증서 부탁", "life.requests"),
            Kind("to-propose", "발급을 제안할 분", unit="명"),
            Kind("ready", "자격까지 할 일을 마친 분", unit="명"),
            Kind("training-logs", "확인할 일지", "training_logs.to_read"),
        ),
    ),
    Group(
        "exams",
        "시험",
        (
            Kind("late-scripts", "채점이 늦은 답안", unit="개"),
            Kind("stranded-scripts", "채점할 분이 모자란 답안", unit="개"),
            Kind("drafts", "채점하다 둔 답안", "marking.index", unit="개"),
            Kind("scripts", "채점할 답안", "marking.index", unit="개"),
            Kind("exam-appeals", "시험 이의 신청", "exam_appeals.index"),
            Kind("calibrations", "함께 맞출 채점 기준", "markers.index"),
            Kind("to-release", "결과를 발표할 시험"),
            Kind("regrades", "승인할 재채점"),
            Kind("on-paper", "종이로 보는 시험"),
        ),
    ),
    Group("jobs", "작업 상태", (Kind("jobs", "끝나지 않은 작업", "desk.jobs", unit="개"),), "desk.jobs"),
)


@dataclass(frozen=True)
class Rows:
    """How the rows of one kind of work are read, a page at a time, and what a row goes by."""

    read: Callable[[Session, User, datetime, int], Sequence[Any]]
    id_of: Callable[[Any], int]


ROWS: Mapping[str, Rows] = {
    "breaches": Rows(
        lambda session, user, now, after: list_breaches(session, user, now=now, after_id=after),
        attrgetter("line.id"),
    ),
    "proofs": Rows(
        lambda session, user, _now, after: queries.list_proofs(session, user, after_id=after),
        attrgetter("id"),
    ),
    "replies": Rows(
        lambda session, user, _now, after: checks.list_replies(session, user, after_id=after),
        attrgetter("id"),
    ),
    "rehearsals": Rows(
        lambda session, user, _now, after: checks.list_rehearsals(session, user, after_id=after),
        attrgetter("id"),
    ),
    "stuck": Rows(
        lambda session, _user, now, after: queries.list_stuck(session, now=now, after_id=after),
        attrgetter("try_id"),
    ),
    "approvals": Rows(
        lambda session, user, _now, after: certification.list_proposals_to_approve(
            session, user, after_id=after
        ),
        attrgetter("proposal_id"),
    ),
    "to-propose": Rows(
        lambda session, user, _now, after: certification.list_completions_to_propose(
            session, user, after_id=after
        ),
        attrgetter("completion_id"),
    ),
    "ready": Rows(
        lambda session, user, _now, after: candidates.list_ready(session, user, after_id=after),
        attrgetter("candidate_id"),
    ),
    "late-scripts": Rows(
        lambda session, _user, now, after: marking_queue.list_late(session, now=now, after_id=after),
        attrgetter("attempt_id"),
    ),
    "stranded-scripts": Rows(
        lambda session, _user, _now, after: marking_queue.list_stranded(session, after_id=after),
        attrgetter("attempt_id"),
    ),
    "to-release": Rows(
        lambda session, user, now, after: exam_desk.list_to_release(session, user, now=now, after_id=after),
        attrgetter("id"),
    ),
    "regrades": Rows(
        lambda session, user, _now, after: exam_desk.list_regrades(session, user, after_id=after),
        attrgetter("id"),
    ),
    "on-paper": Rows(
        lambda session, user, now, after: exam_desk.list_on_paper(session, user, now=now, after_id=after),
        attrgetter("id"),
    ),
}
"""The rows that stand on the page of their group. Each list is as long as PAGE_SIZE at most."""
PAGE_SIZE = queries.LIMIT


@dataclass(frozen=True)
class GroupWork:
    """What waits in one group for one person: the late kinds first."""

    group: Group
    works: Sequence[tuple[Kind, Pending]]

    @property
    def late(self) -> int:
        """Return how much is late."""
        return sum(each.late for _, each in self.works)

    @property
    def count(self) -> str:
        """Return how much waits, in words."""
        count = sum(each.count for _, each in self.works)
        is_more = any(each.count > COUNTED_MAX for _, each in self.works)
        return f"{COUNTED_MAX:,} 넘게" if is_more else str(count)

    @property
    def since(self) -> datetime | None:
        """Return since when the oldest of it waits."""
        return min((each.since for _, each in self.works if each.since), default=None)


@dataclass(frozen=True)
class GroupPage:
    """One group with its rows."""

    group: Group
    #: How much waits of each kind this person may do.
    pending: Mapping[str, Pending]
    rows: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    #: Where the rows of a kind go on, for those longer than a page.
    further: Mapping[str, int] = field(default_factory=dict)
    #: The only kind that is shown; empty for all.
    only: str = ""

    def kind(self, key: str) -> Kind:
        """Return one of the group's kinds by its key."""
        return next(kind for kind in self.group.kinds if kind.key == key)

    def shows(self, kind: str) -> bool:
        """Tell whether a kind of work stands on this page."""
        return kind in self.pending and self.only in {"", kind}


def list_groups(session: Session, user: User, *, now: datetime) -> list[GroupWork]:
    """Return the groups of work this person has a part in, those with something late first."""
    pending = list_pending(session, user, now=now)
    groups = []
    for group in GROUPS:
        works = [(kind, pending[kind.key]) for kind in group.kinds if kind.key in pending]
        waiting = [each for each in works if each[1].count]
        waiting.sort(key=lambda each: not each[1].late)
        if works:
            groups.append(GroupWork(group, waiting))
    return sorted(groups, key=lambda each: not each.late)


def read_group(
    session: Session, user: User, key: str, *, only: str = "", after_id: int = 0, now: datetime
) -> GroupPage:
    """Return a group with the first rows of each kind, or one kind's rows from behind ``after_id``.

    Raises NotFoundError for what this person has no part in.
    """
    group = next((each for each in GROUPS if each.key == key and not each.endpoint), None)
    if group is None:
        raise NotFoundError(NO_GROUP)
    everything = list_pending(session, user, now=now)
    pending = {kind.key: everything[kind.key] for kind in group.kinds if kind.key in everything}
    if not pending or (only and (only not in pending or only not in ROWS)):
        raise NotFoundError(NO_GROUP)
    shown = [only] if only else [kind for kind, each in pending.items() if each.count]
    rows = {kind: ROWS[kind].read(session, user, now, after_id) for kind in shown if kind in ROWS}
    further = {
        kind: ROWS[kind].id_of(listed[-1])
        for kind, listed in rows.items()
        if len(listed) == PAGE_SIZE and (only or pending[kind].count > PAGE_SIZE)
    }
    if "own-questions" in shown:
        rows["own-questions"] = community.list_owned_questions(session, user, now=now, limit=PAGE_SIZE)
    if "visits" in pending:
        rows["visits"] = mentoring.list_mentor_day(session, user, now)
    return GroupPage(group, pending, rows, further, only)
