"""Pages for coming in, going out, and one's own account."""

import logging
from smtplib import SMTPException

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts import codes, limits, login, operations, queries
from portal.accounts.consents import read_texts
from portal.accounts.forms import CodeForm, PasswordForm, ProfileForm, SignInForm, SignUpForm
from portal.accounts.identifier import is_email, normalise, shown
from portal.accounts.login import me, me_or_nobody
from portal.accounts.models import ConsentKind, User
from portal.accounts.vocabulary import REGION_NAMES, Region
from portal.core import clock, db, passwords, settings, sms
from portal.core.dated_text import DatedText
from portal.core.i18n import LANGUAGES
from portal.core.i18n import gettext as _
from portal.core.mail import UnsureError, post
from portal.web.access import ANYONE, SIGNED_IN, access, safe_next
from portal.web.language import choose_language, chosen_language, in_english
from portal.web.shell import CONTRASTS, DISPLAY_COOKIE, TEXT_SIZES, read_display

bp = Blueprint("accounts", __name__, url_prefix="/account", template_folder="templates")

log = logging.getLogger(__name__)

YEAR_S = 365 * 24 * 3600


def consent_texts() -> dict[ConsentKind, DatedText]:
    """Return the texts people agree to, in their current versions."""
    return read_texts(settings.current().content_dir / "consents")


@bp.route("/sign-in", methods=["GET", "POST"])
@access(ANYONE)
@in_english
def sign_in() -> ResponseReturnValue:
    """Come in by password, or ask for a code when the password is left empty."""
    form = SignInForm(request.form)
    if form.submitted():
        with form.show_refusal():
            identifier = normalise(form.identifier.data or "")
            if form.password.data:
                return _sign_in_by_password(identifier, form.password.data)
            return _send_code(identifier, newcomer=None)
    return render_template("accounts/sign_in.html", form=form, next=_next()), form.status


@bp.route("/sign-up", methods=["GET", "POST"])
@access(ANYONE)
@in_english
def sign_up() -> ResponseReturnValue:
    """Ask to join; the account is made once the code sent to it comes back."""
    form = SignUpForm(request.form)
    if form.submitted():
        with form.show_refusal():
            identifier = normalise(form.identifier.data or "")
            return _send_code(identifier, newcomer=_newcomer(form))
    return render_template(
        "accounts/sign_up.html", form=form, texts=consent_texts(), next=_next()
    ), form.status


@bp.route("/code", methods=["GET", "POST"])
@access(ANYONE)
@in_english
def code() -> ResponseReturnValue:
    """Take the six digits and come in."""
    form = CodeForm(request.form)
    browser = login.browser_nonce()
    waiting = codes.find_waiting(db.session(), browser=browser, now=clock.now())
    if waiting is None and request.method == "GET":
        return redirect(url_for("accounts.sign_in", next=_next()))
    if form.submitted():
        with form.show_refusal():
            return _enter_by_code(browser, form.code.data or "")
    return render_template(
        "accounts/code.html",
        form=form,
        sent_to=shown(waiting.identifier) if waiting else "",
        by_mail=bool(waiting) and is_email(waiting.identifier if waiting else ""),
        is_joining=bool(waiting and waiting.consents),
        demo_code=login.demo_code() if waiting else "",
        next=_next(),
    ), form.status


@bp.post("/sign-out")
@access(SIGNED_IN)
@in_english
def sign_out() -> ResponseReturnValue:
    """End this device's session."""
    with db.transaction() as session:
        operations.close_sign_in(session, token=login.session_token(), now=clock.now())
    login.end_session()
    flash(_("나왔어요. 다음에 또 오세요."), "ok")
    answer = redirect(url_for("desk.home"))
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'  # lessons and drafts kept for offline
    return answer


@bp.route("/", methods=["GET", "POST"])
@access(SIGNED_IN)
@in_english
def index() -> ResponseReturnValue:
    """Show and change one's own account."""
    user, now = me(), clock.now()
    consents = queries.list_consents(db.session(), user)
    has_news = any(consent.kind == ConsentKind.NEWS for consent in consents)
    form = ProfileForm(
        request.form,
        data={
            "name": user.name,
            "shop_name": user.shop_name,
            "business_type": user.business_type,
            "region": user.region.value if user.region else "",
            "news": has_news,
        },
    )
    if form.submitted():
        _save_profile(form)
        flash(_("바뀐 내용을 저장했어요."), "ok")
        return redirect(url_for("accounts.index"))
    return render_template(
        "accounts/index.html",
        form=form,
        user=user,
        consents=consents,
        texts=consent_texts(),
        devices=queries.list_devices(db.session(), user, now=now),
        this_device=operations.hash_token(login.session_token()),
        region_names=REGION_NAMES,
    ), form.status


@bp.route("/password", methods=["GET", "POST"])
@access(SIGNED_IN)
@in_english
def password() -> ResponseReturnValue:
    """Make or change the password; every other device is signed out."""
    form = PasswordForm(request.form)
    has_password = me().password_hash is not None
    token_hash = operations.hash_token(login.session_token())
    is_asked = has_password and not queries.has_just_used_code(
        db.session(), token_hash=token_hash, now=clock.now()
    )
    if form.submitted():
        with form.show_refusal():
            _change_password(form, is_asked=is_asked)
        if not form.errors:
            changed = _("비밀번호를 바꿨어요. 다른 기기에서는 모두 나왔어요.")
            made = _("비밀번호를 만들었어요. 다른 기기에서는 모두 나왔어요.")
            flash(changed if has_password else made, "ok")
            return redirect(url_for("accounts.index"))
    page = render_template("accounts/password.html", form=form, has_password=has_password, is_asked=is_asked)
    return page, form.status


@bp.post("/devices/<int:sign_in_id>/end")
@access(SIGNED_IN)
@in_english
def end_device(sign_in_id: int) -> ResponseReturnValue:
    """Sign another of one's own devices out."""
    with db.transaction() as session:
        device = queries.get_device(session, me(), sign_in_id)
        operations.close_device(session, device, now=clock.now())
    flash(_("그 기기를 내보냈어요."), "ok")
    return redirect(url_for("accounts.index"))


@bp.post("/display")
@access(ANYONE)
@in_english
def display() -> ResponseReturnValue:
    """Keep text size, contrast and language: with the account, and in this browser for visitors."""
    text_size, contrast = read_display()
    if request.form.get("text") in dict(TEXT_SIZES):
        text_size = request.form["text"]
    if request.form.get("contrast") in CONTRASTS:
        contrast = request.form["contrast"]
    language = request.form.get("language")
    if language in LANGUAGES:
        choose_language(language)
    user = me_or_nobody()
    if user is not None:
        with db.transaction():
            operations.set_display(user, text_size=text_size, contrast=contrast)
            if language in LANGUAGES:
                operations.set_language(user, language)
    response = make_response(redirect(_next()))
    response.set_cookie(
        DISPLAY_COOKIE,
        f"{text_size}.{contrast}",
        max_age=YEAR_S,
        samesite="Lax",
        httponly=True,
        secure=settings.current().is_https,
    )
    return response


@bp.get("/terms")
@access(ANYONE)
def terms() -> ResponseReturnValue:
    """Show the terms of use."""
    return render_template("accounts/text.html", text=consent_texts()[ConsentKind.TERMS])


@bp.get("/privacy")
@access(ANYONE)
def privacy() -> ResponseReturnValue:
    """Show how personal data is used."""
    return render_template("accounts/text.html", text=consent_texts()[ConsentKind.PRIVACY])


@bp.get("/news")
@access(ANYONE)
def news() -> ResponseReturnValue:
    """Show what is sent to those who asked for news."""
    return render_template("accounts/text.html", text=consent_texts()[ConsentKind.NEWS])


def _next() -> str:
    asked = request.form.get("next") or request.args.get("next")
    return safe_next(asked) or url_for("desk.home")


def _address() -> str:
    return request.remote_addr or ""


def _sign_in_by_password(identifier: str, password: str) -> ResponseReturnValue:
    address, now = _address(), clock.now()
    user = operations.find_by_password(
        db.session(), identifier=identifier, password=password, address=address, now=now
    )
    if user is None:
        with db.transaction() as session:
            limits.note_failure(session, identifier=identifier, address=address, now=now)
        raise operations.wrong_password()
    password_hash = operations.renewed_hash(user, password)
    with db.transaction():
        user.password_hash = password_hash
    return _come_in(user)


def _change_password(form: PasswordForm, *, is_asked: bool) -> None:
    user, address, now = me(), _address(), clock.now()
    account = f"password of {user.id}"
    limits.check(db.session(), identifier=account, address=address, now=now)
    if is_asked and not operations.knows_password(user, form.current.data or ""):
        with db.transaction() as session:
            limits.note_failure(session, identifier=account, address=address, now=now)
        raise operations.wrong_current_password()
    password_hash = operations.make_password_hash(user, form.password.data or "")
    with db.transaction() as session:
        operations.set_password(
            session, user, password_hash=password_hash, keep_token=login.session_token(), now=now
        )


def _send_code(identifier: str, *, newcomer: codes.Newcomer | None) -> ResponseReturnValue:
    browser, now = login.browser_nonce(), clock.now()
    with db.transaction() as session:
        code = codes.make_code(
            session, identifier=identifier, browser=browser, address=_address(), newcomer=newcomer, now=now
        )
    if code is not None:
        _post_code(identifier, code, message_id=f"code-{browser}-{now.timestamp()}")
    if settings.current().is_demo:
        login.keep_demo_code(code)
    return redirect(url_for("accounts.code", next=_next()))


def _post_code(identifier: str, code: str, *, message_id: str) -> None:
    text = _("[장터배움] 들어가기 숫자 %(code)s\n아무에게도 알려 주지 마세요.", code=code)
    try:
        if is_email(identifier):
            subject = _("들어가기 숫자를 보내 드려요")
            post().send_mail(to=identifier, subject=subject, text=text, message_id=message_id)
        else:
            message = sms.write(text, subject=_("장터배움 들어가기 숫자"))
            post().send_sms(to=identifier, message=message, message_id=message_id)
    except (OSError, SMTPException, UnsureError) as error:
        # The next page looks the same whether or not there is such an account, so a failure must not show.
        log.warning("A one-time code could not be sent: %r", error)


def _newcomer(form: SignUpForm) -> codes.Newcomer:
    password = form.password.data
    texts = consent_texts()
    kinds = [ConsentKind.TERMS, ConsentKind.PRIVACY, *([ConsentKind.NEWS] if form.news.data else [])]
    return codes.Newcomer(
        name=form.name.data or "",
        password_hash=passwords.hash_password(password) if password else None,
        consents={kind: texts[kind].version for kind in kinds},
    )


def _enter_by_code(browser: str, typed: str) -> ResponseReturnValue:
    now = clock.now()
    with db.transaction() as session:
        used = codes.use_code(session, browser=browser, typed=typed, now=now)
        user = queries.find_user(session, used.identifier) if used else None
        is_new = used is not None and user is None
        if used is not None and user is None:
            user = operations.sign_up(
                session,
                identifier=used.identifier,
                name=used.name,
                password_hash=used.password_hash,
                consents=codes.agreed(used),
                display=login.visitor_display(),
                language=chosen_language(),
                now=now,
            )
    if user is None:
        raise codes.wrong_code()
    if not is_new:
        return _come_in(user, by_code=True)
    answer = _come_in(user, by_way_of="desk.tour", by_code=True)
    flash(_("가입했어요. 반가워요, 사장님."), "ok")
    return answer


def _come_in(user: User, *, by_way_of: str = "", by_code: bool = False) -> ResponseReturnValue:
    """Open the session and go where the person wanted to go; who is new sees the first pages before."""
    following = url_for(by_way_of, page=1, next=_next()) if by_way_of else _next()
    with db.transaction() as session:
        token = operations.open_sign_in(
            session, user, device=login.device(), by_code=by_code, now=clock.now()
        )
    login.start_session(user, token=token)
    return redirect(following)


def _save_profile(form: ProfileForm) -> None:
    with db.transaction() as session:
        operations.set_profile(
            me(),
            name=form.name.data or "",
            shop_name=form.shop_name.data or "",
            business_type=form.business_type.data or "",
            region=Region(form.region.data) if form.region.data else None,
        )
        version = consent_texts()[ConsentKind.NEWS].version if form.news.data else None
        operations.set_news_consent(session, me(), version=version, now=clock.now())
