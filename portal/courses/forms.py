"""What a practice sends: the number of the try and the fields of its kind, and nothing else."""

from collections.abc import Mapping
from datetime import datetime

from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import AnyOf, DataRequired, InputRequired, Length, Optional

from portal.core.i18n import noted
from portal.courses.feedback import LONGEST
from portal.courses.paper import SIZES
from portal.practice.kinds import Practice
from portal.practice.typed import LONGEST_TEXT
from portal.web.form import DayField, Form, KeyField, SelectChoice, tidy

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


_TOO_LONG = noted("글이 길어요. 1,000자까지 적을 수 있어요.")


_PICK = noted("도움이 됐는지 골라 주세요.")


class OpinionForm(Form):
    """Whether a lesson helped, and why."""

    helped = RadioField(
        noted("이 수업이 도움이 됐나요"),
        [
            InputRequired(noted("도움이 됐는지 골라 주세요.")),
            AnyOf(["yes", "no"], noted("도움이 됐는지 골라 주세요.")),
        ],
        choices=[
            SelectChoice("yes", noted("네, 도움이 됐어요")),
            SelectChoice("no", noted("아니요, 어려웠어요")),
        ],
        validate_choice=False,
    )
    reason = TextAreaField(
        noted("왜 그랬나요"),
        [Length(max=LONGEST, message=_TOO_LONG)],
        description=noted("한 줄이어도 돼요. 더 쉽게 고칠 때 봐요."),
    )


class ReportForm(Form):
    """What differs between a step and a screen."""

    seen = TextAreaField(
        noted("무엇이 다른가요"),
        [
            DataRequired(noted("무엇이 다른지 한 줄만 적어 주세요. 예: ‘판매자 정보’라는 단추가 없어요.")),
            Length(max=LONGEST, message=_TOO_LONG),
        ],
        description=noted("예: ‘판매자 정보’라는 단추가 없어요"),
    )


class CloseTaskForm(Form):
    """How a task ends, and what its reporters are told."""

    ending = RadioField(
        "어떻게 됐나요",
        [
            InputRequired("하나를 골라 주세요."),
            AnyOf(["fixed", "as_it_is"], "하나를 골라 주세요."),
        ],
        choices=[
            SelectChoice("fixed", "고쳤어요"),
            SelectChoice("as_it_is", "지금 그대로가 맞아요"),
        ],
        validate_choice=False,
    )
    answer = TextAreaField(
        "알려 주신 분들께 드릴 말",
        [
            DataRequired("어떻게 됐는지 한 문장으로 적어 주세요."),
            Length(max=300, message="300자 안으로 적어 주세요."),
        ],
        description="예: 새 화면의 그림으로 바꾸었어요.",
    )


class CheckAnswerForm(Form):
    """Whether a lifted answer is still right, and until when nobody needs to look again."""

    decision = RadioField(
        "어떤가요",
        [InputRequired("하나를 골라 주세요."), AnyOf(["right", "remove"], "하나를 골라 주세요.")],
        choices=[SelectChoice("right", "지금도 맞아요"), SelectChoice("remove", "수업에서 뺄게요")],
        validate_choice=False,
    )
    check_by = DayField(
        "다시 살펴볼 날",
        [Optional()],
        description="비워 두면 넉 달 뒤로 적어요. 예: 2027-03-20",
    )


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
        if field.kind != "file"
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
            SelectChoice(str(size), name, render_kw={"hint": hint}) for size, (name, hint) in SIZES.items()
        ],
        default="20",
        validators=[DataRequired("글자 크기를 골라 주세요.")],
    )
    for_class = BooleanField("수업 묶음으로 받기")


class RemovePhraseForm(Form):
    """Why a reply is taken out of the phrase book."""

    reason = TextAreaField(
        "빼는 까닭",
        [
            DataRequired("왜 빼는지 한 문장으로 적어 주세요. 쓴 분께 알려 드려요."),
            Length(max=200, message="200자 안으로 적어 주세요."),
        ],
        description="쓴 분께 알려 드려요. 예: 가게 이름을 짐작할 수 있어서 뺐어요.",
    )


class RehearseForm(Form):
    """One press of the button that begins a rehearsal."""

    key = KeyField()


class RehearsalForm(Form):
    """What came of a rehearsal."""

    over = SelectMultipleField(
        "시간을 넘긴 순서", coerce=int, description="없으면 그대로 두세요.", validate_choice=False
    )
    mend = TextAreaField(
        "다음에 고칠 것 하나",
        [
            DataRequired("고칠 것을 한 문장만 적어 주세요. 없으면 ‘이대로 할게요’라고 적어요."),
            Length(max=200, message="200자 안으로 적어 주세요."),
        ],
        description="예: 값을 더 천천히 말하기",
    )


class NoteForm(Form):
    """What a learner writes down at a step, and when the note was saved that the page showed."""

    text = TextAreaField(noted("내 메모"), filters=[tidy, _as_lines])
    seen = HiddenField()

    @property
    def note_seen(self) -> datetime | None:
        """Return when the note that stood on the page was saved; None for none and for anything odd."""
        return _moment(self.seen.data)
