"""What a kind of certificate looks like and says: a few slots over a tested sheet, in versions.

An operator writes a draft; a worker draws it with the longest names there are, and only a draft that was
drawn without a fault becomes the next version. What was approved before keeps the version it was approved
with, and so its document (B2, B8).

What is typed is words, never markup: a name in braces is looked up in a short list and everything else stands
for itself.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import qualifications
from portal.certification.life_models import TemplateDraft
from portal.certification.models import Certificate, CertificateKind, CertificateTemplate
from portal.core import db, queue, work
from portal.core.errors import ConflictError, DomainError, NotFoundError
from portal.courses import catalogue

COLORS = {"navy": "남색", "pine": "솔잎색", "wine": "포도주색", "black": "먹색"}
"""By the classes of the sheets, as a person calls them."""
LINES_MAX, LINE_CHARS, SEAL_CHARS, SIGNER_CHARS = 3, 40, 8, 20
LAYOUTS = {CertificateKind.COMPLETION: 1, CertificateKind.QUALIFICATION: 1}
"""The sheet a new version is drawn on. One that changes its look is another folder and the next number."""
PLACEHOLDERS = {
    CertificateKind.COMPLETION: {"이름": "받는 분", "과정": "마친 과정", "날": "마친 날"},
    CertificateKind.QUALIFICATION: {"이름": "받는 분", "자격": "자격과 등급", "날": "취득한 날"},
}
"""What may stand in braces, with what it stands for."""
REQUIRED = {CertificateKind.COMPLETION: "과정", CertificateKind.QUALIFICATION: "자격"}
"""What the words must say: a certificate that does not say what it is of is none."""
NOBODY = {"signer_title": "", "signer": "", "second_title": "", "second": ""}
FIRST: dict[CertificateKind, dict[str, str]] = {
    CertificateKind.COMPLETION: {
        "words": "위 사람은 장터배움의\n「{과정}」 과정을 마쳤으므로\n이 증서를 드립니다.",
        "color": "navy",
        "seal": "장터배움",
        **NOBODY,
    },
    CertificateKind.QUALIFICATION: {
        "words": "위 사람은 {자격}의\n자격을 갖추었음을 증명합니다.",
        "color": "pine",
        "seal": "장터배움",
        **NOBODY,
    },
}
"""What the portal brings along: the first version of each kind."""
PREVIEW_WITHIN_S = 60
_BRACES = re.compile(r"\{([^{}]*)\}")
_LONE_BRACE = re.compile(r"[{}]")


@dataclass(frozen=True)
class VersionLine:
    """One version in the list, and how many certificates keep it."""

    version: int
    made_at: datetime
    made_by_name: str
    slots: Mapping[str, str]
    kept_by: int

    @property
    def color_name(self) -> str:
        """What people call its colour."""
        return COLORS[self.slots["color"]]


def list_due_ids(session: Session, now: datetime) -> list[int]:
    """Return the drafts a worker should draw now."""
    return work.list_due(session, TemplateDraft, now=now)


PREVIEW = queue.register(
    "certification.preview",
    run="portal.certification.redraw_jobs.preview",
    timeout_s=PREVIEW_WITHIN_S,
    due=list_due_ids,
)


def fill(words: str, values: Mapping[str, str]) -> tuple[str, ...]:
    """Return the lines of ``words`` with what stands in braces put in; KeyError for what there is not."""
    return tuple(_BRACES.sub(lambda found: values[found[1]], line).strip() for line in words.splitlines())


def check(kind: CertificateKind, slots: Mapping[str, str]) -> None:
    """Raise DomainError naming the slot and what to do, unless ``slots`` can be printed for anybody."""
    _check_words(kind, slots["words"])
    if slots["color"] not in COLORS:
        raise DomainError("색을 하나 골라 주세요.", field="color")
    for title, name in (("signer_title", "signer"), ("second_title", "second")):
        if bool(slots[title]) != bool(slots[name]):
            raise DomainError("직함과 이름을 둘 다 적거나 둘 다 비워 주세요.", field=name)
    if slots["second"] and not slots["signer"]:
        raise DomainError("서명하는 분이 한 분이면 첫 칸에 적어 주세요.", field="signer")


def _check_words(kind: CertificateKind, words: str) -> None:
    """Raise DomainError for an undefined name, a missing one, and for more than the sheet holds."""
    lines, known, named = words.splitlines(), PLACEHOLDERS[kind], set(_BRACES.findall(words))
    undefined = sorted(named - known.keys())
    if undefined:
        listed = ", ".join(f"{{{each}}}" for each in known)
        raise DomainError(
            f"{{{undefined[0]}}}에는 넣을 것이 없어요. {listed} 가운데 골라 주세요.", field="words"
        )
    if _LONE_BRACE.search(_BRACES.sub("", words)):
        raise DomainError("중괄호를 { }처럼 짝을 맞춰 적어 주세요.", field="words")
    if REQUIRED[kind] not in named:
        raise DomainError(f"무엇의 증서인지 나오게 {{{REQUIRED[kind]}}}을 넣어 주세요.", field="words")
    if not 1 <= len(lines) <= LINES_MAX or any(len(line) > LINE_CHARS for line in lines):
        most = f"문구는 {LINES_MAX}줄까지, 한 줄에 {LINE_CHARS}자까지 적어 주세요."
        raise DomainError(most, field="words")


def current(session: Session, kind: CertificateKind, *, now: datetime) -> CertificateTemplate:
    """Return the newest version of a kind, making the first one when there is none."""
    found = _newest(session, kind)
    if found is None:
        try:
            with session.begin_nested():
                session.add(
                    CertificateTemplate(kind=kind, version=1, layout=1, slots=FIRST[kind], made_at=now)
                )
        except IntegrityError:
            pass  # another approval made it in this moment
        found = _newest(session, kind)
        if found is None:
            raise LookupError(f"No template of {kind} although it was just made.")
    return found


def slots_in_use(session: Session, kind: CertificateKind) -> dict[str, str]:
    """Return the slots of the newest version, or of the first one to be; for pages."""
    found = _newest(session, kind)
    return dict(found.slots) if found else dict(FIRST[kind])


def draft(
    session: Session,
    kind: CertificateKind,
    slots: Mapping[str, str],
    by: User,
    *,
    form_key: str,
    now: datetime,
) -> TemplateDraft:
    """Keep a draft and have it drawn; the same form sent twice is one draft. Raises DomainError (`check`)."""
    check(kind, slots)
    found = session.scalar(select(TemplateDraft).where(TemplateDraft.form_key == form_key))
    if found is not None:
        return found
    made = TemplateDraft(
        kind=kind, slots=dict(slots), made_by_id=by.id, made_at=now, form_key=form_key, due_at=now
    )
    session.add(made)
    session.flush()  # the job needs the draft's id
    queue.enqueue(session, PREVIEW, made.id)
    return made


def publish(session: Session, draft_id: int, by: User, *, now: datetime) -> CertificateTemplate:
    """Make a drawn draft the next version of its kind; a second press returns the one it became.

    Raises ConflictError while it is not drawn, or could not be.
    """
    draft = db.lock(session, TemplateDraft, draft_id)
    if draft.template_id is not None:
        return session.get_one(CertificateTemplate, draft.template_id)
    if draft.preview_key is None:
        raise ConflictError("아직 미리 그려 보지 못했어요. 그림이 나온 다음에 정해 주세요.")
    current(session, draft.kind, now=now)  # makes the first version where there is none
    first = select(CertificateTemplate.id).where(
        CertificateTemplate.kind == draft.kind, CertificateTemplate.version == 1
    )
    # Whoever publishes at the same moment waits here for the number: on the one row that stays the same.
    db.lock(session, CertificateTemplate, session.scalars(first).one())
    last = session.scalar(
        select(func.max(CertificateTemplate.version)).where(CertificateTemplate.kind == draft.kind)
    )
    made = CertificateTemplate(
        kind=draft.kind,
        version=(last or 0) + 1,
        layout=LAYOUTS[draft.kind],
        slots=draft.slots,
        made_by_id=by.id,
        made_at=now,
    )
    session.add(made)
    session.flush()  # the draft names the version
    draft.template_id = made.id
    return made


def get_draft(session: Session, draft_id: int) -> TemplateDraft:
    """Return a draft. Raises NotFoundError if there is none."""
    found = session.get(TemplateDraft, draft_id)
    if found is None:
        raise NotFoundError("찾는 초안이 없어요. 목록에서 다시 골라 주세요.")
    return found


def list_versions(session: Session, kind: CertificateKind, *, limit: int = 20) -> Sequence[VersionLine]:
    """Return the versions of a kind, the newest first."""
    kept_by = (
        select(func.count(Certificate.id))
        .where(Certificate.template_id == CertificateTemplate.id)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            CertificateTemplate.version,
            CertificateTemplate.made_at,
            func.coalesce(User.name, ""),
            CertificateTemplate.slots,
            kept_by,
        )
        .outerjoin(User, User.id == CertificateTemplate.made_by_id)
        .where(CertificateTemplate.kind == kind)
        .order_by(CertificateTemplate.version.desc())
        .limit(limit)
    )
    return [VersionLine(*row) for row in rows]


def longest_title(kind: CertificateKind) -> str:
    """Return the longest title a certificate of a kind may have today."""
    if kind is CertificateKind.QUALIFICATION:
        titles = [each.title for each in qualifications.current().all]
    else:
        titles = [each.title for each in catalogue.current().courses]
    return max(titles, key=len)


def _newest(session: Session, kind: CertificateKind) -> CertificateTemplate | None:
    found: CertificateTemplate | None = session.scalar(
        select(CertificateTemplate)
        .where(CertificateTemplate.kind == kind)
        .order_by(CertificateTemplate.version.desc())
        .limit(1)
    )
    return found
