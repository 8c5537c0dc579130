"""Drawing a certificate as a PDF: the same facts give the same bytes, in any process.

The renderer reaches nothing but the typeface and the pictures handed to it: no file, no address.
A letter the typeface lacks would be printed as an empty box without an error, so it is refused beforehand.
The file is PDF/A-3a and PDF/UA-1: kept for ever, tagged for screen readers, in the document's language.
"""

import json
import unicodedata
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from fontTools.ttLib import TTFont
from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from portal.certification import codes, designs, finishing
from portal.certification.models import CertificateKind
from portal.core import fonts, korean, press
from portal.core.clock import KST
from portal.core.qr import draw_qr, encode

FOLDER = Path(__file__).parent / "document"
CREDENTIAL_FILE = "openbadge-credential.json"
MARK, QR = "portal:mark", "portal:qr"
INK = "#14233f"
INKS = {"navy": INK, "pine": "#143a2c", "wine": "#4b1626", "black": "#1d1d1f"}
"""The ink of each colour of `designs.COLORS`, as the sheets' styles have it."""
DEMO_WORD = "예시"
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
class Signer:
    """Who signs, and as what."""

    title: str
    name: str


@dataclass(frozen=True)
class Sheet(Proof):
    """Everything a certificate shows."""

    title: str
    completed_on: str
    #: The folder of the sheet and its style.
    layout: str = "completion-1"
    words: tuple[str, ...] = ()
    color: str = "navy"
    seal: str = ""
    signers: tuple[Signer, ...] = ()
    #: The name in other letters, in the order they are printed.
    other_names: tuple[str, ...] = ()
    registration_number: str = ""
    grade: str = ""
    valid: str = ""
    manager: str = ""
    manager_phone: str = ""
    #: What stands across it so that nobody takes it for a real one.
    watermark: str = ""

    @property
    def plain(self) -> dict[str, Any]:
        """The sheet as a template sees it: texts and lists by name, nothing that can do anything."""
        derived = {
            "shown_code": self.shown_code,
            "name_size": self.name_size,
            "printed_address": self.printed_address,
        }
        plain: dict[str, Any] = json.loads(json.dumps({**asdict(self), **derived}))
        return plain

    @property
    def letters(self) -> tuple[str, ...]:
        """Everything that is printed and differs between documents."""
        signed = (words for signer in self.signers for words in (signer.title, signer.name))
        return (
            *(self.holder_name, *self.other_names, self.title, self.issuer_name, *self.words, self.seal),
            *(self.registration_number, self.grade, self.manager, self.watermark, *signed),
        )


def make_sheet(facts: Any, *, public_url: str, is_demo: bool) -> Sheet:
    """Return what to draw for the ``Facts`` of a certificate, with the template it was approved with."""
    kind, address = facts.kind, facts.printed.get("address", public_url)
    slots = facts.slots or designs.FIRST[kind]
    title = unicodedata.normalize("NFC", facts.title)
    name = unicodedata.normalize("NFC", facts.holder_name)
    completed_on = korean.plain_day(facts.completed_on)
    values = {"이름": name, "과정": title, "자격": title, "날": completed_on}
    signers = ((slots["signer_title"], slots["signer"]), (slots["second_title"], slots["second"]))
    return Sheet(
        number=facts.number,
        code=facts.code,
        holder_name=name,
        title=title,
        completed_on=completed_on,
        issued_on=korean.plain_day(facts.issued_at),
        issued_at=facts.issued_at.astimezone(KST).isoformat(timespec="seconds"),
        issuer_name=facts.issuer_name,
        verify_url=f"{address}/v/{facts.code}",
        is_demo=is_demo,
        layout=f"{kind.value}-{facts.layout or 1}",
        words=designs.fill(slots["words"], values),
        color=slots["color"],
        seal=DEMO_WORD if is_demo else slots["seal"],
        signers=tuple(Signer(of, who) for of, who in signers if who),
        other_names=tuple(filter(None, (facts.holder_hanja, facts.holder_latin))),
        registration_number=facts.registration_number,
        grade=facts.printed.get("grade", ""),
        valid=_valid(facts),
        manager=facts.printed.get("manager", ""),
        manager_phone=facts.printed.get("manager_phone", ""),
        watermark=DEMO_WORD if is_demo and kind is CertificateKind.QUALIFICATION else "",
    )


class LayoutPress(press.Press):
    """The typeface, the style and the sheet of one layout, read once for any number of certificates."""

    def __init__(self, layout: str, folder: Path = FOLDER) -> None:
        style = (folder / layout / "sheet.css").read_text(encoding="utf-8")
        super().__init__(style, fonts.serif(), variant=VARIANT)
        self.page = SandboxedEnvironment(
            loader=FileSystemLoader(folder / layout), autoescape=True, undefined=StrictUndefined
        ).get_template("sheet.jinja")

    def lay_out_sheet(self, sheet: Sheet) -> Any:
        """Return the pages of one document. Raises MissingLetterError for what the typeface cannot write."""
        refuse_missing_letters(*sheet.letters)
        qr = ("image/svg+xml", draw_qr(sheet.verify_url, ink=INKS[sheet.color]))
        return self.lay_out(self._html(sheet), {**self._handed(sheet), QR: qr})

    def draw(self, sheet: Sheet, credential: bytes | None = None) -> bytes:
        """Return the bytes of one document: with its credential, if any, and then a place for the signature.

        Raises MissingLetterError for what the typeface cannot write.
        """
        refuse_missing_letters(*sheet.letters)
        attached = [] if credential is None else [attach(credential, at=sheet.issued_at)]
        handed = {**self._handed(sheet), QR: finishing.QR_PLACE}
        drawn = self.print_html(self._html(sheet), sheet.code, handed, attached=attached, is_packed=False)
        return finishing.finish(
            drawn, encode(sheet.verify_url), ink=INKS[sheet.color], is_signed_later=credential is not None
        )

    def _html(self, sheet: Sheet) -> str:
        return self.page.render(sheet=sheet.plain, qr=QR)

    def _handed(self, sheet: Sheet) -> dict[str, tuple[str, bytes]]:
        ink = INKS[sheet.color]
        mark = press.read(FOLDER / "mark.svg").replace(INK.encode(), ink.encode())
        return {MARK: ("image/svg+xml", mark)}


class Press:
    """A press for each layout, set up when its first sheet comes and kept for all that follow."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self.folder = folder
        self._presses: dict[str, LayoutPress] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for each in self._presses.values():
            each.__exit__(kind, error, trace)
        self._presses.clear()

    def of(self, layout: str) -> LayoutPress:
        """Return the press of a layout."""
        if layout not in self._presses:
            self._presses[layout] = LayoutPress(layout, self.folder)
        return self._presses[layout]

    def draw(self, sheet: Sheet, credential: bytes | None = None) -> bytes:
        """Return the bytes of one document: with its credential, if any, and then a place for the signature.

        Raises MissingLetterError for what the typeface cannot write.
        """
        return self.of(sheet.layout).draw(sheet, credential)


def _valid(facts: Any) -> str:
    """Return from when until when it holds; empty for ever."""
    if facts.valid_until is None:
        return ""
    return f"{korean.plain_day(facts.issued_at)}부터 {korean.plain_day(facts.valid_until)}까지"


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
