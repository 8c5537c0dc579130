"""Certificates that stand in no database, and keys that lie in no house."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from portal.certification.models import CertificateKind
from portal.certification.queries import Facts

URL = "https://jangteo.example"
COMPLETION = Facts(
    id=1,
    kind=CertificateKind.COMPLETION,
    number="2026-C-00017",
    code="847362910384756102938475",
    holder_name="김순자",
    holder_hanja="",
    holder_latin="",
    title="온라인 판매 첫걸음",
    course_id="start",
    qualification_id=None,
    registration_number="",
    completed_on=date(2026, 1, 9),
    valid_until=None,
    issued_at=datetime(2026, 1, 12, 1, 0, 5, 678, tzinfo=UTC),
    issuer_name="장터배움",
    approver_name="한지우",
    printed={},
    template_id=None,
    status_index=94567,
    credential_uuid="urn:uuid:8c1b1b1e-27a5-4c6c-9b6f-0d9f5f6f1a11",
    holder_email="soonja@example.kr",
    layout=None,
    slots=None,
)
QUALIFICATION = replace(
    COMPLETION,
    kind=CertificateKind.QUALIFICATION,
    number="DDD2-2026-000017",
    title="디지털 유통설계사 2급",
    course_id=None,
    qualification_id="designer-2",
    registration_number="0000-000000",
    valid_until=date(2029, 1, 11),
)


def list_leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to each value that is neither a list nor a table."""
    if isinstance(value, dict):
        return [leaf for key, each in value.items() for leaf in list_leaves(each, (*path, key))]
    if isinstance(value, list):
        return [leaf for at, each in enumerate(value) for leaf in list_leaves(each, (*path, at))]
    return [path]
