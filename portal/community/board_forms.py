"""Shapes of what people write on the boards beside the questions, and of joining an association."""

from wtforms import (
    BooleanField,
    FileField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from portal.accounts.vocabulary import REGION_NAMES
from portal.community.forms import TEXT_MAX_CHARS, PublicTextForm
from portal.web.form import Form, SelectChoice

MONTHS_MAX = 240
_TOO_LONG = f"글이 길어요. {TEXT_MAX_CHARS:,}자까지 적을 수 있어요."
_MONTHS = f"몇 달이 걸렸는지 1부터 {MONTHS_MAX} 사이 숫자로 적어 주세요."
_PICTURES = {"accept": "image/jpeg,image/png,image/webp"}
_LOOKED_AT = "올린 사진은 운영자가 살펴본 뒤에 모두에게 보여요."


class BeginForm(PublicTextForm):
    """Something to begin on a board."""

    title = StringField(
        "제목 한 줄",
        [DataRequired("제목을 한 줄로 적어 주세요."), Length(2, 60, "2자부터 60자까지 한 줄로 적어 주세요.")],
    )
    text = TextAreaField(
        "하고 싶은 이야기",
        [
            DataRequired("하고 싶은 이야기를 적어 주세요. 한 문장이어도 돼요."),
            Length(max=TEXT_MAX_CHARS, message=_TOO_LONG),
        ],
    )
    photo = FileField("사진", description=_LOOKED_AT, render_kw=_PICTURES)
    #: Names a picture that was taken in before the form came back; signed by the view.
    kept_photo = HiddenField()
    drop_photo = BooleanField("사진은 빼고 올릴게요")


class CommentForm(PublicTextForm):
    """A comment."""

    text = TextAreaField(
        "댓글",
        [
            DataRequired("적은 글이 없어요. 한 문장이라도 적어 주세요."),
            Length(max=TEXT_MAX_CHARS, message=_TOO_LONG),
        ],
    )


class StoryForm(PublicTextForm):
    """How somebody got there. The choices of the rung are given by the view; nothing is ticked before."""

    rung = RadioField(
        "어디까지 오셨나요",
        [InputRequired("어디까지 오셨는지 하나만 골라 주세요.")],
        description="금액은 묻지 않아요. 가장 가까운 칸을 골라 주세요.",
    )
    business_type = StringField(
        "무엇을 파세요",
        [
            DataRequired("무엇을 파는지 적어 주세요. 예: 반찬"),
            Length(max=20, message="20자까지 적어 주세요."),
        ],
        description="예: 반찬",
    )
    channel = StringField(
        "어디에서 팔았나요",
        [
            DataRequired("어디에서 팔았는지 적어 주세요. 예: 스마트스토어"),
            Length(max=30, message="30자까지 적어 주세요."),
        ],
        description="예: 스마트스토어",
    )
    months = IntegerField(
        "시작하고 몇 달 걸렸나요",
        [InputRequired(_MONTHS), NumberRange(1, MONTHS_MAX, _MONTHS)],
        description="한 달이 안 걸렸으면 1이라고 적어 주세요.",
    )
    title = StringField(
        "이야기 제목 한 줄",
        [
            DataRequired("제목을 한 줄로 적어 주세요."),
            Length(4, 60, "4자부터 60자까지 한 줄로 적어 주세요."),
        ],
        description="예: 딸 도움 없이 첫 주문을 받았어요",
    )
    text = TextAreaField(
        "어떻게 하셨나요",
        [
            DataRequired("어떻게 하셨는지 적어 주세요. 짧아도 돼요."),
            Length(max=TEXT_MAX_CHARS, message=_TOO_LONG),
        ],
        description="처음에 막힌 것, 그때 해 본 것, 달라진 것을 적어 주세요. 매출 금액은 적지 않아도 돼요.",
    )
    photo = FileField("사진", description="두 사람이 살펴본 뒤에 이야기와 함께 보여요.", render_kw=_PICTURES)
    kept_photo = HiddenField()
    drop_photo = BooleanField("사진은 빼고 보낼게요")
    consent = BooleanField(
        "위에 적힌 대로 보여 주는 데 동의해요",
        [InputRequired("동의해 주셔야 이야기를 보여 드릴 수 있어요. 글을 읽고 눌러 주세요.")],
    )
    #: Which text was on the page.
    consent_version = HiddenField()


class EvidenceForm(Form):
    """What somebody looked at together with a story's author."""

    evidence = RadioField(
        "무엇을 보고 확인했나요", [InputRequired("무엇을 보고 확인했는지 하나만 골라 주세요.")]
    )


class AssociationForm(Form):
    """A new association and who manages it."""

    name = StringField(
        "상인회 이름",
        [DataRequired("상인회 이름을 적어 주세요."), Length(2, 40, "2자부터 40자까지 적어 주세요.")],
        description="예: 망원시장 상인회",
    )
    region = SelectField(
        "시·도",
        choices=[SelectChoice("", "고르지 않음")]
        + [SelectChoice(region.value, name) for region, name in REGION_NAMES.items()],
    )
    identifier = StringField(
        "관리하실 분의 휴대전화 번호나 이메일",
        [DataRequired("관리하실 분이 들어올 때 쓰는 번호나 이메일을 적어 주세요.")],
        description="장터배움에 가입한 분이어야 해요.",
    )


class JoinForm(Form):
    """The number of an association, as it stands on a poster."""

    code = StringField(
        "상인회에서 받은 번호",
        [DataRequired("상인회에서 받은 숫자 열 개를 적어 주세요.")],
        description="숫자 열 개예요. 예: 482 109 3755",
    )
