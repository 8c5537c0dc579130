"""Reminding holders that a certificate runs out."""

from flask import current_app

from portal.certification import renewals
from portal.certification.models import Certificate
from portal.core import clock, db


def remind(certificate_id: int) -> None:
    """Tell one holder, once for each moment: told and the next moment set in one transaction."""
    with db.transaction() as session:
        certificate = db.lock(session, Certificate, certificate_id)
        path = current_app.url_map.bind("").build("certification.certificate", {"code": certificate.code})
        renewals.remind(session, certificate_id, path=path, now=clock.now())
