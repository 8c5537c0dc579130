"""Forms of what certificates look like."""

from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from portal.web.form import Form, KeyField, SelectChoice

WORDS_MAX_CHARS = 130
SEAL_MAX_CHARS = 8
SIGNER_MAX_CHARS = 20


def _short(label: str, hint: str = "") -> StringField:
    too_long = f"{SIGNER_MAX_CHARS}자까지 적어 주세요."
    return StringField(label, [Length(max=SIGNER_MAX_CHARS, message=too_long)], description=hint)


class DesignForm(Form):
    """The slots of a sheet. The colours are given by the view."""

    key = KeyField()
    words = TextAreaField(
        "문구",
        [
            InputRequired("증서에 적을 문구를 써 주세요."),
            Length(max=WORDS_MAX_CHARS, message=f"{WORDS_MAX_CHARS}자까지 적어 주세요."),
        ],
    )
    color = RadioField("색", [InputRequired("색을 하나 골라 주세요.")])
    seal = StringField(
        "도장에 새길 글",
        [
            InputRequired("도장에 새길 글을 적어 주세요."),
            Length(max=SEAL_MAX_CHARS, message=f"{SEAL_MAX_CHARS}자까지 적어 주세요."),
        ],
        description="두 글자씩 줄을 바꿔 찍어요. 예: 장터배움",
    )
    signer_title = _short("서명하는 분의 직함", "예: 원장")
    signer = _short("서명하는 분의 이름")
    second_title = _short("둘째로 서명하는 분의 직함")
    second = _short("둘째로 서명하는 분의 이름")

    @property
    def slots(self) -> dict[str, str]:
        """What was typed, by the names of the slots."""
        names = ("words", "color", "seal", "signer_title", "signer", "second_title", "second")
        return {name: (self[name].data or "").replace("\r\n", "\n") for name in names}


class AcceptForm(Form):
    """Why it is right that old documents come out differently now."""

    reason = TextAreaField(
        "괜찮은 까닭",
        [
            InputRequired("왜 괜찮은지 적어 주세요."),
            Length(max=300, message="300자까지 적어 주세요."),
        ],
        description="무엇을 언제 왜 바꿨는지 적어 주세요. 예: 글꼴 파일을 새 판으로 바꿨어요.",
    )


def color_choices(colors: dict[str, str]) -> list[SelectChoice]:
    """Return the colours to choose from."""
    return [SelectChoice(value, name) for value, name in colors.items()]
