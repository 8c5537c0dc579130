"""Shapes of what mentors tell for the matching, and of what operators set."""

from typing import Any

from wtforms import (
    BooleanField,
    IntegerField,
    RadioField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import (
    AnyOf,
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    ValidationError,
)

from portal.accounts.vocabulary import REGION_NAMES
from portal.mentoring.vocabulary import CHANNEL_NAMES, MANNER_NAMES
from portal.web.form import Form, KeyField, SelectChoice, tidy

MARKET_MAX_CHARS = 40
SERVICES_MAX_CHARS = 200
REASON_MAX_CHARS = 200
SEED_MAX = 1_000_000
_WHICH = "보이는 것 가운데에서 골라 주세요."


def _boxes(label: str, names: Any, hint: str = "") -> SelectMultipleField:
    return SelectMultipleField(
        label,
        [Optional()],
        choices=[SelectChoice(key.value, name) for key, name in names.items()],
        description=hint,
    )


def _weight(label: str, hint: str) -> IntegerField:
    message = "0부터 100까지의 수로 적어 주세요."
    return IntegerField(label, [InputRequired(message), NumberRange(0, 100, message)], description=hint)


class ProfileForm(Form):
    """What the matching asks of a mentor."""

    regions = _boxes(
        "찾아갈 수 있는 지역",
        REGION_NAMES,
        "가게로 찾아갈 수 있는 곳을 모두 골라 주세요. 없으면 비워 두세요.",
    )
    channels = _boxes("팔아 본 곳", CHANNEL_NAMES)
    market = StringField(
        "내 가게가 있는 시장이나 거리",
        [Optional(), Length(max=MARKET_MAX_CHARS, message=f"{MARKET_MAX_CHARS}자까지 적어 주세요.")],
        description="같은 시장의 이웃 가게와는 잇지 않아요. 예: 망원시장",
    )
    sells = RadioField(
        "돈을 받고 파는 서비스가 있나요",
        [InputRequired("있는지 없는지 골라 주세요."), AnyOf(["no", "yes"], _WHICH)],
        choices=[SelectChoice("no", "없어요"), SelectChoice("yes", "있어요")],
        validate_choice=False,
        description="있어도 괜찮아요. 사장님이 미리 알 수 있게 보여 드려요.",
    )
    services = TextAreaField(
        "어떤 서비스인가요",
        [Length(max=SERVICES_MAX_CHARS, message=f"{SERVICES_MAX_CHARS}자까지 적어 주세요.")],
        filters=[tidy],
        description="‘있어요’를 고른 분만 적어 주세요. 예: 상품 사진을 장당 5천 원에 찍어요.",
    )
    manner = RadioField(
        "어떻게 가르치는 편인가요",
        [Optional(), AnyOf(["", *(manner.value for manner in MANNER_NAMES)], _WHICH)],
        choices=[
            *(SelectChoice(manner.value, name) for manner, name in MANNER_NAMES.items()),
            SelectChoice("", "그때그때 달라요"),
        ],
        default="",
        validate_choice=False,
    )
    speaks_english = BooleanField("영어로도 이야기할 수 있어요")

    def validate_services(self, field: TextAreaField) -> None:
        """Ask which services once there are some."""
        if self.sells.data == "yes" and not field.data:
            raise ValidationError("어떤 서비스인지 한 줄 적어 주세요.")


class WeightsForm(Form):
    """What counts how much; one plain sentence for each."""

    topic = _weight("부탁한 일", "부탁한 일을 돕는 멘토님이면 이만큼 더해요.")
    channel = _weight("팔려는 곳", "사장님이 팔려는 곳을 해 본 멘토님이면 이만큼 더해요.")
    region = _weight("가까움", "같은 지역이면 이만큼, 그 지역까지 찾아가는 멘토님이면 절반을 더해요.")
    time = _weight(
        "시간", "만날 수 있는 때가 일주일에 세 번 이상 겹치면 이만큼, 적게 겹치면 그만큼 덜 더해요."
    )
    manner = _weight("방식", "배우고 싶은 방식과 가르치는 방식이 같으면 이만큼 더해요.")
    preference = _weight("바라는 멘토", "사장님이 바란 멘토님이면 이만큼 더해요. 약속은 아니에요.")
    fairness = _weight(
        "고르게 나누기", "멘토님이 마지막 자리를 채울 때 이만큼 빼요. 크면 여유 있는 분께 더 가요."
    )
    remark = StringField(
        "바꾸는 까닭",
        [Optional(), Length(max=REASON_MAX_CHARS, message=f"{REASON_MAX_CHARS}자까지 적어 주세요.")],
        description="나중에 보는 분을 위해 적어 두세요.",
    )
    key = KeyField()


class RunForm(Form):
    """A new run."""

    seed = IntegerField(
        "똑같이 잘 맞을 때 고르는 번호",
        [
            InputRequired("수를 하나 적어 주세요."),
            NumberRange(1, SEED_MAX, f"1부터 {SEED_MAX}까지 적어 주세요."),
        ],
        default=1,
        description="번호가 같으면 결과도 같아요. 그대로 두어도 돼요.",
    )
    key = KeyField()


class ConflictForm(Form):
    """Two people who must not be matched."""

    mentor = StringField("멘토님의 휴대전화나 이메일", [DataRequired("멘토님의 번호를 적어 주세요.")])
    merchant = StringField("사장님의 휴대전화나 이메일", [DataRequired("사장님의 번호를 적어 주세요.")])
    reason = TextAreaField(
        "까닭",
        [
            DataRequired("까닭을 한 줄 적어 주세요."),
            Length(max=REASON_MAX_CHARS, message=f"{REASON_MAX_CHARS}자까지 적어 주세요."),
        ],
        filters=[tidy],
        description="운영자만 읽어요. 예: 가족이에요.",
    )
