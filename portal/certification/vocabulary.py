"""Words that rows, rules and forms of certification share."""

from enum import StrEnum


class RevokeClass(StrEnum):
    """Why a certificate was taken back, as strangers are told."""

    ERROR = "error"
    MISCONDUCT = "misconduct"
    REQUEST = "request"


class Visibility(StrEnum):
    """What of a certificate strangers see: a list of holders, only by its code, or only whether it stands."""

    LISTED = "listed"
    BY_CODE = "by_code"
    OFF = "off"
