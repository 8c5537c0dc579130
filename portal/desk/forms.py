"""What staff say to a proof, and the sample form of the style page."""

from wtforms import (
    BooleanField,
    FileField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import AnyOf, InputRequired, Length, ValidationError

from portal.web.form import Form, SelectChoice

_WAYS = [SelectChoice("parcel", "택배로 보내요"), SelectChoice("pickup", "손님이 가게로 와요")]


class ProofForm(Form):
    """Whether something was really done, and what the learner is told."""

    verdict = RadioField(
        "살펴본 결과",
        [InputRequired("하나를 골라 주세요."), AnyOf(["confirmed", "changes"], "하나를 골라 주세요.")],
        choices=[SelectChoice("confirmed", "확인했어요"), SelectChoice("changes", "조금 더 필요해요")],
        validate_choice=False,
    )
    comment = TextAreaField(
        "배우는 분께 드릴 말",
        [Length(max=300, message="300자 안으로 적어 주세요.")],
        description="더 필요하다면 무엇을 하면 되는지 적어 주세요.",
    )

    def validate_comment(self, field: TextAreaField) -> None:
        """Ask what is missing where something is."""
        if self.verdict.data == "changes" and not field.data:
            raise ValidationError("무엇을 더 하면 되는지 한 문장으로 적어 주세요.")


class SampleForm(Form):
    """One field of each kind, some of them refused."""

    name = StringField(
        "상품 이름", [InputRequired("상품 이름을 적어 주세요.")], description="예: 국산 참깨 볶음 500g"
    )
    price = IntegerField(
        "파는 값", [InputRequired("파는 값을 숫자로 적어 주세요. 예: 12000")], description="숫자만 적어요."
    )
    words = TextAreaField("상품 이야기", description="손님에게 하고 싶은 말을 적어요.")
    password = PasswordField("비밀번호", description="적은 글자는 보이지 않아요.")
    way = RadioField("어떻게 보내나요", [InputRequired("하나를 골라 주세요.")], choices=_WAYS)
    kind = SelectField("무엇을 파나요", choices=[SelectChoice("", "골라 주세요"), *_WAYS])
    photo = FileField("사진", description="휴대전화로 찍은 사진이면 돼요.", render_kw={"accept": "image/*"})
    agreed = BooleanField("알림을 받을게요")
