"""A requirement of the training log: so many visits and cases, so many minutes, each line confirmed.

Least numbers for each sort of line may be written beside them, and of different shops, which are told apart
by what the log calls them. What nobody confirmed counts for nothing, however old it is.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.certification.kinds.verdict import Asked, Next, Progress, ToDo, Verdict
from portal.certification.qualification_models import LogKind, TrainingLog
from portal.core.korean import hours_and_minutes, with_particle
from portal.courses.toml_file import Keys

LEAST = {"visits": LogKind.VISIT, "cases": LogKind.CASE, "reflections": LogKind.REFLECTION}
NAMES = {LogKind.VISIT: "찾아간 일", LogKind.CASE: "맡은 사례", LogKind.REFLECTION: "돌아본 일"}
WITH_A_SHOP = (LogKind.VISIT, LogKind.CASE)


def read(keys: Keys) -> dict[str, Any]:
    """Read how many lines and minutes are enough, and the least of shops and of each sort that is written."""
    keys.allow("key", "kind", "title", "entries", "minutes", "shops", *LEAST)
    least = {name: keys.whole(name, least=1, most=100) for name in ("shops", *LEAST) if keys.has(name)}
    return {
        "entries": keys.whole("entries", least=1, most=100),
        "minutes": keys.whole("minutes", least=0, most=100_000),
        **least,
    }


def judge(session: Session, asked: Asked) -> Verdict:
    """Count the confirmed lines."""
    lines = session.scalars(
        select(TrainingLog).where(TrainingLog.candidate_id == asked.candidate_id).order_by(TrainingLog.id)
    ).all()
    confirmed = [line for line in lines if line.confirmed_at is not None]
    if not _lacking(confirmed, asked.params):
        last = max(confirmed, key=lambda line: (line.confirmed_at or line.written_at, line.id))
        return Verdict(
            Progress.MET,
            f"확인받은 일지가 {_entries(confirmed)}개, 가게가 {_shops(confirmed)}곳, "
            f"모두 {_minutes(confirmed)}이에요.",
            evidence=tuple(f"training_log:{line.id}" for line in confirmed),
            by_id=last.confirmed_by_id,
        )
    hoped = [line for line in lines if not line.is_sent_back]
    sent_back = len(lines) - len(hoped)
    if not _lacking(hoped, asked.params):
        waiting = len(hoped) - len(confirmed)
        words = [f"일지 {waiting}개를 멘토님이나 강사님이 확인하면 돼요."]
        if sent_back:
            words.append(f"고쳐 쓸 일지가 {sent_back}개 있어요.")
        return Verdict(Progress.WAITING, " ".join(words), next=Next(ToDo.LOG) if sent_back else None)
    lacking = with_particle(", ".join(_lacking(confirmed, asked.params)), "이/가")
    words = [f"확인받은 일지로는 {lacking} 더 있어야 해요."]
    if len(hoped) > len(confirmed):
        words.append(f"확인을 기다리는 일지가 {len(hoped) - len(confirmed)}개 있어요.")
    if sent_back:
        words.append(f"고쳐 쓸 일지가 {sent_back}개 있어요.")
    return Verdict(Progress.NOT_YET, " ".join(words), next=Next(ToDo.LOG))


def totals(lines: Sequence[TrainingLog]) -> list[tuple[str, int, int]]:
    """Return for each sort of line its name, how many are confirmed, and their minutes."""
    of = {kind: [line for line in lines if line.kind is kind and line.confirmed_at] for kind in LogKind}
    return [(NAMES[kind], len(these), sum(line.minutes for line in these)) for kind, these in of.items()]


def _lacking(lines: Sequence[TrainingLog], params: Any) -> list[str]:
    """Return in words what is still missing to what ``params`` ask for."""
    lacking = []
    other = params.get("shops", 0) - _shops(lines)
    if other > 0:
        lacking.append(f"{'다른 ' if lines else ''}가게 {other}곳과 함께한 일")
    if (short := params["entries"] - _entries(lines)) > max(other, 0):
        lacking.append(f"가게와 함께한 일 {short}개")
    for name, kind in LEAST.items():
        if (short := params.get(name, 0) - sum(line.kind is kind for line in lines)) > 0:
            lacking.append(f"{NAMES[kind]} {short}개")
    if (short := params["minutes"] - sum(line.minutes for line in lines)) > 0:
        lacking.append(hours_and_minutes(timedelta(minutes=short)))
    return lacking


def _entries(lines: Sequence[TrainingLog]) -> int:
    return sum(line.kind in WITH_A_SHOP for line in lines)


def _shops(lines: Sequence[TrainingLog]) -> int:
    """Return of how many shops the lines are; how a name is spaced makes no other shop."""
    called = {"".join(line.shop.split()).casefold() for line in lines if line.kind in WITH_A_SHOP}
    return len(called - {""})


def _minutes(lines: Sequence[TrainingLog]) -> str:
    return hours_and_minutes(timedelta(minutes=sum(line.minutes for line in lines)))
