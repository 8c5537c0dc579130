"""Refusals a person can act on. Only `portal.web.errors` knows their HTTP statuses.

DomainError               the request makes sense but a rule refuses it (422)
├── NotFoundError         there is no such thing, or it is not for this person (404)
├── ForbiddenError        it may be seen but not changed (403)
├── ConflictError         somebody was first, or the state does not allow it (409)
├── TooManyError          too often in too short a time (429)
└── UnavailableError      a part we need does not answer just now (503)
"""


class DomainError(Exception):
    """A refusal; ``message`` is the Korean sentence the person reads, ``field`` the input it is about."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class NotFoundError(DomainError):
    """There is no such thing, or it is not for this person."""


class ForbiddenError(DomainError):
    """It may be seen by this person, but not changed."""


class ConflictError(DomainError):
    """The state does not allow it (any more)."""


class TooManyError(DomainError):
    """Too often in too short a time."""


class UnavailableError(DomainError):
    """A part we need does not answer just now."""
