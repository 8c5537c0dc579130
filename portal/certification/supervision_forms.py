"""What an operator and a marker agreed on."""

from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from portal.web.form import Form


class AgreedForm(Form):
    """What was agreed."""

    note = TextAreaField(
        "무엇을 함께 정했나요?",
        [
            InputRequired("함께 정한 것을 적어 주세요."),
            Length(max=1000, message="1,000자보다 짧게 적어 주세요."),
        ],
        description="어느 항목에서 무엇이면 몇 점인지 적어요. 예: 까닭을 두 가지 적으면 20점",
    )
