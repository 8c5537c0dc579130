"""What a person may be. A role adds screens to one account; it never makes a second one."""

from enum import StrEnum


class Role(StrEnum):
    """A role an account can hold. Everybody who signs up is a merchant."""

    MERCHANT = "merchant"
    TRAINEE = "trainee"
    MENTOR = "mentor"
    TRAINER = "trainer"
    OPERATOR = "operator"


STAFF = frozenset({Role.MENTOR, Role.TRAINER, Role.OPERATOR})
"""Those who have a desk (일감)."""
