"""The question bank: items by name, each change another version, nothing that was shown ever altered.

Items come from files below content/questions/ (`sync`) and from what staff hand in (`imports`). A file is
compared with the last version that came from a file, so that what a person changed since stays changed.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, defer

from portal.accounts.models import User
from portal.certification import qualifications
from portal.certification.exam_models import (
    Exam,
    ExamItem,
    ExamKind,
    ExamPaper,
    ItemKind,
    ItemLevel,
    PaperItem,
)
from portal.certification.gift import Item
from portal.core.errors import ConflictError, NotFoundError
from portal.courses import catalogue
from portal.courses.catalogue import Place

PRACTICAL = "-practical"


@dataclass(frozen=True)
class Plan:
    """What taking items over would change."""

    new: tuple[Item, ...]
    changed: tuple[Item, ...]
    same: int

    @property
    def report(self) -> dict[str, int]:
        """The numbers of it."""
        return {"new": len(self.new), "changed": len(self.changed), "same": self.same}


@dataclass(frozen=True)
class Use:
    """An exam in which a version of an item was on a paper."""

    exam_id: int
    session_no: int
    version: int
    papers: int


def banks() -> list[str]:
    """Return the name of every bank there can be."""
    return [
        qualification.id + suffix
        for qualification in qualifications.current().all
        for suffix in ("", PRACTICAL)
    ]


def bank_of(qualification_id: str, kind: ExamKind) -> str:
    """Return the bank an exam draws from."""
    return qualification_id + (PRACTICAL if kind is ExamKind.PRACTICAL else "")


def title_of(bank: str) -> str:
    """Return what a bank is called. Raises NotFoundError for none."""
    title = qualifications.current().get(bank.removesuffix(PRACTICAL)).title
    return f"{title} {'실기' if bank.endswith(PRACTICAL) else '필기'}"


def subjects_of(bank: str) -> dict[str, str]:
    """Return the subjects of a bank with their titles, over all versions of its qualification's rules."""
    qualification = qualifications.current().get(bank.removesuffix(PRACTICAL))
    kind = ExamKind.PRACTICAL if bank.endswith(PRACTICAL) else ExamKind.WRITTEN
    return {
        subject.key: subject.title
        for version in qualification.versions
        for blueprint in version.blueprints
        if blueprint.kind == kind
        for subject in blueprint.subjects
    }


def find_step(written: str) -> Place | None:
    """Return where ``course/lesson`` or ``course/lesson/step`` is taught; None for what is taught no more."""
    course_id, _, rest = written.partition("/")
    lesson_id, _, step_id = rest.partition("/")
    course = catalogue.current().find_course(course_id)
    for place in course.places if course else ():
        if place.lesson.id == lesson_id and step_id in {"", place.step.id}:
            return place
    return None


def knows_step(written: str) -> bool:
    """Tell whether an item may send people to this step."""
    return find_step(written) is not None


def compare(session: Session, bank: str, items: Sequence[Item]) -> Plan:
    """Say which items are new or other than what the bank has in use."""
    digests = {each.name: each.digest for each in in_use(session, bank)}
    new = tuple(each for each in items if each.name not in digests)
    changed = tuple(each for each in items if each.name in digests and digests[each.name] != each.digest)
    return Plan(new, changed, len(items) - len(new) - len(changed))


def take_over(session: Session, bank: str, plan: Plan, *, by: User | None, now: datetime) -> None:
    """Make the versions of a plan. Raises ConflictError where somebody changed the same items just now."""
    before = {each.name: each for each in in_use(session, bank)}
    last = _last_versions(session, bank)
    try:
        with session.begin_nested():
            for each in plan.changed:
                before[each.name].retired_at = now
            session.flush()  # only one version may be in use: the old ones end first
            for each in (*plan.new, *plan.changed):
                session.add(_row(bank, each, last.get(each.name, 0) + 1, by=by, now=now))
    except IntegrityError as error:
        raise ConflictError("다른 분이 방금 같은 문항을 바꿨어요. 다시 살펴봐 주세요.") from error


def sync(session: Session, bank: str, items: Sequence[Item], *, now: datetime) -> dict[str, int]:
    """Take a bank's file over: what is new or changed in it becomes a version, what is gone is retired.

    Twice changes nothing, and what a person made or changed since the file last changed stays.
    """
    from_file, used = _last_from_file(session, bank), {each.name for each in in_use(session, bank)}
    fresh = [each for each in items if each.name not in used or from_file.get(each.name) != each.digest]
    plan = compare(session, bank, fresh)
    take_over(session, bank, plan, by=None, now=now)
    named = {each.name for each in items}
    gone = [each for each in in_use(session, bank) if each.made_by_id is None and each.name not in named]
    for each in gone:
        each.retired_at = now
    same = len(items) - len(plan.new) - len(plan.changed)
    return {"new": len(plan.new), "changed": len(plan.changed), "same": same, "retired": len(gone)}


def retire(session: Session, item: ExamItem, *, now: datetime) -> None:
    """Take an item out of use; papers made before keep it. A second press changes nothing.

    Raises ConflictError for one that stands in a file: the next `sync` would bring it back.
    """
    if any(each.made_by_id is None for each in versions(session, item.bank, item.name)):
        raise ConflictError("파일에 있는 문항이에요. content/questions의 파일에서 지워 주세요.")
    item.retired_at = item.retired_at or now


def in_use(session: Session, bank: str) -> Sequence[ExamItem]:
    """Return the bank's items in use by name, without their text."""
    return session.scalars(
        select(ExamItem)
        .where(ExamItem.bank == bank, ExamItem.retired_at.is_(None))
        .options(defer(ExamItem.source), defer(ExamItem.content))
        .order_by(ExamItem.name)
    ).all()


def search(
    session: Session, bank: str, *, subject: str = "", level: str = "", offset: int = 0, limit: int = 50
) -> Sequence[ExamItem]:
    """Return items in use by name, of one subject or level if given."""
    statement = select(ExamItem).where(ExamItem.bank == bank, ExamItem.retired_at.is_(None))
    if subject:
        statement = statement.where(ExamItem.subject == subject)
    if level:
        statement = statement.where(ExamItem.level == ItemLevel(level))
    statement = statement.options(defer(ExamItem.source)).order_by(ExamItem.name)
    return session.scalars(statement.offset(offset).limit(limit)).all()


def count(session: Session, bank: str) -> dict[tuple[str, str], int]:
    """Return how many items are in use by subject and level."""
    rows = session.execute(
        select(ExamItem.subject, ExamItem.level, func.count())
        .where(ExamItem.bank == bank, ExamItem.retired_at.is_(None))
        .group_by(ExamItem.subject, ExamItem.level)
    )
    return {(subject, level.value): many for subject, level, many in rows}


def versions(session: Session, bank: str, name: str) -> Sequence[ExamItem]:
    """Return every version of an item, the newest first. Raises NotFoundError for none."""
    found = session.scalars(
        select(ExamItem).where(ExamItem.bank == bank, ExamItem.name == name).order_by(ExamItem.version.desc())
    ).all()
    if not found:
        raise NotFoundError("찾는 문항이 없어요. 목록에서 다시 골라 주세요.")
    return found


def uses(session: Session, item_ids: Collection[int]) -> list[Use]:
    """Return the exams on whose papers these versions were, the newest first."""
    rows = session.execute(
        select(Exam.id, Exam.session_no, ExamItem.version, func.count())
        .join(ExamPaper, ExamPaper.exam_id == Exam.id)
        .join(PaperItem, PaperItem.paper_id == ExamPaper.id)
        .join(ExamItem, ExamItem.id == PaperItem.item_id)
        .where(PaperItem.item_id.in_(item_ids))
        .group_by(Exam.id, Exam.session_no, ExamItem.version)
        .order_by(Exam.id.desc())
    )
    return [Use(*row) for row in rows]


def _row(bank: str, item: Item, version: int, *, by: User | None, now: datetime) -> ExamItem:
    return ExamItem(
        bank=bank,
        name=item.name,
        version=version,
        subject=item.subject,
        level=ItemLevel(item.level),
        kind=ItemKind(item.kind),
        content=item.content,
        source=item.source,
        digest=item.digest,
        made_by_id=by.id if by else None,
        made_at=now,
    )


def _last_versions(session: Session, bank: str) -> dict[str, int]:
    rows = session.execute(
        select(ExamItem.name, func.max(ExamItem.version)).where(ExamItem.bank == bank).group_by(ExamItem.name)
    )
    return dict(rows.all())


def _last_from_file(session: Session, bank: str) -> dict[str, str]:
    """Return what the file last said of each item in it, by name."""
    rows = session.execute(
        select(ExamItem.name, ExamItem.digest)
        .where(ExamItem.bank == bank, ExamItem.made_by_id.is_(None))
        .order_by(ExamItem.version)
    )
    return dict(rows.all())
