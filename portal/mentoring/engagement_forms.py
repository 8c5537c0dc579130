"""Shapes of what the two people of an engagement agree on and say about it."""

from wtforms import HiddenField, IntegerField, RadioField, TextAreaField
from wtforms.validators import AnyOf, DataRequired, InputRequired, Length, NumberRange, Optional

from portal.web.form import DayField, Form, KeyField, SelectChoice

GOAL_MAX_CHARS = 200
TEXT_MAX_CHARS = 500
#: Why somebody asks for another mentor; operators read it, to match better the next time.
REASONS = {
    "times": "만날 시간이 잘 맞지 않았어요",
    "topic": "배우고 싶은 것이 달랐어요",
    "manner": "가르치는 방법이 저와 맞지 않았어요",
    "way": "만나는 방법이나 거리가 맞지 않았어요",
    "unsaid": "말하지 않을래요",
}

_PICK = "보이는 것 가운데에서 골라 주세요."


def _text(label: str, hint: str) -> TextAreaField:
    length = Length(max=TEXT_MAX_CHARS, message=f"{TEXT_MAX_CHARS}자까지 적어 주세요.")
    return TextAreaField(label, [Optional(), length], description=hint)


class EndForm(Form):
    """Why an engagement ends, for those who want to say."""

    reason = _text("끝내는 까닭", "적지 않아도 돼요. 운영자만 읽어요.")


class AnotherForm(Form):
    """Why another mentor is asked for: one private reason, and a word beside it."""

    reason = RadioField(
        "왜 다른 멘토님이 좋으세요",
        [InputRequired("하나를 골라 주세요. ‘말하지 않을래요’도 괜찮아요."), AnyOf([*REASONS], _PICK)],
        choices=[SelectChoice(name, words) for name, words in REASONS.items()],
        validate_choice=False,
        description="운영자만 읽어요. 지금 멘토님께는 보이지 않아요.",
    )
    words = _text("더 하고 싶은 말", "적지 않아도 돼요. 다음 멘토님을 찾는 데 써요.")
    key = KeyField()

    def said(self) -> str:
        """Return the reason in words, for operators."""
        chosen = REASONS[self.reason.data]
        return f"{chosen}. {self.words.data}" if self.words.data else chosen


class HandOnForm(Form):
    """Why a mentor hands a shop on, for those who want to say."""

    reason = _text("넘기는 까닭", "적지 않아도 돼요. 운영자만 읽어요.")
    key = KeyField()

    def said(self) -> str:
        """Return the reason in words, for operators."""
        return self.reason.data or ""


class PauseForm(Form):
    """Until when the two rest."""

    look_again_on = DayField("언제 다시 볼까요", [InputRequired("다시 볼 날을 골라 주세요.")])


class AgreementForm(Form):
    """What the two agree on, on one page."""

    goal = TextAreaField(
        "함께 이룰 목표",
        [
            DataRequired("목표를 한 문장으로 적어 주세요."),
            Length(max=GOAL_MAX_CHARS, message=f"{GOAL_MAX_CHARS}자까지 적어 주세요."),
        ],
        description="예: 한 달 안에 멸치볶음을 스마트스토어에 혼자 올려요.",
    )
    judge = RadioField(
        "목표를 이루었는지 어떻게 알까요",
        [AnyOf(["mentor", "items"], _PICK)],
        choices=[
            SelectChoice("mentor", "멘토님이 함께 보고 정해요"),
            SelectChoice("items", "해 볼 일을 모두 하면 이룬 것으로 봐요"),
        ],
        default="mentor",
        validate_choice=False,
    )
    visits_planned = IntegerField(
        "몇 번 만날까요",
        [InputRequired("몇 번 만날지 적어 주세요."), NumberRange(1, 12, "1번부터 12번까지 적어 주세요.")],
        default=4,
        description="보통 네 번 만나요: 진단, 함께 만들기, 혼자 해보기, 점검.",
    )
    contact = TextAreaField(
        "어떻게 연락할까요",
        [
            DataRequired("연락하는 방법과 좋은 때를 적어 주세요."),
            Length(max=GOAL_MAX_CHARS, message=f"{GOAL_MAX_CHARS}자까지 적어 주세요."),
        ],
        description="예: 전화는 오후 3시부터 5시 사이, 급하지 않으면 문자로 해요.",
    )


class ConfirmForm(Form):
    """Which words somebody read before they agreed."""

    seen = HiddenField()


class AgendaForm(Form):
    """What is looked at together."""

    agenda = RadioField("무엇을 함께 볼까요", [InputRequired("하나를 골라 주세요.")], validate_choice=False)
