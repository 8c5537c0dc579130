"""The shell around every page: its five places, its settings, its headers, and whether the house is ready."""

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, current_app, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from portal.core import clock, db, fonts, i18n, korean, queue, settings
from portal.core.i18n import LANGUAGES, noted
from portal.core.roles import STAFF
from portal.core.storage import storage
from portal.web.access import ANYONE, access, safe_next
from portal.web.language import SAYS, visitor_language
from portal.web.plain import is_page_plain

bp = Blueprint("web", __name__, template_folder="templates")

TEXT_SIZES = [
    ("1", noted("작게")),
    ("2", noted("보통")),
    ("3", noted("조금 크게")),
    ("4", noted("크게")),
    ("5", noted("아주 크게")),
]
CONTRASTS = ("normal", "high")
DISPLAY_COOKIE = "display"
HELP_HOURS = noted("평일 오전 9시부터 오후 6시까지")

PLACES = [
    (noted("홈"), "desk.home", ("desk.home",)),
    (
        noted("배우기"),
        "courses.index",
        (
            *("courses.", "glossary.", "handouts.", "calculators.", "diagnosis."),
            *("feedback.opinion", "feedback.report"),
        ),
    ),
    (
        noted("질문"),
        "community.index",
        (
            *("community.", "threads.", "safety.", "boards.", "groups.board", "groups.begin", "groups.join"),
            *("groups.members", "groups.poster"),
            *("stories.index", "stories.tell", "stories.to_mentor", "stories.withdraw"),
        ),
    ),
    (
        noted("멘토"),
        "mentoring.index",
        (
            "mentoring.",
            "needs.",
            "mentor_match.",
            "booking.",
            "hours.",
            "calendars.",
            "appeals.explain",
            "circles.",
        ),
    ),
    (
        noted("내 자격"),
        "certification.index",
        (
            *("certification.", "qualifications.", "candidates.show", "candidates.entries"),
            *("candidates.leave", "candidates.appeal", "training_logs.index", "training_logs.write"),
            *("training_logs.mend", "training_logs.portfolio"),
        ),
    ),
]
STAFF_PLACE = (
    noted("일감"),
    "desk.index",
    (
        "desk.index",
        "desk.group",
        "desk.jobs",
        "desk.proof",
        *("certification.proposal", "certification.decline", "certification.revoke", "certification.propose"),
        "desk.facts",
        "step_answers.index",
        "step_answers.check",
        "step_answers.fact",
        "feedback.index",
        "feedback.task",
        "promises.",
        "review.",
        *("marking.", "markers."),
        "matching.",
        *("appeals.index", "appeals.decide"),
        *("candidates.index", "candidates.appeals", "candidates.answer", "training_logs.to_read"),
        *("candidates.decide", "candidates.move", "training_logs.read"),
        *("groups.associations", "stories.waiting", "stories.evidence"),
    ),
)

#: Files whose address names their version: kept by browsers and by whatever stands before them, so that
#: nobody's cookie may go out with them.
VERSIONED_FILES = {"static", "videos.file"}

#: The spaces of "11월 24일", "오후 3시", "10시 30분", "5분 전", "김순자 님", and the one before a dot between
#: facts: no line begins with the dot.
_KEPT_SPACE = re.compile(
    r"(?<=\d[월시]) (?=\d)|(?<=오전|오후) (?=\d)|(?<=낮) (?=\d)|(?<=\d분) (?=전)|(?<=\d시간) (?=전)"
    r"|(?<=\S) (?=· )|(?<=\S) (?=님)"
)
#: Both edges of the brackets in "24일(화)에".
_KEPT_EDGE = re.compile(r"(?<=\d일)(?=\([월화수목금토일]\))|(?<=\([월화수목금토일]\))(?=\w|$)")

#: Nothing from another host, no script or style inside a page, no page inside another.
CSP = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)


@dataclass(frozen=True)
class Page:
    """What the base template shows around a page."""

    places: list[tuple[str, str, bool]]
    is_signed_in: bool
    name: str
    text_size: str
    contrast: str
    help_phone: str
    path: str
    #: The id of whoever is signed in; 0 for nobody.
    owner: int
    print_address: str
    is_demo: bool
    #: What the visitor reads, and what the inside of this page speaks.
    language: str
    main_language: str
    help_hours: str = HELP_HOURS
    text_sizes: tuple[tuple[str, str], ...] = tuple(TEXT_SIZES)
    languages: tuple[tuple[str, str], ...] = tuple(LANGUAGES.items())


def init_app(app: Flask) -> None:
    """Give ``app`` the shell: context, filters, headers and the two health addresses."""
    app.register_blueprint(bp)
    app.context_processor(_context)
    app.after_request(_add_headers)
    app.jinja_env.globals["static_url"] = static_url
    app.jinja_env.filters.update(
        unbroken=unbroken,
        won=lambda amount: SAYS[i18n.language()].won(amount),
        masked_name=korean.masked_name,
        day=lambda moment: unbroken(SAYS[i18n.language()].day(moment)),
        plain_day=lambda moment: unbroken(SAYS[i18n.language()].plain_day(moment)),
        clock_time=lambda moment: unbroken(SAYS[i18n.language()].clock_time(moment)),
        when=lambda moment: unbroken(SAYS[i18n.language()].day_and_time(moment, now=clock.now())),
        dated_time=lambda moment: unbroken(SAYS[i18n.language()].dated_time(moment, now=clock.now())),
        ago=lambda moment: unbroken(SAYS[i18n.language()].ago(moment, now=clock.now())),
    )


def unbroken(words: Any) -> Any:
    """Return ``words`` with dates, times and the dots between facts kept from breaking at a line's end.

    For pages only: messages, calendars and JSON keep plain spaces. Markup stays Markup, and what is no text
    stays as it is.
    """
    if not isinstance(words, str):
        return words
    return type(words)(_KEPT_EDGE.sub("\N{WORD JOINER}", _KEPT_SPACE.sub("\N{NO-BREAK SPACE}", words)))


def static_url(name: str) -> str:
    """Return the address of a static file with its version, so that an old copy is never used."""
    return url_for("static", filename=name, v=_version(current_app.static_folder or "", name))


@lru_cache(maxsize=64)
def _version(folder: str, name: str) -> str:
    return hashlib.sha256((Path(folder) / name).read_bytes()).hexdigest()[:10]


def read_display() -> tuple[str, str]:
    """Return the text size and contrast to show: the account's, or this visitor's cookie's."""
    if not is_page_plain() and current_user.is_authenticated:
        return current_user.text_size, current_user.contrast
    return parse_display(request.cookies.get(DISPLAY_COOKIE, ""))


def parse_display(value: str) -> tuple[str, str]:
    """Return the text size and contrast in a cookie's value; the usual ones for anything odd."""
    size, _, contrast = value.partition(".")
    return (
        size if size in dict(TEXT_SIZES) else "2",
        contrast if contrast in CONTRASTS else "normal",
    )


def _context() -> dict[str, Any]:
    is_signed_in = not is_page_plain() and current_user.is_authenticated
    places: list[tuple[str, str, tuple[str, ...]]] = [*PLACES]
    if is_signed_in and not current_user.roles.isdisjoint(STAFF):
        places.append(STAFF_PLACE)
    endpoint = request.endpoint or ""
    text_size, contrast = read_display()
    language = visitor_language()
    page = Page(
        places=_places(endpoint, places),
        is_signed_in=is_signed_in,
        name=current_user.name if is_signed_in else "",
        text_size=text_size,
        contrast=contrast,
        help_phone=settings.current().help_phone,
        path=_path_to_come_back_to(),
        owner=current_user.id if is_signed_in else 0,
        print_address=settings.current().public_url + request.full_path.rstrip("?"),
        is_demo=settings.current().is_demo,
        language=language,
        main_language=i18n.language(),
    )
    return {"page": page}


def _places(endpoint: str, places: list[tuple[str, str, tuple[str, ...]]]) -> list[tuple[str, str, bool]]:
    """Return the main menu with the one place this page belongs to: the one that names it most exactly."""

    def fits(here: tuple[str, ...]) -> int:
        return max((len(each) for each in here if endpoint.startswith(each)), default=0)

    best = max(fits(here) for _, _, here in places)
    return [(label, url_for(to), 0 < fits(here) == best) for label, to, here in places]


def _path_to_come_back_to() -> str:
    """Return this page's path, or for the answer to a form the page the form was on."""
    if request.method == "GET":
        return request.full_path.rstrip("?")
    return safe_next(request.referrer) or "/"


def _add_headers(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", CSP)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if request.endpoint in VERSIONED_FILES and response.status_code in {200, 206, 304}:
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    else:
        # Pages carry names and forms: on a shared computer nothing may be left behind.
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.add("Vary", "Cookie")
    if settings.current().is_https:
        response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    return response


@bp.get("/sw.js")
@access(ANYONE)
def service_worker() -> ResponseReturnValue:
    """Give the service worker; its text changes with every file it keeps, so browsers take a new one."""
    files = [static_url(name) for name in ("portal.css", "portal.js", "icon.svg")]
    offline = url_for(".offline")
    page = render_template("offline.html", help_phone=settings.current().help_phone)
    version = hashlib.sha256("\n".join([page, *files]).encode()).hexdigest()[:12]
    script = render_template("sw.js", version=f"shell-{version}", files=[offline, *files], offline=offline)
    return Response(script, mimetype="text/javascript", headers={"Cache-Control": "no-cache"})


@bp.get("/offline")
@access(ANYONE)
def offline() -> ResponseReturnValue:
    """Say that there is no network, from what a phone has kept."""
    return render_template("offline.html", help_phone=settings.current().help_phone)


@bp.get("/healthz")
@access(ANYONE)
def healthz() -> ResponseReturnValue:
    """Say that the process is alive."""
    return jsonify({"status": "alive"})


@bp.get("/readyz")
@access(ANYONE)
def readyz() -> ResponseReturnValue:
    """Say which part of the house is ready: 200 when all are, else 503."""
    parts = {
        "database": _database_answers(),
        "redis": queue.is_up(),
        "worker": _worker_reports(),
        "storage": storage().is_writable(),
        "fonts": fonts.are_ready(),
    }
    is_ready = all(parts.values())
    return jsonify({"status": "ready" if is_ready else "not ready", "parts": parts}), 200 if is_ready else 503


def _database_answers() -> bool:
    try:
        db.session().execute(text("SELECT 1"))
    except SQLAlchemyError:
        return False
    return True


def _worker_reports() -> bool:
    try:
        return queue.has_worker()
    except RedisError:
        return False
