"""Pages about what becomes of a certificate: its name, its renewal, who sees it, and printing it again."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.login import me
from portal.certification import (
    codes,
    corrections,
    deliveries,
    holders,
    names,
    queries,
    renewals,
    reprints,
    standing,
)
from portal.certification.forms import CodeForm
from portal.certification.life_forms import (
    CorrectionForm,
    NameForm,
    ReprintForm,
    RequestDeclineForm,
    VisibilityForm,
)
from portal.certification.models import Certificate
from portal.certification.names import Wanted
from portal.certification.policy import ISSUERS
from portal.certification.reprints import Check, Shown
from portal.certification.vocabulary import Visibility
from portal.core import clock, db
from portal.core.errors import NotFoundError
from portal.web.access import SIGNED_IN, access, safe_next

bp = Blueprint("life", __name__, template_folder="templates")

#: Where a word to the holder stands on one channel: the badge, and what it says.


@bp.route("/certification/name", methods=["GET", "POST"])
@access(SIGNED_IN)
def name() -> ResponseReturnValue:
    """Ask a person how to be printed, and lead back to where that was asked for."""
    back = safe_next(request.args.get("next"))
    kept = names.find(db.session(), me())
    form = NameForm(request.form, obj=kept, data=None if kept else {"name": me().name})
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            printed = names.confirm(session, me(), _wanted(form), now=clock.now()).name
        if not form.errors and not form.form_errors:
            flash(f"이름을 확인했어요. 앞으로 나오는 증서는 {printed} 님으로 인쇄해요.", "ok")
            return redirect(back or url_for("certification.index"))
    return render_template("certification/name.html", form=form, kept=kept, back=back), form.status


@bp.route("/certification/certificates/<code>/correct", methods=["GET", "POST"])
@access(SIGNED_IN)
def correct(code: str) -> ResponseReturnValue:
    """Let a holder ask for a corrected name."""
    found = queries.get_own(db.session(), me(), code)
    printed = {"name": found.holder_name, "hanja": found.holder_hanja, "latin": found.holder_latin}
    form = CorrectionForm(request.form, data=printed)
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            found = queries.get_own(session, me(), code)
            reason = form.reason.data or ""
            corrections.ask(session, found, me(), _wanted(form), reason=reason, now=clock.now())
        if not form.errors and not form.form_errors:
            flash("부탁을 보냈어요. 살펴보고 새 증서를 드려요. 지금 증서는 그때까지 그대로예요.", "ok")
            return redirect(_page_of(found))
    return render_template("certification/correct.html", form=form, certificate=found), form.status


@bp.route("/certification/certificates/<code>/renew", methods=["GET", "POST"])
@access(SIGNED_IN)
def renew(code: str) -> ResponseReturnValue:
    """Show a holder how the certificate goes on, and let her ask for it."""
    found, now = queries.get_own(db.session(), me(), code), clock.now()
    if request.method == "POST":
        with db.transaction() as session:
            renewals.ask(session, queries.get_own(session, me(), code), me(), now=now)
        flash("갱신을 부탁했어요. 두 분이 살펴보고 새 증서를 드려요.", "ok")
        return redirect(_page_of(found))
    renewable = renewals.find(db.session(), found, now=now)
    if renewable is None:
        raise NotFoundError("이 증서는 갱신하지 않아도 돼요.")
    return render_template(
        "certification/renew.html",
        certificate=found,
        renewable=renewable,
        asked=corrections.find_under_way(db.session(), found.id),
    )


@bp.route("/certification/certificates/<code>/visibility", methods=["GET", "POST"])
@access(SIGNED_IN)
def visibility(code: str) -> ResponseReturnValue:
    """Let a holder choose what strangers see."""
    found = queries.get_own(db.session(), me(), code)
    form = VisibilityForm(request.form, visibility=found.visibility.value)
    if found.qualification_id is None:
        form.leave_out_the_list()
    if form.submitted():
        chosen = Visibility(form.visibility.data)
        with form.show_refusal(), db.transaction() as session:
            holders.choose(session, queries.get_own(session, me(), code), me(), chosen, now=clock.now())
        if not form.errors and not form.form_errors:
            flash("보이는 범위를 바꿨어요.", "ok")
            return redirect(_page_of(found))
    return render_template("certification/visibility.html", form=form, certificate=found), form.status


@bp.get("/certification/reprint")
@access(*ISSUERS)
def find_to_reprint() -> ResponseReturnValue:
    """Ask for the number of a certificate to print for its holder."""
    form = CodeForm(request.args)
    if "code" in request.args and form.validate():
        code = codes.normalise(form.code.data or "")
        if queries.find_certificate(db.session(), code) is not None:
            return redirect(url_for(".reprint", code=code))
        form.code.errors = ["이 번호로 나간 증서가 없어요. 번호를 한 번 더 봐 주세요."]
    status = 422 if form.errors else 200
    return render_template("certification/reprint_find.html", form=form), status


@bp.route("/certification/certificates/<code>/reprint", methods=["GET", "POST"])
@access(*ISSUERS)
def reprint(code: str) -> ResponseReturnValue:
    """Print a certificate for its holder after looking at an identity card."""
    found, now = queries.get_certificate(db.session(), me(), code), clock.now()
    form = ReprintForm(request.form)
    if form.submitted():
        check = Check(bool(form.is_holder.data), Shown(form.shown.data), form.place.data or "")
        with form.show_refusal(), db.transaction() as session:
            reprints.note_print(session, queries.get_certificate(session, me(), code), me(), check, now=now)
        if not form.errors and not form.form_errors:
            flash("적어 두었어요. 이제 파일을 내려받아 인쇄해 주세요.", "ok")
            return redirect(_page_of(found))
    page = render_template(
        "certification/reprint.html",
        form=form,
        certificate=found,
        status=standing.status_of(found, now=now),
    )
    return page, form.status


@bp.post("/certification/certificates/<code>/send-again")
@access(*ISSUERS)
def send_again(code: str) -> ResponseReturnValue:
    """Tell the holder once more."""
    with db.transaction() as session:
        found = queries.get_certificate(session, me(), code)
        deliveries.send_again(session, found, me(), path=_page_of(found), now=clock.now())
    flash("다시 보냈어요. 밤에는 아침까지 기다렸다가 보내요.", "ok")
    return redirect(_page_of(found))


@bp.get("/certification/requests/")
@access(*ISSUERS)
def requests() -> ResponseReturnValue:
    """List what holders ask for and nobody has taken up."""
    asked = corrections.list_waiting(db.session(), me())
    return render_template("certification/requests.html", asked=asked)


@bp.route("/certification/requests/<int:request_id>/", methods=["GET", "POST"])
@access(*ISSUERS)
def request_page(request_id: int) -> ResponseReturnValue:
    """Show a holder's request; a POST sends it back with a reason."""
    asked = corrections.get(db.session(), me(), request_id)
    form = RequestDeclineForm(request.form)
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            asked = corrections.get(session, me(), request_id)
            reason = form.reason.data or ""
            corrections.decline(session, asked.request, me(), reason=reason, now=clock.now())
        if not form.errors and not form.form_errors:
            flash("돌려보냈어요. 부탁한 분께 까닭을 알려 드려요.", "ok")
            return redirect(url_for(".requests"))
    return render_template("certification/request.html", asked=asked, form=form), form.status


@bp.post("/certification/requests/<int:request_id>/take-up")
@access(*ISSUERS)
def take_up(request_id: int) -> ResponseReturnValue:
    """Propose what a holder asked for, as the first of two people."""
    with db.transaction() as session:
        asked = corrections.get(session, me(), request_id)
        proposal = corrections.take_up(session, asked.request, me(), now=clock.now())
    flash("제안했어요. 다른 분이 승인하면 새 증서가 나와요.", "ok")
    return redirect(url_for("certification.proposal", proposal_id=proposal.id))


def _wanted(form: NameForm) -> Wanted:
    return Wanted(form.name.data or "", form.hanja.data or "", form.latin.data or "")


def _page_of(certificate: Certificate) -> str:
    return url_for("certification.certificate", code=certificate.code)
