"""Pages of what certificates look like: the versions, a draft, how it would look, and taking it."""

import io

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.login import me
from portal.certification import designs, redrawing
from portal.certification.design_forms import AcceptForm, DesignForm, color_choices
from portal.certification.models import CertificateKind
from portal.core import clock, db
from portal.core.errors import NotFoundError
from portal.core.roles import Role
from portal.core.storage import storage
from portal.web.access import access
from portal.web.addresses import row_id

bp = Blueprint("designs", __name__, template_folder="templates")

NAMES = {CertificateKind.COMPLETION: "수료증", CertificateKind.QUALIFICATION: "자격증"}


@bp.get("/desk/designs/")
@access(Role.OPERATOR)
def index() -> ResponseReturnValue:
    """List the versions of each kind."""
    session = db.session()
    kinds = [
        (kind, NAMES[kind], designs.slots_in_use(session, kind), designs.list_versions(session, kind))
        for kind in CertificateKind
    ]
    return render_template("certification/designs.html", kinds=kinds, colors=designs.COLORS)


@bp.route("/desk/designs/<kind>/new", methods=["GET", "POST"])
@access(Role.OPERATOR)
def edit(kind: str) -> ResponseReturnValue:
    """Write what the next version would say, beginning with the version in use or with a draft."""
    of = _kind_of(kind)
    begun = request.args.get("draft", type=row_id)
    session = db.session()
    slots = designs.get_draft(session, begun).slots if begun else designs.slots_in_use(session, of)
    form = DesignForm(request.form, data=slots)
    form.color.choices = color_choices(designs.COLORS)
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            draft = designs.draft(
                session, of, form.slots, me(), form_key=form.key.data or "", now=clock.now()
            )
        if not form.errors and not form.form_errors:
            return redirect(url_for(".draft", draft_id=draft.id))
    page = render_template(
        "certification/design.html",
        form=form,
        kind=kind,
        name=NAMES[of],
        placeholders=designs.PLACEHOLDERS[of],
    )
    return page, form.status


@bp.get("/desk/designs/drafts/<int:draft_id>/")
@access(Role.OPERATOR)
def draft(draft_id: int) -> ResponseReturnValue:
    """Show a draft: still being drawn, drawn, refused, or taken."""
    found = designs.get_draft(db.session(), draft_id)
    return render_template(
        "certification/design_draft.html",
        draft=found,
        name=NAMES[found.kind],
        color=designs.COLORS[found.slots["color"]],
    )


@bp.get("/desk/designs/drafts/<int:draft_id>.pdf")
@access(Role.OPERATOR)
def preview(draft_id: int) -> ResponseReturnValue:
    """Hand out what a draft would look like, marked as a sample."""
    found = designs.get_draft(db.session(), draft_id)
    if found.preview_key is None:
        raise NotFoundError("아직 그리지 못했어요. 초안 화면을 잠시 뒤에 새로 열어 보세요.")
    return send_file(
        io.BytesIO(storage().get(found.preview_key)),
        mimetype="application/pdf",
        download_name=f"{NAMES[found.kind]} 견본 {found.id}.pdf",
        etag=found.preview_key,
    )


@bp.post("/desk/designs/drafts/<int:draft_id>/publish")
@access(Role.OPERATOR)
def publish(draft_id: int) -> ResponseReturnValue:
    """Make a draft the next version."""
    with db.transaction() as session:
        made = designs.publish(session, draft_id, me(), now=clock.now())
    flash(f"이제부터 나가는 {NAMES[made.kind]}에 써요. 이미 나간 것은 그대로예요.", "ok")
    return redirect(url_for(".index"))


def _kind_of(word: str) -> CertificateKind:
    if word not in {each.value for each in CertificateKind}:
        raise NotFoundError("찾는 증서가 없어요. 목록에서 다시 골라 주세요.")
    return CertificateKind(word)


@bp.route("/desk/designs/drift/<code>", methods=["GET", "POST"])
@access(Role.OPERATOR)
def accept(code: str) -> ResponseReturnValue:
    """Accept with a reason that documents come out differently with the tools there are now."""
    drifted = redrawing.get_drifted(db.session(), code)
    form = AcceptForm(request.form)
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            redrawing.accept(session, code, me(), reason=form.reason.data or "", now=clock.now())
        if not form.errors and not form.form_errors:
            flash("받아들였어요. 나간 증서는 그대로예요. 앞으로는 지금 모양과 견줘요.", "ok")
            return redirect(url_for("desk.jobs"))
    return render_template("certification/drift.html", form=form, drifted=drifted), form.status
