"""The public verification: by a code, by many codes, by the file itself, and of the whole record.

Nobody signs in here, nothing is kept of what people bring, and search engines see none of it.
"""

from datetime import date

from flask import Response, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from portal.certification import (
    bulk_check,
    chain,
    check_by_file,
    codes,
    holders,
    qualifications,
    queries,
    standing,
    statements,
)
from portal.certification.forms import CodeForm
from portal.certification.life_forms import CodesForm, FileForm
from portal.certification.views import bp
from portal.certification.vocabulary import Visibility
from portal.core import clock, db, pace
from portal.core.errors import DomainError, TooManyError
from portal.web.access import ANYONE, access
from portal.web.addresses import row_id
from portal.web.errors import wants_json

TYPING_ERROR = "적힌 번호에 맞지 않는 숫자가 있어요. 종이의 번호와 하나씩 맞춰 봐 주세요."
UNKNOWN = "이 번호로 나간 증서나 확인서가 없어요. 번호를 한 번 더 봐 주세요."
NOT_OURS = (
    "이 파일은 장터배움이 준 파일과 똑같지 않아요."
    " 다시 저장하거나 스캔하면 달라져요. 적힌 확인 번호로 확인해 주세요."
)
TOO_OFTEN = "짧은 사이에 여러 번 확인했어요. 1분만 쉬었다가 다시 해 주세요."
ANSWERS_A_MINUTE, LISTS_A_MINUTE, FILES_A_MINUTE = 300, 40, 60
"""For one address. Thirty people of a classroom share one and stay far below."""


@bp.get("/v/")
@access(ANYONE)
def verify_by_typing() -> ResponseReturnValue:
    """Ask for a code, and go to its page once it can be one."""
    form = CodeForm(request.args)
    if "code" not in request.args:
        return _public(render_template("certification/verify_form.html", form=form))
    if form.validate():
        code = codes.normalise(form.code.data or "")
        if codes.is_well_formed(code):
            return _public(redirect(url_for("certification.verify", code=code)))
        form.code.data, form.code.errors = codes.shown(code), [_typing_error(code)]
    return _public(render_template("certification/verify_form.html", form=form), 422)


@bp.get("/v/<code>")
@access(ANYONE)
def verify(code: str) -> ResponseReturnValue:
    """Say to anybody whether a certificate or statement stands, in words or as JSON."""
    if wants_json():
        _keep_pace("verify by program", ANSWERS_A_MINUTE)
    code = codes.normalise(code)
    found = queries.find_certificate(db.session(), code) if codes.is_well_formed(code) else None
    if found is None:
        return _verify_statement(code)
    now = clock.now()
    if wants_json():
        return _public(jsonify(standing.facts_for_strangers(found, now=now)))
    page = render_template(
        "certification/verify.html",
        certificate=found,
        is_hidden=found.visibility is Visibility.OFF,
        status=standing.status_of(found, now=now),
        words=standing.WORDS,
        why_revoked=standing.WHY_REVOKED[found.revoke_class] if found.revoke_class else "",
        shown_code=codes.shown(found.code),
        by_file="file" in request.args,
    )
    return _public(page)


@bp.route("/v/file", methods=["GET", "POST"])
@access(ANYONE)
def verify_by_file() -> ResponseReturnValue:
    """Say whether a file is one that was issued, byte for byte."""
    form, status = FileForm(request.form), 200
    if request.method == "POST":
        _keep_pace("verify by file", FILES_A_MINUTE)
        content = _read_upload()
        if not content:
            form.file.errors = ["확인할 파일을 골라 주세요."]
        elif len(content) > check_by_file.MAX_BYTES:
            form.file.errors = ["5MB보다 큰 파일이에요. 장터배움이 준 파일은 모두 1MB보다 작아요."]
        elif (found := check_by_file.find(db.session(), content)) is not None:
            return _public(redirect(url_for("certification.verify", code=found.code, file=1)))
        else:
            form.file.errors = [NOT_OURS]
        status = 422
    return _public(render_template("certification/verify_file.html", form=form), status)


@bp.route("/v/list", methods=["GET", "POST"])
@access(ANYONE)
def verify_many() -> ResponseReturnValue:
    """Check many codes at once, as a table or as a file for a spreadsheet."""
    form, lines = CodesForm(request.form), []
    if form.submitted():
        _keep_pace("verify many", LISTS_A_MINUTE)
        try:
            lines = bulk_check.check(db.session(), form.codes.data or "", now=clock.now())
        except DomainError as error:
            form.refuse(error)
    if lines and request.form.get("as") == "csv":
        answer = _public(bulk_check.to_csv(lines))
        answer.headers["Content-Type"] = "text/csv; charset=utf-8"
        answer.headers["Content-Disposition"] = 'attachment; filename="check.csv"'
        return answer
    page = render_template(
        "certification/verify_list.html",
        form=form,
        lines=lines,
        rows=[line.shown for line in lines],
        headings=bulk_check.SHOWN,
        good=sum(line.result == standing.WORDS[standing.Status.ACTIVE] for line in lines),
    )
    return _public(page, form.status)


@bp.get("/certification/<qualification_id>/holders")
@access(ANYONE)
def list_holders(qualification_id: str) -> ResponseReturnValue:
    """List those who hold a qualification and chose to be found."""
    qualification = qualifications.current().get(qualification_id)
    before_id = request.args.get("before", 0, type=row_id)
    found = holders.list_listed(db.session(), qualification.id, now=clock.now(), before_id=before_id)
    shown, next_href = found[: holders.PAGE_SIZE], ""
    if len(found) > len(shown):
        last_id = shown[-1].certificate_id
        next_href = url_for(".list_holders", qualification_id=qualification.id, before=last_id)
    return _public(
        render_template(
            "certification/holders.html",
            qualification=qualification,
            holders=shown,
            register_url=qualifications.REGISTER_URL,
            next_href=next_href,
        )
    )


@bp.get("/certification/timeline")
@access(ANYONE)
def timeline() -> ResponseReturnValue:
    """Show what seals the record of each day, for anybody to copy and to compare later."""
    before = _day(request.args.get("before", ""))
    days = chain.list_days(db.session(), before=before)
    if request.args.get("as") == "text":
        text = "".join(f"{each.day} {each.seq} {each.digest}\n" for each in days)
        return _public(Response(text, mimetype="text/plain"))
    count, digest = chain.newest(db.session())
    return _public(
        render_template(
            "certification/timeline.html",
            days=days,
            rows=[(f"{each.day} · {each.seq}줄", each.digest) for each in days],
            before=before,
            count=count,
            digest=digest,
            next_href=url_for(".timeline", before=days[-1].day) if len(days) == chain.DAYS else "",
        )
    )


def _verify_statement(code: str) -> Response:
    """Say whether a statement of a mentor's activity stands; any other code is unknown."""
    found = statements.find(db.session(), code)
    if found is None:
        return _unknown(code)
    if wants_json():
        return _public(jsonify(statements.facts_for_strangers(found)))
    page = render_template(
        "certification/verify_statement.html",
        statement=found,
        facts=statements.facts_of(found),
        status=statements.status_of(found),
        shown_code=codes.shown(found.code),
    )
    return _public(page)


def _unknown(code: str) -> Response:
    if wants_json():
        return _public(jsonify({"error": {"status": 404, "message": UNKNOWN, "field": None}}), 404)
    form = CodeForm(MultiDict({"code": codes.shown(code)}))
    form.code.errors = [UNKNOWN if codes.is_well_formed(code) else _typing_error(code)]
    return _public(render_template("certification/verify_form.html", form=form), 404)


def _typing_error(code: str) -> str:
    """Say what is wrong with a code that cannot be one: how many digits there are, or that some are wrong."""
    count = sum(letter.isdigit() for letter in code)
    if count == 0:
        return f"번호를 다시 봐 주세요. 모두 숫자 {codes.LENGTH}자리예요."
    if count != codes.LENGTH:
        how_many = f"{count}자리만 적혔어요." if count < codes.LENGTH else f"{count}자리가 적혔어요."
        return f"{how_many} 모두 {codes.LENGTH}자리예요."
    return TYPING_ERROR


def _public(answer: ResponseReturnValue, status: int = 200) -> Response:
    """Keep what strangers see out of search engines and out of other sites' logs."""
    response = make_response(answer)
    if status != 200:
        response.status_code = status
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers.add("Vary", "Accept")
    return response


def _read_upload() -> bytes:
    """Return what was sent, no more than shows that it is too large; the server's copy goes at once."""
    upload = request.files.get("file")
    if upload is None:
        return b""
    with upload.stream as stream:
        return stream.read(check_by_file.MAX_BYTES + 1)


def _keep_pace(what: str, most: int) -> None:
    """Raise TooManyError when one address asks more than ``most`` times a minute."""
    try:
        pace.check(what, request.remote_addr or "", most=most, within_s=60)
    except TooManyError as error:
        raise TooManyError(TOO_OFTEN) from error


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
