"""The question bank, as staff look at it and add to it."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.login import me
from portal.certification import bank, gift_export, imports, papers
from portal.certification.bank_forms import ImportForm
from portal.certification.exam_models import ExamItem, ItemKind, ItemLevel
from portal.certification.gift import Item
from portal.certification.item_html import item_html
from portal.certification.policy import ISSUERS
from portal.core import clock, db
from portal.core.errors import DomainError
from portal.core.markdown import render_item
from portal.web.access import access

bp = Blueprint("bank", __name__, url_prefix="/desk/bank", template_folder="templates")

PAGE_SIZE = 50
SHOWN_PROBLEMS = 100
KIND_WORDS = {
    ItemKind.CHOICE: "하나 고르기",
    ItemKind.MULTIPLE: "여러 개 고르기",
    ItemKind.TRUE_FALSE: "맞아요·아니에요",
    ItemKind.NUMERIC: "숫자",
    ItemKind.SHORT: "짧은 답",
    ItemKind.MATCHING: "짝짓기",
    ItemKind.ESSAY: "글",
}


@bp.get("/")
@access(*ISSUERS)
def index() -> ResponseReturnValue:
    """List the banks with how many items each has."""
    counted = [
        (name, bank.title_of(name), sum(bank.count(db.session(), name).values())) for name in bank.banks()
    ]
    return render_template("certification/banks.html", banks=counted)


@bp.get("/<name>/")
@access(*ISSUERS)
def items(name: str) -> ResponseReturnValue:
    """Show a bank: how many items of each subject and level, and the items."""
    session, subjects = db.session(), bank.subjects_of(name)
    subject = request.args.get("subject", "")
    page = request.args.get("page", 1, type=int) or 1
    offset = (min(max(page, 1), 100) - 1) * PAGE_SIZE
    found = bank.search(session, name, subject=subject, offset=offset, limit=PAGE_SIZE + 1)
    counts = bank.count(session, name)
    return render_template(
        "certification/bank.html",
        name=name,
        title=bank.title_of(name),
        subjects=subjects,
        subject=subject,
        rows=[
            (title, *(str(counts.get((key, level.value), 0)) for level in ItemLevel))
            for key, title in subjects.items()
        ],
        items=found[:PAGE_SIZE],
        stems={item.id: item_html(item.content["stem"]).striptags() for item in found[:PAGE_SIZE]},
        kinds=KIND_WORDS,
        levels=papers.LEVEL_WORDS,
        next_href=url_for(".items", name=name, subject=subject or None, page=page + 1)
        if len(found) > PAGE_SIZE
        else "",
        imported=imports.list_last(session, name),
    )


@bp.get("/<name>/items/<item>/")
@access(*ISSUERS)
def item(name: str, item: str) -> ResponseReturnValue:
    """Show an item: its newest version, the versions before it, and where it was used."""
    session = db.session()
    versions = bank.versions(session, name, item)
    newest = versions[0]
    case = newest.content.get("case")
    return render_template(
        "certification/item.html",
        name=name,
        title=bank.title_of(name),
        item=newest,
        versions=versions,
        stem=render_item(newest.content["stem"]),
        case_text=render_item(case["text"]) if case else "",
        uses=bank.uses(session, [each.id for each in versions]),
        kind=KIND_WORDS[newest.kind],
        level=papers.LEVEL_WORDS[newest.level],
        subject=bank.subjects_of(name).get(newest.subject, newest.subject),
        may_retire=newest.retired_at is None and all(each.made_by_id for each in versions),
    )


@bp.post("/<name>/items/<item>/retire")
@access(*ISSUERS)
def retire(name: str, item: str) -> ResponseReturnValue:
    """Take an item out of use."""
    with db.transaction() as session:
        bank.retire(session, bank.versions(session, name, item)[0], now=clock.now())
    flash("이제 새 시험지에 넣지 않아요. 이미 만든 시험지는 그대로예요.", "ok")
    return redirect(url_for(".item", name=name, item=item))


@bp.get("/<name>/export.gift")
@access(*ISSUERS)
def export(name: str) -> ResponseReturnValue:
    """Hand out the bank's items in use as GIFT."""
    title = bank.title_of(name)
    rows = bank.search(db.session(), name, limit=5_000)
    written = f"// {title}\n\n{gift_export.export(map(_item, rows))}"
    headers = {"Content-Disposition": f"attachment; filename={name}.gift", "Cache-Control": "no-store"}
    return Response(written, content_type="text/plain; charset=utf-8", headers=headers)


def _item(row: ExamItem) -> Item:
    return Item(row.name, row.subject, row.level.value, row.kind.value, row.content, "", 0)


@bp.route("/<name>/import", methods=["GET", "POST"])
@access(*ISSUERS)
def hand_in(name: str) -> ResponseReturnValue:
    """Take a file of items to look through; nothing changes yet."""
    title, form = bank.title_of(name), ImportForm(request.form)
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            file_name, raw = _sent_file()
            imported = imports.hand_in(
                session,
                me(),
                bank_name=name,
                file_name=file_name,
                raw=raw,
                now=clock.now(),
            )
        if not form.errors and not form.form_errors:
            return redirect(url_for(".look", name=name, import_id=imported.id))
    return render_template("certification/item_import.html", form=form, name=name, title=title), form.status


def _sent_file() -> tuple[str, bytes]:
    """Return the name and the bytes of the file that was sent. Raises DomainError for none."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise DomainError("올릴 파일을 골라 주세요.", field="file")
    try:
        return sent.filename, sent.stream.read(imports.MOST_BYTES + 1)
    finally:
        sent.close()


@bp.get("/<name>/import/<int:import_id>/")
@access(*ISSUERS)
def look(name: str, import_id: int) -> ResponseReturnValue:
    """Show what a file would change, or what is wrong with it by line."""
    session = db.session()
    imported = imports.get(session, name, import_id)
    found = imports.look(session, imported)
    return render_template(
        "certification/item_look.html",
        name=name,
        title=bank.title_of(name),
        imported=imported,
        found=found,
        problems=found.parsed.problems[:SHOWN_PROBLEMS],
        more=max(len(found.parsed.problems) - SHOWN_PROBLEMS, 0),
    )


@bp.post("/<name>/import/<int:import_id>/apply")
@access(*ISSUERS)
def apply(name: str, import_id: int) -> ResponseReturnValue:
    """Take a looked-through file over."""
    with db.transaction() as session:
        report = imports.apply(session, imports.get(session, name, import_id), me(), now=clock.now())
    flash(f"반영했어요. 새 문항 {report['new']}개, 바뀐 문항 {report['changed']}개예요.", "ok")
    return redirect(url_for(".items", name=name))
