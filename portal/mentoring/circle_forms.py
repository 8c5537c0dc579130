"""Shapes of what opens a group, lets people in, and plans and writes down its meetings."""

from datetime import date, datetime, time, timedelta
from typing import Any

from wtforms import IntegerField, SelectField, SelectMultipleField, StringField
from wtforms.validators import (
    AnyOf,
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    ValidationError,
)

from portal.accounts.vocabulary import REGION_NAMES, TOPIC_NAMES
from portal.core.clock import KST
from portal.core.korean import hours_and_minutes
from portal.mentoring.forms import (
    KINDS,
    LINK_MAX_CHARS,
    PLACE_MAX_CHARS,
    TEXT_MAX_CHARS,
    choice_field,
    clock_field,
    is_safe_link,
    text_field,
)
from portal.mentoring.vocabulary import VisitKind
from portal.web.form import DayField, Form, KeyField, SelectChoice

NAME_MAX_CHARS = 40
GOAL_MAX_CHARS = 100
LOG_MAX_CHARS = 2000
PLACES_MIN, PLACES_MAX = 2, 30
MINUTES = (30, 60, 90, 120, 180)
_FROM_THE_LIST = "목록에 있는 것을 골라 주세요."
_PLACES = f"몇 분까지 함께할지 {PLACES_MIN}부터 {PLACES_MAX} 사이 숫자로 적어 주세요."


def _select(label: str, names: Any, message: str, hint: str = "") -> SelectField:
    return SelectField(
        label,
        [InputRequired(message), AnyOf([key.value for key in names], message)],
        choices=[
            SelectChoice("", "골라 주세요"),
            *(SelectChoice(key.value, name) for key, name in names.items()),
        ],
        validate_choice=False,
        description=hint,
    )


class CircleForm(Form):
    """A new group. The choices of the mentor are given by the view; it has none for a mentor."""

    name = StringField(
        "모임 이름",
        [
            DataRequired("모임 이름을 적어 주세요."),
            Length(2, NAME_MAX_CHARS, f"2자부터 {NAME_MAX_CHARS}자까지 적어 주세요."),
        ],
        description="시장 이름까지 적으면 찾기 쉬워요. 예: 망원시장 사진 모임",
    )
    region = _select("어느 지역인가요", REGION_NAMES, "지역을 골라 주세요.")
    topic = _select("무엇을 함께 배우나요", TOPIC_NAMES, "함께 배울 것을 골라 주세요.")
    goal = StringField(
        "모임을 마치면 할 수 있는 것",
        [
            DataRequired("모임을 마치면 무엇을 할 수 있는지 적어 주세요."),
            Length(max=GOAL_MAX_CHARS, message=f"{GOAL_MAX_CHARS}자까지 적어 주세요."),
        ],
        description="예: 상품 사진 세 장을 혼자 찍어 올려요.",
    )
    places = IntegerField(
        "몇 분까지 함께하나요", [InputRequired(_PLACES), NumberRange(PLACES_MIN, PLACES_MAX, _PLACES)]
    )
    mentor = SelectField(
        "이끄는 멘토님", [InputRequired("모임을 이끌 멘토님을 골라 주세요.")], validate_choice=False
    )
    key = KeyField()


class JoinForm(Form):
    """The number of a group, as it stands on a poster."""

    code = StringField(
        "모임 번호",
        [DataRequired("모임에서 받은 숫자 여덟 개를 적어 주세요.")],
        description="숫자 여덟 개예요. 예: 4821 0937",
    )


class MeetingForm(Form):
    """When and where a group meets, and what it will do."""

    day = DayField("날짜", [InputRequired("모일 날짜를 골라 주세요.")])
    time = clock_field("시각")
    minutes = SelectField(
        "얼마나 만날까요",
        [AnyOf([str(minutes) for minutes in MINUTES], _FROM_THE_LIST)],
        choices=[
            SelectChoice(str(minutes), hours_and_minutes(timedelta(minutes=minutes))) for minutes in MINUTES
        ],
        default="90",
        validate_choice=False,
    )
    kind = choice_field(
        "어떻게 만날까요",
        [(value, "시장이나 가게에서 만나기" if value == VisitKind.VISIT else name) for value, name in KINDS],
        "만나는 방법을 골라 주세요.",
        default="visit",
    )
    place = StringField(
        "만날 곳",
        [Length(max=PLACE_MAX_CHARS, message=f"{PLACE_MAX_CHARS}자까지 적어 주세요.")],
        description="직접 만날 때 적어 주세요. 예: 상인회 사무실 2층",
    )
    link = StringField(
        "영상통화 주소",
        [Length(max=LINK_MAX_CHARS, message="주소가 너무 길어요. 짧은 주소를 적어 주세요.")],
        description="영상통화로 만날 때만 적어 주세요. https://로 시작해요.",
    )
    plan = text_field(
        "함께 할 일",
        DataRequired("그날 함께 할 일을 한 줄 적어 주세요."),
        Length(max=TEXT_MAX_CHARS, message=f"{TEXT_MAX_CHARS}자까지 적어 주세요."),
        hint="예: 흰 종이 위에서 상품 사진을 세 장씩 찍어요. 휴대전화와 상품 하나를 가져오세요.",
    )
    key = KeyField()

    def validate_place(self, field: StringField) -> None:
        """Ask where, for those who go there."""
        if self.kind.data == VisitKind.VISIT and not field.data:
            raise ValidationError("만날 곳을 적어 주세요. 예: 상인회 사무실 2층")

    def validate_link(self, field: StringField) -> None:
        """Ask for the address where one is needed, and for one that is safe to press."""
        if self.kind.data == VisitKind.VIDEO and not field.data:
            raise ValidationError("영상통화를 여는 주소를 적어 주세요.")
        if field.data and not is_safe_link(field.data):
            raise ValidationError("주소는 https://로 시작하게 적어 주세요.")

    def starts_at(self) -> datetime:
        """Return the moment that was typed, once the form is well shaped."""
        return datetime.combine(self.day.data or date.min, time.fromisoformat(self.time.data or "15:00"), KST)


class MeetingLogForm(Form):
    """What a group did, and who was there. The names to tick are given by the view."""

    present = SelectMultipleField(
        "누가 오셨나요", [Optional()], description="오신 분을 모두 눌러 주세요.", validate_choice=False
    )
    log = text_field(
        "함께 한 일",
        DataRequired("함께 한 일을 한 줄이라도 적어 주세요."),
        Length(max=LOG_MAX_CHARS, message=f"{LOG_MAX_CHARS:,}자까지 적어 주세요."),
        hint="모임 모두가 읽어요. 예: 상품 사진을 세 장씩 찍었어요. 다음에는 올려 봐요.",
    )
