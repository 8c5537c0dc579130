"""Checking up to a hundred codes at once, for an office that was handed a list."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.certification import codes, standing, statements
from portal.certification.models import Certificate
from portal.certification.standing import WORDS, Status
from portal.certification.statement_models import Statement
from portal.certification.vocabulary import Visibility
from portal.core.errors import DomainError
from portal.core.korean import masked_name, plain_day

MOST = 100
HEADINGS = ("확인 번호", "결과", "무엇", "이름", "번호", "준 날", "끝나는 날")
SHOWN = ("확인 번호", "결과", "무엇", "이름", "준 날")
"""What fits side by side on a page; the file has all."""
UNKNOWN = "확인되지 않음"
MISTYPED = "번호가 잘못 적힘"
_BETWEEN_CODES = re.compile(r"[\n;,\t]")
_FORMULA = ("=", "+", "-", "@")


@dataclass(frozen=True)
class Line:
    """What became of one code, in the order of the headings."""

    code: str
    result: str
    title: str = ""
    holder: str = ""
    number: str = ""
    issued: str = ""
    until: str = ""

    @property
    def shown(self) -> tuple[str, ...]:
        """What a page shows of it."""
        return self.code, self.result, self.title, self.holder, self.issued


def check(session: Session, pasted: str, *, now: datetime) -> list[Line]:
    """Return a line for each code, in the order they were pasted.

    Raises DomainError (``codes``) for none and for more than a hundred.
    """
    typed = [each.strip() for each in _BETWEEN_CODES.split(pasted.replace("\r", "\n")) if each.strip()]
    if not typed:
        raise DomainError("확인 번호를 한 줄에 하나씩 붙여 넣어 주세요.", field="codes")
    if len(typed) > MOST:
        raise DomainError(
            f"{len(typed)}개를 붙여 넣으셨어요. 한 번에 {MOST}개까지 확인할 수 있어요.", field="codes"
        )
    wanted = [codes.normalise(each) for each in typed]
    known = {code for code in wanted if codes.is_well_formed(code)}
    found: dict[str, Certificate | Statement] = {
        row.code: row for row in session.scalars(select(Certificate).where(Certificate.code.in_(known)))
    }
    if len(found) < len(known):
        rest = select(Statement).where(Statement.code.in_(known - found.keys()))
        found |= {row.code: row for row in session.scalars(rest)}
    return [_line(given, code, found.get(code), now=now) for given, code in zip(typed, wanted, strict=True)]


def to_csv(lines: Sequence[Line]) -> bytes:
    """Return the lines as a file that spreadsheets open with Korean letters and whole numbers."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADINGS)
    writer.writerows([_plain(cell) for cell in astuple(line)] for line in lines)
    return out.getvalue().encode("utf-8-sig")


def _line(given: str, code: str, found: Certificate | Statement | None, *, now: datetime) -> Line:
    if not codes.is_well_formed(code):
        return Line(given[:40], MISTYPED)
    shown = codes.shown(code)
    if found is None:
        return Line(shown, UNKNOWN)
    if isinstance(found, Statement):
        status = WORDS[Status(statements.status_of(found))]
        name, day = masked_name(found.holder_name), plain_day(found.issued_at)
        return Line(shown, status, statements.KIND, name, found.number, day)
    status = WORDS[standing.status_of(found, now=now)]
    if found.visibility is Visibility.OFF:
        return Line(shown, status, found.title)
    return Line(
        shown,
        status,
        found.title,
        masked_name(found.holder_name),
        found.number,
        plain_day(found.issued_at),
        plain_day(found.valid_until) if found.valid_until else "",
    )


def _plain(cell: str) -> str:
    """Keep a spreadsheet from reading what somebody typed as a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
