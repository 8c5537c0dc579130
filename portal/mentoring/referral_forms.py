"""Shapes of hard questions, their answers, and who answers them."""

from wtforms import RadioField, TextAreaField
from wtforms.validators import AnyOf, DataRequired, InputRequired, Length

from portal.mentoring.vocabulary import FIELD_NAMES
from portal.web.form import Form, KeyField, SelectChoice

QUESTION_MAX_CHARS, ANSWER_MAX_CHARS = 1000, 2000
NO_FIELD = "none"

_PICK = "보이는 것 가운데에서 골라 주세요."
_FIELDS = [SelectChoice(field.value, name) for field, name in FIELD_NAMES.items()]


def _text(label: str, empty: str, most: int, hint: str) -> TextAreaField:
    length = Length(max=most, message=f"{most}자까지 적어 주세요.")
    return TextAreaField(label, [DataRequired(empty), length], description=hint)


class QuestionForm(Form):
    """A question for a specialist, of whom nobody knows which shop it is about."""

    field = RadioField(
        "누구에게 물어볼까요",
        [InputRequired("하나를 골라 주세요."), AnyOf([*FIELD_NAMES], _PICK)],
        choices=_FIELDS,
        validate_choice=False,
    )
    question = _text(
        "물어볼 것",
        "물어볼 것을 적어 주세요.",
        QUESTION_MAX_CHARS,
        "이름과 가게 이름, 전화번호와 계좌번호는 빼고 적어요. 예: 반찬 가게인데 부가세를 언제 신고하나요?",
    )
    key = KeyField()


class AnswerForm(Form):
    """What a specialist thinks of a question."""

    answer = _text(
        "답", "답을 적어 주세요.", ANSWER_MAX_CHARS, "쉬운 말로 적어요. 멘토님과 사장님이 함께 읽어요."
    )


class FieldForm(Form):
    """Which hard questions a mentor answers."""

    field = RadioField(
        "어떤 질문에 답하나요",
        [InputRequired("하나를 골라 주세요."), AnyOf([*FIELD_NAMES, NO_FIELD], _PICK)],
        choices=[*_FIELDS, SelectChoice(NO_FIELD, "전문가가 아니에요")],
        validate_choice=False,
    )
