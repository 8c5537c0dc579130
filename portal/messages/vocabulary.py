"""The words of notices: what they are about, how they travel, how often, and on which days of the market."""

from collections.abc import Mapping
from enum import StrEnum


class Kind(StrEnum):
    """What a notice is about, as its reader would sort it."""

    ANSWERS = "answers"
    VISITS = "visits"
    LEARNING = "learning"
    CERTIFICATES = "certificates"
    WORK = "work"
    NEWS = "news"


class Channel(StrEnum):
    """How a notice leaves the house; in the portal it stands always."""

    SMS = "sms"
    EMAIL = "email"


class Pace(StrEnum):
    """How soon a notice leaves on a channel."""

    NOW = "now"
    DAILY = "daily"
    WEEKLY = "weekly"
    NEVER = "never"


class MarketDays(StrEnum):
    """The days of a market held every five days, by the last digits of its dates."""

    NONE = "none"
    ONE = "1-6"
    TWO = "2-7"
    THREE = "3-8"
    FOUR = "4-9"
    FIVE = "5-10"


KIND_NAMES: Mapping[Kind, str] = {
    Kind.ANSWERS: "답과 질문",
    Kind.VISITS: "약속",
    Kind.LEARNING: "배우기",
    Kind.CERTIFICATES: "자격",
    Kind.WORK: "일감",
    Kind.NEWS: "소식",
}
KIND_HINTS: Mapping[Kind, str] = {
    Kind.ANSWERS: "내 질문에 답이 왔을 때",
    Kind.VISITS: "만날 시간이 왔거나 약속이 바뀌었을 때",
    Kind.LEARNING: "보내신 연습이나 알려 주신 곳을 살펴봤을 때",
    Kind.CERTIFICATES: "수료증이 나왔을 때",
    Kind.WORK: "맡은 질문과 확인할 것이 왔을 때",
    Kind.NEWS: "새 과정이 열렸을 때",
}
CHANNEL_NAMES: Mapping[Channel, str] = {Channel.SMS: "문자", Channel.EMAIL: "이메일"}
PACE_NAMES: Mapping[Pace, str] = {
    Pace.NOW: "바로",
    Pace.DAILY: "하루 한 번",
    Pace.WEEKLY: "한 주에 한 번",
    Pace.NEVER: "안 받기",
}
MARKET_NAMES: Mapping[MarketDays, str] = {
    MarketDays.NONE: "장날 없음",
    MarketDays.ONE: "1·6일 장",
    MarketDays.TWO: "2·7일 장",
    MarketDays.THREE: "3·8일 장",
    MarketDays.FOUR: "4·9일 장",
    MarketDays.FIVE: "5·10일 장",
}

USUAL: Mapping[Kind, Pace] = {
    Kind.ANSWERS: Pace.NOW,
    Kind.VISITS: Pace.NOW,
    Kind.LEARNING: Pace.DAILY,
    Kind.CERTIFICATES: Pace.NOW,
    Kind.WORK: Pace.NOW,
    Kind.NEWS: Pace.WEEKLY,
}
"""How soon who has said nothing is told: what somebody waits for at once, the rest together."""

QUIET_FROM, QUIET_UNTIL = 21, 8
"""Nothing leaves from nine in the evening until eight in the morning, Korean time."""
QUIET_FROM_CHOICES, QUIET_UNTIL_CHOICES = range(18, QUIET_FROM + 1), range(QUIET_UNTIL, 13)
"""Hours a person may choose: the quiet may be longer, never shorter, so that news never comes at night."""


def usual_pace(kind: Kind, channel: Channel, *, has_phone: bool) -> Pace:
    """Return how soon a notice leaves unless its reader chose: by text message, by e-mail without a phone."""
    return Pace.NEVER if channel is Channel.EMAIL and has_phone else USUAL[kind]
