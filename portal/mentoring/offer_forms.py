"""Shapes of what a mentor answers when asked."""

from wtforms import TextAreaField
from wtforms.validators import Length, Optional

from portal.web.form import Form

REASON_MAX_CHARS = 300


class DeclineForm(Form):
    """Why not this time, for those who want to say."""

    reason = TextAreaField(
        "까닭",
        [Optional(), Length(max=REASON_MAX_CHARS, message=f"{REASON_MAX_CHARS}자까지 적어 주세요.")],
        description="적지 않아도 돼요. 운영자만 읽고, 사장님께는 보이지 않아요.",
    )
