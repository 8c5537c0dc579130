"""Drawing to look and to compare: previews of drafts, and once more what was issued."""

import hashlib
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import weasyprint
from flask import current_app

from portal.certification import artifacts, designs, pdf, queries, redrawing
from portal.certification.life_models import ArtifactKind, TemplateDraft
from portal.certification.models import CertificateKind
from portal.certification.pdf import MissingLetterError, Press, Sheet
from portal.core import clock, db, fonts, korean, settings, work
from portal.core.storage import storage

LEASE_S = designs.PREVIEW_WITHIN_S + 30
"""Longer than the job may run, so that only a dead worker's lease runs out."""
STOP_AFTER_S = redrawing.REDRAW_WITHIN_S // 2
SAMPLE_WORD = "견본"
NAMES = ("김순자", "남궁민수아름다운가람솔", "가나다라마바사아자차카타파하가나다라마바사아자차카타파하가나")
"""A common name, the longest a family register has had, and the longest an account may have."""
OTHER_NAMES = ("南宮民秀", "Namgung Minsu Areumdaun Garamsol")
SAMPLE_CODE = "0" * 24


class TooLongError(ValueError):
    """What was typed needs more room than the sheet has; the message says which sample showed it."""


def preview(draft_id: int) -> None:
    """Draw a draft with a short name, the longest real one and the longest possible one.

    Run twice, the second time does nothing. What cannot be printed ends the draft with a sentence that says
    why; any other failure is tried again.
    """
    with db.transaction() as session:
        lease = work.claim(session, TemplateDraft, draft_id, now=clock.now(), lease_s=LEASE_S)
        if lease is None:
            return
        draft = session.get_one(TemplateDraft, draft_id)
        kind, slots = draft.kind, dict(draft.slots)
        title = designs.longest_title(kind)
    refused, key = "", None
    try:
        key = storage().put(draw_samples(kind, slots, title))
    except (MissingLetterError, TooLongError) as error:
        refused = str(error)
    except Exception as error:
        with db.transaction() as session:
            words = f"{type(error).__name__}: {error}"
            work.fail(session, TemplateDraft, draft_id, lease=lease, error=words, now=clock.now())
        raise
    with db.transaction() as session:
        if work.finish(session, TemplateDraft, draft_id, lease=lease, preview_key=key) and refused:
            db.lock(session, TemplateDraft, draft_id).last_error = refused


def draw_samples(kind: CertificateKind, slots: dict[str, str], title: str) -> bytes:
    """Return one document of a sheet for each sample name.

    Raises MissingLetterError and TooLongError for what cannot be printed.
    """
    with Press() as press:
        layout = press.of(f"{kind.value}-{designs.LAYOUTS[kind]}")
        documents = []
        for name in NAMES:
            document = layout.lay_out_sheet(make_sample(kind, slots, title, name))
            _refuse_overflow(document, name)
            documents.append(document)
        sheets = [page for document in documents for page in document.pages]
        drawn: bytes = documents[0].copy(sheets).write_pdf(full_fonts=False)
        return drawn


def make_sample(kind: CertificateKind, slots: dict[str, str], title: str, name: str) -> Sheet:
    """Return a sheet as it would be, for somebody there is not."""
    now = clock.now()
    day = korean.plain_day(now)
    is_qualification = kind is CertificateKind.QUALIFICATION
    facts = queries.Facts(
        id=0,
        kind=kind,
        number="DDD2-2026-000000" if is_qualification else "2026-C-00000",
        code=SAMPLE_CODE,
        holder_name=name,
        holder_hanja=OTHER_NAMES[0] if is_qualification else "",
        holder_latin=OTHER_NAMES[1] if is_qualification else "",
        title=title,
        course_id=None,
        qualification_id=None,
        registration_number="0000-000000" if is_qualification else "",
        completed_on=now.date(),
        valid_until=now.date() if is_qualification else None,
        issued_at=now,
        issuer_name="장터배움",
        approver_name="",
        printed={"manager": "장터배움", "manager_phone": settings.current().help_phone},
        template_id=None,
        status_index=0,
        credential_uuid="",
        holder_email=None,
        layout=designs.LAYOUTS[kind],
        slots=slots,
    )
    sheet = pdf.make_sheet(facts, public_url=settings.current().public_url, is_demo=False)
    return replace(sheet, watermark=SAMPLE_WORD, issued_on=day)


def redraw(certificate_id: int) -> None:
    """Draw a certificate anew and then others that are due tonight, with one press, and compare.

    Run twice, the second time does nothing.
    """
    stop_at = time.monotonic() + STOP_AFTER_S
    with db.transaction() as session:
        due = redrawing.list_due_ids(session, clock.now())
    if certificate_id not in due:
        return
    first = due.index(certificate_id)
    with Press() as press:
        for each in due[first : first + redrawing.REDRAW_TAKES]:
            redraw_one(each, press)
            if time.monotonic() > stop_at:
                return


def redraw_one(certificate_id: int, press: Press) -> bool:
    """Draw one certificate anew from what is stored; True if it came out differently."""
    with db.transaction() as session:
        facts = queries.get_facts(session, certificate_id)
        stored = artifacts.find(session, certificate_id, ArtifactKind.CREDENTIAL)
        credential = storage().get(stored.storage_key) if stored else None
    current = settings.current()
    try:
        sheet = pdf.make_sheet(facts, public_url=current.public_url, is_demo=current.is_demo)
        found = hashlib.sha256(press.draw(sheet, credential)).hexdigest()
    except Exception as error:  # noqa: BLE001 - what can no longer be drawn at all has drifted, too
        found = f"{type(error).__name__}: {error}"[:64]
    path = current_app.url_map.bind("").build("desk.jobs", {})
    with db.transaction() as session:
        return redrawing.note_redrawn(
            session,
            certificate_id,
            found_sha256=found,
            tools=name_tools(press.folder, sheet_of=facts.layout or 1, kind=facts.kind),
            path=path,
            now=clock.now(),
        )


def name_tools(folder: Path, *, sheet_of: int, kind: CertificateKind) -> str:
    """Return a short name for everything a document's bytes depend on beside what it says."""
    digest = hashlib.sha256(fonts.serif().read_bytes())
    for path in sorted((folder / f"{kind.value}-{sheet_of}").iterdir()):
        digest.update(path.read_bytes())
    return f"WeasyPrint {weasyprint.__version__}, {digest.hexdigest()[:12]}"


def _refuse_overflow(document: Any, name: str) -> None:
    """Raise TooLongError when the words reach into the date below them, or the sheet needs a second page."""
    if len(document.pages) > 1 or _edge(document, "words", is_bottom=True) > _edge(document, "day"):
        raise TooLongError(f"‘{name}’ 님의 증서에서 문구가 아래 날짜와 겹쳐요. 문구를 짧게 줄여 주세요.")


def _edge(document: Any, name: str, *, is_bottom: bool = False) -> float:
    """Return how far down the box of a class begins or ends on the first page."""
    boxes = document.pages[0]._page_box.descendants(placeholders=True)
    box = next(each for each in boxes if each.element is not None and each.element.get("class") == name)
    return float(box.position_y + (box.margin_height() if is_bottom else 0))
