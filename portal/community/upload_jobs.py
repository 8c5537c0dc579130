"""Removing the files of pictures that nothing names any more."""

from portal.community import uploads
from portal.community.moderation_models import Upload
from portal.core import clock, db, work
from portal.core.storage import storage

LEASE_S = uploads.REMOVE_WITHIN_S + 30


def remove_unused(upload_id: int) -> None:
    """Remove a picture's file unless something names it. Run twice, or killed half way, it is the same."""
    with db.transaction() as session:
        lease = work.claim(session, Upload, upload_id, now=clock.now(), lease_s=LEASE_S)
        if lease is None:
            return
        key = session.get_one(Upload, upload_id).picture_key
        is_named = uploads.is_named(session, key)
    try:
        if not is_named:
            storage().delete(key)
    except OSError as error:
        with db.transaction() as session:
            work.fail(session, Upload, upload_id, lease=lease, error=repr(error), now=clock.now())
        return
    with db.transaction() as session:
        work.finish(session, Upload, upload_id, lease=lease)
