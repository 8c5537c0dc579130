"""What WTForms says by itself is said in Korean."""

import pytest
from werkzeug.datastructures import MultiDict
from wtforms import Field, IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than its stubs
from wtforms.validators import DataRequired, InputRequired

from portal.web.form import Form


class _Order(Form):
    name = StringField("이름", [DataRequired()])
    count = IntegerField("몇 개", [InputRequired()])
    size = SelectField("크기", choices=[SelectChoice("s", "작은 것"), SelectChoice("l", "큰 것")])


@pytest.mark.parametrize(
    ("sent", "field", "words"),
    [
        ({"count": "1", "size": "s"}, "name", "이 칸을 채워 주세요."),
        ({"name": "김", "count": "둘", "size": "s"}, "count", "소수점 없이 숫자로 적어 주세요. 예: 3"),
        ({"name": "김", "count": "1", "size": "x"}, "size", "보이는 것 가운데에서 골라 주세요."),
    ],
)
def test_a_field_without_words_of_its_own_refuses_in_korean(
    sent: dict[str, str], field: str, words: str
) -> None:
    form = _Order(MultiDict(sent))

    assert not form.validate()
    refused: Field = form[field]
    assert refused.errors[0] == words
