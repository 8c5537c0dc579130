"""Shapes of what people write here. Text with a personal number comes back with an offer to mask it."""

from datetime import datetime
from typing import Any

from wtforms import (
    BooleanField,
    FileField,
    HiddenField,
    RadioField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import AnyOf, DataRequired, InputRequired, Length, Optional

from portal.accounts.vocabulary import TOPIC_NAMES
from portal.core.errors import DomainError
from portal.core.personal_numbers import PersonalNumberError, mask_numbers
from portal.web.form import DayField, Form, KeyField, SelectChoice

TEXT_MAX_CHARS = 4000
TRIED_MAX_CHARS = 1000
DRAFT_MAX_CHARS = 20_000
TITLE_CHARS = Length(4, 60, "4자부터 60자까지 한 줄로 적어 주세요.")
_WHICH_TOPIC = "무엇에 관한 질문인지 골라 주세요."
_TOO_LONG = f"글이 길어요. {TEXT_MAX_CHARS:,}자까지 적을 수 있어요."


def moment(text: str | None) -> datetime | None:
    """Return the moment a page carries; None for none and for anything odd."""
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return found if found.tzinfo else None


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
        description="올린 사진은 쓴 분과 멘토님, 운영진만 볼 수 있어요.",
        render_kw={"accept": "image/jpeg,image/png,image/webp"},
    )
    #: Names a picture that was taken in before the form came back; signed by the view.
    kept_photo = HiddenField()
    drop_photo = BooleanField("사진은 빼고 보낼게요")


class AskForm(PhotoForm):
    """A question: a picture of the screen, what was wanted, tried and can be seen, and about what."""

    photo = FileField(
        "화면 사진",
        description="막힌 화면을 찍어 올리면 글은 한 줄이면 돼요. 사진은 멘토님만 볼 수 있어요.",
        render_kw={"accept": "image/jpeg,image/png,image/webp"},
    )
    title = StringField(
        "하려던 것 한 줄",
        [DataRequired("하려던 것을 한 줄로 적어 주세요."), TITLE_CHARS],
        description="예: 상품 사진을 올리려고 해요",
    )
    tried = TextAreaField(
        "해 본 것",
        [Length(max=TRIED_MAX_CHARS, message=f"글이 길어요. {TRIED_MAX_CHARS:,}자까지 적을 수 있어요.")],
        description="예: 사진을 다시 찍어서 한 번 더 올렸어요",
    )
    detail = TextAreaField(
        "지금 보이는 것",
        [Length(max=TEXT_MAX_CHARS, message=_TOO_LONG)],
        description="화면에 무엇이 보이는지 적어 주세요. 사진을 올리면 비워 두어도 돼요.",
    )
    topic = RadioField(
        "무엇에 관한 질문인가요",
        [InputRequired(_WHICH_TOPIC), AnyOf([topic.value for topic in TOPIC_NAMES], _WHICH_TOPIC)],
        choices=[SelectChoice(topic.value, name) for topic, name in TOPIC_NAMES.items()],
        validate_choice=False,
    )
    is_private = BooleanField(
        "멘토님들만 보게 하기",
        description="매출처럼 남에게 보이기 싫은 것이 있으면 눌러 주세요. 목록에도 나오지 않아요.",
    )
    #: When the draft was kept that this page knows of.
    seen = HiddenField()

    def require_words(self, *, has_photo: bool) -> bool:
        """Ask for what can be seen unless a picture shows it; return whether the form may go on."""
        if not has_photo and not self.detail.data:
            self.status = 422
            self.detail.errors = ["지금 무엇이 보이는지 적어 주세요. 화면 사진을 올려도 돼요."]
        return not self.errors

    def typed(self) -> dict[str, str]:
        """Return what a draft keeps."""
        fields = (self.title, self.tried, self.detail, self.topic, self.kept_photo)
        return {
            **{field.name: (field.data or "")[:DRAFT_MAX_CHARS] for field in fields},
            "is_private": "y" if self.is_private.data else "",
        }


class ReplyForm(PhotoForm):
    """An answer, or what the asker adds."""

    text = TextAreaField(
        "답",
        [
            DataRequired("적은 글이 없어요. 한 문장이라도 적어 주세요."),
            Length(max=TEXT_MAX_CHARS, message=_TOO_LONG),
        ],
    )
    #: When the draft was kept that this page knows of.
    seen = HiddenField()

    def typed(self) -> dict[str, str]:
        """Return what a draft keeps."""
        return {"text": (self.text.data or "")[:DRAFT_MAX_CHARS]}


class AwayForm(Form):
    """Days on which a mentor takes no questions."""

    first_day = DayField("쉬기 시작하는 날", [InputRequired("쉬기 시작하는 날을 골라 주세요.")])
    last_day = DayField(
        "마지막으로 쉬는 날",
        [InputRequired("마지막으로 쉬는 날을 골라 주세요.")],
        description="하루만 쉬면 같은 날을 한 번 더 골라 주세요.",
    )


class LiftForm(Form):
    """On which facts and rules an answer rests, and until when nobody needs to look at it again."""

    facts = SelectMultipleField(
        "이 답이 기대는 것",
        description="여기서 고른 것이 바뀌면 이 답도 다시 살펴보게 돼요.",
        validate_choice=False,
    )
    check_by = DayField(
        "다시 살펴볼 날", [Optional()], description="비워 두면 넉 달 뒤로 적어요. 예: 2027-03-20"
    )
