"""Shape of the days a statement is asked for."""

from wtforms.validators import InputRequired

from portal.web.form import DayField, Form


class SpanForm(Form):
    """From which day until which."""

    first_day = DayField("첫날", [InputRequired("첫날을 골라 주세요.")])
    last_day = DayField(
        "마지막 날", [InputRequired("마지막 날을 골라 주세요.")], description="오늘까지 고를 수 있어요."
    )
