"""How large the letters are on paper."""

from wtforms import RadioField
from wtforms.validators import DataRequired

from portal.courses.paper import SIZES
from portal.web.form import Form, SelectChoice


class PlanForm(Form):
    """The size of the letters."""

    size = RadioField(
        "글자 크기",
        choices=[
            SelectChoice(str(size), name, render_kw={"hint": hint}) for size, (name, hint) in SIZES.items()
        ],
        validators=[DataRequired("글자 크기를 골라 주세요.")],
    )
