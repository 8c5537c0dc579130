"""Shape of a release: how many are left out, and on which day."""

from wtforms import BooleanField, IntegerField
from wtforms.validators import InputRequired, Optional

from portal.web.form import DayField, Form


class ReleaseForm(Form):
    """What somebody has seen who releases."""

    absent = IntegerField("결시", [InputRequired("결시로 둘 사람 수를 확인해 주세요.")])
    sure = BooleanField("결시로 두는 것을 확인했어요", [Optional()])
    day = DayField(
        "발표할 날",
        [Optional()],
        description="그날 오전 10시에 발표해요. 그때까지 채점이 끝나지 않으면 발표하지 않고 알려 드려요.",
    )
