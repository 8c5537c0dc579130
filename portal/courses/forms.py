"""What a practice sends: the number of the try and the fields of its kind, and nothing else."""

from collections.abc import Mapping
from datetime import datetime

from wtforms import BooleanField, HiddenField, IntegerField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than its stubs
from wtforms.validators import DataRequired, Length

from portal.practice.kinds import Practice
from portal.practice.typed import LONGEST_TEXT
from portal.web.form import Form, tidy

Values = dict[str, str]


MOST = 100_000
"""No honest page holds more; a number too large for a column must not reach one."""


class TryForm(Form):
    """Which try this is, what stands on the page already and which button was pressed."""

    number = IntegerField(default=1)
    hints = IntegerField(default=0)
    seen = HiddenField()
    do = HiddenField(default="answer")

    @property
    def try_number(self) -> int:
        """Return the number of the try, 0 for anything odd."""
        return _within(self.number.data)

    @property
    def hints_shown(self) -> int:
        """Return how many hints stand on the page, 0 for anything odd."""
        return _within(self.hints.data)

    @property
    def draft_seen(self) -> datetime | None:
        """Return when the draft that stands on the page was kept; None for none and for anything odd."""
        return _moment(self.seen.data)


def _within(number: int | None) -> int:
    return number if number is not None and 0 <= number <= MOST else 0


def read_answer(practice: Practice, seed: str, sent: Mapping[str, str]) -> Values:
    """Return what was typed into each field of the practice, tidied.

    Longer text than a field takes is cut one character above its limit: the check still says that it is too
    long, and no more of it is kept.
    """
    return {
        field.name: (tidy(sent.get(field.name)) or "")[: LONGEST_TEXT + 1]
        for field in practice.form_fields(seed, sent)
    }


def _moment(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text or "")
    except ValueError:
        return None


def _as_lines(text: str | None) -> str | None:
    """Browsers send the end of a line as two characters."""
    return text.replace("\r\n", "\n") if text else text


class CodeForm(Form):
    """The printed code of a step."""

    code = StringField(
        "종이에 적힌 번호",
        validators=[DataRequired("번호를 적어 주세요. 숫자 여섯 개예요."), Length(max=200)],
    )


class HandoutForm(Form):
    """How large the letters are, and for trainers whether it is for a class."""

    size = RadioField(
        "글자 크기",
        choices=[
            SelectChoice("16", "크게", render_kw={"hint": "종이가 적게 들어요"}),
            SelectChoice("20", "더 크게", render_kw={"hint": "조금 떨어져서도 보여요"}),
            SelectChoice("24", "가장 크게", render_kw={"hint": "종이가 많이 들어요"}),
        ],
        default="20",
        validators=[DataRequired("글자 크기를 골라 주세요.")],
    )
    for_class = BooleanField("수업 묶음으로 받기")


class NoteForm(Form):
    """What a learner writes down at a step, and when the note was saved that the page showed."""

    text = TextAreaField("내 메모", filters=[tidy, _as_lines])
    seen = HiddenField()

    @property
    def note_seen(self) -> datetime | None:
        """Return when the note that stood on the page was saved; None for none and for anything odd."""
        return _moment(self.seen.data)
