"""Shapes of the training log, for a telephone: few fields, most of them chosen."""

import json
from datetime import timedelta

from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import AnyOf, DataRequired, InputRequired, Length, Optional, ValidationError

from portal.certification.kinds.mentoring_log import NAMES, WITH_A_SHOP
from portal.certification.qualification_models import LogKind
from portal.certification.training_log import Written
from portal.core.korean import hours_and_minutes
from portal.web.form import DayField, Form, KeyField, SelectChoice

TEXT_MAX_CHARS = 2000
SHOP_MAX_CHARS = 30
REMARK_MAX_CHARS = 300
MINUTES = (15, 30, 45, 60, 90, 120, 180, 240)
HINTS = {
    LogKind.VISIT: "가게에 가서 함께 한 일",
    LogKind.CASE: "한 가게를 처음부터 끝까지 도운 일",
    LogKind.REFLECTION: "하면서 배운 것",
}
KEPT = frozenset({"kind", "day", "minutes", "shop", "text"})
_PICK = "보이는 것 가운데에서 골라 주세요."


class LogForm(Form):
    """One line of the log."""

    kind = RadioField(
        "무엇을 적나요?",
        [InputRequired("무엇을 적는지 골라 주세요.")],
        choices=[
            SelectChoice(kind.value, name, render_kw={"hint": HINTS[kind]}) for kind, name in NAMES.items()
        ],
        default=LogKind.VISIT.value,
    )
    day = DayField("언제", [InputRequired("언제였는지 골라 주세요.")])
    minutes = SelectField(
        "얼마나",
        [AnyOf([str(minutes) for minutes in MINUTES], _PICK)],
        choices=[
            SelectChoice(str(minutes), hours_and_minutes(timedelta(minutes=minutes))) for minutes in MINUTES
        ],
        default="60",
        validate_choice=False,
    )
    shop = StringField(
        "어떤 가게",
        [Length(max=SHOP_MAX_CHARS, message=f"{SHOP_MAX_CHARS}자까지 적을 수 있어요.")],
        description=(
            "가게 이름과 전화번호 대신 파는 것을 적어요. 다른 가게는 다르게 적어요. "
            "예: 반찬가게, 시장 입구 반찬가게"
        ),
    )
    text = TextAreaField(
        "무엇을 했나요?",
        [
            DataRequired("무엇을 했는지 한 줄이라도 적어 주세요."),
            Length(max=TEXT_MAX_CHARS, message=f"{TEXT_MAX_CHARS}자까지 적을 수 있어요."),
        ],
        description="사장님이 스스로 하신 것과 내가 도운 것을 나누어 적으면 좋아요.",
    )
    form_key = KeyField()

    def validate_shop(self, field: StringField) -> None:
        """Ask which shop it was, but for what somebody learnt on the way."""
        if not field.data and self.kind.data in WITH_A_SHOP:
            raise ValidationError("어떤 가게였는지 적어 주세요. 예: 반찬가게")

    def to_draft(self) -> str:
        """Return what is typed so far, each field no longer than it may be."""
        limits = {"text": TEXT_MAX_CHARS}
        typed = {name: str(field.raw_data[0]) for name, field in self._fields.items() if field.raw_data}
        kept = {name: text[: limits.get(name, SHOP_MAX_CHARS)] for name, text in typed.items()}
        return json.dumps({name: kept[name] for name in kept if name in KEPT}, ensure_ascii=False)

    def written(self) -> Written:
        """Return what was written; call it for a form that validates."""
        assert self.day.data is not None  # noqa: S101 - it is required
        return Written(
            kind=LogKind(self.kind.data),
            day=self.day.data,
            minutes=int(self.minutes.data),
            shop=self.shop.data or "",
            text=self.text.data or "",
        )


def from_draft(draft: str) -> dict[str, str]:
    """Return the fields of a draft made by `LogForm.to_draft`."""
    return dict(json.loads(draft)) if draft else {}


class ReadForm(Form):
    """What a mentor or trainer says to a line."""

    verdict = RadioField(
        "어떻게 할까요?",
        [InputRequired("하나를 골라 주세요.")],
        choices=[
            SelectChoice("confirmed", "확인하기", render_kw={"hint": "이 일지를 세어요."}),
            SelectChoice("returned", "조금 더 부탁하기", render_kw={"hint": "고친 뒤에 다시 봐요."}),
        ],
    )
    remark = TextAreaField(
        "드리는 말",
        [Optional(), Length(max=REMARK_MAX_CHARS, message=f"{REMARK_MAX_CHARS}자보다 짧게 적어 주세요.")],
        description="일지를 쓴 분이 읽어요. 부탁할 때는 무엇을 더 적으면 되는지 적어 주세요.",
    )
