"""Words of mentoring: where one sells, when one has time, how one likes to be taught, the four visits."""

from enum import StrEnum


class VisitKind(StrEnum):
    """How two people meet."""

    VISIT = "visit"
    PHONE = "phone"
    VIDEO = "video"


KIND_NAMES = {
    VisitKind.PHONE: "전화로 이야기하기",
    VisitKind.VISIT: "가게에서 만나기",
    VisitKind.VIDEO: "영상통화로 만나기",
}


class Channel(StrEnum):
    """Where a shop sells or wants to sell; the portal recommends none of them."""

    SMARTSTORE = "smartstore"
    COUPANG = "coupang"
    OPEN_MARKET = "open_market"
    KAKAO = "kakao"
    DELIVERY_APP = "delivery_app"
    MAP = "map"
    NEIGHBOURHOOD = "neighbourhood"
    LIVE = "live"


CHANNEL_NAMES = {
    Channel.SMARTSTORE: "스마트스토어",
    Channel.COUPANG: "쿠팡",
    Channel.OPEN_MARKET: "11번가·G마켓·옥션",
    Channel.KAKAO: "카카오 톡스토어·톡채널",
    Channel.DELIVERY_APP: "배달 앱",
    Channel.MAP: "지도에 가게 올리기",
    Channel.NEIGHBOURHOOD: "당근 같은 동네 앱",
    Channel.LIVE: "라이브 방송",
}


class DayPart(StrEnum):
    """A part of a day in Korea: 9 to 12, 12 to 18, 18 to 21 o'clock."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


DAY_PART_NAMES = {DayPart.MORNING: "오전", DayPart.AFTERNOON: "오후", DayPart.EVENING: "저녁"}
#: Minutes of the day in Korea from which and until which a part lasts.
DAY_PART_MINUTES = {
    DayPart.MORNING: (9 * 60, 12 * 60),
    DayPart.AFTERNOON: (12 * 60, 18 * 60),
    DayPart.EVENING: (18 * 60, 21 * 60),
}
WEEKDAY_NAMES = ("월", "화", "수", "목", "금", "토", "일")


class Manner(StrEnum):
    """How somebody likes to be taught, and how a mentor likes to teach."""

    STEP_BY_STEP = "step_by_step"
    ESSENTIALS = "essentials"


MANNER_NAMES = {
    Manner.STEP_BY_STEP: "하나씩 천천히, 여러 번 함께",
    Manner.ESSENTIALS: "중요한 것만 짧게",
}


class VisitStep(StrEnum):
    """The four visits and the month after them (domain research §1.4, §1.10)."""

    DIAGNOSE = "diagnose"
    MAKE = "make"
    ALONE = "alone"
    CHECK = "check"
    FOLLOW_UP = "follow_up"


STEP_NAMES = {
    VisitStep.DIAGNOSE: "진단",
    VisitStep.MAKE: "함께 만들기",
    VisitStep.ALONE: "혼자 해보기",
    VisitStep.CHECK: "점검",
    VisitStep.FOLLOW_UP: "한 달 살펴보기",
}


class Stage(StrEnum):
    """What an engagement waits for."""

    TIMES = "times"  # the mentor offers times
    CHOICE = "choice"  # the merchant chooses one
    MEETING = "meeting"  # the day comes
    LOG = "log"  # the mentor writes down what was done
    AFTER = "after"  # the four meetings are over
    PAUSED = "paused"  # either of the two begins again
    ENDED = "ended"


class Field(StrEnum):
    """What a specialist knows that a mentor need not."""

    TAX = "tax"
    LEGAL = "legal"
    LABOUR = "labour"


FIELD_NAMES = {Field.TAX: "세금(세무사)", Field.LEGAL: "계약·분쟁(변호사)", Field.LABOUR: "직원·노무(노무사)"}
