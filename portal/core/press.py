"""Printing HTML as a PDF that can see only what it is handed. For workers: no page loads WeasyPrint.

The same HTML gives the same bytes, in any process. The files are tagged for screen readers.
"""

import hashlib
import shutil
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from weasyprint import CSS, HTML, Attachment
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

FONT, SHEET = "portal:font", "portal:sheet"

#: What a document is handed: the kind and the bytes behind each address it names.
Handed = Mapping[str, tuple[str, bytes]]


@dataclass(frozen=True)
class Attached:
    """A file inside a document, for programs; its name's ending says of which kind it is."""

    name: str
    description: str
    content: bytes
    at: datetime


class Fetcher(URLFetcher):  # type: ignore[misc] # WeasyPrint ships no types
    """Serves what it was handed and refuses every other address, whatever its scheme."""

    def __init__(self, handed: Handed) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False)
        self.handed = handed

    def fetch(self, url: str, headers: object = None) -> Any:
        """Return what was handed in under ``url``."""
        if url not in self.handed:
            raise ValueError("Documents are drawn from what they are handed and nothing else.")
        kind, content = self.handed[url]
        return URLFetcherResponse(url, content, {"Content-Type": kind})


class Press:
    """A style sheet and the typeface it calls FONT, read once for any number of documents.

    Use it in a `with` block: WeasyPrint copies the typeface to a temporary folder, and a worker's child
    ends without the clean-up Python does for a process.
    """

    def __init__(self, style: str, typeface: Path, *, variant: str) -> None:
        self.variant = variant
        self.fonts = FontConfiguration()
        self.style = CSS(
            string=style,
            url_fetcher=Fetcher({FONT: ("font/otf", read(typeface))}),
            font_config=self.fonts,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # WeasyPrint deletes its folder only when the last reference goes, which in a cycle may be never.
        shutil.rmtree(self.fonts._folder, ignore_errors=True)

    def lay_out(self, html: str, handed: Handed) -> Any:
        """Return the pages of ``html``, WeasyPrint's Document."""
        return HTML(string=html, url_fetcher=Fetcher(handed), base_url=SHEET).render(
            stylesheets=[self.style], font_config=self.fonts
        )

    def print_html(
        self,
        html: str,
        identifier: str,
        handed: Handed,
        *,
        attached: Sequence[Attached] = (),
        is_packed: bool = True,
    ) -> bytes:
        """Return ``html`` as a PDF that can see only what it is ``handed``, with ``attached`` files.

        Leave it unpacked for a program that opens and saves the file anyway.
        """
        document = self.lay_out(html, handed)
        document.metadata.attachments = [
            Attachment(
                string=each.content,
                name=each.name,
                description=each.description,
                relationship="Data",
                created=each.at,
                modified=each.at,
            )
            for each in attached
        ]
        with warnings.catch_warnings():
            # WeasyPrint 70 leaves its colour profile's file to the garbage collector.
            warnings.simplefilter("ignore", ResourceWarning)
            printed: bytes = document.write_pdf(
                pdf_variant=self.variant,
                pdf_identifier=hashlib.sha256(identifier.encode()).digest()[:16],
                uncompressed_pdf=not is_packed,
            )
        return printed


@lru_cache(maxsize=4)
def read(path: Path) -> bytes:
    """Return what is in a file, read once for each process."""
    return path.read_bytes()
