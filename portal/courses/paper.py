"""What every paper shares: its sizes of type, its template and hash, and the way from it back to the screen.

Nothing here draws: a page only wants the hash. Lessons become papers in `handouts`; another domain writes its
own papers in the same style (`mentoring.plan`).
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup as Svg

from portal.core import korean, settings
from portal.core.qr import draw_qr
from portal.courses import codes
from portal.courses.paper_markup import Markup, prepare

FOLDER = Path(__file__).parent / "document"
STYLE = FOLDER / "handout.css"
SIZES = {
    16: ("크게", "종이가 적게 들어요"),
    20: ("더 크게", "조금 떨어져서도 보여요"),
    24: ("가장 크게", "종이가 많이 들어요"),
}
"""Points, each with its name and what it means for the paper."""
LARGE_FOR = {"4": 24, "5": 24}
"""The size that is picked for people who made the letters of the screen larger."""
_USUAL_SIZE = 20
_INK = "#000"


@dataclass(frozen=True)
class Paper:
    """Everything a press needs, and the hash of it."""

    title: str
    markup: Markup
    content_hash: str


@dataclass(frozen=True)
class Way:
    """From the paper to the page: a code to type, where to type it, and a picture to point a camera at."""

    code: str
    typed_address: str
    qr: Svg


def usual_size(text_size: str) -> str:
    """Return the size that is picked for somebody, in points, by the size of letters on their screen."""
    return str(LARGE_FOR.get(text_size, _USUAL_SIZE))


@lru_cache(maxsize=8)
def open_template(path: Path) -> Template:
    """Return the template of a paper."""
    environment = Environment(
        loader=FileSystemLoader(path.parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["plain_day"] = korean.plain_day
    return environment.get_template(path.name)


def finish(title: str, html: str) -> Paper:
    """Make a paper of what a template wrote; its hash is that of everything the press will see."""
    markup = prepare(html, public_url=settings.current().public_url)
    seen = "\n".join([markup.html, STYLE.read_text(encoding="utf-8")])
    return Paper(title, markup, hashlib.sha256(seen.encode()).hexdigest())


def way_to_own(number: int) -> Way:
    """Return the way back to something of somebody's own; whoever takes it is asked to sign in."""
    address, code = settings.current().public_url, codes.own_code(number)
    return Way(
        code=codes.shown(code),
        typed_address=f"{address.partition('://')[2]}/c/",
        qr=draw_way(f"{address}/c/{code}"),
    )


@lru_cache(maxsize=1024)
def draw_way(address: str) -> Svg:
    """Return the QR code of an address, with its words."""
    svg = draw_qr(address, ink=_INK).decode()
    words = f"QR 그림: {address}"
    return Svg(svg.replace("<svg ", f'<svg aria-label="{words}" width="24mm" ', 1))  # noqa: S704 - drawn by us
