"""What programs need to check a certificate: who issues, with which keys, and what still stands."""

import io
import json
from typing import Any

from cryptography.hazmat.primitives import serialization
from flask import Blueprint, Response, current_app, jsonify, make_response, request, send_file
from flask.typing import ResponseReturnValue

from portal.accounts.login import me_or_nobody
from portal.certification import artifacts, awards, credential, keys, status_list
from portal.certification import qualifications as offered
from portal.certification.keys import KeysMissingError, Ring
from portal.certification.life_models import ArtifactKind
from portal.certification.operations import ISSUER_NAME
from portal.certification.vocabulary import Visibility
from portal.core import clock, db, settings
from portal.core.errors import NotFoundError, UnavailableError
from portal.core.storage import storage
from portal.courses import catalogue
from portal.web.access import ANYONE, access

bp = Blueprint("issuer", __name__)

LD_JSON, VC_JSON = "application/ld+json", "application/vc+ld+json"
KEYS_HOLD_S, STATUS_HOLDS_S = 300, 60
FORMS = {
    "json": (ArtifactKind.CREDENTIAL, VC_JSON),
    "jwt": (ArtifactKind.CREDENTIAL_JWT, "text/plain"),
    "svg": (ArtifactKind.BADGE_SVG, "image/svg+xml"),
    "png": (ArtifactKind.BADGE_PNG, "image/png"),
}


@bp.get("/.well-known/jwks.json")
@access(ANYONE)
def jwks() -> ResponseReturnValue:
    """List every key that ever signed here, the newest first."""
    public_url = settings.current().public_url
    listed = [credential.jwk_of(key, public_url=public_url) for key in reversed(_ring().keys)]
    return _open(jsonify({"keys": listed}), KEYS_HOLD_S)


@bp.get("/.well-known/did.json")
@access(ANYONE)
def did() -> ResponseReturnValue:
    """Say which keys our DID stands for, where it is our name; elsewhere the DID is the key itself."""
    current = settings.current()
    if not current.is_https:
        raise NotFoundError("이 주소에는 아무것도 없어요.")
    return _ld(credential.did_document(_ring(), public_url=current.public_url), KEYS_HOLD_S)


@bp.get("/certification/issuer.json")
@access(ANYONE)
def profile() -> ResponseReturnValue:
    """Say who issues."""
    said = credential.profile(ISSUER_NAME, _ring(), public_url=settings.current().public_url)
    return _ld({"@context": [credential.CREDENTIALS, credential.OPEN_BADGES], **said}, KEYS_HOLD_S)


@bp.get("/certification/keys/<name>.json")
@access(ANYONE)
def key(name: str) -> ResponseReturnValue:
    """Hand out the public half of one key, at the address that is its name."""
    found = next((each for each in _ring().keys if each.thumbprint == name), None)
    if found is None:
        raise NotFoundError("이 이름의 열쇠가 없어요.")
    return _open(jsonify(credential.jwk_of(found, public_url=settings.current().public_url)), KEYS_HOLD_S)


@bp.get("/certification/root.pem")
@access(ANYONE)
def root() -> ResponseReturnValue:
    """Hand out the certificate that a PDF reader must trust to trust our signatures."""
    pem = b"".join(each.public_bytes(serialization.Encoding.PEM) for each in _ring().roots())
    return _open(Response(pem, mimetype="application/x-pem-file"), KEYS_HOLD_S)


@bp.get("/certification/achievements/<about>.json")
@access(ANYONE)
def achievement(about: str) -> ResponseReturnValue:
    """Say what a course or qualification means to those who have it."""
    kind, _, name = about.partition("-")
    if kind == "course":
        title, number = _course_title(name), ""
    else:
        qualification = offered.current().get(name)
        title, number = qualification.title, qualification.registration_number
    said = credential.achievement(
        public_url=settings.current().public_url,
        about=about,
        title=title,
        registration_number=number,
        is_qualification=bool(number),
    )
    return _ld({"@context": [credential.CREDENTIALS, credential.OPEN_BADGES], **said}, KEYS_HOLD_S)


@bp.get("/certification/status/1")
@access(ANYONE)
def status() -> ResponseReturnValue:
    """Say which credentials no longer stand."""
    ring, public_url = _ring(), settings.current().public_url
    now, ended = clock.now(), status_list.list_ended(db.session())
    state = (f"{now:%Y-%m-%dT%H:%M}", ring.credential.thumbprint, tuple(ended))
    kept = current_app.extensions.get("portal_status_list")
    if kept is None or kept[0] != state:
        said = status_list.make(ended, ring, public_url=public_url, issuer_name=ISSUER_NAME, now=now)
        kept = current_app.extensions["portal_status_list"] = (state, said)
    return _ld(kept[1], STATUS_HOLDS_S, mimetype=VC_JSON)


@bp.get("/certification/credentials/<code>")
@access(ANYONE)
def resolve(code: str) -> ResponseReturnValue:
    """Hand out a credential at its own name: as JSON, or as JWT to those who ask for text."""
    wanted = request.accept_mimetypes.best_match([VC_JSON, LD_JSON, "application/json", "text/plain"])
    response = make_response(fetch(code, "jwt" if wanted == "text/plain" else "json"))
    response.headers.add("Vary", "Accept")
    return response


@bp.get("/certification/credentials/<code>.<any(json,jwt,svg,png):form>")
@access(ANYONE)
def fetch(code: str, form: str) -> ResponseReturnValue:
    """Hand out a credential or its badge, the very bytes that were stored, unless its holder hides it."""
    kind, mimetype = FORMS[form]
    certificate, artifact = artifacts.get_open(db.session(), me_or_nobody(), code, kind)
    response = send_file(
        io.BytesIO(storage().get(artifact.storage_key)),
        mimetype=mimetype,
        as_attachment="save" in request.args,
        download_name=f"{certificate.number}.{form}",
        etag=artifact.sha256,
    )
    if certificate.visibility is Visibility.OFF:
        response.headers["Cache-Control"] = "private, no-store"
        return response
    return _open(response, STATUS_HOLDS_S)


def _ring() -> Ring:
    try:
        return keys.current(settings.current())
    except KeysMissingError as error:
        raise UnavailableError("증서에 서명할 준비가 아직 안 됐어요. 조금 뒤에 다시 해 주세요.") from error


def _course_title(course_id: str) -> str:
    if catalogue.current().find_course(course_id) is None:
        raise NotFoundError("찾는 과정이 없어요.")
    return awards.course_title(course_id)


def _ld(said: dict[str, Any], holds_s: int, *, mimetype: str = LD_JSON) -> Response:
    written = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    return _open(Response(written, mimetype=mimetype), holds_s)


def _open(response: Response, holds_s: int) -> Response:
    """Let programs on any site read it, and keep it out of search engines."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cache-Control"] = f"public, max-age={holds_s}"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
