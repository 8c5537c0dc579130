"""Shapes of what people send about their accounts."""

from contextlib import suppress

from wtforms import BooleanField, PasswordField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, Regexp

from portal.accounts.identifier import normalise
from portal.accounts.vocabulary import REGION_NAMES
from portal.core import passwords
from portal.core.errors import DomainError
from portal.core.i18n import noted
from portal.web.form import Form, SelectChoice, as_a_shape

_IDENTIFIER = DataRequired(noted("휴대전화 번호나 이메일 주소를 적어 주세요."))
_NAME = [
    DataRequired(noted("이름을 적어 주세요.")),
    Length(2, 30, noted("이름은 2자부터 30자까지 적어 주세요.")),
    # It stands on a certificate: letters of any script, and what joins them.
    Regexp(r"[^\W\d_](?:[^\W\d_]|[ .·’'-])*\Z", message=noted("이름은 글자로만 적어 주세요. 예: 김순자")),
]


class SignInForm(Form):
    """Telephone or e-mail; a password only for those who have one."""

    identifier = StringField(
        noted("휴대전화 번호 또는 이메일"),
        [_IDENTIFIER, Length(max=254, message=noted("너무 길어요. 번호나 이메일만 적어 주세요."))],
        description=noted("예: 010-1234-5678"),
    )
    password = PasswordField(
        noted("비밀번호"),
        [Optional(), Length(max=200, message=noted("비밀번호가 너무 길어요."))],
        description=noted("비밀번호를 만들어 두신 분만 적어요. 없으면 비워 두세요."),
    )


class SignUpForm(Form):
    """A new account. The two necessary consents are apart from the optional one; nothing is ticked before."""

    name = StringField(
        noted("이름"),
        _NAME,
        description=noted("수료증에 이 이름이 들어가요."),
    )
    identifier = StringField(
        noted("휴대전화 번호 또는 이메일"),
        [_IDENTIFIER, Length(max=254, message=noted("너무 길어요. 번호나 이메일만 적어 주세요."))],
        description=noted("여기로 숫자 여섯 개를 보내 드려요. 예: 010-1234-5678"),
    )
    password = PasswordField(
        noted("비밀번호"),
        [Optional(), Length(max=200, message=noted("비밀번호가 너무 길어요."))],
        description=noted(
            "없어도 돼요. 문자로 받은 숫자로 들어올 수 있어요. 만든다면 8자 이상으로 적어 주세요."
        ),
    )
    terms = BooleanField(
        noted("(필수) 이용 약속에 동의해요"), [InputRequired(noted("이용 약속에 동의해야 가입할 수 있어요."))]
    )
    privacy = BooleanField(
        noted("(필수) 개인정보를 모으고 쓰는 데 동의해요"),
        [InputRequired(noted("개인정보를 모으고 쓰는 데 동의해야 가입할 수 있어요."))],
    )
    news = BooleanField(noted("(선택) 새 수업 소식을 문자나 이메일로 받을게요"))

    def validate_identifier(self, field: StringField) -> None:
        """Refuse what is neither a mobile number nor an e-mail address."""
        with as_a_shape():
            normalise(field.data or "")

    def validate_password(self, field: PasswordField) -> None:
        """Refuse one that is easily guessed."""
        own_words = [self.name.data or ""]
        with suppress(DomainError):  # told beside its own field
            own_words.append(normalise(self.identifier.data or "").partition("@")[0])
        with as_a_shape():
            passwords.check_strength(field.data or "", own_words=own_words)


class CodeForm(Form):
    """The six digits."""

    code = StringField(
        noted("숫자 여섯 개"),
        [
            InputRequired(noted("받은 숫자 여섯 개를 적어 주세요.")),
            Length(max=20, message=noted("숫자 여섯 개만 적어 주세요.")),
        ],
        description=noted("예: 123 456"),
    )


class PasswordForm(Form):
    """A new password, and the one until now when there is one."""

    current = PasswordField(
        noted("지금 쓰는 비밀번호"),
        [Optional(), Length(max=200)],
        description=noted(
            "잊으셨으면 나가기를 누르고, 숫자를 받아 다시 들어오세요. 그러고 나서 10분 동안은 묻지 않아요."
        ),
    )
    password = PasswordField(
        noted("새 비밀번호"),
        [
            InputRequired(noted("새 비밀번호를 적어 주세요.")),
            Length(max=200, message=noted("비밀번호가 너무 길어요.")),
        ],
        description=noted("8자 이상이면 돼요. 서로 상관없는 낱말 세 개를 이으면 외우기 쉬워요."),
    )


class ProfileForm(Form):
    """What the person tells about themself and the shop."""

    name = StringField(noted("이름"), _NAME)
    shop_name = StringField(
        noted("가게 이름"),
        [Optional(), Length(max=40, message=noted("가게 이름은 40자까지 적어 주세요."))],
        description=noted("예: 순자네 반찬"),
    )
    business_type = StringField(
        noted("무엇을 파시나요"),
        [Optional(), Length(max=40, message=noted("40자까지 적어 주세요."))],
        description=noted("예: 반찬, 과일, 옷"),
    )
    region = SelectField(
        noted("가게가 있는 곳"),
        choices=[
            SelectChoice("", noted("고르지 않음")),
            *(SelectChoice(region.value, name) for region, name in REGION_NAMES.items()),
        ],
        description=noted("가까운 멘토를 찾을 때 써요."),
    )
    news = BooleanField(noted("(선택) 새 수업 소식을 문자나 이메일로 받을게요"))
