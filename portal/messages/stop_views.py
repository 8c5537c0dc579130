"""The page behind the address at the foot of a message: for whoever holds the message, signed in or not."""

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock, db, settings
from portal.core.errors import DomainError
from portal.messages import operations, queries, stopping
from portal.messages.queries import Stoppable
from portal.messages.vocabulary import CHANNEL_NAMES, KIND_NAMES
from portal.web.access import ANYONE, access
from portal.web.csrf import address_is_proof

bp = Blueprint("stop", __name__, template_folder="templates")

ONE_CLICK = ("List-Unsubscribe", "One-Click")
"""What a mail program posts when its own button is pressed (RFC 8058)."""


@bp.route("/messages/stop/<token>", methods=["GET", "POST"])
@bp.route("/s/<token>", methods=["GET", "POST"])
@access(ANYONE)
@address_is_proof
def stop(token: str) -> ResponseReturnValue:
    """Show what can be stopped, and stop it when asked; looking changes nothing, by whoever it is."""
    delivery_id = stopping.read_token(token, key=settings.current().secret_key)
    if request.method != "POST":
        return _show(queries.get_stoppable(db.session(), delivery_id), token)
    is_one_click = request.form.get(ONE_CLICK[0]) == ONE_CLICK[1]
    with db.transaction() as session:
        found = queries.get_stoppable(session, delivery_id)
        wanted = ("conversation" if found.about else "kind") if is_one_click else request.form.get("do", "")
        _change(found, wanted)
    if is_one_click:
        return _show(queries.get_stoppable(db.session(), delivery_id), token)  # a redirect is not followed
    return redirect(url_for(".stop", token=token, _anchor="result"))


def _change(found: Stoppable, wanted: str) -> None:
    session = db.session()
    if wanted == "conversation" and found.about:
        operations.stop_conversation(session, found.user.id, found.about, now=clock.now())
    elif wanted == "resume-conversation":
        operations.resume_conversation(session, found.user.id, found.about)
    elif wanted in {"kind", "resume-kind"}:
        change = operations.stop_kind if wanted == "kind" else operations.resume_kind
        for kind in found.kinds:
            change(session, found.user, kind, found.channel)
    else:
        raise DomainError("무엇을 그만 받을지 고르지 못했어요. 단추를 한 번 더 눌러 주세요.")


def _show(found: Stoppable, token: str) -> ResponseReturnValue:
    page = make_response(
        render_template(
            "messages/stop.html",
            found=found,
            token=token,
            kinds=[KIND_NAMES[kind] for kind in found.kinds],
            channel=CHANNEL_NAMES[found.channel],
        )
    )
    page.headers["X-Robots-Tag"] = "noindex"
    page.headers["Referrer-Policy"] = "no-referrer"
    return page
