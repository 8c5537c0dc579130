"""Items that staff hand in as a file: looked through first, taken over by a second press."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import bank, gift, item_csv
from portal.certification.bank import Plan
from portal.certification.exam_models import ItemImport
from portal.certification.gift import Parsed
from portal.core import db
from portal.core.errors import ConflictError, DomainError, NotFoundError

MOST_BYTES = 2 * 1024 * 1024
LONGEST_NAME = 120


@dataclass(frozen=True)
class Look:
    """What a handed-in file holds, what is wrong with it, and what taking it over would change."""

    parsed: Parsed
    plan: Plan


def hand_in(
    session: Session, by: User, *, bank_name: str, file_name: str, raw: bytes, now: datetime
) -> ItemImport:
    """Keep a file to look through. Raises DomainError for one that is too large, empty or no text."""
    if bank_name not in bank.banks():
        raise NotFoundError("찾는 문제은행이 없어요.")
    if len(raw) > MOST_BYTES:
        raise DomainError("파일이 2MB보다 커요. 나눠서 올려 주세요.", field="file")
    text = decode(raw)
    if not text.strip():
        raise DomainError("비어 있는 파일이에요. 다시 골라 주세요.", field="file")
    imported = ItemImport(
        bank=bank_name,
        file_name=file_name[:LONGEST_NAME],
        form="csv" if file_name.lower().endswith(".csv") else "gift",
        text=text.replace("\x00", ""),
        made_by_id=by.id,
        made_at=now,
        report={},
    )
    session.add(imported)
    session.flush()  # its page is the next one
    return imported


def decode(raw: bytes) -> str:
    """Return the text of a file: UTF-8, with or without a mark, or CP949 as Korean Excel saves it."""
    for encoding in ("utf-8-sig", "cp949"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise DomainError(
        "글자를 읽지 못했어요. ‘CSV UTF-8’이나 메모장의 UTF-8로 다시 저장해 주세요.", field="file"
    )


def get(session: Session, bank_name: str, import_id: int) -> ItemImport:
    """Return a file handed in for a bank. Raises NotFoundError for none."""
    found = session.get(ItemImport, import_id)
    if found is None or found.bank != bank_name:
        raise NotFoundError("찾는 파일이 없어요. 다시 올려 주세요.")
    return found


def look(session: Session, imported: ItemImport) -> Look:
    """Read a file and compare it with the bank; nothing changes."""
    titles = bank.subjects_of(imported.bank)
    if imported.form == "csv":
        parsed = item_csv.parse(
            imported.text, subjects=tuple(titles), titles=titles, knows_step=bank.knows_step
        )
    else:
        parsed = gift.parse(imported.text, subjects=tuple(titles), knows_step=bank.knows_step)
    return Look(parsed, bank.compare(session, imported.bank, parsed.items))


def apply(session: Session, imported: ItemImport, by: User, *, now: datetime) -> dict[str, int]:
    """Take a file over; a second press changes nothing. Items the file does not name stay as they are.

    Raises ConflictError while something in it is wrong.
    """
    imported = db.lock(session, ItemImport, imported.id)
    if imported.applied_at is not None:
        return imported.report
    found = look(session, imported)
    if found.parsed.refused or not found.parsed.items:
        raise ConflictError("고칠 줄이 있어서 반영하지 않았어요. 고친 파일을 다시 올려 주세요.")
    bank.take_over(session, imported.bank, found.plan, by=by, now=now)
    imported.applied_at, imported.report = now, found.plan.report
    return imported.report


def list_last(session: Session, bank_name: str, limit: int = 10) -> list[ItemImport]:
    """Return what was handed in for a bank, the newest first."""
    rows = session.scalars(
        select(ItemImport).where(ItemImport.bank == bank_name).order_by(ItemImport.id.desc()).limit(limit)
    )
    return list(rows)
