"""The one place that knows which refusal has which HTTP status, and what an error looks like."""

import logging
import secrets

from flask import Flask, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import OperationalError, PendingRollbackError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException, SecurityError

from portal.core import i18n
from portal.core.errors import (
    ConflictError,
    DomainError,
    ForbiddenError,
    NotFoundError,
    TooManyError,
    UnavailableError,
)
from portal.core.i18n import noted, translated
from portal.web.language import visitor_language
from portal.web.plain import keep_page_plain

log = logging.getLogger(__name__)

STATUSES: dict[type[DomainError], int] = {
    NotFoundError: 404,
    ForbiddenError: 403,
    ConflictError: 409,
    TooManyError: 429,
    UnavailableError: 503,
    DomainError: 422,
}
RETRY_AFTER_S = 5

TITLES = {
    400: noted("보낸 내용을 읽지 못했어요"),
    403: noted("이 화면은 볼 수 없어요"),
    404: noted("찾는 화면이 없어요"),
    405: noted("이 주소로는 그렇게 할 수 없어요"),
    409: noted("그사이에 바뀌었어요"),
    413: noted("보낸 파일이 너무 커요"),
    422: noted("한 번 더 확인해 주세요"),
    429: noted("잠시 쉬었다가 다시 해 주세요"),
    503: noted("지금은 잠시 쉬고 있어요"),
}
MESSAGES = {
    400: noted("보낸 내용이 끊겼거나 잘못 적혔어요. 뒤로 가서 한 번 더 해 주세요."),
    403: noted("다른 분의 화면이거나, 아직 열리지 않은 화면이에요."),
    404: noted("주소가 바뀌었거나 지워진 화면이에요. 홈에서 다시 찾아 주세요."),
    413: noted("사진은 12MB보다 작아야 해요. 더 작은 사진을 골라 주세요."),
    503: noted("잠시 뒤에 다시 눌러 주세요. 적은 내용은 이 화면에 그대로 있어요."),
}
_UNEXPECTED = noted(
    "저희 쪽에서 문제가 생겼어요. 잠시 뒤에 다시 해 주세요. 같은 일이 또 생기면 전화해 주세요."
)


def init_app(app: Flask) -> None:
    """Answer every refusal and every failure in one shape."""
    app.register_error_handler(DomainError, _refused)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(SecurityError, _foreign_name)
    for kind in (OperationalError, PendingRollbackError, PoolTimeoutError):
        app.register_error_handler(kind, _database_away)
    app.register_error_handler(Exception, _unexpected)


def status_of(error: DomainError) -> int:
    """Return the HTTP status of a refusal."""
    return next(status for kind, status in STATUSES.items() if isinstance(error, kind))


def _refused(error: DomainError) -> ResponseReturnValue:
    return _answer(status_of(error), error.message, field=error.field)


def _http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status < 400:
        return error
    return _answer(status, MESSAGES.get(status, _UNEXPECTED if status >= 500 else MESSAGES[400]))


def _foreign_name(_error: SecurityError) -> ResponseReturnValue:
    """Answer a request for another site's name plainly: no address of ours can be built for it."""
    return "This is another site.\n", 400, {"Content-Type": "text/plain; charset=utf-8"}


def _database_away(error: SQLAlchemyError) -> ResponseReturnValue:
    log.error("The database did not answer: %s", error)
    keep_page_plain()
    return _answer(503, MESSAGES[503])


def _unexpected(error: Exception) -> ResponseReturnValue:
    reference = secrets.token_hex(4)
    log.error("Unexpected error %s at %s", reference, request.path, exc_info=error)
    keep_page_plain()
    return _answer(500, _UNEXPECTED, reference=reference)


def wants_json() -> bool:
    """Tell whether the caller asked for JSON rather than a page."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json"


def _answer(
    status: int, message: str, *, field: str | None = None, reference: str = ""
) -> ResponseReturnValue:
    i18n.speak(visitor_language())
    message = translated(message)
    headers = {"Retry-After": str(RETRY_AFTER_S)} if status in {429, 503} else {}
    if wants_json():
        return jsonify({"error": {"status": status, "message": message, "field": field}}), status, headers
    title = translated(TITLES.get(status, noted("문제가 생겼어요")))
    page = render_template(
        "errors/error.html", status=status, title=title, message=message, reference=reference
    )
    return page, status, headers
