"""Forms around sitting an exam."""

from wtforms import BooleanField, RadioField
from wtforms.validators import InputRequired

from portal.certification.exam_models import Medium
from portal.web.form import Form, SelectChoice


class ApplyForm(Form):
    """How somebody wants to sit an exam."""

    medium = RadioField(
        "어떻게 볼까요?",
        [InputRequired("어떻게 볼지 골라 주세요.")],
        choices=[
            SelectChoice(Medium.ONLINE.value, "화면으로 볼게요"),
            SelectChoice(Medium.PAPER.value, "종이 시험지로 볼게요"),
        ],
        description="문제는 똑같아요. 종이는 시험장에 오셔서 풀어요.",
    )
    wants_more_time = BooleanField(
        "시간을 더 쓸게요",
        description="누구나 고를 수 있어요. 까닭은 묻지 않아요.",
    )
