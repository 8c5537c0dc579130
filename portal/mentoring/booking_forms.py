"""Shapes of what is sent about hours, changes, and visits that did not come about."""

from datetime import date, datetime, time

from wtforms import RadioField, SelectField
from wtforms.validators import AnyOf, DataRequired, InputRequired, Length, Optional

from portal.core.clock import KST
from portal.core.korean import clock_time
from portal.mentoring.forms import text_field
from portal.mentoring.vocabulary import WEEKDAY_NAMES
from portal.web.form import DayField, Form, SelectChoice

REASON_MAX_CHARS = 200
_FROM_THE_LIST = "목록에 있는 것을 골라 주세요."


def _clock_choices(first: int, last: int) -> list[SelectChoice]:
    """Return the half hours of a day from one minute to another, as people say them."""
    day = date(2000, 1, 1)
    return [
        SelectChoice(str(minute), clock_time(datetime.combine(day, time(minute // 60, minute % 60), KST)))
        for minute in range(first, last + 1, 30)
    ]


def _select(label: str, choices: list[SelectChoice], default: str) -> SelectField:
    values = [choice.value for choice in choices]
    return SelectField(
        label,
        [InputRequired(_FROM_THE_LIST), AnyOf(values, _FROM_THE_LIST)],
        choices=choices,
        default=default,
        validate_choice=False,
    )


class HoursForm(Form):
    """Hours of every week."""

    weekday = _select(
        "요일", [SelectChoice(str(at), f"{name}요일") for at, name in enumerate(WEEKDAY_NAMES)], "0"
    )
    starts = _select("몇 시부터", _clock_choices(6 * 60, 21 * 60 + 30), str(10 * 60))
    ends = _select("몇 시까지", _clock_choices(6 * 60 + 30, 22 * 60), str(16 * 60))


class DayOffForm(Form):
    """Days on which a mentor meets nobody."""

    starts_on = DayField("첫날", [InputRequired("쉬는 첫날을 골라 주세요.")])
    ends_on = DayField("마지막 날", [Optional()], description="하루만 쉬면 비워 두세요.")


class MoveForm(Form):
    """When the merchant would rather meet, and why it is moved."""

    reason = text_field(
        "바꾸는 까닭",
        Optional(),
        Length(max=REASON_MAX_CHARS, message=f"{REASON_MAX_CHARS}자까지 적어 주세요."),
        hint="상대방께 보여요. 예: 물건이 갑자기 들어와서요.",
    )
    wish = text_field(
        "언제가 좋으세요",
        Optional(),
        Length(max=REASON_MAX_CHARS, message=f"{REASON_MAX_CHARS}자까지 적어 주세요."),
        hint="적지 않아도 돼요. 예: 화요일이나 목요일 오후 3시가 좋아요.",
    )


class MissedForm(Form):
    """Who did not come."""

    who = RadioField(
        "어떻게 되었나요",
        [
            InputRequired("하나를 골라 주세요."),
            AnyOf(("merchant", "mentor", "nobody"), "하나를 골라 주세요."),
        ],
        choices=[
            SelectChoice("merchant", "사장님이 오지 못했어요"),
            SelectChoice("mentor", "멘토님이 오지 못했어요"),
            SelectChoice("nobody", "서로 어긋났어요"),
        ],
        validate_choice=False,
    )


class AppealForm(Form):
    """What was the matter."""

    words = text_field(
        "어떤 사정이 있었나요",
        DataRequired("사정을 한 줄 적어 주세요."),
        Length(max=500, message="500자까지 적어 주세요."),
        hint="예: 장날이라 손님이 많았어요. 눈이 와서 길이 막혔어요. 몸이 아팠어요.",
    )


class DecisionForm(Form):
    """What an operator decides, with a sentence."""

    verdict = RadioField(
        "어떻게 할까요",
        [InputRequired("하나를 골라 주세요."), AnyOf(("upheld", "kept"), "하나를 골라 주세요.")],
        choices=[
            SelectChoice("upheld", "받아들이고 세지 않기"),
            SelectChoice("kept", "적힌 대로 두기"),
        ],
        validate_choice=False,
    )
    decision = text_field(
        "까닭",
        DataRequired("까닭을 한 줄 적어 주세요. 사정을 알려 준 분이 읽어요."),
        Length(max=500, message="500자까지 적어 주세요."),
        hint="사정을 알려 준 분이 읽어요. 예: 장날이라 어쩔 수 없으셨어요. 다음에 또 만나요.",
    )
