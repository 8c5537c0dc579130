"""Taking in the picture of a form, so that a form that comes back need not have it chosen again."""

from typing import Protocol

from flask import Response, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from wtforms import BooleanField, HiddenField

from portal.accounts.login import me
from portal.community import uploads
from portal.core import clock, db, settings
from portal.core.pictures import clean_picture
from portal.core.storage import storage

KEPT_PHOTO_S = 24 * 3600
"""How long a returned form may keep its picture: she may finish it tomorrow morning."""


class PhotoForm(Protocol):
    """A form with a picture: the one kept since it came back, and whether to leave it out."""

    kept_photo: HiddenField
    drop_photo: BooleanField


def keep(form: PhotoForm) -> None:
    """Take in a picture that was sent with ``form``. Raises DomainError for what is none."""
    upload = request.files.get("photo")
    if form.drop_photo.data:
        form.kept_photo.data = ""
    elif upload is not None and upload.filename:
        form.kept_photo.data = _signer().dumps([me().id, store(clean_picture(upload.stream).content)])
    elif kept_key(form) is None:
        form.kept_photo.data = ""


def store(content: bytes) -> str:
    """Store a cleaned picture of the signed-in person and return its key.

    Raises TooManyError for more pictures than an hour may hold.
    """
    key = storage().key_of(content)
    with db.transaction() as session:
        uploads.note(session, me().id, key, now=clock.now())
    return storage().put(content)


def kept_key(form: PhotoForm) -> str | None:
    """Return the key of the picture taken in for this person, if the form names one that is still here."""
    try:
        user_id, key = _signer().loads(form.kept_photo.data or "", max_age=KEPT_PHOTO_S)
    except BadSignature:
        return None
    return str(key) if user_id == me().id and storage().has(str(key)) else None


def send(key: str) -> Response:
    """Return the picture under ``key``. A browser asks each time whether it is still the same."""
    answer = Response(
        storage().get(key),
        mimetype="image/jpeg",
        headers={
            "Cache-Control": "private, no-cache",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Content-Disposition": 'inline; filename="photo.jpg"',
        },
    )
    answer.set_etag(key)
    answer.make_conditional(request)
    return answer


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings.current().secret_key, salt="community.photo")
