"""Forms of batches."""

from wtforms import SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length

from portal.web.form import Form, KeyField

TITLE_MAX_CHARS = 60


class BatchForm(Form):
    """Whom to propose together. The people are given by the view."""

    key = KeyField()
    title = StringField(
        "묶음 이름",
        [
            InputRequired("나중에 찾을 이름을 적어 주세요."),
            Length(max=TITLE_MAX_CHARS, message=f"{TITLE_MAX_CHARS}자까지 적어 주세요."),
        ],
        description="나중에 찾기 쉽게 적어 주세요. 예: 11월 망원시장 반",
    )
    people = SelectMultipleField(
        "제안할 분",
        [InputRequired("제안할 분을 한 분 넘게 골라 주세요.")],
        description="지난번에 되돌린 분만 빼고 모두 골라 두었어요. 빼려면 한 번 눌러 주세요.",
        # Pressed twice, those it names are proposed already and offered no more.
        validate_choice=False,
    )
