"""Shape of asking for a paper twin."""

from wtforms import RadioField
from wtforms.validators import InputRequired

from portal.courses.paper import SIZES
from portal.web.form import Form, SelectChoice


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
