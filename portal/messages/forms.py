"""Shapes of what people choose about their notices."""

from collections.abc import Iterable
from typing import Any

from wtforms import SelectField

from portal.messages.vocabulary import (
    CHANNEL_NAMES,
    MARKET_NAMES,
    PACE_NAMES,
    QUIET_FROM_CHOICES,
    QUIET_UNTIL_CHOICES,
    Channel,
    Kind,
)
from portal.web.form import Form, SelectChoice


def _evening(hour: int) -> str:
    return f"저녁 {hour - 12}시" if hour < 21 else f"밤 {hour - 12}시"


def _morning(hour: int) -> str:
    return "낮 12시" if hour == 12 else f"아침 {hour}시" if hour < 10 else f"오전 {hour}시"


class HoursForm(Form):
    """When a person is not to be disturbed."""

    market_days = SelectField(
        "장날",
        choices=[SelectChoice(days.value, name) for days, name in MARKET_NAMES.items()],
        description="장날에는 저녁 6시가 지나서 보내요.",
    )
    quiet_from = SelectField(
        "조용한 시간 시작",
        choices=[SelectChoice(str(hour), f"{_evening(hour)}부터") for hour in reversed(QUIET_FROM_CHOICES)],
    )
    quiet_until = SelectField(
        "조용한 시간 끝",
        choices=[SelectChoice(str(hour), f"{_morning(hour)}까지") for hour in QUIET_UNTIL_CHOICES],
        description="이 시간에는 보내지 않고, 끝나면 보내요.",
    )


def settings_form(kinds: Iterable[Kind], channels: Iterable[Channel]) -> type[HoursForm]:
    """Return the form with one choice for each kind on each channel, named ``visits_sms``."""
    places = [(kind, channel) for kind in kinds for channel in channels]
    fields: dict[str, Any] = {f"{kind}_{channel}": _pace_field(channel) for kind, channel in places}
    return type("SettingsForm", (HoursForm,), fields)


def _pace_field(channel: Channel) -> SelectField:
    return SelectField(
        CHANNEL_NAMES[channel],
        choices=[SelectChoice(pace.value, name) for pace, name in PACE_NAMES.items()],
    )
