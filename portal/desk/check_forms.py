"""What staff say to what learners wrote."""

from wtforms import BooleanField, HiddenField, RadioField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from portal.web.form import Form


class ReplyForm(Form):
    """What its writer is told of a reply, and whether others should read it too."""

    comment = TextAreaField(
        "쓴 분께 드릴 말",
        [
            DataRequired("한 문장만 적어 주세요. 쓴 분이 기다려요."),
            Length(max=300, message="300자 안으로 적어 주세요."),
        ],
        description="잘된 곳을 먼저 적고, 더 나아질 곳이 있으면 하나만 적어요.",
    )
    is_best = BooleanField(
        "좋은 답장으로 고를게요",
        description="쓴 분이 허락하면 이름을 가리고 ‘답장 모음’에 보여요.",
    )
    #: The try that was read.
    seen = HiddenField()

    @property
    def seen_try_id(self) -> int:
        """Return which try was read, 0 for anything odd."""
        typed = self.seen.data or ""
        return int(typed) if typed.isascii() and typed.isdigit() else 0


class RehearsalCheckForm(Form):
    """Which of the rehearsals is spoken about, and what its learner is told."""

    which = RadioField("어느 연습에 대한 말인가요", [InputRequired("연습 하나를 골라 주세요.")])
    comment = TextAreaField(
        "연습한 분께 드릴 말",
        [
            DataRequired("한 문장만 적어 주세요. 연습한 분이 기다려요."),
            Length(max=300, message="300자 안으로 적어 주세요."),
        ],
        description="잘된 곳을 먼저 적고, 다음에 해 볼 것을 하나만 적어요.",
    )
