"""Shapes of what merchants and mentors send."""

import re
from datetime import date, datetime, time, timedelta
from typing import Any

from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import (
    AnyOf,
    DataRequired,
    InputRequired,
    Length,
    Optional,
    ValidationError,
)

from portal.accounts.vocabulary import REGION_NAMES, TOPIC_NAMES
from portal.core.clock import KST
from portal.core.korean import clock_time, hours_and_minutes
from portal.mentoring.vocabulary import (
    CHANNEL_NAMES,
    DAY_PART_NAMES,
    KIND_NAMES,
    MANNER_NAMES,
    WEEKDAY_NAMES,
    Channel,
    DayPart,
    Manner,
    VisitKind,
)
from portal.mentoring.wishes import Wishes
from portal.web.form import DayField, Form, KeyField, SelectChoice, tidy

KINDS = tuple((kind.value, name) for kind, name in KIND_NAMES.items())
"""By telephone first: it asks the least of a shop that cannot be left."""
MINUTES = (30, 60, 90, 120)
TEXT_MAX_CHARS = 500
PLACE_MAX_CHARS = 60
MARKET_MAX_CHARS = 40
ID_MAX_DIGITS = 10
_WHICH = "보이는 것 가운데에서 골라 주세요."
LINK_MAX_CHARS = 300
_SAFE_LINK = re.compile(r"https://[^\s<>\"'\\]+\Z")
_WHICH_REGION = "가게가 있는 곳을 골라 주세요."

_HALF_HOURS = [time(minutes // 60, minutes % 60) for minutes in range(6 * 60, 21 * 60 + 31, 30)]


def _one_newline(text: str | None) -> str | None:
    """Browsers send two characters for the end of a line; people count one."""
    return text.replace("\r\n", "\n") if isinstance(text, str) else text


def text_field(label: str, *validators: Any, hint: str = "") -> TextAreaField:
    """Return a field of several lines."""
    return TextAreaField(label, list(validators), filters=[tidy, _one_newline], description=hint)


def choice_field(label: str, choices: Any, message: str, **kwargs: Any) -> RadioField:
    """Return a radio group whose refusals are all the one Korean sentence."""
    values = [str(value) for value, _ in choices]
    validators = [InputRequired(message), AnyOf(values, message)]
    offered = [SelectChoice(str(value), name) for value, name in choices]
    return RadioField(label, validators, choices=offered, validate_choice=False, **kwargs)


def is_safe_link(address: str) -> bool:
    """Tell whether an address is one that may stand behind a button."""
    return _SAFE_LINK.match(address) is not None


def clock_field(label: str) -> SelectField:
    """Return the half hours of a day to choose from."""
    day = date(2000, 1, 1)
    return SelectField(
        label,
        [AnyOf([f"{at:%H:%M}" for at in _HALF_HOURS], "목록에 있는 시각을 골라 주세요.")],
        choices=[
            SelectChoice(f"{at:%H:%M}", clock_time(datetime.combine(day, at, KST))) for at in _HALF_HOURS
        ],
        default="15:00",
        validate_choice=False,
    )


class NeedForm(Form):
    """What a merchant wants help with."""

    topic = choice_field(
        "무엇을 도와드릴까요", [*TOPIC_NAMES.items()], "도움받고 싶은 것을 하나 골라 주세요."
    )
    detail = text_field(
        "어떤 점이 어려우세요",
        DataRequired("어려운 점을 한두 줄 적어 주세요."),
        Length(max=TEXT_MAX_CHARS, message=f"{TEXT_MAX_CHARS}자까지 적어 주세요."),
        hint="예: 상품 사진을 올렸는데 옆으로 누워 있어요.",
    )
    wants = choice_field("어떻게 만날까요", KINDS, "만나는 방법을 골라 주세요.", default="phone")
    region = SelectField(
        "가게가 있는 곳",
        [InputRequired(_WHICH_REGION), AnyOf([region.value for region in REGION_NAMES], _WHICH_REGION)],
        choices=[
            SelectChoice("", "골라 주세요"),
            *(SelectChoice(region.value, name) for region, name in REGION_NAMES.items()),
        ],
        validate_choice=False,
        description="가까운 멘토님을 찾을 때 써요.",
    )
    channel = SelectField(
        "어디에서 팔고 싶으세요",
        [Optional(), AnyOf(["", *(each.value for each in Channel)], _WHICH)],
        choices=[
            SelectChoice("", "아직 몰라요"),
            *(SelectChoice(channel.value, name) for channel, name in CHANNEL_NAMES.items()),
        ],
        validate_choice=False,
    )
    times = SelectMultipleField(
        "언제 시간이 나세요",
        [Optional()],
        choices=[
            SelectChoice(f"{weekday}-{part.value}", f"{day} {name}")
            for weekday, day in enumerate(WEEKDAY_NAMES)
            for part, name in DAY_PART_NAMES.items()
        ],
        description="비워 두면 언제든 괜찮다고 알아들어요.",
    )
    manner = RadioField(
        "어떻게 배우고 싶으세요",
        [Optional(), AnyOf(["", *(each.value for each in Manner)], _WHICH)],
        choices=[
            *(SelectChoice(manner.value, name) for manner, name in MANNER_NAMES.items()),
            SelectChoice("", "아무래도 괜찮아요"),
        ],
        default="",
        validate_choice=False,
    )
    market = StringField(
        "가게가 있는 시장이나 거리",
        [Optional(), Length(max=MARKET_MAX_CHARS, message=f"{MARKET_MAX_CHARS}자까지 적어 주세요.")],
        description="같은 시장에 가게가 있는 멘토님과는 잇지 않아요. 예: 망원시장",
    )
    wants_english = BooleanField("영어로 이야기하고 싶어요")
    preferred = HiddenField()
    key = KeyField()

    def wishes(self) -> Wishes:
        """Return what was added to the need."""
        times = [value.partition("-") for value in self.times.data or ()]
        return Wishes(
            channel=Channel(self.channel.data) if self.channel.data else None,
            manner=Manner(self.manner.data) if self.manner.data else None,
            market=self.market.data or "",
            wants_english=bool(self.wants_english.data),
            times=frozenset((int(weekday), DayPart(part)) for weekday, _, part in times),
            preferred_mentor_id=self.preferred_id(),
        )

    def preferred_id(self) -> int | None:
        """Return whom she would like; None for what no id can be."""
        typed = str(self.preferred.data or "")
        return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < ID_MAX_DIGITS else None


class ProposeForm(Form):
    """One to three moments to meet, and where."""

    date_1 = DayField("첫째 날짜", [InputRequired("만날 날짜를 하나는 골라 주세요.")])
    time_1 = clock_field("첫째 시각")
    date_2 = DayField("둘째 날짜", [Optional()])
    time_2 = clock_field("둘째 시각")
    date_3 = DayField("셋째 날짜", [Optional()])
    time_3 = clock_field("셋째 시각")
    kind = choice_field("어떻게 만날까요", KINDS, "만나는 방법을 골라 주세요.")
    place = StringField(
        "만날 곳",
        [Optional(), Length(max=PLACE_MAX_CHARS, message=f"{PLACE_MAX_CHARS}자까지 적어 주세요.")],
        description="비워 두면 사장님 가게로 적어요. 전화로 이야기할 때는 비워 두세요.",
    )
    minutes = SelectField(
        "얼마나 만날까요",
        [AnyOf([str(minutes) for minutes in MINUTES], "목록에 있는 것을 골라 주세요.")],
        choices=[
            SelectChoice(str(minutes), hours_and_minutes(timedelta(minutes=minutes))) for minutes in MINUTES
        ],
        default="60",
        validate_choice=False,
    )
    link = StringField(
        "영상통화 주소",
        [Length(max=LINK_MAX_CHARS, message="주소가 너무 길어요. 짧은 주소를 적어 주세요.")],
        description="영상통화로 만날 때만 적어 주세요. https://로 시작해요.",
    )
    remark = text_field(
        "함께 전할 말",
        Optional(),
        Length(max=TEXT_MAX_CHARS, message=f"{TEXT_MAX_CHARS}자까지 적어 주세요."),
        hint="예: 휴대전화와 상품 하나만 준비해 주세요.",
    )
    key = KeyField()

    def validate_link(self, field: StringField) -> None:
        """Ask for the address where one is needed, and for one that is safe to press."""
        if self.kind.data == VisitKind.VIDEO and not field.data:
            raise ValidationError("영상통화를 여는 주소를 적어 주세요.")
        if field.data and not is_safe_link(field.data):
            raise ValidationError("주소는 https://로 시작하게 적어 주세요.")

    def times(self) -> dict[int, datetime]:
        """Return the moments typed, by position; an empty date means the pair is not used."""
        pairs = (
            (self.date_1.data, self.time_1.data),
            (self.date_2.data, self.time_2.data),
            (self.date_3.data, self.time_3.data),
        )
        return {
            position: datetime.combine(day, time.fromisoformat(at or "15:00"), KST)
            for position, (day, at) in enumerate(pairs, start=1)
            if day is not None
        }


class OtherTimeForm(Form):
    """When the merchant would rather meet."""

    wish = text_field(
        "언제가 좋으세요",
        DataRequired("좋은 때를 한 줄 적어 주세요."),
        Length(max=200, message="200자까지 적어 주세요."),
        hint="예: 화요일이나 목요일 오후 3시가 좋아요.",
    )
