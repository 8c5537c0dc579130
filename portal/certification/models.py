"""Proposals, certificates, their serial numbers, and what happened to them."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.accounts.models import User
from portal.core.db import Base, str_enum
from portal.core.work import Work
from portal.courses.models import CourseCompletion


class ProposalState(StrEnum):
    """Where a proposal stands. ``revoked``: what it led to was taken back, so it may be proposed anew."""

    WAITING = "waiting"
    APPROVED = "approved"
    DECLINED = "declined"
    REVOKED = "revoked"


class CertificateState(StrEnum):
    """Whether a certificate stands. Revoking is final; a correction is another certificate."""

    ACTIVE = "active"
    REVOKED = "revoked"


_STANDING = text("state IN ('waiting', 'approved')")
_ACTIVE = text("state = 'active'")


class Proposal(Base):
    """That a trainer proposes a certificate for one completed course, and what a second person decided."""

    __tablename__ = "certificate_proposal"
    __table_args__ = (
        Index(
            "uq_certificate_proposal_standing",
            "completion_id",
            unique=True,
            sqlite_where=_STANDING,
            postgresql_where=_STANDING,
        ),
        CheckConstraint("decided_by_id <> proposed_by_id", name="second_person"),
        CheckConstraint(
            "learner_id <> proposed_by_id AND (decided_by_id IS NULL OR learner_id <> decided_by_id)",
            name="not_for_oneself",
        ),
        CheckConstraint(
            "(state = 'waiting') = (decided_by_id IS NULL) AND (state = 'waiting') = (decided_at IS NULL)",
            name="decided",
        ),
        CheckConstraint("state <> 'declined' OR length(decline_reason) > 0", name="declined_has_reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    completion_id: Mapped[int] = mapped_column(ForeignKey(CourseCompletion.id), index=True)
    learner_id: Mapped[int] = mapped_column(ForeignKey(User.id), index=True)
    course_id: Mapped[str]
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    proposed_at: Mapped[datetime]
    state: Mapped[ProposalState] = mapped_column(str_enum(ProposalState), default=ProposalState.WAITING)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    decided_at: Mapped[datetime | None]
    #: What the proposer reads when it came back.
    decline_reason: Mapped[str] = mapped_column(default="")


class Certificate(Work, Base):
    """One issued certificate: what it says is copied in when it is approved and never changes.

    It is due for a worker until its document is stored.
    """

    __tablename__ = "certificate"
    __table_args__ = (
        UniqueConstraint("year", "serial"),
        Index(
            "uq_certificate_active",
            "holder_id",
            "course_id",
            unique=True,
            sqlite_where=_ACTIVE,
            postgresql_where=_ACTIVE,
        ),
        CheckConstraint("serial > 0", name="serial"),
        CheckConstraint("length(code) = 24", name="code"),
        CheckConstraint(
            "(state = 'revoked') = (revoked_at IS NOT NULL)"
            " AND (state = 'revoked') = (revoked_by_id IS NOT NULL)"
            " AND (state = 'revoked') = (length(revoke_reason) > 0)",
            name="revoked_has_reason",
        ),
        CheckConstraint(
            "(document_key IS NULL) = (pdf_sha256 IS NULL)"
            " AND (document_key IS NULL) = (rendered_at IS NULL)",
            name="rendered",
        ),
    )

    proposal_id: Mapped[int] = mapped_column(ForeignKey(Proposal.id), unique=True)
    holder_id: Mapped[int] = mapped_column(ForeignKey(User.id), index=True)
    course_id: Mapped[str]
    holder_name: Mapped[str]
    course_title: Mapped[str]
    #: A day in Korea, as the document prints it.
    completed_on: Mapped[date]
    issuer_name: Mapped[str]
    approver_name: Mapped[str]
    year: Mapped[int]
    #: Counts from 1 in each year without a gap.
    serial: Mapped[int]
    #: What people call it by: ``2026-C-00017``.
    number: Mapped[str] = mapped_column(unique=True)
    #: What proves it to strangers; see `codes`.
    code: Mapped[str] = mapped_column(unique=True)
    state: Mapped[CertificateState] = mapped_column(
        str_enum(CertificateState), default=CertificateState.ACTIVE
    )
    issued_at: Mapped[datetime]
    #: Where the storage keeps the bytes; null until they are drawn, then served unchanged for ever.
    document_key: Mapped[str | None]
    #: Kept apart from the key: what we promise the public stays a SHA-256 if the storage changes its keys.
    pdf_sha256: Mapped[str | None]
    rendered_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoked_by_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    revoke_reason: Mapped[str] = mapped_column(default="")

    @property
    def is_revoked(self) -> bool:
        """Tell whether it was taken back."""
        return self.state is CertificateState.REVOKED

    @property
    def is_rendered(self) -> bool:
        """Tell whether its document is stored."""
        return self.pdf_sha256 is not None


class SerialCounter(Base):
    """The last serial number given out in a year. Its row is locked by the approval that takes the next."""

    __tablename__ = "certificate_serial"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class EventKind(StrEnum):
    """What can happen to a proposal and its certificate."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    DECLINED = "declined"
    RENDERED = "rendered"
    RETRIED = "retried"
    REVOKED = "revoked"


class CertificateEvent(Base):
    """Who did what, when and why. Rows are only ever added."""

    __tablename__ = "certificate_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey(Proposal.id), index=True)
    kind: Mapped[EventKind] = mapped_column(str_enum(EventKind))
    #: Null for what a worker did.
    by_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    at: Mapped[datetime]
    note: Mapped[str] = mapped_column(default="")
