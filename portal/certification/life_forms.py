"""Forms about what becomes of a certificate, and the public checks of files and lists."""

from wtforms import BooleanField, FileField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from portal.certification.forms import REASON_MAX_CHARS
from portal.certification.reprints import SHOWN_WORDS
from portal.certification.vocabulary import Visibility
from portal.web.form import Form, SelectChoice

LIST_MAX_CHARS = 20_000
SEEN = (
    SelectChoice(
        Visibility.BY_CODE.value,
        "확인 번호를 아는 분에게만",
        {"hint": "이름은 가운데를 가리고 보여 줘요."},
    ),
    SelectChoice(
        Visibility.OFF.value,
        "유효한지만",
        {"hint": "번호를 알아도 이름과 날짜는 보이지 않아요."},
    ),
    SelectChoice(
        Visibility.LISTED.value,
        "누구나 보는 이름 목록에도",
        {"hint": "내 이름이 가려지지 않고 목록에 나와요."},
    ),
)
_SHORT = Length(max=100, message="100자보다 짧게 적어 주세요.")


class NameForm(Form):
    """How somebody wants to be printed."""

    name = StringField(
        "한글 이름",
        [InputRequired("인쇄할 이름을 적어 주세요."), _SHORT],
        description="신분증에 적힌 대로 적어 주세요.",
    )
    hanja = StringField("한자 이름", [_SHORT], description="없으면 비워 두세요. 예: 洪吉童")
    latin = StringField("영문 이름", [_SHORT], description="여권에 적힌 대로요. 예: HONG GILDONG")


class CorrectionForm(NameForm):
    """A corrected name, and how it came to be wrong."""

    reason = TextAreaField(
        "무엇이 다른가요?",
        [Length(max=REASON_MAX_CHARS, message="300자보다 짧게 적어 주세요.")],
        description="예: 이름의 ‘희’를 ‘회’로 적었어요.",
    )


class VisibilityForm(Form):
    """What strangers see of a certificate."""

    visibility = RadioField(
        "남에게 무엇을 보여 줄까요?",
        [InputRequired("하나를 골라 주세요.")],
        choices=SEEN,
    )

    def leave_out_the_list(self) -> None:
        """Offer no list of names: there is none of those who completed a course."""
        self.visibility.choices = [each for each in SEEN if each.value != Visibility.LISTED.value]


class ReprintForm(Form):
    """What whoever prints for somebody looked at."""

    is_holder = BooleanField("신분증을 보고 받은 분이 맞는지 확인했어요")
    shown = RadioField(
        "어떤 신분증을 보셨나요?",
        [InputRequired("본 신분증을 하나 골라 주세요.")],
        choices=[SelectChoice(each.value, words) for each, words in SHOWN_WORDS.items()],
        description="신분증 번호는 적지 않아요.",
    )
    place = StringField(
        "어디에서 인쇄하나요?",
        [InputRequired("어디에서 인쇄하는지 적어 주세요."), _SHORT],
        description="예: 마포 디지털 교육장",
    )


class RequestDeclineForm(Form):
    """Why a holder's request goes back."""

    reason = TextAreaField(
        "돌려보내는 까닭",
        [
            InputRequired("돌려보내는 까닭을 적어 주세요."),
            Length(max=REASON_MAX_CHARS, message="300자보다 짧게 적어 주세요."),
        ],
        description="부탁한 분이 읽어요. 무엇을 하면 되는지 적어 주세요.",
    )


class CodesForm(Form):
    """Many numbers at once, as they were copied from a list."""

    codes = TextAreaField(
        "확인 번호",
        [
            InputRequired("확인 번호를 한 줄에 하나씩 붙여 넣어 주세요."),
            Length(
                max=LIST_MAX_CHARS, message="한 번에 100개까지 확인할 수 있어요. 나누어 붙여 넣어 주세요."
            ),
        ],
        description="한 줄에 하나씩, 100개까지 붙여 넣을 수 있어요.",
    )


class FileForm(Form):
    """A file somebody was given."""

    file = FileField(
        "받은 PDF 파일", description="5MB까지 고를 수 있어요.", render_kw={"accept": "application/pdf,.pdf"}
    )
