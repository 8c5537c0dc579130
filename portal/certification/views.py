"""Pages of certification: proposing, approving, and one's own certificates."""

import io
from dataclasses import dataclass
from datetime import datetime

from flask import (
    Blueprint,
    flash,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue

from portal.accounts.login import me, me_or_nobody
from portal.certification import (
    artifacts,
    awards,
    candidates,
    codes,
    corrections,
    life_page,
    names,
    operations,
    qualifications,
    queries,
    standings,
)
from portal.certification.forms import DeclineForm, RevokeForm
from portal.certification.life_models import ArtifactKind
from portal.certification.models import CertificateState, EventKind
from portal.certification.policy import ISSUERS
from portal.certification.vocabulary import RevokeClass
from portal.core import clock, db
from portal.core.clock import KST
from portal.core.errors import NotFoundError
from portal.core.roles import Role
from portal.core.storage import storage
from portal.courses import queries as courses
from portal.web.access import ANYONE, SIGNED_IN, access
from portal.web.addresses import row_id

bp = Blueprint("certification", __name__, template_folder="templates")

HISTORY = {
    EventKind.PROPOSED: "{word}을 제안했어요",
    EventKind.APPROVED: "승인했어요",
    EventKind.DECLINED: "제안을 돌려보냈어요",
    EventKind.RENDERED: "{word}이 나왔어요",
    EventKind.RETRIED: "다시 만들게 했어요",
    EventKind.REVOKED: "{word}을 취소했어요",
    EventKind.SUPERSEDED: "새 증서로 바뀌었어요",
    EventKind.REPRINTED: "다시 인쇄했어요",
    EventKind.VISIBILITY: "보이는 범위를 바꿨어요",
    EventKind.SENT_AGAIN: "알림을 다시 보냈어요",
    EventKind.DRIFTED: "다시 그려 보니 달랐어요",
    EventKind.ACCEPTED: "달라진 것을 받아들였어요",
}
DRAWN_WITHIN_S = 60
"""How long a download that came too early is asked to wait."""


@dataclass(frozen=True)
class WaitingCourse:
    """A completed course without a certificate, and whom it waits for."""

    title: str
    completed_at: datetime
    waits_for: str


@dataclass(frozen=True)
class HistoryLine:
    """What happened to a certificate, in words."""

    words: str
    by_name: str
    at: datetime
    note: str


@bp.get("/certification/")
@access(ANYONE)
def index() -> ResponseReturnValue:
    """Show what the person has earned and what is still on its way."""
    user = me_or_nobody()
    offered = qualifications.current().all
    if user is None:
        return render_template("certification/welcome.html", qualifications=offered, ways=())
    session = db.session()
    waiting = [
        WaitingCourse(
            title=awards.course_title(each.course_id),
            completed_at=each.completed_at,
            waits_for="강사님이 제안했어요. 다른 분이 승인하면 나와요."
            if each.is_proposed
            else "강사님이 수료증을 제안할 차례예요.",
        )
        for each in queries.list_waiting(session, user)
    ]
    under_way = [
        each for each in courses.list_progress(session, user) if each.is_started and each.completed_at is None
    ]
    return render_template(
        "certification/index.html",
        certificates=queries.list_certificates(session, user),
        today=clock.now().astimezone(KST).date(),
        printed_name=names.find(session, user),
        waiting=waiting,
        under_way=under_way,
        qualifications=offered,
        ways=candidates.list_own(session, user),
    )


@bp.post("/certification/proposals")
@access(Role.TRAINER)
def propose() -> ResponseReturnValue:
    """Propose a certificate for a completed course."""
    now = clock.now()
    with db.transaction() as session:
        completion = queries.get_completion(session, me(), request.form.get("completion_id", 0, type=row_id))
        proposal = operations.propose(session, completion, me(), now=now)
    flash(
        "제안했어요. 다른 분이 승인하면 수료증이 나와요."
        if proposal.proposed_at == now
        else "이미 제안한 수료증이에요. 승인을 기다리고 있어요.",
        "ok",
    )
    return redirect(url_for("certification.proposal", proposal_id=proposal.id))


@bp.get("/certification/proposals/<int:proposal_id>/")
@access(*ISSUERS)
def proposal(proposal_id: int) -> ResponseReturnValue:
    """Show a proposal to those who may decide, and to the one who made it."""
    session = db.session()
    found = queries.get_proposal(session, me(), proposal_id)
    return render_template(
        "certification/proposal.html",
        proposal=found,
        lines=standings.status_of(session, found.candidate_id) if found.candidate_id else (),
        facts=queries.describe_proposal(session, found),
        returns=queries.list_returns(session, found),
        is_mine=found.proposed_by_id == me().id,
        asked=corrections.find_of_proposal(session, found),
    )


@bp.post("/certification/proposals/<int:proposal_id>/approve")
@access(*ISSUERS)
def approve(proposal_id: int) -> ResponseReturnValue:
    """Issue the certificate, as the second person."""
    now = clock.now()
    with db.transaction() as session:
        found = queries.get_proposal(session, me(), proposal_id, decide=True)
        certificate = operations.approve(session, found, me(), now=now)
    flash(
        f"승인했어요. {certificate.word}을 만들고, 다 되면 받는 분께 알려 드려요."
        if certificate.issued_at == now
        else f"이미 승인한 {certificate.word}이에요.",
        "ok",
    )
    return redirect(url_for("certification.certificate", code=certificate.code))


@bp.route("/certification/proposals/<int:proposal_id>/decline", methods=["GET", "POST"])
@access(*ISSUERS)
def decline(proposal_id: int) -> ResponseReturnValue:
    """Send a proposal back with a reason."""
    found = queries.get_proposal(db.session(), me(), proposal_id, decide=True)
    address = url_for("certification.proposal", proposal_id=proposal_id)
    form = DeclineForm(request.form)
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            found = queries.get_proposal(session, me(), proposal_id, decide=True)
            reason = form.reason.data or ""
            operations.decline(session, found, me(), reason=reason, path=address, now=clock.now())
        if not form.errors and not form.form_errors:
            flash("돌려보냈어요. 제안한 분께 까닭을 알려 드려요.", "ok")
            return redirect(address)
    page = render_template(
        "certification/decline.html",
        form=form,
        facts=queries.describe_proposal(db.session(), found),
    )
    return page, form.status


@bp.get("/certification/certificates/<code>/")
@access(SIGNED_IN)
def certificate(code: str) -> ResponseReturnValue:
    """Show a certificate to its holder, trainers and operators."""
    session = db.session()
    found = queries.get_certificate(session, me(), code)
    is_issuer = not me().roles.isdisjoint(ISSUERS)
    history = [
        HistoryLine(
            HISTORY[event.kind].format(word=found.word),
            event.by_name or "장터배움",
            event.at,
            _note_of(event),
        )
        for event in queries.list_events(session, found)
        if is_issuer or event.kind not in {EventKind.DRIFTED, EventKind.ACCEPTED}
    ]
    return render_template(
        "certification/certificate.html",
        certificate=found,
        shown_code=codes.shown(found.code),
        history=history,
        is_holder=found.holder_id == me().id,
        place_in_menu="" if found.holder_id == me().id else "일감",
        may_revoke=is_issuer and found.holder_id != me().id and found.state is CertificateState.ACTIVE,
        may_retry=Role.OPERATOR in me().roles and found.due_at is not None,
        has_badge=artifacts.find(session, found.id, ArtifactKind.BADGE_PNG) is not None,
        life=life_page.parts_of(session, me(), found, now=clock.now()),
    )


def _note_of(event: queries.Event) -> str:
    """Return what a line of the history adds: of a hash its beginning, what a new one takes the place of."""
    if event.kind is EventKind.RENDERED and event.note:
        return f"파일 지문 {event.note[:12]}"
    if event.kind is EventKind.PROPOSED and event.note:
        return f"{event.note} 대신"
    return event.note


@bp.get("/certification/certificates/<code>.pdf")
@access(SIGNED_IN)
def download(code: str) -> ResponseReturnValue:
    """Hand out the document, the very bytes that were stored, to its holder, trainers and operators.

    One that is revoked is handed out too: it is what was issued, and `/v/<code>` says that it no longer
    stands.
    """
    found = queries.get_certificate(db.session(), me(), code)
    if found.document_key is None or found.pdf_sha256 is None:
        if found.is_revoked:
            raise NotFoundError(f"만들기 전에 취소된 {found.word}이라 내려받을 것이 없어요.")
        page = render_template("certification/early.html", certificate=found)
        return page, 503, {"Retry-After": str(DRAWN_WITHIN_S)}
    response = send_file(
        io.BytesIO(storage().get(found.document_key)),
        mimetype="application/pdf",
        as_attachment=True,
        download_name=f"{found.word} {found.number} {found.holder_name}.pdf",
        etag=found.pdf_sha256,
        last_modified=found.rendered_at,
    )
    response.headers["Cache-Control"] = "private, no-store"
    return response


@bp.route("/certification/certificates/<code>/revoke", methods=["GET", "POST"])
@access(*ISSUERS)
def revoke(code: str) -> ResponseReturnValue:
    """Take a certificate back for good."""
    found = queries.get_certificate_to_revoke(db.session(), me(), code)
    address = url_for("certification.certificate", code=code)
    form = RevokeForm(request.form)
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            found = queries.get_certificate_to_revoke(session, me(), code)
            why, reason = RevokeClass(form.why.data), form.reason.data or ""
            operations.revoke(session, found, me(), why=why, reason=reason, path=address, now=clock.now())
        if not form.errors and not form.form_errors:
            flash("취소했어요. 받은 분께 알려 드리고, 확인 화면에도 취소로 나와요.", "ok")
            return redirect(address)
    return render_template("certification/revoke.html", form=form, certificate=found), form.status


@bp.post("/certification/certificates/<code>/retry")
@access(Role.OPERATOR)
def retry(code: str) -> ResponseReturnValue:
    """Let a worker draw the document now."""
    with db.transaction() as session:
        found = queries.get_certificate(session, me(), code)
        operations.retry_render(session, found, me(), now=clock.now())
    flash("다시 만들고 있어요. 잠시 뒤에 이 화면을 새로 열어 보세요.", "ok")
    return redirect(url_for("certification.certificate", code=code))
