"""The booklet and answer sheet of a paper, in large type: what stands on it, and asking for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import exam_queries, releasing, twins
from portal.certification.exam_models import Exam, ExamPaper, ItemKind
from portal.certification.exam_queries import Sheet
from portal.certification.item_html import item_html
from portal.certification.marking_models import PaperPrint
from portal.certification.qualifications import Blueprint
from portal.core import db, queue, settings, work
from portal.core.errors import ConflictError, NotFoundError
from portal.courses import paper
from portal.courses.paper import Paper

_TEMPLATE = Path(__file__).parent / "document" / "booklet.jinja"
NO_PRINT = "찾는 시험지가 없어요. 종이 시험 화면에서 다시 뽑아 주세요."


@dataclass(frozen=True)
class PrintedQuestion:
    """One question of the booklet, and how it is answered on the sheet."""

    number: int
    stem: Markup
    case: Markup
    choices: Sequence[Mapping[str, str]]
    rows: Sequence[Mapping[str, str]]
    is_line: bool
    is_area: bool
    is_many: bool


def list_due_ids(session: Session, now: datetime) -> list[int]:
    """Return the prints a worker should make now."""
    return work.list_due(session, PaperPrint, now=now)


MAKE_WITHIN_S = 300
MAKE = queue.register(
    "certification.print_twin",
    run="portal.certification.twin_jobs.make",
    timeout_s=MAKE_WITHIN_S,
    due=list_due_ids,
)


def order(session: Session, found: ExamPaper, *, size: int, now: datetime) -> PaperPrint:
    """Return the print somebody asks for: the one there is, or a new one that a worker will make."""
    find = select(PaperPrint).where(PaperPrint.paper_id == found.id, PaperPrint.size == size)
    made = session.scalars(find).first()
    if made is not None:
        return made
    try:
        with session.begin_nested():
            made = PaperPrint(paper_id=found.id, size=size, ordered_at=now, due_at=now)
            session.add(made)
    except IntegrityError:
        return session.scalars(find).one()  # the other one asked for it in this moment
    queue.enqueue(session, MAKE, made.id)
    return made


def get_paper(session: Session, user: User, paper_id: int) -> ExamPaper:
    """Return a paper to staff who do not sit its session themselves. Raises NotFoundError else."""
    found = session.get(ExamPaper, paper_id)
    if found is None:
        raise NotFoundError(NO_PRINT)
    releasing.get_exam(session, user, found.exam_id)
    return found


def get(session: Session, user: User, print_id: int) -> tuple[PaperPrint, ExamPaper]:
    """Return a print with its paper, to whom `get_paper` lets."""
    made = session.get(PaperPrint, print_id)
    if made is None:
        raise NotFoundError(NO_PRINT)
    return made, get_paper(session, user, made.paper_id)


def list_papers(session: Session, exam: Exam) -> Sequence[ExamPaper]:
    """Return a session's papers by number."""
    return session.scalars(
        select(ExamPaper).where(ExamPaper.exam_id == exam.id).order_by(ExamPaper.number)
    ).all()


def list_failed(session: Session) -> Sequence[PaperPrint]:
    """Return the prints that could not be made yet, for the page of jobs."""
    return session.scalars(
        select(PaperPrint).where(work.has_failed(PaperPrint)).order_by(PaperPrint.id).limit(20)
    ).all()


def retry(session: Session, made: PaperPrint, *, now: datetime) -> None:
    """Let a worker try again now; one that is at it loses its lease. Raises ConflictError once it is made."""
    made = db.lock(session, PaperPrint, made.id)
    if made.due_at is None:
        raise ConflictError("이미 다 만든 시험지예요.")
    made.due_at, made.lease = now, None
    queue.enqueue(session, MAKE, made.id)


def get_to_draw(session: Session, print_id: int) -> tuple[PaperPrint, Paper]:
    """Return a print with what stands on it, for the worker."""
    made = db.lock(session, PaperPrint, print_id)
    found = session.get_one(ExamPaper, made.paper_id)
    exam = session.get_one(Exam, found.exam_id)
    return made, write(exam, found, twins.booklet(session, found), made.size)


def write(exam: Exam, found: ExamPaper, sheet: Sheet, size: int) -> Paper:
    """Write the booklet and the answer sheet of a paper."""
    title = f"{exam_queries.title_of(exam)} 시험지 {found.number}"
    html = paper.open_template(_TEMPLATE).render(
        title=title,
        exam=exam,
        paper=found,
        blueprint=Blueprint.of(exam.blueprint),
        groups=_groups(sheet),
        size_pt=size,
        house=settings.current(),
    )
    return paper.finish(title, html)


def _groups(sheet: Sheet) -> list[tuple[str, list[PrintedQuestion]]]:
    """Return the questions by subject, a case printed once above its first question."""
    groups: list[tuple[str, list[PrintedQuestion]]] = []
    last_case = ""
    for question in sheet.questions:
        if not groups or groups[-1][0] != question.subject:
            groups.append((question.subject, []))
        content, kind = question.item.content, question.item.kind
        case = content.get("case") or {"title": "", "text": ""}
        is_new = case["title"] != last_case
        last_case = case["title"]
        groups[-1][1].append(
            PrintedQuestion(
                number=question.number,
                stem=item_html(question.stem),
                case=item_html(case["text"]) if is_new else Markup(),
                choices=question.choices,
                rows=content.get("rows", []),
                is_line=kind in {ItemKind.NUMERIC, ItemKind.SHORT},
                is_area=kind is ItemKind.ESSAY,
                is_many=kind is ItemKind.MULTIPLE,
            )
        )
    return groups
