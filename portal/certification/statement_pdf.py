"""Drawing a statement as a PDF, under the same rules as a certificate (`pdf`)."""

import unicodedata
from dataclasses import dataclass

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from portal.certification import pdf, statements
from portal.certification.pdf import FOLDER, INK, MARK, QR, VARIANT, Proof
from portal.certification.statement_models import Statement
from portal.core import fonts, korean, press
from portal.core.clock import KST
from portal.core.qr import draw_qr


@dataclass(frozen=True)
class StatementSheet(Proof):
    """Everything a statement shows."""

    days: str
    facts: tuple[tuple[str, str], ...]


def make_sheet(statement: Statement, *, public_url: str, is_demo: bool) -> StatementSheet:
    """Return what to draw for a statement."""
    first, last = korean.plain_day(statement.first_day), korean.plain_day(statement.last_day)
    return StatementSheet(
        number=statement.number,
        code=statement.code,
        holder_name=unicodedata.normalize("NFC", statement.holder_name),
        issued_on=korean.plain_day(statement.issued_at),
        issued_at=statement.issued_at.astimezone(KST).isoformat(timespec="seconds"),
        issuer_name=statement.issuer_name,
        verify_url=f"{public_url}/v/{statement.code}",
        is_demo=is_demo,
        days=f"{first}부터 {last}까지",
        facts=tuple(statements.facts_of(statement)),
    )


class StatementPress(press.Press):
    """The typeface, the style sheets and the sheet itself."""

    def __init__(self) -> None:
        sheets = (FOLDER / "completion-1" / "sheet.css", FOLDER / "statement.css")
        style = "\n".join(path.read_text(encoding="utf-8") for path in sheets)
        super().__init__(style, fonts.serif(), variant=VARIANT)
        self.page = Environment(
            loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined
        ).get_template("statement.jinja")

    def draw(self, sheet: StatementSheet) -> bytes:
        """Return the bytes of one document. Raises MissingLetterError as certificates do."""
        pdf.refuse_missing_letters(sheet.holder_name, sheet.issuer_name)
        handed = {
            MARK: ("image/svg+xml", press.read(FOLDER / "mark.svg")),
            QR: ("image/svg+xml", draw_qr(sheet.verify_url, ink=INK)),
        }
        return self.print_html(self.page.render(sheet=sheet, qr=QR), sheet.code, handed)
