"""Forms of certification."""

from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from portal.certification.vocabulary import RevokeClass
from portal.web.form import Form, SelectChoice

REASON_MAX_CHARS = 300
CODE_MAX_CHARS = 200
"""A pasted address with its code fits; anything longer is no code."""


class DeclineForm(Form):
    """Why a proposal goes back."""

    reason = TextAreaField(
        "돌려보내는 까닭",
        [
            InputRequired("돌려보내는 까닭을 적어 주세요."),
            Length(max=REASON_MAX_CHARS, message="300자보다 짧게 적어 주세요."),
        ],
        description="제안한 분이 읽어요. 무엇을 더 하면 되는지 적어 주세요.",
    )


class RevokeForm(Form):
    """Why a certificate is taken back."""

    why = RadioField(
        "무슨 일인가요?",
        [InputRequired("무슨 일인지 하나 골라 주세요.")],
        choices=[
            SelectChoice(RevokeClass.ERROR.value, "잘못 나갔어요"),
            SelectChoice(RevokeClass.MISCONDUCT.value, "부정한 방법으로 받았어요"),
            SelectChoice(RevokeClass.REQUEST.value, "받은 분이 바라세요"),
        ],
        description="확인 화면에 나와요.",
    )
    reason = TextAreaField(
        "취소하는 까닭",
        [
            InputRequired("취소하는 까닭을 적어 주세요."),
            Length(max=REASON_MAX_CHARS, message="300자보다 짧게 적어 주세요."),
        ],
        description="받은 분이 읽어요. 확인 화면에는 나오지 않아요.",
    )


class CodeForm(Form):
    """The number somebody reads off a certificate."""

    code = StringField(
        "확인 번호",
        [
            InputRequired("수료증 아래쪽에 있는 확인 번호를 적어 주세요."),
            Length(max=CODE_MAX_CHARS, message="번호가 너무 길어요. 숫자 24자리만 적어 주세요."),
        ],
        description="수료증 아래쪽에 있는 숫자 24자리예요. 띄어 써도 괜찮아요.",
    )
