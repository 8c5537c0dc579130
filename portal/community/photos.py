"""Pictures beside what people write: taken in once, kept for a form that comes back, shown."""

from typing import Protocol

from flask import Response, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from wtforms import BooleanField, HiddenField

from portal.accounts.login import me
from portal.core import settings
from portal.core.pictures import clean_picture
from portal.core.storage import storage

KEPT_PHOTO_S = 24 * 3600
"""How long a returned form may keep its picture: she may finish it tomorrow morning."""


class PhotoForm(Protocol):
    """A form with a picture: the file itself is ``photo`` in what was sent."""

    kept_photo: HiddenField
    drop_photo: BooleanField


def keep(form: PhotoForm) -> None:
    """Take in a picture that was sent, so that a form that comes back need not have it chosen again."""
    upload = request.files.get("photo")
    if form.drop_photo.data:
        form.kept_photo.data = ""
    elif upload is not None and upload.filename:
        key = storage().put(clean_picture(upload.stream).content)
        form.kept_photo.data = _signer().dumps([me().id, key])
    elif kept_key(form) is None:
        form.kept_photo.data = ""


def kept_key(form: PhotoForm) -> str | None:
    """Return the key of the picture taken in for this person, if the form names one."""
    try:
        user_id, key = _signer().loads(form.kept_photo.data or "", max_age=KEPT_PHOTO_S)
    except BadSignature:
        return None
    return str(key) if user_id == me().id else None


def send(key: str) -> Response:
    """Return the picture under ``key``. A browser asks each time whether it may still have it."""
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
