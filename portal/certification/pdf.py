"""Drawing a certificate as a PDF: the same facts give the same bytes, in any process.

The renderer reaches nothing but the typeface and the pictures handed to it: no file, no address.
A letter the typeface lacks would be printed as an empty box without an error, so it is refused beforehand.
The file is PDF/A-3a and PDF/UA-1: kept for ever, tagged for screen readers, in the document's language.
"""

import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from portal.certification import codes, xmp
from portal.core import fonts, korean, press
from portal.core.clock import KST
from portal.core.qr import draw_qr

FOLDER = Path(__file__).parent / "document"
CREDENTIAL_FILE = "openbadge-credential.json"
MARK, QR = "portal:mark", "portal:qr"
INK = "#14233f"
VARIANT = "pdf/a-3a"
NAME_SIZES = ((5, "1"), (7, "2"), (10, "3"), (14, "4"), (20, "5"))
"""Widths in full letters up to which a name keeps each size; wider ones take the smallest, 6."""
LATIN_WIDTH = 0.55


class MissingLetterError(ValueError):
    """The typeface has no picture for a letter; the message names it."""


@dataclass(frozen=True)
class Proof:
    """What every document shows that strangers can check."""

    number: str
    code: str
    holder_name: str
    issued_on: str
    issued_at: str
    issuer_name: str
    verify_url: str
    is_demo: bool

    @property
    def shown_code(self) -> str:
        """The code as people read it out."""
        return codes.shown(self.code)

    @property
    def name_size(self) -> str:
        """The step of type in which the name fits on one line."""
        width = sum(1 if unicodedata.east_asian_width(c) in "WF" else LATIN_WIDTH for c in self.holder_name)
        return next((size for most, size in NAME_SIZES if width <= most), "6")

    @property
    def printed_address(self) -> str:
        """The address of the verification, without what nobody types."""
        return self.verify_url.partition("://")[2].rpartition("/")[0]


@dataclass(frozen=True)
class Sheet(Proof):
    """Everything a certificate shows."""

    title: str
    completed_on: str


def make_sheet(facts: Any, *, public_url: str, is_demo: bool) -> Sheet:
    """Return what to draw for the ``Facts`` of a certificate."""
    return Sheet(
        number=facts.number,
        code=facts.code,
        holder_name=unicodedata.normalize("NFC", facts.holder_name),
        title=unicodedata.normalize("NFC", facts.title),
        completed_on=korean.plain_day(facts.completed_on),
        issued_on=korean.plain_day(facts.issued_at),
        issued_at=facts.issued_at.astimezone(KST).isoformat(timespec="seconds"),
        issuer_name=facts.issuer_name,
        verify_url=f"{public_url}/v/{facts.code}",
        is_demo=is_demo,
    )


class Press(press.Press):
    """The typeface, the style sheet and the sheet itself, read once for any number of certificates."""

    def __init__(self) -> None:
        style = (FOLDER / "certificate.css").read_text(encoding="utf-8")
        super().__init__(style, fonts.serif(), variant=VARIANT)
        self.page = Environment(
            loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined
        ).get_template("certificate.jinja")

    def draw(self, sheet: Sheet, credential: bytes | None = None) -> bytes:
        """Return the bytes of one document, with its credential inside if there is one. Not signed yet.

        Raises MissingLetterError for a name or title the typeface cannot write.
        """
        refuse_missing_letters(sheet.holder_name, sheet.title, sheet.issuer_name)
        handed = {
            MARK: ("image/svg+xml", press.read(FOLDER / "mark.svg")),
            QR: ("image/svg+xml", draw_qr(sheet.verify_url, ink=INK)),
        }
        attached = [] if credential is None else [attach(credential, at=sheet.issued_at)]
        html = self.page.render(sheet=sheet, qr=QR)
        return xmp.mark_accessible(self.print_html(html, sheet.code, handed, attached=attached))


def attach(credential: bytes, *, at: str) -> press.Attached:
    """Return the credential as a file to put into the document."""
    issued_at = datetime.fromisoformat(at).astimezone(UTC)
    return press.Attached(CREDENTIAL_FILE, "Open Badges 3.0 credential", credential, issued_at)


def refuse_missing_letters(*differing: str) -> None:
    """Raise MissingLetterError if the typeface lacks a letter of what differs between documents."""
    for words in differing:
        for letter in words:
            if not letter.isspace() and ord(letter) not in _letters():
                raise MissingLetterError(
                    f"글꼴에 없는 글자가 있어요: ‘{letter}’ (U+{ord(letter):04X}), ‘{words}’"
                )


@lru_cache(maxsize=1)
def _letters() -> frozenset[int]:
    """Return the letters the typeface can write."""
    with TTFont(fonts.serif(), lazy=True) as font:
        return frozenset(font.getBestCmap())
