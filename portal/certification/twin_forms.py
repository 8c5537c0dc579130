"""Shapes of asking for a paper twin, and of saying where it is sat."""

from wtforms import RadioField, TextAreaField
from wtforms.validators import InputRequired, Length

from portal.courses.paper import SIZES
from portal.web.form import Form, SelectChoice

PLACE_MAX_CHARS = 100


class PlaceForm(Form):
    """When and where those who chose paper sit a session."""

    place = TextAreaField(
        "언제 어디서 보나요?",
        [
            InputRequired("언제 어디서 보는지 적어 주세요."),
            Length(max=PLACE_MAX_CHARS, message=f"{PLACE_MAX_CHARS}자보다 짧게 적어 주세요."),
        ],
        description="종이로 접수한 분이 읽어요. 예: 12월 5일 토요일 오전 10시, 세종시장 상인회관 2층",
    )


class PrintForm(Form):
    """How large the letters are."""

    size = RadioField(
        "글자 크기",
        [InputRequired("글자 크기를 골라 주세요.")],
        choices=[
            SelectChoice(str(points), f"{name} ({points}포인트)", render_kw={"hint": hint})
            for points, (name, hint) in SIZES.items()
        ],
        default="20",
    )
