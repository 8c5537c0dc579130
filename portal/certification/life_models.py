"""What is stored of a certificate, printed names, requests for another one, drafts of templates, batches."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.accounts.models import User
from portal.certification.models import Certificate, CertificateKind, CertificateTemplate, Proposal
from portal.core.db import Base, str_enum
from portal.core.work import Work

_UNDER_WAY = text("state IN ('waiting', 'proposed')")


class ArtifactKind(StrEnum):
    """What is stored of a certificate."""

    PDF = "pdf"
    CREDENTIAL = "credential"
    CREDENTIAL_JWT = "credential_jwt"
    BADGE_SVG = "badge_svg"
    BADGE_PNG = "badge_png"


class Artifact(Base):
    """The bytes of one thing that was issued, by their place and hash, and which key signed them."""

    __tablename__ = "certificate_artifact"
    __table_args__ = (UniqueConstraint("certificate_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    certificate_id: Mapped[int] = mapped_column(ForeignKey(Certificate.id))
    kind: Mapped[ArtifactKind] = mapped_column(str_enum(ArtifactKind))
    storage_key: Mapped[str]
    sha256: Mapped[str]
    #: The key that signed it; empty for what carries another's signature.
    key_id: Mapped[str] = mapped_column(default="")
    made_at: Mapped[datetime]


class PrintedName(Base):
    """How somebody wants to be printed, as they confirmed it."""

    __tablename__ = "printed_name"

    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), primary_key=True)
    name: Mapped[str]
    hanja: Mapped[str] = mapped_column(default="")
    latin: Mapped[str] = mapped_column(default="")
    confirmed_at: Mapped[datetime]


class RequestKind(StrEnum):
    """Why a holder asks for another certificate in the place of one."""

    CORRECTION = "correction"
    RENEWAL = "renewal"


class RequestState(StrEnum):
    """Where a holder's request stands. ``proposed``: somebody took it up, a second person decides.

    A proposal that is declined declines the request with it.
    """

    WAITING = "waiting"
    PROPOSED = "proposed"
    DECLINED = "declined"


class CertificateRequest(Base):
    """That a holder asks for a corrected or renewed certificate."""

    __tablename__ = "certificate_request"
    __table_args__ = (
        Index(
            "uq_certificate_request_under_way",
            "certificate_id",
            unique=True,
            sqlite_where=_UNDER_WAY,
            postgresql_where=_UNDER_WAY,
        ),
        CheckConstraint("(state = 'waiting') = (decided_by_id IS NULL)", name="decided"),
        CheckConstraint("state <> 'declined' OR length(decline_reason) > 0", name="declined_has_reason"),
        CheckConstraint("kind <> 'correction' OR length(name) > 0", name="correction_has_name"),
        CheckConstraint("(state = 'proposed') = (proposal_id IS NOT NULL)", name="proposed"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    certificate_id: Mapped[int] = mapped_column(ForeignKey(Certificate.id), index=True)
    kind: Mapped[RequestKind] = mapped_column(str_enum(RequestKind))
    name: Mapped[str] = mapped_column(default="")
    hanja: Mapped[str] = mapped_column(default="")
    latin: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    asked_at: Mapped[datetime]
    state: Mapped[RequestState] = mapped_column(
        str_enum(RequestState), default=RequestState.WAITING, index=True
    )
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    decided_at: Mapped[datetime | None]
    decline_reason: Mapped[str] = mapped_column(default="")
    proposal_id: Mapped[int | None] = mapped_column(ForeignKey(Proposal.id), unique=True)


class TemplateDraft(Work, Base):
    """What somebody would have a kind of certificate look like, due for a worker until it is drawn to see."""

    __tablename__ = "certificate_template_draft"

    kind: Mapped[CertificateKind] = mapped_column(str_enum(CertificateKind))
    slots: Mapped[dict[str, str]] = mapped_column(JSON)
    made_by_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    made_at: Mapped[datetime]
    form_key: Mapped[str] = mapped_column(unique=True)
    #: Where the storage keeps what it would look like.
    preview_key: Mapped[str | None]
    #: The version it became.
    template_id: Mapped[int | None] = mapped_column(ForeignKey(CertificateTemplate.id), unique=True)


class Batch(Work, Base):
    """Many proposals that one person made and another approves at once; a worker issues them one by one."""

    __tablename__ = "certificate_batch"
    __table_args__ = (
        CheckConstraint("decided_by_id <> proposed_by_id", name="second_person"),
        CheckConstraint("(decided_by_id IS NULL) = (decided_at IS NULL)", name="decided"),
    )

    title: Mapped[str]
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    proposed_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    decided_at: Mapped[datetime | None]
    form_key: Mapped[str] = mapped_column(unique=True)


class BatchLine(Base):
    """One proposal of a batch and what came of it; drawn or not is the certificate's to say."""

    __tablename__ = "certificate_batch_line"

    batch_id: Mapped[int] = mapped_column(ForeignKey(Batch.id), primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey(Proposal.id), primary_key=True, unique=True)
    #: When it was approved; null while it waits or failed.
    done_at: Mapped[datetime | None]
    #: Why it was not approved, in a sentence for the operator.
    error: Mapped[str] = mapped_column(default="")
