"""Shape of a marking sheet."""

from collections.abc import Sequence
from typing import cast

from wtforms import BooleanField, IntegerField, TextAreaField
from wtforms.validators import Length, NumberRange, Optional, StopValidation

from portal.certification.marking import Place, Points
from portal.web.form import Form

COMMENT_MAX_CHARS = 1000


class SheetForm(Form):
    """What is said to the one who wrote the script; `sheet_form` adds a field for each line of the rubric."""

    #: The button that finishes: then no line may be empty.
    finish = BooleanField()
    comment = TextAreaField(
        "응시하신 분께 드리는 말",
        [Optional(), Length(max=COMMENT_MAX_CHARS, message="1,000자보다 짧게 적어 주세요.")],
        description="결과를 발표할 때 이름 없이 보여 드려요. 잘한 것과 더 하면 좋을 것을 적어 주세요.",
    )

    @property
    def points(self) -> dict[str, int]:
        """Return the points that were given, by their place."""
        return {
            field.name: field.data
            for field in self
            if isinstance(field, IntegerField) and field.data is not None
        }


def _given(form: SheetForm, field: IntegerField) -> None:
    """Ask for points only where the sheet is being finished; a draft may lack some."""
    if field.raw_data and field.raw_data[0].strip():
        return
    field.errors = []
    words = f"‘{field.label.text}’ 점수를 적어 주세요. 없으면 0점이라고 적어 주세요."
    raise StopValidation(words if form.finish.data else "")


def sheet_form(places: Sequence[Place]) -> type[SheetForm]:
    """Return the form of a rubric."""
    fields = {
        place.key: IntegerField(
            place.criterion.title,
            [
                _given,
                NumberRange(0, place.criterion.most, f"0점부터 {place.criterion.most}점까지 적어 주세요."),
            ],
            description=f"{place.criterion.words} {place.criterion.most}점까지 줄 수 있어요.",
        )
        for place in places
    }
    return cast(type[SheetForm], type("RubricForm", (SheetForm,), fields))


def typed(points: Points, comment: str) -> dict[str, object]:
    """Return a draft as the data of its form."""
    return {**points, "comment": comment}
