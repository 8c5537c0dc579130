"""Who may see a certificate, decide on a proposal and take a certificate back."""

from sqlalchemy import ColumnElement, and_, false, or_, true

from portal.accounts.models import User
from portal.certification.life_models import Batch
from portal.certification.models import Certificate, Proposal, ProposalState
from portal.core.roles import Role
from portal.courses.models import CourseCompletion

ISSUERS = (Role.TRAINER, Role.OPERATOR)
"""Those who decide about certificates; only a trainer proposes one."""


def may_view(user: User) -> ColumnElement[bool]:
    """Return the condition under which ``user`` may see a certificate: the holder, trainers, operators."""
    return true() if not user.roles.isdisjoint(ISSUERS) else Certificate.holder_id == user.id


def may_revoke(user: User) -> ColumnElement[bool]:
    """Return the condition under which ``user`` may revoke: trainers and operators, never their own."""
    is_issuer = not user.roles.isdisjoint(ISSUERS)
    return and_(Certificate.holder_id != user.id, true() if is_issuer else Certificate.id.is_(None))


def may_propose(user: User) -> ColumnElement[bool]:
    """Return the condition under which ``user`` may propose a certificate for a completion."""
    return CourseCompletion.learner_id != user.id


def may_see_proposal(user: User) -> ColumnElement[bool]:
    """Return the condition under which ``user`` may see a proposal: issuers, except the learner herself."""
    is_issuer = not user.roles.isdisjoint(ISSUERS)
    return and_(Proposal.learner_id != user.id, true() if is_issuer else Proposal.id.is_(None))


def may_decide(user: User) -> ColumnElement[bool]:
    """Return the condition under which ``user`` is the second person of a proposal that waits or waited."""
    return and_(may_see_proposal(user), Proposal.proposed_by_id != user.id)


def may_see_batch(user: User) -> ColumnElement[bool]:
    """Return the condition under which ``user`` may see a batch: trainers and operators."""
    return false() if user.roles.isdisjoint(ISSUERS) else Batch.id.is_not(None)


def is_standing() -> ColumnElement[bool]:
    """Return the condition under which a proposal keeps its completion from being proposed again."""
    return or_(Proposal.state == ProposalState.WAITING, Proposal.state == ProposalState.APPROVED)
