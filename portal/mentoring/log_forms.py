"""Shapes of what is written after a visit."""

import json
from datetime import timedelta
from typing import Any

from wtforms import Field, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import AnyOf, DataRequired, Length, Optional

from portal.core.korean import hours_and_minutes
from portal.mentoring.vocabulary import STEP_NAMES
from portal.web.form import DayField, Form, SelectChoice, tidy

LOG_MAX_CHARS = 2000
NOTE_MAX_CHARS = 1000
ITEM_MAX_CHARS = 60
RETURN_MAX_CHARS = 60
MINUTES = (15, 30, 45, 60, 90, 120, 180)
IN_BETWEEN = "between"
"""A visit that is none of the four."""

_PICK = "보이는 것 가운데에서 골라 주세요."


def _one_newline(text: str | None) -> str | None:
    """Browsers send two characters for the end of a line; people count one."""
    return text.replace("\r\n", "\n") if isinstance(text, str) else text


def _text(label: str, *validators: Any, most: int, hint: str) -> TextAreaField:
    length = Length(max=most, message=f"{most}자까지 적을 수 있어요.")
    return TextAreaField(label, [*validators, length], filters=[tidy, _one_newline], description=hint)


def _item_field(label: str, hint: str = "") -> StringField:
    message = f"{ITEM_MAX_CHARS}자까지 짧게 적어 주세요."
    return StringField(label, [Optional(), Length(max=ITEM_MAX_CHARS, message=message)], description=hint)


def _who_field() -> SelectField:
    return SelectField(
        "누가 하나요",
        [AnyOf(["merchant", "mentor"], _PICK)],
        choices=[SelectChoice("merchant", "사장님"), SelectChoice("mentor", "멘토님")],
        default="merchant",
        validate_choice=False,
    )


def _due_field() -> DayField:
    return DayField("언제까지 하나요", [Optional()])


class LogForm(Form):
    """What was done at a visit, for three readers, and up to three small things to do."""

    log = _text(
        "함께 한 일",
        DataRequired("함께 한 일을 한 줄이라도 적어 주세요."),
        most=LOG_MAX_CHARS,
        hint="사장님도 함께 읽어요. 첫 세 줄이 목록에 보여요.",
    )
    item_1 = _item_field("해 볼 일 하나", "사장님 홈과 문자에 보여요. 예: 김치 사진을 밝은 곳에서 다시 찍기")
    who_1 = _who_field()
    due_1 = _due_field()
    item_2 = _item_field("해 볼 일 둘")
    who_2 = _who_field()
    due_2 = _due_field()
    item_3 = _item_field("해 볼 일 셋")
    who_3 = _who_field()
    due_3 = _due_field()
    step = RadioField(
        "어떤 만남이었나요",
        [AnyOf([*STEP_NAMES, IN_BETWEEN], _PICK)],
        choices=[
            *(SelectChoice(step.value, name) for step, name in STEP_NAMES.items()),
            SelectChoice(IN_BETWEEN, "그 사이의 만남"),
        ],
        default=IN_BETWEEN,
        validate_choice=False,
    )
    minutes = SelectField(
        "얼마나 만났나요",
        [AnyOf([str(minutes) for minutes in MINUTES], _PICK)],
        choices=[
            SelectChoice(str(minutes), hours_and_minutes(timedelta(minutes=minutes))) for minutes in MINUTES
        ],
        default="60",
        validate_choice=False,
    )
    mentor_note = _text(
        "나만 보는 메모",
        Optional(),
        most=NOTE_MAX_CHARS,
        hint="멘토님만 읽어요. 사장님과 운영자에게는 보이지 않아요.",
    )
    operator_note = _text(
        "운영자에게 전할 말",
        Optional(),
        most=NOTE_MAX_CHARS,
        hint="운영자와 멘토님만 읽어요. 사장님께는 보이지 않아요.",
    )

    def items(self) -> list[tuple[Field, Field, Field]]:
        """Return the things to do that were written, in order: what, who, until when."""
        rows = (
            (self.item_1, self.who_1, self.due_1),
            (self.item_2, self.who_2, self.due_2),
            (self.item_3, self.who_3, self.due_3),
        )
        return [row for row in rows if row[0].data]

    def to_draft(self) -> str:
        """Return what is typed so far, as it was typed, each field no longer than it may be."""
        limits = {"log": LOG_MAX_CHARS, "mentor_note": NOTE_MAX_CHARS, "operator_note": NOTE_MAX_CHARS}
        typed = {
            name: _one_newline(str(field.raw_data[0])) or ""
            for name, field in self._fields.items()
            if field.raw_data
        }
        return json.dumps(
            {name: text[: limits.get(name, ITEM_MAX_CHARS)] for name, text in typed.items()},
            ensure_ascii=False,
        )


def from_draft(draft: str) -> dict[str, str]:
    """Return the fields of a draft made by `LogForm.to_draft`."""
    return dict(json.loads(draft)) if draft else {}


class ReturnForm(Form):
    """What is still missing in something that was done."""

    words = StringField(
        "조금만 더 부탁할 것",
        [
            DataRequired("무엇을 조금만 더 하면 되는지 한 줄 적어 주세요."),
            Length(max=RETURN_MAX_CHARS, message=f"{RETURN_MAX_CHARS}자까지 짧게 적어 주세요."),
        ],
        description="예: 창가에서 한 장만 더 찍어 주세요",
    )
