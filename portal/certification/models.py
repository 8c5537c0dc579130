"""Proposals, certificates, their templates and serial numbers, and what happened to them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.accounts.models import User
from portal.certification.qualification_models import Candidate
from portal.certification.vocabulary import RevokeClass, Visibility
from portal.core.db import Base, str_enum
from portal.core.i18n import noted
from portal.core.work import Work
from portal.courses.models import CourseCompletion


class ProposalState(StrEnum):
    """Where a proposal stands. ``revoked``: what it led to was taken back, so it may be proposed anew."""

    WAITING = "waiting"
    APPROVED = "approved"
    DECLINED = "declined"
    REVOKED = "revoked"


class CertificateKind(StrEnum):
    """수료증 of a course, or 자격증 of a qualification: other words, other numbers, other templates."""

    COMPLETION = "completion"
    QUALIFICATION = "qualification"


class CertificateState(StrEnum):
    """Whether a certificate stands. An active one past its last day is expired: that is not a state.

    Revoking is final; a correction and a renewal are another certificate, which supersedes this one.
    """

    ACTIVE = "active"
    SUPERSEDED = "superseded"
    REVOKED = "revoked"


_FIRST_STANDING = text("state IN ('waiting', 'approved') AND NOT is_replacement")
_ACTIVE = text("state = 'active'")


class Proposal(Base):
    """That a trainer proposes a certificate for one completed course or one candidate, and what came of it.

    One that replaces a certificate (a corrected name, a renewal) is decided like the first.
    """

    __tablename__ = "certificate_proposal"
    __table_args__ = (
        Index(
            "uq_certificate_proposal_standing",
            "completion_id",
            unique=True,
            sqlite_where=_FIRST_STANDING,
            postgresql_where=_FIRST_STANDING,
        ),
        Index(
            "uq_certificate_proposal_candidate",
            "candidate_id",
            unique=True,
            sqlite_where=_FIRST_STANDING,
            postgresql_where=_FIRST_STANDING,
        ),
        CheckConstraint("(completion_id IS NULL) <> (candidate_id IS NULL)", name="for_one"),
        CheckConstraint("(completion_id IS NULL) = (course_id IS NULL)", name="course"),
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
    completion_id: Mapped[int | None] = mapped_column(ForeignKey(CourseCompletion.id), index=True)
    candidate_id: Mapped[int | None] = mapped_column(ForeignKey(Candidate.id), index=True)
    #: Whether it takes the place of a certificate, as its `CertificateRequest` says.
    is_replacement: Mapped[bool] = mapped_column(default=False)
    learner_id: Mapped[int] = mapped_column(ForeignKey(User.id), index=True)
    course_id: Mapped[str | None]
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    proposed_at: Mapped[datetime]
    state: Mapped[ProposalState] = mapped_column(
        str_enum(ProposalState), default=ProposalState.WAITING, index=True
    )
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    decided_at: Mapped[datetime | None]
    #: What the proposer reads when it came back.
    decline_reason: Mapped[str] = mapped_column(default="")


class CertificateTemplate(Base):
    """One version of what a kind of certificate looks like and says; issued ones keep theirs."""

    __tablename__ = "certificate_template"
    __table_args__ = (
        UniqueConstraint("kind", "version"),
        CheckConstraint("version > 0 AND layout > 0", name="version"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[CertificateKind] = mapped_column(str_enum(CertificateKind))
    version: Mapped[int]
    #: The folder of the sheet and its style, ``document/<kind>-<layout>``: never changed once issued from.
    layout: Mapped[int]
    #: Wording, colour, signatures: the slots of the layout by name.
    slots: Mapped[dict[str, str]] = mapped_column(JSON)
    #: Null for the first one, which the portal brings along.
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    made_at: Mapped[datetime]


class Certificate(Work, Base):
    """One issued certificate: what it says is copied in when it is approved and never changes.

    It is due for a worker until its document is stored.
    """

    __tablename__ = "certificate"
    __table_args__ = (
        UniqueConstraint("series", "year", "serial"),
        Index(
            "uq_certificate_active",
            "holder_id",
            "course_id",
            unique=True,
            sqlite_where=_ACTIVE,
            postgresql_where=_ACTIVE,
        ),
        Index(
            "uq_certificate_active_qualification",
            "holder_id",
            "qualification_id",
            unique=True,
            sqlite_where=_ACTIVE,
            postgresql_where=_ACTIVE,
        ),
        CheckConstraint("(course_id IS NULL) <> (qualification_id IS NULL)", name="about_one"),
        CheckConstraint("kind <> 'qualification' OR length(registration_number) > 0", name="registered"),
        CheckConstraint("(state = 'superseded') = (superseded_at IS NOT NULL)", name="superseded"),
        CheckConstraint("serial > 0", name="serial"),
        CheckConstraint("length(code) = 24", name="code"),
        CheckConstraint(
            "(state = 'revoked') = (revoked_at IS NOT NULL)"
            " AND (state = 'revoked') = (revoked_by_id IS NOT NULL)"
            " AND (state = 'revoked') = (length(revoke_reason) > 0)"
            " AND (state = 'revoked') = (revoke_class IS NOT NULL)",
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
    kind: Mapped[CertificateKind] = mapped_column(
        str_enum(CertificateKind), default=CertificateKind.COMPLETION
    )
    course_id: Mapped[str | None]
    #: Set for 자격증, and for the 수료증 of a qualification that is not registered.
    qualification_id: Mapped[str | None]
    holder_name: Mapped[str]
    holder_hanja: Mapped[str] = mapped_column(default="")
    holder_latin: Mapped[str] = mapped_column(default="")
    #: What it is of: the course's title, or the qualification's with its grade.
    title: Mapped[str]
    #: 등록번호 of the private qualification; empty on every 수료증.
    registration_number: Mapped[str] = mapped_column(default="")
    #: A day in Korea, as the document prints it: completed, or earned (취득일).
    completed_on: Mapped[date]
    #: The last day on which it holds; null for ever.
    valid_until: Mapped[date | None]
    issuer_name: Mapped[str]
    approver_name: Mapped[str]
    #: What else the document prints, by the names its template uses.
    printed: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    template_id: Mapped[int | None] = mapped_column(ForeignKey(CertificateTemplate.id))
    #: ``C`` for 수료증, the qualification's own for 자격증.
    series: Mapped[str] = mapped_column(default="C")
    year: Mapped[int]
    #: Counts from 1 in each series and year without a gap.
    serial: Mapped[int]
    #: What people call it by: ``2026-C-00017``, ``DDD2-2026-000017``.
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
    pdf_sha256: Mapped[str | None] = mapped_column(index=True)
    rendered_at: Mapped[datetime | None]
    #: SHA-256 of the document before it was signed: what drawing it anew must give again.
    drawn_sha256: Mapped[str | None]
    #: When it was last drawn anew to compare; null until then.
    redrawn_at: Mapped[datetime | None] = mapped_column(index=True)
    #: Its place in the public status list; drawn by lot, so that neighbours tell nothing.
    status_index: Mapped[int | None] = mapped_column(unique=True)
    #: What the credential calls its holder, ``urn:uuid:…``; null for what was issued without one.
    credential_uuid: Mapped[str | None] = mapped_column(unique=True)
    visibility: Mapped[Visibility] = mapped_column(str_enum(Visibility), default=Visibility.BY_CODE)
    supersedes_id: Mapped[int | None] = mapped_column(ForeignKey("certificate.id"), unique=True)
    superseded_at: Mapped[datetime | None]
    #: When its holder is next reminded that it runs out; null when there is nothing to say.
    remind_at: Mapped[datetime | None] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None]
    revoked_by_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    revoke_class: Mapped[RevokeClass | None] = mapped_column(str_enum(RevokeClass))
    revoke_reason: Mapped[str] = mapped_column(default="")

    @property
    def is_revoked(self) -> bool:
        """Tell whether it was taken back."""
        return self.state is CertificateState.REVOKED

    @property
    def is_rendered(self) -> bool:
        """Tell whether its document is stored."""
        return self.pdf_sha256 is not None

    @property
    def word(self) -> str:
        """What it is called."""
        return noted("자격증") if self.kind is CertificateKind.QUALIFICATION else noted("수료증")


class SerialCounter(Base):
    """The last serial number of a series in a year. Its row is locked by the approval that takes the next."""

    __tablename__ = "certificate_serial"

    series: Mapped[str] = mapped_column(primary_key=True)
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
    SUPERSEDED = "superseded"
    REPRINTED = "reprinted"
    VISIBILITY = "visibility"
    SENT_AGAIN = "sent_again"
    DRIFTED = "drifted"
    ACCEPTED = "accepted"


class CertificateEvent(Base):
    """Who did what, when and why. Rows are only ever added, each sealed to the one before: see `chain`."""

    __tablename__ = "certificate_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey(Proposal.id), index=True)
    kind: Mapped[EventKind] = mapped_column(str_enum(EventKind))
    #: Null for what a worker did.
    by_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    at: Mapped[datetime]
    note: Mapped[str] = mapped_column(default="")
    #: Its place in the chain, from 1 without a gap.
    seq: Mapped[int] = mapped_column(unique=True)
    #: SHA-256 over the digest before it and what this line says.
    digest: Mapped[str]


class ChainHead(Base):
    """The last link of the chain of events. Its one row is locked by whoever adds the next."""

    __tablename__ = "certificate_chain"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int]
    digest: Mapped[str]
