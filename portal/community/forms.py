"""Shapes of what people write here. Text with a personal number comes back with an offer to mask it."""

from typing import Any

from wtforms import BooleanField, FileField, HiddenField, RadioField, StringField, TextAreaField
from wtforms.validators import AnyOf, DataRequired, InputRequired, Length

from portal.accounts.vocabulary import TOPIC_NAMES
from portal.core.errors import DomainError
from portal.core.personal_numbers import PersonalNumberError, mask_numbers
from portal.web.form import Form, KeyField, SelectChoice

TEXT_MAX_CHARS = 4000
_WHICH_TOPIC = "무엇에 관한 질문인지 골라 주세요."
_TOO_LONG = f"글이 길어요. {TEXT_MAX_CHARS:,}자까지 적을 수 있어요."


class PublicTextForm(Form):
    """A form whose text anybody will read. Each showing has a key; a second press sends the same one."""

    form_key = KeyField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        #: Numbers that hold the text back, each with how it would look masked.
        self.held: list[tuple[str, str]] = []
        self.held_field = ""

    def refuse(self, error: DomainError) -> None:
        """Show ``error``, and which numbers hold the text back."""
        super().refuse(error)
        if isinstance(error, PersonalNumberError):
            self.held = [(number, mask_numbers(number)) for number in error.numbers]
            self.held_field = error.field or ""


class PhotoForm(PublicTextForm):
    """A text with a picture, which only its writer and staff see until somebody has looked at it."""

    photo = FileField(
        "사진",
        description="올린 사진은 글을 쓴 분과 운영진만 볼 수 있어요.",
        render_kw={"accept": "image/jpeg,image/png,image/webp"},
    )
    #: Names a picture that was taken in before the form came back; signed by the view.
    kept_photo = HiddenField()
    drop_photo = BooleanField("사진은 빼고 보낼게요")


class AskForm(PhotoForm):
    """A question: what about, one line, what happened, and a picture of the screen."""

    topic = RadioField(
        "무엇에 관한 질문인가요",
        [InputRequired(_WHICH_TOPIC), AnyOf([topic.value for topic in TOPIC_NAMES], _WHICH_TOPIC)],
        choices=[SelectChoice(topic.value, name) for topic, name in TOPIC_NAMES.items()],
        validate_choice=False,
    )
    title = StringField(
        "궁금한 것 한 줄",
        [
            DataRequired("궁금한 것을 한 줄로 적어 주세요."),
            Length(4, 60, "4자부터 60자까지 한 줄로 적어 주세요."),
        ],
        description="예: 상품 사진이 흐리게 올라가요",
    )
    detail = TextAreaField(
        "무슨 일이 있었나요",
        [
            DataRequired("무슨 일이 있었는지 적어 주세요. 한 문장이어도 돼요."),
            Length(max=TEXT_MAX_CHARS, message=_TOO_LONG),
        ],
        description="어디까지 하셨고 화면에 무엇이 보이는지 적어 주세요. 짧아도 괜찮아요.",
    )
    photo = FileField(
        "화면 사진",
        description="막힌 화면을 찍어 올려 주세요. 사진은 멘토님만 볼 수 있어요.",
        render_kw={"accept": "image/jpeg,image/png,image/webp"},
    )


class ReplyForm(PhotoForm):
    """An answer, or what the asker adds."""

    text = TextAreaField(
        "답",
        [
            DataRequired("적은 글이 없어요. 한 문장이라도 적어 주세요."),
            Length(max=TEXT_MAX_CHARS, message=_TOO_LONG),
        ],
    )
