"""Making a session of an exam, and giving somebody more."""

from datetime import date, datetime, time

from wtforms import IntegerField, SelectField, TextAreaField, TimeField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from portal.certification.allowances import MOST_ATTEMPTS, MOST_PERCENT
from portal.certification.sessions import MOST_PAPERS, Window
from portal.core.clock import KST
from portal.web.form import DayField, Form, KeyField

LAST_MINUTE = time(23, 59)


def moment(day: date | None, at: time | None) -> datetime:
    """Return a moment of a day in Korea; the form has asked for both."""
    return datetime.combine(day or date.min, at or time(), KST)


class SessionForm(Form):
    """A new session. The choices of the exam are given by the view."""

    exam = SelectField("어떤 시험인가요?", [InputRequired("시험을 골라 주세요.")])
    apply_on = DayField("접수 마감하는 날", [InputRequired("접수를 마감하는 날을 골라 주세요.")])
    opens_on = DayField("여는 날", [InputRequired("여는 날을 골라 주세요.")])
    opens_at = TimeField("여는 시각", [InputRequired("여는 시각을 골라 주세요.")])
    closes_on = DayField("닫는 날", [InputRequired("닫는 날을 골라 주세요.")])
    closes_at = TimeField("닫는 시각", [InputRequired("닫는 시각을 골라 주세요.")])
    paper_count = IntegerField(
        "시험지 수",
        [
            InputRequired("시험지를 몇 개 만들지 적어 주세요."),
            NumberRange(1, MOST_PAPERS, f"1개에서 {MOST_PAPERS}개까지 적어 주세요."),
        ],
        default=2,
        description="두 번째로 보는 분은 다른 시험지를 받아요.",
    )
    key = KeyField()

    @property
    def window(self) -> Window:
        """The moments that were chosen; applications on the last day end with the exam."""
        closes_at = moment(self.closes_on.data, self.closes_at.data)
        apply_until = moment(self.apply_on.data, LAST_MINUTE)
        if self.apply_on.data == self.closes_on.data:
            apply_until = min(apply_until, closes_at)
        return Window(apply_until, moment(self.opens_on.data, self.opens_at.data), closes_at)


class AllowanceForm(Form):
    """What somebody is given beyond the session's terms. The choices of whom are given by the view."""

    whom = SelectField("누구에게 드릴까요?", [InputRequired("누구에게 드릴지 골라 주세요.")])
    extra_percent = IntegerField(
        "더 드리는 시간",
        [Optional(), NumberRange(0, MOST_PERCENT, f"0에서 {MOST_PERCENT}까지 적어 주세요.")],
        description="원래 시간의 몇 퍼센트인지 적어요. 예: 50",
    )
    extra_attempts = IntegerField(
        "더 보는 횟수",
        [Optional(), NumberRange(0, MOST_ATTEMPTS, f"0에서 {MOST_ATTEMPTS}까지 적어 주세요.")],
    )
    open_on = DayField("더 늦게 닫는 날", [Optional()], description="그날 밤 11시 59분까지 시작할 수 있어요.")
    reason = TextAreaField(
        "까닭",
        [InputRequired("까닭을 적어 주세요."), Length(max=300, message="300자보다 짧게 적어 주세요.")],
        description="병이나 나이는 적지 마세요. ‘직접 말씀하심’이면 충분해요.",
    )
